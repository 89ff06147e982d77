/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_DATED_H
#define SIMILAR_DATED_H

/* Words that tell one issue of a series from the next: months, days of the week,
 * ordinals.  Pure. */
#include <stdbool.h>
#include <stdint.h>

/* `hash`: as words_read has it. */
bool dated_has(uint64_t hash);

#endif
