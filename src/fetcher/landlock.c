/* SPDX-License-Identifier: ISC */
/*
 * Landlock by raw system calls: no library has it, and the headers of the oldest
 * supported system stop at its second version.  The kernel is asked what it knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fetcher/sandbox.h"

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1

#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_ABI1 ((UINT64_C(1) << 13) - 1) /* execute ... make_sym */
#define FS_REFER (UINT64_C(1) << 13)      /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)   /* ABI 3 */
#define NET_BIND_TCP (UINT64_C(1) << 0)   /* ABI 4 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)  /* ABI 5 */
#define SCOPE_ALL UINT64_C(3)             /* ABI 6: abstract sockets, signals */

struct ruleset_attr {
	uint64_t handled_fs, handled_net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Files that are replaced by renaming are named by their directory, too: a rule
 * holds for the file that it was made for. */
static const char *const readable[] = {
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/ssl",
    "/etc/ca-certificates",
    "/etc/pki/tls",
    "/etc/pki/ca-trust",
    "/etc/crypto-policies",
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/run/NetworkManager",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/dev/null",
    "/dev/urandom",
#ifdef WITH_SANITIZER
    "/proc/self",
#endif
};

/* `abi` decides which members and bits the kernel takes. */
static size_t
describe(long abi, struct ruleset_attr *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->handled_fs = FS_ABI1;
	if (abi >= 2)
		ret->handled_fs |= FS_REFER;
	if (abi >= 3)
		ret->handled_fs |= FS_TRUNCATE;
	if (abi >= 5)
		ret->handled_fs |= FS_IOCTL_DEV;
	if (abi >= 4)
		ret->handled_net = NET_BIND_TCP;
	if (abi >= 6)
		ret->scoped = SCOPE_ALL;
	if (abi >= 6)
		return sizeof(*ret);
	return abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

/* A path that is not there needs no rule. */
static int
allow_read(int ruleset, const char *path)
{
	struct path_beneath_attr rule = {.allowed = FS_READ_FILE};
	struct stat st;
	int r = 0;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return 0;
	if (fstat(rule.fd, &st) == 0 && S_ISDIR(st.st_mode))
		rule.allowed |= FS_READ_DIR;
	if (syscall(__NR_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) <
	    0)
		r = -errno;
	close(rule.fd);
	return r;
}

int
landlock_enter(const char *ca_file)
{
	struct ruleset_attr attr;
	size_t size, i;
	int ruleset, r = 0;
	long abi;

	abi = syscall(__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	if (abi < 0)
		return -errno;
	size = describe(abi, &attr);
	ruleset = (int)syscall(__NR_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0)
		return -errno;
	for (i = 0; r == 0 && i < sizeof(readable) / sizeof(readable[0]); i++)
		r = allow_read(ruleset, readable[i]);
	if (r == 0 && ca_file != NULL)
		r = allow_read(ruleset, ca_file);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0 && syscall(__NR_landlock_restrict_self, ruleset, 0) < 0)
		r = -errno;
	close(ruleset);
	return r;
}
