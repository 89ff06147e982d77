/* SPDX-License-Identifier: ISC */
#include "tests/unit/storetest.h"

static void
test_empty(void **state)
{
	struct fixture *f = *state;
	struct store_spec spec = {.what = STORE_STATUS};

	assert_string_equal(
	    query(f, &spec), "schema=1 feeds=0 items=0 unread=0 failing=0\n");
	assert_int_equal(strlen(store_uuid(f->store)), 32);
	assert_string_equal(items(f, NULL, false), "");
	assert_int_equal(f->end.error, 0);
	assert_int_equal(store_head(f->store), 0);
}

static void
test_first_batch(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://www.example.org/feed");
	struct feed_plan plan = {.id = feed, .due = 5000, .learnt = 60000};
	struct store_spec spec = {.what = STORE_PLANS};
	struct batch *batch = new_batch(feed);

	add_item(batch, "2", "https://example.org/2", "Second", "text two");
	add_item(batch, "1", "https://example.org/1", "First", "text one");
	batch->keep_validators = true;
	batch->validators =
	    (struct validators){"\"abc\"", "Mon", "https://www.example.org/feed"};
	batch->body_hash = (struct hash128){1, 0xabcdef};
	submit(f, batch, &plan);
	assert_int_equal(f->commit.error, 0);
	assert_int_equal(f->commit.new_items, 2);
	assert_int_equal(f->commit.head, store_head(f->store));
	assert_string_equal(items(f, NULL, false),
	    "1 First r1 story=1 copies=0 []\n"
	    "2 Second r1 story=2 copies=0 []\n");
	assert_string_equal(query(f, &spec),
	    "1 example https://www.example.org/feed due=5000 failures=0 "
	    "learnt=60000 interval=0/0 group=- learnt\n");
	spec = (struct store_spec){.what = STORE_REQUEST, .id = feed};
	assert_string_equal(query(f, &spec),
	    "https://www.example.org/feed etag=\"abc\" lm=Mon "
	    "for=https://www.example.org/feed hash=abcdef known=2 ua=- timeout=0 "
	    "max=0\n");
	assert_string_equal(events(f, 0),
	    "1 feed_added item=0 feed=example -\n2 item_new item=1 feed=- -\n"
	    "3 item_new item=2 feed=- -\n");
	assert_int_equal(f->end.next, 3);
	assert_int_equal(f->end.head, 3);
	assert_int_equal(f->end.oldest, 1);
	assert_false(f->end.more);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_empty, setup_store, teardown),
	    cmocka_unit_test_setup_teardown(test_first_batch, setup_store, teardown),
	};

	return CHECK_RUN(tests);
}
