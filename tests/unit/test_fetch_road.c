/* SPDX-License-Identifier: ISC */
/* The way to a server: places, names, the gate, proxies, TLS, what a feed adds. */
#include "tests/unit/fetchtest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "fetch/hosts.h"

static void
turn_for(struct world *world, msec_t how_long)
{
	msec_t until = clock_mono() + how_long;

	while (clock_mono() < until)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
}

/* Jobs of a fetch in which one at a time may dial: the first has its place. */
static void
start_three(struct world *world, struct fetch *one, struct answer *silent,
    struct answer *other)
{
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/silent");
	unsigned before = httpd_requests(world->httpd);

	*silent = (struct answer){.base = world->base};
	*other = (struct answer){.base = world->base};
	fetchtest_answer_reset(world);
	assert_int_equal(
	    fetch_start(one, &request, &fetchtest_sink, silent, &silent->job), 0);
	while (httpd_requests(world->httpd) == before)
		event_base_loop(world->base, EVLOOP_NONBLOCK);
	request = fetchtest_request_for(world, "127.0.0.1", "/silent");
	assert_int_equal(
	    fetch_start(one, &request, &fetchtest_sink, other, &other->job), 0);
	request = fetchtest_request_for(world, "127.0.0.1", "/hello");
	request.timeout = 400; /* more than the answer takes, less than the wait */
	assert_int_equal(fetch_start(one, &request, &fetchtest_sink, &world->answer,
			     &world->answer.job),
	    0);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
}

/* No more than `concurrency` dial; who waits has its clock stopped. */
static void
places(void **state)
{
	static const struct fetch_settings settings = {.concurrency = 1};
	struct world *world = *state;
	struct answer silent, other;
	struct fetch *one;
	int i;

	assert_int_equal(fetch_new(world->base, &settings, &one), 0);
	for (i = 0; i < 2; i++) {
		start_three(world, one, &silent, &other);
		if (i == 0)
			turn_for(world, 500);
		assert_false(world->answer.ended);
		assert_int_equal(httpd_requests(world->httpd), 1 + 2 * i);
		/* The second time who is next is gone before it has its turn. */
		fetch_cancel(i == 0 ? other.job : silent.job);
		fetch_cancel(i == 0 ? silent.job : other.job);
		while (!world->answer.ended)
			event_base_loop(world->base, EVLOOP_ONCE);
		assert_int_equal(world->answer.end.outcome, OUTCOME_OK);
	}
	fetch_free(one);
}

/* Who is paused while it waits has its clock stopped once, not twice. */
static void
paused_and_waiting(void **state)
{
	static const struct fetch_settings settings = {.concurrency = 1};
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/silent");
	struct answer silent = {.base = world->base};
	struct answer *answer = &world->answer;
	struct fetch *one;

	assert_int_equal(fetch_new(world->base, &settings, &one), 0);
	fetchtest_answer_reset(world);
	assert_int_equal(
	    fetch_start(one, &request, &fetchtest_sink, &silent, &silent.job), 0);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
	request.timeout = 300;
	assert_int_equal(
	    fetch_start(one, &request, &fetchtest_sink, answer, &answer->job), 0);
	event_base_loop(world->base, EVLOOP_NONBLOCK);
	fetch_pause(answer->job);
	turn_for(world, 1500);
	fetch_cancel(silent.job);
	turn_for(world, 100); /* it has its place, and is still paused */
	assert_false(answer->ended);
	fetch_resume(answer->job);
	while (!answer->ended)
		event_base_loop(world->base, EVLOOP_ONCE);
	assert_int_equal(answer->end.outcome, OUTCOME_TIMEOUT);
	assert_in_range(answer->end.duration, 1600, 2900);
	fetch_free(one);
}

/* Several places that are free at once are all taken again. */
static void
places_all_taken(void **state)
{
	enum { JOBS = 24 };
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/hello");
	struct answer answers[JOBS];
	size_t i, ended = 0;

	for (i = 0; i < JOBS; i++) {
		answers[i] = (struct answer){
		    .base = world->base, .arena = arena_new(1 << 20)};
		assert_int_equal(fetch_start(world->fetch, &request, &fetchtest_sink,
				     &answers[i], &answers[i].job),
		    0);
	}
	while (ended < JOBS) {
		event_base_loop(world->base, EVLOOP_ONCE);
		for (ended = i = 0; i < JOBS; i++)
			ended += answers[i].ended;
	}
	for (i = 0; i < JOBS; i++) {
		assert_int_equal(answers[i].end.outcome, OUTCOME_OK);
		buf_done(&answers[i].body);
		arena_free(answers[i].arena);
	}
}

