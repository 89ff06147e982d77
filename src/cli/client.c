/* SPDX-License-Identifier: ISC */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unicode.h"
#include "base/xalloc.h"
#include "cli/status.h"
#include "cli/term.h"

#define REPLY_BYTES (64u << 20) /* one reply: an item's raw text, and then some */

struct client {
	int fd;
	int status;
	const char *query;
	struct buf in, params, out;
	size_t start,
	    scanned; /* of `in`: the next reply, and known to hold no NUL */
	struct jsonw w;
	struct wire_object *reply;
};

/* -- Finding the daemon --------------------------------------------------------- */

static int
try_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

/* The user's socket, as the daemon of one user places it (CONTRACT 1). */
static char *
user_socket(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"),
		   *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (runtime != NULL && *runtime != '\0')
		return xasprintf("%s/gazetted/org.gazetted", runtime);
	if (state != NULL && *state != '\0')
		return xasprintf("%s/gazetted/org.gazetted", state);
	return xasprintf(
	    "%s/.local/state/gazetted/org.gazetted", home != NULL ? home : "");
}

static int
refused(const char *path, int error)
{
	if (error == -EACCES || error == -EPERM) {
		fprintf(stderr,
		    "gazette: %s: permission denied. Its group may use it: "
		    "adduser %s gazette, then log in again\n",
		    path, getenv("USER") != NULL ? getenv("USER") : "YOU");
		return STATUS_PERMISSION;
	}
	fprintf(stderr, "gazette: no gazetted answers at %s (%s)\n", path,
	    strerror(-error));
	return STATUS_UNREACHABLE;
}

static int
find_socket(int *ret_fd)
{
	static const char system_socket[] = RUNSTATEDIR "/gazetted/org.gazetted";
	char *user = user_socket();
	int error, status = 0;

	error = try_connect(user, ret_fd);
	if (error != 0 && error != -EACCES) {
		error = try_connect(system_socket, ret_fd);
		if (error == -EACCES || error == -EPERM)
			status = refused(system_socket, error);
	} else if (error != 0) {
		status = refused(user, error);
	}
	if (error != 0 && status == 0) {
		fprintf(stderr,
		    "gazette: gazetted is not running: nothing answers at\n"
		    "  %s (yours)\n  %s (the system's)\n"
		    "Start it for yourself:  gazetted &\n"
		    "or for the system:      systemctl enable --now gazetted.socket "
		    "gazetted.service\n",
		    user, system_socket);
		status = STATUS_UNREACHABLE;
	}
	free(user);
	return status;
}

int
client_open(const char *path, struct client **ret_client)
{
	struct client *client;
	int fd = -1, error, status = 0;

	if (path == NULL)
		path = getenv("GAZETTE_SOCKET");
	if (path != NULL && *path != '\0') {
		error = try_connect(path, &fd);
		if (error != 0)
			return refused(path, error);
	} else {
		status = find_socket(&fd);
		if (status != 0)
			return status;
	}
	client = xcalloc(1, sizeof(*client));
	client->fd = fd;
	*ret_client = client;
	return 0;
}

void
client_close(struct client *client)
{
	if (client == NULL)
		return;
	close(client->fd);
	wire_object_free(client->reply);
	buf_done(&client->in);
	buf_done(&client->params);
	buf_done(&client->out);
	free(client);
}

void
client_set_query(struct client *client, const char *query)
{
	client->query = query;
}

/* -- Asking ------------------------------------------------------------------------ */

void
client_begin(struct client *client, struct jsonw **ret_w)
{
	buf_reset(&client->params);
	jsonw_init(&client->w, &client->params);
	jsonw_object(&client->w, NULL);
	*ret_w = &client->w;
}

int
client_call(struct client *client, const char *method, bool more)
{
	jsonw_close(&client->w);
	return client_call_text(client, method, buf_text(&client->params), more);
}

static int
lost(struct client *client)
{
	fprintf(stderr,
	    "gazette: the daemon closed the connection; is it being restarted? "
	    "(journalctl -u gazetted)\n");
	client->status = STATUS_UNREACHABLE;
	return client->status;
}

