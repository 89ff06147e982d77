/* SPDX-License-Identifier: ISC */
/* What documents do to the store: identity, revisions, copies, events, plans. */
#include "tests/unit/storetest.h"

#define LONG_TEXT                                                          \
	"A text of more than eighty characters, as the content of an item" \
	" has to be before it identifies anything."

static void
test_empty(void **state)
{
	struct fixture *f = *state;
	struct store_spec spec = {.what = STORE_STATUS};

	assert_string_equal(
	    query(f, &spec), "schema=3 feeds=0 items=0 unread=0 failing=0\n");
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

/* The newest stands first in most documents, and last by date in some. */
static void
test_arrival_order(void **state)
{
	struct fixture *f = *state;
	struct batch *batch = new_batch(add_feed(f, "https://example.org/"));

	add_item(batch, "a", NULL, "Old", "x")->published = 1000;
	add_item(batch, "b", NULL, "New", "y")->published = 2000;
	submit(f, batch, NULL);
	assert_string_equal(items(f, NULL, false),
	    "1 Old r1 story=1 copies=0 []\n2 New r1 story=2 copies=0 []\n");
}

static void
test_repeat_is_no_news(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/"), head;
	struct batch *batch;

	submit_one(f, feed, "1", "https://example.org/1", "Title", "text");
	head = f->commit.head;
	submit_one(f, feed, "1", "https://example.org/1", "Title", "text");
	assert_int_equal(f->commit.new_items + f->commit.updated_items, 0);
	assert_int_equal(f->commit.head, head);
	/* The same as a hash alone, and again in full after it. */
	batch = new_batch(feed);
	add_item(batch, "2", "https://example.org/2", "Other", "other");
	batch_add_unchanged(
	    batch, hash64("Title\ntext\n1\nhttps://example.org/1", 34));
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
	submit_one(f, feed, "1", "https://example.org/1", "Title", "text");
	assert_int_equal(f->commit.new_items + f->commit.updated_items, 0);
}

static void
test_edit_is_revision(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	const int64_t id = 1;
	const char *const read[] = {"read"};
	struct edit mark = {.kind = EDIT_MODIFY_ITEMS,
	    .ids = &id,
	    .id_count = 1,
	    .add = read,
	    .add_count = 1};
	struct store_spec spec = {
	    .what = STORE_ITEMS, .id = 1, .revision = 1, .fields = STORE_TEXT};
	int i;

	submit_one(f, feed, "1", "https://example.org/1", "Tytle", "first text");
	assert_int_equal(edit(f, &mark), 0);
	submit_one(f, feed, "1", "https://example.org/1", "Title", "second text");
	assert_int_equal(f->commit.new_items, 0);
	assert_int_equal(f->commit.updated_items, 1);
	assert_string_equal(items(f, NULL, false),
	    "1 Title r2 read story=1 copies=0 []\n"); /* read state kept */
	assert_string_equal(
	    query(f, &spec), "1 Tytle r1 read story=1 copies=0 [] <first text>\n");
	/* The index has the new text and not the old one. */
	assert_string_equal(items(f, "first", false), "");
	assert_string_equal(
	    items(f, "second", false), "1 Title r2 read story=1 copies=0 []\n");
	assert_string_equal(events(f, 3),
	    "4 item_updated item=1 feed=- "
	    "{\"revision\":2,\"significant\":true}\n");
	for (i = 3; i <= 9; i++) {
		char text[32];

		snprintf(text, sizeof(text), "text %d", i);
		submit_one(f, feed, "1", "https://example.org/1", "Title", text);
	}
	assert_string_equal(
	    outside(f, "SELECT group_concat(rev) FROM item_rev"), "4,5,6,7,8\n");
	assert_string_equal(
	    outside(f,
		"SELECT revision, text FROM v1_revision ORDER BY 1 DESC"
		" LIMIT 2"),
	    "9|text 9\n8|text 8\n");
	query(f, &spec);
	assert_int_equal(f->end.error, -ENOENT);
}

static void
test_date_alone_is_no_edit(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch;

	submit_one(f, feed, "1", "https://example.org/1", "Title", "text");
	batch = new_batch(feed);
	add_item(batch, "1", "https://example.org/1?new", "Title", "text")->updated =
	    99;
	submit(f, batch, NULL);
	assert_int_equal(f->commit.updated_items + f->commit.new_items, 0);
	/* The new address is known now, for the day that the guid changes. */
	submit_one(f, feed, "other", "https://example.org/1?new", "Else", "else");
	assert_int_equal(f->commit.new_items, 0);
	assert_int_equal(f->commit.updated_items, 1);
}

static void
test_guid_reused_in_document(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch;
	int round;

	for (round = 0; round < 3; round++) {
		batch = new_batch(feed);
		add_item(batch, "g", "https://example.org/a", "One thing", "a");
		add_item(batch, "g", "https://example.org/b", "Another", "b");
		submit(f, batch, NULL);
		assert_int_equal(f->commit.new_items, round == 0 ? 2 : 0);
		assert_int_equal(f->commit.updated_items, 0);
	}
	/* A third one under that guid is a third one, also when the two others
	 * come as hashes. */
	batch = new_batch(feed);
	add_item(batch, "g", "https://example.org/c", "Third", "c");
	batch_add_unchanged(
	    batch, hash64("One thing\na\ng\nhttps://example.org/a", 35));
	batch_add_unchanged(
	    batch, hash64("Another\nb\ng\nhttps://example.org/b", 33));
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
}

static void
test_guid_changes(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");

	submit_one(f, feed, "old", "https://example.org/1", "Title", "text");
	submit_one(f, feed, "new", "https://example.org/1", "Title", "text");
	assert_int_equal(f->commit.new_items, 0);
	/* A site that moved: guid and address are others, the content is not. */
	submit_one(f, feed, "x", "https://example.org/x", "Moving", LONG_TEXT);
	submit_one(f, feed, "y", "https://example.net/y", "Moving", LONG_TEXT);
	assert_int_equal(f->commit.new_items, 0);
	assert_string_equal(outside(f, "SELECT count(*) FROM v1_item"), "2\n");
	/* Short contents repeat by chance. */
	submit_one(f, feed, "p", "https://example.org/p", "Rain", "all day");
	submit_one(f, feed, "q", "https://example.org/q", "Rain", "all day");
	assert_int_equal(f->commit.new_items, 1);
}

/* Both are in the document: neither has left, so neither is the other. */
static void
test_same_content_present(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch = new_batch(feed);

	submit_one(f, feed, "x", "https://example.org/x", "Same", LONG_TEXT);
	add_item(batch, "x", "https://example.org/x", "Same", LONG_TEXT);
	add_item(batch, "y", "https://example.org/y", "Same", LONG_TEXT);
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
	/* A document that was cut says nothing of what has left. */
	batch = new_batch(feed);
	batch->cut = true;
	add_item(batch, "z", "https://example.org/z", "Same", LONG_TEXT);
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
}

static void
test_shared_link(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch;
	int round;

	for (round = 0; round < 3; round++) {
		char guid[16];

		/* Guids that are random each time, one page for all. */
		batch = new_batch(feed);
		snprintf(guid, sizeof(guid), "r%d", round);
		add_item(batch, guid, "https://example.org/log", "1.0", "first");
		snprintf(guid, sizeof(guid), "s%d", round);
		add_item(batch, guid, "https://example.org/log", "1.1", "next");
		submit(f, batch, NULL);
		assert_int_equal(f->commit.new_items, round == 0 ? 2 : 0);
	}
}

static void
test_nothing_but_content(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch;
	int round;

	for (round = 0; round < 2; round++) {
		batch = new_batch(feed);
		add_item(batch, NULL, NULL, NULL, "a note");
		add_item(batch, NULL, NULL, NULL, "another");
		submit(f, batch, NULL);
		assert_int_equal(f->commit.new_items, round == 0 ? 2 : 0);
	}
	/* Also when the document was longer in between. */
	submit_one(f, feed, NULL, NULL, NULL, "a third");
	submit_one(f, feed, NULL, NULL, NULL, "a note");
	assert_int_equal(f->commit.new_items, 0);
}

static void
test_repeats_fold(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch = new_batch(feed);

	add_item(batch, "1", "https://example.org/1", "Twice", "text");
	add_item(batch, "1", "https://example.org/1", "Twice", "text")->raw_hash = 7;
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
	assert_string_equal(
	    outside(f, "SELECT count(*) FROM item_raw WHERE item_id = 1"), "2\n");
}

static void
test_key(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://user:pass@example.org/feed");
	static const char text[] = "https://example.org/feed\ng\nid-1";
	char key[HASH_TEXT + 1];

	submit_one(f, feed, "id-1", "https://example.org/1", "Title", "text");
	hash_format(hash128(text, sizeof(text) - 1), key);
	strcat(key, "\n");
	assert_string_equal(outside(f, "SELECT key FROM v1_item"), key);
	submit_one(f, feed, "id-1", "https://example.org/2", "Title", "other");
	assert_string_equal(outside(f, "SELECT key FROM v1_item"), key);
}

static void
test_copies_in_other_feeds(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_feed(f, "https://a.example/"),
		b = add_feed(f, "https://b.example/"),
		c = add_feed(f, "https://c.example/");
	const int64_t first = 1;
	const char *const read[] = {"read"}, *const hidden[] = {"hidden"};
	struct edit mark = {.kind = EDIT_MODIFY_ITEMS,
	    .ids = &first,
	    .id_count = 1,
	    .add = read,
	    .add_count = 1};

	submit_one(f, a, "1", "https://news.example/x", "Title", "text");
	submit_one(f, b, "9", "https://news.example/x", "Title!", "text of b");
	assert_string_equal(
	    items(f, NULL, false), "1 Title r1 story=1 copies=1 []\n");
	assert_string_equal(items(f, NULL, true),
	    "1 Title r1 story=1 copies=1 []\n"
	    "2 Title! r1 duplicate story=1 copies=1 []\n");
	assert_string_equal(events(f, 5),
	    "6 item_joined item=2 feed=- {\"story\":1,\"why\":\"url\",\"peer\":1,"
	    "\"reason\":\"same address as item 1 of a\"}\n");
	assert_string_equal(outside(f, "SELECT why, peer, detail FROM item_story"),
	    "url|1|same address as item 1 of a\n");
	/* Reading one reads the others, and those that come later. */
	assert_int_equal(edit(f, &mark), 0);
	assert_int_equal(f->result.changed, 1);
	submit_one(f, c, "7", "https://news.example/x", "Title?", "text of c");
	assert_string_equal(
	    outside(f, "SELECT group_concat(read) FROM item"), "1,1,1\n");
	assert_string_equal(
	    outside(f, "SELECT items, feeds, id FROM v1_story"), "3|3|1\n");
	/* Without its first item the next one leads. */
	mark.add = hidden;
	assert_int_equal(edit(f, &mark), 0);
	assert_string_equal(
	    items(f, NULL, false), "2 Title! r1 read story=1 copies=2 []\n");
	assert_string_equal(items(f, "story:1", false),
	    "1 Title r1 read hidden duplicate story=1 copies=2 []\n"
	    "2 Title! r1 read story=1 copies=2 []\n"
	    "3 Title? r1 read duplicate story=1 copies=2 []\n");
}

/* What one feed links to twice is a home page. */
static void
test_home_page_joins_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_feed(f, "https://a.example/"),
		b = add_feed(f, "https://b.example/");
	struct batch *batch = new_batch(a);

	add_item(batch, "1", "https://home.example/", "One", "text 1");
	add_item(batch, "2", "https://home.example/", "Two", "text 2");
	submit(f, batch, NULL);
	submit_one(f, b, "3", "https://home.example/", "Three", "text 3");
	assert_string_equal(
	    outside(f, "SELECT count(*) FROM item WHERE duplicate"), "0\n");
}

