/* SPDX-License-Identifier: ISC */
#ifndef WIRE_CODEC_H
#define WIRE_CODEC_H

/*
 * The primitives of a frame's payload; only for this folder.  Little endian;
 * a string is u32 length, the bytes and a NUL, an absent one the length
 * CODEC_ABSENT alone.  A reader never passes its end: the first fault is kept,
 * and every later call returns zero or NULL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define CODEC_ABSENT UINT32_MAX

void codec_put_u8(struct buf *out, uint8_t value);
void codec_put_bool(struct buf *out, bool value);
void codec_put_u32(struct buf *out, uint32_t value);
void codec_put_u64(struct buf *out, uint64_t value);
void codec_put_i64(struct buf *out, int64_t value);
/* NaN and infinities, which no reader takes, become `otherwise`. */
void codec_put_double(struct buf *out, double value, double otherwise);
/* Bytes that are not UTF-8 are sent as U+FFFD: a stage that let some through
 * costs a character, not the whole fetch. */
void codec_put_text(struct buf *out, const char *text);
/* The bytes as they are (headers, secrets, PEM). */
void codec_put_bytes(struct buf *out, const char *text);
void codec_put_blob(struct buf *out, const char *data, size_t size);

struct reader {
	const char *at;
	size_t left;
	bool bad;
};

void codec_init(struct reader *r, const char *data, size_t size);
/* 0 when all was read without a fault, else -EBADMSG. */
int codec_end(const struct reader *r);
void codec_fail(struct reader *r);

uint8_t codec_u8(struct reader *r);
bool codec_bool(struct reader *r);
uint32_t codec_u32(struct reader *r);
uint64_t codec_u64(struct reader *r);
int64_t codec_i64(struct reader *r);
/* Within [low, high], or a fault. */
int64_t codec_range(struct reader *r, int64_t low, int64_t high);
/* An enum's u8 below `count`. */
unsigned codec_enum(struct reader *r, unsigned count);
/* Finite. */
double codec_double(struct reader *r);
/* NULL when absent; UTF-8, no NUL inside. */
const char *codec_text(struct reader *r);
/* As codec_text, and absence is a fault: "" is returned then. */
const char *codec_must_text(struct reader *r);
/* As codec_text without the demand for UTF-8. */
const char *codec_bytes(struct reader *r);
/* Any bytes; NULL when absent. */
const char *codec_blob(struct reader *r, size_t *ret_size);
/* How many elements follow: at most `limit`, and no more than can stand in the
 * rest when each takes `least` bytes, so that an allocation for them is never
 * larger than what was really sent. */
size_t codec_count(struct reader *r, size_t least, size_t limit);
/* `count` elements of `size` bytes from `arena`, zeroed; NULL, and a fault when
 * `count` is not 0, if they do not fit. */
void *codec_array(struct reader *r, struct arena *arena, size_t count, size_t size);

#endif
