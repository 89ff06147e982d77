/* SPDX-License-Identifier: ISC */
/* An item's texts as the sets that it is compared by. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "base/xalloc.h"
#include "similar/dated.h"
#include "similar/set.h"
#include "similar/words.h"

struct list {
	uint32_t *v;
	size_t count, room;
};

struct similar_maker {
	struct words title, body;
	struct list shingles, words, numbers, title_numbers, trigrams, spare;
	uint32_t lead[SIMILAR_LEAD];
	size_t lead_count;
};

struct similar_maker *
similar_maker_new(void)
{
	struct similar_maker *maker = xcalloc(1, sizeof(*maker));

	maker->title.keep = true;
	return maker;
}

void
similar_maker_free(struct similar_maker *maker)
{
	if (maker == NULL)
		return;
	words_done(&maker->title);
	words_done(&maker->body);
	free(maker->shingles.v);
	free(maker->words.v);
	free(maker->numbers.v);
	free(maker->title_numbers.v);
	free(maker->trigrams.v);
	free(maker->spare.v);
	free(maker);
}

static void
reserve(struct list *list, size_t room)
{
	if (list->room >= room)
		return;
	list->room = room * 2;
	list->v = xrealloc(list->v, list->room * sizeof(*list->v));
}

static inline void
put(struct list *list, uint64_t hash)
{
	list->v[list->count++] = (uint32_t)hash;
}

/* How many tokens of the body are the title once more, at its start. */
static size_t
skip_title(const struct similar_maker *maker)
{
	const struct words *title = &maker->title, *body = &maker->body;
	size_t i;

	if (title->count == 0 || body->count < title->count)
		return 0;
	for (i = 0; i < title->count; i++) {
		if (title->list[i].hash != body->list[i].hash)
			return 0;
	}
	return title->count;
}

static void
make_shingles(struct similar_maker *maker, size_t start)
{
	const struct word *token = maker->body.list;
	size_t count = maker->body.count, i, j;

	reserve(&maker->shingles, count + 1);
	for (i = start; i < count; i++) {
		uint64_t hash = 0;
		unsigned weight = 0;

		for (j = i; j < count && weight < SIMILAR_SHINGLE; j++) {
			hash = words_mix(hash, token[j].hash);
			weight += token[j].weight;
		}
		if (weight < SIMILAR_SHINGLE)
			return;
		put(&maker->shingles, hash);
		if (maker->lead_count < SIMILAR_LEAD)
			maker->lead[maker->lead_count++] = (uint32_t)hash;
	}
}

static void
add_words(struct similar_maker *maker, const struct words *tokens, size_t start)
{
	const struct word *token = tokens->list;
	size_t i;

	reserve(&maker->words, maker->words.count + tokens->count + 1);
	reserve(&maker->numbers, maker->numbers.count + tokens->count + 1);
	for (i = start; i < tokens->count; i++) {
		if (token[i].weight == SIMILAR_WORD)
			put(&maker->words, token[i].hash);
		else if (i > start && token[i].joined)
			put(&maker->words,
			    words_mix(token[i - 1].hash, token[i].hash));
		if (token[i].number)
			put(&maker->numbers, token[i].hash);
	}
}

static void
make_trigrams(struct similar_maker *maker)
{
	const uint32_t *c = maker->title.chars;
	size_t count = maker->title.char_count, i;
	uint64_t before = ' ';

	reserve(&maker->trigrams, count + 1);
	if (count == 0)
		return;
	for (i = 0; i + 1 < count; i++) {
		uint64_t three = before << 42 | (uint64_t)c[i] << 21 | c[i + 1];

		put(&maker->trigrams, three * 0x9E3779B97F4A7C15u >> 32);
		before = c[i];
	}
}

static void
make_title(struct similar_maker *maker, struct similar_text *text)
{
	const struct words *title = &maker->title;
	uint64_t all = 1, rest = 1;
	size_t i;

	reserve(&maker->title_numbers, title->count + 1);
	for (i = 0; i < title->count; i++) {
		uint64_t hash = title->list[i].hash;

		text->title_weight += title->list[i].weight;
		all = words_mix(all, hash);
		if (title->list[i].number)
			put(&maker->title_numbers, hash);
		else if (!dated_has(hash))
			rest = words_mix(rest, hash);
	}
	if (title->count > 0) {
		text->title_hash = (uint32_t)all | 1; /* never 0 */
		text->title_rest = (uint32_t)rest;
	}
}

static uint32_t *
place(struct similar_set *set, const struct list *list, uint32_t *room)
{
	set->v = room;
	set->count = (uint32_t)list->count;
	if (list->count > 0)
		memcpy(room, list->v, list->count * sizeof(*room));
	return room + list->count;
}

static struct similar_text *
pack(struct similar_maker *maker, const struct similar_text *head)
{
	struct list *const lists[] = {&maker->shingles, &maker->words,
	    &maker->numbers, &maker->title_numbers, &maker->trigrams};
	size_t sum = maker->lead_count, most = 0, i;
	struct similar_text *text;
	uint32_t *room;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		most = lists[i]->count > most ? lists[i]->count : most;
	reserve(&maker->spare, most + 1);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		lists[i]->count =
		    set_sort(lists[i]->v, lists[i]->count, maker->spare.v);
		sum += lists[i]->count;
	}
	text = xmalloc(sizeof(*text) + sum * sizeof(*room));
	*text = *head;
	text->bytes = (uint32_t)(sizeof(*text) + sum * sizeof(*room));
	room = (uint32_t *)(text + 1);
	room = place(&text->shingles, lists[0], room);
	room = place(&text->words, lists[1], room);
	room = place(&text->numbers, lists[2], room);
	room = place(&text->title_numbers, lists[3], room);
	room = place(&text->trigrams, lists[4], room);
	text->lead = room;
	text->lead_count = (uint32_t)maker->lead_count;
	memcpy(room, maker->lead, maker->lead_count * sizeof(*room));
	return text;
}

static void
read_text(struct words *tokens, const char *text)
{
	size_t size = text != NULL ? strlen(text) : 0;

	words_reset(tokens);
	if (size > 0)
		words_read(
		    tokens, text, unicode_cut(text, size, LIMIT_SIMILAR_BYTES));
}

struct similar_text *
similar_make(struct similar_maker *maker, const char *title, const char *body)
{
	struct similar_text head = {0};
	size_t start;

	maker->shingles.count = maker->words.count = maker->numbers.count = 0;
	maker->title_numbers.count = maker->trigrams.count = maker->lead_count = 0;
	read_text(&maker->title, title);
	read_text(&maker->body, body);
	start = skip_title(maker);
	make_title(maker, &head);
	make_trigrams(maker);
	make_shingles(maker, start);
	add_words(maker, &maker->title, 0);
	add_words(maker, &maker->body, start);
	return pack(maker, &head);
}
