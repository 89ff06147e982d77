/* SPDX-License-Identifier: ISC */
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
#include "cli/zone.h"

#define CANDIDATES 50

/* The network is down, says the daemon. */
static bool
is_offline(struct client *client)
{
	struct wire_object *reply;
	bool online = true;

	if (client_call_text(client, "GetStatus", "{}", false) == 0 &&
	    client_next(client, &reply) == CLIENT_LAST && reply != NULL)
		(void)wire_object_bool(reply, "online", &online);
	return !online;
}

/* -- feed list ----------------------------------------------------------------------------- */

static int
list(const struct options *options)
{
	struct wire_object *reply;
	struct output output;
	struct client *client = NULL;
	struct buf query = {0};
	enum client_reply r;
	struct jsonw *w;
	int status = output_init(&output, options);

	if (status == 0)
		status = verbs_query(options, 1, &query);
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		if (output.format == OUTPUT_TABLE)
			output.offline = is_offline(client);
		client_set_query(client, buf_text(&query));
		client_begin(client, &w);
		jsonw_text(w, "query", buf_text(&query));
		status = client_call(client, "ListFeeds", true);
	}
	if (status == 0) {
		term_pager(options, false);
		do {
			r = client_next(client, &reply);
			if (r != CLIENT_FAILED)
				output_feed(&output, reply);
		} while (r == CLIENT_MORE);
		status = r == CLIENT_FAILED ? client_status(client) : 0;
		if (status == 0)
			output_done(&output, "feed", -1);
		if (status == 0 && output.rows == 0 && output.quiet)
			status = STATUS_NO_MATCH;
	}
	client_close(client);
	buf_done(&query);
	return status;
}

/* -- feed add -------------------------------------------------------------------------------- */

static int
send_add(struct client *client, const struct options *options, const char *url,
    struct wire_object **ret_reply)
{
	struct jsonw *w;
	size_t i;

	client_begin(client, &w);
	jsonw_text(w, "url", url);
	jsonw_array(w, "tags");
	for (i = 2; i < options->arg_count; i++)
		jsonw_text(w, NULL, options->args[i] + 1);
	jsonw_close(w);
	jsonw_object(w, "options");
	jsonw_text(w, "name", options->value[OPTION_NAME]);
	jsonw_text(w, "title", options->value[OPTION_TITLE]);
	jsonw_text(w, "interval", options->value[OPTION_INTERVAL]);
	jsonw_close(w);
	if (options_has(options, OPTION_STRICT))
		jsonw_bool(w, "strict", true);
	if (options_has(options, OPTION_DRY_RUN))
		jsonw_bool(w, "dry_run", true);
	return client_call_once(client, "AddFeed", ret_reply);
}

/* "Added feed 1 "lwn" (tags: linux). 15 items, next fetch in 1h." */
static void
print_added(struct wire_object *feed, bool dry_run)
{
	const char *const *tags = NULL;
	struct arena *arena = arena_new(1 << 16);
	struct buf next = {0};
	int64_t id = 0, items = 0, failures = 0;
	size_t count = 0, i;

	(void)wire_object_int(feed, "id", &id);
	(void)wire_object_int(feed, "items", &items);
	(void)wire_object_int(feed, "failures", &failures);
	(void)wire_object_texts(feed, "tags", arena, &tags, &count);
	if (dry_run)
		printf("Would add \"");
	else
		printf("Added feed %lld \"", (long long)id);
	term_print(stdout, output_text(feed, "name"));
	putchar('"');
	for (i = 0; i < count; i++)
		printf("%s%s", i == 0 ? " (tags: " : " ", tags[i]);
	fputs(count > 0 ? ")." : ".", stdout);
	if (failures > 0) {
		fputs(" It could not be read yet: ", stdout);
		term_print(stdout, output_text(feed, "last_error"));
		putchar('.');
	} else if (!dry_run) {
		printf(" %lld %s", (long long)items, items == 1 ? "item" : "items");
	}
	if (*output_text(feed, "next_fetch") != '\0') {
		zone_show_age(output_text(feed, "next_fetch"), clock_wall(), &next);
		printf("%s next fetch %s", failures > 0 ? "" : ",", buf_text(&next));
	}
	if (!dry_run)
		putchar('.');
	putchar('\n');
	buf_done(&next);
	arena_free(arena);
}

