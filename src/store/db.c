/* SPDX-License-Identifier: ISC */
#include "store/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"

/* A log that a reader kept long is cut back to this at the next checkpoint. */
#define WAL_KEPT "16777216"
/* Virtual machine steps between two looks at the clock: some 50 microseconds. */
#define WATCH_STEPS 2000

struct db {
	sqlite3 *handle;
	struct map *statements; /* address of the SQL -> sqlite3_stmt */
	bool (*stop)(void *arg);
	void *stop_arg;
	char error[256];
};

/* SQLite names the disk's fullness in several ways. */
static bool
is_full(int system)
{
	return system == ENOSPC || system == EDQUOT || system == EFBIG;
}

static int
to_errno(int rc, int system)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_IOERR:
		return is_full(system) ? -ENOSPC : -EIO;
	case SQLITE_CORRUPT:
		return -EBADMSG;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	case SQLITE_CANTOPEN:
		return is_full(system) ? -ENOSPC : -EACCES;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_INTERRUPT:
		return -EINTR;
	case SQLITE_TOOBIG:
		return -EMSGSIZE;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	default:
		return -EINVAL;
	}
}

static int
fail(struct db *db, int rc)
{
	/* Not every path of SQLite keeps it; the calls here start with 0. */
	int system = errno != 0 ? errno : sqlite3_system_errno(db->handle);
	snprintf(db->error, sizeof(db->error), "%s", sqlite3_errmsg(db->handle));
	if (((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) &&
	    system != 0) {
		size_t used = strlen(db->error);

		snprintf(db->error + used, sizeof(db->error) - used, " (%s)",
		    strerror(system));
	}
	return to_errno(rc, system);
}

bool
db_is_trouble(int error)
{
	return error == -ENOSPC || error == -EBUSY || error == -EROFS ||
	    error == -EIO || error == -EBADMSG || error == -EACCES ||
	    error == -ENOMEM || error == -EMEDIUMTYPE;
}

static int
set_switches(struct db *db, enum db_mode mode)
{
	static const char every[] =
	    "PRAGMA mmap_size = 0;" /* a truncated file is then an error, no signal */
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA foreign_keys = ON;"
	    "PRAGMA cache_size = -2000;";
	static const char writing[] =
	    "PRAGMA cache_size = -8000;"
	    "PRAGMA journal_mode = WAL;"
	    /* NORMAL lost the last commits in every power cut that was tried. */
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA journal_size_limit = " WAL_KEPT ";";
	int persist = 1, r;

	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	r = db_exec(db, every);
	if (r < 0 || mode == DB_READ)
		return r;
	/* Or readers without write permission fail while the daemon is stopped. */
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	return db_exec(db, writing);
}

int
db_open(const char *path, enum db_mode mode, struct db **ret_db, struct buf *reason)
{
	static const int flags[] = {
	    [DB_READ] = SQLITE_OPEN_READONLY,
	    [DB_WRITE] = SQLITE_OPEN_READWRITE,
	    [DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	struct db *db = xcalloc(1, sizeof(*db));
	int rc, r;

	errno = 0;
	rc = sqlite3_open_v2(path, &db->handle,
	    flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	db->statements = map_new();
	if (db->handle == NULL) {
		r = -ENOMEM;
		buf_puts(reason, "out of memory");
	} else if (rc != SQLITE_OK) {
		r = fail(db, rc);
		buf_puts(reason, db->error);
	} else if (mode != DB_READ && sqlite3_db_readonly(db->handle, "main") == 1) {
		/* SQLite falls back to reading, and each commit would fail. */
		r = -EACCES;
		buf_puts(reason, "may be read, but not written");
	} else {
		sqlite3_busy_timeout(db->handle, 5000);
		r = set_switches(db, mode);
		if (r < 0)
			buf_puts(reason, db->error);
	}
	if (r < 0) {
		db_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

void
db_close(struct db *db)
{
	sqlite3_stmt *stmt;
	size_t place = 0;

	if (db == NULL)
		return;
	while ((stmt = map_next(db->statements, &place)) != NULL)
		sqlite3_finalize(stmt);
	map_free(db->statements);
	sqlite3_close_v2(db->handle);
	free(db);
}

sqlite3 *
db_handle(struct db *db)
{
	return db->handle;
}

void
db_patience(struct db *db, msec_t patience)
{
	sqlite3_busy_timeout(db->handle, (int)patience);
}

static int
watch(void *arg)
{
	struct db *db = arg;

	return db->stop(db->stop_arg);
}

void
db_watch(struct db *db, bool (*stop)(void *arg), void *arg)
{
	db->stop = stop;
	db->stop_arg = arg;
	sqlite3_progress_handler(
	    db->handle, WATCH_STEPS, stop != NULL ? watch : NULL, db);
}

/* Queries of strangers are compiled from a tree of ours; this is the second
 * lock on the same door. */
static int
authorize(void *arg, int action, const char *first, const char *second,
    const char *database, const char *view)
{
	(void)arg;
	(void)first;
	(void)database;
	(void)view;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return second != NULL && strcmp(second, "load_extension") == 0
		    ? SQLITE_DENY
		    : SQLITE_OK;
	case SQLITE_PRAGMA: /* fts5 asks for it at each query */
		return first != NULL && strcmp(first, "data_version") == 0
		    ? SQLITE_OK
		    : SQLITE_DENY;
	case SQLITE_UPDATE: /* how a virtual table's columns become known */
		return strcmp(first, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

void
db_restrict(struct db *db)
{
	sqlite3_set_authorizer(db->handle, authorize, NULL);
}

static int
prepare(struct db *db, const char *sql, unsigned flags, sqlite3_stmt **ret_stmt)
{
	int rc;

	errno = 0;
	rc = sqlite3_prepare_v3(db->handle, sql, -1, flags, ret_stmt, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc);
}

int
db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_stmt)
{
	return prepare(db, sql, 0, ret_stmt);
}

static int
find(struct db *db, const char *sql, sqlite3_stmt **ret_stmt)
{
	int64_t key = (int64_t)(intptr_t)sql;
	int r;

	*ret_stmt = map_find_id(db->statements, key);
	if (*ret_stmt != NULL)
		return 0;
	r = prepare(db, sql, SQLITE_PREPARE_PERSISTENT, ret_stmt);
	if (r >= 0)
		map_put_id(db->statements, key, *ret_stmt);
	return r;
}

static int
bind(sqlite3_stmt *stmt, int n, const struct db_value *value)
{
	switch (value->kind) {
	case DB_KIND_INT:
		return sqlite3_bind_int64(stmt, n, value->number);
	case DB_KIND_REAL:
		return sqlite3_bind_double(stmt, n, value->real);
	case DB_KIND_TEXT:
		return sqlite3_bind_text(stmt, n, value->text, -1, SQLITE_STATIC);
	case DB_KIND_BLOB:
		return sqlite3_bind_blob64(stmt, n,
		    value->text != NULL ? value->text : "",
		    (sqlite3_uint64)value->number, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, n);
	}
}

/* `values` starts with one of no meaning: C has no empty array. */
int
db_start_values(struct db *db, const char *sql, sqlite3_stmt **ret_stmt,
    const struct db_value *values, size_t count)
{
	size_t i;
	int rc = SQLITE_OK, r = find(db, sql, ret_stmt);

	for (i = 1; r >= 0 && rc == SQLITE_OK && i < count; i++)
		rc = bind(*ret_stmt, (int)i, &values[i]);
	return rc != SQLITE_OK ? fail(db, rc) : r;
}

int
db_step(struct db *db, sqlite3_stmt *stmt)
{
	int rc, r;

	errno = 0;
	rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	r = rc == SQLITE_DONE ? 0 : fail(db, rc);
	sqlite3_reset(stmt);
	return r;
}

void
db_stop(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
}

int
db_run_values(
    struct db *db, const char *sql, const struct db_value *values, size_t count)
{
	sqlite3_stmt *stmt;
	int r = db_start_values(db, sql, &stmt, values, count);

	while (r >= 0 && (r = db_step(db, stmt)) == 1)
		;
	return r;
}

int
db_get_int(struct db *db, const char *sql, int64_t *ret_value)
{
	sqlite3_stmt *stmt;
	int rc, r = db_prepare(db, sql, &stmt);

	if (r < 0)
		return r;
	errno = 0;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(stmt, 0);
	else
		r = rc == SQLITE_DONE ? -ENOENT : fail(db, rc);
	sqlite3_finalize(stmt);
	return r;
}

int
db_get_text(struct db *db, const char *sql, struct buf *out)
{
	sqlite3_stmt *stmt;
	int rc, r = db_prepare(db, sql, &stmt);

	if (r < 0)
		return r;
	errno = 0;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && db_text(stmt, 0) != NULL)
		buf_puts(out, db_text(stmt, 0));
	else
		r = rc == SQLITE_ROW || rc == SQLITE_DONE ? -ENOENT : fail(db, rc);
	sqlite3_finalize(stmt);
	return r;
}

int
db_exec(struct db *db, const char *sql)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc);
}

void
db_rollback(struct db *db)
{
	/* Some failures have ended it already. */
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

const char *
db_text(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

int64_t
db_int(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt, column);
}

const char *
db_error(struct db *db)
{
	return db->error;
}
