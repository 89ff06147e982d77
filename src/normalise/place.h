/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_PLACE_H
#define NORMALISE_PLACE_H

/* Where references lead.  Any thread. */
#include <stdbool.h>

#include "base/buf.h"

/* `ref` against `inner` (an xml:base, itself relative to `outer`; may be NULL), else
 * `outer`, else as it stands; appended.  False: empty, or a scheme that runs or
 * reads files, and nothing is appended. */
bool place_absolute(
    const char *outer, const char *inner, const char *ref, struct buf *out);
/* The scheme is one of javascript, vbscript, data, file; controls do not hide it. */
bool place_is_harmful(const char *url);

#endif
