/* SPDX-License-Identifier: ISC */
/* What a document is like, and what its publisher could make better. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/unicode.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "document/document.h"
#include "document/inside.h"
#include "normalise/normalise.h"

#define FUTURE_SLACK MSEC_PER_HOUR /* a later date is not believed */
#define SHOWN 80                   /* bytes of a value that is quoted */

static bool
is_feed(const struct document *d)
{
	enum document_kind kind = document_feed(d)->kind;

	return kind != KIND_UNKNOWN && kind != KIND_HTML;
}

static bool
is_filled(const char *text)
{
	return text != NULL && text[strspn(text, " \t\r\n")] != '\0';
}

/* ---- what is the matter with the items ---- */

/* How many items have it, and the first value that shows it. */
struct matter {
	size_t count;
	const char *first;
};

struct matters {
	struct matter no_id, no_link, no_text, no_date, bad_date, future, same_id,
	    relative, unfinished;
	msec_t newest, oldest; /* INT64_MIN: none */
	size_t dated;
};

static void
note(struct matter *matter, const char *value)
{
	if (matter->count++ == 0)
		matter->first = value;
}

static void
look_at_date(struct matters *m, const struct raw_entry *e, msec_t now)
{
	const char *text = e->c.published != NULL ? e->c.published : e->c.updated;
	msec_t wall;

	if (!is_filled(text)) {
		note(&m->no_date, NULL);
	} else if (normalise_date(text, &wall) < 0) {
		note(&m->bad_date, text);
	} else {
		if (wall > now + FUTURE_SLACK)
			note(&m->future, text);
		if (m->dated == 0 || wall > m->newest)
			m->newest = wall;
		if (m->dated == 0 || wall < m->oldest)
			m->oldest = wall;
		m->dated++;
	}
}

/* Atom and CDF have xml:base; in RSS and JSON nothing says what a relative
 * reference is relative to. */
static bool
may_be_relative(enum document_kind kind)
{
	return kind == KIND_ATOM03 || kind == KIND_ATOM10 || kind == KIND_ATOM ||
	    kind == KIND_CDF;
}

static void
look_at(struct matters *m, const struct document *d, const struct raw_entry *e,
    struct map *ids)
{
	if (!is_filled(e->c.id))
		note(&m->no_id, NULL);
	else if (map_put_text(ids, e->c.id, ids) != NULL)
		note(&m->same_id, e->c.id);
	/* A podcast's episode is its file. */
	if (!is_filled(e->c.link) && e->enclosures == NULL)
		note(&m->no_link, NULL);
	else if (e->c.link != NULL && e->c.base == NULL && e->c.link_base == NULL &&
	    !may_be_relative(document_feed(d)->kind) &&
	    strchr(e->c.link, ':') == NULL)
		note(&m->relative, e->c.link);
	if (!is_filled(e->c.title.value) && !is_filled(e->content.value) &&
	    !is_filled(e->c.summary.value))
		note(&m->no_text, NULL);
	if (!e->complete)
		note(&m->unfinished, NULL);
	look_at_date(m, e, d->now);
}

static void
find_matters(const struct document *d, struct matters *m)
{
	struct map *ids = map_new();
	size_t i;

	memset(m, 0, sizeof(*m));
	for (i = 0; is_feed(d) && i < d->run->count; i++)
		look_at(m, d, d->run->entries[i], ids);
	map_free(ids);
}

/* ---- in words ---- */

struct teller {
	struct jsonw *w;
	size_t items;
	struct buf line;
};

static void
tell_line(struct teller *t)
{
	jsonw_textn(t->w, NULL, buf_text(&t->line), t->line.len);
	buf_reset(&t->line);
}

/* "3 of 15 items: no date.  Readers ..."; the first one's value quoted. */
static void
tell(struct teller *t, const struct matter *m, const char *what, const char *advice)
{
	const char *first;

	if (m->count == 0)
		return;
	buf_printf(&t->line, "%zu of %zu items: %s", m->count, t->items, what);
	if (m->first != NULL) {
		first = m->first + strspn(m->first, " \t\r\n");
		buf_printf(&t->line, ", such as \"%.*s\"",
		    (int)unicode_cut(first, strlen(first), SHOWN), first);
	}
	buf_printf(&t->line, ". %s.", advice);
	tell_line(t);
}

static const char *
date_advice(enum document_kind kind)
{
	return kind >= KIND_RSS090 && kind <= KIND_RSS && kind != KIND_RSS10
	    ? "Write it as Mon, 02 Nov 2026 15:04:05 GMT"
	    : "Write it as 2026-11-02T15:04:05Z";
}

