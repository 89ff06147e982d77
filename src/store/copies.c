/* SPDX-License-Identifier: ISC */
#include "store/copies.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "similar/index.h"
#include "store/neighbours.h"
#include "store/story.h"
#include "store/texts.h"

/* The index forgets by itself; looking through the table for what is too old takes
 * as long as reading it at the start. */
#define PRUNE_EVERY MSEC_PER_DAY

struct copies {
	struct texts *texts;
	struct similar_index *index; /* NULL: to be read from the tables */
	msec_t window;               /* that the index was read with */
	msec_t pruned;
	uint64_t changes; /* to index and texts, counted */
	struct neighbours *neighbours;
};

struct copies *
copies_new(void)
{
	struct copies *copies = xcalloc(1, sizeof(*copies));

	copies->texts = texts_new();
	copies->neighbours = neighbours_new();
	return copies;
}

static void
clear(struct copies *copies)
{
	similar_index_free(copies->index);
	copies->index = NULL;
	texts_clear(copies->texts);
}

uint64_t
copies_mark(const struct copies *copies)
{
	return copies->changes;
}

void
copies_forget(struct copies *copies, uint64_t mark)
{
	if (copies->changes != mark)
		clear(copies);
}

void
copies_free(struct copies *copies)
{
	if (copies == NULL)
		return;
	similar_index_free(copies->index);
	texts_free(copies->texts);
	neighbours_free(copies->neighbours);
	free(copies);
}

size_t
copies_count(const struct copies *copies, size_t *ret_bytes)
{
	*ret_bytes = copies->index != NULL ? similar_index_bytes(copies->index) : 0;
	return copies->index != NULL ? similar_index_count(copies->index) : 0;
}

/* ------------------------------------------------------------ texts */

struct similar_text *
copies_make_text(struct copies *copies, const struct item *item)
{
	return similar_make(texts_maker(copies->texts), item->title,
	    texts_body(item->text, item->summary));
}

int
copies_text(struct tx *tx, int64_t id, const struct similar_text **ret_text)
{
	const struct ready_text *ready;
	int r = texts_find(tx->copies->texts, tx, id, &ready);

	*ret_text = ready != NULL ? ready->text : NULL;
	return r;
}

void
copies_rest(struct tx *tx)
{
	texts_trim(tx->copies->texts);
}

/* ------------------------------------------------------------ the index */

static int
read_index(struct tx *tx, struct copies *copies, msec_t window)
{
	static const char sql[] = "SELECT item_id, t, digest, h FROM sketch"
				  " WHERE t >= ? ORDER BY t, item_id";
	sqlite3_stmt *stmt;
	int r;

	copies->index = similar_index_new();
	copies->window = window;
	r = db_start(tx->db, sql, &stmt, DB_INT(tx->now - window));
	while (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		similar_index_put(copies->index, db_int(stmt, 0), db_int(stmt, 1),
		    db_int(stmt, 2) != 0, sqlite3_column_blob(stmt, 3),
		    (size_t)sqlite3_column_bytes(stmt, 3) / sizeof(uint32_t));
		tx_alive(tx);
	}
	return r;
}

static int
ready_index(struct tx *tx, const struct policy *policy)
{
	static const char sql[] = "DELETE FROM sketch WHERE t < ?";
	struct copies *copies = tx->copies;
	int r = 0;

	if (copies->index != NULL && copies->window != policy->window)
		clear(copies);
	if (copies->index == NULL)
		r = read_index(tx, copies, policy->window);
	similar_index_expire(copies->index, tx->now - policy->window);
	if (r >= 0 &&
	    (tx->now - copies->pruned > PRUNE_EVERY || tx->now < copies->pruned)) {
		copies->pruned = tx->now;
		r = db_run(tx->db, sql, DB_INT(tx->now - policy->window));
	}
	return r;
}

/* ------------------------------------------------------------ a document */

int
copies_begin(
    struct tx *tx, int64_t feed_id, const struct arrival *arrivals, size_t count)
{
	return neighbours_begin(
	    tx->copies->neighbours, tx, feed_id, arrivals, count);
}

void
copies_end(struct tx *tx)
{
	texts_release(tx->copies->texts);
}

/* ------------------------------------------------------------ the best match */

/* What a candidate is now. */
struct peer {
	int64_t id, feed, story;
	msec_t arrived;
	bool digest;
};

struct match {
	enum similar_verdict verdict;
	struct similar_measure measure;
	struct similar_pair pair;
	struct peer peer;
	double score;
};

/* A story that shares other phrases with the text than those before it. */
struct noted {
	int64_t story;
	bool part; /* a short item of it stands in the text */
};

