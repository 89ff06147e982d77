/* SPDX-License-Identifier: ISC */
#include "daemon/listener.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/places.h"

#define BACKLOG 128

static dev_t our_device;
static ino_t our_inode;

static int
make_address(const char *path, struct sockaddr_un *address, struct buf *reason)
{
	size_t size = strlen(path);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (size >= sizeof(address->sun_path)) {
		buf_printf(reason,
		    "%s: longer than the %zu bytes that a socket's path may have; "
		    "give a shorter one with --socket",
		    path, sizeof(address->sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(address->sun_path, path, size + 1);
	return 0;
}

/* Someone answers, or only a full queue or missing permission says that someone
 * might. */
static bool
is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered;

	if (fd < 0)
		return true;
	answered =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	    (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return answered;
}

static int
remove_stale(const struct sockaddr_un *address, struct buf *reason)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		buf_printf(reason,
		    "%s: in the way, and no socket; remove it or choose another "
		    "path with --socket",
		    address->sun_path);
		return -EADDRINUSE;
	}
	if (is_answered(address)) {
		buf_printf(reason,
		    "%s: in use by a running daemon; stop that one or choose "
		    "another path with --socket",
		    address->sun_path);
		return -EADDRINUSE;
	}
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The group may connect; where we may not give it away, it is our own group. */
static void
give_to_group(const char *path, const char *group)
{
	struct group *entry = group != NULL ? getgrnam(group) : NULL;
	char *directory, *slash;
	struct stat st;

	if (entry == NULL || chown(path, (uid_t)-1, entry->gr_gid) < 0)
		return;
	directory = strdup(path);
	if (directory == NULL)
		return;
	slash = strrchr(directory, '/');
	if (slash != NULL && slash != directory) {
		*slash = '\0';
		/* Ours and closed to others: then the group must pass it. */
		if (stat(directory, &st) == 0 && st.st_uid == geteuid() &&
		    (st.st_mode & 07777) == 0750)
			(void)!chown(directory, (uid_t)-1, entry->gr_gid);
	}
	free(directory);
}

/* The mode is right from the first instant: no chmod after bind. */
static int
bind_listening(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0117);
	int r = 0;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		r = -errno;
	umask(before);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	return r;
}

int
listener_open(const char *path, const char *group, struct buf *reason)
{
	struct sockaddr_un address;
	struct stat st;
	int fd = -1, r;

	r = make_address(path, &address, reason);
	if (r == 0)
		r = places_make_parent(path);
	if (r == 0)
		r = remove_stale(&address, reason);
	if (r < 0)
		goto fail;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		r = -errno;
		goto fail;
	}
	r = bind_listening(fd, &address);
	if (r < 0)
		goto fail;
	give_to_group(path, group);
	if (lstat(path, &st) == 0) {
		our_device = st.st_dev;
		our_inode = st.st_ino;
	}
	return fd;

fail:
	if (fd >= 0)
		close(fd);
	if (reason->len == 0)
		buf_printf(reason, "%s: cannot make the control socket: %s", path,
		    strerror(-r));
	return r;
}

void
listener_close(const char *path)
{
	struct stat st;

	if (our_inode != 0 && lstat(path, &st) == 0 && st.st_dev == our_device &&
	    st.st_ino == our_inode)
		(void)unlink(path); /* the next start replaces it otherwise */
	our_inode = 0;
}
