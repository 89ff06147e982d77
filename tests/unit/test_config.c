/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "config/config.h"
#include "config/keys.h"

/* Faults as "FILE:LINE: message" lines. */
static void
note(const char *file, unsigned line, const char *message, void *arg)
{
	struct buf *faults = arg;

	buf_printf(faults, "%s:%u: %s\n", file, line, message);
}

static struct settings *
must_parse(const char *text)
{
	struct settings *settings = NULL;
	struct buf faults = {0};

	if (config_parse("c", text, strlen(text), note, &faults, &settings) < 0)
		fail_msg("%s", buf_text(&faults));
	assert_int_equal(faults.len, 0);
	return settings;
}

/* The one fault that `text` has: its line, and words of its message. */
static void
check_fault(const char *text, unsigned line, const char *words)
{
	struct settings *settings = NULL;
	struct buf faults = {0};
	char start[32];
	int r;

	r = config_parse("c", text, strlen(text), note, &faults, &settings);
	if (r != -EINVAL)
		fail_msg("taken: %s", text);
	snprintf(start, sizeof(start), "c:%u: ", line);
	if (strncmp(buf_text(&faults), start, strlen(start)) != 0 ||
	    strstr(faults.data, words) == NULL ||
	    strchr(faults.data, '\n') != faults.data + faults.len - 1)
		fail_msg("%s\nis told as: %s", text, faults.data);
	buf_done(&faults);
}

static void
test_defaults(void **state)
{
	struct settings *s = must_parse("");

	(void)state;
	assert_int_equal(s->concurrency, 64);
	assert_int_equal(s->per_host, 1);
	assert_int_equal(s->per_host_pause, 1000);
	assert_int_equal(s->fetch.max_body, 32 << 20);
	assert_int_equal(s->fetch.timeout, 60000);
	assert_string_equal(s->fetch.allow_private, "no");
	assert_null(s->per_feed_limits);
	assert_int_equal(s->interval, 0);
	assert_int_equal(s->min_interval, 15 * MSEC_PER_MIN);
	assert_int_equal(s->max_interval, MSEC_PER_DAY);
	assert_int_equal(s->first_interval, MSEC_PER_HOUR);
	assert_int_equal(s->log_level, LOG_LEVEL_INFO);
	assert_string_equal(s->admin_group, "gazette-admin");
	assert_int_equal(s->dup_level, 3);
	assert_int_equal(s->feed_count, 0);
	config_free(s);
}

static void
test_example(void **state)
{
	static const char text[] = "\xEF\xBB\xBF# a comment\r\n"
				   "[fetch]   # another\r\n"
				   "user-agent-contact = https://example.org/about\n"
				   "  concurrency=16\n"
				   "max-body = 16M   # decoded\n"
				   "allow-private = 10.1.0.0/16 nas:80\n"
				   "allow-private = [::1]:8080\n"
				   "per-feed-limits =\n"
				   "[schedule]\n"
				   "interval = 30min\n"
				   "min-interval = 1min\n"
				   "max-interval = 1h30min\n"
				   "[feed fortune]\n"
				   "url = https://fortune.com/feed/#top\n"
				   "tags = business\tai\n"
				   "interval = 1h\n"
				   "title = \"Fortune # 500\"\n"
				   "[feed its.foss]\n"
				   "url = 'https://itsfoss.com/feed/'\n"
				   "title = It's FOSS # trimmed\n"
				   "enabled = no\n"
				   "interval = learn\n"
				   "allow-private = yes\n"
				   "[rate reddit.com]\n"
				   "pause = 60s\n"
				   "[control]\n"
				   "max-clients = 10\n"
				   "max-clients-per-uid = 5\n"
				   "[dedup]\n"
				   "level = 1\n"
				   "[daemon]\n"
				   "log-level = debug";
	struct settings *s = must_parse(text);

	(void)state;
	assert_string_equal(s->user_agent_contact, "https://example.org/about");
	assert_int_equal(s->concurrency, 16);
	assert_int_equal(s->fetch.max_body, 16 << 20);
	assert_string_equal(s->fetch.allow_private, "10.1.0.0/16 nas:80 [::1]:8080");
	assert_string_equal(s->per_feed_limits, "");
	assert_int_equal(s->interval, 30 * MSEC_PER_MIN);
	assert_int_equal(s->max_interval, 90 * MSEC_PER_MIN);
	assert_int_equal(s->feed_count, 2);
	assert_string_equal(s->feeds[0].name, "fortune");
	assert_string_equal(s->feeds[0].url, "https://fortune.com/feed/#top");
	assert_string_equal(s->feeds[0].origin, "c:13");
	assert_int_equal(s->feeds[0].tag_count, 2);
	assert_string_equal(s->feeds[0].tags[1], "ai");
	assert_true(s->feeds[0].options.has_interval);
	assert_int_equal(s->feeds[0].options.interval, MSEC_PER_HOUR);
	assert_string_equal(s->feeds[0].options.title, "Fortune # 500");
	assert_int_equal(s->feeds[0].options.dup_level, -1);
	assert_string_equal(s->feeds[1].url, "https://itsfoss.com/feed/");
	assert_string_equal(s->feeds[1].options.title, "It's FOSS");
	assert_true(s->feeds[1].options.disabled);
	assert_true(s->feeds[1].options.has_interval);
	assert_int_equal(s->feeds[1].options.interval, 0);
	assert_string_equal(s->feeds[1].options.allow_private, "yes");
	assert_int_equal(s->rate_count, 1);
	assert_string_equal(s->rates[0].name, "reddit.com");
	assert_int_equal(s->rates[0].pause, 60000);
	assert_int_equal(s->max_clients, 10);
	assert_int_equal(s->dup_level, 1);
	assert_int_equal(s->log_level, LOG_LEVEL_DEBUG);
	config_free(s);
}

