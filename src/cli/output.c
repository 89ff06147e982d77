/* SPDX-License-Identifier: ISC */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/zone.h"

#define ID_COLUMNS 6
#define AGE_COLUMNS 5
#define FEED_COLUMNS 16

/* -- Options ------------------------------------------------------------------------ */

static const char *const format_names[] = {
    [OUTPUT_TABLE] = "table",
    [OUTPUT_SHORT] = "short",
    [OUTPUT_NDJSON] = "ndjson",
    [OUTPUT_JSON] = "json",
    [OUTPUT_TSV] = "tsv",
};
/* Of CLI 3, built later. */
static const char *const later[] = {"json-seq", "csv", "text0", "sfeed", "mbox",
    "maildir", "atom", "jsonfeed", "opml", "html"};

static int
choose_format(struct output *output, const char *name)
{
	size_t i, size = strcspn(name, ":");

	for (i = 0; i < sizeof(format_names) / sizeof(format_names[0]); i++) {
		if (strcmp(format_names[i], name) == 0) {
			output->format = (enum output_format)i;
			return 0;
		}
	}
	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (strlen(later[i]) == size && strncmp(later[i], name, size) == 0) {
			fprintf(stderr,
			    "gazette: -o %s: not available in this version\n", name);
			return STATUS_USAGE;
		}
	}
	fprintf(stderr,
	    "gazette: -o %s: no such format; there are table, short, ndjson, "
	    "json and tsv\n",
	    name);
	return STATUS_USAGE;
}

static int
choose_fields(struct output *output, const char *list)
{
	char *rest, *name;

	output->fields_text = xstrdup(list);
	rest = output->fields_text;
	while ((name = strsep(&rest, ", ")) != NULL) {
		if (*name == '\0')
			continue;
		if (output->field_count ==
		    sizeof(output->fields) / sizeof(output->fields[0])) {
			fprintf(stderr, "gazette: --fields: too many\n");
			return STATUS_USAGE;
		}
		output->fields[output->field_count++] = name;
	}
	return 0;
}

int
output_init(struct output *output, const struct options *options)
{
	const char *name = options->value[OPTION_OUTPUT];
	int status = 0;

	*output = (struct output){0};
	output->now = clock_wall();
	output->format = term_stdout_is_tty() ? OUTPUT_TABLE : OUTPUT_SHORT;
	output->legend = !options_has(options, OPTION_NO_LEGEND);
	output->full = options_has(options, OPTION_FULL);
	output->quiet = options_has(options, OPTION_QUIET);
	output->kinds = options_has(options, OPTION_KINDS);
	output->width = term_width();
	if (options_has(options, OPTION_JSON))
		output->format = OUTPUT_NDJSON;
	if (name != NULL)
		status = choose_format(output, name);
	if (status == 0 && options_has(options, OPTION_FIELDS)) {
		status = choose_fields(output, options->value[OPTION_FIELDS]);
		if (status == 0 && output->format != OUTPUT_JSON &&
		    output->format != OUTPUT_NDJSON &&
		    output->format != OUTPUT_TSV) {
			fprintf(stderr,
			    "gazette: --fields goes with --json, -o json or "
			    "-o tsv\n");
			status = STATUS_USAGE;
		}
	}
	return status;
}

void
output_put_fields(const struct output *output, struct jsonw *w)
{
	size_t i;

	jsonw_array(w, "fields");
	for (i = 0; i < output->field_count; i++) {
		if (strcmp(output->fields[i], "text") == 0 ||
		    strcmp(output->fields[i], "html") == 0 ||
		    strcmp(output->fields[i], "raw") == 0)
			jsonw_text(w, NULL, output->fields[i]);
	}
	jsonw_close(w);
}

/* -- Rows ---------------------------------------------------------------------------- */

const char *
output_text(struct wire_object *object, const char *key)
{
	const char *value;

	return object != NULL && wire_object_text(object, key, &value) ? value : "";
}

static int64_t
number(struct wire_object *object, const char *key)
{
	int64_t value;

	return object != NULL && wire_object_int(object, key, &value) ? value : 0;
}

static bool
flag(struct wire_object *object, const char *key)
{
	bool value;

	return object != NULL && wire_object_bool(object, key, &value) && value;
}

static void
finish_line(struct output *output)
{
	buf_putc(&output->line, '\n');
	fwrite(output->line.data, 1, output->line.len, stdout);
}

