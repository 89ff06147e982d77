/* SPDX-License-Identifier: ISC */
#include "control/control.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "control/client.h"

#define ACCEPT_AT_ONCE 16 /* then the connections that are there have a turn */
#define RETRY_MSEC 1000   /* after accept failed for want of something */

struct listener {
	struct listener *next;
	struct event *event;
	int fd;
};

/* -- Accepting ---------------------------------------------------------------- */

static int
open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
pause_listeners(struct control *control)
{
	const struct timeval wait = {.tv_sec = RETRY_MSEC / MSEC_PER_SEC};
	struct listener *l;

	for (l = control->listeners; l != NULL; l = l->next)
		(void)event_del(l->event);
	(void)event_add(control->retry, &wait);
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	struct listener *l;

	(void)fd;
	(void)what;
	if (control->spare_fd < 0)
		control->spare_fd = open_spare();
	for (l = control->listeners; l != NULL; l = l->next)
		(void)event_add(l->event, NULL);
}

/* A word and good-bye; who does not read it has lost nothing. */
static void
turn_away(int fd, const char *error, const char *member, const char *text)
{
	struct buf out = {0};

	call_put_error(&out, MESSAGE_UNDECIDED, error, member, text);
	(void)send(fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_done(&out);
	close(fd);
}

static const char *
why_not(const struct control *control, uid_t uid, enum control_role role)
{
	size_t most = control->options.max_clients, same = 0;
	const struct client *client;

	/* So that an administrator gets in when all the others are taken. */
	if (role < CONTROL_ADMIN && most > LIMIT_CLIENTS_RESERVED)
		most -= LIMIT_CLIENTS_RESERVED;
	if (control->client_count >= most)
		return "too many connections";
	TAILQ_FOREACH(client, &control->clients, entry)
	{
		if (client->uid == uid)
			same++;
	}
	if (same >= control->options.max_clients_per_uid)
		return "too many connections of one user";
	return NULL;
}

static void
welcome(struct control *control, int fd)
{
	enum control_role role;
	const char *limit;
	uid_t uid;

	if (peer_of(fd, &control->rules, &uid, &role) < 0) {
		log_warn("control: a connection of nobody is refused");
		turn_away(fd, "org.varlink.service.PermissionDenied", NULL, NULL);
		return;
	}
	limit = why_not(control, uid, role);
	if (limit != NULL) {
		log_debug("control: uid %u is refused: %s", (unsigned)uid, limit);
		turn_away(fd, "org.gazetted.LimitExceeded", "limit", limit);
		return;
	}
	if (client_new(control, fd, uid, role) == NULL)
		log_warn("control: out of memory for a connection; it is closed");
}

/* No descriptor is left: the connection would wait in the queue and wake us for
 * ever.  The spare one takes it in to send it away.  As accept4: the errno is
 * EAGAIN when nobody was waiting after all. */
static int
refuse_with_spare(struct control *control, int listen_fd)
{
	int fd, error;

	if (control->spare_fd < 0) {
		errno = EMFILE;
		return -1;
	}
	close(control->spare_fd);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	error = errno;
	if (fd >= 0)
		turn_away(fd, "org.gazetted.LimitExceeded", "limit",
		    "out of file descriptors");
	control->spare_fd = open_spare();
	errno = error;
	return fd >= 0 ? 0 : -1;
}

/* 0: one was dealt with; else -1 and errno. */
static int
accept_one(struct control *control, int listen_fd)
{
	int fd;

	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		welcome(control, fd);
		return 0;
	}
	if (errno == EMFILE || errno == ENFILE)
		return refuse_with_spare(control, listen_fd);
	return errno == EINTR || errno == ECONNABORTED ? 0 : -1;
}

