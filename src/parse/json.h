/* SPDX-License-Identifier: ISC */
#ifndef PARSE_JSON_H
#define PARSE_JSON_H

/* What json.c and rssjson.c share. */
#include <jansson.h>

#include "parse/driver.h"

struct json_feed {
	struct parse *parse;
	struct buf body;    /* the whole document */
	struct buf scratch; /* one value, mended */
	struct level level; /* of the item being read */
	unsigned count;
	int error;
	void (*read_item)(
	    struct json_feed *j, struct raw_entry *entry, const json_t *object);
};

void json_note(struct json_feed *j, const char *fault);
/* A member that is a string, trimmed; NULL: it is none. */
const char *json_text(struct json_feed *j, const json_t *object, const char *key);
/* The same, NULL when empty. */
const char *json_filled(struct json_feed *j, const json_t *object, const char *key);
/* A string or a number: its text as published. */
const char *json_number_text(
    struct json_feed *j, const json_t *object, const char *key);

void json_read_item(
    struct json_feed *j, struct raw_entry *entry, const json_t *object);

/* RSS as JSON (rssjson.c) */
void rss_json_version(struct json_feed *j, const json_t *rss);
void rss_json_channel(struct json_feed *j, const json_t *channel);
void rss_json_item(
    struct json_feed *j, struct raw_entry *entry, const json_t *object);

#endif
