/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_MOVE_H
#define SCHEDULE_MOVE_H

/*
 * Has a feed moved for good?  Counts what its good answers say of another address
 * (POLLING 58 and 63).  Pure.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/settings.h"
#include "schedule/plan.h"

#define MOVE_SIGHTINGS 5 /* at least, over move-after */

/* Of a good answer: sets the plan's new_url (lent from `batch`, or what it was),
 * `moves` and `try_new_url`, and its memory; a line of `note` for people. */
void move_note(struct plan *plan, const struct settings *settings,
    const struct batch *batch, msec_t now, struct buf *note, struct buf *reasons);
/* As in feed_plan's no_move. */
uint64_t move_hash(const char *url);

#endif
