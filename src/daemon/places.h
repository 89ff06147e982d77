/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_PLACES_H
#define DAEMON_PLACES_H

/*
 * Where configuration, database and socket are (CONTRACT 1): the command line,
 * then systemd's directories, then the system's places for root and the user's
 * for everyone else.
 */
#include <stdbool.h>

struct places {
	char *config, *database, *socket;
	bool config_given; /* on the command line: it must exist */
};

/* NULL arguments: not given. */
void places_find(struct places *places, const char *config, const char *database,
    const char *socket);
void places_done(struct places *places);
/* Makes the directory of `path` with mode 0750, and those above it, where they
 * are missing.  0, or -errno. */
int places_make_parent(const char *path);

#endif
