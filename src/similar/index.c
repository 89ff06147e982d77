/* SPDX-License-Identifier: ISC */
#include "similar/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"

#define NONE UINT32_MAX
#define TITLE_SALT 0x5bd1e995u /* a title's number is no shingle's */
#define SHARED_LEAST 2
/* Of LIMIT_POSTINGS: leaves room for items that are in no story. */
#define ENOUGH 24

/*
 * Three arrays with free lists inside, all by number: an item's postings hang
 * on it by `sibling`, those of one hash on each other by `next` and `before`.
 */
struct posting {
	uint32_t hash;
	uint32_t item;
	uint32_t next;   /* of the same hash; of a free one: the next free */
	uint32_t before; /* of the first of a hash: how many there are */
	uint32_t sibling;
};

struct entry {
	int64_t id;
	msec_t time;
	uint32_t first;        /* posting */
	uint32_t older, newer; /* by time of putting; free: older is the next free */
	uint16_t shared;       /* while a search runs */
	bool title, digest;
};

/* Open addressing; what a place holds is the number of a posting or an entry,
 * plus one. */
struct table {
	uint32_t *slot;
	size_t mask, used;
};

struct similar_index {
	struct posting *postings;
	size_t posting_count, posting_room;
	uint32_t posting_free;
	struct entry *entries;
	size_t entry_count, entry_room, live;
	uint32_t entry_free, oldest, newest;
	struct table by_hash, by_id;
	uint32_t *touched; /* entries that a search has met */
	size_t touched_room;
};

/* ------------------------------------------------------------ tables */

static size_t
spread(uint64_t key)
{
	return (size_t)(key * 0x9E3779B97F4A7C15u >> 32);
}

static uint64_t
key_of(const struct similar_index *index, const struct table *table, uint32_t value)
{
	return table == &index->by_hash ? index->postings[value].hash
					: (uint64_t)index->entries[value].id;
}

static size_t
find_slot(const struct similar_index *index, const struct table *table, uint64_t key)
{
	size_t at = spread(key) & table->mask;

	while (
	    table->slot[at] != 0 && key_of(index, table, table->slot[at] - 1) != key)
		at = (at + 1) & table->mask;
	return at;
}

static void
grow(struct similar_index *index, struct table *table)
{
	uint32_t *old = table->slot;
	size_t count = table->mask + 1, i;

	if (table->used * 3 < count * 2)
		return;
	table->mask = count * 2 - 1;
	table->slot = xcalloc(count * 2, sizeof(*table->slot));
	for (i = 0; i < count; i++) {
		if (old[i] != 0)
			table->slot[find_slot(index, table,
			    key_of(index, table, old[i] - 1))] = old[i];
	}
	free(old);
}

/* Moves those behind it up, so that no search meets a hole. */
static void
clear_slot(struct similar_index *index, struct table *table, size_t at)
{
	size_t next = at, home;

	table->used--;
	for (;;) {
		table->slot[at] = 0;
		do {
			next = (next + 1) & table->mask;
			if (table->slot[next] == 0)
				return;
			home = spread(key_of(index, table, table->slot[next] - 1)) &
			    table->mask;
		} while (
		    ((next - home) & table->mask) < ((next - at) & table->mask));
		table->slot[at] = table->slot[next];
		at = next;
	}
}

static void
table_init(struct table *table)
{
	table->mask = 63;
	table->slot = xcalloc(64, sizeof(*table->slot));
}

/* ------------------------------------------------------------ postings */

static uint32_t
new_posting(struct similar_index *index)
{
	uint32_t n = index->posting_free;

	if (n != NONE) {
		index->posting_free = index->postings[n].next;
		return n;
	}
	if (index->posting_count == index->posting_room) {
		index->posting_room += index->posting_room / 2 + 256;
		index->postings = xrealloc(
		    index->postings, index->posting_room * sizeof(*index->postings));
	}
	return (uint32_t)index->posting_count++;
}

