/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_SET_H
#define SIMILAR_SET_H

/* Sorted sets of 32-bit hashes.  Pure. */
#include "similar/similar.h"

/* Sorts in linear time and drops what is there twice.  `spare`: as many numbers.
 * Returns how many are left. */
size_t set_sort(uint32_t *v, size_t count, uint32_t *spare);
bool set_has(const struct similar_set *set, uint32_t value);
/* How many numbers both have. */
size_t set_shared(const struct similar_set *a, const struct similar_set *b);
/* Shared to all; 0 when both are empty. */
double set_jaccard(const struct similar_set *a, const struct similar_set *b);

#endif
