/* SPDX-License-Identifier: ISC */
#ifndef FETCHER_FETCHER_H
#define FETCHER_FETCHER_H

/*
 * The fetcher process: a sandbox, then fetch -> document -> wire.  The first half
 * of this header is called by the service, the second half is the process.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How main() is told that it is the fetcher: a variable, and the descriptors.
 * argv[0] is for people: valgrind, for one, puts a path there. */
#define FETCHER_ARGV0 "gazetted: fetcher"
#define FETCHER_ROLE "GAZETTED_FETCHER"
#define FETCHER_FD 3      /* the socketpair */
#define FETCHER_PAGE_FD 4 /* the shared page */

/* The page both map: which feed's bytes are being handled (0: none). */
struct fetcher_page {
	int64_t feed_id;
};

struct fetcher_child {
	pid_t pid;
	int fd;      /* the service's end; non-blocking, close-on-exec */
	int exe_fd;  /* /proc/self/exe, opened once */
	int page_fd; /* the page, as a file: the next one gets it, too */
	volatile struct fetcher_page *page;
};

/* Opens /proc/self/exe; at start, before the file can be replaced. */
int fetcher_prepare(struct fetcher_child *child);
/* Starts the process.  0, or -errno. */
int fetcher_spawn(struct fetcher_child *child);
/* Closes our end, kills it if it still runs, and reaps it.  Returns the wait
 * status, or -1 when it was not running. */
int fetcher_reap(struct fetcher_child *child, bool kill_it);
void fetcher_done(struct fetcher_child *child);

/* True when this process was started as the fetcher. */
bool fetcher_is_me(void);
/* The process; returns its exit status. */
int fetcher_main(void);

#endif
