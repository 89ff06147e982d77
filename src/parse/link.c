/* SPDX-License-Identifier: ISC */
/* Links: what their rel says they are; enclosures. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

#define IANA_REL "http://www.iana.org/assignments/relation/"

static const char *
short_rel(const char *rel)
{
	if (rel == NULL)
		return "alternate";
	if (strncasecmp(rel, IANA_REL, sizeof(IANA_REL) - 1) == 0)
		return rel + sizeof(IANA_REL) - 1;
	if (strncasecmp(
		rel, "http://www.iana.org/assignments/link-relations/", 47) == 0)
		return rel + 47;
	return rel;
}

static int64_t
length_of(const char *text)
{
	char *end;
	long long n;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	n = strtoll(text, &end, 10);
	end += strspn(end, " \t\r\n");
	return *end == '\0' && n >= 0 && n < INT64_MAX ? n : -1;
}

/* FORMATS 25: HTML first, then no type, then any other; never the rest. */
static unsigned
alternate_rank(const struct link *link)
{
	const char *type = link->type;

	if (strcasecmp(link->rel, "alternate") != 0)
		return 0;
	if (type == NULL || type[0] == '\0')
		return 5;
	if (strncasecmp(type, "text/html", 9) == 0 ||
	    strncasecmp(type, "application/xhtml+xml", 21) == 0)
		return 6;
	return 4;
}

static void
link_alternate(struct builder *b, const struct link *link)
{
	struct common *c = b->level->c;
	unsigned rank = alternate_rank(link);
	size_t at = offsetof(struct common, link);

	/* In RSS its own link element comes first, at rank 10. */
	if (rank > 0 && prefer(b->level, at, rank, link->href[0] == '\0')) {
		c->link = link->href;
		c->link_base = link->base;
	}
}

static void
add_enclosure(struct builder *b, const struct link *link)
{
	struct enclosure *e;

	if (b->level != &b->entry_level)
		return;
	e = list_add(b->level, b->arena, &b->entry->enclosures, sizeof(*e));
	if (e == NULL)
		return;
	e->url = link->href;
	e->type = link->type;
	e->title = link->title;
	e->base = link->base;
	e->length = link->length;
	e->duration_s = -1;
}

/* Links of the feed that are data for the daemon (FORMATS 32). */
static void
link_of_feed(struct builder *b, const struct link *link)
{
	struct link *hub;

	if (b->level != &b->feed_level)
		return;
	if (strcasecmp(link->rel, "self") == 0) {
		if (b->feed.self == NULL)
			b->feed.self = link->href;
	} else if (strcasecmp(link->rel, "next") == 0) {
		if (b->feed.next == NULL)
			b->feed.next = link->href;
	} else if (strcasecmp(link->rel, "prev-archive") == 0) {
		if (b->feed.prev_archive == NULL)
			b->feed.prev_archive = link->href;
	} else if (strcasecmp(link->rel, "hub") == 0) {
		hub = list_add(b->level, b->arena, &b->feed.hubs, sizeof(*hub));
		if (hub != NULL) {
			hub->rel = "hub";
			hub->href = link->href;
			hub->base = link->base;
			hub->length = -1;
		}
	}
}

static void
link_meaning(struct builder *b, const struct link *link, const char *count)
{
	struct raw_entry *entry = b->level == &b->entry_level ? b->entry : NULL;

	link_alternate(b, link);
	link_of_feed(b, link);
	if (strcasecmp(link->rel, "enclosure") == 0)
		add_enclosure(b, link);
	else if (strcasecmp(link->rel, "license") == 0)
		prefer_string(
		    b->level, offsetof(struct common, license), 4, link->href);
	else if (strcasecmp(link->rel, "replies") == 0 && entry != NULL) {
		if (entry->comments_count == NULL)
			entry->comments_count = count;
		if (link->type != NULL &&
		    strncasecmp(link->type, "text/html", 9) == 0)
			prefer_string(b->level, offsetof(struct raw_entry, comments),
			    1, link->href);
		else
			prefer_string(b->level,
			    offsetof(struct raw_entry, comments_feed), 1,
			    link->href);
	}
}

static void
put_link(struct builder *b, const struct link *from, const char *count)
{
	struct link *link;

	link = list_add(b->level, b->arena, &b->level->c->links, sizeof(*link));
	if (link == NULL)
		return;
	*link = *from;
	link->next = NULL;
	link_meaning(b, link, count);
}

void
handle_start_link(struct builder *b, struct frame *f, const char *const *atts)
{
	enum { HREF, REL, TYPE, TITLE, HREFLANG, LENGTH, COUNT, NAMES };
	static const char *const names[NAMES] = {
	    "href", "rel", "type", "title", "hreflang", "length", "count"};
	const char *value[NAMES], *rel;
	struct link *link;

	if (atts[0] == NULL)
		return;
	link = arena_alloc(b->arena, sizeof(*link));
	if (link == NULL)
		return;
	builder_atts(atts, names, NAMES, value);
	link->href = builder_link(b, f, value[HREF]);
	link->base = f->base;
	rel = builder_dup(b, value[REL]);
	link->rel = short_rel(rel);
	link->type = builder_dup(b, value[TYPE]);
	link->title = builder_dup(b, value[TITLE]);
	link->hreflang = builder_dup(b, value[HREFLANG]);
	link->length = length_of(value[LENGTH]);
	f->held[HELD_A] = link->href;
	f->held[HELD_C] = builder_dup(b, value[COUNT]);
	if (link->href != NULL)
		put_link(b, link, f->held[HELD_C]);
	else if (rel != NULL)
		f->held[HELD_B] = (const char *)link; /* its text will be the href */
}

/* RSS's link is the element's text; Atom's has none, but some write one. */
void
handle_end_link(struct builder *b, struct frame *f, char *value, size_t size)
{
	size_t at = offsetof(struct common, link);
	struct link *link = (struct link *)(void *)f->held[HELD_B];

	if (size == 0 || f->held[HELD_A] != NULL)
		return;
	if (link != NULL) {
		link->href = builder_link(b, f, value);
		put_link(b, link, f->held[HELD_C]);
	} else if (prefer(b->level, at, f->is_atom ? 3 : 10, false)) {
		b->level->c->link = builder_link(b, f, value);
		b->level->c->link_base = f->base;
	}
}

void
handle_start_enclosure(struct builder *b, struct frame *f, const char *const *atts)
{
	struct link link = {.base = f->base};

	link.href = builder_link(b, f, builder_att(atts, "url"));
	if (link.href == NULL)
		link.href = builder_link(
		    b, f, builder_att(atts, "resource")); /* RSS 1.0's enc: */
	if (link.href == NULL)
		return;
	link.type = builder_att_dup(b, atts, "type");
	link.title = builder_att_dup(b, atts, "title");
	link.length = length_of(builder_att(atts, "length"));
	add_enclosure(b, &link);
}