/* One cell of `columns`, cut and padded; the last one is not padded. */
static void
cell(struct output *output, const char *value, int columns, bool last)
{
	buf_reset(&output->clean);
	term_clean(value, true, &output->clean);
	if (last && output->full)
		buf_puts(&output->line, buf_text(&output->clean));
	else
		(void)term_fit(
		    buf_text(&output->clean), columns, !last, &output->line);
	if (!last)
		buf_putc(&output->line, ' ');
}

/* A further field of short; tabs and line feeds cannot break a row. */
static void
short_field(struct output *output, const char *value)
{
	buf_putc(&output->line, '\t');
	term_clean(value, true, &output->line);
}

static void
tsv_field(struct output *output, const char *value)
{
	const char *c;

	buf_reset(&output->clean);
	term_clean(value, false, &output->clean);
	for (c = buf_text(&output->clean); *c != '\0'; c++) {
		if (*c == '\t')
			buf_puts(&output->line, "\\t");
		else if (*c == '\n')
			buf_puts(&output->line, "\\n");
		else if (*c == '\\')
			buf_puts(&output->line, "\\\\");
		else
			buf_putc(&output->line, *c);
	}
}

/* Any member as text: strings bare, arrays of strings blank-separated. */
static const char *
member(struct output *output, struct wire_object *object, const char *key)
{
	const char *const *list;
	struct arena *arena;
	size_t count, i;
	const char *value;

	buf_reset(&output->cell);
	if (wire_object_text(object, key, &value)) {
		buf_puts(&output->cell, value);
	} else {
		arena = arena_new(1 << 20);
		if (wire_object_texts(object, key, arena, &list, &count)) {
			for (i = 0; i < count; i++)
				buf_printf(&output->cell, "%s%s", i > 0 ? " " : "",
				    list[i]);
		} else {
			(void)wire_object_json(object, key, &output->cell);
		}
		arena_free(arena);
	}
	return buf_text(&output->cell);
}

static void
json_row(struct output *output, struct wire_object *parameters, const char *key,
    struct wire_object *object)
{
	struct jsonw w;
	size_t i;

	if (output->format == OUTPUT_JSON)
		buf_puts(&output->line, output->rows == 0 ? "[" : ",");
	if (output->field_count == 0) {
		(void)wire_object_json(parameters, key, &output->line);
	} else {
		jsonw_init(&w, &output->line);
		jsonw_object(&w, NULL);
		jsonw_int(&w, "v", 1);
		for (i = 0; i < output->field_count; i++) {
			buf_reset(&output->cell);
			if (wire_object_json(
				object, output->fields[i], &output->cell))
				jsonw_raw(&w, output->fields[i], output->cell.data,
				    output->cell.len);
		}
		jsonw_close(&w);
	}
	finish_line(output);
}

static void
tsv_row(struct output *output, struct wire_object *object,
    const char *const *columns, size_t count)
{
	size_t i;

	if (output->field_count > 0) {
		columns = output->fields;
		count = output->field_count;
	}
	if (output->rows == 0) {
		for (i = 0; i < count; i++)
			printf("%s%s", i > 0 ? "\t" : "", columns[i]);
		putchar('\n');
	}
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_putc(&output->line, '\t');
		tsv_field(output, member(output, object, columns[i]));
	}
	finish_line(output);
}

/* The title, cut to what the row has left, and "[+2 copies]", which stays. */
static void
title_cell(struct output *output, const char *title, int64_t copies, int room)
{
	char mark[40] = "";
	int taken = 0;

	if (copies > 0)
		taken = snprintf(mark, sizeof(mark), "  [+%lld %s]",
		    (long long)copies, copies == 1 ? "copy" : "copies");
	room -= taken;
	cell(output, title, room > 20 ? room : 20, true);
	buf_puts(&output->line, mark);
}

