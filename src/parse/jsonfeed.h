/* SPDX-License-Identifier: ISC */
#ifndef PARSE_JSONFEED_H
#define PARSE_JSONFEED_H

/* What jsonfeed.c, the document, jsonitem.c, its members, and rssjson.c share. */
#include <jansson.h>

#include "parse/driver.h"

struct jsonfeed {
	struct parse *parse;
	struct buf body;    /* the whole document */
	struct buf scratch; /* one value, mended */
	struct level level; /* of the item being read */
	unsigned count;
	int error;
	void (*read_item)(
	    struct jsonfeed *j, struct raw_entry *entry, const json_t *object);
};

void jsonfeed_note(struct jsonfeed *j, const char *fault);
/* A member that is a string, trimmed; NULL: it is none. */
const char *jsonfeed_text(struct jsonfeed *j, const json_t *object, const char *key);
/* The same, NULL when empty. */
const char *jsonfeed_filled(
    struct jsonfeed *j, const json_t *object, const char *key);
/* A string or a number: its text as published. */
const char *jsonfeed_number_text(
    struct jsonfeed *j, const json_t *object, const char *key);

void jsonfeed_read_feed(struct jsonfeed *j, const json_t *object);
void jsonfeed_read_item(
    struct jsonfeed *j, struct raw_entry *entry, const json_t *object);

/* RSS as JSON (rssjson.c) */
void rss_json_version(struct jsonfeed *j, const json_t *rss);
void rss_json_channel(struct jsonfeed *j, const json_t *channel);
void rss_json_item(
    struct jsonfeed *j, struct raw_entry *entry, const json_t *object);

#endif
