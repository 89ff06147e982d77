/* SPDX-License-Identifier: ISC */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

/*
 * The thread that alone writes.  It takes jobs from its mailbox, commits what
 * has queued up in one transaction, each job in a savepoint of its own, and
 * posts them to `done`.  When the disk is full, a lock is held or a write fails
 * it keeps what it has, in order, and tries again.
 */
#include "base/mailbox.h"
#include "store/db.h"
#include "store/job.h"
#include "store/place.h"

struct writer;

struct writer_options {
	const char *path;
	struct place *place; /* lent; the writer alone uses it from here on */
	struct mailbox *done;
	struct pulse *pulse;
	size_t limit; /* jobs that may be under way */
	msec_t busy;
	msec_t (*now)(void);
	void (*placed)(void *arg, const struct batch *batch, size_t n, int64_t id);
	void *placed_arg;
};

/* `db` is the writer's from here on, also on failure. */
int writer_start(
    const struct writer_options *options, struct db *db, struct writer **ret_writer);
/* Any job but JOB_QUERY.  0, or -ENOSPC. */
int writer_post(struct writer *writer, struct job *job);
/* After a JOB_STOP was posted: waits for the thread's end and frees it. */
void writer_join(struct writer *writer);
/* The highest event number ever given; of any connection. */
int writer_head(struct db *db, int64_t *ret_head);

#endif
