/* SPDX-License-Identifier: ISC */
#ifndef DOCUMENT_INSIDE_H
#define DOCUMENT_INSIDE_H

/* What document.c and its writer share. */
#include "base/arena.h"
#include "decode/decode.h"
#include "document/document.h"
#include "parse/parse.h"

/* One way through the bytes: an encoding, and a parser. */
struct run {
	struct document *document;
	struct arena *arena;
	struct decode *decode;
	struct parse *parse; /* NULL until the syntax is known */
	bool tolerant;
	const char *force; /* an encoding, or NULL */
	struct raw_entry **entries;
	size_t count, room;
	int error;
};

struct document {
	char *content_type, *content_language, *url;
	const uint64_t *known;
	size_t known_count, max_body;
	uint32_t max_items;
	bool keep_raw, want_candidates;
	msec_t now;

	struct buf body; /* the bytes as they came: for the hash and a re-run */
	struct run *run; /* the one that counts */
	bool too_big, cut, damaged;
	bool ended;
	enum outcome outcome;
	char *reason;
	struct hash128 body_hash;
	char *base; /* what relative references resolve against, or NULL */

	/* document_normalise's place */
	uint64_t *sorted; /* known, for searching */
	size_t next;
	bool began;
	struct buf scratch;
};

#endif