static void
add_posting(struct similar_index *index, uint32_t item, uint32_t hash)
{
	uint32_t n = new_posting(index), head;
	struct posting *p = &index->postings[n];
	size_t at = find_slot(index, &index->by_hash, hash);

	*p = (struct posting){hash, item, NONE, 1, index->entries[item].first};
	index->entries[item].first = n;
	if (index->by_hash.slot[at] != 0) {
		head = index->by_hash.slot[at] - 1;
		p->next = head;
		p->before = index->postings[head].before + 1;
		index->postings[head].before = n;
		index->by_hash.slot[at] = n + 1;
		return;
	}
	index->by_hash.slot[at] = n + 1;
	index->by_hash.used++;
	grow(index, &index->by_hash);
}

static void
drop_posting(struct similar_index *index, uint32_t n)
{
	struct posting *p = &index->postings[n];
	size_t at = find_slot(index, &index->by_hash, p->hash);
	uint32_t head = index->by_hash.slot[at] - 1;

	if (head != n) {
		index->postings[head].before--;
		index->postings[p->before].next = p->next;
		if (p->next != NONE)
			index->postings[p->next].before = p->before;
	} else if (p->next != NONE) {
		index->postings[p->next].before = p->before - 1;
		index->by_hash.slot[at] = p->next + 1;
	} else {
		clear_slot(index, &index->by_hash, at);
	}
	p->next = index->posting_free;
	index->posting_free = n;
}

/* ------------------------------------------------------------ entries */

static uint32_t
new_entry(struct similar_index *index)
{
	uint32_t n = index->entry_free;

	if (n != NONE) {
		index->entry_free = index->entries[n].older;
		return n;
	}
	if (index->entry_count == index->entry_room) {
		index->entry_room += index->entry_room / 2 + 64;
		index->entries = xrealloc(
		    index->entries, index->entry_room * sizeof(*index->entries));
	}
	return (uint32_t)index->entry_count++;
}

static void
drop_entry(struct similar_index *index, uint32_t n)
{
	struct entry *e = &index->entries[n];
	uint32_t p = e->first, next;

	clear_slot(
	    index, &index->by_id, find_slot(index, &index->by_id, (uint64_t)e->id));
	for (; p != NONE; p = next) {
		next = index->postings[p].sibling;
		drop_posting(index, p);
	}
	if (e->newer != NONE)
		index->entries[e->newer].older = e->older;
	else
		index->newest = e->older;
	if (e->older != NONE)
		index->entries[e->older].newer = e->newer;
	else
		index->oldest = e->newer;
	e->older = index->entry_free;
	index->entry_free = n;
	index->live--;
}

void
similar_index_drop(struct similar_index *index, int64_t id)
{
	size_t at = find_slot(index, &index->by_id, (uint64_t)id);

	if (index->by_id.slot[at] != 0)
		drop_entry(index, index->by_id.slot[at] - 1);
}

void
similar_index_put(struct similar_index *index, int64_t id, msec_t time, bool digest,
    const uint32_t *sketch, size_t count)
{
	uint32_t n;
	size_t i;

	similar_index_drop(index, id);
	n = new_entry(index);
	index->entries[n] = (struct entry){.id = id,
	    .time = time,
	    .first = NONE,
	    .older = index->newest,
	    .newer = NONE,
	    .digest = digest};
	if (index->newest != NONE)
		index->entries[index->newest].newer = n;
	else
		index->oldest = n;
	index->newest = n;
	index->live++;
	index->by_id.slot[find_slot(index, &index->by_id, (uint64_t)id)] = n + 1;
	index->by_id.used++;
	grow(index, &index->by_id);
	if (count > 0 && sketch[0] != 0)
		add_posting(index, n, sketch[0] ^ TITLE_SALT);
	for (i = 1; i < count; i++)
		add_posting(index, n, sketch[i]);
}

void
similar_index_expire(struct similar_index *index, msec_t before)
{
	while (index->oldest != NONE && index->entries[index->oldest].time < before)
		drop_entry(index, index->oldest);
}

/* ------------------------------------------------------------ searching */

static void
touch(struct similar_index *index, uint32_t item, size_t *count)
{
	struct entry *e = &index->entries[item];

	if (e->shared > 0 || e->title)
		return;
	if (*count == index->touched_room) {
		index->touched_room = index->touched_room * 2 + 256;
		index->touched = xrealloc(
		    index->touched, index->touched_room * sizeof(*index->touched));
	}
	index->touched[(*count)++] = item;
}

