/* SPDX-License-Identifier: ISC */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

/*
 * A min-heap of nodes that live in their owners' structs: no allocation per
 * element, any element can be moved or removed in O(log n).  One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;
	size_t place; /* 1-based; 0: in no heap */
};

struct heap {
	struct heap_node **node; /* node[1] is the smallest */
	size_t count, room;
};

/* `struct heap h = {0};` is empty. */
void heap_put(struct heap *heap, struct heap_node *node, int64_t key); /* or move */
void heap_remove(
    struct heap *heap, struct heap_node *node);        /* fine when not in it */
struct heap_node *heap_first(const struct heap *heap); /* NULL when empty */
bool heap_has(const struct heap_node *node);
void heap_done(struct heap *heap);

#endif
