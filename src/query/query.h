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
	char message[256]; /* what was wrong and what was expected */
};

/* "" and NULL are the query that matches everything.  0, or -EINVAL with
 * `error`: unknown field, bad value, limits of SOCKET 4, or a term that this
 * version does not have ("not available in this version"). */
int query_parse(
    const char *text, struct query **ret_query, struct query_error *reterr);
void query_free(struct query *query); /* NULL is fine */
/* The query in a form that parses to the same tree. */
void query_print(const struct query *query, struct buf *out);
/* It names id:, story:, is:hidden or is:duplicate, and not to exclude them: the
 * default scope is lifted, for the rows that such a term matches. */
bool query_lifts_hidden(const struct query *query);
bool query_lifts_duplicates(const struct query *query);
/* The same with days and months made instants of the asker's zone, so that the
 * text means the same everywhere: what the client does before it sends.
 * Durations stay: they mean the same already.  `day_start` is asked for the
 * first moment of a day. */
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
	struct buf where; /* an SQL expression, never empty ("1"), never NULL */
	struct query_value *values; /* for its ?, in order */
	size_t value_count;
};
/*
 * The condition as SQL.  For items over `item i JOIN feed f ON f.id = i.feed_id`,
 * for feeds over `feed f`; times are milliseconds since 1970.  It asks
 *	i: id feed_id key story_id url link title author read starred hidden
 *	   duplicate seen published updated revision
 *	f: id name url title user_title site, and what the QUERY_SQL_ conditions below name
 *	item_text(item_id, text), item_tag(item_id, tag), feed_tag(feed_id, tag),
 *	enclosure(item_id, type, medium), item_data(item_id, key, value)
 *	item_fts(title, text, author), rowid = item id, of query_index_text
 * and calls two functions that the store registers, deterministic, each 1 or 0
 * and 0 for NULL:
 *	query_regex(pattern, text)	query_regex_match; the pattern was tried,
 *					and is the same in all rows: keep it
 *					compiled with sqlite3_set_auxdata
 *	query_host(url, host)		query_host_matches
 * `now` is wall time for 3d, today, is:new.  The default scope leaves out hidden
 * items and duplicates, and archived feeds; `all` lifts it, and a term that names
 * them does for the rows that it matches.  0, or -EINVAL when the query cannot be
 * asked of this target.
 */
int query_to_sql(const struct query *query, enum query_target target, bool all,
    msec_t now, struct query_sql *ret_sql, struct query_error *reterr);
void query_sql_done(struct query_sql *sql);

/* The states of a feed (CLI 2), each 0 or 1.  ?: the time now. */
#define QUERY_SQL_FAILING "(f.failures >= 3 OR f.quarantined <> 0)"
#define QUERY_SQL_STALE                                       \
	"(f.failures = 0 AND f.last_success IS NOT NULL AND " \
	"ifnull(f.last_new, f.added) < ? - max(5 * f.gap, 2592000000))"
#define QUERY_SQL_HELD "f.held > ?"
#define QUERY_SQL_MOVED "f.moved_url IS NOT NULL"
#define QUERY_SQL_PAUSED "f.enabled = 0"
#define QUERY_SQL_GONE "f.gone <> 0"
#define QUERY_SQL_ARCHIVED "f.archived <> 0"

/* `url` is of this host, or of one below it: lwn.net is www.lwn.net's too. */
bool query_host_matches(const char *url, const char *host);

/* A tag (CONTRACT 5): letters, digits, '.', '_', '-', and '/' between them. */
bool query_is_tag(const char *tag);
/* read, starred, hidden: names of states (CLI 5.4). */
bool query_is_reserved_tag(const char *tag);

/* `text` as the full-text index has it: runs of Chinese, Japanese, Korean and Thai
 * as overlapping pairs of characters and their last one alone, the rest as it is.
 * A query's words are written to match.  (Thai vowels are marks: unicode61 sees
 * them with categories 'L* N* Co Mn Mc', and passes over them otherwise.) */
void query_index_text(const char *text, size_t size, struct buf *out);

/* The `~` operator: PCRE2, caseless, Unicode, with match and heap limits.  0 and a
 * compiled pattern; -EINVAL with the reason.  One thread at a time each. */
struct query_regex;
int query_regex_new(
    const char *pattern, struct query_regex **ret_regex, struct query_error *reterr);
void query_regex_free(struct query_regex *regex);
/* 1 match, 0 none (also when a limit was hit). */
int query_regex_match(
    const struct query_regex *regex, const char *text, size_t size);

#endif
