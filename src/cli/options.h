/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/*
 * The command line of gazette: options and arguments of every verb (CLI 2,
 * "From arguments to a query").
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum option {
	OPTION_AGAIN,
	OPTION_ALL,
	OPTION_BY,
	OPTION_COLOR,
	OPTION_CURSOR,
	OPTION_CURSOR_FILE,
	OPTION_DIFF,
	OPTION_DRY_RUN,
	OPTION_FIELDS,
	OPTION_FORCE,
	OPTION_FORMAT_VERSION,
	OPTION_FROM,
	OPTION_FULL,
	OPTION_HELP,
	OPTION_HTML,
	OPTION_INTERVAL,
	OPTION_JSON,
	OPTION_KINDS,
	OPTION_LIMIT,
	OPTION_LINKS,
	OPTION_MORE,
	OPTION_NAME,
	OPTION_NO_LEGEND,
	OPTION_NO_PAGER,
	OPTION_OUTPUT,
	OPTION_PURGE,
	OPTION_QUIET,
	OPTION_RAW,
	OPTION_REVERSE,
	OPTION_SOCKET,
	OPTION_STRICT,
	OPTION_TITLE,
	OPTION_UNTIL_CAUGHT_UP,
	OPTION_UTC,
	OPTION_YES,
	OPTION_COUNT
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))
/* What every verb takes. */
#define OPTIONS_COMMON                                              \
	(OPTION_BIT(OPTION_SOCKET) | OPTION_BIT(OPTION_COLOR) |     \
	    OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_NO_PAGER) | \
	    OPTION_BIT(OPTION_QUIET) | OPTION_BIT(OPTION_UTC) |     \
	    OPTION_BIT(OPTION_FORMAT_VERSION))
#define OPTIONS_OUTPUT                                         \
	(OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_JSON) | \
	    OPTION_BIT(OPTION_FULL) | OPTION_BIT(OPTION_NO_LEGEND))

struct options {
	const char *value[OPTION_COUNT]; /* NULL: not given; "" for a switch */
	const char **args;               /* positional, in order */
	size_t arg_count;
};

/* Takes apart argv[0..argc); the first `leading` are arguments whatever they look
 * like, and options that are not in `allowed` are refused.  0, or the exit status
 * after saying what is wrong.  `verb` is for messages. */
int options_parse(const char *verb, int leading, int argc, char **argv,
    uint64_t allowed, struct options *ret_options);
void options_done(struct options *options);
bool options_has(const struct options *options, enum option option);

/* The arguments from `first` on as one query text. */
void options_query(const struct options *options, size_t first, struct buf *out);
/* True when every argument from `first` on is a whole number (and there is one). */
bool options_are_ids(const struct options *options, size_t first);
/* No more arguments than `most`; false: STATUS_USAGE, it is said why. */
bool options_at_most(const struct options *options, const char *verb, size_t most);

#endif
