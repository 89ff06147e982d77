/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_NORMALISE_H
#define NORMALISE_NORMALISE_H

/*
 * Raw entry -> item: pure functions, each with a table-driven test.  Strings in
 * results live in the arena given.  Any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "model/batch.h"
#include "model/entry.h"
#include "model/item.h"

/* What an entry needs of its document. */
struct normalise_context {
	const char
	    *base; /* the URL that answered, else the feed's own link; or NULL */
	const char *feed_lang;
	const struct person
	    *feed_authors; /* of entries without an author; NULL: none are */
	msec_t now;        /* wall */
	bool keep_raw;
	struct arena *arena;
	struct buf scratch; /* reused from entry to entry; normalise_done frees it */
};
void normalise_done(struct normalise_context *context);

/* The feed's own title (plain), site, language, image.  0, or -E2BIG (arena). */
int normalise_feed(const struct raw_feed *raw, struct normalise_context *context,
    struct feed_meta *ret_meta);
/* POLLING 18 to 20 out of what the document says; the strings are the document's,
 * as published.  median_gap is the caller's, who has the entries. */
void normalise_hints(const struct raw_feed *raw, struct hints *ret_hints);
/* 0, or -E2BIG (arena full). */
int normalise_entry(const struct raw_entry *raw, struct normalise_context *context,
    struct item *ret_item);

/* A date in any form of FORMATS 33 to 36.  0, or -EINVAL: no date, never a guess. */
int normalise_date(const char *text, msec_t *ret_wall);
/* itunes:duration, npt: seconds (fractions kept), or -1. */
double normalise_duration(const char *text);

/* DEDUP 4.  The comparison key of a link, appended; a key is its own key.  Never
 * fetched, never shown.  False: it identifies nothing (a bare host). */
bool normalise_url_key(const char *url, struct buf *out);
/* CONTRACT 5's `url`: unwrapped (step 3) and without tracking parameters, nothing
 * else changed.  `url` itself when there is nothing to do. */
void normalise_url(const char *url, struct buf *out);

/* `ref` against `inner` (an xml:base, itself relative to `outer`; may be NULL), else
 * `outer`, else as it stands; appended.  False: empty, or a scheme that runs or
 * reads files, and nothing is appended. */
bool normalise_reference(
    const char *outer, const char *inner, const char *ref, struct buf *out);

/* Plain text of a text construct, one line or with blocks. */
void normalise_text(const struct text *text, bool one_line, struct buf *out);
/* Clean HTML of a text construct; plain text becomes escaped paragraphs. */
void normalise_html(const struct text *text, const char *base, struct buf *out);

/* The keys itunes, podcast and geo, and media, chapters and in_reply_to, as PARSE.md
 * has them, into the object that is open: only those that are there.  `base`: what
 * links resolve against, or NULL. */
void normalise_json_common(
    const struct common *c, const char *base, struct jsonw *w);
void normalise_json_entry(
    const struct raw_entry *raw, const char *base, bool sanitize, struct jsonw *w);

/* A non-negative whole number, as text; anything else is left out. */
void normalise_json_number(struct jsonw *w, const char *key, const char *text);

/* Hash of title and text as DEDUP 3 compares them: folded letters and digits, no
 * markup.  *ret_chars is how many went in. */
uint64_t normalise_fingerprint(
    const char *title, const char *text, uint32_t *ret_chars);

#endif
