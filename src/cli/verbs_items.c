/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"
#include "query/query.h"

#define LIST_ON_A_TERMINAL 50
#define SHOW_AT_ONCE 100

static int
query_fault(const char *text, const struct query_error *error)
{
	struct buf clean = {0}, lead = {0};

	term_clean(text, true, &clean);
	term_clean(error->message, true, &lead);
	fprintf(stderr, "gazette: %s\n", buf_text(&lead));
	if (unicode_is_valid(text, strlen(text)))
		fprintf(
		    stderr, "  %s\n  %*s^\n", buf_text(&clean), error->position, "");
	buf_done(&clean);
	buf_done(&lead);
	return STATUS_USAGE;
}

int
verbs_query(const struct options *options, size_t first, struct buf *out)
{
	struct query_error error;
	struct query *query;
	struct buf text = {0};
	int status = 0;

	options_query(options, first, &text);
	if (text.len > 0 && query_parse(text.data, &query, &error) != 0)
		status = query_fault(text.data, &error);
	else if (text.len > 0) {
		query_print_instants(query, clock_wall(), zone_day_start, NULL, out);
		query_free(query);
	}
	buf_done(&text);
	return status;
}

long
verbs_limit(const struct options *options, long fallback)
{
	const char *text = options->value[OPTION_LIMIT];
	char *end;
	long limit;

	if (text == NULL)
		return fallback;
	errno = 0;
	limit = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0 || limit < 0) {
		fprintf(stderr, "gazette: -n %s: a whole number is needed\n", text);
		return -1;
	}
	return limit;
}

/* -- list ------------------------------------------------------------------------------ */

static int
list_pages(struct client *client, struct output *output,
    const struct options *options, const char *query, long limit)
{
	struct wire_object *reply;
	enum client_reply r;
	struct jsonw *w;
	int status;

	client_begin(client, &w);
	jsonw_text(w, "query", query);
	jsonw_bool(w, "all", options_has(options, OPTION_ALL));
	jsonw_text(
	    w, "order", options_has(options, OPTION_REVERSE) ? "oldest" : "newest");
	if (limit > 0)
		jsonw_int(w, "limit", limit);
	output_put_fields(output, w);
	status = client_call(client, "ListItems", true);
	if (status != 0)
		return status;
	do {
		r = client_next(client, &reply);
		if (r != CLIENT_FAILED)
			output_item(output, reply, "item");
	} while (r == CLIENT_MORE);
	return r == CLIENT_FAILED ? client_status(client) : 0;
}

/* How many there are in all, for the legend; -1: not known. */
static int64_t
count_all(struct client *client, const char *query, bool all)
{
	struct wire_object *reply;
	struct jsonw *w;
	int64_t total = -1;

	client_begin(client, &w);
	jsonw_text(w, "query", query);
	jsonw_bool(w, "all", all);
	if (client_call(client, "CountItems", false) == 0 &&
	    client_next(client, &reply) == CLIENT_LAST && reply != NULL)
		(void)wire_object_int(reply, "total", &total);
	return total;
}

int
verbs_list(const struct options *options)
{
	struct output output;
	struct client *client = NULL;
	struct buf query = {0};
	int64_t total = -1;
	long limit;
	int status;

	limit = verbs_limit(options, term_stdout_is_tty() ? LIST_ON_A_TERMINAL : 0);
	if (limit < 0)
		return STATUS_USAGE;
	status = output_init(&output, options);
	if (status == 0)
		status = verbs_query(options, 0, &query);
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		term_pager(options, false);
		client_set_query(client, buf_text(&query));
		status =
		    list_pages(client, &output, options, buf_text(&query), limit);
	}
	if (status == 0) {
		if (output.format == OUTPUT_TABLE && output.legend && !output.quiet)
			total = count_all(client, buf_text(&query),
			    options_has(options, OPTION_ALL));
		if (output.rows == 0 && output.quiet)
			status = STATUS_NO_MATCH;
		output_done(&output, "item", total);
	}
	client_close(client);
	buf_done(&query);
	return status;
}

/* -- show ------------------------------------------------------------------------------- */

static const char *
member(struct wire_object *item, const char *key)
{
	const char *value;

	return wire_object_text(item, key, &value) ? value : NULL;
}

static void
print_clean(const char *value, bool one_line)
{
	struct buf clean = {0};

	term_clean(value, one_line, &clean);
	fputs(buf_text(&clean), stdout);
	buf_done(&clean);
}

static void
print_link(const char *label, const char *value)
{
	if (value == NULL)
		return;
	printf("%s%-10s%s", term_on(TERM_DIM), label, term_off());
	print_clean(value, true);
	putchar('\n');
}

static void
gather(struct buf *line, const char *value)
{
	if (value != NULL)
		buf_printf(line, "%s%s", line->len > 0 ? ", " : "", value);
}

