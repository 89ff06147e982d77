/* SPDX-License-Identifier: ISC */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

/*
 * Small allocations whose size no stranger chose.  When memory is out the
 * process ends with a word: systemd restarts it and the database is consistent.
 * Anything sized by a feed or a client goes through an arena with a limit.
 * Any thread.
 */
#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *ptr, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
/* NULL stays NULL. */
char *xstrdup_null(const char *text);
char *xasprintf(const char *format, ...)
    __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
