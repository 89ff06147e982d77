/* SPDX-License-Identifier: ISC */
/*
 * seccomp: what libcurl, OpenSSL, libevent and libc need for sockets, threads,
 * memory and reading files; nothing else.  An unknown call is "not implemented",
 * so that libc falls back to an older one; what must be refused is "not permitted".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetcher/sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const int allowed[] = {
    /* descriptors */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(stat),
    SCMP_SYS(stat64),
    SCMP_SYS(lstat),
    SCMP_SYS(lstat64),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),
    SCMP_SYS(dup),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2),
    /* waiting */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64),
    SCMP_SYS(select),
    SCMP_SYS(_newselect),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64),
    /* sockets that are there; socket() itself is below */
    SCMP_SYS(connect),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(send),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(mmap2),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    /* threads and signals of this process */
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* who and when */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getuid32),
    SCMP_SYS(geteuid32),
    SCMP_SYS(getgid32),
    SCMP_SYS(getegid32),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(time),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_getres),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit),
    SCMP_SYS(ugetrlimit),
#ifdef WITH_SANITIZER
    SCMP_SYS(prctl),
    SCMP_SYS(personality),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(msync),
    SCMP_SYS(mlock),
    SCMP_SYS(sched_setaffinity),
#endif
};

/* Refused in so many words: a caller that gets "not implemented" might look for
 * another way. */
static const int refused[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace),
    SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(creat), SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat), SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
    SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat),
    SCMP_SYS(truncate), SCMP_SYS(ftruncate), SCMP_SYS(chmod), SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(fchownat),
    SCMP_SYS(kill), SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(unshare),
    SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(bpf), SCMP_SYS(memfd_create)};

#define ALLOW(ctx, call, ...) \
	seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(call), __VA_ARGS__)
#define REFUSE(ctx, error, call, ...) \
	seccomp_rule_add(             \
	    ctx, SCMP_ACT_ERRNO((uint32_t)(error)), SCMP_SYS(call), __VA_ARGS__)

/* Argument number `arg` is `value`; its bits of `mask` are. */
static struct scmp_arg_cmp
equals(unsigned arg, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){
	    .arg = arg, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

static struct scmp_arg_cmp
masked(unsigned arg, scmp_datum_t mask, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){
	    .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

/* Reading only: each bit that would write is refused, none of them is allowed. */
static int
add_open(scmp_filter_ctx ctx)
{
	/* O_TMPFILE needs one of the first two. */
	static const unsigned writes[] = {
	    O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND};
	const scmp_datum_t none = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
	size_t i;
	int r;

	r = ALLOW(ctx, open, 1, masked(1, none, O_RDONLY));
	if (r == 0)
		r = ALLOW(ctx, openat, 1, masked(2, none, O_RDONLY));
	for (i = 0; r == 0 && i < COUNT(writes); i++) {
		r = REFUSE(ctx, EPERM, open, 1, masked(1, writes[i], writes[i]));
		if (r == 0)
			r = REFUSE(
			    ctx, EPERM, openat, 1, masked(2, writes[i], writes[i]));
	}
	return r;
}

/* TCP and UDP.  No AF_UNIX: the service's user is admin on the control socket.
 * No AF_NETLINK: getaddrinfo then takes both address families to be there. */
static int
add_socket(scmp_filter_ctx ctx)
{
	static const int families[] = {AF_INET, AF_INET6};
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	static const int others[] = {AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK};
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < COUNT(families); i++) {
		for (k = 0; r == 0 && k < COUNT(types); k++)
			r = ALLOW(ctx, socket, 2,
			    equals(0, (scmp_datum_t)families[i]),
			    SCMP_A1(
				SCMP_CMP_MASKED_EQ, 0xf, (scmp_datum_t)types[k]));
	}
	for (i = 0; r == 0 && i < COUNT(others); i++)
		r = REFUSE(
		    ctx, EACCES, socket, 1, equals(0, (scmp_datum_t)others[i]));
	if (r == 0)
		r = REFUSE(ctx, EACCES, socketpair, 0);
	return r;
}

/* Threads, not processes; clone3's flags cannot be seen, so libc is sent back to
 * clone. */
static int
add_rest(scmp_filter_ctx ctx)
{
	int r;

	r = ALLOW(ctx, clone, 1, masked(0, CLONE_THREAD, CLONE_THREAD));
	if (r == 0)
		r = REFUSE(ctx, EPERM, clone, 1, masked(0, CLONE_THREAD, 0));
	if (r == 0)
		r = ALLOW(
		    ctx, tgkill, 1, equals(0, (scmp_datum_t)getpid())); /* abort() */
#ifndef WITH_SANITIZER
	if (r == 0)
		r = ALLOW(ctx, prctl, 1, equals(0, PR_SET_NAME));
#endif
	/* Its own limits, and reading alone. */
	if (r == 0)
		r = ALLOW(ctx, prlimit64, 1, equals(2, 0));
	return r;
}

int
syscalls_enter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	size_t i;
	int r;

	if (ctx == NULL)
		return -ENOMEM;
	r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	/* A tree instead of a list: a third of the cost a call. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (i = 0; r == 0 && i < COUNT(allowed); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (i = 0; r == 0 && i < COUNT(refused); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	if (r == 0)
		r = add_open(ctx);
	if (r == 0)
		r = add_socket(ctx);
	if (r == 0)
		r = add_rest(ctx);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}
