/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a sequence of documents of three feeds, through the real store:
 * nothing is lost, nothing changes when a document comes again, every story has
 * one that leads it, and a document that lacks entries removes none.  In $TMPDIR:
 * where that is memory, the many small commits are fast.
 */
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "normalise/normalise.h"
#include "store/store.h"

#define FEEDS 3
#define DOCUMENTS 12
#define ENTRIES 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	char directory[96], path[112];
	struct store *store;
	sqlite3 *db; /* looks on from outside */
	int64_t feeds[FEEDS];
	struct commit last;
	size_t placed; /* entries of the last document that are items now */
	const uint8_t *data;
	size_t size;
	msec_t now;
};

static void
broken(const char *what)
{
	fprintf(stderr, "# %s\n", what);
	abort();
}

static unsigned
next(struct world *world)
{
	if (world->size == 0)
		return 0;
	world->size--;
	return *world->data++;
}

static void
on_edit(void *arg, const struct edit_result *result)
{
	if (result->error != 0)
		broken("a feed could not be added");
	*(int64_t *)arg = result->feed_id;
}

static void
on_commit(void *arg, const struct commit *commit)
{
	struct world *world = arg;

	world->last = *commit;
	if (commit->error != 0)
		broken(commit->message);
}

static void
on_placed(void *arg, const struct batch *batch, size_t n, int64_t id)
{
	struct world *world = arg;

	(void)batch;
	(void)n;
	world->placed += id != 0;
}

/* A sentence out of few words, so that texts are alike now and then. */
static const char *
make_text(struct batch *batch, unsigned kind)
{
	static const char *const words[] = {"storm ", "vote ", "5 ", "river ",
	    "bank ", "said ", "\xE4\xB8\xAD\xE6\x96\x87", "minister ",
	    "caf\xC3\xA9 ", "x"};
	struct buf text = {0};
	const char *copy;
	unsigned i;

	if (kind % 16 == 15)
		return NULL;
	for (i = 0; i < (kind % 16) * 12 + 1; i++)
		buf_puts(&text, words[(i * (kind / 16 + 1) + i / 7) % 10]);
	copy = arena_strdup(batch->arena, text.data);
	buf_done(&text);
	return copy;
}

static void
add_entry(struct world *world, struct batch *batch)
{
	struct item *item = batch_add_item(batch);
	unsigned guid = next(world), url = next(world);
	uint32_t key[4] = {guid % 8, url % 8, next(world), next(world)};

	if (key[0] != 7)
		item->guid = arena_printf(batch->arena, "g%u", key[0]);
	if (key[1] != 7) {
		item->link = item->url =
		    arena_printf(batch->arena, "https://a.example/%u", key[1]);
		item->url_key = hash64(item->url, strlen(item->url));
	}
	item->title = make_text(batch, key[2] % 64);
	item->text = make_text(batch, key[3]);
	item->content_hash =
	    normalise_fingerprint(item->title, item->text, &item->content_chars);
	item->raw_hash = hash64(key, sizeof(key));
}

static struct batch *
make_document(struct world *world, unsigned feed, const uint8_t *from, size_t size)
{
	struct batch *batch = batch_new(world->feeds[feed], 4 << 20);
	unsigned count, flags, i;

	world->data = from;
	world->size = size;
	count = next(world) % (ENTRIES + 1);
	flags = next(world);
	batch->outcome = OUTCOME_OK;
	batch->whole = (flags & 1) == 0;
	batch->cut = (flags & 2) != 0;
	batch->received = world->now;
	for (i = 0; i < count; i++)
		add_entry(world, batch);
	return batch;
}

static void
submit(struct world *world, struct batch *batch)
{
	size_t count = batch->item_count;

	world->placed = 0;
	if (store_submit(world->store, batch, NULL, NULL, on_commit, world) < 0)
		broken("the store does not take a document");
	store_flush(world->store);
	if (world->placed != count)
		broken("an entry is no item");
}

