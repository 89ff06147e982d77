/* SPDX-License-Identifier: ISC */
#ifndef CONTROL_MESSAGE_H
#define CONTROL_MESSAGE_H

/*
 * Where one message ends: at a NUL, or at a newline that follows a complete
 * object.  The first terminator seen decides for the connection.  Looks at
 * each byte once, and at no more of JSON than it needs for that; what can
 * never become a message is told at its first wrong byte.
 */
#include <stdbool.h>
#include <stddef.h>

enum message_mode { MESSAGE_UNDECIDED, MESSAGE_NUL, MESSAGE_LINE };
enum message_result {
	MESSAGE_MORE, /* not yet */
	MESSAGE_DONE, /* it ends before *at */
	MESSAGE_BAD   /* see `fault` */
};

struct message_scan {
	enum message_mode mode;
	unsigned depth;
	bool in_string, escaped;
	bool whole;        /* the object was closed */
	bool too_deep;     /* the fault is the limit */
	const char *fault; /* a sentence, with MESSAGE_BAD */
};

/* Goes on at data[*at]; *at is left behind the last byte looked at. */
enum message_result message_scan(
    struct message_scan *scan, const char *data, size_t size, size_t *at);

#endif
