/* SPDX-License-Identifier: ISC */
#include "store/entries.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "store/copies.h"
#include "store/identity.h"
#include "store/items.h"
#include "store/policy.h"
#include "store/story.h"

/* A feed that came under other guids so often makes them up anew each time: they
 * are no longer kept, or each poll would add as many. */
#define CHURN_MOST 2000

/* The entries of the last document: raw hash -> item. */
struct raw {
	uint64_t hash;
	int64_t item_id;
	bool still; /* in this document too */
};

struct document {
	const struct batch *batch;
	const char *feed_url;
	struct policy policy;
	struct items_keys keys;
	struct arrival *arrivals;        /* in the order in which they are stored */
	struct identity_entry **arrived; /* the same */
	size_t arrival_count;
	struct raw *raws;
	size_t raw_count;
	struct map *by_hash; /* -> struct raw */
	struct identity identity;
};

static int
read_raws(struct tx *tx, const struct batch *batch, struct document *document)
{
	static const char sql[] =
	    "SELECT raw_hash, item_id FROM item_raw WHERE feed_id = ?";
	sqlite3_stmt *stmt;
	size_t room = 0, i;
	int r = db_start(tx->db, sql, &stmt, DB_INT(batch->feed_id));

	while (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		struct raw *raw;

		if (document->raw_count == room) {
			room = room == 0 ? 64 : room * 2;
			document->raws =
			    xrealloc(document->raws, room * sizeof(*raw));
		}
		raw = &document->raws[document->raw_count++];
		*raw =
		    (struct raw){(uint64_t)db_int(stmt, 0), db_int(stmt, 1), false};
	}
	document->by_hash = map_new();
	for (i = 0; i < document->raw_count; i++)
		map_put_id(document->by_hash, (int64_t)document->raws[i].hash,
		    &document->raws[i]);
	return r;
}

/* Entries that travelled as a hash are in the document all the same. */
static void
note_present(const struct batch *batch, struct document *document)
{
	struct map *present = document->identity.present = map_new();
	size_t i;

	for (i = 0; i < batch->unchanged_count; i++) {
		struct raw *raw =
		    map_find_id(document->by_hash, (int64_t)batch->unchanged[i]);

		if (raw != NULL) {
			raw->still = true;
			map_put_id(present, raw->item_id, raw);
		}
	}
}

/* Most feeds have the newest entry first; ids shall rise with time. */
static bool
oldest_first(const struct batch *batch)
{
	const struct item *first = &batch->items[0],
			  *last = &batch->items[batch->item_count - 1];

	return first->published != 0 && last->published != 0 &&
	    first->published < last->published;
}

/* ------------------------------------------------------------ entries */

/* Looks for the item's story: its address, then what it says. */
static int
find_story(struct tx *tx, struct document *document, size_t n)
{
	struct arrival *a = &document->arrivals[n];
	int64_t feed = document->batch->feed_id;
	bool alone = document->arrived[n]->fate == IDENTITY_NEW;
	int r = 0;

	if (!alone)
		r = story_is_alone(tx, a->id, &alone);
	if (r >= 0 && alone && !document->arrived[n]->shares_url)
		r = story_join_by_url(
		    tx, a->id, feed, a->item->url_key, &document->policy);
	if (r < 0 || document->policy.level < POLICY_LEVEL_COPIES)
		return r;
	return copies_place(tx, feed, &document->policy, document->arrivals,
	    document->arrival_count, n, alone && r == 0);
}

static int
take_new(struct tx *tx, struct document *document, size_t n)
{
	struct identity_entry *e = document->arrived[n];
	int64_t feed = document->batch->feed_id;
	int r = items_insert(tx, feed, document->feed_url, e->item, &e->id);

	document->arrivals[n].id = e->id;
	if (r >= 0)
		r = items_add_aliases(tx, e->id, feed, e->item, &document->keys);
	return r < 0 ? r : find_story(tx, document, n);
}

static int
make_unread(struct tx *tx, int64_t id)
{
	static const char sql[] = "UPDATE item SET read = 0 WHERE id = ? AND read";
	static const char sql_say[] =
	    "INSERT INTO event(time, kind, item_id, feed_id, detail)"
	    " SELECT ?2, 'item_state', id, feed_id, '{\"add\":[],\"remove\":"
	    "[\"read\"]}' FROM item WHERE id = ?1";
	int r = db_run(tx->db, sql, DB_INT(id));

	if (r < 0 || db_changes(tx->db) == 0)
		return r;
	return db_run(tx->db, sql_say, DB_INT(id), DB_INT(tx->now));
}

static int
is_significant(struct tx *tx, struct identity_entry *e, bool *ret_significant)
{
	const struct similar_text *was;
	int r = copies_text(tx, e->id, &was);

	*ret_significant = r >= 0 && was != NULL &&
	    similar_is_significant(was, identity_text(tx, e));
	return r;
}

