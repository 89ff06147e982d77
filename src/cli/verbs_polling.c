/* SPDX-License-Identifier: ISC */
/* What the daemon asks of servers, when and why: fetch, and the feed verbs that look
 * into polling. */
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"

#define OUTCOME_COLUMNS 24 /* no name of an outcome is longer */

/* -- feed explain, log ------------------------------------------------------------------------------ */

static int
ask_explain(const struct options *options, long attempts, struct output *output,
    struct client **ret_client, struct wire_object **ret_reply)
{
	struct jsonw *w;
	int status;

	*ret_client = NULL;
	if (options->arg_count != 2 || options_has(options, OPTION_FIELDS)) {
		fprintf(stderr,
		    "gazette feed %s: one feed's name or id, and no --fields\n",
		    options->args[0]);
		return STATUS_USAGE;
	}
	status = attempts < 0 ? STATUS_USAGE : output_init(output, options);
	if (status == 0 && output->format == OUTPUT_TSV) {
		fprintf(stderr,
		    "gazette feed %s: -o tsv: there is no table; take --json\n",
		    options->args[0]);
		status = STATUS_USAGE;
	}
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], ret_client);
	if (status != 0)
		return status;
	client_begin(*ret_client, &w);
	jsonw_text(w, "feed", options->args[1]);
	jsonw_int(w, "attempts", attempts);
	return client_call_once(*ret_client, "ExplainFeed", ret_reply);
}

static bool
is_json(const struct output *output)
{
	return output->format == OUTPUT_JSON || output->format == OUTPUT_NDJSON;
}

static bool
is_good(const char *outcome)
{
	return strcmp(outcome, "ok") == 0 || strcmp(outcome, "unchanged") == 0 ||
	    strcmp(outcome, "redirect") == 0;
}

/* What the last attempt ended with, when it was no success. */
static void
print_last(struct wire_object *reply)
{
	struct wire_object *attempt;
	struct buf line = {0};

	if (!wire_object_element(reply, "log", 0, &attempt) ||
	    is_good(output_text(attempt, "outcome")))
		return;
	buf_puts(&line, "  last attempt ");
	zone_show(output_text(attempt, "time"), &line);
	buf_puts(&line, ": ");
	term_clean(output_text(attempt, "detail"), true, &line);
	puts(buf_text(&line));
	buf_done(&line);
}

static void
print_explanation(struct wire_object *reply)
{
	const char *const *reasons;
	struct arena *arena = arena_new(1 << 20);
	struct buf when = {0};
	size_t count, i;

	zone_show(output_text(reply, "next_fetch"), &when);
	if (when.len == 0) {
		printf("no next fetch\n");
	} else {
		printf("next fetch %s (", buf_text(&when));
		buf_reset(&when);
		zone_show_age(output_text(reply, "next_fetch"), clock_wall(), &when);
		printf("%s)\n",
		    strncmp(buf_text(&when), "in ", 3) == 0 ? buf_text(&when)
							    : "due now");
	}
	if (wire_object_texts(reply, "reasons", arena, &reasons, &count)) {
		for (i = 0; i < count; i++) {
			fputs("  ", stdout);
			term_print(stdout, reasons[i]);
			putchar('\n');
		}
	}
	print_last(reply);
	buf_done(&when);
	arena_free(arena);
}

int
verbs_feed_explain(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	struct output output;
	int status = ask_explain(options, 1, &output, &client, &reply);

	if (status == 0 && !output.quiet) {
		if (is_json(&output))
			output_object(reply);
		else
			print_explanation(reply);
	}
	client_close(client);
	return status;
}

/* Of the columns that differ, as wide as their widest. */
struct log_widths {
	int outcome, bytes;
};

static void
widen(struct log_widths *widths, struct wire_object *attempt)
{
	int size = (int)strnlen(output_text(attempt, "outcome"), OUTCOME_COLUMNS);
	int64_t bytes = 0;

	widths->outcome = size > widths->outcome ? size : widths->outcome;
	(void)wire_object_int(attempt, "bytes", &bytes);
	size = snprintf(NULL, 0, "%lld", (long long)bytes);
	widths->bytes = size > widths->bytes ? size : widths->bytes;
}

static void
print_attempt(const struct output *output, const struct log_widths *widths,
    struct wire_object *attempt)
{
	struct buf line = {0}, fitted = {0};
	int64_t msec = 0, bytes = 0, http = 0;

	(void)wire_object_int(attempt, "msec", &msec);
	(void)wire_object_int(attempt, "bytes", &bytes);
	(void)wire_object_int(attempt, "status", &http);
	zone_show(output_text(attempt, "time"), &line);
	buf_puts(&line, "  ");
	(void)term_fit(
	    output_text(attempt, "outcome"), widths->outcome, true, &line);
	if (http > 0)
		buf_printf(&line, " %3lld", (long long)http);
	else
		buf_puts(&line, "   -");
	buf_printf(&line, "  %*lld B  %3lld.%02llds  ", widths->bytes,
	    (long long)bytes, (long long)(msec / 1000),
	    (long long)(msec % 1000 / 10));
	term_clean(output_text(attempt, "detail"), true, &line);
	if (output->format == OUTPUT_TABLE && !output->full)
		(void)term_fit(buf_text(&line), output->width, false, &fitted);
	puts(buf_text(fitted.len > 0 ? &fitted : &line));
	buf_done(&line);
	buf_done(&fitted);
}

