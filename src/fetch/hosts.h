/* SPDX-License-Identifier: ISC */
#ifndef FETCH_HOSTS_H
#define FETCH_HOSTS_H

/*
 * Which names the machine's hosts file has (hosts(5)).  Only to tell the look-ups that
 * need no name server from those that may: the answer is getaddrinfo's all the same.
 * Thread: any, one at a time.  Inside fetch only.
 */
#include <stdbool.h>
#include <stddef.h>

/* `text`: the file's, or its start.  `host`: in any case; a dot at its end counts not. */
bool hosts_lists(const char *text, size_t size, const char *host);
/* The file as it is now, its first 16 KiB. */
bool hosts_has(const char *host);

#endif