static void
count_hash(struct similar_index *index, uint32_t hash, bool title, size_t *count)
{
	size_t at = find_slot(index, &index->by_hash, hash);
	uint32_t p;

	if (index->by_hash.slot[at] == 0)
		return;
	p = index->by_hash.slot[at] - 1;
	if (index->postings[p].before > LIMIT_POSTINGS)
		return;
	for (; p != NONE; p = index->postings[p].next) {
		uint32_t item = index->postings[p].item;

		touch(index, item, count);
		if (title)
			index->entries[item].title = true;
		else
			index->entries[item].shared++;
	}
}

static int
compare_hits(const void *a, const void *b)
{
	const struct similar_hit *x = a, *y = b;
	uint32_t more_x = x->shared + (x->title ? SHARED_LEAST : 0);
	uint32_t more_y = y->shared + (y->title ? SHARED_LEAST : 0);

	if (more_x != more_y)
		return more_x > more_y ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The best `room` of those met; forgets the counts. */
static size_t
collect(struct similar_index *index, size_t count, int64_t self,
    struct similar_hit *hits, size_t room)
{
	struct similar_hit *all = hits;
	size_t i, n = 0;

	if (count > room)
		all = xmalloc(count * sizeof(*all));
	for (i = 0; i < count; i++) {
		struct entry *e = &index->entries[index->touched[i]];

		if (e->id != self && (e->shared >= SHARED_LEAST || e->title))
			all[n++] = (struct similar_hit){
			    e->id, e->shared, e->title, e->digest};
		e->shared = 0;
		e->title = false;
	}
	if (n > 1)
		qsort(all, n, sizeof(*all), compare_hits);
	if (all != hits) {
		n = n < room ? n : room;
		memcpy(hits, all, n * sizeof(*hits));
		free(all);
	}
	return n;
}

size_t
similar_index_find(struct similar_index *index, const uint32_t *sketch, size_t count,
    int64_t self, struct similar_hit *hits, size_t room)
{
	size_t met = 0, i;

	if (count > 0 && sketch[0] != 0)
		count_hash(index, sketch[0] ^ TITLE_SALT, true, &met);
	for (i = 1; i < count; i++)
		count_hash(index, sketch[i], false, &met);
	return collect(index, met, self, hits, room);
}

static bool
is_enough(const struct similar_index *index, uint32_t hash)
{
	size_t at = find_slot(index, &index->by_hash, hash);

	return index->by_hash.slot[at] != 0 &&
	    index->postings[index->by_hash.slot[at] - 1].before >= ENOUGH;
}

size_t
similar_index_thin(const struct similar_index *index, uint32_t *sketch, size_t count)
{
	size_t i, n = 1;

	if (count == 0)
		return 0;
	if (sketch[0] != 0 && is_enough(index, sketch[0] ^ TITLE_SALT))
		sketch[0] = 0;
	for (i = 1; i < count; i++) {
		if (!is_enough(index, sketch[i]))
			sketch[n++] = sketch[i];
	}
	return n;
}

/* ------------------------------------------------------------ the whole */

struct similar_index *
similar_index_new(void)
{
	struct similar_index *index = xcalloc(1, sizeof(*index));

	index->posting_free = index->entry_free = NONE;
	index->oldest = index->newest = NONE;
	table_init(&index->by_hash);
	table_init(&index->by_id);
	return index;
}

void
similar_index_free(struct similar_index *index)
{
	if (index == NULL)
		return;
	free(index->postings);
	free(index->entries);
	free(index->by_hash.slot);
	free(index->by_id.slot);
	free(index->touched);
	free(index);
}

size_t
similar_index_count(const struct similar_index *index)
{
	return index->live;
}

size_t
similar_index_bytes(const struct similar_index *index)
{
	return sizeof(*index) + index->posting_room * sizeof(*index->postings) +
	    index->entry_room * sizeof(*index->entries) +
	    (index->by_hash.mask + index->by_id.mask + 2) * sizeof(uint32_t) +
	    index->touched_room * sizeof(*index->touched);
}
