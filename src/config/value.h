/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

/*
 * Values: text -> field of a struct.  For this folder.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum value_kind {
	VALUE_CHOICE,   /* enum choice */
	VALUE_NOT,      /* bool, the other way round */
	VALUE_NUMBER,   /* uint32_t */
	VALUE_LEVEL,    /* int */
	VALUE_SIZE,     /* int64_t, bytes */
	VALUE_DURATION, /* msec_t */
	VALUE_INTERVAL, /* msec_t; "learn" is 0 */
	VALUE_LOG_LEVEL,
	/* const char * from here on */
	VALUE_TEXT,     /* any line */
	VALUE_TOKEN,    /* what an HTTP header can carry */
	VALUE_HEADER,   /* Name: value; another adds a line */
	VALUE_WORD,     /* one of `words` */
	VALUE_NAME,     /* a credential, a group, a rate group */
	VALUE_PATH,     /* absolute */
	VALUE_FEED_URL, /* http or https, no password */
	VALUE_PROXY,    /* http, https, socks4, socks4a, socks5, socks5h */
	VALUE_PRIVATE,  /* yes, no, or networks and host:ports; the latter add */
	VALUE_HOSTS,    /* hosts, blank-separated; another line adds */
	VALUE_QUERY,
	VALUE_ACTIONS, /* of a rule */
	/* lists: const char *const *, and a size_t that follows it */
	VALUE_TAGS,
	VALUE_KEEP,
	/* msec_t again */
	VALUE_UNTIL
};

struct value_rule {
	enum value_kind kind;
	int64_t low, high; /* of numbers, milliseconds, bytes; 0, 0: no bounds */
	const char *words; /* VALUE_WORD: blank-separated */
};

/* A list as the structs have it. */
struct value_list {
	const char *const *items;
	size_t count;
};

/* Writes `*field`, strings into `arena`.  `value` is not empty.  0, or -EINVAL
 * with what was expected appended to `reason`. */
int value_read(const struct value_rule *rule, const char *value, void *field,
    struct arena *arena, struct buf *reason);
/* Bytes that a field of this kind has. */
size_t value_size(enum value_kind kind);
/* Two fields that values of this kind were written into. */
bool value_is_same(enum value_kind kind, const void *a, const void *b);

#endif