static void
hosts_file(void **state)
{
	static const char text[] =
	    "127.0.0.1 localhost\n"
	    "# 10.0.0.1 not.this\n"
	    "\t10.0.0.2\tsite.lan  Reader.LAN #but.not.this\r\n"
	    "2001:db8::1 six";
	static const struct {
		const char *host;
		bool is_there;
	} cases[] = {{"localhost", true}, {"LOCALHOST.", true}, {"site.lan", true},
	    {"reader.lan", true}, {"six", true}, {"si", false}, {"sixx", false},
	    {"127.0.0.1", false}, {"10.0.0.2", false}, {"not.this", false},
	    {"but.not.this", false}, {"#but.not.this", false}, {"", false},
	    {".", false}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (hosts_lists(text, sizeof(text) - 1, cases[i].host) !=
		    cases[i].is_there)
			fail_msg("\"%s\"", cases[i].host);
	}
	assert_false(hosts_lists("", 0, "localhost"));
	/* Cut in the middle of a word, as by the end of what is read. */
	assert_false(hosts_lists(text, 16, "localhost"));
}

static void
gate_refuses(void **state)
{
	static const char *const spellings[] = {"127.0.0.1", "127.1", "2130706433",
	    "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST",
	    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
	    "127.0.0.1.", "%31%32%37.0.0.1", "127.127.127.127"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct request request =
		    fetchtest_request_for(world, spellings[i], "/hello");
		struct answer *answer;

		request.allow_private = "no";
		answer = fetchtest_run(world, &request);
		/* A few are no host at all to libcurl or to libc. */
		if (answer->end.outcome != OUTCOME_FORBIDDEN_ADDRESS &&
		    answer->end.outcome != OUTCOME_BAD_URL &&
		    answer->end.outcome != OUTCOME_DNS)
			fail_msg("%s: %s, %s", spellings[i],
			    outcome_name(answer->end.outcome), answer->end.reason);
		if (i < 9) {
			assert_int_equal(
			    answer->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
			assert_non_null(strstr(answer->end.reason, "allow-private"));
		}
	}
	assert_int_equal(httpd_connections(world->httpd), 0);
}

/* What one feed may reach through a kept connection another may not. */
static void
gate_on_reuse(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/hello");
	struct answer *answer;

	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
	request.allow_private = "no";
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	assert_int_equal(httpd_requests(world->httpd), 1);
	request.allow_private = "10.0.0.0/8 localhost:1";
	assert_int_equal(
	    fetchtest_run(world, &request)->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	assert_int_equal(httpd_requests(world->httpd), 1);
}

static void
names(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "localhost", "/hello");
	struct answer *answer;
	char rule[64];

	request.allow_private = "yes";
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	/* By name and port, and from what is known of the name. */
	snprintf(rule, sizeof(rule), "localhost:%u", httpd_port(world->httpd));
	request.allow_private = rule;
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
	request.url = "http://no.such.host.invalid/";
	answer = fetchtest_run(world, &request);
	assert_true(answer->end.outcome == OUTCOME_DNS ||
	    answer->end.outcome == OUTCOME_DNS_AGAIN);
	assert_non_null(strstr(answer->end.reason, "no.such.host.invalid"));
}

/* It is not the name server's fault. */
static void
no_thread(void **state)
{
	struct world *world = *state;
	struct request request = {
	    .url = "http://feeds.example.invalid/", .timeout = 5000};
	struct rlimit before, none;
	struct answer *answer;
	int fd = dup(STDOUT_FILENO);

	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	none = before;
	none.rlim_cur = (rlim_t)fd; /* the lowest that is free */
	close(fd);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
	answer = fetchtest_run(world, &request);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
	assert_int_equal(answer->end.outcome, OUTCOME_DNS_AGAIN);
	assert_string_equal(answer->end.reason,
	    "feeds.example.invalid: no thread could be started to look it up: "
	    "Too many open files");
}

static void
refused(void **state)
{
	struct world *world = *state;
	struct request request = {.allow_private = "yes", .timeout = 5000};
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof(in);
	char url[64];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct answer *answer;

	/* Bound, but nobody listens. */
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(in.sin_port));
	request.url = url;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_CONNECT);
	assert_string_equal(
	    answer->end.reason, "cannot connect to 127.0.0.1: Connection refused");
	close(fd);
}

