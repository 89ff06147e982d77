/* SPDX-License-Identifier: ISC */
/* gazette feed probe: what an address answers, and what could be better there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"

#define WARNINGS (1u << 20) /* bytes of arena: there are some twenty of them */

static int64_t
int_of(struct wire_object *object, const char *key)
{
	int64_t value = 0;

	if (object != NULL)
		(void)wire_object_int(object, key, &value);
	return value;
}

static struct wire_object *
member(struct wire_object *reply, const char *key)
{
	struct wire_object *object;

	return wire_object_object(reply, key, &object) ? object : NULL;
}

/* A line's name and what was gathered for it; nothing, when that is nothing. */
static void
print_line(const char *name, struct buf *value)
{
	struct buf clean = {0};

	if (value->len > 0) {
		term_clean(value->data, true, &clean);
		printf("%-12s %s\n", name, buf_text(&clean));
	}
	buf_reset(value);
	buf_done(&clean);
}

/* Appends `label` and the text, after ", " when something stands there already. */
static void
gather(struct buf *line, const char *label, const char *value)
{
	if (*value == '\0')
		return;
	buf_printf(line, "%s%s%s", line->len > 0 ? ", " : "", label, value);
}

static void
gather_seconds(struct buf *line, const char *label, int64_t seconds)
{
	char wait[CLOCK_TEXT];

	gather(line, label, clock_duration_format(seconds * MSEC_PER_SEC, wait));
}

static void
print_hop(int64_t status, const char *url)
{
	struct buf clean = {0};

	term_clean(url, true, &clean);
	if (status > 0)
		printf("  %3" PRId64 "  %s\n", status, buf_text(&clean));
	else
		printf("    -  %s\n", buf_text(&clean));
	buf_done(&clean);
}

static void
print_way(struct wire_object *reply)
{
	struct wire_object *hop;
	struct buf line = {0};
	int64_t status = int_of(reply, "status"), msec = int_of(reply, "msec");
	size_t i;

	for (i = 0; wire_object_element(reply, "hops", i, &hop); i++)
		print_hop(int_of(hop, "status"), output_text(hop, "url"));
	print_hop(status, output_text(reply, "answered"));
	gather(&line, "", output_text(reply, "message"));
	if (status > 0) /* nobody answered: nothing came, in no time */
		buf_printf(&line,
		    ", %" PRId64 " bytes in %" PRId64 ".%02" PRId64 "s",
		    int_of(reply, "bytes"), msec / 1000, msec % 1000 / 10);
	print_line("answer", &line);
	buf_done(&line);
}

static void
print_http(struct wire_object *reply, struct wire_object *http)
{
	struct buf line = {0};
	int64_t number;
	bool works;

	gather(&line, "", output_text(http, "content_type"));
	gather(&line, "", output_text(http, "content_encoding"));
	print_line("type", &line);
	gather(&line, "ETag ", output_text(http, "etag"));
	gather(&line, "Last-Modified ", output_text(http, "last_modified"));
	if (line.len == 0)
		buf_puts(&line, "none");
	else if (wire_object_bool(reply, "revalidated", &works))
		buf_puts(&line, works ? ": asked again, 304" : ": asked again, 200");
	print_line("validators", &line);
	gather(&line, "", output_text(http, "cache_control"));
	if (wire_object_int(http, "max_age_s", &number))
		gather_seconds(&line, "good for ", number);
	if (wire_object_int(http, "retry_after_s", &number))
		gather_seconds(&line, "asks for a pause of ", number);
	if (line.len == 0)
		buf_puts(&line, "nothing said");
	print_line("caching", &line);
	buf_done(&line);
}

static void
gather_day(struct buf *line, const char *label, const char *time)
{
	struct buf shown = {0};

	if (*time != '\0') {
		zone_show(time, &shown);
		gather(line, label, buf_text(&shown));
	}
	buf_done(&shown);
}

static void
print_items(struct wire_object *document)
{
	struct buf line = {0};
	int64_t items;

	if (wire_object_int(document, "items", &items)) {
		buf_printf(&line, "%" PRId64, items);
		gather_day(&line, "newest ", output_text(document, "newest"));
		gather_day(&line, "oldest ", output_text(document, "oldest"));
		print_line("items", &line);
	}
	buf_done(&line);
}

static void
print_document(struct wire_object *document)
{
	static const char *const urls[] = {
	    "title", "site", "self", "hub", "next", "new_url"};
	struct buf line = {0};
	int64_t number;
	size_t i;

	gather(&line, "", output_text(document, "format"));
	gather(&line, "", output_text(document, "encoding"));
	buf_printf(&line, ", %" PRId64 " bytes", int_of(document, "size"));
	print_line("format", &line);
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		gather(&line, "", output_text(document, urls[i]));
		print_line(urls[i], &line);
	}
	print_items(document);
	if (wire_object_int(document, "ttl_s", &number))
		gather_seconds(&line, "ttl ", number);
	if (wire_object_int(document, "period_s", &number))
		gather_seconds(&line, "a new one each ", number);
	print_line("pace", &line);
	buf_done(&line);
}

