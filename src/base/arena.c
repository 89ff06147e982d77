/* SPDX-License-Identifier: ISC */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A small document fits the first block; later blocks double up to this. */
#define BLOCK_FIRST 4096
#define BLOCK_LARGEST (256 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *head; /* the one being filled */
	size_t limit, used, next_size;
	int full;
};

struct arena *
arena_new(size_t limit)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->limit = limit;
	arena->next_size = BLOCK_FIRST;
	return arena;
}

void
arena_free(struct arena *arena)
{
	struct block *block, *next;

	if (arena == NULL)
		return;
	for (block = arena->head; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct block *
block_add(struct arena *arena, size_t size)
{
	struct block *block;
	int alone = size > arena->next_size / 2;
	size_t room = alone ? size : arena->next_size;

	block = malloc(sizeof(*block) + room);
	if (block == NULL)
		return NULL;
	block->size = room;
	block->used = 0;
	if (alone && arena->head != NULL) {
		/* Keep filling the block at the head: it has room left. */
		block->next = arena->head->next;
		arena->head->next = block;
		return block;
	}
	block->next = arena->head;
	arena->head = block;
	if (!alone && arena->next_size < BLOCK_LARGEST)
		arena->next_size *= 2;
	return block;
}

static void *
take(struct arena *arena, size_t size)
{
	struct block *block = arena->head;
	size_t rounded;
	void *ptr;

	rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (rounded < size || rounded > arena->limit - arena->used)
		goto full;
	if (block == NULL || block->size - block->used < rounded)
		block = block_add(arena, rounded);
	if (block == NULL)
		goto full;
	ptr = block->data + block->used;
	block->used += rounded;
	arena->used += rounded;
	return ptr;
full:
	arena->full = 1;
	return NULL;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *ptr = take(arena, size > 0 ? size : 1);

	return ptr != NULL ? memset(ptr, 0, size) : NULL;
}

char *
arena_dup(struct arena *arena, const void *data, size_t size)
{
	char *copy;

	if (size == SIZE_MAX) {
		arena->full = 1;
		return NULL;
	}
	copy = take(arena, size + 1);
	if (copy == NULL)
		return NULL;
	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return text != NULL ? arena_dup(arena, text, strlen(text)) : NULL;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(n >= 0);
	text = take(arena, (size_t)n + 1);
	if (text == NULL)
		return NULL;
	va_start(args, format);
	(void)vsnprintf(text, (size_t)n + 1, format, args); /* measured above */
	va_end(args);
	return text;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

int
arena_is_full(const struct arena *arena)
{
	return arena->full;
}
