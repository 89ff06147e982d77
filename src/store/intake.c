/* SPDX-License-Identifier: ISC */
#include "store/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "store/copies.h"
#include "store/identity.h"
#include "store/items.h"
#include "store/moves.h"
#include "store/policy.h"
#include "store/story.h"

/* A feed that came under other guids so often makes them up anew each time: they
 * are no longer kept, or each poll would add as many. */
#define CHURN_MOST 2000
#define LOG_SLOTS 50 /* attempts that are kept of a feed */

/* The feed as it stands before the batch. */
struct before {
	char *url;
	int64_t failures, attempts, last_document, failing_since;
	bool gone, archived;
	bool retitled; /* it had a title, and has another now */
};

static int
read_feed(struct tx *tx, const struct batch *batch, struct before *before)
{
	static const char sql[] =
	    "SELECT url, failures, attempts, last_document, gone, archived,"
	    " failing_since, title IS NOT NULL AND title <> ?2 FROM feed"
	    " WHERE id = ?1";
	sqlite3_stmt *stmt;
	int r;

	r = db_start(
	    tx->db, sql, &stmt, DB_INT(batch->feed_id), DB_TEXT(batch->meta.title));
	if (r < 0 || (r = db_step(tx->db, stmt)) <= 0)
		return r < 0 ? r : -ENOENT;
	before->url = xstrdup(db_text(stmt, 0));
	before->failures = db_int(stmt, 1);
	before->attempts = db_int(stmt, 2);
	before->last_document = db_int(stmt, 3);
	before->gone = db_int(stmt, 4) != 0;
	before->archived = db_int(stmt, 5) != 0;
	before->failing_since = db_int(stmt, 6);
	before->retitled = db_int(stmt, 7) != 0;
	db_stop(stmt);
	return 0;
}

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
drop_raws(struct tx *tx, const struct batch *batch, const struct before *before,
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
		r = db_run(tx->db, sql_seen, DB_INT(raw->item_id),
		    DB_INT(before->last_document));
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

static int
take_document(struct tx *tx, const struct batch *batch, const struct before *before,
    struct intake_counts *counts)
{
	struct document document = {.batch = batch, .feed_url = before->url};
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
		r = drop_raws(tx, batch, before, &document);
	if (r >= 0)
		say_placed(tx, &document);
	document_done(tx, &document);
	return r;
}

static int
write_meta(struct tx *tx, const struct batch *batch, const struct before *before)
{
	static const char sql[] =
	    "UPDATE feed SET title = coalesce(?2, title), site = coalesce(?3, site),"
	    " subtitle = coalesce(?4, subtitle), lang = coalesce(?5, lang),"
	    " image = coalesce(?6, image), icon = coalesce(?7, icon), kind = ?8,"
	    " gap = CASE WHEN ?9 > 0 THEN ?9 ELSE gap END, last_document = ?10"
	    " WHERE id = ?1";
	const struct feed_meta *m = &batch->meta;
	int r;

	r = db_run(tx->db, sql, DB_INT(batch->feed_id), DB_TEXT(m->title),
	    DB_TEXT(m->site), DB_TEXT(m->subtitle), DB_TEXT(m->language),
	    DB_TEXT(m->image), DB_TEXT(m->icon),
	    DB_TEXT(document_kind_name(batch->kind)),
	    DB_INT(batch->hints.median_gap), DB_INT(tx->now));
	if (r >= 0 && before->retitled)
		r = tx_event(tx, EVENT_FEED_CHANGED, 0, batch->feed_id,
		    "{\"what\":[\"title\"]}");
	return r;
}

static int
write_validators(struct tx *tx, const struct batch *batch)
{
	static const char sql[] =
	    "UPDATE feed SET etag = ?2, last_modified = ?3, validators_url = ?4,"
	    " body_hash = ?5 WHERE id = ?1";
	static const struct hash128 none;
	char hash[HASH_TEXT];
	bool has_hash = memcmp(&batch->body_hash, &none, sizeof(none)) != 0;

	return db_run(tx->db, sql, DB_INT(batch->feed_id),
	    DB_TEXT(batch->validators.etag),
	    DB_TEXT(batch->validators.last_modified), DB_TEXT(batch->validators.url),
	    DB_TEXT(has_hash ? hash_format(batch->body_hash, hash) : NULL));
}

static bool
is_success(enum outcome outcome)
{
	return outcome == OUTCOME_OK || outcome == OUTCOME_UNCHANGED;
}

/* Without a plan (imports, benches) the counters still hold. */
static struct feed_plan
plan_or_default(struct tx *tx, const struct batch *batch,
    const struct feed_plan *plan, const struct before *before)
{
	struct feed_plan own = {.id = batch->feed_id, .gone = before->gone};

	if (plan != NULL)
		return *plan;
	own.due = -1; /* as it is */
	own.learnt = -1;
	own.last_attempt = tx->now;
	own.failures = (uint32_t)before->failures;
	if (outcome_is_failure(batch->outcome))
		own.failures++;
	else if (is_success(batch->outcome))
		own.failures = 0;
	return own;
}

/* The last error in words; a success clears it. */
static const char *
error_words(const struct batch *batch)
{
	if (!outcome_is_failure(batch->outcome))
		return NULL;
	return batch->reason != NULL ? batch->reason : outcome_words(batch->outcome);
}

static int
write_plan(struct tx *tx, const struct batch *batch, const struct feed_plan *plan,
    const char *reasons, const struct before *before,
    const struct intake_counts *counts)
{
	static const char sql[] =
	    "UPDATE feed SET next_due = CASE WHEN ?2 < 0 THEN next_due ELSE ?2 END,"
	    " last_attempt = coalesce(?3, last_attempt),"
	    " last_success = coalesce(?4, last_success),"
	    " last_new = coalesce(?5, last_new), failures = ?6,"
	    " learnt = CASE WHEN ?7 < 0 THEN learnt ELSE ?7 END, gone = ?8,"
	    " gone_since = CASE WHEN ?8 THEN coalesce(gone_since, ?9) END,"
	    " failing_since = CASE WHEN ?6 > 0 THEN coalesce(failing_since, ?9) END,"
	    " attempts = attempts + 1, last_status = ?10, last_outcome = ?11,"
	    " last_error = CASE WHEN ?13 THEN ?17 ELSE coalesce(?12, last_error) "
	    "END,"
	    " reasons = coalesce(?14, reasons), held = ?15,"
	    " memory = coalesce(?16, memory),"
	    " quarantined = CASE WHEN ?13 THEN 0 ELSE quarantined END WHERE id = ?1";
	struct feed_plan p = plan_or_default(tx, batch, plan, before);
	bool success = is_success(batch->outcome);
	int r;

	r = db_run(tx->db, sql, DB_INT(batch->feed_id), DB_INT(p.due),
	    DB_OPT(p.last_attempt != 0 ? p.last_attempt : tx->now),
	    DB_OPT(success ? tx->now : p.last_success),
	    DB_OPT(counts->new_items > 0 ? tx->now : p.last_new), DB_INT(p.failures),
	    DB_INT(p.learnt), DB_INT(p.gone), DB_INT(tx->now),
	    DB_OPT(batch->http_status), DB_TEXT(outcome_name(batch->outcome)),
	    DB_TEXT(error_words(batch)), DB_INT(success), DB_TEXT(reasons),
	    DB_INT(p.held), DB_TEXT(p.memory), DB_TEXT(p.note));
	return r < 0 || plan == NULL ? r : moves_write(tx, batch->feed_id, plan);
}

static int
write_log(struct tx *tx, const struct batch *batch, const struct before *before)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO fetch_log(feed_id, slot, n, time, outcome,"
	    " status, bytes, msec, detail) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return db_run(tx->db, sql, DB_INT(batch->feed_id),
	    DB_INT(before->attempts % LOG_SLOTS), DB_INT(before->attempts),
	    DB_INT(tx->now), DB_TEXT(outcome_name(batch->outcome)),
	    DB_OPT(batch->http_status), DB_INT(batch->bytes),
	    DB_INT(batch->duration),
	    DB_TEXT(batch->detail != NULL ? batch->detail : batch->reason));
}

