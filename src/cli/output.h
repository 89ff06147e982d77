/* SPDX-License-Identifier: ISC */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/*
 * Items, events and feeds in the formats of CLI 3: table, short, ndjson, json,
 * tsv.  Rows are written as they come.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/options.h"
#include "wire/wire.h"

enum output_format {
	OUTPUT_TABLE,
	OUTPUT_SHORT,
	OUTPUT_NDJSON,
	OUTPUT_JSON,
	OUTPUT_TSV
};

struct output {
	enum output_format format;
	bool legend, full, kinds, quiet;
	bool reasons; /* short: why an item is in its story, as a fifth field */
	bool
	    offline; /* the daemon's network is down: feeds that never answered wait */
	int width;
	msec_t now;
	char *fields_text; /* --fields, cut apart */
	const char *fields[32];
	size_t field_count;
	size_t rows;
	struct buf line, cell, clean; /* scratch */
};

/* -o, --json, --fields and the rest.  0, or an exit status after saying why. */
int output_init(struct output *output, const struct options *options);
/* Which of text, html and raw --fields asks for: written as an array `fields`. */
void output_put_fields(const struct output *output, struct jsonw *w);
/* Why an item is in its story. */
const char *output_reason(struct wire_object *item);
/* `key`: the member of `parameters` that holds the object ("item", "feed",
 * "event"). */
void output_item(
    struct output *output, struct wire_object *parameters, const char *key);
void output_event(struct output *output, struct wire_object *parameters);
void output_feed(struct output *output, struct wire_object *parameters);
/* Ends an array, prints the legend ("3 of 9 items."; `total` < 0: unknown). */
void output_done(struct output *output, const char *noun, int64_t total);

/* A member that is a text; "" when it, or the object, is missing. */
const char *output_text(struct wire_object *object, const char *key);
/* The whole object as JSON, on a line of its own.  NULL is an empty one. */
void output_object(struct wire_object *object);

#endif
