/* SPDX-License-Identifier: ISC */
#ifndef PARSE_JSONCUT_H
#define PARSE_JSONCUT_H

/*
 * JSON cut into its members and elements by counting braces and strings, so
 * that a library is given one item at a time: memory is one item's, and a bad
 * one spoils itself alone.  And JSON mended so that the library takes it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* `whole` is false when the text ended inside the value. */
typedef void jsoncut_member_fn(void *arg, const char *key, size_t key_size,
    const char *value, size_t size, bool whole);
typedef bool jsoncut_element_fn(
    void *arg, const char *value, size_t size, bool whole); /* false: enough */

/* Members of the object, elements of the array that `text` begins with (blanks
 * skipped).  False: it is none, or it did not end. */
bool jsoncut_members(
    const char *text, size_t size, jsoncut_member_fn *fn, void *arg);
bool jsoncut_elements(
    const char *text, size_t size, jsoncut_element_fn *fn, void *arg);

/* The first byte that is no blank; 0: none. */
char jsoncut_first(const char *text, size_t size);

/* Marks a number that stands in a string: no digit of it is lost. */
#define JSONCUT_NUMBER_MARK '\x01'

/*
 * The value appended to `out` as every library accepts it: lone surrogates
 * become U+FFFD, control characters go or are escaped, NULs go, numbers become
 * marked strings, unknown words null, a comma before a closing bracket goes.
 * False: deeper than LIMIT_JSON_DEPTH.  *ret_mended: something was not JSON.
 */
bool jsoncut_mend(const char *text, size_t size, struct buf *out, bool *ret_mended);

#endif
