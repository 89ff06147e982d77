/* SPDX-License-Identifier: ISC */
#include "base/map.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"

/* Chained: an entry keeps its place in memory, removal needs no tombstones. */
struct entry {
	struct entry *next;
	uint64_t hash;
	void *value;
	size_t size;
	unsigned char key[];
};

struct map {
	struct entry **slot;
	size_t slots, count; /* slots is a power of two */
};

static uint64_t seed;
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

static void
make_seed(void)
{
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)clock_wall() * 0x9E3779B97F4A7C15u;
}

struct map *
map_new(void)
{
	struct map *map = xcalloc(1, sizeof(*map));

	(void)pthread_once(&seed_once, make_seed); /* fails for a bad once only */
	map->slots = 16;
	map->slot = xcalloc(map->slots, sizeof(*map->slot));
	return map;
}

void
map_free(struct map *map)
{
	struct entry *entry, *next;
	size_t i;

	if (map == NULL)
		return;
	for (i = 0; i < map->slots; i++) {
		for (entry = map->slot[i]; entry != NULL; entry = next) {
			next = entry->next;
			free(entry);
		}
	}
	free(map->slot);
	free(map);
}

static struct entry **
find(const struct map *map, const void *key, size_t size, uint64_t hash)
{
	struct entry **at = &map->slot[hash & (map->slots - 1)];

	while (*at != NULL &&
	    ((*at)->hash != hash || (*at)->size != size ||
		memcmp((*at)->key, key, size) != 0))
		at = &(*at)->next;
	return at;
}

static void
grow(struct map *map)
{
	size_t slots = map->slots * 2, i;
	struct entry **slot = xcalloc(slots, sizeof(*slot)), *entry, *next;

	for (i = 0; i < map->slots; i++) {
		for (entry = map->slot[i]; entry != NULL; entry = next) {
			next = entry->next;
			entry->next = slot[entry->hash & (slots - 1)];
			slot[entry->hash & (slots - 1)] = entry;
		}
	}
	free(map->slot);
	map->slot = slot;
	map->slots = slots;
}

void *
map_put(struct map *map, const void *key, size_t size, void *value)
{
	uint64_t hash = hash64_seed(key, size, seed);
	struct entry **at = find(map, key, size, hash), *entry;
	void *old;

	assert(value != NULL);
	if (*at != NULL) {
		old = (*at)->value;
		(*at)->value = value;
		return old;
	}
	entry = xmalloc(sizeof(*entry) + size);
	entry->next = NULL;
	entry->hash = hash;
	entry->value = value;
	entry->size = size;
	if (size > 0)
		memcpy(entry->key, key, size);
	*at = entry;
	if (++map->count > map->slots)
		grow(map);
	return NULL;
}

void *
map_find(const struct map *map, const void *key, size_t size)
{
	struct entry *entry = *find(map, key, size, hash64_seed(key, size, seed));

	return entry != NULL ? entry->value : NULL;
}

void *
map_remove(struct map *map, const void *key, size_t size)
{
	struct entry **at = find(map, key, size, hash64_seed(key, size, seed)),
		     *entry = *at;
	void *value;

	if (entry == NULL)
		return NULL;
	value = entry->value;
	*at = entry->next;
	free(entry);
	map->count--;
	return value;
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

/* `place` holds the slot in its high half and how many of its chain are still
 * to come in its low half: counting from the chain's end survives a removal. */
void *
map_next(const struct map *map, size_t *place)
{
	size_t slot = *place >> 16, left = *place & 0xffff, length, i;
	struct entry *entry;

	for (; slot < map->slots; slot++, left = 0) {
		length = 0;
		for (entry = map->slot[slot]; entry != NULL; entry = entry->next)
			length++;
		if (left == 0)
			left = length + 1;
		if (left == 1)
			continue;
		left--;
		for (entry = map->slot[slot], i = length; i > left; i--)
			entry = entry->next;
		*place = slot << 16 | left;
		return entry->value;
	}
	*place = map->slots << 16;
	return NULL;
}

void *
map_put_text(struct map *map, const char *key, void *value)
{
	return map_put(map, key, strlen(key), value);
}

void *
map_find_text(const struct map *map, const char *key)
{
	return map_find(map, key, strlen(key));
}

void *
map_remove_text(struct map *map, const char *key)
{
	return map_remove(map, key, strlen(key));
}

void *
map_put_id(struct map *map, int64_t key, void *value)
{
	return map_put(map, &key, sizeof(key), value);
}

void *
map_find_id(const struct map *map, int64_t key)
{
	return map_find(map, &key, sizeof(key));
}

void *
map_remove_id(struct map *map, int64_t key)
{
	return map_remove(map, &key, sizeof(key));
}
