/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_CANDIDATES_H
#define DAEMON_CANDIDATES_H

/*
 * The feeds that a page leads to, for whoever subscribes to the page.  Pure; loop
 * thread.
 */
#include <stddef.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "model/batch.h"

#define CANDIDATES 50 /* a page that links to more is a directory */

struct candidates {
	size_t count;
	const char *url[CANDIDATES], *title[CANDIDATES]; /* title: or NULL */
};

/* Those that the batch's page links to, absolute, each once, into `arena`; not the page
 * itself, and none with a user and password. */
void candidates_of_page(
    const struct batch *batch, struct arena *arena, struct candidates *ret_found);
/* The member "candidates" of AddFeed's and ProbeFeed's answer. */
void candidates_put(const struct candidates *found, struct jsonw *w);

#endif
