/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "config/build.h"
#include "query/query.h"

static int
read_all(int fd, struct buf *out)
{
	ssize_t got;
	char *room;

	for (;;) {
		if (out->len > LIMIT_CONFIG_FILE)
			return -EFBIG;
		room = buf_room(out, 65536);
		got = read(fd, room, 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		out->len += (size_t)got;
	}
}

/* A directory, a pipe or a device would be read for ever, or not at all. */
static int
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else
		r = read_all(fd, out);
	(void)close(fd); /* only read */
	return r;
}

static const char *
advice(int error)
{
	switch (error) {
	case ENOENT:
		return "write it, or name another with --config=FILE";
	case EACCES:
		return "let gazetted's user read it";
	case EFBIG:
		return "at most 64 MiB; split it into drop-ins";
	case EISDIR:
	case EINVAL:
		return "it must be a file";
	default:
		return "mend the file system, or name another file";
	}
}

static void
add_file(struct build *build, const char *path, bool must_exist)
{
	struct buf text = {0};
	int r = read_file(path, &text);
	char *message;

	if (r == 0) {
		build_file(build, path, buf_text(&text), text.len);
	} else if (r != -ENOENT || must_exist) {
		message = xasprintf("cannot be read: %s; %s",
		    r == -EINVAL ? "Not a regular file" : strerror(-r), advice(-r));
		build_file_fault(build, path, message);
		free(message);
	}
	buf_done(&text);
}

static int
is_drop_in(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > 5 &&
	    strcmp(entry->d_name + size - 5, ".conf") == 0;
}

/* Bytes, not the locale's order: the same everywhere. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
add_drop_ins(struct build *build, const char *file)
{
	char *directory = xasprintf("%s.d", file), *path;
	struct dirent **entries;
	int count = scandir(directory, &entries, is_drop_in, by_name), i;

	if (count < 0 && errno != ENOENT) {
		path = xasprintf("cannot be read: %s; %s", strerror(errno),
		    errno == EACCES ? advice(EACCES) : "it must be a directory");
		build_file_fault(build, directory, path);
		free(path);
	}
	for (i = 0; i < count; i++) {
		path = xasprintf("%s/%s", directory, entries[i]->d_name);
		if (i < LIMIT_CONFIG_FILES)
			add_file(build, path, true);
		free(path);
		free(entries[i]);
	}
	if (count > LIMIT_CONFIG_FILES)
		build_file_fault(
		    build, directory, "more than 10000 files; join some");
	if (count >= 0)
		free(entries);
	free(directory);
}

int
config_read(const char *file, bool must_exist, config_fault_fn *fault, void *arg,
    struct settings **ret_settings)
{
	struct build build;

	build_begin(&build);
	add_file(&build, file, must_exist);
	add_drop_ins(&build, file);
	return build_settle(&build, fault, arg, ret_settings);
}

int
config_parse(const char *name, const char *text, size_t size, config_fault_fn *fault,
    void *arg, struct settings **ret_settings)
{
	struct build build;

	build_begin(&build);
	build_file(&build, name, text, size);
	return build_settle(&build, fault, arg, ret_settings);
}

void
config_free(struct settings *settings)
{
	if (settings != NULL)
		arena_free(settings->arena); /* it lives in there itself */
}

bool
config_is_feed_name(const char *name)
{
	size_t i, digits = 0;

	for (i = 0; name[i] != '\0'; i++) {
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("._-", name[i]) == NULL)
			return false;
		digits += isdigit((unsigned char)name[i]) != 0;
	}
	return i > digits && i <= LIMIT_NAME_BYTES;
}

bool
config_is_tag(const char *tag)
{
	return query_is_tag(tag) && !query_is_reserved_tag(tag);
}

/* On a scratch feed of its own, for the list and the strings. */
static int
set_feed_key(struct feed_options *options, struct arena *arena, const char *name,
    const char *value, struct buf *reason)
{
	const struct section *section = keys_section("feed");
	const struct key *key = keys_find(section, name);
	struct feed_settings feed = {.options = *options};
	int r;

	if (key == NULL) {
		keys_unknown(section, name, reason);
		return -EINVAL;
	}
	if (key->file_only) {
		buf_printf(reason,
		    "%s can be set in a configuration file alone: it decides what "
		    "this machine's feeds may reach or trust",
		    name);
		return -EPERM;
	}
	if (*value == '\0') {
		buf_printf(
		    reason, "%s: a value expected (to clear it, unset it)", name);
		return -EINVAL;
	}
	r = keys_set(section, key, &feed, value, arena, reason);
	if (r < 0)
		return r;
	if (key->rule.kind == VALUE_INTERVAL)
		feed.options.has_interval = true;
	*options = feed.options;
	return key->rule.kind == VALUE_FEED_URL || key->rule.kind == VALUE_TAGS
	    ? -ENOENT
	    : 0;
}

/* A value of a client's is at most a request long. */
#define KEY_ARENA (2 * LIMIT_REQUEST_BYTES_WRITER)

int
config_check_feed_key(const char *key, const char *value, struct buf *reason)
{
	struct arena *arena = arena_new(KEY_ARENA);
	struct feed_options options;
	int r;

	config_init_options(&options);
	r = set_feed_key(&options, arena, key, value, reason);
	arena_free(arena);
	return r == -ENOENT ? 0 : r;
}

int
config_apply_feed_key(struct feed_options *options, struct arena *arena,
    const char *key, const char *value)
{
	struct buf unused = {0};
	int r = set_feed_key(options, arena, key, value, &unused);

	buf_done(&unused);
	return r;
}