static void
on_connect(evutil_socket_t listen_fd, short what, void *arg)
{
	struct control *control = arg;
	int i;

	(void)what;
	for (i = 0; i < ACCEPT_AT_ONCE; i++) {
		if (accept_one(control, listen_fd) == 0)
			continue;
		if (errno == EAGAIN)
			return;
		log_warn("control: cannot accept; trying again in a second");
		pause_listeners(control);
		return;
	}
}

/* -- The whole ---------------------------------------------------------------- */

int
control_listen(struct control *control, int fd)
{
	struct listener *l = xcalloc(1, sizeof(*l));

	l->fd = fd;
	l->event =
	    event_new(control->base, fd, EV_READ | EV_PERSIST, on_connect, control);
	if (l->event == NULL || evutil_make_socket_nonblocking(fd) < 0 ||
	    evutil_make_socket_closeonexec(fd) < 0 ||
	    event_add(l->event, NULL) < 0) {
		if (l->event != NULL)
			event_free(l->event);
		free(l);
		return -ENOMEM;
	}
	l->next = control->listeners;
	control->listeners = l;
	return 0;
}

void
control_configure(struct control *control, const char *group,
    const char *admin_group, uint32_t max_clients, uint32_t max_clients_per_uid)
{
	struct control_options *options = &control->options;

	options->group = options->admin_group = NULL; /* looked up, not kept */
	options->max_clients = max_clients > 0 ? max_clients : LIMIT_CLIENTS;
	options->max_clients_per_uid =
	    max_clients_per_uid > 0 ? max_clients_per_uid : LIMIT_CLIENTS_PER_UID;
	peer_rules(&control->rules, options->service_uid, group, admin_group);
}

static void
add_methods(
    struct control *control, const struct control_method *methods, size_t count)
{
	size_t i;

	/* The values of a map are not const; these are only read. */
	for (i = 0; i < count; i++)
		(void)map_put_text(control->methods, methods[i].name,
		    (void *)(uintptr_t)&methods[i]);
}

int
control_new(struct event_base *base, int fd, const struct control_options *options,
    void *arg, struct control **ret_control)
{
	struct control *control = xcalloc(1, sizeof(*control));
	int rc = -ENOMEM;

	control->base = base;
	control->options = *options;
	control->arg = arg;
	if (control->options.idle == 0)
		control->options.idle = LIMIT_IDLE_MSEC;
	if (control->options.stall == 0)
		control->options.stall = LIMIT_STALL_MSEC;
	TAILQ_INIT(&control->clients);
	control_configure(control, options->group, options->admin_group,
	    options->max_clients, options->max_clients_per_uid);
	control->methods = map_new();
	add_methods(control, service_methods, service_method_count);
	add_methods(control, options->methods, options->method_count);
	control->spare_fd = open_spare();
	control->retry = evtimer_new(base, on_retry, control);
	if (control->retry != NULL)
		rc = control_listen(control, fd);
	if (rc < 0) {
		control_free(control);
		return rc;
	}
	*ret_control = control;
	return 0;
}

static void
close_listeners(struct control *control)
{
	struct listener *l, *next;

	for (l = control->listeners; l != NULL; l = next) {
		next = l->next;
		event_free(l->event);
		close(l->fd);
		free(l);
	}
	control->listeners = NULL;
	if (control->retry != NULL)
		(void)event_del(control->retry);
}

void
control_stop(struct control *control)
{
	struct client *client;

	control->stopping = true;
	close_listeners(control);
	TAILQ_FOREACH(client, &control->clients, entry)
	{
		client_kick(client);
	}
}

void
control_free(struct control *control)
{
	struct client *client;

	if (control == NULL)
		return;
	close_listeners(control);
	while ((client = TAILQ_FIRST(&control->clients)) != NULL)
		client_free(client);
	if (control->retry != NULL)
		event_free(control->retry);
	if (control->spare_fd >= 0)
		close(control->spare_fd);
	map_free(control->methods);
	free(control);
}

size_t
control_clients(const struct control *control)
{
	return control->client_count;
}
