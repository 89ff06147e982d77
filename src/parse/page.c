/* SPDX-License-Identifier: ISC */
/* An HTML page where a feed should be: its title, and the feeds it links to. */
#include <errno.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "markup/markup.h"
#include "parse/driver.h"

/* Links to feeds stand in the head. */
#define PAGE_BYTES (1u << 20)
#define PAGE_LINKS 50

struct page {
	struct parse *parse;
	struct buf html;
	struct link **next; /* where the next one goes */
	unsigned count;
};

struct page *
page_new(struct parse *parse)
{
	struct page *page = xcalloc(1, sizeof(*page));

	page->parse = parse;
	page->next = &parse->feed.c.links;
	return page;
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	buf_done(&page->html);
	free(page);
}

int
page_data(struct page *page, const char *text, size_t size)
{
	size_t room = PAGE_BYTES - page->html.len;

	buf_add(&page->html, text, size < room ? size : room);
	return 0;
}

static void
found(void *arg, const char *href, const char *type, const char *title)
{
	struct page *page = arg;
	struct arena *arena = page->parse->arena;
	struct link *link;

	if (page->count == PAGE_LINKS || href == NULL)
		return;
	link = arena_alloc(arena, sizeof(*link));
	if (link == NULL)
		return;
	link->rel = "alternate";
	link->href = arena_strdup(arena, href);
	link->type = arena_strdup(arena, type);
	link->title = arena_strdup(arena, title);
	link->length = -1;
	*page->next = link;
	page->next = &link->next;
	page->count++;
}

int
page_end(struct page *page)
{
	struct raw_feed *feed = &page->parse->feed;
	struct arena *arena = page->parse->arena;
	struct buf title = {0}, base = {0};

	markup_find_feeds(
	    buf_text(&page->html), page->html.len, found, page, &title, &base);
	feed->kind = KIND_HTML;
	if (title.len > 0) {
		feed->c.title.value = arena_dup(arena, title.data, title.len);
		feed->c.title.size = feed->c.title.value != NULL ? title.len : 0;
	}
	if (base.len > 0)
		feed->c.base = arena_dup(arena, base.data, base.len);
	for (struct link *link = feed->c.links; link != NULL; link = link->next)
		link->base = feed->c.base;
	buf_done(&title);
	buf_done(&base);
	return 0;
}
