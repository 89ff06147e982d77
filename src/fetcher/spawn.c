/* SPDX-License-Identifier: ISC */
/* The service's side: the fetcher's birth and end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "fetcher/fetcher.h"
#include "fetcher/process.h"

extern char **environ;

#define PAGE_BYTES 4096
#define FIRST_FREE 16 /* descriptors on their way to 3, 4 and 5 stay above */

/* Sealed: a fetcher gone bad that cut it short would kill the service. */
static int
page_new(struct fetcher_child *child)
{
	void *page;
	int r;

	child->page_fd =
	    memfd_create("gazetted-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (child->page_fd < 0)
		return -errno;
	if (ftruncate(child->page_fd, PAGE_BYTES) < 0 ||
	    fcntl(child->page_fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		goto fail;
	page = mmap(
	    NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, child->page_fd, 0);
	if (page == MAP_FAILED)
		goto fail;
	child->page = page;
	return 0;

fail:
	r = -errno;
	close(child->page_fd);
	child->page_fd = -1;
	return r;
}

int
fetcher_prepare(struct fetcher_child *child)
{
	int r;

	memset(child, 0, sizeof(*child));
	child->pid = -1;
	child->fd = -1;
	child->page_fd = -1;
	child->exe_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (child->exe_fd < 0)
		return -errno;
	r = page_new(child);
	if (r < 0) {
		close(child->exe_fd);
		child->exe_fd = -1;
	}
	return r;
}

void
fetcher_done(struct fetcher_child *child)
{
	if (child->pid > 0)
		(void)fetcher_reap(child, true);
	if (child->page != NULL)
		munmap((void *)(uintptr_t)child->page, PAGE_BYTES);
	if (child->page_fd >= 0)
		close(child->page_fd);
	if (child->exe_fd >= 0)
		close(child->exe_fd);
	memset(child, 0, sizeof(*child));
	child->pid = -1;
	child->fd = child->page_fd = child->exe_fd = -1;
}

/* -- Birth ------------------------------------------------------------------- */

/* What a loader, a sanitizer, a fake clock or libc's resolver listens to; no
 * credentials, no notify or listen sockets, no proxies. */
static bool
is_handed_down(const char *variable)
{
	static const char *const openings[] = {"LD_PRELOAD=", "LD_LIBRARY_PATH=",
	    "FAKETIME", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=",
	    "LLVM_PROFILE_FILE=", "GLIBC_TUNABLES=", "LOCALDOMAIN=", "TZ="};
	size_t i;

	for (i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		if (strncmp(variable, openings[i], strlen(openings[i])) == 0)
			return true;
	}
	return false;
}

/* An array of lent strings; the caller's to free. */
static char **
environment(void)
{
	/* A dead name server holds a look-up no longer than a fetch may last. */
	static char resolver[] = "RES_OPTIONS=timeout:3 attempts:2";
	static char allocator[] =
	    "MALLOC_ARENA_MAX=2"; /* threads only look up names */
	static char role[] = FETCHER_ROLE "=1";
	size_t count = 0, i;
	char **list;

	for (i = 0; environ != NULL && environ[i] != NULL; i++)
		;
	list = xcalloc(i + 4, sizeof(*list));
	while (i-- > 0) {
		if (is_handed_down(environ[i]))
			list[count++] = environ[i];
	}
	list[count++] = resolver;
	list[count++] = allocator;
	list[count++] = role;
	return list;
}

/* The child's descriptors: 0 and 1 nothing, 2 as ours, then those it is told of.
 * The program's own stays until it is running, which closes it. */
static int
describe(posix_spawn_file_actions_t *actions, int socket, int page, int exe)
{
	int r;

	r = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(
		    actions, 1, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, socket, FETCHER_FD);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, page, FETCHER_PAGE_FD);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, exe, PROCESS_EXE_FD);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(
		    actions, PROCESS_EXE_FD + 1);
	return -r;
}

/* Signals as a new process expects them. */
static int
set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &all);
	if (r == 0)
		r = posix_spawnattr_setflags(
		    attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return -r;
}

static int
spawn(pid_t *ret_pid, int socket, int page, int exe)
{
	static char name[] = FETCHER_ARGV0;
	char *argv[] = {name, NULL}, **envp;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", PROCESS_EXE_FD);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	r = describe(&actions, socket, page, exe);
	if (r == 0)
		r = set_signals(&attr);
	if (r == 0) {
		envp = environment();
		r = -posix_spawn(ret_pid, path, &actions, &attr, argv, envp);
		free(envp);
	}
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* A copy that no dup2 of describe() can overwrite. */
static int
lift(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE);
}

int
fetcher_spawn(struct fetcher_child *child)
{
	int pair[2], theirs, page, exe, r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	theirs = lift(pair[1]);
	page = lift(child->page_fd);
	exe = lift(child->exe_fd);
	if (theirs < 0 || page < 0 || exe < 0 ||
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0) {
		r = -errno;
	} else {
		child->page->feed_id = 0;
		r = spawn(&pid, theirs, page, exe);
	}
	if (theirs >= 0)
		close(theirs);
	if (page >= 0)
		close(page);
	if (exe >= 0)
		close(exe);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	child->pid = pid;
	child->fd = pair[0];
	return 0;
}

/* -- End --------------------------------------------------------------------- */

/* Without `kill_it` its end was seen or is due; should it still run it is killed,
 * for waiting would stall the service. */
int
fetcher_reap(struct fetcher_child *child, bool kill_it)
{
	int status = 0;
	pid_t r;

	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	if (child->pid <= 0)
		return -1;
	if (kill_it)
		kill(child->pid, SIGKILL);
	do {
		r = waitpid(child->pid, &status, kill_it ? 0 : WNOHANG);
		if (r == 0) {
			kill(child->pid, SIGKILL);
			kill_it = true;
		}
	} while (r == 0 || (r < 0 && errno == EINTR));
	child->pid = -1;
	return r > 0 ? status : -1;
}

bool
fetcher_is_me(void)
{
	struct stat st;

	return getenv(FETCHER_ROLE) != NULL && fstat(FETCHER_FD, &st) == 0 &&
	    S_ISSOCK(st.st_mode);
}
