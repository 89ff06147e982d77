/* SPDX-License-Identifier: ISC */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

/*
 * Bytes -> UTF-8, and what kind of document this is (FORMATS 1 to 9).  Streams:
 * as soon as enough bytes are there to decide (1 KiB, or the end) UTF-8 comes
 * out.  Output is always valid UTF-8 without characters that XML forbids.
 * Pure; one thread an object.
 */
#include <stdbool.h>
#include <stddef.h>

#include "model/entry.h"

struct decode;

/* Receives decoded bytes, cut anywhere between characters.  false: stop, no more
 * is wanted. */
typedef bool decode_out_fn(void *arg, const char *text, size_t size);

/* `content_type`: the whole HTTP value, or NULL; only its charset matters.
 * `force`: an encoding name to use whatever the document says (a re-run), or
 * NULL. */
struct decode *decode_new(
    const char *content_type, const char *force, decode_out_fn *out, void *arg);
void decode_free(struct decode *decode); /* NULL is fine */
/* False once `out` said stop, or for what is no text. */
bool decode_data(struct decode *decode, const char *data, size_t size);
bool decode_end(struct decode *decode);

/* Valid once decode_data has called `out`, or after decode_end. */
enum document_syntax decode_syntax(const struct decode *decode);
/* NULL, or what this is that is no text at all: "a PNG image".  Nothing comes out. */
const char *decode_binary(const struct decode *decode);
const char *decode_encoding(
    const struct decode *decode); /* lower case, WHATWG name */
/* NULL, or why a fault must be told: "encoding: ..." (PARSE.md's bozo_reason). */
const char *decode_fault(const struct decode *decode);
/* The byte of the document that it is about; SIZE_MAX: none in particular. */
size_t decode_fault_at(const struct decode *decode);
/* After decode_end: the bytes were mostly not what they claimed to be; running
 * again with this `force` will do better.  NULL: no need. */
const char *decode_better(const struct decode *decode);

/* Loads iconv's modules, before a sandbox shuts. */
void decode_warm(void);
/* A WHATWG label (any case, blanks trimmed) to its encoding's name, or NULL. */
const char *decode_label(const char *label, size_t size);

#endif
