/* SPDX-License-Identifier: ISC */
#include "document/document.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "document/inside.h"
#include "normalise/normalise.h"

#define FEED_WITHIN 8192 /* "the first few KB" (FORMATS 9) */

/* ---- one run ---- */

static bool
on_entry(void *arg, struct raw_entry *entry)
{
	struct run *run = arg;
	size_t at;

	if (run->count == run->room) {
		run->room = run->room > 0 ? 2 * run->room : 64;
		run->entries =
		    xrealloc(run->entries, run->room * sizeof(run->entries[0]));
	}
	/* One inside another ends first, but begins later. */
	for (at = run->count; at > 0 && run->entries[at - 1]->index > entry->index;
	    at--)
		run->entries[at] = run->entries[at - 1];
	run->entries[at] = entry;
	run->count++; /* parse counts them: LIMIT_ITEMS */
	return true;
}

static enum parse_how
how_of(const struct run *run)
{
	if (run->tolerant)
		return PARSE_XML_TOLERANT;
	switch (decode_syntax(run->decode)) {
	case SYNTAX_JSON:
		return PARSE_JSON;
	case SYNTAX_HTML:
		return PARSE_PAGE;
	default:
		return PARSE_XML_STRICT;
	}
}

static bool
on_text(void *arg, const char *text, size_t size)
{
	struct run *run = arg;
	struct document *d = run->document;

	if (run->parse == NULL)
		run->parse = parse_new(
		    how_of(run), run->arena, d->url, d->keep_raw, on_entry, run);
	if (run->error == 0)
		run->error = parse_data(run->parse, text, size);
	return true; /* decode goes on: what it finds is told too */
}

static struct run *
run_new(struct document *d, const char *force, bool tolerant)
{
	struct run *run = xcalloc(1, sizeof(*run));

	run->document = d;
	run->tolerant = tolerant;
	run->force = force;
	run->arena = arena_new(LIMIT_ARENA_BYTES);
	run->decode = decode_new(d->content_type, force, on_text, run);
	return run;
}

static void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	parse_free(run->parse);
	decode_free(run->decode);
	arena_free(run->arena);
	free(run->entries);
	free(run);
}

static void
run_end(struct run *run)
{
	int r;

	(void)decode_end(run->decode);
	if (run->parse == NULL)
		return;
	r = parse_end(run->parse);
	if (run->error == 0)
		run->error = r;
}

/* The whole body once more. */
static struct run *
run_again(struct document *d, const char *force, bool tolerant)
{
	struct run *run = run_new(d, force, tolerant);

	(void)decode_data(run->decode, buf_text(&d->body), d->body.len);
	run_end(run);
	return run;
}

static enum document_kind
run_kind(const struct run *run)
{
	return run->parse != NULL ? parse_feed(run->parse)->kind : KIND_UNKNOWN;
}

static bool
run_is_feed(const struct run *run)
{
	enum document_kind kind = run_kind(run);

	return kind != KIND_UNKNOWN && kind != KIND_HTML;
}

/* ---- the object ---- */

void
document_warm(void)
{
	decode_warm();
}

struct document *
document_new(const struct document_options *options)
{
	struct document *d = xcalloc(1, sizeof(*d));

	d->content_type = xstrdup_null(options->content_type);
	d->content_language = xstrdup_null(options->content_language);
	d->url = xstrdup_null(options->url);
	d->known = options->known;
	d->known_count = options->known_count;
	d->max_body = options->max_body > 0 ? options->max_body : LIMIT_BODY_BYTES;
	d->max_items =
	    options->max_items > 0 ? options->max_items : LIMIT_ITEMS_KEPT;
	d->keep_raw = options->keep_raw;
	d->want_candidates = options->want_candidates;
	d->now = options->now;
	d->run = run_new(d, NULL, false);
	return d;
}

void
document_free(struct document *d)
{
	if (d == NULL)
		return;
	run_free(d->run);
	buf_done(&d->body);
	buf_done(&d->scratch);
	free(d->sorted);
	free(d->content_type);
	free(d->content_language);
	free(d->url);
	free(d->base);
	free(d->reason);
	free(d);
}