static void
bad_urls(void **state)
{
	static const char *const urls[] = {"", "x", "file:///etc/passwd",
	    "ftp://example.org/", "gopher://x/", "exec:id", "|id", "http://",
	    "https://[::1", "http://host:99999/", "http://user:secret@127.0.0.1/",
	    "javascript:1"};
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/");
	struct answer *answer;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		request.url = urls[i];
		answer = fetchtest_run(world, &request);
		if (answer->end.outcome != OUTCOME_BAD_URL)
			fail_msg(
			    "%s: %s", urls[i], outcome_name(answer->end.outcome));
		assert_null(strstr(answer->end.reason, "secret"));
	}
	memset(world->url, 'a', LIMIT_URL_BYTES + 1);
	memcpy(world->url, "http://127.0.0.1/", 17);
	world->url[LIMIT_URL_BYTES + 1] = '\0';
	request.url = world->url;
	assert_int_equal(
	    fetchtest_run(world, &request)->end.outcome, OUTCOME_BAD_URL);
}

static void
what_a_feed_adds(void **state)
{
	struct world *world = *state;
	struct request request =
	    fetchtest_request_for(world, "127.0.0.1", "/a b/\xc3\xa9/../c");
	char *text;

	request.user_agent = "mine/1";
	request.header = "X-One: 1\nX-Two: 2";
	request.cookie = "a=b";
	request.credential = "user:pass:word\n";
	fetchtest_run(world, &request);
	fetchtest_assert_sent(world, "User-Agent", "mine/1");
	fetchtest_assert_sent(world, "X-One", "1");
	fetchtest_assert_sent(world, "X-Two", "2");
	fetchtest_assert_sent(world, "Cookie", "a=b");
	fetchtest_assert_sent(world, "Authorization", "Basic dXNlcjpwYXNzOndvcmQ=");
	text = httpd_last(world->httpd);
	assert_true(strncmp(text, "GET /a%20b/%C3%A9/../c HTTP/1.1\r\n", 33) == 0);
	free(text);
	request.credential = "Bearer abc.def";
	fetchtest_run(world, &request);
	fetchtest_assert_sent(world, "Authorization", "Bearer abc.def");
	request.credential = "X-Key: k1";
	fetchtest_run(world, &request);
	fetchtest_assert_sent(world, "X-Key", "k1");
	fetchtest_assert_sent(world, "Authorization", NULL);
	request.credential = "nonsense";
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_AUTH);
	assert_null(strstr(world->answer.end.reason, "nonsense"));
	request.credential = NULL;
	request.header = "no header";
	assert_int_equal(
	    fetchtest_run(world, &request)->end.outcome, OUTCOME_BAD_URL);
}

/* The environment's proxy is not ours; the configured one is asked, and judged
 * literal addresses are refused before it is. */
static void
proxies(void **state)
{
	struct world *world = *state;
	struct request request = fetchtest_request_for(world, "127.0.0.1", "/hello");
	char proxy[64], *text;

	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
	unsetenv("http_proxy");
	snprintf(
	    proxy, sizeof(proxy), "http://127.0.0.1:%u", httpd_port(world->httpd));
	request.proxy = proxy;
	request.url = "http://feeds.example/x";
	request.allow_private = "no";
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
	text = httpd_last(world->httpd);
	assert_true(strncmp(text, "GET http://feeds.example/x ", 27) == 0);
	free(text);
	request.url = "http://10.0.0.1/x";
	assert_int_equal(
	    fetchtest_run(world, &request)->end.outcome, OUTCOME_FORBIDDEN_ADDRESS);
	request = fetchtest_request_for(world, "127.0.0.1", "/hello");
	request.proxy = "http://127.0.0.1:1";
	request.no_proxy = "example.org, 127.0.0.1";
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
}

