/* SPDX-License-Identifier: ISC */
/*
 * Replays labelled observations through normalise and store, each poll at its
 * own time, and prints what became of them:
 *
 *	replay_dedup [--database=FILE] [--level=N] [--queue=N] OBS.jsonl > OUT.jsonl
 *
 * A line of OBS.jsonl is one entry as one poll saw it (id, t, feed, guid, link,
 * title, text); neighbours with the same t and feed are one document.  A line of
 * OUT.jsonl: id, item, story, and why the item is in the story.  What it cost goes
 * to stderr.  With a database that an earlier run left behind, it goes on where
 * that one was interrupted.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "normalise/normalise.h"
#include "store/store.h"

struct observation {
	char *name;
	int64_t item;    /* what it is; 0: not known (yet) */
	int64_t same_as; /* an earlier one, when it travels as a hash; -1: itself */
};

struct feed {
	char *url;
	int64_t id;
	struct map *last; /* raw hash -> number of the observation + 1 */
};

struct document {
	struct feed *feed;
	struct batch *batch;
	size_t *numbers; /* of its items among the observations */
};

static struct observation *observations;
static size_t observation_count;
static struct document *documents;
static size_t document_count;
static struct map *feeds;
static struct store *store;
static int journal = -1; /* of what was placed: outlives a kill */
static size_t refused;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "replay_dedup: %s: %s\n", what, why);
	exit(1);
}

/* ------------------------------------------------------------ reading */

static const char *
field(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text != NULL && *text != '\0' ? text : NULL;
}

static struct feed *
find_feed(const char *url)
{
	struct feed *feed = map_find_text(feeds, url);

	if (feed == NULL) {
		feed = xcalloc(1, sizeof(*feed));
		feed->url = xstrdup(url);
		feed->last = map_new();
		map_put_text(feeds, url, feed);
	}
	return feed;
}

static void
set_link(struct item *item, struct arena *arena, const char *base, const char *link)
{
	struct buf b = {0};

	if (link == NULL)
		return;
	if (url_resolve(base, link, &b) < 0)
		buf_puts(&b, link);
	item->link = item->url = arena_strdup(arena, b.data);
	buf_reset(&b);
	if (url_is_http(item->link)) {
		normalise_url(item->link, &b);
		item->url = arena_strdup(arena, b.data);
		buf_reset(&b);
	}
	if (normalise_url_key(item->link, &b))
		item->url_key = hash64(b.data, b.len);
	buf_done(&b);
}

static uint64_t
hash_line(const json_t *line)
{
	static const char *const names[] = {"guid", "link", "title", "text"};
	struct buf all = {0};
	uint64_t hash;
	size_t i;

	for (i = 0; i < 4; i++)
		buf_printf(&all, "%s\n",
		    field(line, names[i]) != NULL ? field(line, names[i]) : "");
	hash = hash64(all.data, all.len);
	buf_done(&all);
	return hash;
}

static const char *
plain(struct arena *arena, const char *text, bool one_line)
{
	struct text t = {.value = text, .type = TEXT_PLAIN};
	struct buf b = {0};
	const char *copy;

	if (text == NULL)
		return NULL;
	t.size = strlen(text);
	normalise_text(&t, one_line, &b);
	copy = b.len > 0 ? arena_strdup(arena, b.data) : NULL;
	buf_done(&b);
	return copy;
}

static void
fill_item(struct batch *batch, struct item *item, const json_t *line)
{
	item->guid = arena_strdup(batch->arena, field(line, "guid"));
	set_link(item, batch->arena, field(line, "feed"), field(line, "link"));
	item->title = plain(batch->arena, field(line, "title"), true);
	item->text = plain(batch->arena, field(line, "text"), false);
	item->lang = arena_strdup(batch->arena, field(line, "lang"));
	item->raw_hash = hash_line(line);
	item->content_hash =
	    normalise_fingerprint(item->title, item->text, &item->content_chars);
}

static void
add_observation(struct document *document, const json_t *line)
{
	struct observation *o;
	uint64_t hash = hash_line(line);
	uintptr_t before =
	    (uintptr_t)map_find_id(document->feed->last, (int64_t)hash);

	if ((observation_count & (observation_count + 1)) == 0)
		observations = xrealloc(observations,
		    (observation_count + 1) * 2 * sizeof(*observations));
	o = &observations[observation_count++];
	*o = (struct observation){xstrdup(field(line, "id")), 0, -1};
	if (before != 0) { /* as the fetcher does with what did not change */
		o->same_as = (int64_t)before - 1;
		batch_add_unchanged(document->batch, hash);
		return;
	}
	fill_item(document->batch, batch_add_item(document->batch), line);
	document->numbers = xrealloc(document->numbers,
	    document->batch->item_count * sizeof(*document->numbers));
	document->numbers[document->batch->item_count - 1] = observation_count - 1;
}