static void
print_bullet(const char *text)
{
	struct buf clean = {0};

	term_clean(text, true, &clean);
	printf("  - %s\n", buf_text(&clean));
	buf_done(&clean);
}

static void
print_warnings(struct wire_object *reply)
{
	struct arena *arena = arena_new(WARNINGS);
	const char *const *list = NULL;
	struct buf moved = {0};
	size_t count = 0, i;
	bool works, is_fresh;

	(void)wire_object_texts(reply, "warnings", arena, &list, &count);
	if (*output_text(reply, "moved") != '\0')
		buf_printf(&moved, "It has moved for good: subscribe to %s.",
		    output_text(reply, "moved"));
	is_fresh = wire_object_bool(reply, "revalidated", &works) && !works;
	if (count > 0 || moved.len > 0 || is_fresh)
		puts("warnings");
	if (moved.len > 0)
		print_bullet(moved.data);
	if (is_fresh)
		print_bullet("Its validators do not work: asked again with them, it "
			     "sends all of it once more.");
	for (i = 0; i < count; i++)
		print_bullet(list[i]);
	buf_done(&moved);
	arena_free(arena);
}

static void
print_candidates(struct wire_object *reply)
{
	struct wire_object *candidate;
	struct buf line = {0};
	size_t i;

	for (i = 0; wire_object_element(reply, "candidates", i, &candidate); i++) {
		if (i == 0)
			puts("feeds");
		buf_reset(&line);
		buf_printf(&line, "%s  %s", output_text(candidate, "url"),
		    output_text(candidate, "title"));
		print_bullet(line.data);
	}
	buf_done(&line);
}

static void
print_probe(struct wire_object *reply)
{
	struct wire_object *http = member(reply, "http");
	struct wire_object *document = member(reply, "document");

	print_way(reply);
	if (http != NULL)
		print_http(reply, http);
	if (document != NULL)
		print_document(document);
	print_candidates(reply);
	print_warnings(reply);
}

/* URL, and KEY=VALUE of the settings that a request has. */
static int
send_probe(struct client *client, const struct options *options)
{
	struct jsonw *w;
	const char *equals;
	char *key, *url;
	size_t i;

	url = strstr(options->args[1], "://") != NULL
	    ? xstrdup(options->args[1])
	    : xasprintf("https://%s", options->args[1]);
	client_begin(client, &w);
	jsonw_text(w, "url", url);
	jsonw_object(w, "options");
	for (i = 2; i < options->arg_count; i++) {
		equals = strchr(options->args[i], '=');
		key = xasprintf(
		    "%.*s", (int)(equals - options->args[i]), options->args[i]);
		jsonw_text(w, key, equals + 1);
		free(key);
	}
	jsonw_close(w);
	if (options_has(options, OPTION_AGAIN))
		jsonw_bool(w, "again", true);
	free(url);
	return client_call(client, "ProbeFeed", false);
}

static bool
is_usable(const struct options *options)
{
	size_t i;

	for (i = 2; i < options->arg_count; i++) {
		if (strchr(options->args[i], '=') == NULL)
			return false;
	}
	return options->arg_count >= 2 && !options_has(options, OPTION_FIELDS);
}

int
verbs_feed_probe(const struct options *options)
{
	struct wire_object *reply;
	struct client *client = NULL;
	struct output output;
	int status;

	if (!is_usable(options)) {
		fprintf(stderr,
		    "gazette feed probe: usage: gazette feed probe URL "
		    "[KEY=VALUE ..] [--again]\n");
		return STATUS_USAGE;
	}
	status = output_init(&output, options);
	if (status == 0 && output.format == OUTPUT_TSV) {
		fprintf(stderr,
		    "gazette feed probe: -o tsv: there is no table; "
		    "take --json\n");
		status = STATUS_USAGE;
	}
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0)
		status = send_probe(client, options);
	if (status == 0) {
		term_progress("Fetching ...");
		if (client_next(client, &reply) == CLIENT_FAILED)
			status = client_status(client);
		term_progress(NULL);
	}
	if (status == 0) {
		if (output.format == OUTPUT_JSON || output.format == OUTPUT_NDJSON)
			output_object(reply);
		else if (!output.quiet)
			print_probe(reply);
		if (strcmp(output_text(reply, "outcome"), "ok") != 0 &&
		    strcmp(output_text(reply, "outcome"), "broken") != 0)
			status = STATUS_NO_MATCH;
	}
	client_close(client);
	return status;
}
