/* SPDX-License-Identifier: ISC */
#include "store/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "store/identity.h"
#include "store/items.h"
#include "store/moves.h"
#include "store/story.h"

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

static int
take_new(struct tx *tx, const struct batch *batch, const char *feed_url,
    struct identity_entry *e)
{
	int r = items_insert(tx, batch->feed_id, feed_url, e->item, &e->id);

	if (r >= 0)
		r = story_join_by_url(tx, e->id, batch->feed_id, e->item->url_key);
	return r;
}

/* True when no other item shares its story: then its new address may. */
static bool
is_alone(struct tx *tx, int64_t id)
{
	static const char sql[] = "SELECT count(*) FROM item WHERE story_id ="
				  " (SELECT story_id FROM item WHERE id = ?)";
	sqlite3_stmt *stmt;
	bool alone = false;

	if (db_start(tx->db, sql, &stmt, DB_INT(id)) >= 0 &&
	    db_step(tx->db, stmt) == 1) {
		alone = db_int(stmt, 0) == 1;
		db_stop(stmt);
	}
	return alone;
}

static int
take_known(struct tx *tx, const struct batch *batch, struct identity_entry *e,
    struct intake_counts *counts)
{
	int64_t revision;
	int r;

	/* What stands in an archive is older than what is stored. */
	if (batch->archive_page)
		return 0;
	/* A date, a tracking parameter or the order of attributes is no edit. */
	if (!e->changed)
		return items_add_aliases(tx, e->id, batch->feed_id, e->item);
	r = items_revise(tx, e->id, batch->feed_id, e->item, &revision);
	counts->updated_items++;
	if (r >= 0 && is_alone(tx, e->id))
		r = story_join_by_url(tx, e->id, batch->feed_id, e->item->url_key);
	return r;
}

static int
take_entries(struct tx *tx, const struct batch *batch, const char *feed_url,
    struct identity *identity, struct intake_counts *counts)
{
	bool forward = oldest_first(batch);
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < identity->count; i++) {
		struct identity_entry *e =
		    &identity->entries[forward ? i : identity->count - 1 - i];

		if (e->fate == IDENTITY_NEW) {
			r = take_new(tx, batch, feed_url, e);
			counts->new_items++;
		} else if (e->fate == IDENTITY_KNOWN) {
			r = take_known(tx, batch, e, counts);
		}
	}
	return r;
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
document_done(struct document *document)
{
	free(document->raws);
	map_free(document->by_hash);
	map_free(document->identity.present);
	free(document->identity.entries);
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
	struct document document = {0};
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
	if (r >= 0)
		r = identity_match(tx, identity);
	if (r >= 0 && batch->item_count > 0)
		r = take_entries(tx, batch, before->url, identity, counts);
	if (r >= 0 && !batch->archive_page)
		r = add_raws(tx, batch, &document);
	if (r >= 0 && replaces_last(batch, &document))
		r = drop_raws(tx, batch, before, &document);
	document_done(&document);
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
	return r < 0 || plan == NULL ? r
				     : moves_write(tx, batch->feed_id, plan);
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
	    DB_INT(batch->duration), DB_TEXT(batch->reason));
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
