/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

/*
 * Writes compact JSON into a buffer.  Strings must be UTF-8; bytes that are not
 * become U+FFFD.  C0, DEL and C1 are escaped, so the output is always one line
 * and moves no terminal.  One thread.
 *
 *	struct jsonw w;
 *	jsonw_init(&w, &buf);
 *	jsonw_object(&w, NULL);
 *	jsonw_text(&w, "title", title);	// NULL: nothing is written
 *	jsonw_close(&w);
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

#define JSONW_DEPTH 64

struct jsonw {
	struct buf *out;
	unsigned depth;
	bool comma[JSONW_DEPTH + 1]; /* something stands before at this depth */
	char closer[JSONW_DEPTH + 1];
};

void jsonw_init(struct jsonw *w, struct buf *out);
/* `key` is NULL inside arrays and at the top. */
void jsonw_object(struct jsonw *w, const char *key);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_close(struct jsonw *w); /* the innermost object or array */
void jsonw_text(struct jsonw *w, const char *key, const char *text);
/* Nothing, too, when it is empty. */
void jsonw_filled(struct jsonw *w, const char *key, const char *text);
void jsonw_textn(struct jsonw *w, const char *key, const char *text, size_t size);
void jsonw_int(struct jsonw *w, const char *key, int64_t number);
/* Shortest form that reads back equal; NaN and infinities are left out. */
void jsonw_double(struct jsonw *w, const char *key, double number);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
/* RFC 3339 UTC with milliseconds; `wall` 0 writes nothing. */
void jsonw_time(struct jsonw *w, const char *key, msec_t wall);
/* `json` is one complete value already. */
void jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t size);

/* One JSON string, quotes included. */
void jsonw_quote(struct buf *out, const char *text, size_t size);

#endif
