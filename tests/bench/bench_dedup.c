/* SPDX-License-Identifier: ISC */
/*
 * What telling copies costs, an item: texts made ready to compare, boilerplate,
 * index, decision; what the index takes in memory; how fast it is read again.
 * Beside it, what SQLite asks for the texts alone: one bare insert an item.
 *
 *	bench_dedup [OBS.jsonl [CLASS]]	observations as replay_dedup reads them
 *
 * CLASS: those alone whose label cls is that, as "natural", what real feeds had.
 * Without a file: made-up articles of the length that feeds have.
 */
#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "similar/index.h"
#include "similar/similar.h"

#define MADE_UP 20000

struct entry {
	char *title, *text;
	int64_t feed;
	msec_t time;
	struct similar_text *ready;
	struct similar_set boilerplate;
	uint32_t sketch[SIMILAR_SKETCH];
	size_t sketch_count;
};

static struct entry *entries;
static size_t entry_count;
static struct map *seen; /* feed number -> its last entry + 1 */
static size_t *before;   /* the one before it in its feed, + 1 */

static void
add(const char *title, const char *text, int64_t feed, msec_t time)
{
	if ((entry_count & (entry_count + 1)) == 0)
		entries =
		    xrealloc(entries, (entry_count + 1) * 2 * sizeof(*entries));
	entries[entry_count++] = (struct entry){.title = xstrdup_null(title),
	    .text = xstrdup_null(text),
	    .feed = feed,
	    .time = time};
}

static bool
is_of(const json_t *o, const char *class)
{
	const char *label = json_string_value(json_object_get(o, "cls"));

	return class == NULL || (label != NULL && strcmp(label, class) == 0);
}

static void
read_file(const char *path, const char *class)
{
	FILE *file = fopen(path, "r");
	struct map *feeds = map_new(), *old = map_new();
	char *line = NULL;
	size_t room = 0;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &room, file) > 0) {
		json_t *o = json_loads(line, 0, NULL);
		const char *feed = json_string_value(json_object_get(o, "feed"));
		const char *guid = json_string_value(json_object_get(o, "guid"));
		const char *title = json_string_value(json_object_get(o, "title"));
		const char *text = json_string_value(json_object_get(o, "text"));
		uintptr_t number = (uintptr_t)map_find_text(feeds, feed);
		char *key = xasprintf("%s %s %s", feed, guid, title);

		if (number == 0) {
			number = map_count(feeds) + 1;
			map_put_text(feeds, feed, (void *)number);
		}
		/* Seen again: no arrival. */
		if (is_of(o, class) &&
		    map_put_text(old, key, (void *)number) == NULL)
			add(*title != '\0' ? title : NULL, text, (int64_t)number,
			    json_integer_value(json_object_get(o, "t")) * 1000);
		free(key);
		json_decref(o);
	}
	free(line);
	fclose(file);
	map_free(feeds);
	map_free(old);
}

static void
make_up(void)
{
	uint64_t seed = 88172645463325252u;
	struct buf text = {0};
	size_t i, w;

	for (i = 0; i < MADE_UP; i++) {
		size_t words = 40 + i % 160;

		buf_reset(&text);
		for (w = 0; w < words; w++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			buf_printf(&text, "w%" PRIu64 " ",
			    (seed % 20000) * (seed >> 32 & 0xFF) / 256);
		}
		add(text.data + words, text.data, (int64_t)(i % 200) + 1,
		    (msec_t)i * 60000);
	}
	buf_done(&text);
}

static void
chain_feeds(void)
{
	size_t i;

	seen = map_new();
	before = xcalloc(entry_count + 1, sizeof(*before));
	for (i = 0; i < entry_count; i++)
		before[i] = (size_t)(uintptr_t)map_put_id(
		    seen, entries[i].feed, (void *)(uintptr_t)(i + 1));
}

static double
now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
print(const char *what, double usec)
{
	printf("%-28s %8.2f us/item\n", what, usec / (double)entry_count);
}

static double
bench_texts(void)
{
	struct similar_maker *maker = similar_maker_new();
	double start = now_usec();
	size_t i;

	for (i = 0; i < entry_count; i++)
		entries[i].ready =
		    similar_make(maker, entries[i].title, entries[i].text);
	start = now_usec() - start;
	similar_maker_free(maker);
	print("texts made ready", start);
	return start;
}