static int
take_changed(struct tx *tx, struct document *document, size_t n)
{
	struct identity_entry *e = document->arrived[n];
	int64_t feed = document->batch->feed_id;
	enum policy_edits edits = document->policy.edits;
	bool significant = false;
	int r = is_significant(tx, e, &significant);

	if (r >= 0)
		r = copies_drop(tx, e->id); /* what was compared until now */
	if (r >= 0)
		r = items_revise(tx, e->id, feed, e->item, significant);
	if (r >= 0)
		r = items_add_aliases(tx, e->id, feed, e->item, &document->keys);
	if (r >= 0 &&
	    (edits == POLICY_UNREAD || (edits == POLICY_SIGNIFICANT && significant)))
		r = make_unread(tx, e->id);
	return r < 0 ? r : find_story(tx, document, n);
}

/* A date, a tracking parameter or the order of attributes is no edit. */
static int
take_seen(struct tx *tx, struct document *document, struct identity_entry *e)
{
	int r = 0;

	if (e->moved)
		r = items_move(tx, e->id, e->item);
	if (r >= 0)
		r = items_add_aliases(
		    tx, e->id, document->batch->feed_id, e->item, &document->keys);
	return r;
}

static bool
arrives(const struct document *document, const struct identity_entry *e)
{
	/* What stands in an archive is older than what is stored. */
	return e->fate == IDENTITY_NEW ||
	    (e->fate == IDENTITY_KNOWN && e->changed &&
		!document->batch->archive_page &&
		document->policy.edits != POLICY_IGNORE);
}

/* What is new or changed, in the order of storing. */
static void
list_arrivals(struct tx *tx, struct document *document)
{
	struct identity *identity = &document->identity;
	bool forward = identity->count > 0 && oldest_first(document->batch);
	size_t i, n = 0;

	document->arrivals =
	    xcalloc(identity->count + 1, sizeof(*document->arrivals));
	document->arrived = xcalloc(identity->count + 1, sizeof(*document->arrived));
	for (i = 0; i < identity->count; i++) {
		struct identity_entry *e =
		    &identity->entries[forward ? i : identity->count - 1 - i];

		if (!arrives(document, e))
			continue;
		document->arrived[n] = e;
		document->arrivals[n].item = e->item;
		document->arrivals[n].id = e->id;
		if (document->policy.level >= POLICY_LEVEL_COPIES) {
			(void)identity_text(tx, e);
			document->arrivals[n].text = e->text;
		}
		n++;
	}
	document->arrival_count = n;
}

static int
take_arrivals(struct tx *tx, struct document *document, struct intake_counts *counts)
{
	size_t n;
	int r = 0;

	list_arrivals(tx, document);
	if (document->arrival_count > 0 &&
	    document->policy.level >= POLICY_LEVEL_COPIES)
		r = copies_begin(tx, document->batch->feed_id, document->arrivals,
		    document->arrival_count);
	for (n = 0; r >= 0 && n < document->arrival_count; n++) {
		if (document->arrived[n]->fate == IDENTITY_NEW) {
			r = take_new(tx, document, n);
			counts->new_items++;
		} else {
			r = take_changed(tx, document, n);
			counts->updated_items++;
		}
		/* The cache has it now. */
		if (document->arrivals[n].placed)
			document->arrived[n]->text = NULL;
		tx_alive(tx);
	}
	return r;
}

static int
take_entries(struct tx *tx, struct document *document, struct intake_counts *counts)
{
	struct identity *identity = &document->identity;
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < identity->count; i++) {
		struct identity_entry *e = &identity->entries[i];

		if (e->fate == IDENTITY_KNOWN && !arrives(document, e))
			r = take_seen(tx, document, e);
	}
	return r < 0 ? r : take_arrivals(tx, document, counts);
}

/* Says what each entry was found to be. */
static void
say_placed(struct tx *tx, const struct document *document)
{
	const struct identity *identity = &document->identity;
	size_t i;

	for (i = 0; tx->placed != NULL && i < identity->count; i++) {
		const struct identity_entry *e = &identity->entries[i];
		bool removed = e->fate == IDENTITY_REMOVED;

		if (e->fate == IDENTITY_REPEAT)
			e = &identity->entries[e->repeat_of];
		tx->placed(tx->placed_arg, document->batch, i, removed ? 0 : e->id);
	}
}

static int
add_raws(struct tx *tx, const struct batch *batch, struct document *document)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO item_raw(feed_id, raw_hash, item_id)"
	    " VALUES(?, ?, ?)";
	const struct identity *identity = &document->identity;
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < identity->count; i++) {
		const struct identity_entry *e = &identity->entries[i];
		struct raw *old;

		if (e->item->raw_hash == 0)
			continue;
		old = map_find_id(document->by_hash, (int64_t)e->item->raw_hash);
		if (old != NULL)
			old->still = true;
		if (e->fate == IDENTITY_REPEAT)
			e = &identity->entries[e->repeat_of];
		r = db_run(tx->db, sql, DB_INT(batch->feed_id),
		    DB_HASH(identity->entries[i].item->raw_hash), DB_INT(e->id));
	}
	return r;
}

