/* SPDX-License-Identifier: ISC */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

/*
 * A bounded one-way queue between threads.  The reader may sleep in an event
 * loop on mailbox_fd(), or in mailbox_wait().  Whoever takes an item owns it.
 */
#include <stddef.h>

#include "base/clock.h"

struct mailbox; /* opaque */

/* Room for `limit` items.  0, or -errno (out of descriptors). */
int mailbox_new(size_t limit, struct mailbox **ret_box);
void mailbox_free(struct mailbox *box); /* must be empty; NULL is fine */
/* Any thread.  0: the reader owns `item` now.  -ENOSPC: it is still yours. */
int mailbox_post(struct mailbox *box, void *item);
/* Reader thread.  NULL when empty; never blocks. */
void *mailbox_take(struct mailbox *box);
/* Reader thread.  Sleeps until there is something to take or `patience` ms
 * (negative: for ever) are over; then as mailbox_take. */
void *mailbox_wait(struct mailbox *box, msec_t patience);
/* Any thread.  How many items wait; only a hint while others post and take. */
size_t mailbox_count(struct mailbox *box);
/* Readable while there is something to take.  Do not read or close it. */
int mailbox_fd(const struct mailbox *box);

#endif
