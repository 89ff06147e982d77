/* SPDX-License-Identifier: ISC */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

/*
 * How far deduplication goes for one feed: [dedup], and what the feed's own
 * options say (CONTRACT 2, DEDUP 8).  Writer thread.
 */
#include "model/settings.h"
#include "store/tx.h"

/* What one entry alone decides, without the others. */
enum policy_identity {
	POLICY_AUTO,
	POLICY_GUID,
	POLICY_LINK,
	POLICY_TITLE,
	POLICY_CONTENT,
	POLICY_PLAIN /* level 0: the first of guid, link, content that is there */
};
enum policy_edits {
	POLICY_SILENT,
	POLICY_SIGNIFICANT,
	POLICY_UNREAD,
	POLICY_IGNORE
};
/* How much of a story is read when one of it is. */
enum policy_read {
	POLICY_READ_OFF,
	POLICY_READ_URL,
	POLICY_READ_COPY,
	POLICY_READ_ALL
};

#define POLICY_LEVEL_COPIES 3 /* the same in other words */
#define POLICY_LEVEL_URL 2    /* the same address in another feed */

struct policy {
	int level;
	msec_t window;
	enum policy_identity identity;
	enum policy_edits edits;
	enum policy_read read;
};

int policy_read(struct tx *tx, int64_t feed_id, struct policy *ret_policy);
/* Keeps what [dedup] says, for the batches that come. */
int policy_write(struct tx *tx, const struct settings *settings);

#endif
