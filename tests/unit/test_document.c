/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "document/document.h"

#define HEAD "<rss version=\"2.0\"><channel><title>T</title>"
#define TAIL "</channel></rss>"

static struct document *
read_document(const struct document_options *options, const char *text,
    enum outcome *ret_outcome)
{
	struct document *d = document_new(options);

	(void)document_data(d, text, strlen(text));
	*ret_outcome = document_end(d);
	return d;
}

static enum outcome
outcome_of(const char *text)
{
	struct document_options options = {0};
	enum outcome outcome;

	document_free(read_document(&options, text, &outcome));
	return outcome;
}

static void
test_outcomes(void **state)
{
	(void)state;
	assert_int_equal(
	    outcome_of(HEAD "<item><guid>1</guid></item>" TAIL), OUTCOME_OK);
	assert_int_equal(outcome_of(""), OUTCOME_EMPTY);
	assert_int_equal(
	    outcome_of("<html><body>x</body></html>"), OUTCOME_NOT_A_FEED);
	assert_int_equal(outcome_of("{\"a\":1}"), OUTCOME_NOT_A_FEED);
	assert_int_equal(outcome_of("\x89PNG\r\n\x1a\n"), OUTCOME_NOT_A_FEED);
	/* Mended in its characters alone: read. */
	assert_int_equal(
	    outcome_of(HEAD "<item><title>D&D &nbsp;</title></item>" TAIL),
	    OUTCOME_OK);
	/* Cut off: broken, so that nothing is taken for deleted. */
	assert_int_equal(
	    outcome_of(HEAD "<item><guid>1</guid></item><item>"), OUTCOME_BROKEN);
	assert_int_equal(outcome_of("<!DOCTYPE rss [<!ENTITY a \"x\"><!ENTITY b "
				    "\"&a;\">]>" HEAD TAIL),
	    OUTCOME_TOO_BIG);
}

static void
test_limits(void **state)
{
	struct document_options options = {.max_body = 100};
	struct document *d = document_new(&options);
	struct buf text = {0};

	(void)state;
	assert_true(document_data(d, HEAD, strlen(HEAD)));
	assert_false(document_data(d, HEAD HEAD HEAD, 3 * strlen(HEAD)));
	assert_int_equal(document_end(d), OUTCOME_TOO_BIG);
	document_free(d);

	buf_puts(&text, HEAD);
	for (int i = 0; i < 1001; i++)
		buf_puts(&text, "<item><title>x</title></item>");
	buf_puts(&text, "<item ");
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, "a%d='' ", i);
	buf_puts(&text, "/>" TAIL);
	assert_int_equal(outcome_of(text.data), OUTCOME_TOO_BIG);
	buf_done(&text);
}

static void
test_newest(void **state)
{
	struct document_options options = {.max_items = 2};
	enum outcome outcome;
	struct document *d = read_document(&options,
	    HEAD
	    "<item><guid>old</guid><pubDate>Mon, 01 Jan 2001 00:00:00 GMT</pubDate>"
	    "</item><item><guid>new</guid><pubDate>Mon, 01 Jan 2024 00:00:00 GMT"
	    "</pubDate></item><item><guid>none</guid></item>"
	    "<item><guid>newer</guid><pubDate>Tue, 02 Jan 2024 00:00:00 GMT"
	    "</pubDate></item>" TAIL,
	    &outcome);

	(void)state;
	assert_int_equal(outcome, OUTCOME_OK);
	assert_int_equal(document_entry_count(d), 2);
	assert_string_equal(document_entry(d, 0)->c.id, "new");
	assert_string_equal(document_entry(d, 1)->c.id, "newer");
	document_free(d);
}

/* What was committed before travels as its hash; what is cut off waits. */
static void
test_known(void **state)
{
	static const char feed[] = HEAD "<item><guid>1</guid></item>"
					"<item><guid>2</guid></item>"
					"<item><guid>3</guid>";
	struct document_options options = {.url = "http://e.example/feed"};
	enum outcome outcome;
	struct document *d = read_document(&options, feed, &outcome);
	uint64_t known = document_entry(d, 0)->raw_hash;
	struct batch *batch;
	int r;

	(void)state;
	assert_int_equal(document_entry_count(d), 3);
	document_free(d);
	options.known = &known;
	options.known_count = 1;
	d = read_document(&options, feed, &outcome);
	batch = batch_new(1, LIMIT_ARENA_BYTES);
	while ((r = document_normalise(d, 1, batch)) == 1)
		;
	assert_int_equal(r, 0);
	assert_int_equal(batch->item_count, 1);
	assert_string_equal(batch->items[0].guid, "2");
	assert_int_equal(batch->unchanged_count, 1);
	assert_true(batch->unchanged[0] == known);
	assert_false(batch->whole);
	batch_free(batch);
	document_free(d);
}

static void
test_candidates(void **state)
{
	struct document_options options = {
	    .url = "http://e.example/a/", .want_candidates = true};
	enum outcome outcome;
	struct document *d = read_document(&options,
	    "<!doctype html><html><head><link rel=alternate "
	    "type=application/atom+xml href='../f.atom' title=Feed></head></html>",
	    &outcome);
	struct batch *batch = batch_new(1, LIMIT_ARENA_BYTES);

	(void)state;
	assert_int_equal(outcome, OUTCOME_NOT_A_FEED);
	assert_int_equal(document_normalise(d, 1000, batch), 0);
	assert_non_null(batch->candidates);
	assert_string_equal(batch->candidates->href, "http://e.example/f.atom");
	assert_null(batch->candidates->next);
	batch_free(batch);
	document_free(d);
}

/* The same entry has the same hash in both runs and in any surroundings. */
static void
test_hash_of_entry(void **state)
{
	struct document_options options = {.keep_raw = true};
	enum outcome outcome;
	struct document *a, *b;

	(void)state;
	a = read_document(
	    &options, HEAD "<item><guid>1</guid></item>" TAIL, &outcome);
	b = read_document(&options,
	    HEAD "D&D<x>\n\n<item><guid>1</guid></item><item><guid>2", &outcome);
	assert_int_equal(outcome, OUTCOME_BROKEN);
	assert_true(
	    document_entry(a, 0)->raw_hash == document_entry(b, 0)->raw_hash);
	assert_string_equal(
	    document_entry(a, 0)->raw, "<item><guid>1</guid></item>");
	assert_string_equal(
	    document_entry(b, 0)->raw, "<item><guid>1</guid></item>");
	document_free(a);
	document_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_newest),
	    cmocka_unit_test(test_known),
	    cmocka_unit_test(test_candidates),
	    cmocka_unit_test(test_hash_of_entry),
	};

	return CHECK_RUN(tests);
}
