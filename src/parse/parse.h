/* SPDX-License-Identifier: ISC */
#ifndef PARSE_PARSE_H
#define PARSE_PARSE_H

/*
 * UTF-8 text of a feed -> raw entries.  XML by expat as it streams in, or by the
 * tolerant tokenizer over the same handlers; JSON whole, item by item; of a page
 * the feeds that it links to.  Pure; one thread an object.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/entry.h"

struct parse;

enum parse_how {
	PARSE_XML_STRICT,   /* expat: stops at the first fault */
	PARSE_XML_TOLERANT, /* markup's tokenizer: never stops but at limits */
	PARSE_JSON,
	PARSE_PAGE /* no entries: title, base and links of the feed are filled */
};

/* An entry is complete (or the document ended inside it: then `complete` is
 * false).  It lives in the arena.  One that stood inside another comes before that
 * one; `index` has the document's order.  false: enough. */
typedef bool parse_entry_fn(void *arg, struct raw_entry *entry);

/* `arena` must outlive the parse.  `base`: the document's own address (copied),
 * or NULL.  `keep_raw`: fill raw_entry's raw. */
struct parse *parse_new(enum parse_how how, struct arena *arena, const char *base,
    bool keep_raw, parse_entry_fn *on_entry, void *arg);
void parse_free(struct parse *parse); /* NULL is fine */
/* 0; -EBADMSG: a fault (strict: run again tolerantly), or no feed's root; -E2BIG:
 * a limit was hit, the document ends here.  After an error further data is
 * ignored. */
int parse_data(struct parse *parse, const char *text, size_t size);
int parse_end(struct parse *parse);
/* What is known of the feed; complete after parse_end.  Never NULL; kind is
 * KIND_UNKNOWN while no feed was recognised. */
const struct raw_feed *parse_feed(const struct parse *parse);
/* True when tags were missing or wrong (tolerant run), members unreadable (JSON)
 * or the document was cut off: something may be lost.  False: only characters
 * were mended. */
bool parse_is_damaged(const struct parse *parse);
/* The root element was closed: what follows does not matter. */
bool parse_is_over(const struct parse *parse);
/* Why, after an error or a tolerated fault: "xml: ...", "json: ..."; NULL: none.
 * Line is 1-based, 0 unknown. */
const char *parse_fault(const struct parse *parse, unsigned long *ret_line);

#endif
