/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_META_H
#define NORMALISE_META_H

/* struct item's `meta`.  Any thread. */
#include "normalise/normalise.h"

/* False for a date before there were feeds, or over an hour from now (POLLING 54):
 * an item is not shown with it.  `now` 0: not known. */
bool meta_is_plausible(msec_t wall, msec_t now);
/* The object's text, appended; nothing when the entry has none of it. */
void meta_of_entry(const struct raw_entry *raw,
    const struct normalise_context *context, struct buf *out);

#endif