static void
item_table_row(struct output *output, struct wire_object *item)
{
	bool unread = !flag(item, "read");
	struct buf title = {0}, age = {0};
	int room = output->width - ID_COLUMNS - AGE_COLUMNS - FEED_COLUMNS - 4;

	if (output->rows == 0 && output->legend)
		printf("%s%*s %-*s %-*s %s%s\n", term_on(TERM_DIM), ID_COLUMNS, "ID",
		    AGE_COLUMNS, "SEEN", FEED_COLUMNS, "FEED", "TITLE", term_off());
	buf_printf(
	    &output->line, "%*lld ", ID_COLUMNS, (long long)number(item, "id"));
	zone_show_age(output_text(item, "seen"), output->now, &age);
	cell(output, buf_text(&age), AGE_COLUMNS, false);
	cell(output, output_text(item, "feed"), FEED_COLUMNS, false);
	if (flag(item, "starred"))
		buf_puts(&title, "* ");
	buf_puts(&title,
	    *output_text(item, "title") != '\0' ? output_text(item, "title")
		: *output_text(item, "summary") != '\0'
		? output_text(item, "summary")
		: output_text(item, "url"));
	buf_puts(&output->line, unread ? term_on(TERM_BOLD) : "");
	title_cell(output, buf_text(&title), number(item, "copies"), room);
	buf_puts(&output->line, unread ? term_off() : "");
	finish_line(output);
	buf_done(&title);
	buf_done(&age);
}

const char *
output_reason(struct wire_object *item)
{
	const char *reason;

	return wire_object_text(item, "reason", &reason) ? reason
							 : "began the story";
}

static void
item_short_row(struct output *output, struct wire_object *item, const char *fifth)
{
	buf_printf(&output->line, "%lld", (long long)number(item, "id"));
	short_field(output, output_text(item, "seen"));
	short_field(output, output_text(item, "feed"));
	short_field(output, output_text(item, "title"));
	if (fifth != NULL)
		short_field(output, fifth);
	finish_line(output);
}

void
output_item(struct output *output, struct wire_object *parameters, const char *key)
{
	static const char *const columns[] = {
	    "id", "seen", "feed", "title", "url", "tags", "read", "starred"};
	struct wire_object *item;

	if (parameters == NULL || !wire_object_object(parameters, key, &item))
		return;
	buf_reset(&output->line);
	if (output->quiet)
		;
	else if (output->format == OUTPUT_TABLE)
		item_table_row(output, item);
	else if (output->format == OUTPUT_SHORT)
		item_short_row(
		    output, item, output->reasons ? output_reason(item) : NULL);
	else if (output->format == OUTPUT_TSV)
		tsv_row(output, item, columns, sizeof(columns) / sizeof(columns[0]));
	else
		json_row(output, parameters, key, item);
	output->rows++;
}

/* 14:02:11 new      58230 debian-security  title */
static void
event_table_row(struct output *output, struct wire_object *event)
{
	struct wire_object *item = NULL, *feed = NULL;
	const char *kind = output_text(event, "kind");
	struct buf title = {0};
	int64_t copies = 0;

	(void)wire_object_object(event, "item", &item);
	(void)wire_object_object(event, "feed", &feed);
	zone_show_clock(output_text(event, "time"), &output->line);
	buf_printf(&output->line, " %-8s ",
	    strncmp(kind, "item_", 5) == 0 ? kind + 5 : kind);
	if (item != NULL) {
		buf_printf(&output->line, "%*lld ", ID_COLUMNS,
		    (long long)number(item, "id"));
		cell(output, output_text(item, "feed"), FEED_COLUMNS, false);
		buf_puts(&title, output_text(item, "title"));
		copies = number(item, "copies");
	} else {
		cell(output, output_text(feed, "name"),
		    FEED_COLUMNS + ID_COLUMNS + 1, false);
		buf_puts(&title,
		    *output_text(feed, "last_error") != '\0'
			? output_text(feed, "last_error")
			: output_text(feed, "title"));
	}
	title_cell(output, buf_text(&title), copies, output->width - 44);
	finish_line(output);
	buf_done(&title);
}

void
output_event(struct output *output, struct wire_object *parameters)
{
	struct wire_object *event, *item = NULL;

	if (parameters == NULL || !wire_object_object(parameters, "event", &event))
		return;
	(void)wire_object_object(event, "item", &item);
	buf_reset(&output->line);
	if (output->quiet)
		;
	else if (output->format == OUTPUT_TABLE)
		event_table_row(output, event);
	else if (output->format == OUTPUT_SHORT || output->format == OUTPUT_TSV)
		item_short_row(
		    output, item, output->kinds ? output_text(event, "kind") : NULL);
	else
		json_row(output, parameters, "event", event);
	output->rows++;
}

