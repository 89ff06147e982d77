/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* Ctrl-C ends a read, so that the last cursor can be told. */
static void
catch_interrupt(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	(void)sigaction(SIGINT, &action, NULL); /* fails for bad numbers only */
	(void)sigaction(SIGTERM, &action, NULL);
}

/* -- The cursor file ------------------------------------------------------------------- */

/* The cursor in `path`, the caller's to free; NULL: there is none yet. */
static int
read_cursor(const char *path, char **ret_cursor)
{
	char text[256] = "";
	FILE *f = fopen(path, "re");

	*ret_cursor = NULL;
	if (f == NULL && errno == ENOENT)
		return 0;
	if (f == NULL) {
		fprintf(stderr, "gazette: %s: %s\n", path, strerror(errno));
		return STATUS_USAGE;
	}
	if (fgets(text, sizeof(text), f) != NULL) {
		text[strcspn(text, " \n")] = '\0';
		if (text[0] != '\0')
			*ret_cursor = xstrdup(text);
	}
	fclose(f);
	return 0;
}

/* By a new file that takes the old one's place: whole at any time. */
static int
write_cursor(const char *path, const char *cursor)
{
	char *next = xasprintf("%s.new", path);
	FILE *f = fopen(next, "we");
	int r = -1;

	if (f != NULL && fprintf(f, "%s\n", cursor) > 0 && fflush(f) == 0 &&
	    fdatasync(fileno(f)) == 0)
		r = 0;
	if (f != NULL && fclose(f) != 0)
		r = -1;
	if (r == 0)
		r = rename(next, path);
	if (r != 0)
		fprintf(stderr, "gazette: cannot write the cursor to %s: %s\n", path,
		    strerror(errno));
	free(next);
	return r == 0 ? 0 : STATUS_PARTIAL;
}

/* -- Kinds --------------------------------------------------------------------------------- */

static const struct {
	const char *word, *kinds; /* blank-separated, of Event */
} kind_words[] = {
    {"new", "item_new"},
    {"updated", "item_updated"},
    {"state", "item_state"},
    {"joined", "item_joined"},
    {"split", "item_split"},
    {"removed", "item_removed"},
    {"feed",
	"feed_added feed_changed feed_failing feed_recovered feed_stale feed_moved "
	"feed_gone feed_removed"},
    {"all",
	"item_new item_updated item_state item_joined item_split item_removed "
	"feed_added feed_changed feed_failing feed_recovered feed_stale feed_moved "
	"feed_gone feed_removed consumer_dropped"},
};

static bool
put_kind(struct jsonw *w, const char *word)
{
	const char *kinds;
	size_t i, size;

	for (i = 0; i < sizeof(kind_words) / sizeof(kind_words[0]); i++) {
		if (strcmp(kind_words[i].word, word) != 0)
			continue;
		for (kinds = kind_words[i].kinds; *kinds != '\0';
		    kinds += size + strspn(kinds + size, " ")) {
			size = strcspn(kinds, " ");
			jsonw_textn(w, NULL, kinds, size);
		}
		return true;
	}
	return false;
}

static int
put_kinds(struct jsonw *w, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	int status = 0;

	jsonw_array(w, "kinds");
	while (status == 0 && (word = strsep(&rest, ",")) != NULL) {
		if (*word != '\0' && !put_kind(w, word)) {
			fprintf(stderr,
			    "gazette follow: --kinds=%s: no such kind; there are "
			    "new, updated, state, joined, split, removed, feed, "
			    "all\n",
			    word);
			status = STATUS_USAGE;
		}
	}
	jsonw_close(w);
	free(copy);
	return status;
}

/* -- follow ---------------------------------------------------------------------------------- */