static struct document *
new_document(const char *url, int64_t t)
{
	struct document *document;

	if ((document_count & (document_count + 1)) == 0)
		documents = xrealloc(
		    documents, (document_count + 1) * 2 * sizeof(*documents));
	document = &documents[document_count];
	*document = (struct document){.feed = find_feed(url)};
	document->batch = batch_new(0, LIMIT_ARENA_BYTES);
	document->batch->job = (int64_t)document_count++;
	document->batch->outcome = OUTCOME_OK;
	document->batch->whole = true;
	document->batch->received = t * 1000;
	return document;
}

/* The next document is told from what this one had. */
static void
end_document(struct document *document, size_t first)
{
	struct feed *feed;
	size_t i, n = 0;

	if (document == NULL)
		return;
	feed = document->feed;
	for (i = first; i < observation_count; i++) {
		const struct observation *o = &observations[i];
		uint64_t hash;

		if (o->same_as >= 0)
			continue;
		hash = document->batch->items[n++].raw_hash;
		map_put_id(feed->last, (int64_t)hash, (void *)(uintptr_t)(i + 1));
	}
}

/* Only what stood in the very last document travels as a hash. */
static void
forget_others(struct document *document, size_t first)
{
	struct map *kept = map_new();
	size_t i, n = 0, u = 0;

	for (i = first; i < observation_count; i++) {
		const struct observation *o = &observations[i];
		uint64_t hash = o->same_as >= 0
		    ? document->batch->unchanged[u++]
		    : document->batch->items[n++].raw_hash;
		size_t number = o->same_as >= 0 ? (size_t)o->same_as : i;

		map_put_id(kept, (int64_t)hash, (void *)(uintptr_t)(number + 1));
	}
	map_free(document->feed->last);
	document->feed->last = kept;
}

static void
read_observations(const char *path)
{
	FILE *file = fopen(path, "r");
	struct document *document = NULL;
	size_t first = 0, room = 0;
	char *text = NULL;
	int64_t t = -1;

	if (file == NULL)
		die(path, strerror(errno));
	while (getline(&text, &room, file) > 0) {
		json_error_t error;
		json_t *line = json_loads(text, 0, &error);
		const char *url;

		if (line == NULL)
			die(path, error.text);
		url = field(line, "feed");
		if (document == NULL || strcmp(url, document->feed->url) != 0 ||
		    json_integer_value(json_object_get(line, "t")) != t) {
			if (document != NULL) {
				end_document(document, first);
				forget_others(document, first);
			}
			t = json_integer_value(json_object_get(line, "t"));
			first = observation_count;
			document = new_document(url, t);
		}
		add_observation(document, line);
		json_decref(line);
	}
	free(text);
	fclose(file);
}

/* ------------------------------------------------------------ storing */

/* On the writer's thread, before the commit. */
static void
on_placed(void *arg, const struct batch *batch, size_t n, int64_t id)
{
	int64_t row[2] = {(int64_t)documents[batch->job].numbers[n], id};

	(void)arg;
	observations[row[0]].item = id;
	if (journal >= 0 && write(journal, row, sizeof(row)) != sizeof(row))
		die("journal", strerror(errno));
}

static void
read_journal(void)
{
	int64_t row[2];

	while (read(journal, row, sizeof(row)) == sizeof(row)) {
		if (row[0] >= 0 && (size_t)row[0] < observation_count)
			observations[row[0]].item = row[1];
	}
}

static void
on_commit(void *arg, const struct commit *commit)
{
	(void)arg;
	if (commit->error != 0) {
		fprintf(stderr, "refused: %s\n", commit->message);
		refused++;
	}
}

static void
on_edit(void *arg, const struct edit_result *result)
{
	int64_t *id = arg;

	if (result->error != 0 && result->error != -EEXIST)
		die("edit", result->message);
	*id = result->feed_id;
}

static sqlite3 *
open_outside(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	return db;
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		die(sql, sqlite3_errmsg(db));
	return stmt;
}

