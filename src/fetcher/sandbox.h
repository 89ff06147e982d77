/* SPDX-License-Identifier: ISC */
#ifndef FETCHER_SANDBOX_H
#define FETCHER_SANDBOX_H

/*
 * What the fetcher takes away from itself before the first byte of a stranger's:
 * reading anything but the system's libraries, trust store and resolver files,
 * writing any file, running any program, any socket but IPv4's and IPv6's.  Once,
 * before any other thread is started: Landlock holds for a thread and those that
 * it starts.  Inside fetcher only.
 */
#include "base/buf.h"

struct sandbox_paths {
	const char *ca_file;           /* a trust store elsewhere, or NULL */
	const char *database, *socket; /* what must be out of reach, or NULL */
};

/* Goes on whatever is refused; what then is missing is appended to `missing`, in
 * words, separated by "; ". */
void sandbox_enter(const struct sandbox_paths *paths, struct buf *missing);

/* Landlock's half and seccomp's: 0, or -errno. */
int landlock_enter(const char *ca_file);
int syscalls_enter(void);

#endif
