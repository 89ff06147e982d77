/* SPDX-License-Identifier: ISC */
#ifndef QUERY_TREE_H
#define QUERY_TREE_H

/*
 * The tree of a query: what the parser builds and the printer and the SQL
 * writer walk.  For this folder and its tests.  Nodes live in the query's arena.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "query/range.h"

enum field {
	FIELD_ANY, /* a bare word or phrase */
	FIELD_TITLE,
	FIELD_TEXT,
	FIELD_AUTHOR,
	FIELD_FEED,
	FIELD_HOST,
	FIELD_URL,
	FIELD_TAG,
	FIELD_IS,
	FIELD_HAS,
	FIELD_SEEN,
	FIELD_PUB,
	FIELD_UPD,
	FIELD_SINCE,  /* sugar: never in a tree, seen: stands for it */
	FIELD_BEFORE, /* the same */
	FIELD_ID,
	FIELD_KEY,
	FIELD_STORY,
	FIELD_DATA,
	FIELD_QUERY,
	FIELD_COUNT
};
/* "title", ...; "" for FIELD_ANY. */
const char *tree_field_name(enum field field);

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TERM };

struct node {
	enum node_kind kind;
	int position; /* characters; where a message points */
	/* and, or: two or more, none of the same kind; not: one, no not */
	struct node *child, *last, *next;
	/* term */
	enum field field;
	bool regex, prefix; /* prefix: full text only */
	const char *text;   /* the value; dates have `range` instead */
	int64_t number;     /* id, story; feed when its value is digits */
	struct range range; /* seen, pub, upd */
};

struct query {
	struct arena *arena;
	struct node *root; /* NULL: matches everything */
};

struct query *tree_query_new(void);
struct node *tree_term(struct arena *arena, enum field field, const char *text);
/* One flat node: and(and(a, b), c) is and(a, b, c); not(not(a)) is a. */
struct node *tree_join(
    struct arena *arena, enum node_kind kind, struct node *left, struct node *right);
struct node *tree_not(struct arena *arena, struct node *child);
bool tree_equal(const struct node *a, const struct node *b);
/* The full-text fields and the bare word. */
bool tree_is_full_text(enum field field);
bool tree_is_range(enum field field);

#endif
