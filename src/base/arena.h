/* SPDX-License-Identifier: ISC */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/*
 * Memory that is freed all at once: one fetch, one document, one request is
 * one arena.  It has a limit, so that a stranger's sizes end in NULL and not
 * in swap.  One thread at a time; an arena may be handed over.
 */
#include <stdarg.h>
#include <stddef.h>

struct arena;

/* At most `limit` bytes may be asked for in all. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *arena); /* NULL is fine */
/* Zeroed, aligned for any type; lives as long as the arena.  NULL: limit reached. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of `size` bytes with a NUL behind it.  NULL: limit reached. */
char *arena_dup(struct arena *arena, const void *data, size_t size);
/* As arena_dup for a string; NULL in, NULL out. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);
/* True once any call has returned NULL: what was built may be incomplete. */
int arena_is_full(const struct arena *arena);

#endif
