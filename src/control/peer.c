/* SPDX-License-Identifier: ISC */
#include "control/peer.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/xalloc.h"

#define NOBODY 65534
#define GROUPS_MOST 65536 /* the kernel's NGROUPS_MAX */

static bool
find_group(const char *name, gid_t *ret_gid)
{
	struct group *group;

	if (name == NULL || *name == '\0')
		return false;
	errno = 0;
	group = getgrnam(name);
	if (group == NULL) {
		log_warn("control: there is no group \"%s\"; nobody has its rights",
		    name);
		return false;
	}
	*ret_gid = group->gr_gid;
	return true;
}

void
peer_rules(struct peer_rules *rules, uid_t service_uid, const char *group,
    const char *admin_group)
{
	*rules = (struct peer_rules){.service_uid = service_uid};
	rules->has_writer = find_group(group, &rules->writer);
	rules->has_admin = find_group(admin_group, &rules->admin);
}

static enum control_role
role_of_group(const struct peer_rules *rules, gid_t gid)
{
	if (rules->has_admin && gid == rules->admin)
		return CONTROL_ADMIN;
	if (rules->has_writer && gid == rules->writer)
		return CONTROL_WRITER;
	return CONTROL_READER;
}

/* The supplementary groups: SO_PEERCRED has the primary one alone. */
static enum control_role
role_of_groups(int fd, const struct peer_rules *rules)
{
	enum control_role role = CONTROL_READER, one;
	socklen_t size = 0;
	gid_t *groups;
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 ||
	    errno != ERANGE || size > GROUPS_MOST * sizeof(*groups))
		return CONTROL_READER;
	groups = xmalloc(size);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0) {
		for (i = 0; i < size / sizeof(*groups); i++) {
			one = role_of_group(rules, groups[i]);
			if (one > role)
				role = one;
		}
	}
	free(groups);
	return role;
}

int
peer_of(int fd, const struct peer_rules *rules, uid_t *ret_uid,
    enum control_role *ret_role)
{
	enum control_role role, more;
	struct ucred cred;
	socklen_t size = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
		return -errno;
	if (cred.uid == NOBODY || cred.uid == (uid_t)-1)
		return -EPERM;
	*ret_uid = cred.uid;
	if (cred.uid == 0 || cred.uid == rules->service_uid) {
		*ret_role = CONTROL_ADMIN;
		return 0;
	}
	role = role_of_group(rules, cred.gid);
	more = role_of_groups(fd, rules);
	*ret_role = more > role ? more : role;
	return 0;
}
