/* SPDX-License-Identifier: ISC */
#include "store/filter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/url.h"

static void
free_regex(void *regex)
{
	query_regex_free(regex);
}

/* query_regex(pattern, text): compiled once a statement. */
static void
call_regex(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct query_regex *regex = sqlite3_get_auxdata(context, 0), *fresh;
	const char *pattern = (const char *)sqlite3_value_text(values[0]);
	const char *text = (const char *)sqlite3_value_text(values[1]);
	struct query_error error;

	(void)count;
	if (pattern == NULL || text == NULL) {
		sqlite3_result_int(context, 0);
		return;
	}
	if (regex == NULL) {
		if (query_regex_new(pattern, &fresh, &error) < 0) {
			sqlite3_result_error(context, error.message, -1);
			return;
		}
		sqlite3_set_auxdata(context, 0, fresh, free_regex);
		/* SQLite may have freed it at once for want of memory. */
		regex = sqlite3_get_auxdata(context, 0);
		if (regex == NULL) {
			sqlite3_result_error_nomem(context);
			return;
		}
	}
	sqlite3_result_int(context,
	    query_regex_match(regex, text, (size_t)sqlite3_value_bytes(values[1])));
}

/* query_host(url, host) */
static void
call_host(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *url = (const char *)sqlite3_value_text(values[0]);
	const char *host = (const char *)sqlite3_value_text(values[1]);

	(void)count;
	sqlite3_result_int(
	    context, url != NULL && host != NULL && query_host_matches(url, host));
}

/* store_host(url): for counting by host. */
static void
call_host_of(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *url = (const char *)sqlite3_value_text(values[0]);
	struct buf host = {0};

	(void)count;
	if (url != NULL && url_host(url, &host) == 0)
		sqlite3_result_text(context, buf_text(&host), -1, SQLITE_TRANSIENT);
	buf_done(&host);
}

/* store_asked(url): the same for all spellings of one address. */
static void
call_asked(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *url = (const char *)sqlite3_value_text(values[0]);
	struct buf asked = {0};

	(void)count;
	if (url != NULL) {
		url_asked(url, &asked);
		sqlite3_result_text(context, buf_text(&asked), -1, SQLITE_TRANSIENT);
	}
	buf_done(&asked);
}

void
filter_functions(struct db *db)
{
	static const struct {
		const char *name;
		int arguments;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {{"query_regex", 2, call_regex},
	    {"query_host", 2, call_host}, {"store_host", 1, call_host_of},
	    {"store_asked", 1, call_asked}};
	size_t i;

	/* Only memory can fail it, and then the query says "no such function". */
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		(void)sqlite3_create_function_v2(db_handle(db), functions[i].name,
		    functions[i].arguments,
		    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
		    functions[i].call, NULL, NULL, NULL);
}

int
filter_init(struct filter *filter, const char *text, enum query_target target,
    bool all, msec_t now, struct query_error *reterr)
{
	struct query *query;
	int r;

	*filter = (struct filter){0};
	r = query_parse(text, &query, reterr);
	if (r < 0)
		return r;
	r = query_to_sql(query, target, all, now, &filter->sql, reterr);
	query_free(query);
	return r;
}

int
filter_bind(const struct filter *filter, sqlite3_stmt *stmt, int first)
{
	size_t i;

	/* The numbers fit: SQLite has taken a statement with as many. */
	for (i = 0; i < filter->sql.value_count; i++) {
		const struct query_value *value = &filter->sql.values[i];

		if (value->kind == QUERY_INT)
			(void)sqlite3_bind_int64(stmt, first++, value->number);
		else
			(void)sqlite3_bind_text(
			    stmt, first++, value->text, -1, SQLITE_STATIC);
	}
	return first;
}

void
filter_narrow(
    const struct filter *filter, int64_t low, int64_t high, struct buf *out)
{
	static const char match[] = "item_fts MATCH ?";
	const char *from = buf_text(&filter->sql.where), *at;

	/* What the asker wrote is bound, so the words can only be query's own. */
	while ((at = strstr(from, match)) != NULL) {
		at += sizeof(match) - 1;
		buf_add(out, from, (size_t)(at - from));
		buf_printf(
		    out, " AND rowid BETWEEN %" PRId64 " AND %" PRId64, low, high);
		from = at;
	}
	buf_puts(out, from);
}

void
filter_done(struct filter *filter)
{
	query_sql_done(&filter->sql);
}
