/* SPDX-License-Identifier: ISC */
#include "fetcher/budget.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "document/document.h"
#include "fetcher/process.h"
#include "model/batch.h"

/* -- The rules ----------------------------------------------------------------- */

enum flow
budget_flow(enum flow was, size_t held, size_t waiting)
{
	size_t most = LIMIT_IN_FLIGHT_BYTES;

	if (waiting > LIMIT_OUT_BYTES)
		return FLOW_NONE;
	/* Not at the first byte below it: else it would swing. */
	if (was != FLOW_ALL)
		most = most / 4 * 3;
	return held > most ? FLOW_SHARED : FLOW_ALL;
}

size_t
budget_share(size_t big)
{
	size_t share = LIMIT_IN_FLIGHT_BYTES / (big > 0 ? big : 1);

	return share > LIMIT_HELD_FREE ? share : LIMIT_HELD_FREE;
}

bool
budget_leads(size_t leaders, size_t led, size_t held)
{
	return leaders == 0 ||
	    (leaders < LIMIT_LEADERS && led + held <= LIMIT_IN_FLIGHT_BYTES);
}

bool
budget_gets_on(int64_t before, int64_t now)
{
	return now - before >= before * LIMIT_LEAD_SEC / 60;
}

/* -- Who goes on ----------------------------------------------------------------- */

static size_t
count_big(const struct process *process)
{
	const struct task *task;
	size_t big = 0;

	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->held > LIMIT_HELD_FREE)
			big++;
	}
	return big;
}

/* Does one hold more than its share whose transfer is over? */
static bool
has_ending(const struct process *process, size_t share)
{
	const struct task *task;

	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->fetch == NULL && task->held > share)
			return true;
	}
	return false;
}

static void
lead(struct budget *budget, struct task *task)
{
	if (budget->leader == task)
		return;
	budget->leader = task;
	budget->led_from = task != NULL ? task->decoded : 0;
	budget->seconds = 0;
}

static void
share_out(struct process *process)
{
	struct budget *budget = &process->budget;
	size_t share = budget_share(count_big(process)), leaders = 0, led = 0;
	struct task *task, *leader = NULL;
	bool room;

	budget->has_followers = false;
	budget->leaders_rest = has_ending(process, share);
	room = !budget->leaders_rest;
	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->fetch == NULL)
			continue;
		if (task->held <= share) {
			fetch_resume(task->fetch);
			continue;
		}
		if (leader == NULL)
			leader = task;
		room = room && budget_leads(leaders, led, task->held);
		if (room) {
			leaders++;
			led += task->held;
			fetch_resume(task->fetch);
		} else {
			budget->has_followers |= task != leader;
			fetch_pause(task->fetch);
		}
	}
	lead(budget, leader);
}

static void
all(struct process *process, void (*what)(struct fetch_job *job))
{
	struct task *task;

	TAILQ_FOREACH(task, &process->tasks, entry)
	{
		if (task->fetch != NULL)
			what(task->fetch);
	}
}

/* Those that stand still have their clocks stopped as well. */
void
budget_balance(struct process *process)
{
	struct budget *budget = &process->budget;
	enum flow was = budget->flow;

	budget->flow = budget_flow(was, budget->held, process_unsent(process));
	if (budget->flow == FLOW_SHARED)
		share_out(process);
	else if (budget->flow == FLOW_NONE)
		all(process, fetch_pause);
	else if (was != FLOW_ALL)
		all(process, fetch_resume);
	if (budget->flow == FLOW_ALL)
		lead(budget, NULL);
}

void
budget_count(struct task *task)
{
	struct budget *budget = &task->process->budget;
	size_t held = task->start.len;

	if (task->document != NULL)
		held += document_held(task->document);
	if (task->batch != NULL)
		held += arena_used(task->batch->arena);
	budget->held += held - task->held;
	task->held = held;
	budget_balance(task->process);
}

void
budget_forget(struct task *task)
{
	struct budget *budget = &task->process->budget;

	budget->held -= task->held;
	if (budget->leader == task)
		lead(budget, NULL);
}

/* -- A leader that does not get on ---------------------------------------------------- */

void
budget_second(struct process *process)
{
	struct budget *budget = &process->budget;
	struct task *leader;
	char reason[128];

	budget_balance(process); /* its transfer may be over by now */
	leader = budget->leader;
	if (budget->flow == FLOW_NONE || (leader != NULL && budget->leaders_rest))
		return; /* it is not its fault */
	if (leader == NULL || !budget->has_followers) {
		budget->seconds = 0;
		return;
	}
	if (budget->seconds == 0)
		budget->led_from = leader->decoded;
	if (budget->seconds++ < LIMIT_LEAD_SEC)
		return;
	budget->seconds = 0;
	if (budget_gets_on(budget->led_from, leader->decoded))
		return;
	(void)snprintf(reason, sizeof(reason),
	    "only %" PRId64 " bytes in %d s after %" PRId64
	    ", while others waited for the memory that it takes",
	    leader->decoded - budget->led_from, LIMIT_LEAD_SEC, budget->led_from);
	fetch_give_up(leader->fetch, reason);
	budget_balance(process);
}
