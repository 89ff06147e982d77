/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "parse/builder.h"
#include "parse/jsoncut.h"
#include "parse/parse.h"

static void
test_people(void **state)
{
	static const struct {
		const char *text, *name, *email;
	} cases[] = {
	    {"ann@a.example (Ann)", "Ann", "ann@a.example"},
	    {"Ann <ann@a.example>", "Ann", "ann@a.example"},
	    {"Ann (ann@a.example)", "Ann", "ann@a.example"},
	    {"\"Ann B\" <ann@a.example>", "Ann B", "ann@a.example"},
	    {"mailto:ann@a.example", NULL, "ann@a.example"},
	    {"ann@a.example", NULL, "ann@a.example"},
	    {"Ann (the editor)", "Ann (the editor)", NULL},
	    {"me @ home", "me @ home", NULL},
	};
	struct arena *arena = arena_new(1 << 20);
	struct person *person;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		person = people_parse(arena, cases[i].text);
		assert_non_null(person);
		if (cases[i].name == NULL)
			assert_null(person->name);
		else
			assert_string_equal(person->name, cases[i].name);
		if (cases[i].email == NULL)
			assert_null(person->email);
		else
			assert_string_equal(person->email, cases[i].email);
	}
	arena_free(arena);
}

static void
test_namespaces(void **state)
{
	(void)state;
	assert_int_equal(ns_from_uri("http://www.w3.org/2005/Atom"), NS_ATOM10);
	assert_int_equal(ns_from_uri("HTTPS://WWW.W3.ORG/2005/atom/"), NS_ATOM10);
	assert_int_equal(ns_from_uri("http://purl.org/dc/elements/1.1"), NS_DC);
	assert_int_equal(ns_from_uri("http://search.yahoo.com/mrss/"), NS_MEDIA);
	assert_int_equal(ns_from_uri("http://example.org/atom"), NS_FOREIGN);
	assert_int_equal(ns_from_uri(""), NS_NONE);
	assert_int_equal(ns_from_prefix("ITunes", 6), NS_ITUNES);
	assert_int_equal(ns_from_prefix("x", 1), NS_FOREIGN);
}

/* name.c finds the further rows of a name behind the first. */
static void
test_table(void **state)
{
	const struct element *a, *b;

	(void)state;
	for (size_t i = 0; i < elements_count; i++) {
		a = &elements[i];
		for (const char *c = a->name; *c != '\0'; c++)
			assert_false(*c >= 'A' && *c <= 'Z');
		for (size_t j = i + 1; j < elements_count; j++) {
			b = &elements[j];
			if (a->ns != b->ns || strcmp(a->name, b->name) != 0)
				continue;
			assert_int_equal(a->where & b->where, 0);
			for (size_t k = i; k < j; k++)
				assert_string_equal(elements[k].name, a->name);
		}
	}
	assert_true(elements_count * 2 < BUILDER_SLOTS);
}

static void
test_mend(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
	    {"{\"a\": 1}", "{\"a\":\"\\u00011\"}"},
	    {"[12345678901234567890, -1e400]",
		"[\"\\u000112345678901234567890\",\"\\u0001-1e400\"]"},
	    {"\"\\ud800x\"", "\"\\ufffdx\""},
	    {"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""},
	    {"\"\\u0000\\u0007a\"", "\"a\""},
	    {"\"a\tb\nc\"", "\"a\\tb\\nc\""},
	    {"[1,]", "[\"\\u00011\"]"},
	    {"[NaN, undefined, true]", "[null,null,true]"},
	    {"\"\\'\"", "\"'\""},
	};
	struct buf out = {0}, deep = {0};
	bool mended = false;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		assert_true(jsoncut_mend(
		    cases[i].from, strlen(cases[i].from), &out, &mended));
		assert_string_equal(buf_text(&out), cases[i].to);
	}
	buf_reset(&out);
	for (int i = 0; i < LIMIT_JSON_DEPTH + 1; i++)
		buf_putc(&out, '[');
	assert_false(jsoncut_mend(out.data, out.len, &deep, &mended));
	buf_done(&out);
	buf_done(&deep);
}

