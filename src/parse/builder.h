/* SPDX-License-Identifier: ISC */
#ifndef PARSE_BUILDER_H
#define PARSE_BUILDER_H

/*
 * Start tags, characters and end tags -> raw feed and entries.  Both XML runs,
 * the strict and the tolerant one, drive the same builder.
 *
 * Each element that means something is a row of the table in elements.c: in
 * which contexts it counts, what it opens for its children, how its characters
 * are taken, which member it fills and with which rank.  Who wins when several
 * elements fill one member is decided in one place, prefer.c.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "model/entry.h"
#include "parse/ns.h"
#include "parse/parse.h"
#include "parse/prefer.h"

/* Where an element stands: what its children may mean. */
enum context {
	IN_NOTHING = 0,
	IN_TOP = 1 << 0,    /* the document, below its root */
	IN_WRAP = 1 << 1,   /* an unknown element that may still hold items */
	IN_FEED = 1 << 2,   /* channel, feed */
	IN_ENTRY = 1 << 3,  /* item, entry */
	IN_SOURCE = 1 << 4, /* atom:source */
	IN_IMAGE = 1 << 5,
	IN_PERSON = 1 << 6,
	IN_MEDIA = 1 << 7,    /* media:group, media:content */
	IN_SUBJECT = 1 << 8,  /* itunes:category */
	IN_CHAPTERS = 1 << 9, /* psc:chapters */
	IN_GEO = 1 << 10,     /* georss:where and GML */
	IN_SKIP = 1 << 11,    /* skipHours, skipDays */
	IN_ALIEN = 1 << 12    /* an unknown element of an item: may hold another */
};
#define IN_LEVEL (IN_FEED | IN_ENTRY | IN_SOURCE)

/* How an element's characters are taken. */
enum take {
	TAKE_NONE,
	TAKE_TEXT,     /* plain characters */
	TAKE_CONSTRUCT /* a text construct: markup inside belongs to it */
};

struct builder;
struct frame;

/* A value is trimmed, NUL-terminated and good until the handler returns. */
typedef void start_fn(struct builder *b, struct frame *f, const char *const *atts);
typedef void end_fn(struct builder *b, struct frame *f, char *value, size_t size);

struct element {
	enum ns ns;
	const char *name; /* lower case */
	unsigned where;   /* contexts in which the row counts */
	enum take take;
	unsigned inside; /* what it opens for its children */
	start_fn *start;
	end_fn *end;
	uint16_t member; /* offset in raw_feed, raw_entry or common */
	uint8_t rank;    /* the highest wins the member; equals: the first */
};

/* The attributes that an element's end still needs. */
enum { HELD_TYPE, HELD_MODE, HELD_SRC, HELD_A, HELD_B, HELD_C, HELD_COUNT };

struct frame {
	const struct element *element; /* NULL: unknown, or the root */
	unsigned inside;
	bool collects, is_atom, entry_here;
	uint32_t name_hash; /* of its lower-case qualified name */
	size_t text_start;  /* its characters in build.text */
	const char *base, *lang;
	const char *held[HELD_COUNT];
};

/* Markup inside a text construct, or an element nobody knows: written or
 * skipped without frames of its own. */
struct nested {
	unsigned depth, same;           /* open elements; those named as the frame */
	bool markup;                    /* what was collected is markup now */
	unsigned roots, count;          /* top elements seen; all */
	size_t first_open, first_close; /* inside of the first top element */
	size_t first_end;               /* where it ended; 0: still open */
	bool first_is_div;
};

#define BUILDER_CACHE 128
struct name_cache {
	unsigned generation; /* 0: empty */
	uint32_t hash;       /* name_hash */
	char name[40];
	enum ns ns;
	bool is_atom;
	const struct element *first;
};

/* What an xml:base came to, below which other one. */
struct base {
	const char *outer, *value, *base;
};

/* An open entry, while one inside it is read (FORMATS 18: items wherever they
 * are; SSE's conflicts stand in the item that won). */
struct outer_entry {
	struct raw_entry *entry; /* NULL: none */
	bool id_refused;
	size_t entry_start;
	const char *latitude, *longitude;
	struct level level;
};

#define BUILDER_SLOTS 512 /* over twice the table's rows */

struct builder {
	struct arena *arena;
	bool tolerant;
	const char *doc_base; /* the document's own address, or NULL */
	parse_entry_fn *on_entry;
	void *arg;
	/* Where the token now being reported starts and ends in the input. */
	size_t (*token_start)(void *driver);
	size_t (*token_end)(void *driver);
	void *driver;

	struct raw_feed feed;
	struct raw_entry *entry; /* the open one, or NULL */
	bool id_refused;         /* its guid says that it is no link */
	size_t entry_start;
	unsigned entry_count;
	struct level *level; /* the innermost open one */

