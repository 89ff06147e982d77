/* SPDX-License-Identifier: ISC */
#ifndef FETCHER_BUDGET_H
#define FETCHER_BUDGET_H

/*
 * The memory that all jobs hold together, and which transfers go on when it is short
 * (POLLING 48: who is slow delays nobody else).  Inside fetcher only.
 *
 * Over LIMIT_IN_FLIGHT_BYTES each of the big jobs, those above LIMIT_HELD_FREE, may
 * hold its share of it and no more: so common feeds, and as a rule all but the very
 * largest, never stand still.  Of those above their share the oldest goes on, the
 * leader: or nothing would be let go; and beside it the next few, while together they
 * hold no more than the same limit again.  They go on when what came before them is
 * read, normalised and sent: else a fast network would bring one giant after another
 * into that queue.  When others wait for the leader, it has to get on.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;
struct task;

enum flow {
	FLOW_ALL,    /* everyone */
	FLOW_SHARED, /* those within their share, and the leaders */
	FLOW_NONE,   /* the service does not read: nobody */
};

struct budget {
	size_t held; /* bytes, of all jobs */
	enum flow flow;
	struct task *leader; /* NULL: nobody is above the share, or all go on */
	bool has_followers;  /* someone stands still for it */
	bool leaders_rest;   /* until the one before them is let go */
	int64_t led_from;    /* bytes it had when `seconds` began */
	unsigned seconds;
};

/* Pure: what comes after `was` when `held` bytes are held and `waiting` are unsent to
 * the service.  It is over only when well below the limit. */
enum flow budget_flow(enum flow was, size_t held, size_t waiting);
/* Pure: bytes that each of so many big jobs may hold while memory is short. */
size_t budget_share(size_t big);
/* Pure: may one that holds so much lead beside so many that together hold `led`? */
bool budget_leads(size_t leaders, size_t led, size_t held);
/* Pure: did it, in LIMIT_LEAD_SEC, bring enough to be done within a minute?  `before`
 * and `now` are bytes of body. */
bool budget_gets_on(int64_t before, int64_t now);

void budget_balance(struct process *process); /* pauses and resumes */
void budget_count(struct task *task);         /* what it holds has changed */
void budget_forget(struct task *task);        /* it is about to be freed */
/* Once a second.  May end the leader: its task is gone then. */
void budget_second(struct process *process);

#endif
