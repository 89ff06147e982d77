/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORY_H
#define STORE_STORY_H

/*
 * Items that tell the same (DEDUP 4, 8): joining, and who leads.  A story's id
 * is that of its first item.  Writer thread, inside a transaction.
 */
#include <stdbool.h>

#include "store/policy.h"
#include "store/tx.h"

/* A copy is much longer than what was read when it has twice the text, and more
 * than a paragraph: a summary never marks the article read (DEDUP 8). */
#define STORY_LONGER_FACTOR 2
#define STORY_LONGER_LEAST 400

/* Why an item is put beside another. */
struct story_link {
	int64_t item, feed;  /* feed: the item's; story_join finds it */
	int64_t peer, story; /* the other item and its story */
	const char *why;     /* url, copy, rework, user */
	double c, tt;        /* DEDUP 5; 0: not measured */
	const char *words;   /* for people: what the two share; NULL: no more */
	enum policy_read read;
};

/* An item that is alone joins, or the first of what moves with it by hand.  A
 * story has the id of its first item: when the item that is alone is older than
 * the story, the story comes to it. */
int story_join(struct tx *tx, const struct story_link *link);
/* The item is read when the peer is, or leads when it says much more; then the
 * lead is elected.  Part of story_join. */
int story_carry(struct tx *tx, const struct story_link *link);
/* Everything of story `from` but item `but` is of story `to`, with the reasons it
 * had.  `why`: user, copy, rework. */
int story_move(
    struct tx *tx, int64_t from, int64_t to, int64_t but, const char *why);
/* The item joins the story of the first item that has its URL key, when the key
 * identifies an article.  1: it did. */
int story_join_by_url(struct tx *tx, int64_t item_id, int64_t feed_id,
    uint64_t url_key, const struct policy *policy);
/* Somebody told the item and one of the story's apart. */
int story_is_blocked(
    struct tx *tx, int64_t item_id, int64_t story_id, bool *ret_blocked);
/* No other item shares its story. */
int story_is_alone(struct tx *tx, int64_t item_id, bool *ret_alone);
/* Decides anew which item leads; the others are its duplicates. */
int story_elect(struct tx *tx, int64_t story_id);
/* May what was read of a member with reason `a` (NULL: the first) mark one with
 * reason `b` read? */
bool story_carries(enum policy_read read, const char *a, const char *b);

#endif
