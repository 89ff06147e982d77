/* SPDX-License-Identifier: ISC */
#ifndef STORE_EDITS_H
#define STORE_EDITS_H

/*
 * What users and configurations change (model/edit.h).  Writer thread, inside a
 * transaction that the caller rolls back when the answer is not 0.
 */
#include "base/arena.h"
#include "model/edit.h"
#include "store/tx.h"

struct edits {
	struct tx *tx;
	const struct edit *edit;
	struct arena *arena; /* holds what `result` points to */
	struct edit_result *result;
};

/* 0, or -errno with result->message. */
int edits_run(struct edits *edits);

/* For the parts: sets the message and returns `error`. */
int edits_refuse(struct edits *edits, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One line for result->notes. */
void edits_note(struct edits *edits, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void edits_warn(struct edits *edits, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* feeds.c, moves.c, sync.c, doubles.c, marks.c, hand.c */
int feeds_add(struct edits *edits);
int feeds_set(struct edits *edits);
int feeds_remove(struct edits *edits);
int feeds_quarantine(struct edits *edits);
int feeds_forgive(struct edits *edits);
int moves_adopt(struct edits *edits);
int moves_undo(struct edits *edits);
int moves_hold(struct edits *edits);
int sync_feeds(struct edits *edits);
int doubles_sync(struct edits *edits);
int marks_modify(struct edits *edits);
int marks_undo(struct edits *edits);
int hand_split(struct edits *edits);
int hand_join(struct edits *edits);
/* What a split or join moved goes back; nothing when it was another change. */
int hand_undo(struct edits *edits, int64_t undo);
/* A row of undo for what is done now; its token is the answer's. */
int edits_begin_undo(struct edits *edits, int64_t *ret_undo);

#endif