/* A summary that was read does not hide the article. */
static void
test_summary_and_article(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_feed(f, "https://a.example/"),
		b = add_feed(f, "https://b.example/");
	const char *const read[] = {"read"};
	const int64_t first = 1;
	struct edit mark = {.kind = EDIT_MODIFY_ITEMS,
	    .ids = &first,
	    .id_count = 1,
	    .add = read,
	    .add_count = 1};
	char article[600];

	memset(article, 'x', sizeof(article) - 1);
	article[sizeof(article) - 1] = '\0';
	submit_one(f, a, "1", "https://news.example/x", "Short", "summary");
	submit_one(f, b, "1", "https://news.example/x", "Long", article);
	assert_int_equal(edit(f, &mark), 0);
	assert_string_equal(
	    items(f, NULL, false), "2 Long r1 story=1 copies=1 []\n");
	assert_string_equal(items(f, "id:1", false),
	    "1 Short r1 read duplicate story=1 copies=1 []\n");
}

static struct batch *
failure(int64_t feed, enum outcome outcome, const char *reason)
{
	struct batch *batch = batch_new(feed, 4096);

	batch->outcome = outcome;
	batch->reason = reason;
	return batch;
}

static void
test_failing_and_recovered(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct store_spec feeds = {.what = STORE_FEEDS};
	struct store_spec log = {.what = STORE_ATTEMPTS, .id = feed};
	int i;

	for (i = 0; i < 4; i++)
		submit(f, failure(feed, OUTCOME_DNS, NULL), NULL);
	assert_string_equal(events(f, 1),
	    "2 feed_failing item=0 feed=example {\"outcome\":\"dns\","
	    "\"error\":\"no such host\",\"failures\":3}\n");
	assert_string_equal(query(f, &feeds),
	    "1 example failing example [] items=0 unread=0 no such host\n");
	assert_string_equal(
	    outside(f, "SELECT state, failures, last_error FROM v1_feed"),
	    "failing|4|no such host\n");
	submit_one(f, feed, "1", NULL, "Title", "text");
	assert_string_equal(
	    query(f, &feeds), "1 example ok example [] items=1 unread=1 -\n");
	assert_string_equal(events(f, 3),
	    "4 feed_recovered item=0 feed=example {\"outcome\":\"ok\","
	    "\"status\":200,\"failures\":4}\n");
	assert_string_equal(
	    query(f, &log), "ok 200 -\ndns 0 -\ndns 0 -\ndns 0 -\ndns 0 -\n");
	for (i = 0; i < 60; i++)
		submit(f, failure(feed, OUTCOME_TIMEOUT, "slow"), NULL);
	assert_string_equal(
	    outside(f, "SELECT count(*), min(outcome) FROM v1_fetch"),
	    "50|timeout\n");
}

