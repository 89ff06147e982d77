/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_URLSITES_H
#define NORMALISE_URLSITES_H

/* Sites that have several addresses for one thing.  Any thread. */
#include "normalise/urlparts.h"

/* The key of a link whose form is known, appended.  False: an ordinary link. */
bool urlsites_key(const struct urlparts *parts, struct buf *out);

#endif
