/* SPDX-License-Identifier: ISC */
/*
 * What storing an item costs as the database grows: a made-up stream of feeds
 * over years, printed a part at a time, and the last part against the first.
 *
 *	bench_growth [--items=N] [--directory=DIR] [--level=0..3] [--without-index]
 *	    [--together=N]
 *
 * An item a minute; a tenth of them copies of what came in the days before, with
 * words of their own.  CPU time of the process without making the batches; what
 * SQLite reads and writes is counted by the kernel (/proc/self/io).  --level=0:
 * nothing is told apart from copies; --without-index: no full-text index;
 * --together=N: documents that one commit takes, as after a time without network.
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "normalise/normalise.h"
#include "store/store.h"

#define FEEDS 1000
#define PARTS 10
#define TOGETHER 64 /* documents that may wait for one commit */
#define DOCUMENT 5  /* new items at most: three on average */
#define WORDS 32768 /* Zipf's law: the n-th comes 1/n as often as the first */
#define RECENT 4096 /* of these some are copied: three days' worth */
#define STEP 60000  /* milliseconds from one item to the next */

struct article {
	uint64_t seed; /* of its words */
	size_t words;
};

static char directory[256] = "/tmp", path[320];
static struct store *store;
static uint64_t seed = 88172645463325252u;
static char *vocabulary[WORDS];
static struct article recent[RECENT];
static size_t made;
static unsigned failed;
static size_t together = 1; /* documents a commit */
static msec_t now;

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
make_vocabulary(void)
{
	struct buf word = {0};
	size_t i, n;

	for (i = 0; i < WORDS; i++) {
		buf_reset(&word);
		for (n = i + 27; n > 0; n = n * 3 / 26)
			buf_printf(&word, "%c%c", (char)('a' + n % 26),
			    "aeiou"[(n + i) % 5]);
		vocabulary[i] = xstrdup(word.data);
	}
	buf_done(&word);
}

static const char *
pick_word(uint64_t *state)
{
	uint64_t n = next_random(state);
	unsigned bits = (unsigned)(n >> 40) % 15;

	return vocabulary[(1u << bits) - 1 + (n & ((1u << bits) - 1))];
}

/* A sequence of its own: the states of one generator all lie on one orbit. */
static uint64_t
scatter(uint64_t n)
{
	n = (n ^ n >> 31) * 0x9E3779B97F4A7C15u;
	n = (n ^ n >> 29) * 0xBF58476D1CE4E5B9u;
	return (n ^ n >> 32) | 1;
}

/* Every tenth word of a copy is its own. */
static void
print_article(
    const struct article *article, uint64_t own, bool copy, struct buf *out)
{
	uint64_t state = article->seed;
	size_t i;

	own = scatter(own);
	for (i = 0; i < article->words; i++) {
		const char *word = pick_word(&state);

		if (copy && next_random(&own) % 10 == 0)
			word = pick_word(&own);
		buf_printf(out, "%s%s", i > 0 ? " " : "", word);
	}
}

/* Lengths as of feeds: most have an opening, some the whole text. */
static struct article
new_article(void)
{
	uint64_t n = next_random(&seed);

	return (struct article){scatter(next_random(&seed)),
	    20 + (n % 4 == 0 ? (n >> 8) % 600 : (n >> 8) % 100)};
}

static void
fill_item(struct batch *batch, struct item *item, int64_t feed)
{
	bool copy = made > RECENT && next_random(&seed) % 10 == 0;
	struct article article =
	    copy ? recent[next_random(&seed) % RECENT] : new_article();
	struct article title = {article.seed, 9};
	struct buf text = {0};
	char url[80];

	recent[made % RECENT] = article;
	snprintf(
	    url, sizeof(url), "https://f%" PRId64 ".example/news/%zu", feed, ++made);
	item->guid = item->link = item->url = arena_strdup(batch->arena, url);
	item->url_key = hash64(url, strlen(url));
	print_article(&title, seed, copy, &text);
	item->title = arena_strdup(batch->arena, text.data);
	buf_reset(&text);
	print_article(&article, seed, copy, &text);
	item->text = item->html = arena_strdup(batch->arena, text.data);
	item->summary =
	    text.len > 400 ? arena_dup(batch->arena, text.data, 400) : item->text;
	buf_done(&text);
	item->content_hash =
	    normalise_fingerprint(item->title, item->text, &item->content_chars);
	item->raw_hash = item->content_hash ^ item->url_key;
}

