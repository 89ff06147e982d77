/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

/* The control socket, when systemd did not bring one. */
#include "base/buf.h"

/* Binds and listens; a socket file that nobody answers on is replaced.  The
 * descriptor, or -errno (-EADDRINUSE: another daemon answers there) with what is
 * wrong and what to do.  `group` may connect; NULL: only our own. */
int listener_open(const char *path, const char *group, struct buf *reason);
/* Removes the file, if it is still ours. */
void listener_close(const char *path);

#endif
