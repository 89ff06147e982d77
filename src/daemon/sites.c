/* SPDX-License-Identifier: ISC */
#include "daemon/sites.h"

#include <string.h>

#include "base/url.h"

#define SEGMENTS 6
#define ID_BYTES 256 /* a longer name is nobody's */

struct page {
	struct buf host;
	const char *origin; /* "https://host:port", as written */
	size_t origin_size;
	const char *segment[SEGMENTS]; /* of the path, without the slashes */
	int size[SEGMENTS];
	int count; /* SEGMENTS + 1: more than that */
	const char *query;
};

/* As an address's parts stand in it; false: not an http address. */
static bool
take_apart(const char *url, struct page *page)
{
	const char *p;
	size_t size;

	memset(page, 0, sizeof(*page));
	if (!url_is_http(url) || url_host(url, &page->host) < 0)
		return false;
	p = strstr(url, "://") + 3;
	p += strcspn(p, "/?#");
	page->origin = url;
	page->origin_size = (size_t)(p - url);
	while (*p == '/') {
		p++;
		size = strcspn(p, "/?#");
		if (size > ID_BYTES || page->count > SEGMENTS)
			return false;
		if (size > 0 && page->count < SEGMENTS) {
			page->segment[page->count] = p;
			page->size[page->count] = (int)size;
		}
		page->count += size > 0;
		p += size;
	}
	page->query = *p == '?' ? p + 1 : "";
	return true;
}

static bool
is(const struct page *page, int i, const char *word)
{
	return i < page->count && i < SEGMENTS &&
	    strlen(word) == (size_t)page->size[i] &&
	    memcmp(word, page->segment[i], (size_t)page->size[i]) == 0;
}

/* Letters, digits and what else names are made of. */
static bool
is_name(const struct page *page, int i)
{
	return strspn(page->segment[i],
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789-_.") == (size_t)page->size[i];
}

static bool
ends_with(const struct page *page, int i, const char *tail)
{
	size_t size = strlen(tail);

	return (size_t)page->size[i] >= size &&
	    memcmp(page->segment[i] + page->size[i] - size, tail, size) == 0;
}

static bool
is_host(const struct page *page, const char *name)
{
	const char *host = buf_text(&page->host);
	size_t host_size = strlen(host), size = strlen(name);

	return host_size >= size && strcmp(host + host_size - size, name) == 0 &&
	    (host_size == size || host[host_size - size - 1] == '.');
}

static void
add(struct candidates *found, const char *url, const char *title)
{
	if (url == NULL || found->count == CANDIDATES)
		return;
	found->url[found->count] = url;
	found->title[found->count++] = title;
}

/* The value of `key` in the query: where, and how long. */
static const char *
query_value(const struct page *page, const char *key, int *ret_size)
{
	const char *p = page->query;
	size_t size = strlen(key), n;

	for (; *p != '\0' && *p != '#'; p += n + (p[n] == '&')) {
		n = strcspn(p, "&#");
		if (n > size + 1 && n < ID_BYTES && memcmp(p, key, size) == 0 &&
		    p[size] == '=') {
			*ret_size = (int)(n - size - 1);
			return p + size + 1;
		}
	}
	return NULL;
}

/* A page of a @handle links to its feed itself. */
static void
youtube(const struct page *page, struct arena *arena, struct candidates *found)
{
	static const char feed[] = "https://www.youtube.com/feeds/videos.xml";
	const char *list;
	int size;

	if (page->count >= 2 && is(page, 0, "channel") && is_name(page, 1))
		add(found,
		    arena_printf(arena, "%s?channel_id=%.*s", feed, page->size[1],
			page->segment[1]),
		    "Videos");
	else if (page->count >= 2 && is(page, 0, "user") && is_name(page, 1))
		add(found,
		    arena_printf(arena, "%s?user=%.*s", feed, page->size[1],
			page->segment[1]),
		    "Videos");
	else if (is(page, 0, "playlist") &&
	    (list = query_value(page, "list", &size)) != NULL)
		add(found,
		    arena_printf(arena, "%s?playlist_id=%.*s", feed, size, list),
		    "Playlist");
}

static void
repository(const struct page *page, struct arena *arena, struct candidates *found,
    const char *what, const char *title)
{
	add(found,
	    arena_printf(arena, "https://github.com/%.*s/%.*s/%s.atom",
		page->size[0], page->segment[0], page->size[1], page->segment[1],
		what),
	    title);
}

/* github.com's own pages, where a person's name would stand. */
static bool
is_githubs_own(const struct page *page)
{
	static const char *const names[] = {"about", "apps", "collections",
	    "contact", "customer-stories", "enterprise", "events", "explore",
	    "features", "login", "marketplace", "new", "notifications", "orgs",
	    "pricing", "search", "security", "sessions", "settings", "site",
	    "sponsors", "stars", "team", "topics", "trending"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is(page, 0, names[i]))
			return true;
	}
	return false;
}