/* Its seconds, as people read them. */
static void
gather_duration(struct buf *line, struct wire_object *enclosure)
{
	struct buf json = {0};
	char text[CLOCK_TEXT];
	double seconds = 0;

	if (wire_object_json(enclosure, "duration_s", &json))
		seconds = strtod(json.data, NULL);
	if (seconds >= 1 && seconds < 1e9)
		gather(line,
		    clock_duration_format((msec_t)seconds * MSEC_PER_SEC, text));
	buf_done(&json);
}

static void
gather_size(struct buf *line, struct wire_object *enclosure)
{
	int64_t bytes;

	if (!wire_object_int(enclosure, "length", &bytes) || bytes == 0)
		return;
	gather(line, "");
	if (bytes < 1000000)
		buf_printf(line, "%.1f kB", (double)bytes / 1e3);
	else
		buf_printf(line, "%.1f MB", (double)bytes / 1e6);
}

/* URL (audio/mpeg, 1h 02m, 58.2 MB) */
static void
print_enclosure(struct wire_object *enclosure)
{
	struct buf line = {0}, details = {0};

	gather(&details, member(enclosure, "title"));
	gather(&details, member(enclosure, "type"));
	gather_duration(&details, enclosure);
	gather_size(&details, enclosure);
	gather(&line, member(enclosure, "url"));
	if (details.len > 0)
		buf_printf(&line, " (%s)", details.data);
	print_link("Enclosure", buf_text(&line));
	buf_done(&line);
	buf_done(&details);
}

static void
print_links(struct wire_object *item)
{
	struct wire_object *enclosure;
	size_t i;

	for (i = 0; wire_object_element(item, "enclosures", i, &enclosure); i++)
		print_enclosure(enclosure);
	print_link("Comments", member(item, "comments"));
}

/* LWN.net · 2026-09-25 14:02 · Author · revision 2 */
static void
print_head(struct wire_object *item)
{
	const char *title = member(item, "title"), *author = member(item, "author");
	const char *when = member(item, "published");
	struct buf date = {0};
	int64_t revision = 1, copies = 0;

	zone_show(when != NULL ? when : member(item, "seen"), &date);
	fputs(term_on(TERM_BOLD), stdout);
	print_clean(title != NULL ? title : "(no title)", true);
	printf("%s\n%s", term_off(), term_on(TERM_DIM));
	print_clean(member(item, "feed") != NULL ? member(item, "feed") : "", true);
	printf(" \xC2\xB7 %s", buf_text(&date));
	if (author != NULL) {
		printf(" \xC2\xB7 ");
		print_clean(author, true);
	}
	if (wire_object_int(item, "revision", &revision) && revision > 1)
		printf(" \xC2\xB7 revision %lld", (long long)revision);
	if (wire_object_int(item, "copies", &copies) && copies > 0)
		printf(" \xC2\xB7 +%lld %s", (long long)copies,
		    copies == 1 ? "copy" : "copies");
	printf("%s\n", term_off());
	buf_done(&date);
}

static void
show_text(struct wire_object *item, const struct options *options)
{
	const char *body =
	    member(item, options_has(options, OPTION_HTML) ? "html" : "text");

	print_head(item);
	print_link("Link",
	    member(item, "url") != NULL ? member(item, "url")
					: member(item, "link"));
	print_links(item);
	if (options_has(options, OPTION_LINKS))
		print_link("Published", member(item, "link"));
	if (body == NULL)
		body = member(item, "summary");
	if (body != NULL) {
		putchar('\n');
		print_clean(body, false);
		putchar('\n');
	}
}

static void
show_item(
    struct output *output, struct wire_object *reply, const struct options *options)
{
	struct wire_object *item;
	const char *raw;

	if (reply == NULL || !wire_object_object(reply, "item", &item))
		return;
	if (options_has(options, OPTION_RAW)) {
		raw = member(item, "raw");
		fputs(raw != NULL ? raw : "", stdout);
		output->rows++;
	} else if (options_has(options, OPTION_JSON) ||
	    options_has(options, OPTION_OUTPUT)) {
		output_item(output, reply, "item");
	} else {
		if (output->rows > 0)
			fputs("\n----\n\n", stdout);
		show_text(item, options);
		output->rows++;
	}
}

static void
put_show_fields(struct jsonw *w, const struct options *options)
{
	jsonw_array(w, "fields");
	if (options_has(options, OPTION_RAW))
		jsonw_text(w, NULL, "raw");
	else if (options_has(options, OPTION_HTML))
		jsonw_text(w, NULL, "html");
	else
		jsonw_text(w, NULL, "text");
	jsonw_close(w);
}

static int
show_ids(struct client *client, struct output *output, const struct options *options)
{
	struct wire_object *reply;
	struct jsonw *w;
	size_t i;
	int status;

	for (i = 0; i < options->arg_count; i++) {
		client_begin(client, &w);
		jsonw_int(w, "id", atoll(options->args[i]));
		put_show_fields(w, options);
		status = client_call_once(client, "GetItem", &reply);
		if (status != 0)
			return status;
		show_item(output, reply, options);
	}
	return 0;
}

