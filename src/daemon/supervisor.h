/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

/*
 * Keeps a fetcher running: starts it, starts it again with back-off when it dies,
 * kills it when it hangs, and lets the old one drain when its settings changed.
 * Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/batch.h"
#include "wire/wire.h"

struct event_base;
struct fetcher_child;
struct supervisor;

struct supervisor_ops {
	/* A job's result; the batch is the callee's. */
	void (*batch)(struct batch *batch, void *arg);
	/* A job waits for its host's name or its turn to dial, or does so no longer. */
	void (*wait)(int64_t job, bool waits, void *arg);
	/* It takes jobs now. */
	void (*ready)(void *arg);
	/* The fetcher that was given `fetcher` is dead, with the jobs that it had.
	 * `blamed`: the feed whose bytes it was handling; 0: not known.
	 * `from_outside`: someone killed it, who was not us. */
	void (*lost)(uint64_t fetcher, int64_t blamed, bool from_outside,
	    const char *how, void *arg);
};

struct supervisor *supervisor_new(struct event_base *base,
    const struct fetcher_child *prepared, const struct supervisor_ops *ops,
    void *arg);
/* Kills what runs. */
void supervisor_free(struct supervisor *supervisor);
/* Starts the first fetcher; when the settings differ from those of the one that
 * runs, a new one starts and the old ends with its last job. */
void supervisor_configure(
    struct supervisor *supervisor, const struct wire_settings *settings);

/* It takes jobs. */
bool supervisor_is_up(const struct supervisor *supervisor);
/* A job's WIRE_REQUEST; `frame` is empty after it.  The fetcher that has it. */
uint64_t supervisor_send(struct supervisor *supervisor, struct buf *frame);
/* The machine slept, or is in another network: what is kept open is of no use. */
void supervisor_refresh(struct supervisor *supervisor);
/* So many may dial at once, until it dies. */
void supervisor_dial(struct supervisor *supervisor, unsigned at_once);
/* Back-pressure. */
void supervisor_read(struct supervisor *supervisor, bool wanted);
/* Once in a while: is it alive? */
void supervisor_tick(struct supervisor *supervisor, msec_t mono);

uint64_t supervisor_restarts(const struct supervisor *supervisor);
/* What is missing of the sandbox, "" when it is whole. */
const char *supervisor_sandbox(const struct supervisor *supervisor);
/* Since it was last heard of, while it has work. */
msec_t supervisor_silence(const struct supervisor *supervisor, msec_t mono);

#endif
