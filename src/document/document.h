/* SPDX-License-Identifier: ISC */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

/*
 * One document, from bytes to items: decode -> parse (strict, then tolerant) ->
 * normalise.  For the fetcher, `gazette parse`, the benches and the fuzzers.
 * Pure; one thread an object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "model/batch.h"
#include "model/entry.h"
#include "model/outcome.h"

struct document;

/* What HTTP said, and what is wanted.  Strings are copied. */
struct document_options {
	const char *content_type, *content_language, *url; /* NULL: unknown */
	const uint64_t
	    *known; /* raw hashes last committed; lent until document_free */
	size_t known_count;
	size_t max_body;    /* decoded bytes; 0: LIMIT_BODY_BYTES */
	uint32_t max_items; /* kept: the newest; 0: LIMIT_ITEMS_KEPT */
	bool keep_raw, want_candidates;
	msec_t now; /* wall */
};

/* Loads what needs files (character sets), before a sandbox shuts. */
void document_warm(void);

struct document *document_new(const struct document_options *options);
void document_free(struct document *document); /* NULL is fine */
/* False: no more is wanted (a limit, or the end of the feed was seen and what
 * follows does not matter); document_end still says how it went. */
bool document_data(struct document *document, const char *data, size_t size);
/* The body is complete.  OUTCOME_OK; OUTCOME_BROKEN (with complete entries that
 * count); OUTCOME_NOT_A_FEED; OUTCOME_EMPTY; OUTCOME_TOO_BIG. */
enum outcome document_end(struct document *document);
/* One clean line: what is wrong, or NULL. */
const char *document_reason(const struct document *document);
/* Bytes held right now: body, arenas. */
size_t document_held(const struct document *document);
/* Of the bytes so far: also before document_end. */
struct hash128 document_body_hash(const struct document *document);

/* After document_end.  Fills `batch`'s meta, hints, items, unchanged, candidates,
 * kind, whole and cut, in slices of about `slice` microseconds of CPU.  1: call
 * again; 0: done; -E2BIG: the batch's arena is full (outcome TOO_BIG). */
int document_normalise(
    struct document *document, int64_t slice_usec, struct batch *batch);

const struct raw_feed *document_feed(const struct document *document);
size_t document_entry_count(const struct document *document);
const struct raw_entry *document_entry(
    const struct document *document, size_t index);

/* For whoever looks at a document before or without keeping it, after
 * document_end: members that say what it is, into an open object (format, encoding,
 * size, bozo, title, site, items, newest, ...); and what its publisher could make
 * better, a sentence each, into an open array. */
void document_report(const struct document *document, struct jsonw *w);
void document_warnings(const struct document *document, struct jsonw *w);

/* PARSE.md's JSON object, appended, without a line feed. */
void document_json(const struct document *document, bool sanitize, struct buf *out);

#endif