struct search {
	int64_t id, feed;
	const struct similar_text *text;
	const struct similar_set *boilerplate;
	struct match *matches; /* all that may be the same story: LIMIT_CANDIDATES */
	size_t match_count;
	const struct match *best; /* NULL: none */
	uint8_t
	    *covered; /* of the text's shingles: stands in a story noted before */
	struct noted noted[SIMILAR_DIGEST_STORIES];
	size_t noted_count;
};

static int
read_peer(struct tx *tx, const struct similar_hit *hit, struct peer *peer)
{
	static const char sql[] =
	    "SELECT i.feed_id, i.story_id, i.revised,"
	    " ifnull(f.options ->> '$.\"dup-level\"', ?2) >= ?2 FROM item i"
	    " JOIN feed f ON f.id = i.feed_id WHERE i.id = ?1";
	sqlite3_stmt *stmt;
	int r;

	*peer = (struct peer){.id = 0, .digest = hit->digest};
	r = db_start(
	    tx->db, sql, &stmt, DB_INT(hit->id), DB_INT(POLICY_LEVEL_COPIES));
	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r;
	peer->id = db_int(stmt, 3) != 0 ? hit->id : 0;
	peer->feed = db_int(stmt, 0);
	peer->story = db_int(stmt, 1);
	peer->arrived = db_int(stmt, 2);
	db_stop(stmt);
	return 0;
}

/* A round-up shares other phrases with each story; copies of one article, and
 * what a template puts around everything, share the same ones. */
static void
note_parts(struct search *search, const struct match *match)
{
	const struct similar_measure *m = &match->measure;
	bool part = m->n_a > m->n_b && similar_is_part(m, match->verdict);
	size_t i;

	if ((!part && m->shared < SIMILAR_DIGEST_SHARED) || match->peer.digest)
		return;
	if (similar_cover(search->text, match->pair.b, search->covered) &&
	    search->noted_count < SIMILAR_DIGEST_STORIES)
		search->noted[search->noted_count++] =
		    (struct noted){match->peer.story, false};
	for (i = 0; part && i < search->noted_count; i++)
		search->noted[i].part |= search->noted[i].story == match->peer.story;
}

static bool
is_digest(const struct search *search)
{
	size_t i, parts = 0;

	for (i = 0; i < search->noted_count; i++)
		parts += search->noted[i].part;
	return similar_is_digest(parts, search->noted_count);
}

static int
try_peer(struct tx *tx, struct search *search, const struct similar_hit *hit)
{
	const struct ready_text *ready;
	struct match match;
	bool blocked;
	int r = read_peer(tx, hit, &match.peer);

	if (r >= 0 && match.peer.id != 0)
		r = texts_find(tx->copies->texts, tx, hit->id, &ready);
	if (r < 0 || match.peer.id == 0 || ready == NULL)
		return r;
	match.pair = (struct similar_pair){search->text, ready->text,
	    search->boilerplate, &ready->boilerplate,
	    tx->now > match.peer.arrived ? tx->now - match.peer.arrived : 0,
	    match.peer.feed == search->feed};
	similar_compare(&match.pair, &match.measure);
	match.verdict = similar_decide(&match.pair, &match.measure);
	note_parts(search, &match);
	if (match.verdict == SIMILAR_NO || (hit->digest && match.measure.tt < 0.5))
		return 0;
	match.score = similar_score(match.verdict, &match.measure);
	r = story_is_blocked(tx, search->id, match.peer.story, &blocked);
	if (r < 0 || blocked)
		return r;
	search->matches[search->match_count] = match;
	if (search->best == NULL || match.score > search->best->score)
		search->best = &search->matches[search->match_count];
	search->match_count++;
	return 0;
}

static int
try_all(struct tx *tx, struct search *search, const uint32_t *sketch, size_t count)
{
	struct similar_hit hits[LIMIT_CANDIDATES];
	size_t n = similar_index_find(tx->copies->index, sketch, count, search->id,
		   hits, LIMIT_CANDIDATES),
	       i;
	int r = 0;

	for (i = 0; r >= 0 && i < n; i++)
		r = try_peer(tx, search, &hits[i]);
	return r;
}

/* `link` for what the search and the match share. */
static int
join(struct tx *tx, const struct match *match, struct story_link *link)
{
	struct buf words = {0};
	int r;

	similar_words(&match->pair, &match->measure, &words);
	link->why = match->verdict == SIMILAR_COPY ? "copy" : "rework";
	link->c = match->measure.c;
	link->tt = match->measure.tt;
	link->words = buf_text(&words);
	r = story_join(tx, link);
	buf_done(&words);
	link->words = NULL;
	return r;
}

