/* SPDX-License-Identifier: ISC */
#include "daemon/service.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
/* We give our own fields; the place in the source is of no use to users. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unicode.h"

#define FIELD_BYTES 4096 /* THREATS 28 */
#define PATIENCE (10 * MSEC_PER_SEC)

/* -- The journal ----------------------------------------------------------- */

static int
priority(enum log_level level)
{
	static const int of[] = {
	    3, 4, 6, 7}; /* syslog's err, warning, info, debug */

	return of[level];
}

struct entry {
	struct iovec field[8];
	char text[8][FIELD_BYTES];
	int count;
};

static void
add_field(struct entry *entry, const char *name, const char *value)
{
	char *text = entry->text[entry->count];
	int size;

	if (value == NULL)
		return;
	size = snprintf(text, FIELD_BYTES, "%s=%s", name, value);
	if (size >= FIELD_BYTES)
		size = (int)unicode_cut(text, FIELD_BYTES - 1, FIELD_BYTES - 1);
	entry->field[entry->count].iov_base = text;
	entry->field[entry->count].iov_len = (size_t)size;
	entry->count++;
}

/* The logger calls one at a time. */
static void
to_journal(enum log_level level, const char *message,
    const struct log_fields *fields, void *arg)
{
	static struct entry entry;
	char number[16];

	(void)arg;
	entry.count = 0;
	add_field(&entry, "MESSAGE", message);
	(void)snprintf(number, sizeof(number), "%d", priority(level));
	add_field(&entry, "PRIORITY", number);
	add_field(&entry, "SYSLOG_IDENTIFIER", "gazetted");
	add_field(&entry, "GAZETTED_FEED", fields->feed);
	add_field(&entry, "GAZETTED_FEED_URL", fields->feed_url);
	add_field(&entry, "GAZETTED_OUTCOME", fields->outcome);
	if (fields->http_status != 0) {
		(void)snprintf(number, sizeof(number), "%d", fields->http_status);
		add_field(&entry, "GAZETTED_HTTP_STATUS", number);
	}
	add_field(&entry, "MESSAGE_ID", fields->message_id);
	/* A full or absent journal must not stop us. */
	(void)sd_journal_sendv(entry.field, entry.count);
}

static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode;
}

void
service_log_open(void)
{
	log_open(stderr_is_journal() ? to_journal : NULL, NULL);
}

/* -- Sockets --------------------------------------------------------------- */

int
service_sockets(int *ret_fds, int room)
{
	int count = sd_listen_fds(1), i;

	if (count < 0 || count > room)
		return count < 0 ? count : -E2BIG;
	for (i = 0; i < count; i++) {
		ret_fds[i] = SD_LISTEN_FDS_START + i;
		if (sd_is_socket(ret_fds[i], AF_UNIX, SOCK_STREAM, 1) <= 0)
			return -ENOTSOCK;
	}
	return count;
}

/* -- State ----------------------------------------------------------------- */

/* Not sd_notify: it waits for a manager that does not read, and the loop with it.
 * What is said again anyway does not wait at all, the rest a second at most. */
__attribute__((format(printf, 2, 3))) static void
tell_manager(bool once, const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval second = {.tv_sec = 1};
	size_t size = path != NULL ? strlen(path) : 0;
	char text[512];
	va_list args;
	int fd;

	if (size < 2 || size >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, size);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	(void)sendto(fd, text, strlen(text),
	    (once ? 0 : MSG_DONTWAIT) | MSG_NOSIGNAL, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
	close(fd);
}

/* All may fail only when nobody listens, which is fine. */
void
service_ready(void)
{
	tell_manager(true, "READY=1");
}

void
service_reloading(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	tell_manager(true, "RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)now.tv_sec * 1000000 +
		(unsigned long long)now.tv_nsec / 1000);
}

void
service_stopping(void)
{
	tell_manager(true, "STOPPING=1");
}

void
service_status(const char *format, ...)
{
	char text[256], *c;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	tell_manager(false, "STATUS=%s", text);
}

msec_t
service_watchdog_interval(void)
{
	uint64_t usec = 0;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	return (msec_t)(usec / 1000);
}

void
service_watchdog(void)
{
	tell_manager(false, "WATCHDOG=1");
}

/* -- Patience: the main thread is in a migration and cannot say so itself --- */

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool is_running, is_over;
} patience = {.lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER};

static void *
be_patient(void *arg)
{
	struct timespec until;

	(void)arg;
	pthread_mutex_lock(&patience.lock);
	while (!patience.is_over) {
		tell_manager(false, "EXTEND_TIMEOUT_USEC=%llu",
		    (unsigned long long)PATIENCE * 3 * 1000);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += PATIENCE / MSEC_PER_SEC;
		(void)pthread_cond_timedwait(&patience.over, &patience.lock, &until);
	}
	pthread_mutex_unlock(&patience.lock);
	return NULL;
}

void
service_patience_begin(void)
{
	if (getenv("NOTIFY_SOCKET") == NULL)
		return;
	patience.is_over = false;
	patience.is_running =
	    pthread_create(&patience.thread, NULL, be_patient, NULL) == 0;
}

void
service_patience_end(void)
{
	if (!patience.is_running)
		return;
	pthread_mutex_lock(&patience.lock);
	patience.is_over = true;
	pthread_cond_signal(&patience.over);
	pthread_mutex_unlock(&patience.lock);
	(void)pthread_join(patience.thread, NULL);
	patience.is_running = false;
}