static void
test_gone(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct feed_plan plan = {.id = feed, .gone = true, .failures = 2};
	struct store_spec feeds = {.what = STORE_FEEDS, .query = "is:gone"};

	submit(f, failure(feed, OUTCOME_GONE, "410"), &plan);
	assert_string_equal(
	    query(f, &feeds), "1 example gone example [] items=0 unread=0 410\n");
	assert_non_null(strstr(events(f, 1), "feed_gone"));
}

/* A failed transfer touches neither validators nor what is known. */
static void
test_failure_keeps_validators(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct store_spec spec = {.what = STORE_REQUEST, .id = feed};
	struct batch *batch = new_batch(feed);

	add_item(batch, "1", NULL, "Title", "text");
	batch->keep_validators = true;
	batch->validators.etag = "\"1\"";
	submit(f, batch, NULL);
	submit(f, failure(feed, OUTCOME_TRANSFER, "cut off"), NULL);
	assert_non_null(strstr(query(f, &spec), "etag=\"1\""));
	assert_non_null(strstr(query(f, &spec), "known=1"));
	/* A broken document brings its items, and the next poll asks again. */
	batch = new_batch(feed);
	batch->outcome = OUTCOME_BROKEN;
	batch->whole = false;
	add_item(batch, "2", NULL, "Other", "more");
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
	assert_non_null(strstr(query(f, &spec), "etag=\"1\""));
	assert_non_null(strstr(query(f, &spec), "known=2"));
	/* A whole one without validators clears them. */
	batch = new_batch(feed);
	batch->keep_validators = true;
	add_item(batch, "2", NULL, "Other", "more");
	submit(f, batch, NULL);
	assert_non_null(strstr(query(f, &spec), "etag=-"));
	assert_non_null(strstr(query(f, &spec), "known=1"));
}

