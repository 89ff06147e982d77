/* SPDX-License-Identifier: ISC */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

/*
 * The full-text index follows the items at the end of each transaction.  FTS5
 * writes out all that it has gathered at every savepoint, and most statements
 * have one of their own: between them each item would become a segment (measured:
 * five times the cost).  Writer thread.
 */
#include <stddef.h>
#include <stdint.h>

struct index_queue;
struct tx;

struct index_queue *index_new(void);
void index_free(struct index_queue *queue); /* NULL is fine */
/* The item is new. */
void index_add(struct tx *tx, int64_t id);
/* It is about to change or go: call before its rows do. */
int index_touch(struct tx *tx, int64_t id);
/* For a job that is rolled back: what was queued since the mark is forgotten. */
size_t index_mark(const struct index_queue *queue);
void index_forget(struct index_queue *queue, size_t mark);
/* Brings the index up to date; the queue is empty then. */
int index_write(struct tx *tx);

#endif
