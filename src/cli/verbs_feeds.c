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

static const char *
text(struct wire_object *object, const char *key)
{
	const char *value;

	return object != NULL && wire_object_text(object, key, &value) ? value : "";
}

static void
print_clean(FILE *to, const char *value)
{
	struct buf clean = {0};

	term_clean(value, true, &clean);
	fputs(buf_text(&clean), to);
	buf_done(&clean);
}

/* One call with one reply.  0, or an exit status. */
static int
call_once(struct client *client, const char *method, struct wire_object **ret_reply)
{
	int status = client_call(client, method, false);

	if (status == 0 && client_next(client, ret_reply) == CLIENT_FAILED)
		status = client_status(client);
	return status;
}

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
		term_pager(options);
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
	return call_once(client, "AddFeed", ret_reply);
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
	print_clean(stdout, text(feed, "name"));
	putchar('"');
	for (i = 0; i < count; i++)
		printf("%s%s", i == 0 ? " (tags: " : " ", tags[i]);
	fputs(count > 0 ? ")." : ".", stdout);
	if (failures > 0) {
		fputs(" It could not be read yet: ", stdout);
		print_clean(stdout, text(feed, "last_error"));
		putchar('.');
	} else if (!dry_run) {
		printf(" %lld items", (long long)items);
	}
	if (*text(feed, "next_fetch") != '\0') {
		zone_show_age(text(feed, "next_fetch"), clock_wall(), &next);
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
			print_clean(stderr, page);
			fputs(":\n", stderr);
		}
		fprintf(stderr, "%3zu  ", count + 1);
		print_clean(stderr, text(candidate, "title"));
		fputs("  ", stderr);
		print_clean(stderr, text(candidate, "url"));
		fputc('\n', stderr);
		urls[count] = xstrdup(text(candidate, "url"));
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
		status = call_once(client, "RemoveFeed", &reply);
		if (status != 0)
			break;
		(void)wire_object_int(reply, "archived", &archived);
		if (!options_has(options, OPTION_QUIET)) {
			printf("Removed ");
			print_clean(stdout, options->args[i]);
			if (options_has(options, OPTION_PURGE))
				printf(" and its items.\n");
			else
				printf("; its %lld items stay in the archive.\n",
				    (long long)archived);
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
	status = call_once(client, "SetFeed", &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		printf("%s ", done);
		print_clean(stdout, feed);
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

/* -- feed explain, log ------------------------------------------------------------------------------ */

static int
ask_explain(const struct options *options, long attempts, struct client **ret_client,
    struct wire_object **ret_reply)
{
	struct jsonw *w;
	int status;

	*ret_client = NULL;
	if (options->arg_count != 2) {
		fprintf(stderr, "gazette feed %s: one feed's name or id\n",
		    options->args[0]);
		return STATUS_USAGE;
	}
	if (attempts < 0)
		return STATUS_USAGE;
	status = client_open(options->value[OPTION_SOCKET], ret_client);
	if (status != 0)
		return status;
	client_begin(*ret_client, &w);
	jsonw_text(w, "feed", options->args[1]);
	jsonw_int(w, "attempts", attempts);
	return call_once(*ret_client, "ExplainFeed", ret_reply);
}

static int
explain(const struct options *options)
{
	const char *const *reasons;
	struct wire_object *reply;
	struct arena *arena = arena_new(1 << 20);
	struct client *client;
	struct buf when = {0};
	size_t count, i;
	int status = ask_explain(options, 1, &client, &reply);

	if (status == 0) {
		zone_show(text(reply, "next_fetch"), &when);
		if (when.len == 0) {
			printf("no next fetch: paused, archived or gone\n");
		} else {
			printf("next fetch %s (", buf_text(&when));
			buf_reset(&when);
			zone_show_age(
			    text(reply, "next_fetch"), clock_wall(), &when);
			printf("%s)\n",
			    strncmp(buf_text(&when), "in ", 3) == 0 ? buf_text(&when)
								    : "due now");
		}
		if (wire_object_texts(reply, "reasons", arena, &reasons, &count)) {
			for (i = 0; i < count; i++) {
				fputs("  ", stdout);
				print_clean(stdout, reasons[i]);
				putchar('\n');
			}
		}
	}
	client_close(client);
	buf_done(&when);
	arena_free(arena);
	return status;
}

static int
attempts(const struct options *options)
{
	struct wire_object *reply, *attempt;
	struct client *client;
	struct buf line = {0};
	int64_t msec, bytes, http;
	size_t i;
	int status = ask_explain(options, verbs_limit(options, 50), &client, &reply);

	for (i = 0; status == 0 && wire_object_element(reply, "log", i, &attempt);
	    i++) {
		msec = bytes = http = 0;
		(void)wire_object_int(attempt, "msec", &msec);
		(void)wire_object_int(attempt, "bytes", &bytes);
		(void)wire_object_int(attempt, "status", &http);
		buf_reset(&line);
		zone_show(text(attempt, "time"), &line);
		buf_printf(&line, "  %-12s", text(attempt, "outcome"));
		if (http > 0)
			buf_printf(&line, " %3lld", (long long)http);
		else
			buf_puts(&line, "   -");
		buf_printf(&line, "  %7lld B  %4lld.%02llds  ", (long long)bytes,
		    (long long)(msec / 1000), (long long)(msec % 1000 / 10));
		term_clean(text(attempt, "detail"), true, &line);
		puts(buf_text(&line));
	}
	client_close(client);
	buf_done(&line);
	return status;
}

/* -- feed backfill, unmove ------------------------------------------------------------------------- */

static int
begin_one(const struct options *options, struct client **ret_client)
{
	struct jsonw *w;
	int status;

	*ret_client = NULL;
	if (options->arg_count != 2) {
		fprintf(stderr, "gazette feed %s: one feed's name or id\n",
		    options->args[0]);
		return STATUS_USAGE;
	}
	status = client_open(options->value[OPTION_SOCKET], ret_client);
	if (status != 0)
		return status;
	client_begin(*ret_client, &w);
	jsonw_text(w, "feed", options->args[1]);
	return 0;
}

static void
print_page(struct wire_object *reply, bool is_last)
{
	int64_t pages = 0, new_items = 0;

	(void)wire_object_int(reply, "pages", &pages);
	(void)wire_object_int(reply, "new", &new_items);
	if (!is_last) {
		printf("%3lld  %5lld new  ", (long long)pages, (long long)new_items);
		print_clean(stdout, text(reply, "page"));
	} else {
		printf("%lld %s read, %lld new items", (long long)pages,
		    pages == 1 ? "page" : "pages", (long long)new_items);
		if (*text(reply, "message") != '\0') {
			printf("; ended early: ");
			print_clean(stdout, text(reply, "message"));
		}
		putchar('.');
	}
	putchar('\n');
	fflush(stdout);
}

static int
backfill(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	enum client_reply r;
	int status = begin_one(options, &client);

	if (status == 0)
		status = client_call(client, "Backfill", true);
	if (status == 0) {
		do {
			r = client_next(client, &reply);
			if (r != CLIENT_FAILED && reply != NULL &&
			    !options_has(options, OPTION_QUIET))
				print_page(reply, r == CLIENT_LAST);
		} while (r == CLIENT_MORE);
		status = r == CLIENT_FAILED ? client_status(client) : 0;
	}
	client_close(client);
	return status;
}

static int
unmove(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	int status = begin_one(options, &client);

	if (status == 0)
		status = call_once(client, "UndoMove", &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		print_clean(stdout, options->args[1]);
		printf(" is fetched from its own address again.\n");
	}
	client_close(client);
	return status;
}

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
		return explain(options);
	if (strcmp(verb, "log") == 0)
		return attempts(options);
	if (strcmp(verb, "backfill") == 0)
		return backfill(options);
	if (strcmp(verb, "unmove") == 0)
		return unmove(options);
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

/* -- fetch ------------------------------------------------------------------------------------------- */

struct tally {
	size_t feeds, failed;
	size_t left_out; /* not asked now: they, or their host, must be let be */
	int64_t new_items, updated;
	char why[128]; /* the last of these was left out */
};

/* A feed that was not asked is no success: it says so, and is counted apart. */
static bool
is_left_out(struct wire_object *reply, struct tally *tally)
{
	struct buf why = {0};

	if (*text(reply, "retry") == '\0')
		return false;
	term_clean(text(reply, "message"), true, &why);
	(void)snprintf(tally->why, sizeof(tally->why), "%s", buf_text(&why));
	buf_done(&why);
	tally->left_out++;
	return true;
}

static void
count_reply(struct wire_object *reply, struct tally *tally, bool quiet)
{
	struct wire_object *feed = NULL;
	int64_t new_items = 0, updated = 0, failures = 0;
	struct buf line = {0}, progress = {0};

	if (reply == NULL || !wire_object_object(reply, "feed", &feed) ||
	    is_left_out(reply, tally))
		return;
	(void)wire_object_int(reply, "new", &new_items);
	(void)wire_object_int(reply, "updated", &updated);
	(void)wire_object_int(feed, "failures", &failures);
	tally->feeds++;
	tally->failed += failures > 0;
	tally->new_items += new_items;
	tally->updated += updated;
	buf_printf(&progress, "%zu feeds, %lld new, %zu failed", tally->feeds,
	    (long long)tally->new_items, tally->failed);
	term_progress(NULL);
	if (!quiet && (failures > 0 || new_items > 0 || updated > 0)) {
		term_clean(text(feed, "name"), true, &line);
		if (failures > 0) {
			buf_puts(&line, ": ");
			term_clean(text(feed, "last_error"), true, &line);
		} else {
			buf_printf(&line, ": %lld new, %lld updated",
			    (long long)new_items, (long long)updated);
		}
		puts(buf_text(&line));
		fflush(stdout);
	}
	term_progress(buf_text(&progress));
	buf_done(&line);
	buf_done(&progress);
}

static void
print_tally(const struct tally *tally, bool force)
{
	fprintf(stderr, "%zu %s asked, %lld new, %lld updated, %zu failed.\n",
	    tally->feeds, tally->feeds == 1 ? "feed" : "feeds",
	    (long long)tally->new_items, (long long)tally->updated, tally->failed);
	if (tally->left_out > 0)
		fprintf(stderr, "%zu left out: %s%s\n", tally->left_out, tally->why,
		    force ? "" : " (--force asks all the same)");
}

int
verbs_fetch(const struct options *options)
{
	struct wire_object *reply;
	struct client *client = NULL;
	struct tally tally = {0};
	struct buf query = {0};
	enum client_reply r = CLIENT_FAILED;
	struct jsonw *w;
	int status = verbs_query(options, 0, &query);

	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		client_set_query(client, buf_text(&query));
		client_begin(client, &w);
		jsonw_text(w, "query", buf_text(&query));
		jsonw_bool(w, "force", options_has(options, OPTION_FORCE));
		status = client_call(client, "Fetch", true);
	}
	if (status == 0) {
		term_progress("Fetching ...");
		do {
			r = client_next(client, &reply);
			if (r != CLIENT_FAILED)
				count_reply(reply, &tally,
				    options_has(options, OPTION_QUIET));
		} while (r == CLIENT_MORE);
		term_progress(NULL);
		status = r == CLIENT_FAILED ? client_status(client) : 0;
	}
	if (status == 0 && !options_has(options, OPTION_QUIET))
		print_tally(&tally, options_has(options, OPTION_FORCE));
	if (status == 0 && tally.failed > 0)
		status = STATUS_PARTIAL;
	client_close(client);
	buf_done(&query);
	return status;
}
