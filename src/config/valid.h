/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_VALID_H
#define CONFIG_VALID_H

/*
 * What a text value may be.  For this folder.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "config/value.h"

/* 0, or -EINVAL with what is wrong and what to write appended to `reason`. */
int valid_text(
    enum value_kind kind, const char *words, const char *value, struct buf *reason);
/* A host, as it stands in a URL without brackets. */
bool valid_host(const char *host);

#endif
