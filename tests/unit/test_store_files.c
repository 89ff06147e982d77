/* SPDX-License-Identifier: ISC */
/* What can happen to the file: other programs, other users, full disks, kills. */
#include "tests/unit/storetest.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "store/schema.h"

#define NOBODY 65534

static int
try_open(const char *path, struct buf *reason)
{
	struct store *store;
	int r;

	buf_reset(reason);
	r = store_open(path, NULL, &store, reason);
	if (r >= 0)
		store_close(store);
	return r;
}

static uint64_t
file_hash(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf all = {0};
	uint64_t hash;
	size_t n;

	assert_non_null(file);
	while ((n = fread(buf_room(&all, 4096), 1, 4096, file)) > 0)
		all.len += n;
	fclose(file);
	hash = hash64(all.data, all.len);
	buf_done(&all);
	return hash;
}

static void
sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static mode_t
mode_of(const char *path, const char *suffix)
{
	char name[160];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	assert_int_equal(stat(name, &st), 0);
	return st.st_mode & 07777;
}

static void
test_modes(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(0);

	/* Two directories are missing. */
	snprintf(f->path, sizeof(f->path), "%s/a/b/db", f->directory);
	open_store(f);
	umask(old);
	assert_int_equal(mode_of(f->directory, "/a"), 0750);
	assert_int_equal(mode_of(f->directory, "/a/b"), 0750);
	assert_int_equal(mode_of(f->path, ""), 0640);
	assert_int_equal(mode_of(f->path, "-wal"), 0640);
	assert_int_equal(mode_of(f->path, "-shm"), 0640);
	assert_int_equal(mode_of(f->path, ".lock"), 0640);
	store_close(f->store);
	f->store = NULL;
	/* Readers need the log while no daemon runs. */
	assert_int_equal(mode_of(f->path, "-wal"), 0640);
	snprintf(f->path, sizeof(f->path), "%s/a/b", f->directory);
	remove_files(f->path);
	snprintf(f->path, sizeof(f->path), "%s/a", f->directory);
	remove_files(f->path);
}

static void
test_pragmas(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	assert_string_equal(outside(f, "PRAGMA application_id"), "1197102148\n");
	assert_string_equal(outside(f, "PRAGMA user_version"), "3\n");
	assert_string_equal(outside(f, "PRAGMA journal_mode"), "wal\n");
	assert_string_equal(outside(f, "PRAGMA integrity_check"), "ok\n");
	assert_string_equal(outside(f,
				"SELECT count(*) FROM pragma_table_list WHERE"
				" schema = 'main' AND type = 'table' AND NOT strict"
				" AND name NOT LIKE 'sqlite_%'"
				" AND name NOT LIKE 'item_fts%'"),
	    "0\n");
}

static void
test_second_daemon(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	char pid[32];

	open_store(f);
	snprintf(pid, sizeof(pid), "(pid %ld)", (long)getpid());
	assert_int_equal(try_open(f->path, &reason), -EBUSY);
	assert_non_null(strstr(buf_text(&reason), pid));
	/* The first one goes on. */
	assert_int_equal(add_feed(f, "https://example.org/"), 1);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(try_open(f->path, &reason), 0);
	buf_done(&reason);
}

