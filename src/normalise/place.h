/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_PLACE_H
#define NORMALISE_PLACE_H

/* Where references lead.  Any thread. */
#include <stdbool.h>

/* The scheme is one of javascript, vbscript, data, file; controls do not hide it. */
bool place_is_harmful(const char *url);

#endif
