/* SPDX-License-Identifier: ISC */
#ifndef SCHEDULE_QUEUE_H
#define SCHEDULE_QUEUE_H

/*
 * The queues of hosts and the feeds in them: what the files of the schedule share.
 * Inside schedule only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/map.h"
#include "schedule/hop.h"
#include "schedule/offline.h"
#include "schedule/plan.h"
#include "schedule/schedule.h"

/* A queue: the feeds of one host and port, or of one rate group. */
struct host {
	struct heap_node node; /* in `hosts` or `silent`, by when it may start */
	struct heap *in;
	struct heap waiting; /* feeds by due time */
	struct heap ready;   /* due ones, least recently fetched first */
	char *key;
	uint64_t hash;
	msec_t pause, free_at;   /* wall */
	msec_t held, held_wait;  /* wall; and how long the hold was when it came */
	size_t feeds;            /* that live here */
	unsigned inflight, most; /* at once */
	/* wall: since when its tries fail at DNS or connect, 0: the last did not; and
	 * the last that did not */
	msec_t silent, answered;
	msec_t fine; /* wall: of the last good answer */
	bool is_public, holds_whole;
};

enum feed_place {
	PLACE_NONE,    /* paused, gone, ...: only schedule_ask brings it */
	PLACE_NEW,     /* to be spread with the others that came with it */
	PLACE_WAITING, /* in its host's `waiting` */
	PLACE_READY,   /* in a host's `ready` */
	PLACE_FLIGHT
};

struct feed {
	struct heap_node node;
	struct heap *in;   /* its host's `waiting` or `ready`, or NULL */
	struct plan plan;  /* its strings are ours */
	struct host *home; /* of its own URL */
	struct host *at;   /* where its request is, or waits; else == home */
	struct feed *next_new;
	struct hop_chain *chain; /* while it is in flight */
	enum feed_place place;
	bool dropped : 1;    /* goes when its flight ends */
	bool waits : 1;      /* in flight, but for a name or its turn to dial */
	bool is_silent : 1;  /* its last attempt failed at DNS or connect */
	bool is_excused : 1; /* ... and its reasons say that it was the network */
	bool is_walked : 1;  /* its archives were, since it came */
	uint32_t
	    blamed; /* of its failures in a row: those the network may have made */
	uint32_t sweep; /* the last one that it was put in */
};

struct schedule {
	const struct settings *settings;
	struct map *feeds; /* by id */
	struct map *hosts_by_key;
	struct heap hosts;  /* that may start something */
	struct heap silent; /* while offline: those that do not answer */
	struct feed *new_feeds;
	size_t new_count;
	struct offline offline;
	msec_t probe_at;
	msec_t broken; /* wall: what went on before does not any more (a sleep) */
	unsigned inflight, waits; /* without those that wait; those */
	uint64_t random;
	struct buf memory, note, kin, quiet; /* of the plan last given out */
	size_t merged;                       /* feeds that may be another's double */
	uint32_t sweep;
	bool is_paused, rush;
};

#define FEED_OF(node_) \
	((struct feed *)(void *)((char *)(node_) - offsetof(struct feed, node)))
#define HOST_OF(node_) \
	((struct host *)(void *)((char *)(node_) - offsetof(struct host, node)))

static inline msec_t
later(msec_t a, msec_t b)
{
	return a > b ? a : b;
}

static inline msec_t
sooner(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

/* Of a feed that is ready: somebody asked for it, or it was redirected, so that it goes
 * before those that are due. */
static inline bool
queue_is_asked(const struct feed *feed)
{
	return feed->node.key < 0;
}

void queue_leave(struct heap **in, struct heap_node *node);
/* Into `heap` (or to another place in it), out of the one that it was in. */
void queue_join(
    struct heap **in, struct heap_node *node, struct heap *heap, int64_t key);
/* When it may start its next feed, flight aside; INT64_MAX: it has none. */
msec_t queue_host_start(const struct host *host);
/* To where its next start belongs. */
void queue_host_place(struct schedule *s, struct host *host);
/* The one of this address or group, or a new one. */
struct host *queue_host_get(
    struct schedule *s, const char *url, const char *rate_group);
/* The group in which this feed asks for `url`: its own, but for another host. */
const char *queue_feed_group(const struct feed *feed, const char *url);
void queue_host_free(struct schedule *s, struct host *host);
/* After the network's state changed. */
void queue_place_all(struct schedule *s);
struct plan_site queue_site(const struct schedule *s, const struct host *host);
/* The feed that is here, has its address, and is polled in its place; or NULL. */
const struct feed *queue_double_of(
    const struct schedule *s, const struct feed *feed);
bool queue_is_polled(const struct schedule *s, const struct feed *feed);
/* Out of whatever queue it stands in (not out of flight). */
void queue_feed_unplace(struct schedule *s, struct feed *feed);
/* For its due time, when it is polled at all. */
void queue_feed_wait(struct schedule *s, struct feed *feed);
/* It is due, at `host`; `order`: the lower, the sooner. */
void queue_feed_ready(
    struct schedule *s, struct feed *feed, struct host *host, int64_t order);
msec_t queue_interval(const struct schedule *s, const struct feed *feed, msec_t now);
/* A due time by chance, soon: within `most`, and a quarter of its interval. */
void queue_feed_spread(
    struct schedule *s, struct feed *feed, msec_t now, msec_t most);
#define SPREAD_MOST (10 * MSEC_PER_MIN) /* POLLING 26 */
/* Not later than what set its due time can reach. */
void queue_feed_pull_back(struct schedule *s, struct feed *feed, msec_t now);
/* Due times for those that came together. */
void queue_settle_new(struct schedule *s, msec_t now);
void queue_free_strings(struct feed_plan *plan);
void queue_feed_free(struct feed *feed);
/* To the queue of its own address. */
void queue_feed_home(struct schedule *s, struct feed *feed);
/* Its own or its host's. */
msec_t queue_hold(const struct feed *feed);
/* Out of everything; its host may go with it. */
void queue_feed_remove(struct schedule *s, struct feed *feed);

#endif
