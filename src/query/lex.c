/* SPDX-License-Identifier: ISC */
#include "query/lex.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"

int
lex_position(const struct lex *lex, size_t at)
{
	int position = 0;
	size_t i;

	for (i = 0; i < at && i < lex->size; i++)
		position += ((unsigned char)lex->text[i] & 0xC0) != 0x80;
	return position;
}

int
lex_fail(const struct lex *lex, size_t at, const char *format, ...)
{
	char *message = lex->error->message;
	size_t room = sizeof(lex->error->message);
	va_list ap;

	lex->error->position = lex_position(lex, at);
	va_start(ap, format);
	if (vsnprintf(message, room, format, ap) >= (int)room)
		message[unicode_cut(message, room - 1, room - 2)] = '\0';
	va_end(ap);
	return -EINVAL;
}

/* Length of the white space character at `at`, or 0. */
static size_t
space_at(const struct lex *lex, size_t at)
{
	uint32_t cp;
	size_t size = unicode_decode(lex->text + at, lex->size - at, &cp);

	return size > 0 && unicode_is_space(cp) ? size : 0;
}

static bool
ends_at(const struct lex *lex, size_t at)
{
	return at >= lex->size || space_at(lex, at) > 0 || lex->text[at] == ']' ||
	    lex->text[at] == ')';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* A doubled quote stands for one; a backslash is a backslash, for patterns. */
static int
read_quoted(struct lex *lex, struct token *token)
{
	char quote = lex->text[lex->at], *value;
	size_t start = lex->at++, length = 0;

	token->value_start = start;
	token->quoted = true;
	token->value = value = arena_alloc(lex->arena, lex->size - lex->at + 1);
	if (value == NULL)
		return lex_fail(lex, start, "the query is too long");
	for (;; lex->at++) {
		if (lex->at >= lex->size)
			return lex_fail(lex, start, "this quote is never closed");
		if (lex->text[lex->at] == quote) {
			if (lex->at + 1 >= lex->size ||
			    lex->text[lex->at + 1] != quote)
				break;
			lex->at++;
		}
		value[length++] = lex->text[lex->at];
	}
	lex->at++;
	if (!ends_at(lex, lex->at))
		return lex_fail(
		    lex, lex->at, "white space expected behind the closing quote");
	return 0;
}

/* Up to white space or a bracket that was not opened in here, so that f(x) and
 * ~(a|b) need no quotes and ( a or b) closes. */
static int
read_bare(struct lex *lex, struct token *token)
{
	unsigned depth = 0;
	size_t start = lex->at;
	char c;

	for (; lex->at < lex->size && space_at(lex, lex->at) == 0; lex->at++) {
		c = lex->text[lex->at];
		if (c == '\\' && token->op == '~' && lex->at + 1 < lex->size &&
		    space_at(lex, lex->at + 1) == 0) {
			lex->at++;
		} else if (c == '[' || c == '(') {
			depth++;
		} else if (c == ']' || c == ')') {
			if (depth == 0)
				break;
			depth--;
		}
	}
	token->value_start = start;
	token->value = arena_dup(lex->arena, lex->text + start, lex->at - start);
	return token->value == NULL ? lex_fail(lex, start, "the query is too long")
				    : 0;
}

/* Bytes of a field's name in front of ':' or '~', or 0. */
static size_t
name_length(const char *text, size_t size)
{
	size_t i;

	if (size == 0 || !isalpha((unsigned char)text[0]))
		return 0;
	for (i = 1; i < size; i++) {
		if (text[i] == ':' || text[i] == '~')
			return i;
		if (!isalpha((unsigned char)text[i]) && text[i] != '-' &&
		    text[i] != '_')
			return 0;
	}
	return 0;
}

static int
read_value(struct lex *lex, struct token *token)
{
	if (lex->at < lex->size && is_quote(lex->text[lex->at]))
		return read_quoted(lex, token);
	return read_bare(lex, token);
}

static enum token_kind
word_kind(const char *word)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} words[] = {{"and", TOKEN_AND}, {"AND", TOKEN_AND}, {"or", TOKEN_OR},
	    {"OR", TOKEN_OR}, {"not", TOKEN_NOT}, {"NOT", TOKEN_NOT}};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0)
			return words[i].kind;
	}
	return TOKEN_TERM;
}

static int
read_term(struct lex *lex, struct token *token)
{
	size_t length = name_length(lex->text + lex->at, lex->size - lex->at);
	int r;

	token->kind = TOKEN_TERM;
	if (length > 0) {
		token->name = arena_dup(lex->arena, lex->text + lex->at, length);
		if (token->name == NULL)
			return lex_fail(lex, lex->at, "the query is too long");
		token->op = lex->text[lex->at + length];
		lex->at += length + 1;
	}
	r = read_value(lex, token);
	if (r == 0 && token->name == NULL && !token->quoted)
		token->kind = word_kind(token->value);
	return r;
}

static void
read_bracket(struct lex *lex, struct token *token)
{
	char c = lex->text[lex->at++];

	token->kind = c == '[' || c == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
	token->value = c == '[' || c == ']' ? "]" : ")";
}

int
lex_next(struct lex *lex, struct token *ret_token)
{
	struct token token = {0};
	size_t space;
	int r = 0;

	while (lex->at < lex->size && (space = space_at(lex, lex->at)) > 0)
		lex->at += space;
	token.start = lex->at;
	if (lex->at >= lex->size) {
		token.kind = TOKEN_END;
	} else if (strchr("[]()", lex->text[lex->at]) != NULL) {
		read_bracket(lex, &token);
	} else if (lex->text[lex->at] == '-') {
		/* "a - b" is prose: nobody means to exclude b. */
		if (ends_at(lex, ++lex->at))
			return lex_fail(lex, token.start,
			    "'-' stands directly in front of what it excludes");
		token.kind = TOKEN_MINUS;
	} else {
		r = read_term(lex, &token);
	}
	if (r == 0)
		*ret_token = token;
	return r;
}

bool
lex_needs_quotes(const char *value)
{
	const char *c;
	uint32_t cp;
	size_t size;

	if (*value == '\0' || *value == '-' || word_kind(value) != TOKEN_TERM)
		return true;
	for (c = value; *c != '\0'; c += size) {
		size = unicode_decode(c, strlen(c), &cp);
		if (size == 0 || unicode_is_space(cp))
			return true;
		if (cp < 0x80 && !isalnum((int)cp) &&
		    strchr("._/+@,-", (int)cp) == NULL)
			return true;
	}
	return false;
}

void
lex_quote(const char *value, struct buf *out)
{
	char quote =
	    strchr(value, '"') != NULL && strchr(value, '\'') == NULL ? '\'' : '"';

	buf_putc(out, quote);
	for (; *value != '\0'; value++) {
		if (*value == quote)
			buf_putc(out, quote);
		buf_putc(out, *value);
	}
	buf_putc(out, quote);
}
