/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_CLEAN_H
#define MARKUP_CLEAN_H

#include <stddef.h>

/* HTML that was escaped once too often may stand whole in <![CDATA[...]]>: its
 * inside, by moving the two ends. */
void clean_unwrap(const char **html, size_t *size);

#endif