/* Where to start: exactly one of cursor and from. */
static int
put_start(struct jsonw *w, const struct options *options, const char *file_cursor)
{
	char last[32];
	long n;

	if (options_has(options, OPTION_CURSOR))
		file_cursor = options->value[OPTION_CURSOR];
	if (file_cursor != NULL) {
		jsonw_text(w, "cursor", file_cursor);
		return 0;
	}
	if (options_has(options, OPTION_LIMIT)) {
		n = verbs_limit(options, 0);
		if (n < 0)
			return STATUS_USAGE;
		(void)snprintf(last, sizeof(last), "-%ld", n);
		jsonw_text(w, "from", n > 0 ? last : "now");
		return 0;
	}
	jsonw_text(w, "from",
	    options_has(options, OPTION_FROM) ? options->value[OPTION_FROM]
		: options_has(options, OPTION_CURSOR_FILE) ? "beginning"
							   : "now");
	return 0;
}

static int
begin(struct client *client, const struct output *output,
    const struct options *options, const char *query, const char *file_cursor)
{
	struct jsonw *w;
	int status;

	client_begin(client, &w);
	jsonw_text(w, "query", query);
	jsonw_bool(w, "all", options_has(options, OPTION_ALL));
	if (options_has(options, OPTION_UNTIL_CAUGHT_UP))
		jsonw_bool(w, "until_caught_up", true);
	output_put_fields(output, w);
	status = put_start(w, options, file_cursor);
	if (status == 0 && options_has(options, OPTION_KINDS))
		status = put_kinds(w, options->value[OPTION_KINDS]);
	return status != 0 ? status : client_call(client, "Follow", true);
}

/* Remembers the reply's cursor; true when the event is one to print. */
static bool
take_cursor(struct wire_object *reply, char **cursor)
{
	struct wire_object *event;
	const char *text;

	if (reply == NULL || !wire_object_object(reply, "event", &event))
		return false;
	if (wire_object_text(event, "cursor", &text)) {
		free(*cursor);
		*cursor = xstrdup(text);
	}
	return wire_object_text(event, "kind", &text) &&
	    strcmp(text, "heartbeat") != 0 && strcmp(text, "caught_up") != 0;
}

static int
stream(struct client *client, struct output *output, const char *cursor_file,
    char **cursor)
{
	struct wire_object *reply;
	enum client_reply r;
	int status = 0;

	do {
		r = client_next(client, &reply);
		if (r == CLIENT_FAILED)
			return interrupted ? STATUS_OK : client_status(client);
		if (take_cursor(reply, cursor))
			output_event(output, reply);
		if (!client_has_reply(client)) {
			/* The cursor goes to disk only behind what it stands for. */
			if (fflush(stdout) != 0)
				return STATUS_PARTIAL;
			if (cursor_file != NULL && *cursor != NULL)
				status = write_cursor(cursor_file, *cursor);
		}
	} while (r == CLIENT_MORE && status == 0 && !interrupted);
	return status;
}

int
verbs_follow(const struct options *options)
{
	const char *cursor_file = options->value[OPTION_CURSOR_FILE];
	struct output output;
	struct client *client = NULL;
	struct buf query = {0};
	char *cursor = NULL, *file_cursor = NULL;
	int status;

	status = output_init(&output, options);
	if (status == 0 && cursor_file != NULL)
		status = read_cursor(cursor_file, &file_cursor);
	if (status == 0)
		status = verbs_query(options, 0, &query);
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		catch_interrupt();
		client_set_query(client, buf_text(&query));
		status =
		    begin(client, &output, options, buf_text(&query), file_cursor);
	}
	if (status == 0) {
		status = stream(client, &output, cursor_file, &cursor);
		if (cursor != NULL && isatty(STDERR_FILENO) &&
		    !options_has(options, OPTION_QUIET))
			fprintf(stderr, "Last cursor: %s\n", cursor);
	}
	output.legend = false;
	if (status == 0)
		output_done(&output, "event", -1);
	client_close(client);
	free(cursor);
	free(file_cursor);
	buf_done(&query);
	return status;
}