	struct base last_base;
	unsigned depth;
	struct nested nested; /* below the innermost frame */
	struct buf text;
	struct name_cache cache[BUILDER_CACHE];

	/* Containers being filled */
	struct person *person;
	struct image image;
	struct geo geo;
	const char *latitude, *longitude;

	bool is_rdf;            /* the root is rdf:RDF */
	bool is_atom;           /* the root is an Atom one */
	bool done;              /* the root was closed */
	bool stopped;           /* on_entry had enough */
	const char *undeclared; /* the fault: a prefix that nobody declared */
	bool mended;  /* the tolerant run closed or dropped tags by itself */
	bool cut_off; /* the input ended below the root */
	int error;    /* 0, -EBADMSG or -E2BIG */
	const char *fault;

	/* Not zeroed when it begins. */
	struct level feed_level, entry_level, source_level;
	struct outer_entry outer; /* its first member is zeroed */
	struct ns_scope scope;
	struct frame frame[LIMIT_DEPTH];
};

struct builder *builder_new(struct arena *arena, bool tolerant);
void builder_free(struct builder *b); /* NULL is fine */
/* The three events; `atts` is name, value, ..., NULL as expat gives them. */
void builder_start(struct builder *b, const char *qname, const char *const *atts);
/* `qname` counts in the tolerant run alone. */
void builder_end(struct builder *b, const char *qname);
/* The input ended: closes what is open; an open entry is not complete. */
void builder_finish(struct builder *b);
/* Ends the document; the first fault stays. */
void builder_fail(struct builder *b, int error, const char *fault);

/* The element table. */
extern const struct element elements[];
extern const size_t elements_count;

/* For handlers. */
const char *builder_att(const char *const *atts, const char *local); /* or NULL */
/* Several in one pass: the value of each of the names, or NULL. */
void builder_atts(const char *const *atts, const char *const *names, size_t count,
    const char **values);
/* As att, copied into the arena and trimmed; NULL when missing or empty. */
const char *builder_att_dup(
    struct builder *b, const char *const *atts, const char *local);
const char *builder_dup(struct builder *b, const char *text);
/* A reference resolved against xml:base, when one is in force; copied. */
const char *builder_link(struct builder *b, const struct frame *f, const char *ref);
/* The innermost frame, or NULL. */
static inline struct frame *
builder_top(struct builder *b)
{
	return b->depth > 0 ? &b->frame[b->depth - 1] : NULL;
}
/* Characters that the innermost frame collects. */
void builder_collect(
    struct builder *b, struct frame *f, const char *text, size_t size);
/* Here, for much of a document's text is the blanks between elements. */
static inline void
builder_text(struct builder *b, const char *text, size_t size)
{
	struct frame *f = builder_top(b);

	if (f != NULL && f->collects)
		builder_collect(b, f, text, size);
}
/* What an xml:base attribute says, for this element and below. */
void builder_base(struct builder *b, struct frame *f, const char *value);

/* Text constructs (construct.c). */
void construct_start(struct builder *b, struct frame *f, const char *const *atts);
/* Ends: RSS's plain elements that may be HTML after all; HTML by definition;
 * one of an entry's contents.  All go by Atom's type where the element is Atom. */
end_fn construct_plain, construct_html, construct_content;
/* Markup below a construct. */
void nested_start(struct builder *b, const char *qname, const char *const *atts);
void nested_text(struct builder *b, const char *text, size_t size);
void nested_end(struct builder *b, const char *qname);

/* Names (name.c).  Once before the first. */
void name_init(void);
/* Good until the next call. */
const struct name_cache *name_find(struct builder *b, const char *qname);
/* Of the rows of one name, the one that counts in this context; or NULL. */
const struct element *name_element(const struct element *first, unsigned inside);
uint32_t name_hash(const char *name, size_t size);
/* How much of a name a sentence shows, in bytes. */
int name_shown(const char *qname);

/* The document's kind out of its root. */
bool root_open(
    struct builder *b, struct frame *f, const char *qname, const char *const *atts);
/* Which RSS the declarations in force name; KIND_UNKNOWN: none. */
enum document_kind root_rdf_kind(const struct builder *b);

/* A person out of "a@b (N)", "N <a@b>", "N (a@b)", "mailto:a@b", "N"; or NULL. */
struct person *people_parse(struct arena *arena, const char *text);
/* Adds it unless it is there already; the list keeps the document's order. */
void people_add(struct builder *b, struct person **list, struct person *person);
void people_category(
    struct builder *b, const char *term, const char *scheme, const char *label);
/* "a, b" of itunes:keywords. */
void people_categories(struct builder *b, const char *list, const char *scheme);
#define ITUNES_SCHEME "http://www.itunes.com/"

#endif
