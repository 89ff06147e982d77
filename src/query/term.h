/* SPDX-License-Identifier: ISC */
#ifndef QUERY_TERM_H
#define QUERY_TERM_H

/*
 * One term: its field looked up, its value checked.  For this folder.
 */
#include "query/lex.h"
#include "query/tree.h"

/* 0 and a node, or -EINVAL with the lexer's error set. */
int term_parse(
    const struct lex *lex, const struct token *token, struct node **ret_node);

#endif
