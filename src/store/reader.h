/* SPDX-License-Identifier: ISC */
#ifndef STORE_READER_H
#define STORE_READER_H

/*
 * A thread with a read-only connection that answers one query at a time: one
 * page, one read transaction, one deadline.
 */
#include "base/mailbox.h"
#include "store/job.h"

/* Also what store.h hands out.  The owner fills the first half; while a reader
 * has it only `cancelled` may be touched. */
struct store_query {
	struct job job;
	struct store *store;
	struct store_query *next; /* of those that wait */
	struct store_spec spec;   /* its strings are ours */
	store_encode_fn *encode;
	void *encode_arg;
	store_block_fn *on_block;
	store_end_fn *on_end;
	void *arg;
	msec_t now;
	unsigned reader; /* which one has it */
	bool running, answering;
	atomic_bool cancelled;

	struct buf out;
	struct store_end end;
	char *message;
};

struct reader;

/* `patience`: with one page. */
int reader_start(const char *path, msec_t patience, struct mailbox *done,
    struct reader **ret_reader);
/* One at a time: the next when this one has come back. */
void reader_post(struct reader *reader, struct store_query *query);
/* Idle only.  Ends the thread. */
void reader_stop(struct reader *reader);

#endif