static void
test_newer_schema(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	uint64_t hash;

	assert_int_equal(try_open(f->path, &reason), 0);
	sql(f->path, "PRAGMA user_version = 99");
	sql(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	hash = file_hash(f->path);
	assert_int_equal(try_open(f->path, &reason), -EPROTO);
	assert_non_null(strstr(buf_text(&reason), "version 99"));
	assert_true(file_hash(f->path) == hash);
	buf_done(&reason);
}

static void
test_not_ours(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	uint64_t hash;
	FILE *file;

	sql(f->path, "CREATE TABLE x(y)");
	hash = file_hash(f->path);
	assert_int_equal(try_open(f->path, &reason), -EMEDIUMTYPE);
	assert_non_null(strstr(buf_text(&reason), "not a database of gazetted"));
	assert_true(file_hash(f->path) == hash);
	file = fopen(f->path, "w");
	fprintf(file, "%s",
	    "Dear diary, this is a text file and it is long enough "
	    "to be looked at as if it were something else, really.");
	fclose(file);
	hash = file_hash(f->path);
	assert_int_equal(try_open(f->path, &reason), -EMEDIUMTYPE);
	assert_non_null(strstr(buf_text(&reason), "not a database of gazetted"));
	assert_true(file_hash(f->path) == hash);
	buf_done(&reason);
}

/* store_open as somebody else, in a process of its own; what it gave. */
static int
open_as_nobody(const char *path, const char *expect)
{
	struct buf reason = {0};
	pid_t child = fork();
	int status;

	if (child == 0) {
		int r;

		if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 ||
		    setuid(NOBODY) < 0)
			_exit(200);
		r = try_open(path, &reason);
		if (strstr(buf_text(&reason), expect) == NULL) {
			fprintf(stderr, "# %s\n", buf_text(&reason));
			_exit(201);
		}
		buf_done(&reason);
		_exit(-r);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void
test_permissions(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	char lock[160];

	if (geteuid() != 0)
		skip(); /* nobody else to be */
	assert_int_equal(try_open(f->path, &reason), 0);
	buf_done(&reason);
	/* May look, may not write. */
	assert_int_equal(chmod(f->directory, 0755), 0);
	assert_int_equal(open_as_nobody(f->path, "permission denied"), -EACCES);
	/* Has the directory and not the file. */
	assert_int_equal(chown(f->directory, NOBODY, NOBODY), 0);
	snprintf(lock, sizeof(lock), "%s.lock", f->path);
	assert_int_equal(chown(lock, NOBODY, NOBODY), 0);
	assert_int_equal(open_as_nobody(f->path, "permission denied"), -EACCES);
	/* A directory in which nothing can be made. */
	snprintf(f->path, sizeof(f->path), "%s/new/db", f->directory);
	assert_int_equal(chmod(f->directory, 0555), 0);
	assert_int_equal(open_as_nobody(f->path, "give it to the user"), -EACCES);
	chmod(f->directory, 0755);
}

/* CONTRACT 7: the group reads, also while nobody runs; others do not. */
static int
read_as(const char *path, gid_t group)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		char uri[160];
		sqlite3_stmt *stmt;
		sqlite3 *db;

		if (setgroups(1, &group) < 0 || setgid(NOBODY) < 0 ||
		    setuid(NOBODY) < 0)
			_exit(200);
		snprintf(uri, sizeof(uri), "file:%s?mode=ro", path);
		if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
			NULL) != SQLITE_OK)
			_exit(1);
		if (sqlite3_prepare_v2(db,
			"SELECT feed, title, url FROM v1_unread LIMIT 5", -1, &stmt,
			NULL) != SQLITE_OK)
			_exit(2);
		status = sqlite3_step(stmt) == SQLITE_ROW ? 0 : 3;
		sqlite3_finalize(stmt);
		sqlite3_close(db);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_group_reads(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	const gid_t group = 4242;
	struct fixture *f = *state;
	char name[160];
	size_t i;

	if (geteuid() != 0)
		skip(); /* nobody else to be */
	open_store(f);
	submit_one(f, add_feed(f, "https://example.org/"), "1", NULL, "T", "x");
	assert_int_equal(chmod(f->directory, 0750), 0);
	assert_int_equal(chown(f->directory, 0, group), 0);
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, suffixes[i]);
		assert_int_equal(chown(name, 0, group), 0);
	}
	assert_int_equal(read_as(f->path, group), 0);
	assert_int_equal(read_as(f->path, 4243), 1);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(read_as(f->path, group), 0);
}

static struct batch *
numbered(int64_t feed, unsigned number, size_t text_size)
{
	struct batch *batch = new_batch(feed);
	char guid[16], *text = xcalloc(1, text_size + 1);

	memset(text, 'a' + (int)(number % 26), text_size);
	snprintf(guid, sizeof(guid), "%u", number);
	add_item(batch, guid, NULL, guid, text);
	batch->keep_validators = true;
	batch->validators.etag = arena_strdup(batch->arena, guid);
	free(text);
	return batch;
}

static void
wait_for_trouble(struct fixture *f, bool wanted)
{
	struct pollfd pfd = {.fd = store_fd(f->store), .events = POLLIN};

	while ((store_trouble(f->store) != NULL) != wanted) {
		assert_int_equal(poll(&pfd, 1, 60000), 1);
		store_dispatch(f->store);
	}
}

