/* SPDX-License-Identifier: ISC */
/* The walls around the fetcher's process: what gets through, and what must not. */
#include "tests/unit/fetchertest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetcher/sandbox.h"

/* The job that the next frame is about, which is of this type. */
static int64_t
next_number(struct world *world, enum wire_type wanted)
{
	enum wire_type type;
	const char *payload;
	int64_t number;
	size_t size;

	assert_true(next_frame(world, &type, &payload, &size));
	assert_int_equal(type, wanted);
	assert_int_equal(wire_get_number(payload, size, &number), 0);
	return number;
}

/* Threads, the hosts file and the resolver's sockets work behind the walls. */
static void
names_inside(void **state)
{
	struct world *world = *state;
	struct request request = request_for(world, "/feed");
	struct batch *batch;
	char url[64];

	snprintf(
	    url, sizeof(url), "http://localhost:%u/feed", httpd_port(world->httpd));
	request.url = url;
	request.job = 71;
	ask(world, &request);
	assert_int_equal(next_number(world, WIRE_WAITS), 71);
	assert_int_equal(next_number(world, WIRE_GOES), 71);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_OK);
	batch_free(batch);
	/* What is known needs no look-up. */
	ask(world, &request);
	batch_free(next_batch(world));
	request.url = "http://no.such.host.invalid/feed";
	request.job = 72;
	ask(world, &request);
	assert_int_equal(next_number(world, WIRE_WAITS), 72);
	batch = next_batch(world);
	assert_true(
	    batch->outcome == OUTCOME_DNS || batch->outcome == OUTCOME_DNS_AGAIN);
	batch_free(batch);
	request.url = url;
	request.allow_private = "no";
	ask(world, &request);
	batch = next_batch(world);
	assert_int_equal(batch->outcome, OUTCOME_FORBIDDEN_ADDRESS);
	batch_free(batch);
}

/* Nothing but its own descriptors, and no secret of the environment. */
static void
inherits_nothing(void **state)
{
	struct world *world = *state;
	char path[64], text[4096];
	int fd, number;
	ssize_t n;

	if (geteuid() != 0) {
		print_message("# it lets nobody but root look\n");
		skip();
	}
	for (number = 5; number < 64; number++) {
		char link[256];

		snprintf(
		    path, sizeof(path), "/proc/%d/fd/%d", world->child.pid, number);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		/* libevent's and libcurl's own. */
		if (strncmp(link, "anon_inode:", 11) != 0 &&
		    strncmp(link, "socket:", 7) != 0 &&
		    strncmp(link, "pipe:", 5) != 0)
			fail_msg("descriptor %d is %s", number, link);
	}
	snprintf(path, sizeof(path), "/proc/%d/environ", world->child.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text));
	close(fd);
	assert_true(n > 0);
	assert_null(memmem(text, (size_t)n, "test-secret", 11));
	assert_non_null(memmem(text, (size_t)n, "RES_OPTIONS=timeout:3", 21));
}

/* What the walls must hold back, tried from inside, by name. */
static void
try_all(const char *dir, struct buf *leaks)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	static char *const none[] = {NULL};
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/gazetted.db", dir);
	if (open(path, O_RDONLY) >= 0)
		buf_puts(leaks, "reads the database; ");
	if (open(path, O_RDWR) >= 0)
		buf_puts(leaks, "opens the database for writing; ");
	snprintf(path, sizeof(path), "%s/new", dir);
	if (open(path, O_WRONLY | O_CREAT, 0600) >= 0)
		buf_puts(leaks, "makes a file; ");
	if (open("/usr/new", O_WRONLY | O_CREAT, 0600) >= 0)
		buf_puts(leaks, "makes a file below /usr; ");
	if (open(dir, O_TMPFILE | O_RDWR, 0600) >= 0)
		buf_puts(leaks, "makes a nameless file; ");
	if (open("/etc/shadow", O_RDONLY) >= 0)
		buf_puts(leaks, "reads /etc/shadow; ");
	if (mkdir(path, 0700) == 0)
		buf_puts(leaks, "makes a directory; ");
	if (unlink(path) == 0 || errno == ENOENT)
		buf_puts(leaks, "may unlink; ");
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		buf_puts(leaks, "connects to the control socket; ");
	if (fd >= 0)
		buf_puts(leaks, "has a Unix socket; ");
	if (socket(AF_NETLINK, SOCK_RAW, 0) >= 0)
		buf_puts(leaks, "has a netlink socket; ");
	if (memfd_create("x", 0) >= 0)
		buf_puts(leaks, "has a memfd; ");
	if (kill(getppid(), 0) == 0)
		buf_puts(leaks, "signals its parent; ");
	execve("/bin/true", none, none);
	if (errno != EPERM)
		buf_puts(leaks, "may exec; ");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		buf_puts(leaks, "(and has no TCP)");
}

/* The result of the child: what leaked, behind what it says is missing. */
static void
run_inside(const char *dir, char *text, size_t room)
{
	struct buf missing = {0}, leaks = {0};
	char database[256];
	int pipes[2];
	pid_t pid;
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct sandbox_paths paths = {.database = database};

		snprintf(database, sizeof(database), "%s/gazetted.db", dir);
		sandbox_enter(&paths, &missing);
		try_all(dir, &leaks);
		buf_puts(&missing, "|");
		buf_puts(&missing, buf_text(&leaks));
		n = write(pipes[1], missing.data, missing.len);
		_exit(n == (ssize_t)missing.len ? 0 : 1);
	}
	close(pipes[1]);
	n = read(pipes[0], text, room - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
walls_hold(void **state)
{
	char dir[] = "/tmp/gazetted-test-XXXXXX", path[256], text[2048];
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd, listener;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/gazetted.db", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	close(fd);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(listener, 1), 0);

	run_inside(dir, text, sizeof(text));

	close(listener);
	unlink(un.sun_path);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	if (text[0] != '|') {
		print_message("# this kernel lacks: %s\n", text);
		skip();
	}
	assert_string_equal(text, "|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(walls_hold),
	    TEST(names_inside),
	    TEST(inherits_nothing),
	};

	return FETCHERTEST_RUN(tests);
}
