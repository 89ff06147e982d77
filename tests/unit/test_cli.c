/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/options.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/zone.h"

static void
hostile_text_is_tamed(void **state)
{
	static const struct {
		const char *in, *one_line, *lines;
	} cases[] = {
	    {"plain", "plain", "plain"},
	    {"\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07",
		"\\x1b]52;c;cm0gLXJm\\x07"},
	    {"a\tb\nc\r", "a b c\\x0d", "a\tb\nc\\x0d"},
	    {"\xC2\x9B"
	     "31m",
		"\\u009b31m", "\\u009b31m"},
	    {"\xE2\x80\xAE"
	     "evil",
		"\\u202eevil", "\\u202eevil"},
	    {"\xE2\x81\xA6x\xE2\x80\xA8y", "\\u2066x\\u2028y", "\\u2066x\\u2028y"},
	    {"bad \xFF utf", "bad \xEF\xBF\xBD utf", "bad \xEF\xBF\xBD utf"},
	    {"\x7f", "\\x7f", "\\x7f"},
	    {"na\xC3\xAFve \xE6\x97\xA5\xE6\x9C\xAC",
		"na\xC3\xAFve \xE6\x97\xA5\xE6\x9C\xAC",
		"na\xC3\xAFve \xE6\x97\xA5\xE6\x9C\xAC"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		term_clean(cases[i].in, true, &out);
		assert_string_equal(buf_text(&out), cases[i].one_line);
		buf_reset(&out);
		term_clean(cases[i].in, false, &out);
		assert_string_equal(buf_text(&out), cases[i].lines);
	}
	buf_done(&out);
}

/* Whatever goes in, nothing that moves a cursor comes out. */
static void
no_control_byte_survives(void **state)
{
	struct buf out = {0};
	char in[64];
	unsigned seed = 20261126, i, j;

	(void)state;
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(in) - 1; j++) {
			seed = seed * 1103515245 + 12345;
			in[j] = (char)(seed >> 16 | 1);
		}
		in[sizeof(in) - 1] = '\0';
		buf_reset(&out);
		term_clean(in, true, &out);
		for (j = 0; j < out.len; j++) {
			unsigned char c = (unsigned char)out.data[j];

			assert_true(c >= 0x20 && c != 0x7f);
			assert_false(
			    c == 0xC2 && (unsigned char)out.data[j + 1] < 0xA0);
		}
	}
	buf_done(&out);
}

static void
titles_fit_their_columns(void **state)
{
	static const struct {
		const char *in;
		int columns;
		const char *out;
	} cases[] = {
	    {"short", 8, "short   "},
	    {"exactly8", 8, "exactly8"},
	    {"a bit longer", 8, "a bit l\xE2\x80\xA6"},
	    {"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 5,
		"\xE6\x97\xA5\xE6\x9C\xAC\xE2\x80\xA6"},
	    {"e\xCC\x81"
	     "e\xCC\x81"
	     "e",
		2, "e\xCC\x81\xE2\x80\xA6"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		(void)term_fit(cases[i].in, cases[i].columns, true, &out);
		assert_string_equal(buf_text(&out), cases[i].out);
	}
	buf_done(&out);
}

static void
arguments_become_a_query(void **state)
{
	char *argv[] = {"[", "feed:lwn", "or", "title:two words", "]", "-tag:muted",
	    "-n", "5", "title~a b", "title:\"kept as is\"", "word"};
	struct options options;
	struct buf query = {0};

	(void)state;
	assert_int_equal(options_parse("list", 0, 11, argv,
			     OPTIONS_COMMON | OPTION_BIT(OPTION_LIMIT), &options),
	    0);
	options_query(&options, 0, &query);
	assert_string_equal(query.data,
	    "[ feed:lwn or title:\"two words\" ] -tag:muted title~\"a b\" "
	    "title:\"kept as is\" word");
	assert_string_equal(options.value[OPTION_LIMIT], "5");
	assert_false(options_are_ids(&options, 0));
	options_done(&options);
	buf_done(&query);
}

static void
options_are_taken_apart(void **state)
{
	char *good[] = {"-qn5", "--json", "--fields=id,title", "12", "--", "-x"};
	char *bad[] = {"--nonsense"}, *lacking[] = {"-n"}, *valued[] = {"--json=1"},
	     *version[] = {"--format-version=2"};
	uint64_t allowed = OPTIONS_COMMON | OPTIONS_OUTPUT |
	    OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_FIELDS);
	struct options options;

	(void)state;
	assert_int_equal(options_parse("list", 0, 6, good, allowed, &options), 0);
	assert_true(options_has(&options, OPTION_QUIET));
	assert_true(options_has(&options, OPTION_JSON));
	assert_string_equal(options.value[OPTION_LIMIT], "5");
	assert_string_equal(options.value[OPTION_FIELDS], "id,title");
	assert_int_equal(options.arg_count, 2);
	assert_string_equal(options.args[1], "-x");
	options_done(&options);
	assert_int_equal(
	    options_parse("list", 0, 1, bad, allowed, &options), STATUS_USAGE);
	assert_int_equal(
	    options_parse("list", 0, 1, lacking, allowed, &options), STATUS_USAGE);
	assert_int_equal(
	    options_parse("list", 0, 1, valued, allowed, &options), STATUS_USAGE);
	assert_int_equal(options_parse("list", 0, 1, version, allowed, &options),
	    STATUS_PROTOCOL);
}

static void
times_are_the_users(void **state)
{
	struct buf out = {0};

	(void)state;
	setenv("TZ", "XYZ-2", 1); /* two hours east of Greenwich */
	tzset();
	zone_set_utc(false);
	zone_show("2026-11-25T23:30:00.000Z", &out);
	assert_string_equal(out.data, "2026-11-26 01:30");
	assert_int_equal(zone_day_start(2026, 11, 26, NULL),
	    (clock_days_from_civil(2026, 11, 26) * 24 - 2) * MSEC_PER_HOUR);
	zone_set_utc(true);
	buf_reset(&out);
	zone_show("2026-11-25T23:30:00.000Z", &out);
	assert_string_equal(out.data, "2026-11-25 23:30");
	buf_reset(&out);
	zone_show_age("1970-01-01T00:10:00.000Z", 22 * MSEC_PER_MIN, &out);
	assert_string_equal(out.data, "12m");
	buf_reset(&out);
	zone_show_age("1970-01-01T03:00:00.000Z", MSEC_PER_HOUR, &out);
	assert_string_equal(out.data, "in 2h");
	buf_reset(&out);
	zone_show_age("nonsense", 0, &out);
	assert_string_equal(out.data, "-");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hostile_text_is_tamed),
	    cmocka_unit_test(no_control_byte_survives),
	    cmocka_unit_test(titles_fit_their_columns),
	    cmocka_unit_test(arguments_become_a_query),
	    cmocka_unit_test(options_are_taken_apart),
	    cmocka_unit_test(times_are_the_users),
	};

	return CHECK_RUN(tests);
}