/* What is no longer in the document was last seen in the one before. */
static int
drop_raws(struct tx *tx, const struct batch *batch, msec_t last_document,
    struct document *document)
{
	static const char sql_seen[] =
	    "UPDATE item SET last_seen = max(last_seen, ?2) WHERE id = ?1";
	static const char sql_drop[] =
	    "DELETE FROM item_raw WHERE feed_id = ? AND raw_hash = ?";
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < document->raw_count; i++) {
		const struct raw *raw = &document->raws[i];

		if (raw->still)
			continue;
		r = db_run(
		    tx->db, sql_seen, DB_INT(raw->item_id), DB_INT(last_document));
		if (r >= 0)
			r = db_run(tx->db, sql_drop, DB_INT(batch->feed_id),
			    DB_HASH(raw->hash));
	}
	return r;
}

static void
document_done(struct tx *tx, struct document *document)
{
	size_t i;

	for (i = 0; i < document->identity.count; i++)
		free(document->identity.entries[i].text);
	copies_end(tx);
	free(document->arrivals);
	free(document->arrived);
	free(document->raws);
	map_free(document->by_hash);
	map_free(document->identity.present);
	free(document->identity.entries);
}

/* How the feed's guids behave, and by what its entries were told last. */
static int
read_ident(struct tx *tx, struct document *document)
{
	static const char sql[] =
	    "SELECT guid_churn, identity FROM feed_ident WHERE feed_id = ?";
	static const char sql_set[] =
	    "INSERT INTO feed_ident(feed_id, identity) VALUES(?1, ?2)"
	    " ON CONFLICT(feed_id) DO UPDATE SET identity = ?2";
	int64_t feed = document->batch->feed_id, churn = 0, by = 0;
	enum policy_identity want;
	sqlite3_stmt *stmt;
	int r = policy_read(tx, feed, &document->policy);

	want = document->policy.identity;
	if (r >= 0)
		r = db_start(tx->db, sql, &stmt, DB_INT(feed));
	if (r >= 0 && (r = db_step(tx->db, stmt)) == 1) {
		churn = db_int(stmt, 0);
		by = db_int(stmt, 1);
		db_stop(stmt);
	}
	document->keys = (struct items_keys){want, churn > CHURN_MOST};
	document->identity.by = want;
	if (r < 0 || by == (int64_t)want)
		return r;
	r = items_fill_aliases(tx, feed, want);
	return r < 0 ? r : db_run(tx->db, sql_set, DB_INT(feed), DB_INT(want));
}

static int
write_ident(struct tx *tx, const struct document *document)
{
	static const char sql[] =
	    "INSERT INTO feed_ident(feed_id, guid_reuse, guid_churn)"
	    " VALUES(?1, ?2, ?3) ON CONFLICT(feed_id) DO UPDATE SET"
	    " guid_reuse = guid_reuse + ?2, guid_churn = guid_churn + ?3";
	const struct identity *identity = &document->identity;

	if (identity->reused == 0 && identity->churned == 0)
		return 0;
	return db_run(tx->db, sql, DB_INT(document->batch->feed_id),
	    DB_INT(identity->reused), DB_INT(identity->churned));
}

/* A document that broke off says nothing of the entries behind the break; but
 * what it adds to must not grow for ever. */
static bool
replaces_last(const struct batch *batch, const struct document *document)
{
	if (batch->archive_page)
		return false;
	return batch->whole || document->raw_count + batch->item_count > LIMIT_ITEMS;
}

int
entries_take(struct tx *tx, const struct batch *batch, const char *feed_url,
    msec_t last_document, struct intake_counts *counts)
{
	struct document document = {.batch = batch, .feed_url = feed_url};
	struct identity *identity = &document.identity;
	size_t i;
	int r = read_raws(tx, batch, &document);

	note_present(batch, &document);
	identity->feed_id = batch->feed_id;
	identity->absence = batch->whole && !batch->cut && !batch->archive_page;
	identity->count = batch->item_count;
	identity->entries =
	    xcalloc(batch->item_count + 1, sizeof(*identity->entries));
	for (i = 0; i < batch->item_count; i++)
		identity->entries[i].item = &batch->items[i];
	if (r >= 0 && batch->item_count > 0)
		r = read_ident(tx, &document);
	if (r >= 0)
		r = identity_match(tx, identity);
	if (r >= 0)
		r = take_entries(tx, &document, counts);
	if (r >= 0)
		r = write_ident(tx, &document);
	if (r >= 0 && !batch->archive_page)
		r = add_raws(tx, batch, &document);
	if (r >= 0 && replaces_last(batch, &document))
		r = drop_raws(tx, batch, last_document, &document);
	if (r >= 0)
		say_placed(tx, &document);
	document_done(tx, &document);
	return r;
}
