/* SPDX-License-Identifier: ISC */
/* Entries -> items of a batch, in slices: cleaning HTML is the dearest step, and
 * no turn of the fetcher's loop may take long. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "base/xalloc.h"
#include "document/document.h"
#include "document/inside.h"
#include "normalise/normalise.h"

static int
compare_hash(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static void
sort_known(struct document *d)
{
	if (d->known_count == 0)
		return;
	d->sorted = xcalloc(d->known_count, sizeof(d->sorted[0]));
	memcpy(d->sorted, d->known, d->known_count * sizeof(d->sorted[0]));
	qsort(d->sorted, d->known_count, sizeof(d->sorted[0]), compare_hash);
}

static bool
is_known(const struct document *d, uint64_t hash)
{
	return d->sorted != NULL &&
	    bsearch(&hash, d->sorted, d->known_count, sizeof(hash), compare_hash) !=
	    NULL;
}

/* feed:https://... and feed://... are how some write a feed's address. */
static void
put_reference(const char *href, struct buf *out)
{
	bool is_feed = strncasecmp(href, "feed:", 5) == 0;

	if (is_feed && strncmp(href + 5, "//", 2) == 0)
		buf_puts(out, "http:");
	buf_puts(out, is_feed ? href + 5 : href);
}

/* A page's links to feeds, absolute. */
static int
add_candidates(const struct document *d, struct batch *batch)
{
	const struct raw_feed *feed = document_feed(d);
	struct link **next = &batch->candidates, *link;
	const struct link *from;
	struct buf base = {0}, url = {0}, href = {0};
	int r = 0;

	if (feed->c.base != NULL)
		(void)url_resolve(d->base, feed->c.base, &base); /* else d->base */
	for (from = feed->c.links; from != NULL && r == 0; from = from->next) {
		buf_reset(&url);
		buf_reset(&href);
		put_reference(from->href, &href);
		if (url_resolve(base.len > 0 ? base.data : d->base, buf_text(&href),
			&url) < 0 ||
		    !url_is_http(url.data))
			continue;
		link = arena_alloc(batch->arena, sizeof(*link));
		if (link == NULL) {
			r = -E2BIG;
			break;
		}
		link->rel = "alternate";
		link->href = arena_dup(batch->arena, url.data, url.len);
		link->type = arena_strdup(batch->arena, from->type);
		link->title = arena_strdup(batch->arena, from->title);
		link->length = -1;
		*next = link;
		next = &link->next;
	}
	buf_done(&base);
	buf_done(&url);
	buf_done(&href);
	return r;
}

/* Hints' strings live in the document: the batch outlives it. */
static void
copy_hints(struct hints *hints, struct arena *arena)
{
	hints->self = arena_strdup(arena, hints->self);
	hints->hub = arena_strdup(arena, hints->hub);
	hints->next = arena_strdup(arena, hints->next);
	hints->new_url = arena_strdup(arena, hints->new_url);
}

static int
compare_date_down(const void *a, const void *b)
{
	msec_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x > y ? -1 : x < y;
}

#define GAP_DATES 20 /* the newest: POLLING's learnt interval */
#define GAP_FEWEST 3

/* The median of the gaps between the newest dates; 0: too few. */
static msec_t
median_gap(const struct document *d)
{
	size_t count = document_entry_count(d), n = 0;
	msec_t *dates = xcalloc(count + 1, sizeof(*dates)), gap = 0;

	for (size_t i = 0; i < count; i++) {
		const struct common *c = &document_entry(d, i)->c;
		const char *text = c->published != NULL ? c->published : c->updated;

		if (text != NULL && normalise_date(text, &dates[n]) == 0 &&
		    dates[n] <= d->now)
			n++;
	}
	qsort(dates, n, sizeof(*dates), compare_date_down);
	if (n > GAP_DATES)
		n = GAP_DATES;
	if (n >= GAP_FEWEST) {
		for (size_t i = 0; i + 1 < n; i++)
			dates[i] -= dates[i + 1];
		qsort(dates, n - 1, sizeof(*dates), compare_date_down);
		gap = dates[(n - 1) / 2];
	}
	free(dates);
	return gap;
}

/* A feed's authors are those of its entries without one in Atom (RFC 4287, 4.2.1)
 * and JSON Feed; in RSS they are its editors. */
static bool
hands_authors_down(enum document_kind kind)
{
	switch (kind) {
	case KIND_ATOM03:
	case KIND_ATOM10:
	case KIND_ATOM:
	case KIND_JSON10:
	case KIND_JSON11:
		return true;
	default:
		return false;
	}
}

static void
context_init(
    struct document *d, struct batch *batch, struct normalise_context *context)
{
	const struct raw_feed *feed = document_feed(d);

	memset(context, 0, sizeof(*context));
	context->base = d->base;
	context->feed_lang =
	    feed->c.language != NULL ? feed->c.language : d->content_language;
	if (hands_authors_down(feed->kind))
		context->feed_authors = feed->c.authors;
	context->now = d->now;
	context->keep_raw = d->keep_raw;
	context->arena = batch->arena;
}

static int
begin(struct document *d, struct batch *batch)
{
	const struct raw_feed *feed = document_feed(d);
	struct normalise_context context;
	int r;

	d->began = true;
	sort_known(d);
	batch->kind = feed->kind;
	batch->cut = d->cut;
	batch->whole = d->outcome == OUTCOME_OK;
	if (feed->kind == KIND_HTML)
		return d->want_candidates ? add_candidates(d, batch) : 0;
	context_init(d, batch, &context);
	r = normalise_feed(feed, &context, &batch->meta);
	normalise_done(&context);
	normalise_hints(feed, &batch->hints);
	batch->hints.median_gap = median_gap(d);
	copy_hints(&batch->hints, batch->arena);
	return r;
}

static int
add_entry(const struct document *d, const struct raw_entry *entry,
    struct normalise_context *context, struct batch *batch)
{
	struct item *item;

	if (!entry->complete)
		return 0; /* its end comes with the next poll */
	if (is_known(d, entry->raw_hash))
		return batch_add_unchanged(batch, entry->raw_hash) ? 0 : -E2BIG;
	item = batch_add_item(batch);
	if (item == NULL)
		return -E2BIG;
	return normalise_entry(entry, context, item);
}

static int
too_big(struct batch *batch)
{
	batch->outcome = OUTCOME_TOO_BIG;
	batch->whole = false;
	return -E2BIG;
}

int
document_normalise(struct document *d, int64_t slice_usec, struct batch *batch)
{
	struct normalise_context context;
	int64_t start = clock_cpu_usec();
	int r = 0;

	if (!d->began && begin(d, batch) < 0)
		return too_big(batch);
	context_init(d, batch, &context);
	context.scratch = d->scratch;
	while (r == 0 && d->next < d->run->count) {
		r = add_entry(d, d->run->entries[d->next++], &context, batch);
		if (clock_cpu_usec() - start >= slice_usec)
			break;
	}
	d->scratch = context.scratch;
	if (r < 0 || arena_is_full(batch->arena))
		return too_big(batch);
	return d->next < d->run->count ? 1 : 0;
}
