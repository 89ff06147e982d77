/* SPDX-License-Identifier: ISC */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

/*
 * What became of one attempt to fetch a feed.  Not an errno: this is about the
 * feed and its server, kept in the database by name and shown to people.
 */
#include <stdbool.h>

enum outcome {
	OUTCOME_OK,        /* a document was read to its end */
	OUTCOME_UNCHANGED, /* 304, or the same bytes as last time */
	OUTCOME_REDIRECT,  /* a hop: schedule_hop decides */
	OUTCOME_DNS,       /* no such host */
	OUTCOME_DNS_AGAIN, /* no answer, SERVFAIL, or it could not be asked for */
	OUTCOME_CONNECT,   /* refused, unreachable */
	OUTCOME_TIMEOUT,
	OUTCOME_TLS,               /* certificate or handshake */
	OUTCOME_TRANSFER,          /* cut off, bad encoding, protocol error */
	OUTCOME_FORBIDDEN_ADDRESS, /* the address gate */
	OUTCOME_BAD_URL,           /* unusable address or scheme */
	OUTCOME_TOO_MANY_HOPS,
	OUTCOME_AUTH,         /* 401, 407 */
	OUTCOME_FORBIDDEN,    /* 403, 451 */
	OUTCOME_NOT_FOUND,    /* 404 and other 4xx */
	OUTCOME_GONE,         /* 410 */
	OUTCOME_THROTTLED,    /* 429 */
	OUTCOME_SERVER_ERROR, /* 5xx */
	OUTCOME_BAD_STATUS,   /* a status that is no answer to GET */
	OUTCOME_CHALLENGE,    /* a bot check (cf-mitigated, "Just a moment") */
	OUTCOME_EMPTY,        /* 200 without a body */
	OUTCOME_NOT_A_FEED,   /* HTML or something else */
	OUTCOME_BROKEN, /* a feed, but not to its end: complete items are kept */
	OUTCOME_TOO_BIG,
	OUTCOME_CRASHED,   /* the fetcher died or hung on it */
	OUTCOME_CANCELLED, /* stop or reload; no attempt */
	OUTCOME_COUNT
};

/* "ok", "unchanged", "dns", ...: one word, stable, for the database and logs. */
const char *outcome_name(enum outcome outcome);
/* For people: "no such host", "not a feed", ... */
const char *outcome_words(enum outcome outcome);
/* The name back to the value; OUTCOME_COUNT when there is none. */
enum outcome outcome_from_name(const char *name);
bool outcome_is_failure(enum outcome outcome);
/* It says something about the network, not about the feed (POLLING 43). */
bool outcome_is_offline(enum outcome outcome);

#endif
