/* SPDX-License-Identifier: ISC */
#ifndef DECODE_INSIDE_H
#define DECODE_INSIDE_H

/* What decode.c (which encoding) and convert.c (reading it) share. */
#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "decode/guess.h"
#include "decode/label.h"
#include "decode/table.h"
#include "decode/utf8.h"

#define CARRY_BYTES 16 /* the longest character of any encoding, twice */

/*
 * How one document is read.  Whatever is ASCII below 0x80 with single bytes above
 * starts as UTF-8 (`now`), which most such documents are whatever they say, and
 * turns to `other` at the first sequence that is none, if no good one came before:
 * until then both readings are the same, so nothing needs to be taken back.  Who
 * was right is counted to the end, and decode_better says when it was the other.
 */
struct decode {
	decode_out_fn *out;
	void *arg;
	char *content_type, *force;

	const struct encoding *now;     /* bytes are read as this */
	const struct encoding *other;   /* what to turn to; NULL: `now` is sure */
	const struct encoding *claimed; /* by HTTP or the document; NULL: no one */
	const struct encoding *better;
	bool turned;         /* `now` was `other` once */
	bool single_claimed; /* UTF-8 must be nearly perfect to win over the claim */
	struct utf8_count count;
	size_t errors;       /* of what was read as something else than UTF-8 */
	struct guess *guess; /* nobody claimed anything but UTF-8; or NULL */
	size_t guess_from;   /* the offset of the first byte that is not UTF-8 */

	struct table *table; /* FORM_SINGLE */
	iconv_t cd;          /* FORM_MULTI; (iconv_t)-1: none */

	enum document_syntax syntax;
	const char *binary; /* what it is instead of text; or NULL */
	bool decided, started, stopped;
	char *head; /* until decided */
	size_t head_size;
	char carry[CARRY_BYTES];
	size_t carry_size;
	size_t offset; /* bytes consumed, for messages */
	char fault[160];
	size_t fault_at; /* SIZE_MAX: nowhere in particular */
};

/* The first fault is the one that is told. */
void decode_note(struct decode *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of one byte. */
void decode_note_at(struct decode *d, size_t at, const char *fault);
/* Makes `encoding` the one that bytes are read as. */
void convert_use(struct decode *d, const struct encoding *encoding);
/* Takes whole characters off the front and gives them out as UTF-8; how many bytes
 * those were.  What is left is the start of a character, to be seen again with
 * more behind it.  With `last` everything is taken. */
size_t convert_data(struct decode *d, const char *data, size_t size, bool last);
/* After the last: what the conversion still holds. */
void convert_end(struct decode *d);
/* The unit at `data`, of 2 or 4 bytes. */
uint32_t convert_unit(const char *data, unsigned width, bool big);

#endif
