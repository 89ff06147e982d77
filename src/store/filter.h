/* SPDX-License-Identifier: ISC */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

/*
 * A query's text made ready to stand in an SQL statement.  The thread of its
 * connection.
 */
#include "query/query.h"
#include "store/db.h"

struct filter {
	struct query_sql sql;
};

/* The functions that conditions call. */
void filter_functions(struct db *db);
/* `text` NULL: everything.  0, or -EINVAL with `error`. */
int filter_init(struct filter *filter, const char *text, enum query_target target,
    bool all, msec_t now, struct query_error *reterr);
/* Its values from parameter `first` on; returns the next free one. */
int filter_bind(const struct filter *filter, sqlite3_stmt *stmt, int first);
/* Its condition for items with ids from `low` to `high` alone: the full-text
 * index is then read in that range only. */
void filter_narrow(
    const struct filter *filter, int64_t low, int64_t high, struct buf *out);
void filter_done(struct filter *filter);

#endif
