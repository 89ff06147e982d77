/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_MARKUP_H
#define MARKUP_MARKUP_H

/*
 * The one tokenizer for soup: WHATWG tokenization (HTML section 13.2.5) without
 * a tree, streaming and linear.  Over it: HTML made clean, and HTML as plain
 * text.  Input is UTF-8.  Pure; one thread an object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct markup_attribute {
	const char *name,
	    *value; /* references decoded; a NUL ends each, none inside */
	size_t name_size, value_size;
};

/* Tokens.  Strings live until the callback returns.  A NULL callback skips. */
struct markup_sink {
	void (*start_tag)(void *arg, const char *name, size_t size,
	    const struct markup_attribute *attributes, size_t count,
	    bool self_closing);
	void (*end_tag)(void *arg, const char *name, size_t size);
	/* Characters, references decoded; a run may come in pieces. */
	void (*text)(void *arg, const char *text, size_t size);
	void (*comment)(void *arg, const char *text, size_t size);
	/* NULL name, public or system: missing in the source. */
	void (*doctype)(void *arg, const char *name, const char *public_id,
	    const char *system_id, bool quirks);
	/* MARKUP_XML: <![CDATA[...]]>; a long one comes in pieces. */
	void (*cdata)(void *arg, const char *text, size_t size);
	/* MARKUP_XML: <?...?> without its marks.  One whose target begins with
	 * "xml" ends at the first >: that ? is often forgotten. */
	void (*instruction)(void *arg, const char *text, size_t size);
	/* MARKUP_XML: &name; that HTML does not know, for names that the document
	 * declared.  Appends its text to `out` and returns true, or false: then it
	 * stays as it is.  May be NULL. */
	bool (*entity)(void *arg, const char *name, size_t size, struct buf *out);
};

/*
 * MARKUP_HTML: as browsers tokenize; after script, style, textarea, title, xmp,
 * iframe, noembed, noframes, plaintext raw text or RCDATA follows by itself.
 * MARKUP_XML: the tolerant run over broken XML: names keep their case and may
 * begin with _ : or anything outside ASCII, no raw text, CDATA sections and
 * instructions are tokens, a DOCTYPE's internal subset is passed over, references
 * need their semicolon (any other & is text), those to characters that XML
 * forbids are dropped, and a < in a tag ends it: its > was forgotten.
 */
enum markup_mode { MARKUP_HTML, MARKUP_XML };

/* For the html5lib tests and callers that know the context. */
enum markup_state {
	MARKUP_DATA,
	MARKUP_PLAINTEXT,
	MARKUP_RCDATA,
	MARKUP_RAWTEXT,
	MARKUP_SCRIPT_DATA,
	MARKUP_CDATA_SECTION
};

struct markup;
struct markup *markup_new(
    enum markup_mode mode, const struct markup_sink *sink, void *arg);
void markup_free(struct markup *markup); /* NULL is fine */
/* A sink may be on the caller's stack; it must live as long as the object.
 *
 * Before the first byte, or inside start_tag: the state that follows, and the tag
 * whose end leaves it (NULL: none). */
void markup_set_state(
    struct markup *markup, enum markup_state state, const char *last_tag);
/* HTML inside svg and math: there <![CDATA[ opens a section (reported as text), and
 * no element is raw.  Says nothing about what is open already. */
void markup_set_foreign(struct markup *markup, bool is_foreign);
/* False once a limit was hit (one token over LIMIT_TOKEN_BYTES, too many
 * attributes: the rest of that token is dropped, tokenizing goes on) -- see
 * markup_limit for what; data is always consumed. */
bool markup_data(struct markup *markup, const char *data, size_t size);
void markup_end(struct markup *markup);
const char *markup_limit(const struct markup *markup); /* NULL: none was hit */
/* Bytes consumed before the token now being reported began, and after it ended. */
size_t markup_token_start(const struct markup *markup);
size_t markup_token_end(const struct markup *markup);

/* One character reference at `text` ("&..."): its length in bytes, and its
 * characters (1 or 2 code points as UTF-8) appended to `out`.  0: no reference.
 * `in_attribute`: HTML's rule for attribute values.  `strict`: only with its
 * semicolon (feeds: `?a=1&copy=2` is no copyright sign, FORMATS 11). */
size_t markup_reference(
    const char *text, size_t size, bool in_attribute, bool strict, struct buf *out);
/* A name without & and ; ("nbsp") to UTF-8 text, or NULL. */
const char *markup_entity(const char *name, size_t size);

/*
 * HTML written anew, safe to show: only allowed elements and attributes, tags
 * balanced, every text and attribute escaped, link-like attributes resolved
 * against `base` (may be NULL) and kept only for http and https, links also for
 * mailto and tel.  script, style, svg, template, object, noscript, frames go whole;
 * of other elements that are not allowed only the tags.  math stays, with those of
 * its elements that are for the eye (not annotation, maction), nothing but text in
 * mi, mo, mn, ms and mtext, and links to http and https alone.  Nothing runs, any
 * parser reads it in the one way, and cleaning it again changes nothing.  Appended to `out`; LIMIT_HTML_BYTES of
 * it at most (then cut, balanced); deeper than LIMIT_DEPTH tags go, text stays.
 * `resolve` turns a reference into an absolute URL, 0 or -errno (base/url's
 * url_resolve; NULL: references stay as they are, as they do without a base).
 */
typedef int markup_resolve_fn(
    const char *base, const char *reference, struct buf *out);
void markup_clean(const char *html, size_t size, const char *base,
    markup_resolve_fn *resolve, struct buf *out);

/* How plain text is laid out. */
enum markup_text_flags {
	MARKUP_TEXT_LINKS = 1, /* "[1]" behind links, addresses listed at the end */
	MARKUP_TEXT_ONE_LINE = 2 /* titles: white space collapsed, no blocks */
};
/* HTML as plain text: blocks on lines of their own, lists with marks, images as
 * their alt text, pre kept, tables a row a line, mathematics as one types it (x^2);
 * no control characters but line feeds.  Appended to `out`. */
void markup_text(const char *html, size_t size, unsigned flags, struct buf *out);

/* True when `text` holds an end tag or a known character reference and nothing
 * but known HTML elements: RSS titles (FORMATS 39, PARSE.md). */
bool markup_looks_like_html(const char *text, size_t size);

/* A page's feeds: link rel=alternate with a feed type, `a` as a last resort.
 * Called for each in order.  */
typedef void markup_feed_fn(
    void *arg, const char *href, const char *type, const char *title);
/* Also gives the page's title and base href when there are. */
void markup_find_feeds(const char *html, size_t size, markup_feed_fn *found,
    void *arg, struct buf *title, struct buf *base);

#endif
