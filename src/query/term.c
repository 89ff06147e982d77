/* SPDX-License-Identifier: ISC */
#include "query/term.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/unicode.h"
#include "query/state.h"

/* As a message shows them: in the order of gazette-query(7). */
static const char *const field_names[] = {"title", "text", "author", "feed", "host",
    "url", "tag", "is", "has", "seen", "pub", "upd", "since", "before", "id", "key",
    "story", "data"};
#define FIELD_LIST                                                              \
	"title text author feed host url tag is has seen pub upd since before " \
	"id key story data"

/* A value as a message quotes it: short and harmless. */
#define SHOWN_BYTES 40

static const char *
shown(const char *value, char out[LOG_QUOTE])
{
	char cut[SHOWN_BYTES + 4];
	size_t size = strlen(value), keep = unicode_cut(value, size, SHOWN_BYTES);

	memcpy(cut, value, keep);
	strcpy(cut + keep, keep < size ? "..." : "");
	return log_quote(cut, out);
}

static int
bad_value(const struct lex *lex, const struct token *token, const char *expected)
{
	char text[LOG_QUOTE];

	return lex_fail(lex, token->value_start, "%s: cannot be '%s'; expected %s",
	    token->name, shown(token->value, text), expected);
}

static int
unknown_field(const struct lex *lex, const struct token *token)
{
	const char *near = nearest_name(
	    token->name, field_names, sizeof(field_names) / sizeof(field_names[0]));
	char text[LOG_QUOTE];

	if (near != NULL)
		return lex_fail(lex, token->start,
		    "unknown field '%s'; did you mean %s? Fields: " FIELD_LIST,
		    shown(token->name, text), near);
	return lex_fail(lex, token->start,
	    "unknown field '%s' (quote text that has a colon). Fields: " FIELD_LIST,
	    shown(token->name, text));
}

static int
field_find(const char *name, enum field *ret_field)
{
	int field;

	for (field = FIELD_TITLE; field < FIELD_COUNT; field++) {
		if (strcmp(tree_field_name((enum field)field), name) == 0) {
			*ret_field = (enum field)field;
			return 0;
		}
	}
	return -ENOENT;
}

/* The index holds letters and digits alone: anything else would find nothing. */
static bool
is_searchable(const char *text)
{
	size_t size = strlen(text), i = 0, length;
	uint32_t cp;

	while (i < size && (length = unicode_decode(text + i, size - i, &cp)) > 0) {
		if (unicode_is_alnum(cp))
			return true;
		i += length;
	}
	return false;
}

/* A word, a phrase, or with % or * behind it the beginning of one.  A % in quotes
 * is a per cent sign. */
static int
full_text(const struct lex *lex, const struct token *token, struct node *node)
{
	size_t size = strlen(token->value);
	char last = size > 0 ? token->value[size - 1] : '\0';
	char text[LOG_QUOTE];

	if (last == '*' || (last == '%' && !token->quoted)) {
		node->prefix = true;
		node->text = arena_dup(lex->arena, token->value, size - 1);
		if (node->text == NULL)
			return lex_fail(lex, token->start, "the query is too long");
	}
	if (!is_searchable(node->text))
		return lex_fail(lex, token->value_start,
		    "nothing to search for in '%s': a letter or a digit expected",
		    shown(token->value, text));
	return 0;
}

static int
regex(const struct lex *lex, const struct token *token, struct node *node)
{
	struct query_regex *compiled;
	struct query_error error;
	int r;

	if (node->field != FIELD_TITLE && node->field != FIELD_TEXT &&
	    node->field != FIELD_AUTHOR)
		return lex_fail(lex, token->start,
		    "%s takes no pattern: write %s:VALUE (~ goes with title, text "
		    "and author)",
		    token->name, token->name);
	r = query_regex_new(token->value, &compiled, &error);
	if (r < 0)
		return lex_fail(
		    lex, token->value_start + token->quoted, "%s", error.message);
	query_regex_free(compiled);
	node->regex = true;
	return 0;
}

/* Whole decimal number from 1. */
static bool
to_number(const char *text, int64_t *ret_number)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; isdigit((unsigned char)text[i]); i++) {
		n = n * 10 + (text[i] - '0');
		if (n >= INT64_C(1) << 53)
			return false;
	}
	*ret_number = n;
	return i > 0 && text[i] == '\0' && n > 0;
}

static bool
has_only(const char *text, const char *also)
{
	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text) && strchr(also, *text) == NULL)
			return false;
	}
	return true;
}

static int
feed_value(const struct lex *lex, const struct token *token, struct node *node)
{
	if (!has_only(token->value, "._-%*"))
		return bad_value(
		    lex, token, "a feed's name, its number, or a name with %");
	(void)to_number(token->value, &node->number); /* 0: a name */
	return 0;
}

