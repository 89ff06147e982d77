/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ITEM_H
#define MODEL_ITEM_H

/*
 * An entry made ready to store: URLs resolved, dates read, HTML cleaned, text
 * plain.  Strings are UTF-8 without NUL, NULL when absent, and live in the
 * batch's arena (or the frame it was received in).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"
#include "model/entry.h"

/* Where the date that an item is shown with comes from. */
enum date_source { DATE_SEEN, DATE_HEADER, DATE_UPDATED, DATE_PUBLISHED };
const char *date_source_name(enum date_source source); /* "seen", "published", ... */

/* As in struct enclosure, resolved; and as a table row a plain array here. */
struct item_enclosure {
	const char *url, *type, *title, *medium;
	int64_t length;        /* bytes; -1: unknown */
	double duration_s;     /* -1: unknown */
	int32_t width, height; /* 0: unknown */
};

struct item {
	/* Identity within its feed: DEDUP 3 */
	const char *guid; /* as published, trimmed */
	const char *link; /* as published, resolved */
	const char *url;  /* link freed of wrappers and tracking (CONTRACT 5) */
	uint64_t url_key; /* hash of the URL key (DEDUP 4); 0: identifies nothing */
	uint64_t
	    content_hash;  /* of normalised title and text: DEDUP 3 pass 3, and fp */
	uint64_t raw_hash; /* of the entry's bytes, as in struct raw_entry */
	uint32_t content_chars; /* characters that content_hash was made of */

	const char *title;   /* plain, one line */
	const char *author;  /* names, ", " between them */
	const char *summary; /* plain, at most LIMIT_SUMMARY_CHARS characters */
	const char *text;    /* plain, whole */
	const char *html;    /* sanitised */
	const char *raw;     /* as the feed had it: the entry's markup or JSON */
	const char *lang;
	const char *image;
	const char *comments; /* URL */
	const char
	    *meta; /* a JSON object of PARSE.md's rarer keys (itunes, podcast, media,
			   * geo, ...), or NULL */
	msec_t published, updated; /* 0: the feed does not say */
	const struct item_enclosure *enclosures;
	size_t enclosure_count;
	const char *const *categories; /* terms */
	size_t category_count;
};

#endif
