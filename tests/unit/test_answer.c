/* SPDX-License-Identifier: ISC */
/* What a status, and the page that comes with it, are taken for. */
#include "tests/unit/check.h"

#include <string.h>

#include "fetcher/answer.h"

static void
answers(void **state)
{
	static const struct {
		int status;
		bool conditional;
		enum outcome outcome;
	} table[] = {{200, false, OUTCOME_OK}, {201, false, OUTCOME_BAD_STATUS},
	    {204, true, OUTCOME_UNCHANGED}, {206, false, OUTCOME_BAD_STATUS},
	    {226, true, OUTCOME_BAD_STATUS}, /* without IM: feed */
	    {300, false, OUTCOME_REDIRECT}, {301, false, OUTCOME_REDIRECT},
	    {304, true, OUTCOME_UNCHANGED}, {304, false, OUTCOME_BAD_STATUS},
	    {305, false, OUTCOME_BAD_STATUS}, {308, false, OUTCOME_REDIRECT},
	    {400, false, OUTCOME_NOT_FOUND}, {401, false, OUTCOME_AUTH},
	    {403, false, OUTCOME_FORBIDDEN}, {404, false, OUTCOME_NOT_FOUND},
	    {407, false, OUTCOME_AUTH}, {410, false, OUTCOME_GONE},
	    {429, false, OUTCOME_THROTTLED}, {451, false, OUTCOME_FORBIDDEN},
	    {500, false, OUTCOME_SERVER_ERROR}, {503, false, OUTCOME_SERVER_ERROR},
	    {599, false, OUTCOME_SERVER_ERROR}, {600, false, OUTCOME_BAD_STATUS},
	    {999, false, OUTCOME_BAD_STATUS}};
	struct fetch_head head = {.location = "http://example.org/"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		head.status = table[i].status;
		if (answer_outcome(&head, table[i].conditional) != table[i].outcome)
			fail_msg("%d: %s", head.status,
			    outcome_name(
				answer_outcome(&head, table[i].conditional)));
	}
	head.location = NULL;
	head.status = 301;
	assert_int_equal(answer_outcome(&head, false), OUTCOME_BAD_STATUS);
	head.status = 403;
	head.challenge = true;
	assert_int_equal(answer_outcome(&head, false), OUTCOME_CHALLENGE);
}

static void
challenges(void **state)
{
	static const struct {
		int status;
		bool is_challenge;
		const char *page;
	} table[] = {
	    {503, true, "<title>Just a moment...</title>"},
	    {403, true, "<html>Just a moment, we check your browser"},
	    {200, true, "<html><head><TITLE>\n Just a moment...</title>"},
	    {200, true, "<title>Un momento</title><script>window._cf_chl_opt={"},
	    {200, true, "<div id=\"cf-chl-widget\">"},
	    {200, false, "<title>Blog</title><p>Just a moment ago I wrote"},
	    {200, false, "<title>Just a moment of peace</title>"},
	    {200, false,
		"<script src=/cdn-cgi/challenge-platform/scripts/jsd/x.js>"},
	    {403, false, "<title>403 Forbidden</title>"},
	    {403, false, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (answer_is_challenge(table[i].status, table[i].page,
			strlen(table[i].page)) != table[i].is_challenge)
			fail_msg("%d: %s", table[i].status, table[i].page);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),
	    cmocka_unit_test(challenges),
	};

	return CHECK_RUN(tests);
}
