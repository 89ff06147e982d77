/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/heap.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/map.h"
#include "base/unicode.h"
#include "base/url.h"

static void
arena_stops_at_its_limit(void **state)
{
	struct arena *arena = arena_new(10000);

	(void)state;
	assert_non_null(arena_alloc(arena, 5000));
	assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	assert_false(arena_is_full(arena));
	assert_null(arena_alloc(arena, 6000));
	assert_null(arena_alloc(arena, SIZE_MAX - 4));
	assert_true(arena_is_full(arena));
	assert_non_null(arena_dup(arena, "abc", 3));
	assert_true(arena_used(arena) <= 10000);
	arena_free(arena);
}

static void
arena_keeps_what_it_gave(void **state)
{
	struct arena *arena = arena_new(1 << 24);
	char *text[2000];
	int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		text[i] = arena_printf(arena, "%d", i);
		memset(arena_alloc(arena, (size_t)(i * 37) % 9000), 0xAA,
		    (size_t)(i * 37) % 9000);
	}
	for (i = 0; i < 2000; i++)
		assert_int_equal(atoi(text[i]), i);
	arena_free(arena);
}

static void
clock_reads_what_it_writes(void **state)
{
	static const struct {
		const char *text, *back;
		int error;
	} cases[] = {
	    {"2026-11-23T08:15:02.123Z", "2026-11-23T08:15:02.123Z", 0},
	    {"1969-12-31t23:59:59z", "1969-12-31T23:59:59.000Z", 0},
	    {"2000-02-29 00:00:00+02:00", "2000-02-28T22:00:00.000Z", 0},
	    {"2026-02-29T00:00:00Z", NULL, -EINVAL},
	    {"2026-13-01T00:00:00Z", NULL, -EINVAL},
	    {"2026-01-01T24:00:00Z", NULL, -EINVAL},
	    {"2026-01-01", NULL, -EINVAL},
	    {"2026-01-01T00:00:00", NULL, -EINVAL},
	    {"", NULL, -EINVAL},
	};
	char text[CLOCK_TEXT];
	msec_t wall;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(clock_parse(cases[i].text, &wall), cases[i].error);
		if (cases[i].error == 0)
			assert_string_equal(clock_format(wall, text), cases[i].back);
	}
}

static void
clock_knows_durations(void **state)
{
	static const struct {
		const char *text;
		msec_t msec;
	} good[] = {{"0", 0}, {"200ms", 200}, {"90s", 90000}, {"15min", 900000},
	    {"1h", 3600000}, {"7d", 604800000}, {"1h30min", 5400000},
	    {"0.5h", 1800000}};
	static const char *const bad[] = {
	    "", "5", "-1s", "1y", "h", "1 h x", "1e9d", "99999999999d"};
	char text[CLOCK_TEXT];
	msec_t msec;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(clock_duration_parse(good[i].text, &msec), 0);
		assert_int_equal(msec, good[i].msec);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(clock_duration_parse(bad[i], &msec), 0);
	assert_string_equal(clock_duration_format(192000, text), "3m 12s");
	assert_string_equal(clock_duration_format(3840000, text), "1h 04m");
	assert_string_equal(clock_duration_format(453600000, text), "5d 6h");
}

static void
heap_gives_the_smallest(void **state)
{
	struct heap heap = {0};
	struct heap_node node[500] = {0};
	int64_t before = -1;
	unsigned seed = 7;
	int i;

	(void)state;
	for (i = 0; i < 500; i++)
		heap_put(&heap, &node[i], (seed = seed * 1103515245 + 12345) >> 8);
	for (i = 0; i < 500; i += 3)
		heap_put(&heap, &node[i], (seed = seed * 1103515245 + 12345) >> 8);
	for (i = 0; i < 500; i += 7)
		heap_remove(&heap, &node[i]);
	for (i = 0; heap_first(&heap) != NULL; i++) {
		assert_true(heap_first(&heap)->key >= before);
		before = heap_first(&heap)->key;
		heap_remove(&heap, heap_first(&heap));
	}
	assert_int_equal(i, 500 - 72);
	heap_done(&heap);
}

static void
map_walks_while_removing(void **state)
{
	struct map *map = map_new();
	int value[1000], i, seen = 0, *v;
	size_t place = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		value[i] = i;
		assert_null(map_put_id(map, i, &value[i]));
	}
	assert_ptr_equal(map_put_id(map, 5, &value[5]), &value[5]);
	while ((v = map_next(map, &place)) != NULL) {
		seen++;
		if (*v % 2 == 0)
			assert_ptr_equal(map_remove_id(map, *v), v);
	}
	assert_int_equal(seen, 1000);
	assert_int_equal(map_count(map), 500);
	assert_null(map_find_id(map, 4));
	assert_ptr_equal(map_find_id(map, 7), &value[7]);
	map_free(map);
}

