/* SPDX-License-Identifier: ISC */
#include "query/tree.h"

#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"

struct query *
tree_query_new(void)
{
	struct query *query = xcalloc(1, sizeof(*query));

	query->arena = arena_new(LIMIT_QUERY_ARENA);
	return query;
}

const char *
tree_field_name(enum field field)
{
	static const char *const names[FIELD_COUNT] = {
	    [FIELD_ANY] = "",
	    [FIELD_TITLE] = "title",
	    [FIELD_TEXT] = "text",
	    [FIELD_AUTHOR] = "author",
	    [FIELD_FEED] = "feed",
	    [FIELD_HOST] = "host",
	    [FIELD_URL] = "url",
	    [FIELD_TAG] = "tag",
	    [FIELD_IS] = "is",
	    [FIELD_HAS] = "has",
	    [FIELD_SEEN] = "seen",
	    [FIELD_PUB] = "pub",
	    [FIELD_UPD] = "upd",
	    [FIELD_SINCE] = "since",
	    [FIELD_BEFORE] = "before",
	    [FIELD_ID] = "id",
	    [FIELD_KEY] = "key",
	    [FIELD_STORY] = "story",
	    [FIELD_DATA] = "data",
	    [FIELD_QUERY] = "query",
	};

	return names[field];
}

/* A query is at most LIMIT_QUERY_BYTES long, and so its tree fits the arena. */
static struct node *
node_new(struct arena *arena, enum node_kind kind)
{
	struct node *node = arena_alloc(arena, sizeof(*node));

	if (node != NULL)
		node->kind = kind;
	return node;
}

struct node *
tree_term(struct arena *arena, enum field field, const char *text)
{
	struct node *node = node_new(arena, NODE_TERM);

	if (node != NULL) {
		node->field = field;
		node->text = text;
	}
	return node;
}

static void
append(struct node *parent, struct node *child)
{
	if (parent->child == NULL)
		parent->child = child;
	else
		parent->last->next = child;
	parent->last = child;
}

struct node *
tree_join(
    struct arena *arena, enum node_kind kind, struct node *left, struct node *right)
{
	struct node *node = left;

	if (left->kind != kind) {
		node = node_new(arena, kind);
		if (node == NULL)
			return NULL;
		node->position = left->position;
		append(node, left);
	}
	if (right->kind == kind) {
		node->last->next = right->child;
		node->last = right->last;
	} else {
		append(node, right);
	}
	return node;
}

struct node *
tree_not(struct arena *arena, struct node *child)
{
	struct node *node;

	if (child->kind == NODE_NOT)
		return child->child;
	node = node_new(arena, NODE_NOT);
	if (node != NULL) {
		node->position = child->position;
		append(node, child);
	}
	return node;
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
tree_equal(const struct node *a, const struct node *b)
{
	const struct node *x, *y;

	if (a == NULL || b == NULL)
		return a == b;
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_TERM)
		return a->field == b->field && a->regex == b->regex &&
		    a->prefix == b->prefix && a->number == b->number &&
		    same_text(a->text, b->text) && range_equal(&a->range, &b->range);
	for (x = a->child, y = b->child; x != NULL && y != NULL;
	    x = x->next, y = y->next) {
		if (!tree_equal(x, y))
			return false;
	}
	return x == y;
}

bool
tree_is_full_text(enum field field)
{
	return field <= FIELD_AUTHOR;
}

bool
tree_is_range(enum field field)
{
	return field >= FIELD_SEEN && field <= FIELD_BEFORE;
}
