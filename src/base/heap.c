/* SPDX-License-Identifier: ISC */
#include "base/heap.h"

#include <stdlib.h>

#include "base/xalloc.h"

static void
set(struct heap *heap, size_t place, struct heap_node *node)
{
	heap->node[place] = node;
	node->place = place;
}

static void
rise(struct heap *heap, size_t place, struct heap_node *node)
{
	while (place > 1 && heap->node[place / 2]->key > node->key) {
		set(heap, place, heap->node[place / 2]);
		place /= 2;
	}
	set(heap, place, node);
}

static void
sink(struct heap *heap, size_t place, struct heap_node *node)
{
	size_t child;

	while ((child = place * 2) <= heap->count) {
		if (child < heap->count &&
		    heap->node[child + 1]->key < heap->node[child]->key)
			child++;
		if (heap->node[child]->key >= node->key)
			break;
		set(heap, place, heap->node[child]);
		place = child;
	}
	set(heap, place, node);
}

void
heap_put(struct heap *heap, struct heap_node *node, int64_t key)
{
	int64_t old = node->key;

	node->key = key;
	if (node->place == 0) {
		if (heap->count + 1 >= heap->room) {
			heap->room = heap->room > 0 ? heap->room * 2 : 16;
			heap->node =
			    xrealloc(heap->node, heap->room * sizeof(*heap->node));
		}
		rise(heap, ++heap->count, node);
	} else if (key < old) {
		rise(heap, node->place, node);
	} else {
		sink(heap, node->place, node);
	}
}

void
heap_remove(struct heap *heap, struct heap_node *node)
{
	struct heap_node *last;
	size_t place = node->place;

	if (place == 0)
		return;
	node->place = 0;
	last = heap->node[heap->count--];
	if (last == node)
		return;
	if (place > 1 && heap->node[place / 2]->key > last->key)
		rise(heap, place, last);
	else
		sink(heap, place, last);
}

struct heap_node *
heap_first(const struct heap *heap)
{
	return heap->count > 0 ? heap->node[1] : NULL;
}

bool
heap_has(const struct heap_node *node)
{
	return node->place != 0;
}

void
heap_done(struct heap *heap)
{
	free(heap->node);
	*heap = (struct heap){0};
}
