/* SPDX-License-Identifier: ISC */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/*
 * "Did you mean": the name of a list that a mistyped word stands closest to.
 * Any thread.
 */
#include <stddef.h>

/* One of `names`, or NULL when none is near: more than a third of the word's
 * letters differ.  Case counts for nothing; swapped neighbours are one slip. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

#endif
