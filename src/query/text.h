/* SPDX-License-Identifier: ISC */
#ifndef QUERY_TEXT_H
#define QUERY_TEXT_H

/*
 * Words as the full-text index has them.  For this folder; query_index_text is
 * its outside.
 */
#include <stdbool.h>

#include "base/buf.h"

/* An FTS5 phrase, quoted; with `prefix` its last word is a beginning. */
void text_phrase(const char *text, bool prefix, struct buf *out);

#endif