static int64_t
number(struct world *world, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value;

	if (sqlite3_prepare_v2(world->db, sql, -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		broken(sqlite3_errmsg(world->db));
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

/* A document, and the very same once more. */
static void
take_document(struct world *world)
{
	unsigned feed = next(world) % FEEDS;
	const uint8_t *from = world->data;
	size_t size = world->size;
	int64_t items = number(world, "SELECT count(*) FROM item"), after;
	int64_t updates;

	world->now += (msec_t)next(world) * 600000;
	submit(world, make_document(world, feed, from, size));
	after = number(world, "SELECT count(*) FROM item");
	if (after != items + world->last.new_items)
		broken("items came or went that nobody counted");
	updates = number(world, "SELECT sum(revision) FROM item");
	submit(world, make_document(world, feed, from, size));
	if (number(world, "SELECT count(*) FROM item") != after ||
	    number(world, "SELECT sum(revision) FROM item") < updates)
		broken("the same document again brought something new");
}

static void
check(struct world *world)
{
	static const char *const none[] = {
	    "SELECT count(*) FROM (SELECT story_id FROM item GROUP BY story_id"
	    " HAVING sum(1 - duplicate) <> 1)",
	    "SELECT count(*) FROM item i WHERE NOT EXISTS"
	    " (SELECT 1 FROM item s WHERE s.id = i.story_id AND"
	    "  s.story_id = i.story_id)",
	    "SELECT count(*) FROM (SELECT story_id, min(id) AS first FROM item"
	    " GROUP BY story_id HAVING first <> story_id)",
	    "SELECT count(*) FROM item_story s JOIN item i ON i.id = s.item_id"
	    " WHERE s.story_id <> i.story_id",
	    "SELECT count(*) FROM item i WHERE story_id <> id AND NOT EXISTS"
	    " (SELECT 1 FROM item_story WHERE item_id = i.id)",
	    "SELECT count(*) FROM item i WHERE revision > 1 AND (SELECT count(*)"
	    " FROM item_rev WHERE item_id = i.id) <> min(revision - 1, 5)"};
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (number(world, none[i]) != 0)
			broken(none[i]);
	}
}

static void
open_world(struct world *world)
{
	struct store_options options = {
	    .readers = 1, .placed = on_placed, .placed_arg = world};
	struct buf reason = {0};
	const char *place = getenv("TMPDIR");
	unsigned i;

	snprintf(world->directory, sizeof(world->directory),
	    "%.60s/gazetted-fuzz-XXXXXX", place != NULL ? place : "/tmp");
	if (mkdtemp(world->directory) == NULL)
		broken("no directory");
	snprintf(world->path, sizeof(world->path), "%s/db", world->directory);
	if (store_open(world->path, &options, &world->store, &reason) < 0)
		broken(buf_text(&reason));
	if (sqlite3_open_v2(world->path, &world->db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK)
		broken(sqlite3_errmsg(world->db));
	for (i = 0; i < FEEDS; i++) {
		char url[40];
		struct edit edit = {.kind = EDIT_ADD_FEED, .url = url};

		snprintf(url, sizeof(url), "https://feed%u.example/", i);
		store_edit(world->store, &edit, on_edit, &world->feeds[i]);
		store_flush(world->store);
	}
}

static void
close_world(struct world *world)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock", "-lock"};
	char path[128];
	size_t i;

	sqlite3_close(world->db);
	store_close(world->store);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", world->path, ends[i]);
		(void)unlink(path); /* whichever there are */
	}
	(void)rmdir(world->directory); /* tells by staying that something is left */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = {.data = data, .size = size, .now = 1700000000000};
	unsigned i;

	open_world(&world);
	for (i = 0; i < DOCUMENTS && world.size > 0; i++)
		take_document(&world);
	check(&world);
	close_world(&world);
	return 0;
}