static void
test_bad_batch_harms_no_other(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *good = new_batch(feed), *bad = new_batch(4711),
		     *last = new_batch(feed);

	add_item(good, "1", NULL, "Title", "text");
	add_item(bad, "1", NULL, "Lost", "text");
	add_item(last, "2", NULL, "Other", "text");
	f->called = 0;
	assert_int_equal(store_submit(f->store, good, NULL, NULL, on_commit, f), 0);
	assert_int_equal(store_submit(f->store, bad, NULL, NULL, on_commit, f), 0);
	assert_int_equal(store_submit(f->store, last, NULL, NULL, on_commit, f), 0);
	store_flush(f->store);
	assert_int_equal(f->called, 3);
	assert_string_equal(items(f, NULL, false),
	    "1 Title r1 story=1 copies=0 []\n2 Other r1 story=2 copies=0 []\n");
	submit(f, failure(4711, OUTCOME_DNS, NULL), NULL);
	assert_int_equal(f->commit.error, -ENOENT);
}

static void
submit_edit_of(struct fixture *f, int64_t feed, const char *text)
{
	struct batch *batch = new_batch(feed);

	add_item(batch, "1", "https://example.org/1", "Title", text);
	assert_int_equal(store_submit(f->store, batch, NULL, NULL, on_commit, f), 0);
}

