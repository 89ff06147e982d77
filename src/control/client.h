/* SPDX-License-Identifier: ISC */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

/*
 * One connection.  Whatever frees it happens in its own events: a method's
 * callbacks only append to the output and ask for a turn of the loop, so they
 * may end their call at any moment.  Only for this folder.
 */
#include <sys/queue.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "control/control.h"
#include "control/message.h"
#include "control/peer.h"

struct event;
struct listener;

/* Why no further message is read. */
enum client_fault { FAULT_NONE, FAULT_MESSAGE, FAULT_DEPTH, FAULT_SIZE };

struct client {
	TAILQ_ENTRY(client) entry;
	struct control *control;
	int fd;
	uid_t uid;
	enum control_role role;
	struct event *readable, *writable;
	struct event *turn;  /* the next loop turn, when something is to be done */
	struct event *clock; /* idle, stalled, half closed */
	struct buf in;       /* from `in_done` on: not yet answered */
	size_t in_done, in_scanned;
	struct message_scan scan;
	enum client_fault fault;
	/* Ends in `in` of the complete messages that wait; one more than allowed. */
	size_t ends[LIMIT_PIPELINED + 1];
	size_t waiting;
	struct buf out; /* from `out_done` on: not yet sent */
	size_t out_done;
	struct control_call *call; /* being answered */
	msec_t active, progress;   /* monotonic: last call, last byte sent */
	bool ask;     /* output was added since `writable` was last called */
	bool eof;     /* the peer will send no more */
	bool closing; /* after the output that is left */
};
TAILQ_HEAD(client_list, client);

struct control_call {
	struct client *client;
	const struct control_method *method;
	struct wire_object *message; /* owns the parameters ... */
	struct wire_object *empty;   /* ... unless there were none */
	void *state;
	bool more, oneway;
	bool dead; /* `gone` is being told: nothing may be sent any more */
};

struct control {
	struct event_base *base;
	struct control_options options; /* limits filled in */
	void *arg;
	struct peer_rules rules;
	struct map *methods; /* name -> struct control_method */
	struct listener *listeners;
	struct event *retry; /* accept again after descriptors ran out */
	struct client_list clients;
	size_t client_count;
	int spare_fd; /* given up for a moment to refuse when there is no other */
	bool stopping;
};

/* Takes `fd`.  NULL: out of memory for its events; `fd` is closed. */
struct client *client_new(
    struct control *control, int fd, uid_t uid, enum control_role role);
/* Closes it now; a running call is told. */
void client_free(struct client *client);
/* Something changed: look at it in the next loop turn. */
void client_kick(struct client *client);
size_t client_out(const struct client *client); /* bytes not yet sent */
/* An error reply, after which the connection ends.  A running call is told. */
void client_refuse(
    struct client *client, const char *error, const char *member, const char *text);

/* Parses one message and starts the method that it names. */
void call_start(struct client *client, const char *json, size_t size);
/* The client went away, or broke the rules. */
void call_drop(struct control_call *call);
/* Appends an error reply; `mode` decides its end. */
void call_put_error(struct buf *out, enum message_mode mode, const char *error,
    const char *member, const char *text);

/* The methods of org.varlink.service. */
extern const struct control_method service_methods[];
extern const size_t service_method_count;
/* The description of an interface, or NULL. */
const char *service_interface(
    const struct control *control, const char *name, size_t size);
/* Answers a call to what has no entry in the table. */
void service_unknown(struct control_call *call, const char *method);

#endif