/* The same section again merges; a scalar replaces, a list adds, nothing clears. */
static void
test_merge(void **state)
{
	static const char text[] = "[feed a]\nurl = http://a/\ntags = x y\n"
				   "interval = 1h\ntitle = A\n"
				   "[schedule]\nmax-interval = 2h\n"
				   "[feed b]\nurl = http://b/\ntags = x\ntags =\n"
				   "[feed a]\ntags = y z\ntitle =\ninterval =\n"
				   "[schedule]\nmax-interval =\n"
				   "[fetch]\nallow-private = yes\n"
				   "allow-private = 10.0.0.0/8\nallow-private =\n"
				   "per-feed-limits = a.example\n"
				   "per-feed-limits = b.example\n";
	struct settings *s = must_parse(text);

	(void)state;
	assert_int_equal(s->feed_count, 2);
	assert_int_equal(s->feeds[0].tag_count, 3);
	assert_string_equal(s->feeds[0].tags[2], "z");
	assert_null(s->feeds[0].options.title);
	assert_false(s->feeds[0].options.has_interval);
	assert_string_equal(s->feeds[0].origin, "c:1");
	assert_int_equal(s->feeds[1].tag_count, 0);
	assert_int_equal(s->max_interval, MSEC_PER_DAY);
	assert_string_equal(s->fetch.allow_private, "no");
	assert_string_equal(s->per_feed_limits, "a.example b.example");
	config_free(s);
}

