/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"

#define LINE_MAX_BYTES 4096 /* THREATS 28: a journal field of ours is never longer */

static void to_stderr(
    enum log_level, const char *, const struct log_fields *, void *);

static log_sink *the_sink = to_stderr;
static void *the_arg;
static atomic_int the_level = LOG_LEVEL_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* lines stay whole */
static const char *const names[] = {"error", "warning", "info", "debug"};

static void
to_stderr(enum log_level level, const char *message, const struct log_fields *fields,
    void *arg)
{
	(void)fields;
	(void)arg;
	fprintf(stderr, "%s: %s\n", names[level], message);
}

void
log_open(log_sink *sink, void *arg)
{
	the_sink = sink != NULL ? sink : to_stderr;
	the_arg = arg;
}

int
log_level_parse(const char *name, enum log_level *ret_level)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *
log_level_name(enum log_level level)
{
	return names[level];
}

void
log_level_set(enum log_level level)
{
	atomic_store(&the_level, (int)level);
}

enum log_level
log_level(void)
{
	return (enum log_level)atomic_load(&the_level);
}

static void vlog(enum log_level, const struct log_fields *, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
vlog(enum log_level level, const struct log_fields *fields, const char *format,
    va_list args)
{
	static const struct log_fields none;
	char line[LINE_MAX_BYTES], *c;

	if ((int)level > atomic_load(&the_level))
		return;
	(void)vsnprintf(line, sizeof(line), format, args); /* cut, by design */
	line[unicode_cut(line, strlen(line), sizeof(line) - 2)] = '\0';
	for (c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	}
	pthread_mutex_lock(&lock);
	the_sink(level, line, fields != NULL ? fields : &none, the_arg);
	pthread_mutex_unlock(&lock);
}

#define LOG_CALL(level)                  \
	va_list args;                    \
                                         \
	va_start(args, format);          \
	vlog(level, NULL, format, args); \
	va_end(args)

void
log_error(const char *format, ...)
{
	LOG_CALL(LOG_LEVEL_ERROR);
}

void
log_warn(const char *format, ...)
{
	LOG_CALL(LOG_LEVEL_WARN);
}

void
log_info(const char *format, ...)
{
	LOG_CALL(LOG_LEVEL_INFO);
}

void
log_debug(const char *format, ...)
{
	LOG_CALL(LOG_LEVEL_DEBUG);
}

void
log_event(
    enum log_level level, const struct log_fields *fields, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(level, fields, format, args);
	va_end(args);
}

static int
is_hostile(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x061C ||
	    (cp >= 0x200E && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2066 && cp <= 0x2069);
}

const char *
log_quote(const char *text, char out[LOG_QUOTE])
{
	size_t size = text != NULL ? strlen(text) : 0, i = 0, n = 0, length;
	uint32_t cp;

	while (i < size && n < LOG_QUOTE - 16) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0)
			n += (size_t)snprintf(out + n, LOG_QUOTE - n, "\\x%02x",
			    (unsigned char)text[i]);
		else if (is_hostile(cp))
			n += (size_t)snprintf(out + n, LOG_QUOTE - n,
			    cp < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)cp);
		else {
			memcpy(out + n, text + i, length);
			n += length;
		}
		i += length > 0 ? length : 1;
	}
	(void)snprintf(out + n, LOG_QUOTE - n, "%s", i < size ? "..." : "");
	return out;
}
