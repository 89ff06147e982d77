/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

/*
 * One fetcher process as the service sees it: frames out, frames in, signs of
 * life.  Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "fetcher/fetcher.h"
#include "wire/wire.h"

struct event_base;
struct worker;

struct worker_ops {
	/* A frame came.  `payload` is malloc'd and the callee's.  False: it was
	 * nonsense, and nothing more is read. */
	bool (*frame)(struct worker *worker, enum wire_type type, char *payload,
	    size_t size, void *arg);
	/* It closed its end, or sent nonsense.  The callee calls worker_free. */
	void (*died)(struct worker *worker, void *arg);
};

/* `prepared`: has the program, from fetcher_prepare.  0, or -errno. */
int worker_new(struct event_base *base, const struct fetcher_child *prepared,
    const struct worker_ops *ops, void *arg, struct worker **ret_worker);
/* Kills the process if it still runs.  Its wait status, or -1. */
int worker_free(struct worker *worker);
/* The frames in `out` are sent; `out` is empty after it. */
void worker_send(struct worker *worker, struct buf *out);
/* Back-pressure: nothing is read, and silence is no sign of death. */
void worker_read(struct worker *worker, bool wanted);
/* The feed whose bytes it was handling last; 0: none. */
int64_t worker_blames(const struct worker *worker);
/* What it has not said until now does not count. */
void worker_forgive(struct worker *worker, msec_t mono);
/* How long it has said nothing. */
msec_t worker_silence(const struct worker *worker, msec_t mono);

#endif