static void
github(const struct page *page, struct arena *arena, struct candidates *found)
{
	if (page->count == 0 || page->count > 4 || is_githubs_own(page) ||
	    !is_name(page, 0) || (page->count >= 2 && !is_name(page, 1)) ||
	    ends_with(page, page->count - 1, ".atom"))
		return;
	if (page->count == 1) {
		add(found,
		    arena_printf(arena, "https://github.com/%.*s.atom",
			page->size[0], page->segment[0]),
		    "Activity");
	} else if (page->count == 2) {
		repository(page, arena, found, "releases", "Releases");
		repository(page, arena, found, "tags", "Tags");
		repository(page, arena, found, "commits", "Commits");
	} else if (is(page, 2, "releases")) {
		repository(page, arena, found, "releases", "Releases");
	} else if (is(page, 2, "tags")) {
		repository(page, arena, found, "tags", "Tags");
	} else if (page->count == 3 && is(page, 2, "commits")) {
		repository(page, arena, found, "commits", "Commits");
	} else if (page->count == 4 &&
	    (is(page, 2, "commits") || is(page, 2, "tree"))) {
		repository(page, arena, found,
		    arena_printf(
			arena, "commits/%.*s", page->size[3], page->segment[3]),
		    "Commits");
	}
}

/* /r/NAME, /r/NAME/new, /r/NAME/comments/ID/TITLE, /user/NAME: all have one. */
static void
reddit(const struct page *page, struct arena *arena, struct candidates *found)
{
	const char *path;
	int i;

	if (page->count < 2 || page->count > SEGMENTS ||
	    !(is(page, 0, "r") || is(page, 0, "user") || is(page, 0, "u")) ||
	    ends_with(page, page->count - 1, ".rss"))
		return;
	path = is(page, 0, "r") ? "r" : "user";
	for (i = 1; i < page->count; i++) {
		path = arena_printf(
		    arena, "%s/%.*s", path, page->size[i], page->segment[i]);
		if (path == NULL)
			return;
	}
	add(found, arena_printf(arena, "https://www.reddit.com/%s/.rss", path),
	    NULL);
}

void
sites_feeds(const char *url, struct arena *arena, struct candidates *ret_found)
{
	struct page page;

	ret_found->count = 0;
	if (take_apart(url, &page)) {
		if (is_host(&page, "youtube.com"))
			youtube(&page, arena, ret_found);
		else if (is_host(&page, "reddit.com"))
			reddit(&page, arena, ret_found);
		else if (strcmp(buf_text(&page.host), "github.com") == 0 ||
		    strcmp(buf_text(&page.host), "www.github.com") == 0)
			github(&page, arena, ret_found);
	}
	buf_done(&page.host);
}

void
sites_guess(const char *url, struct arena *arena, struct candidates *ret_found)
{
	struct page page;

	ret_found->count = 0;
	if (take_apart(url, &page) && page.count == 1 && page.size[0] > 1 &&
	    page.segment[0][0] == '@' && !ends_with(&page, 0, ".rss"))
		add(ret_found,
		    arena_printf(arena, "%.*s/%.*s.rss", (int)page.origin_size, url,
			page.size[0], page.segment[0]),
		    NULL);
	buf_done(&page.host);
}