/* Prints what a page offers; returns how many, their URLs in `urls`. */
static size_t
print_candidates(struct wire_object *reply, const char *page, char *urls[CANDIDATES])
{
	struct wire_object *candidate;
	size_t count;

	for (count = 0; count < CANDIDATES &&
	    wire_object_element(reply, "candidates", count, &candidate);
	    count++) {
		if (count == 0) {
			fputs("Feeds found at ", stderr);
			term_print(stderr, page);
			fputs(":\n", stderr);
		}
		fprintf(stderr, "%3zu  ", count + 1);
		term_print(stderr, output_text(candidate, "title"));
		fputs("  ", stderr);
		term_print(stderr, output_text(candidate, "url"));
		fputc('\n', stderr);
		urls[count] = xstrdup(output_text(candidate, "url"));
	}
	return count;
}

/* The number that the user types, 0 for none. */
static size_t
choose(size_t count)
{
	char answer[16];
	long n;

	if (!term_can_ask()) {
		fprintf(stderr, "gazette: repeat it with the URL of one of them\n");
		return 0;
	}
	fprintf(stderr, "Choose [1-%zu], or repeat with the feed URL: ", count);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return 0;
	n = strtol(answer, NULL, 10);
	return n >= 1 && (size_t)n <= count ? (size_t)n : 0;
}

static int
add_and_tell(
    struct client *client, const struct options *options, const char *url, int depth)
{
	struct wire_object *reply, *feed;
	char *urls[CANDIDATES] = {NULL};
	size_t count, n, i;
	int64_t failures = 0;
	int status;

	term_progress("Fetching ...");
	status = send_add(client, options, url, &reply);
	term_progress(NULL);
	if (status != 0)
		return status;
	if (reply != NULL && wire_object_object(reply, "feed", &feed)) {
		if (!options_has(options, OPTION_QUIET))
			print_added(feed, options_has(options, OPTION_DRY_RUN));
		(void)wire_object_int(feed, "failures", &failures);
		return failures > 0 ? STATUS_PARTIAL : 0;
	}
	count = reply != NULL ? print_candidates(reply, url, urls) : 0;
	if (count == 0) {
		fprintf(stderr, "gazette: no feed was found there\n");
		return STATUS_NOT_FOUND;
	}
	n = depth == 0 ? choose(count) : 0;
	status =
	    n > 0 ? add_and_tell(client, options, urls[n - 1], 1) : STATUS_USAGE;
	for (i = 0; i < count; i++)
		free(urls[i]);
	return status;
}

static int
add(const struct options *options)
{
	struct client *client;
	char *url;
	size_t i;
	int status;

	if (options->arg_count < 2) {
		fprintf(stderr,
		    "gazette feed add: usage: gazette feed add URL [+TAG ..]\n");
		return STATUS_USAGE;
	}
	for (i = 2; i < options->arg_count; i++) {
		if (options->args[i][0] != '+' || options->args[i][1] == '\0') {
			fprintf(stderr,
			    "gazette feed add: %s: tags are written +TAG; one feed "
			    "at a time\n",
			    options->args[i]);
			return STATUS_USAGE;
		}
	}
	/* lwn.net is what people type. */
	url = strstr(options->args[1], "://") != NULL
	    ? xstrdup(options->args[1])
	    : xasprintf("https://%s", options->args[1]);
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		status = add_and_tell(client, options, url, 0);
		client_close(client);
	}
	free(url);
	return status;
}

/* -- feed rm, set, pause, resume ---------------------------------------------------------------- */

static int
rm(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	struct jsonw *w;
	int64_t archived = 0;
	size_t i;
	int status;

	if (options->arg_count < 2) {
		fprintf(stderr,
		    "gazette feed rm: which feed? (gazette feed list names them)\n");
		return STATUS_USAGE;
	}
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status != 0)
		return status;
	for (i = 1; i < options->arg_count && status == 0; i++) {
		client_begin(client, &w);
		jsonw_text(w, "feed", options->args[i]);
		if (options_has(options, OPTION_PURGE))
			jsonw_bool(w, "purge_items", true);
		status = client_call_once(client, "RemoveFeed", &reply);
		if (status != 0)
			break;
		(void)wire_object_int(reply, "archived", &archived);
		if (!options_has(options, OPTION_QUIET)) {
			printf("Removed ");
			term_print(stdout, options->args[i]);
			if (options_has(options, OPTION_PURGE))
				printf(" and its items.\n");
			else
				printf("; its %lld %s in the archive.\n",
				    (long long)archived,
				    archived == 1 ? "item stays" : "items stay");
		}
	}
	client_close(client);
	return status;
}

