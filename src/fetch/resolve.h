/* SPDX-License-Identifier: ISC */
#ifndef FETCH_RESOLVE_H
#define FETCH_RESOLVE_H

/*
 * Names to addresses by a bounded pool of getaddrinfo threads, so that a dead
 * name server costs the names that need it and never the loop.  At most two
 * look-ups of one registrable domain (taken to be the last two labels) run at
 * once; names that are asked for twice are looked up once; answers and failures
 * are kept for a while.  Names of the hosts file, which need no name server, have a
 * thread of their own.  Thread: the loop's.  Inside fetch only.
 */
#include <stdbool.h>

#include "base/clock.h"

struct event_base;
struct resolver;
struct lookup;

struct resolve_answer {
	int error;      /* 0, or an EAI_ code */
	int sys_errno;  /* with EAI_SYSTEM */
	bool no_thread; /* EAI_SYSTEM: it was not looked up, for want of a thread */
	/* Numeric, in the order to try, IPv6 in brackets, separated by commas: as
	 * CURLOPT_RESOLVE wants them. */
	const char *addresses;
};

/* The answer is lent until the function returns. */
typedef void resolve_fn(void *arg, const struct resolve_answer *answer);

int resolve_new(struct event_base *base, struct resolver **ret_resolver);
/* Waits for the look-ups that threads are in; nobody may wait for an answer. */
void resolve_free(struct resolver *resolver);
/* A kept answer, lent until the loop goes on; NULL: ask. */
const struct resolve_answer *resolve_known(
    struct resolver *resolver, const char *host, msec_t now);
/* `fn` is called from the loop, once, unless it is cancelled. */
struct lookup *resolve_ask(
    struct resolver *resolver, const char *host, resolve_fn *fn, void *arg);
void resolve_cancel(struct lookup *lookup);
/* Since when a thread looks it up (mono); `now` while it waits for one. */
msec_t resolve_began(const struct lookup *lookup, msec_t now);
/* What was kept proved useless: ask anew next time. */
void resolve_forget(struct resolver *resolver, const char *host);
/* Threads started so far. */
unsigned resolve_threads(const struct resolver *resolver);

#endif
