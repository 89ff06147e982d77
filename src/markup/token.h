/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_TOKEN_H
#define MARKUP_TOKEN_H

/*
 * The inside of the tokenizer, for its own files alone.
 *
 * A state of the standard is a function.  It is called with what is left of the
 * chunk, takes at least one byte or changes the state, and returns where it
 * stopped; between chunks everything lives in struct markup, so that no chunking
 * can change a token.  Called with p == end it is told the end of the document.
 * Line ends are LF already: markup_data sees to that.
 */
#include <string.h>

#include "base/limits.h"
#include "markup/markup.h"

typedef const char *token_step(struct markup *m, const char *p, const char *end);

struct token_span { /* an attribute: places in `token` */
	size_t name, name_size, value;
	size_t value_size;
};

#define TOKEN_HELD 64 /* longer than any name that we look for */
#define TOKEN_SLOTS 2048

struct markup {
	token_step *state;
	token_step *back; /* whence a reference or a doubtful end tag came */
	const struct markup_sink *sink;
	void *arg;
	bool is_xml;
	bool has_cdata; /* <![CDATA[ opens a section: XML, foreign content */
	bool is_ended;
	bool skip_lf; /* the last chunk ended in CR */
	const char *limit;

	/* Where we are: `base` bytes came before `chunk`. */
	const char *chunk;
	size_t base, mark, token_start, token_end;

	/* The token being built: a name and attributes, a comment, a doctype. */
	struct buf token;
	bool is_end_tag, is_self_closing, in_attribute, is_dropped;
	size_t name_size;
	struct token_span *spans; /* one more than `capacity`, for dropped ones */
	struct markup_attribute *attributes;
	size_t count, capacity;
	uint16_t *slots; /* names of this tag, once they are many; 0: free */
	char last_tag[TOKEN_HELD]; /* whose end tag leaves raw text */

	/* A few bytes that may become something: a reference's name, "DOCTYPE",
	 * the name of an end tag in raw text. */
	char held[TOKEN_HELD];
	size_t held_size;
	bool in_value; /* the reference stands in an attribute */
	bool is_hex;
	uint32_t number;
	size_t digits;

	/* DOCTYPE: what was there, and where it stands in `token`. */
	bool has_name, has_public, has_system, is_quirks;
	bool wants_public; /* the identifier to come */
	char quote;        /* open in an internal subset, or NUL */
	size_t public_at, system_at, subset_mark;
};

static inline bool
token_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\f';
}

static inline bool
token_is_alpha(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static inline bool
token_is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline char
token_lower(char c)
{
	return (unsigned char)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

/* May start a name: letters; in XML more or less what is no punctuation. */
static inline bool
token_starts_name(const struct markup *m, char c)
{
	return token_is_alpha(c) ||
	    (m->is_xml && (c == '_' || c == ':' || (unsigned char)c >= 0x80));
}

/* The first of three bytes at or after p; eight are looked at at a time.  In
 * `hits` the lowest bit set belongs to the first byte that is one of them. */
static inline const char *
token_find(const char *p, const char *end, char a, char b, char c)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
	const uint64_t as = ones * (unsigned char)a, bs = ones * (unsigned char)b,
		       cs = ones * (unsigned char)c;
	uint64_t word, x, y, z, hits;

	for (; end - p >= 8; p += 8) {
		memcpy(&word, p, 8);
		x = word ^ as;
		y = word ^ bs;
		z = word ^ cs;
		hits = (((x - ones) & ~x) | ((y - ones) & ~y) | ((z - ones) & ~z)) &
		    tops;
		if (hits == 0)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return p + __builtin_ctzll(hits) / 8;
#else
		break;
#endif
	}
	while (p < end && *p != a && *p != b && *p != c)
		p++;
	return p;
}

static inline size_t
token_place(const struct markup *m, const char *p)
{
	return m->base + (size_t)(p - m->chunk);
}

/* Text: bytes of the chunk, or what stands for those from `mark` to p. */
void token_run(struct markup *m, const char *from, const char *to);
void token_text(struct markup *m, const char *text, size_t size, const char *p);
#define TOKEN_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for a NUL */

/* Append to the token under its limit. */
void token_add(struct markup *m, const char *data, size_t size);
void token_reset(struct markup *m);
void token_hit_limit(struct markup *m, const char *what);
/* The tag, comment or doctype ends before p. */
void token_emit_tag(struct markup *m, const char *p);
void token_emit_comment(struct markup *m, const char *p);
/* Nothing more can come: end of the document in a state that holds nothing. */
const char *token_finish(struct markup *m, const char *p);
/* Go on in `state` at p. */
static inline const char *
token_go(struct markup *m, token_step *state, const char *p)
{
	m->state = state;
	return p;
}

/* tokenize.c: the runs of characters. */
token_step token_data, token_cdata;

/* rawtext.c */
token_step rawtext_rcdata, rawtext_plain, rawtext_rawtext, rawtext_script;

/* tag.c */
token_step tag_open, tag_name;
void tag_begin(struct markup *m, bool is_end_tag);

/* comment.c */
token_step comment_declaration, comment_bogus, comment_instruction;

/* doctype.c */
token_step doctype_begin;

/* reference.c: after an &; goes `back` when it is done. */
token_step reference_open;

#endif
