/* SPDX-License-Identifier: ISC */
#include "fetcher/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"

static void
note(struct buf *missing, const char *what, int error)
{
	if (missing->len > 0)
		buf_puts(missing, "; ");
	buf_puts(missing, what);
	if (error != 0)
		buf_printf(missing, ": %s", strerror(error));
}

/* The first to go when memory is short: the service starts another. */
static void
stand_in_front(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "1000", 4); /* a kindness to the rest, no wall */
	close(fd);
}

/* A service that was started as root leaves none of root's powers here.  One that
 * has none may not even ask: systemd's filters know capset as privileged. */
static void
drop_capabilities(struct buf *missing)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {{0}};

	if (syscall(SYS_capget, &header, sets) == 0 &&
	    (sets[0].permitted | sets[0].inheritable | sets[1].permitted |
		sets[1].inheritable) == 0)
		return;
	memset(sets, 0, sizeof(sets));
	if (syscall(SYS_capset, &header, sets) < 0)
		note(missing, "capabilities are kept", errno);
}

static void
limit_memory(struct buf *missing)
{
#ifndef WITH_SANITIZER /* its shadow is terabytes */
	const struct rlimit limit = {LIMIT_FETCHER_DATA, LIMIT_FETCHER_DATA};

	if (setrlimit(RLIMIT_DATA, &limit) < 0)
		note(missing, "memory is not limited", errno);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
	(void)missing;
#endif
}

/* Believe no layer: try what must not work. */
static void
try_the_walls(const struct sandbox_paths *paths, struct buf *missing)
{
	static char *const none[] = {NULL};
	int fd;

	fd = paths->database != NULL ? open(paths->database, O_RDONLY | O_CLOEXEC)
				     : -1;
	if (fd >= 0) {
		close(fd);
		note(missing, "the database can be read", 0);
	}
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		note(missing, "files can be opened for writing", 0);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		note(missing, "the control socket can be reached", 0);
	}
	/* A directory is no program: EACCES says that exec itself was let through. */
	(void)execve("/", none, none);
	if (errno != EPERM)
		note(missing, "programs can be started", 0);
}

void
sandbox_enter(const struct sandbox_paths *paths, struct buf *missing)
{
	int r;

	stand_in_front();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		note(missing, "new privileges are possible", errno);
	drop_capabilities(missing);
	limit_memory(missing);
	r = landlock_enter(paths->ca_file);
	if (r < 0)
		note(missing, "Landlock", -r);
	r = syscalls_enter();
	if (r < 0)
		note(missing, "seccomp", -r);
	try_the_walls(paths, missing);
}