static int
say_state(
    struct tx *tx, const struct batch *batch, enum event_kind kind, int64_t failures)
{
	struct buf detail = {0};
	struct jsonw w;
	int r;

	jsonw_init(&w, &detail);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "outcome", outcome_name(batch->outcome));
	jsonw_text(&w, "error", error_words(batch));
	if (batch->http_status != 0)
		jsonw_int(&w, "status", batch->http_status);
	jsonw_int(&w, "failures", failures);
	jsonw_close(&w);
	r = tx_event(tx, kind, 0, batch->feed_id, buf_text(&detail));
	buf_done(&detail);
	return r;
}

static int
say_changes(struct tx *tx, const struct batch *batch, const struct feed_plan *plan,
    const struct before *before)
{
	struct feed_plan p = plan_or_default(tx, batch, plan, before);
	int r = 0;

	if (p.gone && !before->gone)
		r = say_state(tx, batch, EVENT_FEED_GONE, p.failures);
	if (r >= 0 && p.failures >= FEED_FAILING_AFTER &&
	    before->failures < FEED_FAILING_AFTER)
		r = say_state(tx, batch, EVENT_FEED_FAILING, p.failures);
	if (r >= 0 && p.failures == 0 && before->failures >= FEED_FAILING_AFTER)
		r = say_state(tx, batch, EVENT_FEED_RECOVERED, before->failures);
	return r;
}

/* A document, whole or broken: it was looked into. */
static bool
has_document(const struct batch *batch)
{
	return batch->item_count > 0 || batch->unchanged_count > 0 ||
	    batch->outcome == OUTCOME_OK;
}

int
intake_batch(struct tx *tx, const struct batch *batch, const struct feed_plan *plan,
    const char *reasons, struct intake_counts *ret_counts)
{
	struct before before = {0};
	struct intake_counts counts = {0};
	int r = read_feed(tx, batch, &before);

	/* Taken out while it was being fetched. */
	if (r >= 0 && before.archived)
		r = -ENOENT;
	if (r >= 0 && has_document(batch))
		r = take_document(tx, batch, &before, &counts);
	if (batch->archive_page) {
		free(before.url);
		*ret_counts = counts;
		return r;
	}
	if (r >= 0 && has_document(batch))
		r = write_meta(tx, batch, &before);
	if (r >= 0 && batch->keep_validators)
		r = write_validators(tx, batch);
	if (r >= 0 && batch->outcome != OUTCOME_CANCELLED)
		r = write_plan(tx, batch, plan, reasons, &before, &counts);
	if (r >= 0 && batch->outcome != OUTCOME_CANCELLED)
		r = write_log(tx, batch, &before);
	if (r >= 0)
		r = say_changes(tx, batch, plan, &before);
	free(before.url);
	*ret_counts = counts;
	return r;
}
