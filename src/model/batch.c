/* SPDX-License-Identifier: ISC */
#include "model/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct batch *
batch_new(int64_t feed_id, size_t limit)
{
	struct batch *batch = xcalloc(1, sizeof(*batch));

	batch->feed_id = feed_id;
	batch->arena = arena_new(limit);
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	if (batch->free_owned != NULL)
		batch->free_owned(batch->owned);
	arena_free(batch->arena);
	free(batch);
}

/* Doubles at 8, 16, 32, ...: the old array stays in the arena, so the whole
 * costs at most twice the last size. */
static void *
grow(struct arena *arena, void *old, size_t count, size_t size)
{
	void *bigger;

	if (count != 0 && (count < 8 || (count & (count - 1)) != 0))
		return old;
	bigger = arena_alloc(arena, (count == 0 ? 8 : count * 2) * size);
	if (bigger != NULL && count > 0)
		memcpy(bigger, old, count * size);
	return bigger;
}

struct item *
batch_add_item(struct batch *batch)
{
	struct item *items;

	items = grow(batch->arena, batch->items, batch->item_count, sizeof(*items));
	if (items == NULL)
		return NULL;
	batch->items = items;
	return &items[batch->item_count++];
}

bool
batch_add_unchanged(struct batch *batch, uint64_t raw_hash)
{
	uint64_t *list;

	list = grow(
	    batch->arena, batch->unchanged, batch->unchanged_count, sizeof(*list));
	if (list == NULL)
		return false;
	batch->unchanged = list;
	list[batch->unchanged_count++] = raw_hash;
	return true;
}
