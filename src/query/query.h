/* SPDX-License-Identifier: ISC */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

/*
 * The query language (CLI 2): text -> tree -> SQL.  Pure; any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

struct query;

struct query_error {
	int position;      /* in characters from 0, where the caret goes */
	char message[200]; /* what was wrong and what was expected */
};

/* "" and NULL are the query that matches everything.  0, or -EINVAL with
 * `error`: unknown field, bad value, limits of SOCKET 4, or a term that this
 * version does not have ("not available in this version"). */
int query_parse(
    const char *text, struct query **ret_query, struct query_error *reterr);
void query_free(struct query *query); /* NULL is fine */
/* The query in a form that parses to the same tree. */
void query_print(const struct query *query, struct buf *out);
/* It names id:, story:, is:hidden or is:duplicate: the default scope is lifted
 * (only for what it names). */
bool query_lifts_hidden(const struct query *query);
bool query_lifts_duplicates(const struct query *query);
/* Days and relative times become instants of `offset_of` (a zone), so that the
 * text means the same everywhere: what the client does before it sends. */
void query_print_instants(const struct query *query, msec_t now,
    msec_t (*day_start)(int64_t year, unsigned month, unsigned day, void *arg),
    void *arg, struct buf *out);

enum query_target { QUERY_ITEMS, QUERY_FEEDS };

enum query_value_kind { QUERY_INT, QUERY_TEXT };
struct query_value {
	enum query_value_kind kind;
	int64_t number;
	const char *text; /* lives as long as the struct query_sql */
};
struct query_sql {
	struct buf
	    where; /* an SQL expression over the tables below; never empty ("1") */
	struct query_value *values; /* for its ?, in order */
	size_t value_count;
};
/* The condition as SQL.  For items it is written over the store's tables aliased
 * item (i), feed (f); for feeds over feed (f).  store/schema.h has the names it
 * relies on.  `now` is wall time for 3d, today, is:new.  `all` lifts the default
 * scope.  0, or -EINVAL when the query cannot be asked of this target. */
int query_to_sql(const struct query *query, enum query_target target, bool all,
    msec_t now, struct query_sql *ret_sql, struct query_error *reterr);
void query_sql_done(struct query_sql *sql);

/* `text` as the full-text index has it and as a query's words are looked up:
 * runs of Chinese, Japanese, Korean and Thai as overlapping pairs of characters,
 * the rest as it is. */
void query_index_text(const char *text, size_t size, struct buf *out);

/* The `~` operator: PCRE2, caseless, UTF, with match and heap limits.  0 and a
 * compiled pattern; -EINVAL with the reason. */
struct query_regex;
int query_regex_new(
    const char *pattern, struct query_regex **ret_regex, struct query_error *reterr);
void query_regex_free(struct query_regex *regex);
/* 1 match, 0 none (also when a limit was hit). */
int query_regex_match(
    const struct query_regex *regex, const char *text, size_t size);

#endif