/* Several changes of one item in one transaction, one of them taken back: the
 * index has the last text alone, whatever was committed with what. */
static void
test_index_follows(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct edit dry = {.kind = EDIT_REMOVE_FEED,
	    .feed_id = feed,
	    .purge_items = true,
	    .dry_run = true};
	static const char check[] =
	    "SELECT count(*), (SELECT count(*) FROM item_fts WHERE item_fts MATCH"
	    " 'alpha OR beta OR gamma'), (SELECT count(*) FROM item_fts WHERE"
	    " item_fts MATCH 'delta') FROM item";

	submit_edit_of(f, feed, "alpha");
	submit_edit_of(f, feed, "beta");
	assert_int_equal(store_edit(f->store, &dry, on_edit, f), 0);
	submit_edit_of(f, feed, "gamma");
	store_flush(f->store);
	submit_edit_of(f, feed, "beta");
	submit_edit_of(f, feed, "delta");
	assert_int_equal(store_edit(f->store, &dry, on_edit, f), 0);
	store_flush(f->store);
	assert_int_equal(f->result.error, 0);
	assert_string_equal(outside(f, check), "1|0|1\n");
	dry.dry_run = false;
	assert_int_equal(edit(f, &dry), 0);
	assert_string_equal(outside(f, check), "0|0|0\n");
}

/* All that an item carries arrives, and is left out where it is not there. */
static void
test_parts(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	struct batch *batch = new_batch(feed);
	struct item *item = add_item(batch, "1", NULL, "Title", "text");
	const struct item_enclosure enclosures[] = {
	    {.url = "https://example.org/a.mp3",
		.type = "audio/mpeg",
		.length = 123,
		.duration_s = 61.5},
	    {.url = "https://example.org/b", .length = -1, .duration_s = -1}};
	const char *const categories[] = {"news", "tech"};

	item->enclosures = enclosures;
	item->enclosure_count = 2;
	item->categories = categories;
	item->category_count = 2;
	item->published = 1700000000123;
	submit(f, batch, NULL);
	assert_string_equal(outside(f, "SELECT * FROM v1_enclosure"),
	    "1|https://example.org/a.mp3|audio/mpeg|123|NULL|0|NULL|61.5|NULL|NULL\n"
	    "1|https://example.org/b|NULL|NULL|NULL|1|NULL|NULL|NULL|NULL\n");
	assert_string_equal(outside(f,
				"SELECT published, date_source, updated"
				" FROM v1_item"),
	    "2023-11-14T22:13:20.123Z|published|NULL\n");
	assert_string_equal(
	    items(f, "has:audio", false), "1 Title r1 story=1 copies=0 []\n");
	assert_string_equal(items(f, "has:video", false), "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_store, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_empty),
	    TEST(test_first_batch),
	    TEST(test_arrival_order),
	    TEST(test_repeat_is_no_news),
	    TEST(test_edit_is_revision),
	    TEST(test_date_alone_is_no_edit),
	    TEST(test_guid_reused_in_document),
	    TEST(test_guid_changes),
	    TEST(test_same_content_present),
	    TEST(test_shared_link),
	    TEST(test_nothing_but_content),
	    TEST(test_repeats_fold),
	    TEST(test_key),
	    TEST(test_copies_in_other_feeds),
	    TEST(test_home_page_joins_nothing),
	    TEST(test_summary_and_article),
	    TEST(test_failing_and_recovered),
	    TEST(test_gone),
	    TEST(test_failure_keeps_validators),
	    TEST(test_bad_batch_harms_no_other),
	    TEST(test_index_follows),
	    TEST(test_parts),
	};

	return CHECK_RUN(tests);
}
