/* SPDX-License-Identifier: ISC */
#ifndef STORE_NAMING_H
#define STORE_NAMING_H

/* What a feed is called that was given no name.  Pure. */
#include "base/buf.h"

/* The host without www, feeds, rss and public suffix; "" when there is none. */
void naming_from_url(const char *url, struct buf *out);

#endif