static int
join_best(struct tx *tx, const struct search *search, const struct policy *policy)
{
	return join(tx, search->best,
	    &(struct story_link){.item = search->id,
		.peer = search->best->peer.id,
		.story = search->best->peer.story,
		.read = policy->read});
}

/* ------------------------------------------------------------ what came before */

static int
read_story(struct tx *tx, int64_t id, int64_t *ret_story)
{
	static const char sql[] = "SELECT story_id FROM item WHERE id = ?";
	sqlite3_stmt *stmt;
	int r = db_start(tx->db, sql, &stmt, DB_INT(id));

	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_story = db_int(stmt, 0);
	db_stop(stmt);
	return 0;
}

static int
draw_in(struct tx *tx, const struct search *search, const struct match *match)
{
	struct story_link link = {.item = match->peer.id, .peer = search->id};
	struct policy policy;
	bool alone, blocked;
	int r = story_is_alone(tx, link.item, &alone);

	if (r < 0 || !alone)
		return r;
	r = read_story(tx, search->id, &link.story);
	if (r >= 0)
		r = story_is_blocked(tx, link.item, link.story, &blocked);
	if (r >= 0 && !blocked)
		r = policy_read(tx, match->peer.feed, &policy);
	if (r < 0 || blocked)
		return r;
	link.read = policy.read;
	r = join(tx, match, &link);
	/* What was read of the earlier one counts for this one, too. */
	link.item = search->id;
	link.peer = match->peer.id;
	if (r >= 0)
		r = read_story(tx, search->id, &link.story);
	return r < 0 ? r : story_carry(tx, &link);
}

/* What came earlier, matches, and is alone would have joined, had it come later:
 * which came first is often no more than which feed was read first.  Stories of
 * two are never merged. */
static int
draw_in_others(struct tx *tx, const struct search *search)
{
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < search->match_count; i++) {
		if (!search->matches[i].peer.digest)
			r = draw_in(tx, search, &search->matches[i]);
	}
	return r;
}

/* ------------------------------------------------------------ one arrival */

static int
write_sketch(struct tx *tx, int64_t id, bool digest, const uint32_t *sketch,
    size_t count, const struct similar_set *boilerplate)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO sketch(item_id, t, digest, h, b)"
	    " VALUES(?, ?, ?, ?, ?)";
	static const struct db_value null = {.kind = DB_KIND_NULL};
	size_t size = boilerplate->count * sizeof(*boilerplate->v);

	similar_index_put(tx->copies->index, id, tx->now, digest, sketch, count);
	return db_run(tx->db, sql, DB_INT(id), DB_INT(tx->now), DB_INT(digest),
	    DB_BLOB(sketch, count * sizeof(*sketch)),
	    size > 0 ? DB_BLOB(boilerplate->v, size) : null);
}

int
copies_place(struct tx *tx, int64_t feed_id, const struct policy *policy,
    struct arrival *arrivals, size_t count, size_t n, bool may_join)
{
	struct arrival *a = &arrivals[n];
	struct match matches[LIMIT_CANDIDATES];
	struct search search = {
	    .id = a->id, .feed = feed_id, .text = a->text, .matches = matches};
	struct similar_set boilerplate;
	uint32_t sketch[SIMILAR_SKETCH];
	size_t size;
	bool digest;
	int r = ready_index(tx, policy);

	tx->copies->changes++;
	if (r >= 0)
		r = neighbours_boilerplate(
		    tx->copies->neighbours, tx, arrivals, count, n, &boilerplate);
	if (r < 0)
		return r;
	search.boilerplate = &boilerplate;
	search.covered = xcalloc(1, a->text->shingles.count + 1);
	size = similar_sketch(a->text, &boilerplate, sketch);
	r = try_all(tx, &search, sketch, size);
	free(search.covered);
	if (r < 0)
		return r;
	digest = is_digest(&search);
	if (search.best != NULL && !digest) {
		r = may_join ? join_best(tx, &search, policy) : 0;
		if (r >= 0)
			r = draw_in_others(tx, &search);
		size = similar_index_thin(tx->copies->index, sketch, size);
	}
	if (r >= 0)
		r = write_sketch(tx, a->id, digest, sketch, size, &boilerplate);
	if (r >= 0) {
		texts_put(tx->copies->texts, a->id, a->text, &boilerplate);
		a->placed = true;
	}
	copies_rest(tx);
	return r;
}

int
copies_drop(struct tx *tx, int64_t id)
{
	static const char sql[] = "DELETE FROM sketch WHERE item_id = ?";

	tx->copies->changes++;
	texts_drop(tx->copies->texts, id);
	if (tx->copies->index != NULL)
		similar_index_drop(tx->copies->index, id);
	return db_run(tx->db, sql, DB_INT(id));
}
