/* SPDX-License-Identifier: ISC */
#ifndef QUERY_LEX_H
#define QUERY_LEX_H

/*
 * A query's text cut into tokens.  White space parts them; brackets stand
 * before and behind a term, and inside a word when they pair up there.  For
 * this folder.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "query/query.h"

enum token_kind {
	TOKEN_END,
	TOKEN_OPEN,  /* `value[0]` is its closing bracket */
	TOKEN_CLOSE, /* `value[0]` is the bracket */
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_MINUS,
	TOKEN_TERM
};

struct token {
	enum token_kind kind;
	size_t start;     /* bytes from the text's beginning */
	const char *name; /* of a term: the field's, or NULL */
	char op;          /* ':' or '~' behind it; 0 without a name */
	const char *value;
	size_t value_start;
	bool quoted;
};

struct lex {
	const char *text;
	size_t size, at;
	struct arena *arena; /* names and values */
	struct query_error *error;
};

/* 0, or -EINVAL with the error set. */
int lex_next(struct lex *lex, struct token *ret_token);
/* Sets the error at a byte of the text.  Returns -EINVAL. */
int lex_fail(const struct lex *lex, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Characters before a byte. */
int lex_position(const struct lex *lex, size_t at);

/* Whether a value must be quoted to come back as one term's value. */
bool lex_needs_quotes(const char *value);
/* The value in quotes; one inside is doubled. */
void lex_quote(const char *value, struct buf *out);

#endif
