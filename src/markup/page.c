/* SPDX-License-Identifier: ISC */
/* What a text or a page is: is there HTML in it, and where are its feeds. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "markup/elements.h"
#include "markup/markup.h"

struct guess {
	bool has_end_tag, is_foreign;
};

static void
guess_start_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct guess *guess = arg;

	(void)attributes;
	(void)count;
	(void)self_closing;
	if (element_find(name, size) == ELEMENT_NONE)
		guess->is_foreign = true;
}

static void
guess_end_tag(void *arg, const char *name, size_t size)
{
	struct guess *guess = arg;

	guess->has_end_tag = true;
	if (element_find(name, size) == ELEMENT_NONE)
		guess->is_foreign = true;
}

static bool
has_reference(const char *text, size_t size)
{
	const char *end = text + size;
	struct buf scratch = {0};
	bool found = false;

	while (!found && text < end &&
	    (text = memchr(text, '&', (size_t)(end - text))) != NULL) {
		found = markup_reference(
			    text, (size_t)(end - text), false, true, &scratch) > 0;
		text++;
	}
	buf_done(&scratch);
	return found;
}

bool
markup_looks_like_html(const char *text, size_t size)
{
	static const struct markup_sink sink = {
	    .start_tag = guess_start_tag, .end_tag = guess_end_tag};
	struct guess guess = {0};
	struct markup *m;

	if (memchr(text, '<', size) == NULL)
		return has_reference(text, size);
	m = markup_new(MARKUP_HTML, &sink, &guess);
	(void)markup_data(m, text, size);
	markup_end(m);
	markup_free(m);
	return !guess.is_foreign && (guess.has_end_tag || has_reference(text, size));
}

struct candidate {
	char *href, *title;
};

struct page {
	markup_feed_fn *found;
	void *arg;
	struct buf *title, *base;
	size_t found_count;
	bool in_title, has_title;
	struct candidate *candidates; /* links in the text, as a last resort */
	size_t count;
	char *open_href; /* of the <a> we are in, when it is a candidate */
	struct buf open_text;
};

static const char *
value_of(const struct markup_attribute *attributes, size_t count, const char *name)
{
	for (; count > 0; count--, attributes++) {
		if (strcmp(attributes->name, name) == 0)
			return attributes->value;
	}
	return NULL;
}

/* `word` among words separated by white space, in any case. */
static bool
has_word(const char *words, const char *word)
{
	size_t n, size = strlen(word);

	for (; *words != '\0'; words += n) {
		words += strspn(words, " \t\n\f\r");
		n = strcspn(words, " \t\n\f\r");
		if (n == size && strncasecmp(words, word, n) == 0)
			return true;
	}
	return false;
}

/* A media type of feeds, its parameters set aside. */
static bool
is_feed_type(const char *type, const char *href)
{
	static const char *const types[] = {"application/rss+xml",
	    "application/atom+xml", "application/feed+json", "application/rdf+xml",
	    "application/x-rss+xml", "application/xml", "text/xml", "text/rss+xml",
	    "text/rss", "application/rss", "application/atom"};
	size_t i, n;

	type += strspn(type, " \t\n\f\r");
	n = strcspn(type, "; \t\n\f\r");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i]) == n && strncasecmp(type, types[i], n) == 0)
			return true;
	}
	/* Others than feeds are JSON too: a blog's API, its embedding. */
	return n == 16 && strncasecmp(type, "application/json", n) == 0 &&
	    strcasestr(href, "feed") != NULL;
}

static void
see_link(struct page *page, const struct markup_attribute *attributes, size_t count)
{
	const char *rel = value_of(attributes, count, "rel"),
		   *type = value_of(attributes, count, "type"),
		   *href = value_of(attributes, count, "href"),
		   *title = value_of(attributes, count, "title");
	bool is_feed;

	if (rel == NULL || href == NULL || *href == '\0' ||
	    page->found_count >= LIMIT_LIST)
		return;
	is_feed =
	    has_word(rel, "alternate") && type != NULL && is_feed_type(type, href);
	/* rel=feed is of a draft that some pages follow; it needs no type. */
	if (!is_feed && !has_word(rel, "feed"))
		return;
	page->found_count++;
	page->found(page->arg, href, type, title);
}

static bool
ends_with(const char *text, size_t size, const char *tail)
{
	size_t n = strlen(tail);

	return size >= n && strncasecmp(text + size - n, tail, n) == 0;
}

