/* SPDX-License-Identifier: ISC */
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/xalloc.h"

struct inode {
	dev_t device;
	ino_t number;
};

struct place {
	char *path, *log;
	int lock;
	struct inode file_inode, log_inode;
};

void
place_advise(const char *path, int error, struct buf *reason)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		buf_printf(reason,
		    "%s: permission denied for uid %u: give it to the "
		    "user that runs gazetted",
		    path, (unsigned)geteuid());
		break;
	case -EROFS:
		buf_printf(reason,
		    "%s: read-only file system: mount it writable, or "
		    "name another place with --database",
		    path);
		break;
	case -ENOSPC:
	case -EDQUOT:
		buf_printf(reason, "%s: the disk is full: make room there", path);
		break;
	default:
		buf_printf(reason, "%s: %s", path, strerror(-error));
		break;
	}
}

/* Every part that is missing. */
static int
make_directories(const char *path, struct buf *reason)
{
	char *copy = xstrdup(path), *slash;
	int r = 0;

	for (slash = copy; r == 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		if (mkdir(copy, 0750) < 0 && errno != EEXIST) {
			struct stat st;

			/* A read-only parent that has it all the same is fine. */
			r = -errno;
			if (stat(copy, &st) == 0)
				r = 0;
			else
				place_advise(copy, r, reason);
		}
		*slash = '/';
	}
	free(copy);
	return r;
}

/* WAL needs memory that all processes share, and locks that hold. */
static int
check_file_system(const char *path, struct buf *reason)
{
	static const struct {
		unsigned long type;
		const char *name;
	} remote[] = {{0x6969, "NFS"}, {0xFF534D42, "CIFS"}, {0xFE534D42, "SMB"},
	    {0x517B, "SMB"}, {0x5346414F, "AFS"}, {0x00C36400, "Ceph"}};
	struct statfs fs;
	size_t i;

	if (statfs(path, &fs) < 0)
		return 0; /* opening it will say why */
	for (i = 0; i < sizeof(remote) / sizeof(remote[0]); i++) {
		if ((unsigned long)fs.f_type == remote[i].type) {
			buf_printf(reason,
			    "%s is on %s, where locks and shared memory do not "
			    "hold: keep the database on a local disk",
			    path, remote[i].name);
			return -EMEDIUMTYPE;
		}
	}
	return 0;
}

static pid_t
read_pid(int fd)
{
	char text[32];
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);

	if (size <= 0)
		return 0;
	text[size] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

/* The lock goes with the process, whatever way it ends; the number in the file
 * is for people. */
static int
take_lock(const char *path, int *ret_fd, struct buf *reason)
{
	char *name = xasprintf("%s.lock", path), pid[32];
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640), r = 0;

	if (fd < 0) {
		r = -errno;
		place_advise(name, r, reason);
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
		if (r == -EBUSY)
			buf_printf(reason,
			    "another gazetted (pid %ld) has %s open: stop that "
			    "one, or name another file with --database",
			    (long)read_pid(fd), path);
		else
			place_advise(name, r, reason);
		close(fd);
	} else {
		int size = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

		/* On a full disk the message lacks the number, no more. */
		if (ftruncate(fd, 0) == 0)
			(void)!pwrite(fd, pid, (size_t)size, 0);
		*ret_fd = fd;
	}
	free(name);
	return r;
}

/* Made before SQLite makes it, for its mode; the log and the shared memory get
 * the same one from SQLite. */
static int
make_file(const char *path, struct buf *reason)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640), r;

	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0) {
		r = -errno;
		place_advise(path, r, reason);
		return r;
	}
	close(fd); /* nobody has locks on it yet */
	return 0;
}

int
place_open(const char *path, struct place **ret_place, struct buf *reason)
{
	struct place *place;
	int lock = -1, r = make_directories(path, reason);

	if (r >= 0)
		r = take_lock(path, &lock, reason);
	if (r >= 0)
		r = make_file(path, reason);
	if (r >= 0)
		r = check_file_system(path, reason);
	if (r < 0) {
		if (lock >= 0)
			close(lock);
		return r;
	}
	place = xcalloc(1, sizeof(*place));
	place->path = xstrdup(path);
	place->log = xasprintf("%s-wal", path);
	place->lock = lock;
	*ret_place = place;
	return 0;
}

void
place_close(struct place *place)
{
	if (place == NULL)
		return;
	close(place->lock); /* the file stays: removing it would race a start */
	free(place->path);
	free(place->log);
	free(place);
}

static bool
find_inode(const char *path, struct inode *ret_inode)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	*ret_inode = (struct inode){st.st_dev, st.st_ino};
	return true;
}

void
place_remember(struct place *place)
{
	place->file_inode = place->log_inode = (struct inode){0};
	(void)find_inode(place->path, &place->file_inode);
	(void)find_inode(place->log, &place->log_inode);
}

static bool
is_same(const char *path, const struct inode *inode)
{
	struct inode now = {0};

	if (inode->number == 0)
		return true; /* it was not there when we looked */
	return find_inode(path, &now) && now.device == inode->device &&
	    now.number == inode->number;
}

const char *
place_check(const struct place *place)
{
	if (!is_same(place->path, &place->file_inode))
		return "the database file was moved, removed or replaced: put it "
		       "back, or restart gazetted";
	if (!is_same(place->log, &place->log_inode))
		return "the database's -wal file was moved or removed: restart "
		       "gazetted";
	return NULL;
}

off_t
place_log_size(const struct place *place)
{
	struct stat st;

	return stat(place->log, &st) == 0 ? st.st_size : 0;
}
