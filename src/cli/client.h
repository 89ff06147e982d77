/* SPDX-License-Identifier: ISC */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

/*
 * One connection to the daemon's control socket, blocking: a verb asks, reads
 * the replies, and ends.  Errors are told on stderr here, once.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "wire/wire.h"

struct client;

/* `path` NULL: $GAZETTE_SOCKET, the user's, the system's.  0, or the exit status
 * after saying what is missing and what to do. */
int client_open(const char *path, struct client **ret_client);
void client_close(struct client *client); /* NULL is fine */
/* The query that later errors point into; lent. */
void client_set_query(struct client *client, const char *query);

/* Starts the parameters of a call: write members with *ret_w, then client_call. */
void client_begin(struct client *client, struct jsonw **ret_w);
/* `method` without an interface is org.gazetted's.  0, or an exit status. */
int client_call(struct client *client, const char *method, bool more);
/* The whole parameters object as text, instead of client_begin. */
int client_call_text(
    struct client *client, const char *method, const char *parameters, bool more);

/* The next reply's parameters; they live until the next call here. */
enum client_reply {
	CLIENT_MORE, /* and others follow */
	CLIENT_LAST,
	CLIENT_FAILED /* client_status says how; it was told */
};
enum client_reply client_next(
    struct client *client, struct wire_object **ret_parameters);
int client_status(const struct client *client);
/* client_call, and its one reply.  0, or an exit status. */
int client_call_once(
    struct client *client, const char *method, struct wire_object **ret_parameters);
/* For poll: readable when client_next has something new (or has_buffered). */
int client_fd(const struct client *client);
bool client_has_reply(const struct client *client);

#endif
