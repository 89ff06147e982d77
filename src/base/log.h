/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * One logger for every stage.  Where lines go is the program's choice: stderr
 * until log_open is called.  One error is one line, written by whoever decides
 * what to do about it, and says what happens next.  Any thread.
 */
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* CONTRACT 8's journal fields; NULL or 0 where there is none. */
struct log_fields {
	const char *feed;       /* GAZETTED_FEED= */
	const char *feed_url;   /* GAZETTED_FEED_URL= */
	const char *outcome;    /* GAZETTED_OUTCOME= */
	int http_status;        /* GAZETTED_HTTP_STATUS= */
	const char *message_id; /* MESSAGE_ID=, 32 hex digits */
};

/* Notable events' MESSAGE_ID=: fixed for ever, for users filter by them.
 * packaging/systemd/gazetted.catalog explains each. */
#define LOG_ID_FEED_FAILING "d301eed40229472a8703c0a512dcdbf0"
#define LOG_ID_FEED_RECOVERED "6015ffc0d44347e7b28d7fdaf38d49be"
#define LOG_ID_FEED_MOVED "c763a5d2f59f42e9b1615a19500b48a7"
#define LOG_ID_FEED_GONE "e5b8a06d9de04f68a1e6bf5113b0c14c"
#define LOG_ID_FEED_AUTH "5f1c27d0a3be4c6f9d08e6b1b7f04a92"
#define LOG_ID_FEED_QUARANTINED "ecb25ac80ec044a38076de1086cf09df"
#define LOG_ID_DATABASE_TROUBLE "83ed79a2224f440b91d03cae561655e6"

/* Called by any thread, one at a time.  `message` is one line of clean text. */
typedef void log_sink(enum log_level level, const char *message,
    const struct log_fields *fields, void *arg);

/* Before the first thread starts. */
void log_open(log_sink *sink, void *arg);
/* "error", "warning", "info", "debug".  0, or -EINVAL. */
int log_level_parse(const char *name, enum log_level *ret_level);
const char *log_level_name(enum log_level level);
void log_level_set(enum log_level level);
enum log_level log_level(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_event(enum log_level level, const struct log_fields *fields,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#define LOG_QUOTE 256
/* Hostile text for a log line: control and bidi characters, bad UTF-8 and line
 * breaks become escapes, cut at LOG_QUOTE with "...".  Returns `out`.  NULL
 * becomes "". */
const char *log_quote(const char *text, char out[LOG_QUOTE]);

#endif