static void
print_log(const struct output *output, struct wire_object *reply)
{
	struct log_widths widths = {0};
	struct wire_object *attempt;
	size_t i;

	for (i = 0; wire_object_element(reply, "log", i, &attempt); i++)
		widen(&widths, attempt);
	for (i = 0; wire_object_element(reply, "log", i, &attempt); i++) {
		if (is_json(output))
			output_object(attempt);
		else
			print_attempt(output, &widths, attempt);
	}
}

int
verbs_feed_log(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	struct output output;
	struct buf json = {0};
	int status =
	    ask_explain(options, verbs_limit(options, 50), &output, &client, &reply);

	if (status == 0 && !output.quiet && output.format == OUTPUT_JSON) {
		if (wire_object_json(reply, "log", &json))
			puts(buf_text(&json));
	} else if (status == 0 && !output.quiet) {
		print_log(&output, reply);
	}
	client_close(client);
	buf_done(&json);
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
		term_print(stdout, output_text(reply, "page"));
	} else {
		printf("%lld %s read, %lld new items", (long long)pages,
		    pages == 1 ? "page" : "pages", (long long)new_items);
		if (*output_text(reply, "message") != '\0') {
			printf("; ended early: ");
			term_print(stdout, output_text(reply, "message"));
		}
		putchar('.');
	}
	putchar('\n');
	fflush(stdout);
}

/* It was not begun, and may be later. */
static int
print_refusal(const char *feed, struct wire_object *reply)
{
	fputs("gazette feed backfill: ", stderr);
	term_print(stderr, feed);
	fputs(": ", stderr);
	term_print(stderr, output_text(reply, "message"));
	fputc('\n', stderr);
	return STATUS_BUSY;
}

int
verbs_feed_backfill(const struct options *options)
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
			if (r == CLIENT_FAILED || reply == NULL)
				continue;
			if (*output_text(reply, "retry") != '\0')
				status = print_refusal(options->args[1], reply);
			else if (!options_has(options, OPTION_QUIET))
				print_page(reply, r == CLIENT_LAST);
		} while (r == CLIENT_MORE);
		if (r == CLIENT_FAILED)
			status = client_status(client);
	}
	client_close(client);
	return status;
}

int
verbs_feed_unmove(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	int status = begin_one(options, &client);

	if (status == 0)
		status = client_call_once(client, "UndoMove", &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		term_print(stdout, options->args[1]);
		printf(" is fetched from its own address again.\n");
	}
	client_close(client);
	return status;
}

/* -- fetch ------------------------------------------------------------------------------------------- */

struct tally {
	size_t feeds, failed;
	int64_t new_items, updated;
	size_t left_out; /* not asked now: they, or their host, must be let be */
	size_t forcible; /* of these, what --force would ask */
};

/* What is said of one feed, behind its name: "" when there is nothing to say. */
static void
judge_reply(struct wire_object *reply, struct tally *tally, struct buf *words)
{
	const char *outcome = output_text(reply, "outcome");
	const char *message = output_text(reply, "message");
	int64_t new_items = 0, updated = 0;
	bool forcible = false;

	if (*output_text(reply, "retry") != '\0') {
		(void)wire_object_bool(reply, "forcible", &forcible);
		tally->left_out++;
		tally->forcible += forcible;
		term_clean(message, true, words);
		return;
	}
	(void)wire_object_int(reply, "new", &new_items);
	(void)wire_object_int(reply, "updated", &updated);
	tally->feeds++;
	tally->new_items += new_items;
	tally->updated += updated;
	if (!is_good(outcome)) {
		tally->failed++;
		term_clean(*message != '\0' ? message : outcome, true, words);
	} else if (new_items > 0 || updated > 0) {
		buf_printf(words, "%lld new, %lld updated", (long long)new_items,
		    (long long)updated);
	}
}

static void
count_reply(struct wire_object *reply, struct tally *tally, bool quiet)
{
	struct wire_object *feed = NULL;
	struct buf words = {0}, progress = {0};

	if (reply == NULL || !wire_object_object(reply, "feed", &feed))
		return;
	judge_reply(reply, tally, &words);
	buf_printf(&progress, "%zu %s, %lld new, %zu failed", tally->feeds,
	    tally->feeds == 1 ? "feed" : "feeds", (long long)tally->new_items,
	    tally->failed);
	term_progress(NULL);
	if (!quiet && words.len > 0) {
		term_print(stdout, output_text(feed, "name"));
		printf(": %s\n", buf_text(&words));
		fflush(stdout);
	}
	term_progress(buf_text(&progress));
	buf_done(&words);
	buf_done(&progress);
}

static void
print_tally(const struct tally *tally, bool force)
{
	fprintf(stderr, "%zu %s asked, %lld new, %lld updated, %zu failed.\n",
	    tally->feeds, tally->feeds == 1 ? "feed" : "feeds",
	    (long long)tally->new_items, (long long)tally->updated, tally->failed);
	if (tally->left_out == 0)
		return;
	fprintf(stderr, "%zu left out", tally->left_out);
	if (!force && tally->forcible > 0)
		fprintf(stderr, "; --force asks %zu of them all the same",
		    tally->forcible);
	fputs(".\n", stderr);
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