/* A polling run's settings: everything in seconds. */
static void
test_fast(void **state)
{
	struct settings *s = must_parse("[schedule]\nfirst-interval = 4s\n"
					"min-interval = 4s\nmax-interval = 80s\n"
					"unconditional = 4.5s\nlearn-after = 0s\n"
					"start-spread = 4s\n[fetch]\n"
					"per-host = 64\n"
					"per-host-pause = 200ms\n");

	(void)state;
	assert_int_equal(s->min_interval, 4000);
	assert_int_equal(s->unconditional, 4500);
	assert_int_equal(s->per_host, 64);
	assert_int_equal(s->per_host_pause, 200);
	config_free(s);
	/* The default first interval keeps to the limits that were set. */
	s = must_parse("[schedule]\nmin-interval = 2s\nmax-interval = 30min\n");
	assert_int_equal(s->first_interval, 30 * MSEC_PER_MIN);
	config_free(s);
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *words;
	} cases[] = {
	    {"url = x", 1, "before any section"},
	    {"\n[fech]\nx = 1\ny = 2", 2, "did you mean fetch?"},
	    {"[nonsense]", 1, "there are fetch schedule"},
	    {"[fetch", 1, "no ']'"},
	    {"[fetch] x", 1, "nothing but a comment"},
	    {"[fetch all]", 1, "takes no name"},
	    {"[feed]\nurl = http://a/", 1, "write [feed NAME]"},
	    {"[feed 12]\nurl = http://a/", 1, "not digits alone"},
	    {"[feed a b]\nurl = http://a/", 1, "this name cannot be"},
	    {"[feed a]\nurl = http://a/\nintervall = 1h", 3,
		"did you mean interval?"},
	    {"[feed a]\nurl = http://a/\nconcurrency = 3", 3,
		"belongs into [fetch]"},
	    {"[fetch]\nconcurrency", 2, "write key = value"},
	    {"; old comment", 1, "begins with #"},
	    {"[fetch]\n= 3", 2, "a key expected"},
	    {"[feed a]\nurl = http://a/\ntitle = \"open", 3, "never closes"},
	    {"[fetch]\nconcurrency = 0", 2, "from 1 to 1024"},
	    {"[fetch]\nconcurrency = many", 2, "whole number"},
	    {"[fetch]\nconcurrency = 99999999999999999999", 2, "whole number"},
	    {"[fetch]\nmax-body = 16MB", 2, "such as 16M"},
	    {"[fetch]\nmax-body = 9999999999999G", 2, "to 64M"},
	    {"[fetch]\ntimeout = 5 parsecs", 2, "a duration such as"},
	    {"[fetch]\ntimeout = 0", 2, "it can be from"},
	    {"[fetch]\ntimeout = 2000y", 2, "duration"},
	    {"[schedule]\ninterval = often", 2, "write learn, or"},
	    {"[feed a]\nurl = http://a/\nenabled = maybe", 3, "yes or no"},
	    {"[daemon]\nlog-level = loud", 2, "error, warning"},
	    {"[feed a]\nurl = ftp://a/", 2, "http:// or https://"},
	    {"[feed a]\nurl = a.example/feed", 2, "http:// or https://"},
	    {"[feed a]\nurl = http://a/ b", 2, "%20"},
	    {"[feed a]\nurl = https://me:pw@a/", 2, "credential"},
	    {"[feed a]\ntags = x", 1, "has no url"},
	    {"[feed a]\nurl = http://a/\ntags = a,b", 3, "blanks between"},
	    {"[feed a]\nurl = http://a/\ntags = x starred", 3, "a state"},
	    {"[fetch]\nallow-private = 10.0.0.0/33", 2, "no network"},
	    {"[fetch]\nallow-private = 10.0.0.1", 2, "no network"},
	    {"[fetch]\nallow-private = nas:99999", 2, "no network"},
	    {"[fetch]\nallow-private = ::1:80", 2, "no network"},
	    {"[fetch]\nper-feed-limits = http://x/", 2, "no host"},
	    {"[fetch]\nuser-agent = a\xC3\xA4", 2, "ASCII"},
	    {"[fetch]\n# fine\nmax-items = \x01", 3, "whole number"},
	    {"[control]\ngroup = a/b", 2, "a name is"},
	    {"[rate]\npause = 1s", 1, "needs a name"},
	    {"[rate a/b]\npause = 1s", 1, "a host"},
	    {"[rate a.example]", 1, "has no pause"},
	    {"[fetch]\nconcurrency = \xFF", 2, "UTF-8"},
	    /* What belongs together */
	    {"[schedule]\nmin-interval = 2d", 2, "above max-interval"},
	    {"[schedule]\nmax-interval = 5min", 2, "above max-interval"},
	    {"[schedule]\ninterval = 1min", 2, "is above interval"},
	    {"[schedule]\nfirst-interval = 2d", 2, "above max-interval"},
	    {"[feed a]\nurl = http://a/\ninterval = 5min", 3,
		"min-interval of its own"},
	    {"[control]\nmax-clients = 10", 2, "max-clients-per-uid"},
	    {"[fetch]\nconcurrency = 2\nper-host = 4", 3, "lower it"},
	    /* What this version does not have, once it is right in itself */
	    {"[dedup]\nlevel = 4", 2, "from 0 to 3"},
	    {"[dedup]\nread = some", 2, "all copy url off"},
	    {"[dedup]\nwindow = 1s", 2, "1h"},
	    {"[feed a]\nurl = http://a/\ndup-level = 4", 3, "from 0 to 3"},
	    {"[feed a]\nurl = http://a/\nedits = loud", 3, "silent significant"},
	    {"[daemon]\nmetrics-file = /x", 2, "not available"},
	    {"[daemon]\nmetrics-file = x", 2, "a path from /"},
	    {"[fetch]\nproxy = localhost:9050", 2, "write http://HOST:PORT"},
	    {"[feed a]\nurl = http://a/\nheader = Host: x", 3, "own"},
	    {"[fetch]\nheader = authorization: Bearer x", 2, "credential = NAME"},
	    {"[feed a]\nurl = http://a/\nidentity = x", 3, "auto guid link"},
	    {"[retention]\nkeep = forever when is:starred\nkeep = 90d\n"
	     "keep = 500/feed",
		1, "[retention] is not available in this version"},
	    {"[query security]\nquery = tag:linux [ title~'CVE-\\d+' or "
	     "\"security update\" ]",
		1, "[query] is not available in this version"},
	    {"[rule openai]\nwhen = title:openai\nthen = +ai -x read stop\n"
	     "until = 2027-01-01",
		1, "[rule] is not available in this version"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_fault(cases[i].text, cases[i].line, cases[i].words);
}

/* Every fault in one pass, in order, those of sections refused as a whole too. */
static void
test_all_faults(void **state)
{
	static const char text[] = "[schedule]\n"
				   "min-interval = 2d\n"
				   "[query x]\n"
				   "query = tagg:x\n"
				   "[retention]\n"
				   "keep = some when x\n"
				   "[rule r]\n"
				   "then = explode\n"
				   "[fetch]\n"
				   "concurrency = x\n";
	static const unsigned lines[] = {2, 3, 4, 5, 6, 7, 8, 10};
	struct settings *settings = NULL;
	struct buf faults = {0};
	const char *at;
	char start[16];
	size_t i;

	(void)state;
	assert_int_equal(
	    config_parse("c", text, strlen(text), note, &faults, &settings),
	    -EINVAL);
	assert_null(settings);
	for (i = 0, at = faults.data; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(start, sizeof(start), "c:%u: ", lines[i]);
		if (strncmp(at, start, strlen(start)) != 0)
			fail_msg("expected %s in:\n%s", start, faults.data);
		at = strchr(at, '\n') + 1;
	}
	assert_int_equal(*at, '\0');
	assert_non_null(strstr(faults.data, "did you mean tag?"));
	buf_done(&faults);
}

static void
count_faults(const char *file, unsigned line, const char *message, void *arg)
{
	(void)file;
	(void)line;
	(void)message;
	++*(unsigned *)arg;
}

static void
test_many(void **state)
{
	struct settings *settings = NULL;
	struct buf text = {0};
	unsigned i, faults = 0;

	(void)state;
	for (i = 0; i < 20000; i++)
		buf_printf(&text,
		    "[feed f%u]\nurl = http://h%u.example/\ntags = t%u\n", i, i,
		    i % 7);
	settings = must_parse(text.data);
	assert_int_equal(settings->feed_count, 20000);
	assert_string_equal(settings->feeds[19999].name, "f19999");
	config_free(settings);

	buf_reset(&text);
	for (i = 0; i < 5000; i++)
		buf_puts(&text, "nonsense\n");
	assert_int_equal(
	    config_parse("c", text.data, text.len, count_faults, &faults, &settings),
	    -EINVAL);
	assert_int_equal(faults, LIMIT_CONFIG_FAULTS + 1);

	buf_reset(&text);
	buf_puts(&text, "[feed a]\nurl = http://a/\ntitle = ");
	for (i = 0; i <= LIMIT_CONFIG_LINE; i++)
		buf_putc(&text, 'x');
	check_fault(text.data, 3, "too long");
	buf_reset(&text);
	buf_puts(&text, "[feed a]\nurl = http://a/\ntags =");
	for (i = 0; i <= LIMIT_CONFIG_LIST; i++)
		buf_printf(&text, " t%u", i);
	check_fault(text.data, 3, "too many");
	buf_reset(&text);
	buf_add(&text, "[fetch]\ncon\0currency = 1\n", 25);
	faults = 0;
	assert_int_equal(
	    config_parse("c", text.data, text.len, count_faults, &faults, &settings),
	    -EINVAL);
	assert_int_equal(faults, 1);
	buf_done(&text);
}

static void
write_file(const char *directory, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void
remove_all(const char *directory)
{
	char *const argv[] = {(char *)"rm", (char *)"-rf", (char *)directory, NULL};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
make_directory(char path[32])
{
	strcpy(path, "/tmp/test-config-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static void
test_files(void **state)
{
	struct settings *s = NULL;
	struct buf faults = {0};
	char dir[32], file[64], drop_ins[128];

	(void)state;
	make_directory(dir);
	snprintf(file, sizeof(file), "%s/g.conf", dir);
	snprintf(drop_ins, sizeof(drop_ins), "%s.d", file);
	assert_int_equal(config_read(file, true, note, &faults, &s), -EINVAL);
	assert_non_null(
	    strstr(faults.data, "g.conf:0: cannot be read: No such file"));
	buf_reset(&faults);
	assert_int_equal(config_read(file, false, note, &faults, &s), 0);
	assert_int_equal(s->file_count, 0);
	config_free(s);

	write_file(dir, "g.conf", "[feed a]\nurl = http://a/\ntags = one\n");
	assert_int_equal(mkdir(drop_ins, 0755), 0);
	write_file(
	    drop_ins, "20-b.conf", "[feed a]\ntags = three\nurl = http://c/\n");
	write_file(drop_ins, "10-a.conf",
	    "[feed a]\ntags = two\nurl = http://b/\n[feed b]\nurl = http://d/\n");
	write_file(drop_ins, ".hidden.conf", "nonsense\n");
	write_file(drop_ins, "README", "nonsense\n");
	write_file(drop_ins, ".conf", "nonsense\n");
	assert_int_equal(config_read(file, true, note, &faults, &s), 0);
	assert_int_equal(s->file_count, 3);
	assert_string_equal(s->files[0], file);
	assert_non_null(strstr(s->files[1], "10-a.conf"));
	assert_int_equal(s->feed_count, 2);
	assert_string_equal(s->feeds[0].url, "http://c/");
	assert_int_equal(s->feeds[0].tag_count, 3);
	assert_string_equal(s->feeds[0].tags[2], "three");
	assert_non_null(strstr(s->feeds[0].origin, "g.conf:1"));
	assert_non_null(strstr(s->feeds[1].origin, "10-a.conf:4"));
	config_free(s);

	/* Faults of several files, in the order in which they are read. */
	write_file(drop_ins, "10-a.conf", "\n[fetch]\nx = 1\n");
	write_file(drop_ins, "20-b.conf", "key = 1\n");
	assert_int_equal(mkdir(strcat(drop_ins, "/30.conf"), 0755), 0);
	assert_int_equal(config_read(file, true, note, &faults, &s), -EINVAL);
	assert_non_null(strstr(faults.data, "10-a.conf:3: "));
	assert_true(strstr(faults.data, "20-b.conf:1: ") >
	    strstr(faults.data, "10-a.conf:3: "));
	assert_true(strstr(faults.data, "30.conf:0: cannot be read") >
	    strstr(faults.data, "20-b.conf:1: "));
	buf_done(&faults);
	remove_all(dir);
}

/* As another user, for root may read everything.  0: the fault was told. */
static int
read_as_nobody(const char *file)
{
	struct settings *s;
	struct buf faults = {0};

	if (getuid() == 0 && (setgroups(0, NULL) < 0 || setuid(65534) < 0))
		return 2;
	if (config_read(file, true, note, &faults, &s) != -EINVAL)
		return 3;
	return strstr(faults.data, "let gazetted's user read it") == NULL;
}

static void
test_unreadable(void **state)
{
	char dir[32], file[64];
	int status;
	pid_t pid;

	(void)state;
	make_directory(dir);
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(file, sizeof(file), "%s/g.conf", dir);
	write_file(dir, "g.conf", "[fetch]\n");
	assert_int_equal(chmod(file, 0), 0);
	pid = fork();
	if (pid == 0)
		_exit(read_as_nobody(file));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	remove_all(dir);
}

static void
check_feed_key(const char *key, const char *value, int expected, const char *words)
{
	struct buf reason = {0};
	int r = config_check_feed_key(key, value, &reason);

	if (r != expected || strstr(buf_text(&reason), words) == NULL)
		fail_msg("%s = %s: %d: %s", key, value, r, buf_text(&reason));
	if (r == 0)
		assert_int_equal(reason.len, 0);
	buf_done(&reason);
}

static void
test_feed_keys(void **state)
{
	struct arena *arena = arena_new(4096);
	struct feed_options options;

	(void)state;
	check_feed_key("url", "https://a/", 0, "");
	check_feed_key("url", "file:///etc/passwd", -EINVAL, "http://");
	check_feed_key("tags", "a b/c", 0, "");
	check_feed_key("tags", "read", -EINVAL, "state");
	check_feed_key("interval", "learn", 0, "");
	check_feed_key("interval", "1", -EINVAL, "duration");
	check_feed_key("title", "", -EINVAL, "unset");
	check_feed_key("titel", "x", -EINVAL, "did you mean title?");
	check_feed_key("allow-private", "yes", -EPERM, "configuration file");
	check_feed_key("ca-file", "/x", -EPERM, "configuration file");
	check_feed_key("client-cert", "/x", -EPERM, "configuration file");
	check_feed_key("insecure", "yes", -EPERM, "configuration file");
	check_feed_key("cookie", "a=b", 0, "");

	config_init_options(&options);
	assert_int_equal(options.dup_level, -1);
	assert_int_equal(
	    config_apply_feed_key(&options, arena, "interval", "2h"), 0);
	assert_int_equal(config_apply_feed_key(&options, arena, "title", "T"), 0);
	assert_int_equal(config_apply_feed_key(&options, arena, "enabled", "no"), 0);
	assert_int_equal(
	    config_apply_feed_key(&options, arena, "url", "http://a/"), -ENOENT);
	assert_int_equal(
	    config_apply_feed_key(&options, arena, "timeout", "x"), -EINVAL);
	assert_true(options.has_interval && options.disabled);
	assert_int_equal(options.interval, 2 * MSEC_PER_HOUR);
	assert_string_equal(options.title, "T");
	arena_free(arena);
}

static void
test_names(void **state)
{
	char name[LIMIT_NAME_BYTES + 2];

	(void)state;
	assert_true(config_is_feed_name("lwn-2"));
	assert_true(config_is_feed_name("9to5mac"));
	assert_true(config_is_feed_name("a.b_c"));
	assert_false(config_is_feed_name(""));
	assert_false(config_is_feed_name("42"));
	assert_false(config_is_feed_name("a b"));
	assert_false(config_is_feed_name("caf\xC3\xA9"));
	memset(name, 'a', sizeof(name));
	name[LIMIT_NAME_BYTES + 1] = '\0';
	assert_false(config_is_feed_name(name));
	name[LIMIT_NAME_BYTES] = '\0';
	assert_true(config_is_feed_name(name));
	assert_true(config_is_tag("sec/web"));
	assert_false(config_is_tag("hidden"));
}

/* The file that is installed. */
static void
test_shipped(void **state)
{
	struct settings *s = NULL;
	struct buf faults = {0};

	(void)state;
	if (config_read(TEST_SRCDIR "/etc/gazetted.conf", true, note, &faults, &s) <
	    0)
		fail_msg("%s", faults.data);
	assert_true(s->feed_count >= 30);
	assert_string_equal(s->feeds[0].name, "fortune");
	config_free(s);
}

static char *
read_page(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) > 1000);
	fclose(file);
	return text;
}

/* gazetted.conf(5) has every key that there is. */
static void
test_manual(void **state)
{
	static const char *const names[] = {"fetch", "schedule", "retention",
	    "daemon", "control", "dedup", "feed", "rate", "query", "rule"};
	char *page = read_page(TEST_SRCDIR "/man/gazetted.conf.5"), word[64];
	const struct section *section;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		section = keys_section(names[i]);
		assert_non_null(section);
		snprintf(word, sizeof(word), "[%s", section->name);
		assert_non_null(strstr(page, word));
		for (k = 0; k < section->key_count; k++) {
			snprintf(word, sizeof(word), "Ic %s", section->keys[k].name);
			if (strstr(page, word) == NULL)
				fail_msg("[%s] %s is not in the manual",
				    section->name, section->keys[k].name);
		}
	}
	free(page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_example),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_fast),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_all_faults),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_feed_keys),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_shipped),
	    cmocka_unit_test(test_manual),
	};

	return CHECK_RUN(tests);
}