static int
host_value(const struct lex *lex, const struct token *token)
{
	if (strpbrk(token->value, "/:@% ") != NULL)
		return bad_value(lex, token, "a host alone, as in lwn.net");
	return 0;
}

static int
tag_value(const struct lex *lex, const struct token *token)
{
	char *tag = arena_dup(lex->arena, token->value, strlen(token->value));
	size_t size = strlen(token->value);

	if (tag == NULL)
		return lex_fail(lex, token->start, "the query is too long");
	if (size > 1 && tag[size - 1] == '/')
		tag[size - 1] = '\0';
	if (!query_is_tag(tag))
		return bad_value(lex, token,
		    "a tag: letters, digits, '.', '_', '-', '/' (one / behind it: "
		    "the subtree)");
	if (query_is_reserved_tag(tag))
		return lex_fail(lex, token->start,
		    "%s is a state and no tag: write is:%s", tag, tag);
	return 0;
}

static int
state_value(const struct lex *lex, const struct token *token)
{
	if (state_find(token->value, QUERY_ITEMS) == NULL &&
	    state_find(token->value, QUERY_FEEDS) == NULL)
		return bad_value(lex, token,
		    "of items " STATE_ITEM_NAMES ", of feeds " STATE_FEED_NAMES);
	return 0;
}

static int
content_value(const struct lex *lex, const struct token *token)
{
	if (state_content_sql(token->value) == NULL)
		return bad_value(lex, token, STATE_CONTENT_NAMES);
	return 0;
}

static int
key_value(const struct lex *lex, const struct token *token, struct node *node)
{
	char *key = arena_dup(lex->arena, token->value, strlen(token->value));
	size_t i;

	if (key == NULL)
		return lex_fail(lex, token->start, "the query is too long");
	for (i = 0; isxdigit((unsigned char)key[i]); i++)
		key[i] = (char)tolower((unsigned char)key[i]);
	if (i != 32 || key[i] != '\0')
		return bad_value(lex, token, "32 hexadecimal digits");
	node->text = key;
	return 0;
}

static int
range_value(const struct lex *lex, const struct token *token, struct node *node)
{
	const char *expected;
	int r;

	if (node->field == FIELD_SINCE)
		r = range_parse_since(token->value, &node->range, &expected);
	else if (node->field == FIELD_BEFORE)
		r = range_parse_before(token->value, &node->range, &expected);
	else
		r = range_parse(token->value, &node->range, &expected);
	if (r < 0)
		return bad_value(lex, token, expected);
	if (node->field == FIELD_SINCE || node->field == FIELD_BEFORE)
		node->field = FIELD_SEEN;
	node->text = NULL;
	return 0;
}

static int
value_check(const struct lex *lex, const struct token *token, struct node *node)
{
	switch (node->field) {
	case FIELD_ANY:
	case FIELD_TITLE:
	case FIELD_TEXT:
	case FIELD_AUTHOR:
		return full_text(lex, token, node);
	case FIELD_FEED:
		return feed_value(lex, token, node);
	case FIELD_HOST:
		return host_value(lex, token);
	case FIELD_TAG:
		return tag_value(lex, token);
	case FIELD_IS:
		return state_value(lex, token);
	case FIELD_HAS:
		return content_value(lex, token);
	case FIELD_SEEN:
	case FIELD_PUB:
	case FIELD_UPD:
	case FIELD_SINCE:
	case FIELD_BEFORE:
		return range_value(lex, token, node);
	case FIELD_ID:
	case FIELD_STORY:
		if (!to_number(token->value, &node->number))
			return bad_value(lex, token, "one item's number");
		return 0;
	case FIELD_KEY:
		return key_value(lex, token, node);
	case FIELD_DATA:
		if (*token->value == '=')
			return bad_value(lex, token, "KEY=VALUE or KEY");
		return 0;
	case FIELD_QUERY:
		return lex_fail(lex, token->start,
		    "query: (saved queries) is not available in this version");
	case FIELD_URL:
	case FIELD_COUNT:
		break;
	}
	return 0;
}

int
term_parse(const struct lex *lex, const struct token *token, struct node **ret_node)
{
	enum field field = FIELD_ANY;
	struct node *node;
	int r;

	if (token->name != NULL && field_find(token->name, &field) < 0)
		return unknown_field(lex, token);
	if (*token->value == '\0')
		return lex_fail(lex, token->value_start, "%s%sa value expected",
		    token->name != NULL ? token->name : "",
		    token->name == NULL    ? "empty quotes: "
			: token->op == '~' ? "~: "
					   : ": ");
	node = tree_term(lex->arena, field, token->value);
	if (node == NULL)
		return lex_fail(lex, token->start, "the query is too long");
	node->position = lex_position(lex, token->start);
	r = token->op == '~' ? regex(lex, token, node)
			     : value_check(lex, token, node);
	if (r == 0)
		*ret_node = node;
	return r;
}