static void
tell_of_items(struct teller *t, const struct document *d)
{
	enum document_kind kind = document_feed(d)->kind;
	struct matters m;

	find_matters(d, &m);
	tell(t, &m.no_id, "no id",
	    "Readers know them by link or text, and take an edit for a new item");
	tell(t, &m.same_id, "the id of another one", "Each needs its own");
	tell(t, &m.no_link, "no link", "Readers cannot open them");
	tell(t, &m.relative, "a relative link",
	    "Write it whole, with https://: readers do not agree on the rest");
	tell(t, &m.no_text, "neither title nor text", "There is nothing to show");
	tell(t, &m.no_date, "no date", "Readers show when they first saw them");
	tell(t, &m.bad_date, "a date that cannot be read", date_advice(kind));
	tell(t, &m.future, "a date in the future",
	    "It is not believed: the time they were first seen stands in");
	tell(t, &m.unfinished, "not finished",
	    "The document ends in them, and they are waited for");
}

/* The address that the feed gives itself is another one. */
static void
tell_of_self(struct teller *t, const struct document *d)
{
	const struct raw_feed *feed = document_feed(d);
	struct buf self = {0};

	if (feed->self != NULL && d->url != NULL &&
	    url_resolve(d->url, feed->self, &self) == 0 &&
	    strcmp(self.data, d->url) != 0)
		buf_printf(&t->line,
		    "It gives its address (rel=self) as %.1024s, and was read from "
		    "%.1024s.",
		    self.data, d->url);
	if (t->line.len > 0)
		tell_line(t);
	buf_done(&self);
}

void
document_warnings(const struct document *d, struct jsonw *w)
{
	struct teller t = {.w = w, .items = d->run->count};

	if (is_feed(d)) {
		if (d->reason != NULL) {
			buf_printf(&t.line, "%s: %s.",
			    strncmp(d->reason, "encoding:", 9) == 0
				? "Its bytes are not what they should be"
				: "It is damaged, and strict readers show nothing "
				  "of it",
			    d->reason);
			tell_line(&t);
		}
		if (!is_filled(document_feed(d)->c.title.value)) {
			buf_puts(&t.line, "The feed has no title.");
			tell_line(&t);
		}
		if (t.items == 0) {
			buf_puts(&t.line, "It has no items.");
			tell_line(&t);
		}
		if (d->cut) {
			buf_printf(&t.line,
			    "It has more items than are kept: the newest %u.",
			    d->max_items);
			tell_line(&t);
		}
		tell_of_items(&t, d);
		tell_of_self(&t, d);
	}
	buf_done(&t.line);
}

/* ---- what it is ---- */

static void
put_line(struct jsonw *w, const char *key, const struct text *text)
{
	struct buf line = {0};

	normalise_text(text, true, &line);
	if (line.len > 0)
		jsonw_textn(w, key, line.data, line.len);
	buf_done(&line);
}

static void
put_url(struct jsonw *w, const char *key, const char *base, const char *url)
{
	struct buf absolute = {0};

	if (url != NULL && url_resolve(base, url, &absolute) == 0 &&
	    url_is_http(absolute.data))
		jsonw_text(w, key, absolute.data);
	buf_done(&absolute);
}

static void
put_feed(const struct document *d, struct jsonw *w)
{
	const struct raw_feed *feed = document_feed(d);
	struct hints hints = {0};
	struct matters m;

	put_line(w, "title", &feed->c.title);
	put_url(w, "site", d->base, feed->c.link);
	put_url(w, "self", d->base, feed->self);
	if (feed->hubs != NULL)
		put_url(w, "hub", d->base, feed->hubs->href);
	put_url(w, "next", d->base, feed->next);
	put_url(w, "new_url", d->base, feed->new_url);
	normalise_hints(feed, &hints);
	if (hints.ttl > 0)
		jsonw_int(w, "ttl_s", hints.ttl / MSEC_PER_SEC);
	if (hints.period > 0)
		jsonw_int(w, "period_s", hints.period / MSEC_PER_SEC);
	find_matters(d, &m);
	jsonw_int(w, "items", (int64_t)d->run->count);
	jsonw_int(w, "dated", (int64_t)m.dated);
	if (m.dated > 0) {
		jsonw_time(w, "newest", m.newest);
		jsonw_time(w, "oldest", m.oldest);
	}
}

void
document_report(const struct document *d, struct jsonw *w)
{
	jsonw_text(w, "format", document_kind_name(document_feed(d)->kind));
	jsonw_text(w, "encoding", decode_encoding(d->run->decode));
	jsonw_int(w, "size", (int64_t)d->body.len);
	jsonw_bool(w, "bozo", d->reason != NULL);
	jsonw_text(w, "bozo_reason", d->reason);
	if (is_feed(d))
		put_feed(d, w);
}
