/* SPDX-License-Identifier: ISC */
#ifndef STORE_DB_H
#define STORE_DB_H

/*
 * One connection to SQLite: opening it with our switches, statements that are
 * prepared once, errors as -errno.  One thread at a time.
 *
 * `sql` arguments marked "lasting" are string constants: their address is the
 * key under which the prepared statement is kept.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

struct db;

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };

/* 0, or -errno with the reason. */
int db_open(
    const char *path, enum db_mode mode, struct db **ret_db, struct buf *reason);
void db_close(struct db *db); /* NULL is fine; rolls back what is open */
sqlite3 *db_handle(struct db *db);

/* How long a statement waits for another program's lock. */
void db_patience(struct db *db, msec_t patience);
/* Statements end with -EINTR when `stop` returns true (asked every few
 * microseconds).  NULL: none. */
void db_watch(struct db *db, bool (*stop)(void *arg), void *arg);
/* From here on nothing but reading is possible. */
void db_restrict(struct db *db);

struct db_value {
	enum {
		DB_KIND_NULL,
		DB_KIND_INT,
		DB_KIND_REAL,
		DB_KIND_TEXT,
		DB_KIND_BLOB
	} kind;
	int64_t number;
	double real;
	const char *text;
};
#define DB_INT(x) ((struct db_value){.kind = DB_KIND_INT, .number = (x)})
/* 0 is NULL. */
#define DB_OPT(x)           \
	((struct db_value){ \
	    .kind = (x) != 0 ? DB_KIND_INT : DB_KIND_NULL, .number = (x)})
#define DB_HASH(x) DB_INT((int64_t)(x))
#define DB_REAL(x) ((struct db_value){.kind = DB_KIND_REAL, .real = (x)})
/* NULL is NULL.  Must live until the statement has ended. */
#define DB_TEXT(x) ((struct db_value){.kind = DB_KIND_TEXT, .text = (x)})
/* Bytes that live as long. */
#define DB_BLOB(x, size)                         \
	((struct db_value){.kind = DB_KIND_BLOB, \
	    .number = (int64_t)(size),           \
	    .text = (const char *)(x)})

/* A lasting statement with its values bound, ready to step. */
#define db_start(db, sql, ret, ...) \
	db_start_values(db, sql, ret, DB_VALUES(__VA_ARGS__))
/* Runs it to its end; rows are ignored. */
#define db_run(db, sql, ...) db_run_values(db, sql, DB_VALUES(__VA_ARGS__))
#define DB_VALUES(...)                                              \
	(const struct db_value[]){{0}, ##__VA_ARGS__},              \
	    sizeof((const struct db_value[]){{0}, ##__VA_ARGS__}) / \
	    sizeof(struct db_value)

int db_start_values(struct db *db, const char *sql, sqlite3_stmt **ret_stmt,
    const struct db_value *values, size_t count);
int db_run_values(
    struct db *db, const char *sql, const struct db_value *values, size_t count);
/* 1: a row; 0: the end (the statement is reset); -errno. */
int db_step(struct db *db, sqlite3_stmt *stmt);
/* Before its end, when the other rows are not wanted. */
void db_stop(sqlite3_stmt *stmt);

/* A statement that is used once; sqlite3_finalize it. */
int db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_stmt);
/* The first column of the first row.  -ENOENT: no row.  Not lasting. */
int db_get_int(struct db *db, const char *sql, int64_t *ret_value);
int db_get_text(struct db *db, const char *sql, struct buf *out);
/* Several statements, no values, nothing kept. */
int db_exec(struct db *db, const char *sql);
void db_rollback(struct db *db); /* fine when nothing is open */
int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);

/* Text of a column, NULL when NULL; lives until the next step. */
const char *db_text(sqlite3_stmt *stmt, int column);
int64_t db_int(sqlite3_stmt *stmt, int column);

/* The last failure in words. */
const char *db_error(struct db *db);
/* The failure lies with the disk or another program, not with what was asked:
 * the same may succeed later. */
bool db_is_trouble(int error);

#endif