static double
bench_boilerplate(void)
{
	double start = now_usec();
	size_t i, n, count;

	for (i = 0; i < entry_count; i++) {
		const struct similar_text *near[SIMILAR_NEIGHBOURS];
		struct entry *e = &entries[i];
		uint32_t *room =
		    xmalloc((e->ready->shingles.count + 1) * sizeof(*room));

		for (n = before[i], count = 0; n != 0 && count < SIMILAR_NEIGHBOURS;
		    n = before[n - 1]) {
			if (entries[n - 1].ready->title_hash != e->ready->title_hash)
				near[count++] = entries[n - 1].ready;
		}
		similar_boilerplate(e->ready, near, count, room, &e->boilerplate);
		e->sketch_count =
		    similar_sketch(e->ready, &e->boilerplate, e->sketch);
	}
	start = now_usec() - start;
	print("boilerplate and sketch", start);
	return start;
}

static size_t compared, alike;

static void
compare(const struct entry *e, const struct entry *other)
{
	struct similar_pair pair = {e->ready, other->ready, &e->boilerplate,
	    &other->boilerplate, e->time - other->time, e->feed == other->feed};
	struct similar_measure m;

	similar_compare(&pair, &m);
	compared++;
	alike += similar_decide(&pair, &m) != SIMILAR_NO;
}

static double
bench_index(struct similar_index *index)
{
	struct similar_hit hits[LIMIT_CANDIDATES];
	double start = now_usec();
	size_t i, h, n;

	for (i = 0; i < entry_count; i++) {
		const struct entry *e = &entries[i];

		similar_index_expire(index, e->time - 7 * MSEC_PER_DAY);
		n = similar_index_find(index, e->sketch, e->sketch_count,
		    (int64_t)i + 1, hits, LIMIT_CANDIDATES);
		for (h = 0; h < n; h++)
			compare(e, &entries[hits[h].id - 1]);
		similar_index_put(index, (int64_t)i + 1, e->time, false, e->sketch,
		    e->sketch_count);
	}
	start = now_usec() - start;
	print("index and decision", start);
	return start;
}

/* Title and text into one table without an index, a hundred a transaction: the
 * least that storing can cost. */
static void
bench_insert(void)
{
	sqlite3 *db;
	sqlite3_stmt *stmt = NULL;
	double start = now_usec();
	size_t i;

	/* "": a file of its own that SQLite removes. */
	if (sqlite3_open("", &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT, text TEXT)",
		NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "INSERT INTO item(title, text) VALUES(?, ?)", -1,
		&stmt, NULL) != SQLITE_OK)
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	for (i = 0; stmt != NULL && i < entry_count; i++) {
		if (i % 100 == 0)
			sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sqlite3_bind_text(stmt, 1, entries[i].title, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, entries[i].text, -1, SQLITE_STATIC);
		(void)sqlite3_step(stmt);
		sqlite3_reset(stmt);
		if (i % 100 == 99 || i + 1 == entry_count)
			sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	print("beside it: a bare insert", now_usec() - start);
}

/* As at the start of the daemon, all of them in the window. */
static void
bench_rebuild(void)
{
	struct similar_index *index = similar_index_new();
	double start = now_usec();
	size_t i, numbers = 0;

	for (i = 0; i < entry_count; i++) {
		similar_index_put(index, (int64_t)i + 1, entries[i].time, false,
		    entries[i].sketch, entries[i].sketch_count);
		numbers += entries[i].sketch_count;
	}
	start = now_usec() - start;
	printf("index: %.1f numbers and %.0f bytes an item, built from sketches at "
	       "%.0f items a second\n",
	    (double)numbers / (double)entry_count,
	    (double)similar_index_bytes(index) / (double)entry_count,
	    (double)entry_count * 1e6 / start);
	similar_index_free(index);
}

int
main(int argc, char **argv)
{
	struct similar_index *index = similar_index_new();
	double sum;
	size_t i;

	if (argc > 1)
		read_file(argv[1], argc > 2 ? argv[2] : NULL);
	else
		make_up();
	chain_feeds();
	printf("%zu items of %zu feeds\n", entry_count, map_count(seen));
	sum = bench_texts();
	sum += bench_boilerplate();
	sum += bench_index(index);
	print("together", sum);
	bench_insert();
	printf("%.2f compared and %.3f alike an item\n",
	    (double)compared / (double)entry_count,
	    (double)alike / (double)entry_count);
	bench_rebuild();
	similar_index_free(index);
	map_free(seen);
	for (i = 0; i < entry_count; i++) {
		free(entries[i].title);
		free(entries[i].text);
		free(entries[i].boilerplate.v);
		free(entries[i].ready);
	}
	free(entries);
	free(before);
	return 0;
}