/* An address that looks like a feed's: by the last part of its path. */
static bool
looks_like_feed(const char *href)
{
	static const char *const tails[] = {".rss", ".atom", ".rdf", "/rss.xml",
	    "/atom.xml", "/feed.xml", "/index.xml", "/feed.json", "/feed", "/feeds",
	    "/rss", "/atom", "/rss2", ".rss.xml", ".atom.xml"};
	size_t size = strcspn(href, "?#"), i;

	if (strncasecmp(href, "feed:", 5) == 0)
		return true;
	if (strchr(href, ':') != NULL && strncasecmp(href, "http", 4) != 0)
		return false;
	while (size > 0 && href[size - 1] == '/')
		size--;
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		if (ends_with(href, size, tails[i]) ||
		    (size == strlen(tails[i]) - 1 &&
			strncasecmp(href, tails[i] + 1, size) == 0))
			return true;
	}
	return strcasestr(href + size, "feed=rss") != NULL ||
	    strcasestr(href + size, "feed=atom") != NULL;
}

static void
keep_candidate(struct page *page)
{
	if (page->open_href == NULL)
		return;
	page->candidates = xrealloc(
	    page->candidates, (page->count + 1) * sizeof(*page->candidates));
	page->candidates[page->count++] = (struct candidate){
	    .href = page->open_href, .title = buf_steal(&page->open_text)};
	page->open_href = NULL;
}

static void
see_anchor(
    struct page *page, const struct markup_attribute *attributes, size_t count)
{
	const char *href = value_of(attributes, count, "href");

	keep_candidate(page);
	if (href != NULL && strlen(href) <= LIMIT_URL_BYTES &&
	    page->count < LIMIT_LIST && looks_like_feed(href))
		page->open_href = xstrdup(href);
}

static void
page_start_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct page *page = arg;
	const char *href;

	(void)self_closing;
	switch (element_find(name, size)) {
	case ELEMENT_TITLE:
		page->in_title = !page->has_title;
		page->has_title = true;
		break;
	case ELEMENT_BASE:
		href = value_of(attributes, count, "href");
		if (href != NULL && page->base != NULL && page->base->len == 0)
			buf_puts(page->base, href);
		break;
	case ELEMENT_LINK:
		see_link(page, attributes, count);
		break;
	case ELEMENT_A:
		see_anchor(page, attributes, count);
		break;
	default:
		break;
	}
}

static void
page_end_tag(void *arg, const char *name, size_t size)
{
	struct page *page = arg;

	if (size == 5 && memcmp(name, "title", 5) == 0)
		page->in_title = false;
	else if (size == 1 && *name == 'a')
		keep_candidate(page);
}

/* White space collapsed, at most a title's length. */
static void
add_line(struct buf *line, const char *text, size_t size)
{
	bool is_space;

	for (; size > 0 && line->len < LIMIT_TITLE_BYTES; size--, text++) {
		is_space = strchr(" \t\n\f\r", *text) != NULL; /* a NUL, too */
		if (!is_space)
			buf_putc(line, *text);
		else if (line->len > 0 && line->data[line->len - 1] != ' ')
			buf_putc(line, ' ');
	}
}

static void
page_text(void *arg, const char *text, size_t size)
{
	struct page *page = arg;

	if (page->in_title && page->title != NULL)
		add_line(page->title, text, size);
	else if (page->open_href != NULL)
		add_line(&page->open_text, text, size);
}

static void
trim_end(struct buf *line)
{
	if (line != NULL && line->len > 0 && line->data[line->len - 1] == ' ')
		line->data[--line->len] = '\0';
}

static void
finish(struct page *page)
{
	struct candidate *candidate;
	size_t i;

	keep_candidate(page);
	for (i = 0; i < page->count; i++) {
		candidate = &page->candidates[i];
		if (page->found_count == 0)
			page->found(page->arg, candidate->href, NULL,
			    *candidate->title != '\0' ? candidate->title : NULL);
		free(candidate->href);
		free(candidate->title);
	}
	free(page->candidates);
	buf_done(&page->open_text);
	trim_end(page->title);
}

void
markup_find_feeds(const char *html, size_t size, markup_feed_fn *found, void *arg,
    struct buf *title, struct buf *base)
{
	static const struct markup_sink sink = {
	    .start_tag = page_start_tag, .end_tag = page_end_tag, .text = page_text};
	struct page page = {
	    .found = found, .arg = arg, .title = title, .base = base};
	struct markup *m = markup_new(MARKUP_HTML, &sink, &page);

	(void)markup_data(m, html, size);
	markup_end(m);
	markup_free(m);
	finish(&page);
}