/* -- TLS, with openssl's own server --------------------------------------------- */

struct tls {
	char dir[32], cert[64], key[64];
	pid_t pid;
	unsigned port;
	char *pem;
};

/* Runs `argv`, its output into `ret_fd` when that is not NULL. */
static pid_t
run_program(const char *const argv[], int *ret_fd)
{
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(ret_fd != NULL ? pipes[1] : null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(pipes[1]);
	if (ret_fd != NULL)
		*ret_fd = pipes[0];
	else
		close(pipes[0]);
	return pid;
}

static char *
slurp(const char *path)
{
	char *text = xcalloc(1, 65536);
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

/* A certificate for "localhost" that nobody has signed, and a server with it.
 * False: there is no openssl here. */
static bool
tls_start(struct tls *tls)
{
	const char *make[] = {"openssl", "req", "-x509", "-newkey", "rsa:2048",
	    "-nodes", "-keyout", tls->key, "-out", tls->cert, "-days", "2", "-subj",
	    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", NULL};
	const char *serve[] = {"openssl", "s_server", "-accept", "127.0.0.1:0",
	    "-key", tls->key, "-cert", tls->cert, "-www", NULL};
	char line[256] = "";
	int status, fd;
	FILE *out;

	strcpy(tls->dir, "/tmp/gazetted-test-XXXXXX");
	assert_non_null(mkdtemp(tls->dir));
	snprintf(tls->cert, sizeof(tls->cert), "%s/cert.pem", tls->dir);
	snprintf(tls->key, sizeof(tls->key), "%s/key.pem", tls->dir);
	assert_true(waitpid(run_program(make, NULL), &status, 0) > 0);
	if (status != 0)
		return false;
	tls->pem = slurp(tls->cert);
	tls->pid = run_program(serve, &fd);
	out = fdopen(fd, "r");
	while (tls->port == 0 && fgets(line, sizeof(line), out) != NULL)
		(void)sscanf(line, "ACCEPT 127.0.0.1:%u", &tls->port);
	fclose(out);
	return tls->port != 0;
}

static void
tls_stop(struct tls *tls)
{
	if (tls->pid > 0) {
		kill(tls->pid, SIGKILL);
		waitpid(tls->pid, NULL, 0);
	}
	unlink(tls->cert);
	unlink(tls->key);
	rmdir(tls->dir);
	free(tls->pem);
}

static void
certificates(void **state)
{
	struct world *world = *state;
	struct request request = {.allow_private = "yes", .timeout = 20000};
	struct tls tls = {.pid = -1};
	struct answer *answer;
	char url[64];

	if (!tls_start(&tls)) {
		tls_stop(&tls);
		print_message("# there is no openssl here\n");
		skip();
	}
	snprintf(url, sizeof(url), "https://localhost:%u/", tls.port);
	request.url = url;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TLS);
	assert_non_null(
	    strstr(answer->end.reason, "certificate of localhost: self"));
	assert_false(answer->has_head);
	request.ca_pem = tls.pem;
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_OK);
	assert_int_equal(answer->head.status, 200);
	/* Known, but under another name. */
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", tls.port);
	answer = fetchtest_run(world, &request);
	assert_int_equal(answer->end.outcome, OUTCOME_TLS);
	assert_non_null(strstr(answer->end.reason, "127.0.0.1"));
	request.ca_pem = NULL;
	request.insecure = true;
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_OK);
	/* What was let through for one feed is not for the next. */
	request.insecure = false;
	assert_int_equal(fetchtest_run(world, &request)->end.outcome, OUTCOME_TLS);
	tls_stop(&tls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(places),
	    TEST(paused_and_waiting),
	    TEST(places_all_taken),
	    cmocka_unit_test(hosts_file),
	    TEST(gate_refuses),
	    TEST(gate_on_reuse),
	    TEST(names),
	    TEST(no_thread),
	    TEST(refused),
	    TEST(bad_urls),
	    TEST(what_a_feed_adds),
	    TEST(proxies),
	    TEST(certificates),
	};

	return CHECK_RUN(tests);
}
