/* SPDX-License-Identifier: ISC */
#include "query/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"
#include "query/lex.h"
#include "query/term.h"
#include "query/tree.h"

/* Recursive descent over the grammar of gazette-query(7). */
struct parser {
	struct lex lex;
	struct token token; /* not yet consumed */
	unsigned terms, depth;
};

static int parse_or(struct parser *parser, struct node **ret_node);

static int
advance(struct parser *parser)
{
	return lex_next(&parser->lex, &parser->token);
}

static int
fail_here(struct parser *parser, const char *message)
{
	return lex_fail(&parser->lex, parser->token.start, "%s", message);
}

static int
parse_group(struct parser *parser, struct node **ret_node)
{
	size_t start = parser->token.start;
	char closing = parser->token.value[0];
	int r;

	if (++parser->depth > LIMIT_QUERY_DEPTH)
		return lex_fail(&parser->lex, start,
		    "groups inside groups: at most %d", LIMIT_QUERY_DEPTH);
	r = advance(parser);
	if (r == 0)
		r = parse_or(parser, ret_node);
	if (r < 0)
		return r;
	if (parser->token.kind == TOKEN_END)
		return lex_fail(
		    &parser->lex, start, "no '%c' closes this group", closing);
	if (parser->token.kind != TOKEN_CLOSE || parser->token.value[0] != closing)
		return lex_fail(&parser->lex, parser->token.start,
		    "'%c' expected, the group's own bracket", closing);
	parser->depth--;
	return advance(parser);
}

static int
parse_term(struct parser *parser, struct node **ret_node)
{
	int r;

	switch (parser->token.kind) {
	case TOKEN_OPEN:
		return parse_group(parser, ret_node);
	case TOKEN_TERM:
		if (++parser->terms > LIMIT_QUERY_TERMS)
			return lex_fail(&parser->lex, parser->token.start,
			    "too many terms: at most %d", LIMIT_QUERY_TERMS);
		r = term_parse(&parser->lex, &parser->token, ret_node);
		return r < 0 ? r : advance(parser);
	case TOKEN_END:
		return fail_here(parser, "a term expected, but the query ends here");
	default:
		return fail_here(parser,
		    "a word, field:value or a group expected (quote and, or, not to "
		    "search for them)");
	}
}

static int
parse_not(struct parser *parser, struct node **ret_node)
{
	bool negated =
	    parser->token.kind == TOKEN_NOT || parser->token.kind == TOKEN_MINUS;
	struct node *node;
	int r;

	if (!negated)
		return parse_term(parser, ret_node);
	r = advance(parser);
	if (r == 0)
		r = parse_term(parser, &node);
	if (r < 0)
		return r;
	*ret_node = tree_not(parser->lex.arena, node);
	return *ret_node == NULL ? fail_here(parser, "the query is too long") : 0;
}

/* Joins `right` to what is there. */
static int
join(struct parser *parser, enum node_kind kind, struct node *right,
    struct node **node)
{
	*node =
	    *node == NULL ? right : tree_join(parser->lex.arena, kind, *node, right);
	return *node == NULL ? fail_here(parser, "the query is too long") : 0;
}

static int
parse_and(struct parser *parser, struct node **ret_node)
{
	struct node *node = NULL, *right;
	int r;

	for (;;) {
		r = parse_not(parser, &right);
		if (r == 0)
			r = join(parser, NODE_AND, right, &node);
		if (r == 0 && parser->token.kind == TOKEN_AND)
			r = advance(parser);
		else if (r == 0 &&
		    (parser->token.kind == TOKEN_END ||
			parser->token.kind == TOKEN_CLOSE ||
			parser->token.kind == TOKEN_OR))
			break;
		if (r < 0)
			return r;
	}
	*ret_node = node;
	return 0;
}

static int
parse_or(struct parser *parser, struct node **ret_node)
{
	struct node *node = NULL, *right;
	int r;

	for (;;) {
		r = parse_and(parser, &right);
		if (r == 0)
			r = join(parser, NODE_OR, right, &node);
		if (r == 0 && parser->token.kind != TOKEN_OR)
			break;
		if (r == 0)
			r = advance(parser);
		if (r < 0)
			return r;
	}
	*ret_node = node;
	return 0;
}

static int
parse_all(struct parser *parser, struct node **ret_node)
{
	int r;

	if (parser->lex.size > LIMIT_QUERY_BYTES)
		return lex_fail(&parser->lex, LIMIT_QUERY_BYTES,
		    "too long: %zu bytes, at most %d", parser->lex.size,
		    LIMIT_QUERY_BYTES);
	if (!unicode_is_valid(parser->lex.text, parser->lex.size))
		return lex_fail(&parser->lex, 0, "not UTF-8");
	r = advance(parser);
	if (r < 0 || parser->token.kind == TOKEN_END)
		return r;
	r = parse_or(parser, ret_node);
	if (r == 0 && parser->token.kind != TOKEN_END)
		return fail_here(parser, "this bracket closes nothing");
	return r;
}

int
query_parse(const char *text, struct query **ret_query, struct query_error *reterr)
{
	struct query *query = tree_query_new();
	struct query_error error = {0};
	struct parser parser = {0};
	int r;

	parser.lex.text = text == NULL ? "" : text;
	parser.lex.size = strlen(parser.lex.text);
	parser.lex.arena = query->arena;
	parser.lex.error = &error;
	r = parse_all(&parser, &query->root);
	if (r < 0) {
		query_free(query);
		if (reterr != NULL)
			*reterr = error;
		return r;
	}
	*ret_query = query;
	return 0;
}

void
query_free(struct query *query)
{
	if (query == NULL)
		return;
	arena_free(query->arena);
	free(query);
}

static bool
names(const struct node *node, bool positive, const char *state)
{
	const struct node *child;

	if (node == NULL)
		return false;
	if (node->kind == NODE_TERM)
		return positive &&
		    (node->field == FIELD_ID || node->field == FIELD_STORY ||
			(node->field == FIELD_IS && strcmp(node->text, state) == 0));
	for (child = node->child; child != NULL; child = child->next) {
		if (names(child, positive != (node->kind == NODE_NOT), state))
			return true;
	}
	return false;
}

bool
query_lifts_hidden(const struct query *query)
{
	return names(query->root, true, "hidden");
}

bool
query_lifts_duplicates(const struct query *query)
{
	return names(query->root, true, "duplicate");
}

bool
query_is_tag(const char *tag)
{
	size_t size = strlen(tag), i, length;
	uint32_t cp, before = '/';

	if (size == 0 || size > LIMIT_TAG_BYTES || *tag == '-')
		return false;
	for (i = 0; i < size; i += length) {
		length = unicode_decode(tag + i, size - i, &cp);
		if (length == 0 || (cp == '/' && before == '/'))
			return false;
		if (!unicode_is_alnum(cp) && (cp > 'z' || !strchr("._-/", (int)cp)))
			return false;
		before = cp;
	}
	return before != '/';
}

bool
query_is_reserved_tag(const char *tag)
{
	return strcmp(tag, "read") == 0 || strcmp(tag, "starred") == 0 ||
	    strcmp(tag, "hidden") == 0;
}