static struct batch *
new_batch(void)
{
	int64_t feed = (int64_t)(next_random(&seed) % FEEDS) + 1;
	struct batch *batch = batch_new(feed, 1 << 20);
	size_t count = 1 + next_random(&seed) % DOCUMENT, i;

	batch->outcome = OUTCOME_OK;
	batch->whole = true;
	for (i = 0; i < count; i++)
		fill_item(batch, batch_add_item(batch), feed);
	now += (msec_t)count * STEP;
	batch->received = now;
	return batch;
}

static void
on_commit(void *arg, const struct commit *commit)
{
	(void)arg;
	failed += commit->error != 0;
}

static void
on_edit(void *arg, const struct edit_result *result)
{
	(void)arg;
	failed += result->error != 0;
}

/* ------------------------------------------------------------ measuring */

struct cost {
	double cpu, wall; /* microseconds */
	double read, written;
	double longest; /* of one commit, microseconds of wall */
	size_t items;
};

static void
read_io(struct cost *cost)
{
	FILE *file = fopen("/proc/self/io", "r");
	char name[32];
	double value;

	while (file != NULL && fscanf(file, "%31[^:]: %lf ", name, &value) == 2) {
		if (strcmp(name, "rchar") == 0)
			cost->read = value;
		else if (strcmp(name, "wchar") == 0)
			cost->written = value;
	}
	if (file != NULL)
		fclose(file);
}

static void
read_clocks(struct cost *cost)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	cost->cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	cost->wall = (double)clock_mono() * 1000;
	read_io(cost);
}

static void
run_round(struct cost *sum)
{
	struct batch *batches[TOGETHER];
	struct cost before = {0}, after = {0};
	size_t i, first = made;

	for (i = 0; i < together; i++)
		batches[i] = new_batch();
	read_clocks(&before);
	for (i = 0; i < together; i++) {
		if (store_submit(store, batches[i], NULL, NULL, on_commit, NULL) < 0)
			abort();
	}
	store_flush(store);
	read_clocks(&after);
	sum->cpu += after.cpu - before.cpu;
	sum->wall += after.wall - before.wall;
	if (after.wall - before.wall > sum->longest)
		sum->longest = after.wall - before.wall;
	sum->read += after.read - before.read;
	sum->written += after.written - before.written;
	sum->items += made - first;
}

static void
print_part(const struct cost *part)
{
	double n = (double)part->items;
	struct stat st = {0};

	(void)stat(path, &st);
	printf("%9zu items: %7.1f us CPU %7.1f us wall %8.0f B read %8.0f B "
	       "written an item, %6.0f MB, longest commit %.0f ms\n",
	    made, part->cpu / n, part->wall / n, part->read / n, part->written / n,
	    (double)st.st_size / 1e6, part->longest / 1000);
	fflush(stdout);
}

/* ------------------------------------------------------------ the store */

static void
open_store(void)
{
	struct buf reason = {0};

	if (store_open(path, NULL, &store, &reason) < 0) {
		fprintf(stderr, "%s\n", buf_text(&reason));
		exit(1);
	}
	buf_done(&reason);
}

