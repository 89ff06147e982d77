/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_LOOKOUT_H
#define DAEMON_LOOKOUT_H

/*
 * Watches the credentials of feeds whose last answer was a refusal: who was refused
 * is asked again as soon as the file is another one (POLLING 30).  Loop thread.
 */
#include <stdint.h>

struct lookout;
struct schedule;

struct lookout *lookout_new(void);
void lookout_free(struct lookout *lookout);
/* The feed of this name has this credential; NULL: none. */
void lookout_put(struct lookout *lookout, int64_t feed_id, const char *name,
    const char *credential);
/* Those whose file has changed are due now.  `config` as for secrets_mark. */
void lookout_look(
    struct lookout *lookout, struct schedule *schedule, const char *config);

#endif