struct cuts {
	unsigned count, whole;
};

static bool
count_element(void *arg, const char *value, size_t size, bool whole)
{
	struct cuts *cuts = arg;

	assert_true(size > 0 && value != NULL);
	cuts->count++;
	cuts->whole += whole;
	return true;
}

static void
test_cut(void **state)
{
	static const char list[] = " [{\"a\":\"}]\\\"\"}, 1, \"x,y\", [[]], {\"b\":";
	struct cuts cuts = {0};

	(void)state;
	assert_false(jsoncut_elements(list, strlen(list), count_element, &cuts));
	assert_int_equal(cuts.count, 5);
	assert_int_equal(cuts.whole, 4);
	cuts.count = 0;
	assert_true(jsoncut_elements("[]", 2, count_element, &cuts));
	assert_int_equal(cuts.count, 0);
	assert_false(jsoncut_elements("[}", 2, count_element, &cuts));
}

static bool
count_entry(void *arg, struct raw_entry *entry)
{
	unsigned *count = arg;

	(void)entry;
	(*count)++;
	return true;
}

/* How many entries there are in a feed that has `text` `times` times before its only
 * one, when it comes in pieces; and the fault, or "". */
static unsigned
entries_behind(const char *text, size_t times, size_t piece, char fault[128])
{
	struct arena *arena = arena_new(64 << 20);
	struct buf feed = {0};
	unsigned long line;
	unsigned count = 0;
	struct parse *parse =
	    parse_new(PARSE_XML_STRICT, arena, NULL, false, count_entry, &count);
	size_t at = 0, size;

	buf_puts(&feed, "<rss version='2.0'><channel><title>t</title>");
	while (times-- > 0)
		buf_puts(&feed, text);
	buf_puts(&feed, "<item><title>i</title></item></channel></rss>");
	for (; at < feed.len; at += size) {
		size = feed.len - at < piece ? feed.len - at : piece;
		(void)parse_data(parse, feed.data + at, size);
	}
	(void)parse_end(parse);
	snprintf(fault, 128, "%s",
	    parse_fault(parse, &line) != NULL ? parse_fault(parse, &line) : "");
	parse_free(parse);
	buf_done(&feed);
	arena_free(arena);
	return count;
}

/* `before`, so many letters, `after`. */
static void
put_long(struct buf *out, const char *before, size_t size, const char *after)
{
	buf_reset(out);
	buf_puts(out, before);
	while (size-- > 0)
		buf_putc(out, 'x');
	buf_puts(out, after);
}

/* However they come, comments cost nothing but their bytes. */
static void
test_comments(void **state)
{
	static const size_t pieces[] = {512, 1000, 2048, 3000, 4096, 5000, 6000,
	    8192, 10000, 12000, 16384, 20000, 24000, 32768, 50001, 65536, 70000,
	    1u << 30};
	struct buf text = {0};
	char fault[128];
	size_t i;

	(void)state;
	put_long(&text, "<!--", 100000, "-->");
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		if (entries_behind(text.data, 40, pieces[i], fault) != 1 ||
		    fault[0] != '\0')
			fail_msg("pieces of %zu: %s", pieces[i], fault);
	}
	buf_done(&text);
}

/* What is too long is called by its name. */
static void
test_too_long(void **state)
{
	static const struct {
		const char *before, *after, *fault;
	} cases[] = {
	    {"<a b='", "'/>", "xml: a tag is too long (line 1, column 45)"},
	    {"<!--", "-->", "xml: a comment is too long (line 1, column 45)"},
	    {"<?x ", "?>", "xml: an instruction is too long (line 1, column 45)"},
	};
	struct buf text = {0};
	char fault[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_long(&text, cases[i].before, 3000000, cases[i].after);
		assert_int_equal(entries_behind(text.data, 1, 16384, fault), 0);
		assert_string_equal(fault, cases[i].fault);
	}
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_people),
	    cmocka_unit_test(test_namespaces),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_mend),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_too_long),
	};

	return CHECK_RUN(tests);
}
