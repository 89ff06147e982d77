/* SPDX-License-Identifier: ISC */
#include "daemon/candidates.h"

#include <string.h>

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

void
candidates_of_page(
    const struct batch *batch, struct arena *arena, struct candidates *ret_found)
{
	const struct link *link;
	struct buf url = {0};

	ret_found->count = 0;
	for (link = batch->candidates; link != NULL; link = link->next) {
		buf_reset(&url);
		if (link->href != NULL &&
		    url_resolve(batch->url, link->href, &url) == 0 &&
		    url_is_http(url.data))
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
