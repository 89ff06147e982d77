/* SPDX-License-Identifier: ISC */
#include "daemon/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/xalloc.h"

#define DIRECTORY "credentials" /* beside the configuration */

/* -- Files --------------------------------------------------------------------- */

/* Not blocking: a FIFO in the place of a file must not stop the loop. */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

/* The whole of a regular file, as a string.  0, or -errno; -EFBIG: longer than
 * `limit`; -EILSEQ: it has a NUL. */
static int
read_file(int fd, size_t limit, struct arena *arena, const char **ret_text)
{
	struct stat st;
	char *text;
	size_t have = 0;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EISDIR;
	if (st.st_size < 0 || (size_t)st.st_size > limit)
		return -EFBIG;
	text = arena_alloc(arena, (size_t)st.st_size + 1);
	if (text == NULL)
		return -ENOMEM;
	while (n > 0 && have < (size_t)st.st_size) {
		n = read(fd, text + have, (size_t)st.st_size - have);
		if (n < 0)
			return -errno;
		have += (size_t)n;
	}
	text[have] = '\0';
	if (memchr(text, '\0', have) != NULL)
		return -EILSEQ;
	*ret_text = text;
	return 0;
}

static const char *
words_of(int error)
{
	switch (error) {
	case -EISDIR:
		return "not a file";
	case -EFBIG:
		return "too large";
	case -EILSEQ:
		return "not a text";
	default:
		return strerror(-error);
	}
}

/* -- Credentials --------------------------------------------------------------- */

/* In systemd's directory, else beside the configuration. */
static int
open_credential(const char *config, const char *name, bool *ret_own)
{
	const char *system = getenv("CREDENTIALS_DIRECTORY");
	const char *slash = strrchr(config, '/');
	int stem = slash != NULL ? (int)(slash - config + 1) : 0;
	char *path;
	int fd = -ENOENT;

	*ret_own = false;
	if (system != NULL && *system != '\0') {
		path = xasprintf("%s/%s", system, name);
		fd = open_file(path);
		free(path);
	}
	if (fd != -ENOENT)
		return fd;
	*ret_own = true;
	path = xasprintf("%.*s" DIRECTORY "/%s", stem, config, name);
	fd = open_file(path);
	free(path);
	return fd;
}

static bool
is_open_to_others(int fd)
{
	struct stat st;

	/* What is no file is refused as such. */
	return fstat(fd, &st) < 0 ||
	    (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0);
}

static enum outcome
fill_credential(const char *config, const char *name, struct request *request,
    struct arena *arena, struct buf *reason)
{
	bool own;
	int fd = open_credential(config, name, &own), r = fd;

	if (fd >= 0 && own && is_open_to_others(fd)) {
		buf_printf(reason,
		    "credential %s: others can read its file; chmod 600 it", name);
		close(fd);
		return OUTCOME_AUTH;
	}
	if (fd >= 0) {
		r = read_file(
		    fd, LIMIT_CREDENTIAL_BYTES, arena, &request->credential);
		close(fd);
	}
	if (r == 0)
		return OUTCOME_OK;
	if (r == -ENOENT)
		buf_printf(reason,
		    "credential %s: no such systemd credential, and no file of that "
		    "name in " DIRECTORY "/ beside the configuration",
		    name);
	else
		buf_printf(reason, "credential %s: %s", name, words_of(r));
	return OUTCOME_AUTH;
}

uint64_t
secrets_mark(const char *config, const char *credential)
{
	struct {
		int64_t seconds, nanoseconds, size;
		uint64_t inode, mode;
	} mark = {0};
	struct stat st;
	bool own;
	int fd;

	if (credential == NULL)
		return 0;
	fd = open_credential(config, credential, &own);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		mark.seconds = st.st_mtim.tv_sec;
		mark.nanoseconds = st.st_mtim.tv_nsec;
		mark.size = st.st_size;
		mark.inode = (uint64_t)st.st_ino;
		mark.mode = st.st_mode;
	}
	if (fd >= 0)
		close(fd);
	/* Positive: it is kept as a signed number. */
	return (hash64(&mark, sizeof(mark)) >> 1) | 1;
}

/* -- Certificates -------------------------------------------------------------- */

static enum outcome
fill_pem(const char *key, const char *path, struct arena *arena,
    const char **ret_text, struct buf *reason)
{
	int fd = open_file(path), r = fd;

	if (fd >= 0) {
		r = read_file(fd, LIMIT_PEM_BYTES, arena, ret_text);
		close(fd);
	}
	if (r == 0)
		return OUTCOME_OK;
	buf_printf(reason, "%s %s: %s", key, path, words_of(r));
	return OUTCOME_TLS;
}

enum outcome
secrets_fill(const char *config, const struct secrets_names *names,
    struct request *request, struct arena *arena, struct buf *reason)
{
	enum outcome outcome = OUTCOME_OK;

	request->credential = request->ca_pem = request->client_pem = NULL;
	if (names->credential != NULL)
		outcome = fill_credential(
		    config, names->credential, request, arena, reason);
	if (outcome == OUTCOME_OK && names->ca_file != NULL)
		outcome = fill_pem(
		    "ca-file", names->ca_file, arena, &request->ca_pem, reason);
	if (outcome == OUTCOME_OK && names->client_cert != NULL)
		outcome = fill_pem("client-cert", names->client_cert, arena,
		    &request->client_pem, reason);
	return outcome;
}