bool
document_data(struct document *d, const char *data, size_t size)
{
	assert(!d->ended);
	if (d->too_big)
		return false;
	if (size > d->max_body - d->body.len) {
		d->too_big = true;
		return false;
	}
	buf_add(&d->body, data, size);
	(void)decode_data(d->run->decode, data, size);
	return decode_binary(d->run->decode) == NULL && d->run->error != -E2BIG;
}

/* ---- the end ---- */

/* The tolerant run must bring at least what the strict one had seen. */
static void
run_tolerantly(struct document *d)
{
	struct run *strict = d->run, *run;

	run = run_again(d, strict->force, true);
	if (run->count < strict->count || !run_is_feed(run)) {
		run_free(run);
		return;
	}
	run_free(strict);
	d->run = run;
}

/* Appended: decode's fault, with the line and the character of it. */
static void
put_encoding_fault(const struct document *d, struct buf *out)
{
	const char *text = buf_text(&d->body);
	const struct decode *decode = d->run->decode;
	size_t at = decode_fault_at(decode), line = 1, column = 1;

	buf_puts(out, decode_fault(decode));
	if (at >= d->body.len)
		return;
	for (size_t i = 0; i < at; i++) {
		line += text[i] == '\n';
		column = text[i] == '\n' ? 1 : column + ((text[i] & 0xC0) != 0x80);
	}
	buf_printf(out, " (line %zu, column %zu)", line, column);
}

/* Appended: what this is instead of a feed. */
static void
put_no_feed(const struct document *d, const char *strict_fault, struct buf *out)
{
	const struct run *run = d->run;
	enum document_syntax syntax = decode_syntax(run->decode);

	if (decode_binary(run->decode) != NULL)
		buf_printf(out, "notfeed: this is %s", decode_binary(run->decode));
	else if (d->body.len == 0)
		buf_puts(out, "notfeed: the document is empty");
	else if (run_kind(run) == KIND_HTML)
		buf_puts(out, "notfeed: this is an HTML page");
	else if (syntax == SYNTAX_JSON)
		buf_puts(out, "notfeed: this JSON is no feed");
	else if (syntax == SYNTAX_OTHER)
		buf_puts(out, "notfeed: this is neither XML, JSON nor HTML");
	else if (strict_fault != NULL)
		buf_puts(out, strict_fault);
	else
		buf_puts(out, "notfeed: the root element is no feed's");
}

/* Appended: what was amiss with a feed; the first fault is the one to tell. */
static void
put_fault(const struct document *d, const char *strict_fault, struct buf *out)
{
	const struct run *run = d->run;
	unsigned long line;
	const char *fault =
	    run->parse != NULL ? parse_fault(run->parse, &line) : NULL;

	if (strict_fault != NULL)
		fault = strncmp(strict_fault, "notfeed:", 8) == 0
		    ? "xml: something stands before the feed"
		    : strict_fault;
	if (decode_fault(run->decode) != NULL)
		put_encoding_fault(d, out);
	else if (fault != NULL)
		buf_puts(out, fault);
}

/* One line for people, or none. */
static void
find_reason(struct document *d, const char *strict_fault)
{
	const struct run *run = d->run;
	struct buf reason = {0};
	unsigned long line;

	if (d->too_big)
		buf_printf(&reason, "xml: the document has more than %zu bytes",
		    d->max_body);
	else if (run->error == -E2BIG)
		buf_puts(&reason, parse_fault(run->parse, &line));
	else if (!run_is_feed(run))
		put_no_feed(d, strict_fault, &reason);
	else
		put_fault(d, strict_fault, &reason);
	d->reason = reason.data;
}

static enum outcome
outcome_of(const struct document *d)
{
	const struct run *run = d->run;

	if (d->too_big || run->error == -E2BIG)
		return OUTCOME_TOO_BIG;
	if (d->body.len == 0)
		return OUTCOME_EMPTY;
	if (!run_is_feed(run))
		return OUTCOME_NOT_A_FEED;
	return d->damaged ? OUTCOME_BROKEN : OUTCOME_OK;
}

