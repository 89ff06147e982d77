/* SPDX-License-Identifier: ISC */
#ifndef BASE_MAP_H
#define BASE_MAP_H

/*
 * Bytes -> pointer.  Keys are copied and hashed with a key of this process, so
 * that a stranger who chooses names cannot choose collisions.  One thread.
 */
#include <stddef.h>
#include <stdint.h>

struct map;

struct map *map_new(void);
void map_free(struct map *map); /* the values are the caller's; NULL is fine */
/* Sets key to `value` (not NULL); returns the value that was there, or NULL. */
void *map_put(struct map *map, const void *key, size_t size, void *value);
void *map_find(const struct map *map, const void *key, size_t size); /* or NULL */
void *map_remove(struct map *map, const void *key, size_t size);     /* or NULL */
size_t map_count(const struct map *map);
/* Walk in no order: start with *place = 0, ends with NULL.  Removing the value
 * just returned is fine; putting a new key is not. */
void *map_next(const struct map *map, size_t *place);

/* The same with a string or a number for a key. */
void *map_put_text(struct map *map, const char *key, void *value);
void *map_find_text(const struct map *map, const char *key);
void *map_remove_text(struct map *map, const char *key);
void *map_put_id(struct map *map, int64_t key, void *value);
void *map_find_id(const struct map *map, int64_t key);
void *map_remove_id(struct map *map, int64_t key);

#endif
