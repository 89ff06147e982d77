/* SPDX-License-Identifier: ISC */
#include "store/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/xalloc.h"
#include "store/entries.h"
#include "store/moves.h"

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

	if (counts->new_items == 0 && p.quiet_due != 0) {
		p.due = p.quiet_due;
		reasons = p.quiet_reasons;
	}
	r = db_run(tx->db, sql, DB_INT(batch->feed_id), DB_INT(p.due),
	    DB_OPT(p.last_attempt != 0 ? p.last_attempt : tx->now),
	    DB_OPT(success ? tx->now : p.last_success),
	    DB_OPT(counts->new_items > 0 ? tx->now : 0), DB_INT(p.failures),
	    DB_INT(p.learnt), DB_INT(p.gone), DB_INT(tx->now),
	    DB_OPT(batch->http_status), DB_TEXT(outcome_name(batch->outcome)),
	    DB_TEXT(error_words(batch)), DB_INT(success), DB_TEXT(reasons),
	    DB_INT(p.held), DB_TEXT(p.memory), DB_TEXT(p.note));
	return r < 0 || plan == NULL ? r : moves_write(tx, batch->feed_id, plan);
}

static int
write_log(struct tx *tx, const struct batch *batch, const struct before *before,
    const struct intake_counts *counts)
{
	const char *detail = counts->new_items == 0 && batch->quiet_detail != NULL
	    ? batch->quiet_detail
	    : batch->detail;
	static const char sql[] =
	    "INSERT OR REPLACE INTO fetch_log(feed_id, slot, n, time, outcome,"
	    " status, bytes, msec, detail) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return db_run(tx->db, sql, DB_INT(batch->feed_id),
	    DB_INT(before->attempts % LOG_SLOTS), DB_INT(before->attempts),
	    DB_INT(tx->now), DB_TEXT(outcome_name(batch->outcome)),
	    DB_OPT(batch->http_status), DB_INT(batch->bytes),
	    DB_INT(batch->duration),
	    DB_TEXT(detail != NULL ? detail : batch->reason));
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
		r = entries_take(
		    tx, batch, before.url, before.last_document, &counts);
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
		r = write_log(tx, batch, &before, &counts);
	if (r >= 0)
		r = say_changes(tx, batch, plan, &before);
	free(before.url);
	*ret_counts = counts;
	return r;
}
