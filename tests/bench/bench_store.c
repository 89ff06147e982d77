/* SPDX-License-Identifier: ISC */
/*
 * What the store costs, an item: stored with and without the full-text index,
 * seen again in full, seen again as a hash; and an unchanged poll.  CPU time of
 * the whole process, without making the batches; floor: the same bytes appended
 * to a file.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/store.h"

#define FEEDS 50
#define ITEMS 20 /* a batch */
#define TEXT 4000
#define WORDS 20000 /* in the language */

static char directory[] = "/tmp/gazetted-bench-XXXXXX";
static char path[64];
static struct store *store;
static uint64_t seed = 88172645463325252u;
static unsigned failed;

static uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Few words are frequent and many are rare, as in print. */
static void
print_word(struct buf *out)
{
	uint64_t r = next_random() % WORDS, n = r * (next_random() % WORDS) / WORDS;
	unsigned i;

	n = n * (next_random() % WORDS) / WORDS;
	for (i = 0; i < 3 || n > 0; i++) {
		buf_putc(out, (char)('a' + (n + 7 * i) % 26));
		n /= 26;
	}
	buf_putc(out, ' ');
}

static void
fill_item(struct batch *batch, struct item *item, int64_t feed, unsigned n)
{
	struct buf text = {0};
	char url[80];

	while (text.len < TEXT)
		print_word(&text);
	snprintf(
	    url, sizeof(url), "https://example.org/%lld/%u", (long long)feed, n);
	item->guid = item->link = item->url = arena_strdup(batch->arena, url);
	item->url_key = hash64(url, strlen(url));
	item->title = arena_dup(batch->arena, text.data, 60);
	item->summary = arena_dup(batch->arena, text.data, 400);
	item->author = "A. Uthor";
	item->text = arena_strdup(batch->arena, text.data);
	item->html = item->text;
	item->content_hash = hash64(text.data, text.len);
	item->content_chars = (uint32_t)text.len;
	item->raw_hash = item->content_hash ^ item->url_key;
	buf_done(&text);
}

static struct batch *
new_batch(int64_t feed, unsigned first)
{
	struct batch *batch = batch_new(feed, 1 << 20);
	unsigned i;

	batch->outcome = OUTCOME_OK;
	batch->whole = true;
	for (i = 0; i < ITEMS; i++)
		fill_item(batch, batch_add_item(batch), feed, first + i);
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

static double
cpu_usec(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct cost {
	double cpu, wall; /* microseconds */
};

/* One round: a batch of every feed, made by `make`, stored. */
static struct cost
round_cost(struct batch *(*make)(int64_t feed, unsigned first), unsigned first)
{
	struct batch *batches[FEEDS];
	struct cost cost;
	unsigned i;

	for (i = 0; i < FEEDS; i++)
		batches[i] = make(i + 1, first);
	cost.cpu = cpu_usec();
	cost.wall = (double)clock_mono() * 1000;
	for (i = 0; i < FEEDS; i++) {
		if (store_submit(store, batches[i], NULL, NULL, on_commit, NULL) < 0)
			abort();
	}
	store_flush(store);
	cost.cpu = cpu_usec() - cost.cpu;
	cost.wall = (double)clock_mono() * 1000 - cost.wall;
	return cost;
}

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
add_feeds(void)
{
	struct edit edits[FEEDS];
	char urls[FEEDS][64];
	unsigned i;

	for (i = 0; i < FEEDS; i++) {
		snprintf(urls[i], sizeof(urls[i]), "https://f%u.example/", i);
		edits[i] = (struct edit){.kind = EDIT_ADD_FEED, .url = urls[i]};
		if (store_edit(store, &edits[i], on_edit, NULL) < 0)
			abort();
	}
	store_flush(store);
}

static void
clean(void)
{
	static const char *const suffixes[] = {
	    "", "-wal", "-shm", ".lock", ".floor"};
	char name[96];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		(void)unlink(name); /* some are not there */
	}
}

/* The same schema with a view that swallows where the index was. */
static void
without_index(void)
{
	sqlite3 *db;

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

static double
floor_cost(unsigned rounds)
{
	char name[96], block[2 * TEXT + 600];
	double start;
	unsigned i;
	int fd;

	snprintf(name, sizeof(name), "%s.floor", path);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	memset(block, 'x', sizeof(block));
	start = cpu_usec();
	for (i = 0; i < rounds * FEEDS * ITEMS; i++) {
		if (write(fd, block, sizeof(block)) != sizeof(block))
			abort();
	}
	start = cpu_usec() - start;
	close(fd);
	return start / (rounds * FEEDS * ITEMS);
}

static void
print(const char *what, struct cost sum, double count, double floor)
{
	printf("%-32s %8.1f us CPU %8.1f us wall %8.0f x floor\n", what,
	    sum.cpu / count, sum.wall / count, sum.cpu / count / floor);
}

static struct cost
insert(unsigned rounds)
{
	struct cost sum = {0, 0};
	unsigned i;

	for (i = 0; i < rounds; i++) {
		struct cost cost = round_cost(new_batch, i * ITEMS);

		sum.cpu += cost.cpu;
		sum.wall += cost.wall;
	}
	return sum;
}

/* What is stored already, made again from the same words. */
static uint64_t again;

static struct batch *
same_batch(int64_t feed, unsigned first)
{
	if (feed == 1)
		seed = again;
	return new_batch(feed, first);
}

static struct batch *
hash_batch(int64_t feed, unsigned first)
{
	struct batch *batch = same_batch(feed, first);
	unsigned i;

	for (i = 0; i < ITEMS; i++)
		batch_add_unchanged(batch, batch->items[i].raw_hash);
	batch->item_count = 0;
	return batch;
}

static struct batch *
unchanged_batch(int64_t feed, unsigned first)
{
	struct batch *batch = batch_new(feed, 4096);

	(void)first;
	batch->outcome = OUTCOME_UNCHANGED;
	batch->http_status = 304;
	return batch;
}

static void
measure_repeats(unsigned rounds, double floor)
{
	again = seed;
	(void)round_cost(new_batch, rounds * ITEMS);
	print("seen again in full, an item", round_cost(same_batch, rounds * ITEMS),
	    FEEDS * ITEMS, floor);
	print("seen again as a hash, an item",
	    round_cost(hash_batch, rounds * ITEMS), FEEDS * ITEMS, floor);
	print(
	    "unchanged (304), a poll", round_cost(unchanged_batch, 0), FEEDS, floor);
}

int
main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
	double floor, count = (double)rounds * FEEDS * ITEMS;
	struct stat st;

	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/db", directory);
	floor = floor_cost(rounds);
	printf(
	    "%.0f items of %d B html and text, %d a batch; floor (append) %.2f us "
	    "an item\n",
	    count, TEXT, ITEMS, floor);
	open_store();
	add_feeds();
	store_close(store);
	without_index();
	open_store();
	print("stored without index, an item", insert(rounds), count, floor);
	measure_repeats(rounds, floor);
	store_close(store);
	clean();
	open_store();
	add_feeds();
	print("stored with index, an item", insert(rounds), count, floor);
	store_close(store);
	if (stat(path, &st) == 0)
		printf(
		    "%.0f B in the database an item\n", (double)st.st_size / count);
	clean();
	rmdir(directory);
	return failed != 0;
}