/* Commits come late, in order, whole; readers go on meanwhile. */
static void
check_late_commits(struct fixture *f, unsigned count)
{
	assert_string_equal(outside(f,
				"SELECT count(*), count(DISTINCT guid),"
				" sum(id = CAST(guid AS INTEGER)) FROM v1_item"),
	    count == 10 ? "10|10|10\n" : "3|3|3\n");
}

static void
test_foreign_lock(void **state)
{
	struct fixture *f = *state;
	unsigned i;
	int64_t feed;
	sqlite3 *db;

	open_store(f);
	feed = add_feed(f, "https://example.org/");
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	f->called = 0;
	for (i = 1; i <= 10; i++)
		assert_int_equal(store_submit(f->store, numbered(feed, i, 10), NULL,
				     NULL, on_commit, f),
		    0);
	wait_for_trouble(f, true);
	assert_non_null(strstr(store_trouble(f->store), "lock"));
	assert_int_equal(f->called, 0);
	assert_string_equal(items(f, NULL, false), "");
	f->called = 0;
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	wait_until(f, 10);
	assert_int_equal(f->commit.error, 0);
	wait_for_trouble(f, false);
	check_late_commits(f, 10);
}

/* Who waits for the end does not wait for ever, and hears that it failed. */
static void
test_flush_gives_up(void **state)
{
	struct fixture *f = *state;
	struct edit add = {.kind = EDIT_ADD_FEED, .url = "https://b.example/"};
	int64_t feed;
	sqlite3 *db;

	open_store(f);
	feed = add_feed(f, "https://example.org/");
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	f->called = 0;
	store_submit(f->store, numbered(feed, 1, 10), NULL, NULL, on_commit, f);
	store_edit(f->store, &add, on_edit, f);
	store_flush(f->store);
	assert_int_equal(f->called, 2);
	assert_int_equal(f->commit.error, -EBUSY);
	assert_int_equal(f->result.error, -EBUSY);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	submit(f, numbered(feed, 1, 10), NULL);
	assert_int_equal(f->commit.error, 0);
	assert_int_equal(f->commit.new_items, 1);
}

static off_t
size_of(const char *path, const char *suffix)
{
	char name[160];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? st.st_size : 0;
}

static void
fill_disk(struct fixture *f)
{
	struct rlimit limit;
	unsigned i;
	int64_t feed;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	open_store(f);
	feed = add_feed(f, "https://example.org/");
	limit.rlim_cur = (rlim_t)size_of(f->path, "-wal") + 30000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	f->called = 0;
	for (i = 1; i <= 10; i++)
		assert_int_equal(store_submit(f->store, numbered(feed, i, 60000),
				     NULL, NULL, on_commit, f),
		    0);
	wait_for_trouble(f, true);
	assert_non_null(strstr(store_trouble(f->store), "full"));
	assert_int_equal(f->called, 0);
	/* Answers go on. */
	assert_string_equal(items(f, NULL, false), "");
	f->called = 0;
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	wait_until(f, 10);
	assert_int_equal(f->commit.error, 0);
	wait_for_trouble(f, false);
	check_late_commits(f, 10);
}

/* This program anew, for what needs a process of its own; `out` is its
 * descriptor 3. */
static pid_t
run_self(const char *what, const char *path, int out)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (out >= 0 && dup2(out, 3) < 0)
			_exit(126);
		execl("/proc/self/exe", "test_store_files", what, path, NULL);
		_exit(127);
	}
	assert_true(child > 0);
	return child;
}

