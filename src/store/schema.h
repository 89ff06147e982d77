/* SPDX-License-Identifier: ISC */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/*
 * The tables, and how an older database becomes one of today.  A schema never
 * changes once it was released: a later one is a further step in schema.c.
 *
 * Conditions of the query language are written over these names (aliases
 * i: item, f: feed).  Times are wall milliseconds, 0 or NULL when unknown.
 *
 *	item(id, feed_id, story_id, read, starred, hidden, duplicate, revision, seen,
 *	    published, updated, guid, key, link, url, title, author, summary, lang)
 *	item_text(item_id, text, html, raw)
 *	item_tag(item_id, tag)			feed_tag(feed_id, tag)
 *	item_category(item_id, n, term)		item_data(item_id, key, value)
 *	enclosure(item_id, n, url, type, medium, length, title, ...)
 *	item_fts(title, text, author): full text, rowid = item.id; the text went
 *	    through query_index_text
 *	feed(id, name, url, title, user_title, site, origin, enabled, archived,
 *	    gone, moved_url, quarantined, failures, last_outcome, last_success,
 *	    last_attempt, last_new, next_due, added, gap)
 */
#include "base/buf.h"
#include "store/db.h"

#define SCHEMA_APPLICATION_ID 0x475A5444 /* "GZTD" */
#define SCHEMA_VERSION 3

/* What a database is, without changing it.  0: ours, *ret_version 0 when it is
 * empty; -EPROTO: newer than this program; -EMEDIUMTYPE: something else. */
int schema_check(struct db *db, int *ret_version, struct buf *reason);
/* Takes it from the version it has to `target`, each step in one transaction. */
int schema_migrate(struct db *db, int target, struct buf *reason);

#endif
