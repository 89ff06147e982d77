/* SPDX-License-Identifier: ISC */
#ifndef CONTROL_PEER_H
#define CONTROL_PEER_H

/* Who is at the other end, as the kernel says; its pid is never trusted. */
#include <stdbool.h>
#include <sys/types.h>

#include "control/control.h"

struct peer_rules {
	uid_t service_uid;
	gid_t writer, admin;
	bool has_writer, has_admin;
};

/* Looks the groups up (this may block: at start and reload only). */
void peer_rules(struct peer_rules *rules, uid_t service_uid, const char *group,
    const char *admin_group);
/* 0; -EPERM: nobody's uid, as every peer has in a user namespace that does not
 * know it; other -errno. */
int peer_of(int fd, const struct peer_rules *rules, uid_t *ret_uid,
    enum control_role *ret_role);

#endif
