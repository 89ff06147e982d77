/* SPDX-License-Identifier: ISC */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

/* A frame's head, and what requests and batches share; only for this folder. */
#include "wire/codec.h"
#include "wire/wire.h"

/* Begins a frame and returns where; frame_close fills in its length. */
size_t frame_open(enum wire_type type, struct buf *out);
void frame_close(size_t start, struct buf *out);

void frame_put_validators(const struct validators *validators, struct buf *out);
void frame_get_validators(struct reader *r, struct validators *ret);
void frame_put_hash(struct hash128 hash, struct buf *out);
struct hash128 frame_get_hash(struct reader *r);

#endif
