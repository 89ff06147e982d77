/* SPDX-License-Identifier: ISC */
#ifndef STORE_JOB_H
#define STORE_JOB_H

/*
 * What travels between the owner's thread, the writer and the readers.  Whoever
 * holds a job owns it; each comes back to the owner exactly once.
 */
#include <stdatomic.h>

#include "base/arena.h"
#include "model/batch.h"
#include "model/edit.h"
#include "model/feed.h"
#include "store/store.h"

enum job_kind {
	JOB_BATCH,
	JOB_EDIT,
	JOB_FLUSH,   /* what stands before it must end now, one way or the other */
	JOB_STOP,    /* the same, and the thread ends */
	JOB_TROUBLE, /* from the writer: a word about the database, or NULL */
	JOB_QUERY
};

struct job {
	enum job_kind kind;
};

struct batch_job {
	struct job job;
	struct batch *batch;
	bool has_plan;
	struct feed_plan plan; /* its strings are these, or NULL: */
	char *memory, *url, *new_url, *note, *held_too, *quiet;
	char *reasons;
	store_commit_fn *fn;
	void *arg;
	struct commit commit;
	char message[200];
};

struct edit_job {
	struct job job;
	const struct edit *edit;
	store_edit_fn *fn;
	void *arg;
	struct arena *arena;
	struct edit_result result;
};

struct flush_job {
	struct job job;
	bool done;
};

struct trouble_job {
	struct job job;
	char text[200]; /* "": it is over */
	bool broken;
};

/* Written by the writer, read by anyone at any time. */
struct pulse {
	_Atomic int64_t head;     /* highest event seq committed */
	_Atomic int64_t progress; /* monotonic, of its last step; 0: idle */
};

#endif