static void
name_feeds(const char *path)
{
	sqlite3 *db = open_outside(path);
	sqlite3_stmt *stmt = prepare(db, "SELECT url, id FROM feed");

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct feed *feed =
		    map_find_text(feeds, (const char *)sqlite3_column_text(stmt, 0));

		if (feed != NULL)
			feed->id = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void
add_feeds(const char *path)
{
	size_t i;

	name_feeds(path);
	for (i = 0; i < document_count; i++) {
		struct feed *feed = documents[i].feed;

		if (feed->id == 0) {
			struct edit edit = {.kind = EDIT_ADD_FEED, .url = feed->url};

			store_edit(store, &edit, on_edit, &feed->id);
			store_flush(store);
		}
	}
	name_feeds(path);
}

/* How many documents an earlier run has committed. */
static size_t
count_done(const char *path)
{
	sqlite3 *db = open_outside(path);
	sqlite3_stmt *stmt = prepare(db, "SELECT sum(attempts) FROM feed");
	size_t done = sqlite3_step(stmt) == SQLITE_ROW
	    ? (size_t)sqlite3_column_int64(stmt, 0)
	    : 0;

	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return done;
}

static void
replay(size_t from, size_t queue)
{
	size_t i;

	for (i = from; i < document_count; i++) {
		struct batch *batch = documents[i].batch;

		batch->feed_id = documents[i].feed->id;
		while (store_submit(store, batch, NULL, NULL, on_commit, NULL) < 0) {
			struct pollfd fd = {store_fd(store), POLLIN, 0};

			(void)poll(&fd, 1, -1); /* interrupted: asks again */
			store_dispatch(store);
		}
		if (queue > 0 && (i + 1) % queue == 0)
			store_flush(store);
	}
	store_flush(store);
}

static void
set_level(int level)
{
	struct settings settings = {
	    .dup_level = level, .dup_read = "all", .dup_window = 7 * MSEC_PER_DAY};
	struct edit edit = {.kind = EDIT_SYNC_FEEDS, .settings = &settings};
	int64_t ignored;

	store_edit(store, &edit, on_edit, &ignored);
	store_flush(store);
}

/* ------------------------------------------------------------ results */

static void
print_line(const struct observation *o, sqlite3_stmt *stmt)
{
	const struct observation *from = o;
	struct buf out = {0};
	struct jsonw w;

	while (from->item == 0 && from->same_as >= 0)
		from = &observations[from->same_as];
	jsonw_init(&w, &out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "id", o->name);
	jsonw_int(&w, "item", from->item);
	sqlite3_bind_int64(stmt, 1, from->item);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		jsonw_int(&w, "story", sqlite3_column_int64(stmt, 0));
		jsonw_text(&w, "why", (const char *)sqlite3_column_text(stmt, 1));
		jsonw_text(&w, "detail", (const char *)sqlite3_column_text(stmt, 2));
	}
	sqlite3_reset(stmt);
	jsonw_close(&w);
	puts(buf_text(&out));
	buf_done(&out);
}

static void
print_results(const char *path)
{
	sqlite3 *db = open_outside(path);
	sqlite3_stmt *stmt = prepare(db,
	    "SELECT i.story_id, s.why, s.detail FROM item i LEFT JOIN item_story s"
	    " ON s.item_id = i.id WHERE i.id = ?");
	size_t i;

	for (i = 0; i < observation_count; i++)
		print_line(&observations[i], stmt);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static double
cpu_usec(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void
print_cost(const char *path, double usec)
{
	sqlite3 *db = open_outside(path);
	sqlite3_stmt *stmt =
	    prepare(db, "SELECT count(*), count(DISTINCT story_id) FROM item");

	if (sqlite3_step(stmt) == SQLITE_ROW)
		fprintf(stderr,
		    "%zu observations, %zu polls, %d items, %d stories, "
		    "%.1f us CPU an item\n",
		    observation_count, document_count, sqlite3_column_int(stmt, 0),
		    sqlite3_column_int(stmt, 1),
		    usec / (sqlite3_column_int(stmt, 0) + 1));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

static void
open_all(const char *path)
{
	struct store_options options = {.placed = on_placed, .readers = 1};
	struct buf reason = {0}, name = {0};
	int r = store_open(path, &options, &store, &reason);

	if (r < 0)
		die("store", buf_text(&reason));
	buf_printf(&name, "%s.placed", path);
	journal =
	    open(buf_text(&name), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (journal < 0)
		die(buf_text(&name), strerror(errno));
	buf_done(&reason);
	buf_done(&name);
}

static void
remove_all(char *directory)
{
	static const char *const names[] = {
	    "db", "db-wal", "db-shm", "db.placed", "db.lock", "db-lock"};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)unlink(path); /* whichever there are */
	}
	(void)rmdir(directory); /* tells by staying that something is left */
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {
	    {"database", required_argument, NULL, 'd'},
	    {"level", required_argument, NULL, 'l'},
	    {"queue", required_argument, NULL, 'q'}, {NULL, 0, NULL, 0}};
	char directory[] = "/tmp/gazetted-replay-XXXXXX", own[64];
	const char *path = NULL;
	int level = 3, option;
	size_t queue = 0;
	double start;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == 'd')
			path = optarg;
		else if (option == 'l')
			level = atoi(optarg);
		else if (option == 'q')
			queue = (size_t)atol(optarg);
		else
			return 64;
	}
	if (optind + 1 != argc)
		die("usage",
		    "replay_dedup [--database=FILE] [--level=0..3] "
		    "[--queue=POLLS] OBS.jsonl");
	feeds = map_new();
	read_observations(argv[optind]);
	if (path == NULL) {
		if (mkdtemp(directory) == NULL)
			die(directory, strerror(errno));
		snprintf(own, sizeof(own), "%s/db", directory);
	}
	open_all(path != NULL ? path : own);
	set_level(level);
	add_feeds(path != NULL ? path : own);
	read_journal();
	start = cpu_usec();
	replay(count_done(path != NULL ? path : own), queue);
	print_cost(path != NULL ? path : own, cpu_usec() - start);
	store_close(store);
	print_results(path != NULL ? path : own);
	if (path == NULL)
		remove_all(directory);
	return refused > 0;
}