static msec_t
date_of(const struct raw_entry *entry)
{
	msec_t wall;

	if (entry->c.published != NULL &&
	    normalise_date(entry->c.published, &wall) == 0)
		return wall;
	if (entry->c.updated != NULL && normalise_date(entry->c.updated, &wall) == 0)
		return wall;
	return INT64_MIN;
}

struct dated {
	msec_t date;
	size_t index;
};

static int
compare_dated(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int
compare_index(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* The newest max_items by date, then by order (POLLING 53); the rest goes. */
static void
keep_newest(struct document *d)
{
	struct run *run = d->run;
	struct dated *dated;

	if (run->count <= d->max_items)
		return;
	d->cut = true;
	dated = xcalloc(run->count, sizeof(*dated));
	for (size_t i = 0; i < run->count; i++) {
		dated[i].date = date_of(run->entries[i]);
		dated[i].index = i;
	}
	qsort(dated, run->count, sizeof(*dated), compare_dated);
	qsort(dated, d->max_items, sizeof(*dated), compare_index);
	for (size_t i = 0; i < d->max_items; i++)
		run->entries[i] = run->entries[dated[i].index];
	run->count = d->max_items;
	free(dated);
}

/* xml:base aside: the address that answered, else the feed's own. */
static void
find_base(struct document *d)
{
	const struct raw_feed *feed = document_feed(d);

	if (d->url != NULL)
		d->base = xstrdup(d->url);
	else if (feed->self != NULL && url_is_http(feed->self))
		d->base = xstrdup(feed->self);
}

/* Some wrap a whole feed into a page. */
static bool
has_feed_inside(const struct document *d)
{
	static const char *const roots[] = {
	    "<feed xmlns", "<rss version", "<rdf:RDF "};
	size_t size = d->body.len < FEED_WITHIN ? d->body.len : FEED_WITHIN;

	if (run_kind(d->run) != KIND_HTML)
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (memmem(buf_text(&d->body), size, roots[i], strlen(roots[i])) !=
		    NULL)
			return true;
	return false;
}

/* Bytes that were mostly not what they claimed: once more, as what they are. */
static void
run_decoded_better(struct document *d)
{
	const char *better = decode_better(d->run->decode);
	struct run *run;

	if (better == NULL)
		return;
	run = run_again(d, better, false);
	run_free(d->run);
	d->run = run;
}

enum outcome
document_end(struct document *d)
{
	unsigned long line;
	char *strict_fault = NULL;

	assert(!d->ended);
	d->ended = true;
	run_end(d->run);
	d->body_hash = hash128(buf_text(&d->body), d->body.len);
	run_decoded_better(d);
	if (has_feed_inside(d))
		run_tolerantly(d);
	else if (d->run->error == -EBADMSG && how_of(d->run) == PARSE_XML_STRICT) {
		strict_fault = xstrdup_null(parse_fault(d->run->parse, &line));
		d->damaged = true;
		run_tolerantly(d);
	}
	if (d->run->parse != NULL && (d->run->tolerant || strict_fault == NULL))
		d->damaged = parse_is_damaged(d->run->parse);
	find_reason(d, strict_fault);
	free(strict_fault);
	d->outcome = outcome_of(d);
	find_base(d);
	keep_newest(d);
	return d->outcome;
}

const char *
document_reason(const struct document *d)
{
	return d->reason;
}

size_t
document_held(const struct document *d)
{
	return d->body.cap + arena_used(d->run->arena) +
	    d->run->room * sizeof(d->run->entries[0]);
}

struct hash128
document_body_hash(const struct document *d)
{
	/* Before the end, too: a body that is known needs no end. */
	return d->ended ? d->body_hash : hash128(buf_text(&d->body), d->body.len);
}

const struct raw_feed *
document_feed(const struct document *d)
{
	static const struct raw_feed none;

	return d->run->parse != NULL ? parse_feed(d->run->parse) : &none;
}

size_t
document_entry_count(const struct document *d)
{
	return d->run->count;
}

const struct raw_entry *
document_entry(const struct document *d, size_t index)
{
	return d->run->entries[index];
}
