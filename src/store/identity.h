/* SPDX-License-Identifier: ISC */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

/*
 * Which stored item an entry of a document is (DEDUP 3): passes over the whole
 * document, and an item is claimed once.  Reads only.  Writer thread.
 */
#include <stdbool.h>

#include "base/map.h"
#include "model/item.h"
#include "similar/similar.h"
#include "store/policy.h"
#include "store/tx.h"

enum identity_fate {
	IDENTITY_NEW,
	IDENTITY_KNOWN,   /* `id`; `changed` when its content is another */
	IDENTITY_REMOVED, /* was purged: it does not come back */
	IDENTITY_REPEAT   /* the same as entry `repeat_of` of this document */
};

struct identity_entry {
	const struct item *item;
	enum identity_fate fate;
	int64_t id;
	bool changed;
	bool moved;      /* KNOWN under another guid or address than its last */
	bool shares_url; /* with another entry of this document */
	size_t repeat_of;
	struct similar_text *text; /* once it was needed; the caller frees it */
	/* Within identity.c */
	bool settled;
	uint64_t guid_hash; /* 0: no guid */
};

struct identity {
	int64_t feed_id;
	enum policy_identity by;
	bool absence; /* the document was read whole: what is not in it has left */
	struct map *present; /* ids of items whose entries came as a hash alone */
	struct identity_entry *entries; /* `item` set, the rest zero */
	size_t count;
	unsigned reused;  /* guids that stand for another article now */
	unsigned churned; /* items that came under another guid */
};

/* The entry's text, made when first asked for. */
const struct similar_text *identity_text(
    struct tx *tx, struct identity_entry *entry);
int identity_match(struct tx *tx, struct identity *identity);

#endif
