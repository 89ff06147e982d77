/* SPDX-License-Identifier: ISC */
#include "parse/prefer.h"

#include <string.h>

#include "base/url.h"

void
level_init(struct level *level, struct common *c)
{
	level->c = c;
	memset(level->score, 0, sizeof(level->score));
	level->list_count = 0;
	level->seen_count = 0;
}

bool
prefer(struct level *level, size_t offset, unsigned rank, bool empty)
{
	uint8_t *held = &level->score[offset / sizeof(void *)];
	uint8_t score = (uint8_t)((empty ? 0 : 128) + rank);

	if (score <= *held)
		return false;
	*held = score;
	return true;
}

void
prefer_last(struct level *level, size_t offset, unsigned rank)
{
	uint8_t *held = &level->score[offset / sizeof(void *)];

	if (*held == 128 + rank)
		*held = (uint8_t)rank;
}

void
prefer_string(struct level *level, size_t offset, unsigned rank, const char *value)
{
	if (value == NULL)
		return;
	if (prefer(level, offset, rank, value[0] == '\0'))
		memcpy((char *)level->c + offset, &value, sizeof(value));
}

void
prefer_text(
    struct level *level, size_t offset, unsigned rank, const struct text *value)
{
	if (prefer(level, offset, rank, value->size == 0))
		memcpy((char *)level->c + offset, value, sizeof(*value));
}

struct node {
	struct node *next;
};

void *
list_add(struct level *level, struct arena *arena, void *head, size_t size)
{
	struct node *node, *last;
	size_t i;

	for (i = 0; i < level->list_count; i++)
		if (level->list[i].head == head)
			break;
	if (i == LEVEL_LISTS)
		return NULL;
	if (i == level->list_count) {
		level->list[i].head = head;
		level->list[i].last = NULL;
		level->list[i].count = 0;
		level->list_count++;
	}
	if (level->list[i].count == LIMIT_LIST)
		return NULL;
	node = arena_alloc(arena, size);
	if (node == NULL)
		return NULL;
	last = level->list[i].last;
	if (last != NULL)
		last->next = node;
	else
		memcpy(head, &node, sizeof(node));
	level->list[i].last = node;
	level->list[i].count++;
	return node;
}

/* One person out of an itunes:author, when the feed names no other. */
static void
author_from_itunes(struct common *c, struct arena *arena)
{
	struct person *person;

	if (c->authors != NULL || c->itunes.author == NULL ||
	    c->itunes.author[0] == '\0')
		return;
	person = arena_alloc(arena, sizeof(*person));
	if (person == NULL)
		return;
	person->name = c->itunes.author;
	c->authors = person;
}

static void
finish_common(struct common *c, struct arena *arena)
{
	author_from_itunes(c, arena);
	if (c->image.url == NULL && c->image.title == NULL)
		memset(&c->image, 0, sizeof(c->image));
}

/* An address that may serve as a link: nothing that runs. */
static bool
is_link(const char *url)
{
	return url != NULL && url_is_http(url);
}

void
prefer_finish_entry(struct raw_entry *entry, bool id_may_link, struct arena *arena)
{
	struct common *c = &entry->c;

	finish_common(c, arena);
	/* FORMATS 25 and 27: no alternate link; then what names the entry. */
	if (c->link == NULL || c->link[0] == '\0') {
		c->link = NULL;
		if (entry->content_src != NULL && c->id == NULL)
			c->link = entry->content_src;
		else if (id_may_link && is_link(c->id))
			c->link = c->id;
	}
	if (c->published == NULL && c->updated == NULL)
		c->published = c->created;
}

void
prefer_finish_feed(struct raw_feed *feed, struct arena *arena)
{
	struct common *c = &feed->c;

	finish_common(c, arena);
	if (c->subtitle.size == 0 && c->summary.size > 0)
		c->subtitle = c->summary;
	if (c->subtitle.size == 0 && c->itunes.subtitle != NULL) {
		c->subtitle.value = c->itunes.subtitle;
		c->subtitle.size = strlen(c->itunes.subtitle);
	}
}