/* "in 4m"; "due" when its turn has come and it waits for a place or the network. */
static void
next_cell(struct output *output, const char *next)
{
	msec_t wall;

	buf_reset(&output->cell);
	if (clock_parse(next, &wall) == 0 && wall <= output->now)
		buf_puts(&output->cell, "due");
	else
		zone_show_age(next, output->now, &output->cell);
	cell(output, buf_text(&output->cell), 7, false);
}

static void
feed_table_row(struct output *output, struct wire_object *feed)
{
	const int used = 21 + 9 + 7 + 8 + 8 + 7;
	const char *error = output_text(feed, "last_error");
	int room = output->width - used;

	if (output->rows == 0 && output->legend)
		printf("%s%-20s %-8s %6s %-7s %-7s %5s  %s%s\n", term_on(TERM_DIM),
		    "FEED", "STATE", "ITEMS", "LAST OK", "NEXT", "FAILS", "ERROR",
		    term_off());
	cell(output, output_text(feed, "name"), 20, false);
	cell(output, output_text(feed, "state"), 8, false);
	buf_printf(&output->line, "%6lld ", (long long)number(feed, "items"));
	buf_reset(&output->cell);
	zone_show_age(output_text(feed, "last_success"), output->now, &output->cell);
	cell(output, buf_text(&output->cell), 7, false);
	next_cell(output, output_text(feed, "next_fetch"));
	buf_printf(&output->line, "%5lld  ", (long long)number(feed, "failures"));
	if (*error == '\0' && output->offline &&
	    *output_text(feed, "last_success") == '\0')
		error = "offline: waits for the network";
	cell(output, error, room > 20 ? room : 20, true);
	while (
	    output->line.len > 0 && output->line.data[output->line.len - 1] == ' ')
		output->line.data[--output->line.len] = '\0';
	finish_line(output);
}

static void
feed_short_row(struct output *output, struct wire_object *feed)
{
	char failures[24];

	term_clean(output_text(feed, "name"), true, &output->line);
	short_field(output, output_text(feed, "state"));
	short_field(output, output_text(feed, "last_success"));
	(void)snprintf(
	    failures, sizeof(failures), "%lld", (long long)number(feed, "failures"));
	short_field(output, failures);
	short_field(output, output_text(feed, "url"));
	finish_line(output);
}

void
output_feed(struct output *output, struct wire_object *parameters)
{
	static const char *const columns[] = {
	    "name", "state", "last_success", "failures", "url"};
	struct wire_object *feed;

	if (parameters == NULL || !wire_object_object(parameters, "feed", &feed))
		return;
	buf_reset(&output->line);
	if (output->quiet)
		;
	else if (output->format == OUTPUT_TABLE)
		feed_table_row(output, feed);
	else if (output->format == OUTPUT_SHORT)
		feed_short_row(output, feed);
	else if (output->format == OUTPUT_TSV)
		tsv_row(output, feed, columns, sizeof(columns) / sizeof(columns[0]));
	else
		json_row(output, parameters, "feed", feed);
	output->rows++;
}

void
output_done(struct output *output, const char *noun, int64_t total)
{
	if (output->format == OUTPUT_JSON && !output->quiet)
		fputs(output->rows == 0 ? "[]\n" : "]\n", stdout);
	if (output->format == OUTPUT_TABLE && output->legend && !output->quiet) {
		fflush(stdout);
		if (total >= 0)
			fprintf(stderr, "%s%zu of %lld %s%s.%s\n", term_on(TERM_DIM),
			    output->rows, (long long)total, noun,
			    total == 1 ? "" : "s", term_off());
		else
			fprintf(stderr, "%s%zu %s%s.%s\n", term_on(TERM_DIM),
			    output->rows, noun, output->rows == 1 ? "" : "s",
			    term_off());
	}
	free(output->fields_text);
	buf_done(&output->line);
	buf_done(&output->cell);
	buf_done(&output->clean);
}

void
output_object(struct wire_object *object)
{
	struct buf line = {0}, member = {0};
	struct jsonw w;
	const char *key;
	size_t i;

	jsonw_init(&w, &line);
	jsonw_object(&w, NULL);
	for (i = 0; object != NULL && (key = wire_object_key(object, i)) != NULL;
	    i++) {
		buf_reset(&member);
		if (wire_object_json(object, key, &member))
			jsonw_raw(&w, key, member.data, member.len);
	}
	jsonw_close(&w);
	puts(buf_text(&line));
	fflush(stdout);
	buf_done(&line);
	buf_done(&member);
}
