/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

/*
 * The lines of a configuration: sections, keys and values, comments, quotes.
 * What they mean is keys.h's.  For this folder.
 */
#include <stddef.h>

#include "base/buf.h"

enum ini_kind { INI_SECTION, INI_KEY, INI_FAULT };

struct ini_line {
	enum ini_kind kind;
	unsigned number;  /* from 1 */
	const char *name; /* the section's, or the key's */
	const char *rest; /* the section's own name, or the value; "" when there is
			   * none; a fault's message */
};

/* Called for each line that says something, in order; strings live until it
 * returns. */
typedef void ini_line_fn(const struct ini_line *line, void *arg);
void ini_read(const char *text, size_t size, ini_line_fn *fn, void *arg);

/* A value that stands in quotes as a whole, without them, one inside doubled; any
 * other as it is. */
void ini_unquote(const char *value, struct buf *out);

#endif
