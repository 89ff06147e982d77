/* SPDX-License-Identifier: ISC */
#ifndef FETCH_SESSIONS_H
#define FETCH_SESSIONS_H

/*
 * TLS sessions, kept from one poll to the next so that a connection costs a quarter of
 * a full handshake, here and at the server (RFC 8446 2.2).  libcurl keeps them in a
 * share, eight of them at most (7.88): so each server has its own.  Loop thread.
 */
#include <curl/curl.h>

struct sessions;

struct sessions *sessions_new(void);
/* No handle uses any of them any more.  NULL is fine. */
void sessions_free(struct sessions *sessions);
/* For CURLOPT_SHARE of a handle that asks `server` ("host:port"), until that handle is
 * cleaned up.  NULL: no room for another server, or no memory; it goes without. */
CURLSH *sessions_of(struct sessions *sessions, const char *server);

#endif