static void
add_feeds(int level)
{
	struct settings settings = {
	    .dup_level = level, .dup_read = "all", .dup_window = 7 * MSEC_PER_DAY};
	struct edit edit = {.kind = EDIT_SYNC_FEEDS, .settings = &settings};
	struct edit add = {.kind = EDIT_ADD_FEED};
	char url[64];
	unsigned i;

	if (store_edit(store, &edit, on_edit, NULL) < 0)
		abort();
	store_flush(store);
	for (i = 0; i < FEEDS; i++) {
		snprintf(url, sizeof(url), "https://f%u.example/", i + 1);
		add.url = url;
		if (store_edit(store, &add, on_edit, NULL) < 0)
			abort();
		store_flush(store);
	}
}

/* The same schema with a view that swallows where the index was. */
static void
without_index(void)
{
	sqlite3 *db;

	open_store();
	store_close(store);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"DROP TABLE item_fts;"
		"CREATE VIEW item_fts(rowid, title, text, author, item_fts, rank)"
		" AS SELECT 1, 2, 3, 4, 5, 6;"
		"CREATE TRIGGER swallow INSTEAD OF INSERT ON item_fts"
		" BEGIN SELECT 1; END",
		NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	sqlite3_close(db);
}

static void
clean(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
	char name[400];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		(void)unlink(name); /* some are not there */
	}
	(void)rmdir(directory); /* tells by staying that something is left */
}

static void
grow(size_t items)
{
	struct cost first = {0}, part = {0};
	size_t i;

	for (i = 1; i <= PARTS; i++) {
		part = (struct cost){0};
		while (made < items / PARTS * i)
			run_round(&part);
		print_part(&part);
		if (i == 1)
			first = part;
	}
	printf("the last part against the first: %.2f times the CPU, %.2f times the "
	       "time\n",
	    part.cpu / (double)part.items / (first.cpu / (double)first.items),
	    part.wall / (double)part.items / (first.wall / (double)first.items));
}

static double
time_one(void)
{
	struct cost one = {0};

	run_round(&one);
	return one.wall;
}

/* The index of candidates is read from its table by the first item that needs it. */
static void
read_again(void)
{
	struct cost sum = {0};
	double first;
	sqlite3 *db;
	sqlite3_stmt *stmt = NULL;
	int64_t items = 0;
	size_t i;

	store_close(store);
	open_store();
	first = time_one();
	for (i = 0; i < 16; i++)
		sum.wall += time_one();
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT count(*) FROM sketch WHERE t >= ?", -1,
		&stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(stmt, 1, now - 7 * MSEC_PER_DAY);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			items = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	printf("opened again: %" PRId64
	       " items of the window read at %.0f a second, "
	       "the table and a commit included (%.1f ms; other commits %.1f ms)\n",
	    items, (double)items * 1e6 / first, first / 1000, sum.wall / 16000);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"items", required_argument, NULL, 'i'},
	    {"directory", required_argument, NULL, 'd'},
	    {"level", required_argument, NULL, 'l'},
	    {"without-index", no_argument, NULL, 'w'},
	    {"together", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
	size_t items = 30000, i;
	bool index = true;
	int level = 3, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'i')
			items = (size_t)atol(optarg);
		else if (option == 'd')
			snprintf(directory, sizeof(directory), "%.200s", optarg);
		else if (option == 'l')
			level = atoi(optarg);
		else if (option == 't')
			together = (size_t)atol(optarg);
		else if (option == 'w')
			index = false;
		else
			return 64;
	}
	if (together < 1 || together > TOGETHER)
		return 64;
	strcat(directory, "/gazetted-growth-XXXXXX");
	if (mkdtemp(directory) == NULL) {
		perror(directory);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/db", directory);
	now = (msec_t)1600000000 * 1000;
	make_vocabulary();
	if (!index)
		without_index();
	open_store();
	add_feeds(level);
	grow(items);
	if (level == 3)
		read_again();
	store_close(store);
	clean();
	for (i = 0; i < WORDS; i++)
		free(vocabulary[i]);
	return failed != 0;
}
