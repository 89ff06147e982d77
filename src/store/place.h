/* SPDX-License-Identifier: ISC */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

/*
 * The files of the database as things in a directory: modes, the lock file that
 * keeps a second daemon out, and whether they are still the ones we opened.
 * The database file itself is never opened here while SQLite has it: closing it
 * would drop SQLite's locks.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct place;

/* Makes the directory (0750) and the file (0640) where they are missing, and
 * takes DB.lock.  0, or -errno with the reason; -EBUSY: another daemon. */
int place_open(const char *path, struct place **ret_place, struct buf *reason);
void place_close(struct place *place); /* NULL is fine */
/* The files as they are now are ours; call when SQLite has opened them. */
void place_remember(struct place *place);
/* NULL, or what happened to them: then nothing may be written any more. */
const char *place_check(const struct place *place);
/* Bytes of the write-ahead log. */
off_t place_log_size(const struct place *place);
/* What to do about an error that opening or creating gave, in words. */
void place_advise(const char *path, int error, struct buf *reason);

#endif
