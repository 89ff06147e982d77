/* SPDX-License-Identifier: ISC */
#ifndef FETCHER_PROCESS_H
#define FETCHER_PROCESS_H

/* What the files of the process share.  Inside fetcher only. */
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "fetch/fetch.h"
#include "fetcher/budget.h"
#include "fetcher/fetcher.h"
#include "model/outcome.h"
#include "model/request.h"
#include "wire/wire.h"

#define PROCESS_EXE_FD 5 /* from birth until fetcher_main begins */

struct arena;
struct document;
struct process;

enum task_state {
	TASK_FETCHING,    /* libcurl has it */
	TASK_FEEDING,     /* a document that was brought goes in, piece by piece */
	TASK_ENDING,      /* all bytes are in */
	TASK_NORMALISING, /* in slices */
};

struct task {
	TAILQ_ENTRY(task) entry; /* oldest first */
	struct process *process;
	enum task_state state;
	char *payload;       /* the frame that the request is lent from */
	struct arena *arena; /* the request's lists, and copies of the head's */
	struct request request;
	struct fetch_job *fetch;   /* with TASK_FETCHING */
	struct document *document; /* NULL: no document came */
	bool has_head, is_conditional, is_cut;
	struct fetch_head head; /* strings in arena */
	enum outcome outcome;   /* what the status says */
	struct buf start;       /* of the body, as decoded: for challenges */
	int64_t decoded;        /* bytes of body */
	size_t fed;             /* with TASK_FEEDING */
	size_t held;            /* bytes, as last counted into the budget's */
	struct batch *batch;    /* under construction */
#ifdef WITH_TEST_HOOKS
	struct buf hook;
#endif
};

struct process {
	struct event_base *base;
	struct fetch *fetch;
	struct fetcher_page *page;
	TAILQ_HEAD(, task) tasks;
	struct budget budget;
	struct buf in, out;
	size_t out_sent; /* of `out`, gone already */
	struct event readable, writable, heartbeat, work;
};

/* task.c: takes over `payload`, a WIRE_REQUEST.  -EBADMSG: not one (freed). */
int task_new(struct process *process, char *payload, size_t size);
void task_free(struct task *task);
/* One step of about LIMIT_SLICE_USEC of a job that is past its transfer. */
void task_work(struct task *task);
void task_cancel(struct task *task); /* answers OUTCOME_CANCELLED */

/* report.c: struct batch's report of what the task got, appended. */
void report_put(const struct task *task, const struct batch *batch, struct buf *out);

/* fetcher.c */
size_t process_unsent(const struct process *process); /* bytes */
void process_work(struct process *process); /* there is something to work on */
void process_send(struct process *process, const struct batch *batch);
void process_tell(struct process *process, enum wire_type type, int64_t job);
void process_blame(struct process *process, int64_t feed_id);

#endif