/* SetFeed with what `put` writes into `set` and `unset`. */
static int
set_feed(const struct options *options, const char *feed,
    void (*put)(struct jsonw *w, const struct options *options, const char *value),
    const char *value, const char *done)
{
	struct wire_object *reply;
	struct client *client;
	struct jsonw *w;
	int status = client_open(options->value[OPTION_SOCKET], &client);

	if (status != 0)
		return status;
	client_begin(client, &w);
	jsonw_text(w, "feed", feed);
	put(w, options, value);
	status = client_call_once(client, "SetFeed", &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		printf("%s ", done);
		term_print(stdout, feed);
		printf(".\n");
	}
	client_close(client);
	return status;
}

static void
put_pairs(struct jsonw *w, const struct options *options, const char *value)
{
	const char *equals;
	size_t i;
	char *key;

	(void)value;
	jsonw_object(w, "set");
	for (i = 2; i < options->arg_count; i++) {
		equals = strchr(options->args[i], '=');
		if (equals[1] == '\0')
			continue;
		key = xasprintf(
		    "%.*s", (int)(equals - options->args[i]), options->args[i]);
		jsonw_text(w, key, equals + 1);
		free(key);
	}
	jsonw_close(w);
	jsonw_array(w, "unset");
	for (i = 2; i < options->arg_count; i++) {
		equals = strchr(options->args[i], '=');
		if (equals[1] == '\0')
			jsonw_textn(w, NULL, options->args[i],
			    (size_t)(equals - options->args[i]));
	}
	jsonw_close(w);
}

static int
set(const struct options *options)
{
	size_t i;

	for (i = 2; i < options->arg_count; i++) {
		if (strchr(options->args[i], '=') == NULL ||
		    options->args[i][0] == '=')
			break;
	}
	if (options->arg_count < 3 || i < options->arg_count) {
		fprintf(stderr,
		    "gazette feed set: usage: gazette feed set NAME KEY=VALUE .. "
		    "(an empty VALUE unsets; keys: gazetted.conf(5))\n");
		return STATUS_USAGE;
	}
	return set_feed(options, options->args[1], put_pairs, NULL, "Changed");
}

static void
put_enabled(struct jsonw *w, const struct options *options, const char *value)
{
	(void)options;
	jsonw_object(w, "set");
	jsonw_text(w, "enabled", value);
	jsonw_close(w);
}

static int
pause_resume(const struct options *options, const char *enabled, const char *done)
{
	size_t i;
	int status = 0;

	if (options->arg_count < 2) {
		fprintf(stderr, "gazette feed %s: which feed?\n", options->args[0]);
		return STATUS_USAGE;
	}
	for (i = 1; i < options->arg_count && status == 0; i++)
		status =
		    set_feed(options, options->args[i], put_enabled, enabled, done);
	return status;
}

/* -- The verbs ---------------------------------------------------------------- */

int
verbs_feed(const struct options *options)
{
	const char *verb = options->arg_count > 0 ? options->args[0] : "list";

	if (strcmp(verb, "list") == 0)
		return list(options);
	if (strcmp(verb, "add") == 0)
		return add(options);
	if (strcmp(verb, "rm") == 0)
		return rm(options);
	if (strcmp(verb, "set") == 0)
		return set(options);
	if (strcmp(verb, "pause") == 0)
		return pause_resume(options, "no", "Paused");
	if (strcmp(verb, "resume") == 0)
		return pause_resume(options, "yes", "Resumed");
	if (strcmp(verb, "explain") == 0)
		return verbs_feed_explain(options);
	if (strcmp(verb, "log") == 0)
		return verbs_feed_log(options);
	if (strcmp(verb, "backfill") == 0)
		return verbs_feed_backfill(options);
	if (strcmp(verb, "unmove") == 0)
		return verbs_feed_unmove(options);
	if (strcmp(verb, "probe") == 0)
		return verbs_feed_probe(options);
	if (strcmp(verb, "edit") == 0) {
		fprintf(
		    stderr, "gazette feed edit: not available in this version\n");
		return STATUS_USAGE;
	}
	fprintf(stderr,
	    "gazette feed: %s: no such verb; there are list, add, rm, set, pause, "
	    "resume, explain, log, probe, backfill and unmove\n",
	    verb);
	return STATUS_USAGE;
}