static void
json_is_one_clean_line(void **state)
{
	struct buf out = {0};
	struct jsonw w;

	(void)state;
	jsonw_init(&w, &out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "a", "x\n\"\\\x01\x7f\xC2\x9D\xE2\x82\xAC\xFF");
	jsonw_text(&w, "none", NULL);
	jsonw_array(&w, "l");
	jsonw_int(&w, NULL, -3);
	jsonw_double(&w, NULL, 0.1);
	jsonw_bool(&w, NULL, true);
	jsonw_close(&w);
	jsonw_time(&w, "t", 1000);
	jsonw_close(&w);
	assert_string_equal(out.data,
	    "{\"a\":\"x\\n\\\"\\\\\\u0001\\u007f\\u009d\xE2\x82\xAC\xEF\xBF\xBD\","
	    "\"l\":[-3,0.1,true],\"t\":\"1970-01-01T00:00:01.000Z\"}");
	buf_done(&out);
}

static void
unicode_repairs(void **state)
{
	static const char *const cases[][2] = {
	    {"ok \xE2\x82\xAC", "ok \xE2\x82\xAC"},
	    {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
	    {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
	    {"a\xE2\x82", "a\xEF\xBF\xBD"},
	    {"\xF0\x9F\x98z", "\xEF\xBF\xBDz"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		unicode_repair(&out, cases[i][0], strlen(cases[i][0]));
		assert_string_equal(buf_text(&out), cases[i][1]);
		assert_true(unicode_is_valid(out.data, out.len));
	}
	buf_reset(&out);
	assert_true(unicode_fold(&out, "\xC3\x84rger", 6));
	assert_string_equal(out.data, "arger");
	buf_done(&out);
}

static void
log_quote_tames(void **state)
{
	char out[LOG_QUOTE], longer[1000];

	(void)state;
	assert_string_equal(log_quote("a\x1b]0;x\x07\xE2\x80\xAEz\xFF", out),
	    "a\\x1b]0;x\\x07\\u202ez\\xff");
	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_true(strlen(log_quote(longer, out)) < LOG_QUOTE);
}

static void
url_resolves(void **state)
{
	static const char *const cases[][3] = {
	    {"http://a.example/b/c?d", "e", "http://a.example/b/e"},
	    {"http://a.example/b/c", "/x", "http://a.example/x"},
	    {"http://a.example/b/c", "//o.example/x", "http://o.example/x"},
	    {"http://a.example/b/c", "http://o.example/%7Ex?y#z",
		"http://o.example/%7Ex?y#z"},
	    {NULL, "http://o.example/", "http://o.example/"},
	    {NULL, "x", NULL},
	    {"http://a.example/b", "mailto:x@y", "mailto:x@y"},
	    {"http://a.example/b", " \n x\ny ", "http://a.example/xy"},
	    /* Plain ones and their neighbours: the same rules for all. */
	    {"http://a.example/b", "https://o.example", "https://o.example"},
	    {"http://a.example/b", "http://o.example:80/", "http://o.example:80/"},
	    {"http://a.example/b", "http://o.example/a\tb", "http://o.example/ab"},
	    {"http://a.example/b", "http://o.example/a b", "http://o.example/a b"},
	    {"http://a.example/b", "http://", NULL},
	    {"http://a.example/b", "http:x", "http://a.example/x"},
	    {NULL, "http:x", NULL},
	    {"http://a.example/dir/x?q#old", "#a", "http://a.example/dir/x?q#a"},
	    {"http://a.example", "#a", "http://a.example/#a"},
	    {NULL, "#a", NULL},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		assert_int_equal(url_resolve(cases[i][0], cases[i][1], &out),
		    cases[i][2] != NULL ? 0 : -EINVAL);
		assert_string_equal(
		    buf_text(&out), cases[i][2] != NULL ? cases[i][2] : "");
	}
	buf_reset(&out);
	assert_int_equal(url_origin("HTTPS://u:p@Example.ORG./x", &out), 0);
	assert_string_equal(out.data, "https://example.org:443");
	buf_reset(&out);
	assert_int_equal(url_without_userinfo("http://u:p@h/x@y", &out), 0);
	assert_string_equal(out.data, "http://h/x@y");
	buf_reset(&out);
	url_asked("HTTP://Me:P@Host.Example/A?b=C#d", &out);
	assert_string_equal(out.data, "http://host.example/A?b=C");
	buf_reset(&out);
	url_asked("http://Host:80#d/", &out);
	assert_string_equal(out.data, "http://host/");
	buf_reset(&out);
	url_asked("https://[::80]:443?q", &out);
	assert_string_equal(out.data, "https://[::80]/?q");
	buf_reset(&out);
	url_asked("https://host:80/", &out);
	assert_string_equal(out.data, "https://host:80/");
	assert_true(url_is_http("http://x/"));
	assert_false(url_is_http("file:///etc/passwd"));
	assert_false(url_is_http("http:"));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arena_stops_at_its_limit),
	    cmocka_unit_test(arena_keeps_what_it_gave),
	    cmocka_unit_test(clock_reads_what_it_writes),
	    cmocka_unit_test(clock_knows_durations),
	    cmocka_unit_test(heap_gives_the_smallest),
	    cmocka_unit_test(map_walks_while_removing),
	    cmocka_unit_test(json_is_one_clean_line),
	    cmocka_unit_test(unicode_repairs),
	    cmocka_unit_test(log_quote_tames),
	    cmocka_unit_test(url_resolves),
	};

	return CHECK_RUN(tests);
}