int
client_call_text(
    struct client *client, const char *method, const char *parameters, bool more)
{
	struct jsonw w;
	size_t sent = 0;
	ssize_t n;
	char *name;

	name = strchr(method, '.') != NULL ? xstrdup(method)
					   : xasprintf("org.gazetted.%s", method);
	buf_reset(&client->out);
	jsonw_init(&w, &client->out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "method", name);
	jsonw_raw(&w, "parameters", parameters, strlen(parameters));
	if (more)
		jsonw_bool(&w, "more", true);
	jsonw_close(&w);
	free(name);
	while (sent < client->out.len + 1) { /* the NUL behind it ends the request */
		n = send(client->fd, client->out.data + sent,
		    client->out.len + 1 - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return lost(client);
		sent += (size_t)n;
	}
	return 0;
}

/* -- Errors in words ----------------------------------------------------------------- */

/* The query with a caret below the place, in columns. */
static void
show_caret(const char *query, int64_t position)
{
	size_t size = strlen(query), at = 0, length;
	int64_t i, columns = 0;
	struct buf clean = {0};
	uint32_t cp;
	int width;

	for (i = 0; i < position && at < size; i++) {
		length = unicode_decode(query + at, size - at, &cp);
		(void)unicode_cluster(query + at, length > 0 ? length : 1, &width);
		columns += width;
		at += length > 0 ? length : 1;
	}
	term_clean(query, true, &clean);
	fprintf(stderr, "  %s\n  %*s^\n", buf_text(&clean), (int)columns, "");
	buf_done(&clean);
}

static void
say(const char *text)
{
	struct buf clean = {0};

	term_progress(NULL); /* its line is in the way */
	term_clean(text, true, &clean);
	fprintf(stderr, "gazette: %s\n", buf_text(&clean));
	buf_done(&clean);
}

static int
bad_query(struct client *client, struct wire_object *p)
{
	const char *message = NULL;
	int64_t position = 0;

	(void)wire_object_text(p, "message", &message);
	(void)wire_object_int(p, "position", &position);
	say(message != NULL ? message : "the query cannot be read");
	if (client->query != NULL)
		show_caret(client->query, position);
	return STATUS_USAGE;
}

static int
bad_config(struct wire_object *p)
{
	struct arena *arena = arena_new(1 << 20);
	const char *const *faults;
	size_t count, i;

	say("the new configuration was refused as a whole; the old one stays:");
	if (wire_object_texts(p, "faults", arena, &faults, &count)) {
		for (i = 0; i < count; i++)
			fprintf(stderr, "  %s\n", faults[i]);
	}
	arena_free(arena);
	return STATUS_USAGE;
}

static const struct {
	const char *error, *member; /* whose text tells what */
	int status;
	const char *words; /* before it, or alone */
} errors[] = {
    {"org.gazetted.NotFound", "what", STATUS_NOT_FOUND, "not found: "},
    {"org.gazetted.BadCursor", "cursor", STATUS_USAGE,
	"no cursor of this database: "},
    {"org.gazetted.ForeignCursor", "uuid", STATUS_USAGE,
	"the cursor belongs to another database (this one was restored or made "
	"anew); "
	"start with --from=beginning. This one is "},
    {"org.gazetted.CursorExpired", "oldest", STATUS_USAGE,
	"events after the cursor are gone already; the oldest kept is "},
    {"org.gazetted.Conflict", "message", STATUS_USAGE, ""},
    {"org.gazetted.LimitExceeded", "limit", STATUS_USAGE, "over a limit: "},
    {"org.gazetted.Busy", NULL, STATUS_BUSY,
	"too much to do right now, or too expensive a question; try again, or ask "
	"for less"},
    {"org.varlink.service.PermissionDenied", NULL, STATUS_PERMISSION,
	"permission denied: this needs the group gazette (gazette-admin for "
	"reload)"},
    {"org.varlink.service.MethodNotFound", "method", STATUS_PROTOCOL,
	"this daemon does not know "},
    {"org.varlink.service.MethodNotImplemented", "method", STATUS_PROTOCOL,
	"not available in this version of the daemon: "},
    {"org.varlink.service.InvalidParameter", "parameter", STATUS_USAGE, "refused: "},
    {"org.varlink.service.InterfaceNotFound", "interface", STATUS_NOT_FOUND,
	"no such interface: "},
    {"org.varlink.service.ExpectedMore", NULL, STATUS_USAGE,
	"this method answers more than once: call it with --more"},
};

static int
tell(struct client *client, const char *error, struct wire_object *p)
{
	const char *text = NULL, *more = NULL;
	char *line;
	size_t i;

	if (strcmp(error, "org.gazetted.BadQuery") == 0 && p != NULL)
		return bad_query(client, p);
	if (strcmp(error, "org.gazetted.BadConfig") == 0 && p != NULL)
		return bad_config(p);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].error, error) != 0)
			continue;
		if (errors[i].member != NULL && p != NULL)
			(void)wire_object_text(p, errors[i].member, &text);
		if (p != NULL)
			(void)wire_object_text(p, "message", &more);
		line =
		    xasprintf("%s%s%s%s", errors[i].words, text != NULL ? text : "",
			more != NULL && more != text ? ": " : "",
			more != NULL && more != text ? more : "");
		say(line);
		free(line);
		return errors[i].status;
	}
	say(error);
	return STATUS_PROTOCOL;
}

