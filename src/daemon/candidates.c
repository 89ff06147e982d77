/* SPDX-License-Identifier: ISC */
#include "daemon/candidates.h"

#include <string.h>

#include "base/limits.h"
#include "base/url.h"

static void
add(struct candidates *found, struct arena *arena, const char *url,
    const char *title)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		if (strcmp(found->url[i], url) == 0)
			return;
	}
	if (found->count == CANDIDATES)
		return;
	found->url[found->count] = arena_strdup(arena, url);
	found->title[found->count] = arena_strdup(arena, title);
	if (found->url[found->count] != NULL)
		found->count++;
}

static bool
is_same(const char *url, const char *other)
{
	struct buf a = {0}, b = {0};
	bool same;

	url_asked(url, &a);
	url_asked(other, &b);
	same = strcmp(buf_text(&a), buf_text(&b)) == 0;
	buf_done(&a);
	buf_done(&b);
	return same;
}

/* Where the link leads: to another place than the page, and as nobody (a user and
 * password in it are none that we know). */
static bool
read_link(const struct batch *page, const struct link *link, struct buf *url)
{
	struct buf whole = {0};
	bool fits;

	buf_reset(url);
	fits = link->href != NULL &&
	    url_resolve(page->url, link->href, &whole) == 0 &&
	    url_is_http(whole.data) && url_without_userinfo(whole.data, url) == 0 &&
	    url->len <= LIMIT_URL_BYTES && !is_same(url->data, page->url);
	buf_done(&whole);
	return fits;
}

void
candidates_of_page(
    const struct batch *batch, struct arena *arena, struct candidates *ret_found)
{
	const struct link *link;
	struct buf url = {0};

	ret_found->count = 0;
	for (link = batch->candidates; link != NULL; link = link->next) {
		if (read_link(batch, link, &url))
			add(ret_found, arena, url.data, link->title);
	}
	buf_done(&url);
}

void
candidates_put(const struct candidates *found, struct jsonw *w)
{
	size_t i;

	jsonw_array(w, "candidates");
	for (i = 0; i < found->count; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "url", found->url[i]);
		jsonw_text(w, "title", found->title[i]);
		jsonw_close(w);
	}
	jsonw_close(w);
}
