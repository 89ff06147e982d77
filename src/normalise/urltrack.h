/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_URLTRACK_H
#define NORMALISE_URLTRACK_H

/* What urlrules' tables say about one link.  Any thread. */
#include "normalise/urlparts.h"

/* A parameter that says how somebody got here, not where. */
bool urltrack_drops(const struct urlparts *parts, struct span parameter);
/* How much of the fragment names something of its own: 0, nothing. */
size_t urltrack_fragment(const struct urlparts *parts);
/* The address that a redirect carries, into `out` (emptied first).  False: it is no
 * redirect, or one that only its server understands. */
bool urltrack_unwrap(const struct urlparts *parts, struct buf *out);
/* Links of this site may be redirects, whether or not this one can be followed. */
bool urltrack_is_redirector(const struct urlparts *parts);

#endif