/* The limit holds for all of a process's files. */
static void
test_full_disk(void **state)
{
	struct fixture *f = *state;
	pid_t child = run_self("fill", f->path, -1);
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
test_moved_file(void **state)
{
	struct fixture *f = *state;
	char away[160];
	unsigned i;
	int64_t feed;

	open_store(f);
	feed = add_feed(f, "https://example.org/");
	snprintf(away, sizeof(away), "%s/away", f->directory);
	assert_int_equal(rename(f->path, away), 0);
	f->called = 0;
	for (i = 1; i <= 3; i++)
		store_submit(
		    f->store, numbered(feed, i, 10), NULL, NULL, on_commit, f);
	wait_for_trouble(f, true);
	assert_non_null(strstr(store_trouble(f->store), "moved"));
	assert_int_equal(f->called, 0);
	assert_int_equal(rename(away, f->path), 0);
	wait_until(f, 3);
	assert_int_equal(f->commit.error, 0);
	check_late_commits(f, 3);
}

/* The child of the kill test: commits batch after batch, and says each. */
static void
write_for_ever(struct fixture *f)
{
	struct pollfd pfd;
	unsigned next, sent = 0, done = 0;

	open_store(f);
	if (store_head(f->store) == 0)
		add_feed(f, "https://example.org/");
	next = (unsigned)atoi(outside(f, "SELECT ifnull(etag, 0) FROM feed"));
	f->called = 0;
	pfd = (struct pollfd){.fd = store_fd(f->store), .events = POLLIN};
	for (;;) {
		while (store_has_room(f->store) && sent - done < 8 + done % 5) {
			sent++;
			store_submit(f->store, numbered(1, ++next, 2000), NULL, NULL,
			    on_commit, f);
		}
		poll(&pfd, 1, -1);
		store_dispatch(f->store);
		if (f->commit.error != 0)
			_exit(1);
		for (; done < f->called; done++) {
			if (write(3, "x", 1) != 1)
				_exit(2);
		}
	}
}

static unsigned
count_acks(int in, pid_t child, unsigned delay)
{
	struct pollfd pfd = {.fd = in, .events = POLLIN};
	msec_t end;
	char data[256];
	unsigned acks = 0;
	ssize_t n;

	/* From the first one on a random while, then no mercy. */
	assert_int_equal(poll(&pfd, 1, 60000), 1);
	for (end = clock_mono() + delay; clock_mono() < end;) {
		if (poll(&pfd, 1, (int)(end - clock_mono() + 1)) == 1 &&
		    (n = read(in, data, sizeof(data))) > 0)
			acks += (unsigned)n;
	}
	kill(child, SIGKILL);
	while ((n = read(in, data, sizeof(data))) > 0)
		acks += (unsigned)n;
	return acks;
}

/* Kills at any moment lose nothing that was said to be stored, store nothing
 * twice, and leave no validator ahead of its items. */
static void
test_kills(void **state)
{
	struct fixture *f = *state;
	unsigned round, acks, stored = 0;
	int pipes[2], status;

	srand(4711);
	for (round = 0; round < 30; round++) {
		unsigned delay = (unsigned)rand() % 25, now;
		pid_t child;

		assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
		child = run_self("write", f->path, pipes[1]);
		close(pipes[1]);
		acks = count_acks(pipes[0], child, delay);
		close(pipes[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_string_equal(outside(f, "PRAGMA integrity_check"), "ok\n");
		assert_string_equal(outside(f,
					"SELECT count(*) - count(DISTINCT guid),"
					" count(*) - (SELECT etag FROM feed),"
					" (SELECT count(*) FROM event WHERE"
					"  kind = 'item_new') - count(*) FROM item"),
		    "0|0|0\n");
		now = (unsigned)atoi(outside(f, "SELECT count(*) FROM item"));
		assert_true(now >= stored + acks);
		stored = now;
	}
}

/* Each version that was ever released opens, and keeps what it has. */
static void
test_migrations(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	struct db *db;
	int version;

	for (version = 1; version <= SCHEMA_VERSION; version++) {
		assert_int_equal(db_open(f->path, DB_CREATE, &db, &reason), 0);
		assert_int_equal(schema_migrate(db, version, &reason), 0);
		/* Of the columns that version 1 had. */
		assert_int_equal(
		    db_exec(db,
			"INSERT INTO feed(name, url, added) VALUES('a', 'u', 1);"
			"INSERT INTO item(feed_id, story_id, seen, revised,"
			" last_seen, date_source, url_key, content_hash,"
			" content_chars, key, title) VALUES"
			"(1, 1, 2, 2, 2, 0, 0, 0, 0, 'k', 'Old')"),
		    0);
		db_close(db);
		open_store(f);
		assert_string_equal(
		    items(f, NULL, false), "1 Old r1 story=1 copies=0 []\n");
		assert_string_equal(outside(f, "PRAGMA integrity_check"), "ok\n");
		store_close(f->store);
		f->store = NULL;
		remove_files(f->directory);
		assert_int_equal(mkdir(f->directory, 0700), 0);
	}
	buf_done(&reason);
}

/* What version 1 kept among the schedule's words has columns, and its views, of which
 * one is like that of then, are today's. */
static void
test_from_version_1(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	struct db *db;

	assert_int_equal(db_open(f->path, DB_CREATE, &db, &reason), 0);
	assert_int_equal(schema_migrate(db, 1, &reason), 0);
	assert_int_equal(
	    db_exec(db,
		"CREATE VIEW v1_enclosure AS SELECT item_id, url FROM enclosure;"
		"INSERT INTO feed(name, url, added, memory) VALUES"
		"('a', 'u', 1, 'first=1 no-move=4611686018427387905 merged=3'),"
		"('b', 'v', 1, 'no-move=7'), ('c', 'w', 1, 'first=2'),"
		"('d', 'x', 1, NULL), ('e', 'y', 1, 'first=3 merged=12 ttl=5')"),
	    0);
	db_close(db);
	open_store(f);
	assert_string_equal(outside(f, "SELECT name, no_move, merged FROM feed"),
	    "a|4611686018427387905|3\nb|7|0\nc|0|0\nd|0|0\ne|0|12\n");
	assert_string_equal(
	    outside(f, "SELECT count(medium) FROM v1_enclosure"), "0\n");
	buf_done(&reason);
}

/* Version 2 left all merging of the full-text index to quiet moments, and to one
 * commit when there were none. */
static void
test_from_version_2(void **state)
{
	struct fixture *f = *state;
	struct buf reason = {0};
	struct db *db;

	assert_int_equal(db_open(f->path, DB_CREATE, &db, &reason), 0);
	assert_int_equal(schema_migrate(db, 2, &reason), 0);
	assert_int_equal(db_exec(db,
			     "INSERT INTO item_fts(rowid, title, text, author)"
			     " VALUES(1, 'kept', '', '')"),
	    0);
	db_close(db);
	open_store(f);
	assert_string_equal(
	    outside(f, "SELECT k, v FROM item_fts_config WHERE k <> 'version'"),
	    "automerge|32\ncrisismerge|256\n");
	assert_string_equal(
	    outside(f, "SELECT rowid FROM item_fts WHERE item_fts MATCH 'kept'"),
	    "1\n");
	buf_done(&reason);
}

static void
test_read_only(void **state)
{
	struct fixture *f = *state;
	struct store_options options = {.read_only = true};
	struct edit add = {.kind = EDIT_ADD_FEED, .url = "https://b.example/"};
	struct buf reason = {0};

	assert_int_equal(
	    store_open(f->path, &options, &f->store, &reason) < 0, true);
	f->store = NULL;
	open_store(f);
	submit_one(f, add_feed(f, "https://example.org/"), "1", NULL, "T", "x");
	store_close(f->store);
	assert_int_equal(store_open(f->path, &options, &f->store, &reason), 0);
	assert_string_equal(items(f, NULL, false), "1 T r1 story=1 copies=0 []\n");
	assert_int_equal(store_edit(f->store, &add, on_edit, f), -EROFS);
	buf_done(&reason);
}

static int
run_child(const char *what, const char *path)
{
	struct fixture f = {0};

	snprintf(f.path, sizeof(f.path), "%s", path);
	if (strcmp(what, "write") == 0)
		write_for_ever(&f);
	fill_disk(&f);
	store_close(f.store);
	buf_done(&f.rows);
	return 0;
}

int
main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_directory, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_modes),
	    TEST(test_pragmas),
	    TEST(test_second_daemon),
	    TEST(test_newer_schema),
	    TEST(test_not_ours),
	    TEST(test_permissions),
	    TEST(test_group_reads),
	    TEST(test_foreign_lock),
	    TEST(test_flush_gives_up),
	    TEST(test_full_disk),
	    TEST(test_moved_file),
	    TEST(test_kills),
	    TEST(test_migrations),
	    TEST(test_from_version_1),
	    TEST(test_from_version_2),
	    TEST(test_read_only),
	};

	if (argc == 3)
		return run_child(argv[1], argv[2]);
	return CHECK_RUN(tests);
}
