/* SPDX-License-Identifier: ISC */
#ifndef STORE_ITEMS_H
#define STORE_ITEMS_H

/*
 * Item rows with all that hangs on them: texts, full-text index, enclosures,
 * categories, aliases, revisions.  Writer thread, inside a transaction.
 */
#include "model/item.h"
#include "store/policy.h"
#include "store/tx.h"

#define ITEMS_REVISIONS 5 /* old ones that are kept (DEDUP 3) */

enum alias_kind {
	ALIAS_GUID = 1,
	ALIAS_URL = 2,
	ALIAS_CONTENT = 3,
	ALIAS_TITLE = 4 /* of feeds that go by it, and of what was purged */
};
/* Content shorter than this identifies nothing when there is a guid or link. */
#define ITEMS_CONTENT_CHARS 80

/* `feed_url`: as subscribed, for the item's key.  The caller adds the aliases. */
int items_insert(struct tx *tx, int64_t feed_id, const char *feed_url,
    const struct item *item, int64_t *ret_id);
/* What is stored becomes a revision, `item` the current one; states stay. */
int items_revise(struct tx *tx, int64_t id, int64_t feed_id, const struct item *item,
    bool significant);
/* The same text under another guid or address: no revision, no event. */
int items_move(struct tx *tx, int64_t id, const struct item *item);
/* Which of the keys that an item came with lead to it from now on. */
struct items_keys {
	enum policy_identity by;
	bool no_guid; /* this feed makes them up anew each time */
};
int items_add_aliases(struct tx *tx, int64_t id, int64_t feed_id,
    const struct item *item, const struct items_keys *keys);
/* A feed that goes by title or content from now on: so are its stored items
 * found. */
int items_fill_aliases(struct tx *tx, int64_t feed_id, enum policy_identity by);
/* Removes the row and all that hangs on it but its aliases; writes the event. */
int items_remove(struct tx *tx, int64_t id);
/* The hash that ALIAS_CONTENT has, or false when the content says nothing. */
bool items_content_identifies(const struct item *item);

#endif