static int
show_query(struct client *client, struct output *output,
    const struct options *options, const char *query)
{
	struct wire_object *reply;
	enum client_reply r;
	struct jsonw *w;
	long limit = verbs_limit(options, SHOW_AT_ONCE);
	int status;

	if (limit < 0)
		return STATUS_USAGE;
	client_begin(client, &w);
	jsonw_text(w, "query", query);
	jsonw_int(w, "limit", limit);
	put_show_fields(w, options);
	status = client_call(client, "ListItems", true);
	if (status != 0)
		return status;
	do {
		r = client_next(client, &reply);
		if (r != CLIENT_FAILED)
			show_item(output, reply, options);
	} while (r == CLIENT_MORE);
	return r == CLIENT_FAILED ? client_status(client) : 0;
}

int
verbs_show(const struct options *options)
{
	struct output output;
	struct client *client = NULL;
	struct buf query = {0};
	bool ids = options_are_ids(options, 0);
	int status;

	if (options->arg_count == 0) {
		fprintf(stderr,
		    "gazette show: which? Give an id (gazette list shows them) or "
		    "a query\n");
		return STATUS_USAGE;
	}
	if (options_has(options, OPTION_DIFF))
		return verbs_diff(options);
	if (options_has(options, OPTION_RAW) && term_stdout_is_tty()) {
		fprintf(stderr,
		    "gazette show: --raw is what a stranger wrote; it goes to a "
		    "file or a pipe, not to a terminal\n");
		return STATUS_USAGE;
	}
	status = output_init(&output, options);
	if (status == 0 && !ids)
		status = verbs_query(options, 0, &query);
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		term_pager(options, true);
		client_set_query(client, buf_text(&query));
		status = ids
		    ? show_ids(client, &output, options)
		    : show_query(client, &output, options, buf_text(&query));
		if (status == 0 && output.rows == 0) {
			fprintf(stderr, "gazette: no item matches\n");
			status = STATUS_NOT_FOUND;
		}
		output.legend = false;
		if (options_has(options, OPTION_OUTPUT))
			output_done(&output, "item", -1);
	}
	client_close(client);
	buf_done(&query);
	return status;
}

/* -- count ------------------------------------------------------------------------------- */

struct group {
	const char *key;
	int64_t count;
};

static int
largest_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->key, y->key);
}

/* COUNT TAB KEY, the largest first; days in their order. */
static void
print_groups(struct wire_object *groups, bool by_day)
{
	struct group *list = NULL;
	size_t count = 0, room = 0, i;
	const char *key;

	while ((key = wire_object_key(groups, count)) != NULL) {
		if (count == room) {
			room = room > 0 ? room * 2 : 64;
			list = realloc(list, room * sizeof(*list));
			if (list == NULL)
				abort();
		}
		list[count].key = key;
		list[count].count = 0;
		(void)wire_object_int(groups, key, &list[count].count);
		count++;
	}
	if (count > 0 && !by_day)
		qsort(list, count, sizeof(*list), largest_first);
	for (i = 0; i < count; i++) {
		printf("%lld\t", (long long)list[i].count);
		print_clean(list[i].key, true);
		putchar('\n');
	}
	free(list);
}

static int
print_count(struct client *client, const struct options *options, const char *query)
{
	const char *by = options->value[OPTION_BY];
	struct wire_object *reply, *groups;
	struct jsonw *w;
	int64_t total = 0;
	int status;

	client_begin(client, &w);
	jsonw_text(w, "query", query);
	jsonw_bool(w, "all", options_has(options, OPTION_ALL));
	jsonw_text(w, "group_by", by);
	status = client_call_once(client, "CountItems", &reply);
	if (status != 0)
		return status;
	(void)wire_object_int(reply, "total", &total);
	if (options_has(options, OPTION_QUIET))
		return total > 0 ? STATUS_OK : STATUS_NO_MATCH;
	if (by != NULL) {
		if (wire_object_object(reply, "groups", &groups))
			print_groups(groups, strcmp(by, "day") == 0);
	} else {
		printf("%lld\n", (long long)total);
	}
	return 0;
}

int
verbs_count(const struct options *options)
{
	const char *by = options->value[OPTION_BY];
	struct client *client = NULL;
	struct buf query = {0};
	int status;

	if (by != NULL && strcmp(by, "feed") != 0 && strcmp(by, "tag") != 0 &&
	    strcmp(by, "host") != 0 && strcmp(by, "day") != 0) {
		fprintf(
		    stderr, "gazette count: --by=%s: feed, tag, host or day\n", by);
		return STATUS_USAGE;
	}
	status = verbs_query(options, 0, &query);
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		client_set_query(client, buf_text(&query));
		status = print_count(client, options, buf_text(&query));
	}
	client_close(client);
	buf_done(&query);
	return status;
}