/* -- Reading --------------------------------------------------------------------------- */

bool
client_has_reply(const struct client *client)
{
	return client->in.len > client->scanned &&
	    memchr(client->in.data + client->scanned, '\0',
		client->in.len - client->scanned) != NULL;
}

int
client_fd(const struct client *client)
{
	return client->fd;
}

int
client_call_once(
    struct client *client, const char *method, struct wire_object **ret_parameters)
{
	int status = client_call(client, method, false);

	if (status == 0 && client_next(client, ret_parameters) == CLIENT_FAILED)
		status = client_status(client);
	return status;
}

int
client_status(const struct client *client)
{
	return client->status;
}

static int
fill(struct client *client)
{
	ssize_t n;

	while (!client_has_reply(client)) {
		buf_drop(&client->in, client->start);
		client->start = 0;
		client->scanned = client->in.len;
		if (client->in.len > REPLY_BYTES)
			return lost(client);
		n = recv(client->fd, buf_room(&client->in, 65536), 65536, 0);
		if (n < 0 && errno == EINTR) {
			client->status = STATUS_INTERRUPTED;
			return client->status;
		}
		if (n <= 0)
			return lost(client);
		client->in.len += (size_t)n;
	}
	return 0;
}

enum client_reply
client_next(struct client *client, struct wire_object **ret_parameters)
{
	struct wire_object *parameters = NULL;
	struct buf reason = {0};
	const char *error = NULL;
	bool continues = false;
	const char *text;
	size_t size;

	wire_object_free(client->reply);
	client->reply = NULL;
	if (fill(client) != 0)
		return CLIENT_FAILED;
	text = client->in.data + client->start;
	size = strlen(text);
	client->start += size + 1;
	client->scanned = client->start;
	if (wire_object_parse(text, size, &client->reply, &reason) != 0) {
		fprintf(stderr, "gazette: the daemon's answer cannot be read: %s\n",
		    buf_text(&reason));
		buf_done(&reason);
		client->status = STATUS_PROTOCOL;
		return CLIENT_FAILED;
	}
	(void)wire_object_object(client->reply, "parameters", &parameters);
	if (wire_object_text(client->reply, "error", &error)) {
		client->status = tell(client, error, parameters);
		return CLIENT_FAILED;
	}
	(void)wire_object_bool(client->reply, "continues", &continues);
	*ret_parameters = parameters;
	return continues ? CLIENT_MORE : CLIENT_LAST;
}
