/* SPDX-License-Identifier: ISC */
/* What users and configurations change: feeds, states, tags, and taking it back. */
#include "tests/unit/storetest.h"

#include "store/naming.h"

static const char *
feeds(struct fixture *f, const char *text)
{
	struct store_spec spec = {.what = STORE_FEEDS, .query = text};

	return query(f, &spec);
}

static void
test_names(void **state)
{
	static const char *const cases[][2] = {
	    {"https://lwn.net/headlines/rss", "lwn"},
	    {"https://www.fortune.com/feed", "fortune"},
	    {"https://feeds.bbci.co.uk/news/rss.xml", "bbci"},
	    {"http://rss.slashdot.org/x", "slashdot"},
	    {"https://blog.rust-lang.org/feed.xml", "blog.rust-lang"},
	    {"https://rss.com/", "rss"},
	    {"https://163.com/rss", "163.com"},
	    {"http://localhost:8080/a", "localhost"},
	    {"http://127.0.0.1:8080/a", "127.0.0.1"},
	    {"http://[::1]:8080/a", "--1"},
	    {"https://feeds.feedburner.com/x", "feedburner"},
	    {"https://co.uk/", "co"},
	};
	struct buf name = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&name);
		naming_from_url(cases[i][0], &name);
		assert_string_equal(buf_text(&name), cases[i][1]);
	}
	buf_done(&name);
}

static void
test_add_feed(void **state)
{
	struct fixture *f = *state;
	const char *const tags[] = {"linux", "news"};
	struct edit add = {.kind = EDIT_ADD_FEED,
	    .url = "https://lwn.net/rss",
	    .tags = tags,
	    .tag_count = 2,
	    .options_json = "{\"interval\":\"2h\",\"user-agent\":\"me\","
			    "\"timeout\":\"30s\",\"max-body\":\"2M\"}"};
	struct store_spec plan = {.what = STORE_PLANS, .id = 1};
	struct store_spec request = {.what = STORE_REQUEST, .id = 1};

	assert_int_equal(edit(f, &add), 0);
	assert_int_equal(f->result.feed_id, 1);
	assert_string_equal(feeds(f, NULL),
	    "1 lwn ok lwn [\"linux\",\"news\"] items=0 unread=0 -\n");
	assert_non_null(strstr(query(f, &plan), "interval=1/7200000"));
	assert_string_equal(query(f, &request),
	    "https://lwn.net/rss etag=- lm=- for=- hash=0 known=0 ua=me "
	    "timeout=30000 max=2097152\n");
	/* The same address again, by whatever name. */
	add.name = "other";
	assert_int_equal(edit(f, &add), -EEXIST);
	assert_string_equal(f->message, "feed lwn has this address already");
	assert_int_equal(f->result.feed_id, 1);
	add.url = "https://lwn.net/other";
	add.name = NULL;
	add.options_json = NULL;
	assert_int_equal(edit(f, &add), 0);
	assert_non_null(strstr(feeds(f, "feed:lwn-2"), "lwn-2"));
	add.url = "https://lwn.net/third";
	add.options_json = "{\"name\":\"third\",\"title\":\"The Third\"}";
	assert_int_equal(edit(f, &add), 0);
	assert_non_null(strstr(feeds(f, "feed:third"), "3 third ok The Third"));
	add.url = "ftp://lwn.net/x";
	assert_int_equal(edit(f, &add), -EINVAL);
	add.url = "https://lwn.net/x";
	add.options_json = "{\"name\":\"12\"}";
	assert_int_equal(edit(f, &add), -EINVAL);
	add.options_json = "{\"name\":\"lwn\"}";
	assert_int_equal(edit(f, &add), -EEXIST);
	add.options_json = "no json";
	assert_int_equal(edit(f, &add), -EINVAL);
	/* What was refused left nothing. */
	assert_string_equal(outside(f, "SELECT count(*) FROM v1_feed"), "3\n");
}

static void
test_set_feed(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://lwn.net/rss");
	const char *const unset[] = {"interval", "title"};
	struct edit set = {.kind = EDIT_SET_FEED,
	    .feed_ref = "lwn",
	    .options_json = "{\"title\":\"Weekly\",\"tags\":\"a b\","
			    "\"enabled\":\"no\",\"interval\":\"learn\","
			    "\"rate-group\":\"x\"}"};
	struct store_spec request = {.what = STORE_REQUEST, .id = feed};
	struct store_spec plan = {.what = STORE_PLANS, .id = feed};
	struct batch *batch = new_batch(feed);

	batch->keep_validators = true;
	batch->validators.etag = "\"1\"";
	submit(f, batch, NULL);
	assert_int_equal(edit(f, &set), 0);
	assert_string_equal(feeds(f, NULL),
	    "1 lwn paused Weekly [\"a\",\"b\"] items=0 unread=0 -\n");
	assert_non_null(strstr(query(f, &plan), "interval=1/0 group=x paused"));
	assert_non_null(strstr(events(f, 1),
	    "feed_changed item=0 feed=lwn "
	    "{\"what\":[\"title\",\"tags\",\"enabled\",\"options\"]}"));
	set = (struct edit){.kind = EDIT_SET_FEED,
	    .feed_ref = "1",
	    .url = "https://lwn.net/new",
	    .unset = unset,
	    .unset_count = 2,
	    .options_json = "{\"enabled\":\"yes\"}"};
	assert_int_equal(edit(f, &set), 0);
	assert_string_equal(
	    feeds(f, NULL), "1 lwn ok lwn [\"a\",\"b\"] items=0 unread=0 -\n");
	assert_non_null(strstr(query(f, &request), "https://lwn.net/new etag=-"));
	assert_non_null(strstr(query(f, &plan), "interval=0/0 group=x "));
	set.feed_ref = "nosuch";
	assert_int_equal(edit(f, &set), -ENOENT);
	assert_string_equal(f->message, "no feed nosuch");
}

static void
test_remove_feed(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://lwn.net/rss");
	struct edit remove = {.kind = EDIT_REMOVE_FEED, .feed_ref = "lwn"};
	struct edit add = {.kind = EDIT_ADD_FEED, .url = "https://lwn.net/rss"};
	struct store_spec plans = {.what = STORE_PLANS};
	struct batch *batch;

	submit_one(f, feed, "1", "https://lwn.net/1", "Title", "needle");
	assert_int_equal(edit(f, &remove), 0);
	assert_string_equal(feeds(f, NULL), ""); /* the scope leaves it out */
	assert_non_null(strstr(feeds(f, "is:archived"), "archived"));
	assert_string_equal(query(f, &plans), "");
	assert_string_equal(
	    items(f, NULL, false), "1 Title r1 story=1 copies=0 []\n");
	/* What was under way when it went is not stored. */
	batch = new_batch(feed);
	add_item(batch, "2", NULL, "Late", "text");
	submit(f, batch, NULL);
	assert_int_equal(f->commit.error, -ENOENT);
	assert_int_equal(edit(f, &remove), -ENOENT);
	/* Added again it is the same feed, with its items. */
	assert_int_equal(edit(f, &add), 0);
	assert_int_equal(f->result.feed_id, feed);
	submit_one(f, feed, "1", "https://lwn.net/1", "Title", "needle");
	assert_int_equal(f->commit.new_items, 0);
	remove.purge_items = true;
	assert_int_equal(edit(f, &remove), 0);
	assert_int_equal(f->result.changed, 1);
	assert_string_equal(items(f, NULL, true), "");
	assert_string_equal(items(f, "needle", true), "");
	assert_non_null(strstr(events(f, 0),
	    "item_removed item=0 feed=- {\"id\":1,"
	    "\"key\":\""));
	/* And nothing stands in the way of a fresh start. */
	assert_int_equal(edit(f, &add), 0);
	submit_one(f, feed, "1", "https://lwn.net/1", "Title", "needle");
	assert_int_equal(f->commit.new_items, 1);
	assert_string_equal(
	    items(f, "needle", true), "2 Title r1 story=2 copies=0 []\n");
}

static struct feed_settings
section(const char *name, const char *url, const char *origin)
{
	return (struct feed_settings){
	    .name = name, .url = url, .origin = origin, .options.dup_level = -1};
}

static void
test_sync(void **state)
{
	struct fixture *f = *state;
	const char *const tags[] = {"b", "a", "b"};
	struct feed_settings list[3] = {
	    section("one", "https://one.example/", "f.conf:1"),
	    section("two", "https://two.example/", "f.conf:5"),
	    section("own", "https://clash.example/", "f.conf:9")};
	struct settings settings = {.feeds = list, .feed_count = 3};
	struct edit sync = {.kind = EDIT_SYNC_FEEDS, .settings = &settings};
	struct edit set = {
	    .kind = EDIT_SET_FEED, .feed_ref = "one", .title = "Mine"};
	struct edit add = {
	    .kind = EDIT_ADD_FEED, .url = "https://own.example/", .name = "own"};
	int64_t head;

	assert_int_equal(edit(f, &add), 0);
	list[0].tags = tags;
	list[0].tag_count = 3;
	list[0].options.interval = 60000;
	list[0].options.has_interval = true;
	assert_int_equal(edit(f, &sync), 0);
	assert_string_equal(buf_text(&f->notes),
	    "feed one added\nfeed two added\n"
	    "f.conf:9: feed own is not taken: one of the database has this name; "
	    "rename one of them, or remove that one\n");
	assert_non_null(strstr(feeds(f, "feed:one"), "one ok one [\"a\",\"b\"]"));
	/* The same again is no change, and neither is another line number. */
	head = store_head(f->store);
	list[1].origin = "f.conf:7";
	assert_int_equal(edit(f, &sync), 0);
	assert_int_equal(f->result.changed, 0);
	assert_int_equal(store_head(f->store), head);
	/* Feeds of files change there. */
	assert_int_equal(edit(f, &set), -EEXIST);
	assert_string_equal(
	    f->message, "feed one is set in f.conf:1: change it there, then reload");
	set.kind = EDIT_REMOVE_FEED;
	set.feed_ref = "two";
	assert_int_equal(edit(f, &set), -EEXIST);
	assert_non_null(strstr(f->message, "f.conf:7"));
	/* Changed, archived, and back. */
	list[0].url = "https://one.example/new";
	list[0].options.disabled = true;
	list[0].tag_count = 1;
	settings.feed_count = 1;
	assert_int_equal(edit(f, &sync), 0);
	assert_string_equal(buf_text(&f->notes),
	    "feed two archived: its section is gone\n"
	    "feed one changed: url, tags, enabled\n");
	assert_non_null(strstr(feeds(f, "feed:one"), "one paused one [\"b\"]"));
	assert_non_null(strstr(
	    events(f, head), "feed_removed item=0 feed=two {\"archived\":true}"));
	settings.feed_count = 2;
	assert_int_equal(edit(f, &sync), 0);
	assert_string_equal(buf_text(&f->notes), "feed two is back\n");
	assert_string_equal(
	    outside(f, "SELECT name, state FROM v1_feed ORDER BY id"),
	    "own|ok\none|paused\ntwo|ok\n");
}

static int
mark(struct fixture *f, const char *text, const char *add, const char *remove)
{
	struct edit modify = {.kind = EDIT_MODIFY_ITEMS,
	    .uid = 7,
	    .query = text,
	    .add = &add,
	    .add_count = add != NULL,
	    .remove = &remove,
	    .remove_count = remove != NULL};

	return edit(f, &modify);
}

static int
undo(struct fixture *f, const char *token, uid_t uid)
{
	struct edit what = {.kind = EDIT_UNDO, .token = token, .uid = uid};

	return edit(f, &what);
}

static void
three_items(struct fixture *f)
{
	struct batch *batch = new_batch(add_feed(f, "https://lwn.net/rss"));

	add_item(batch, "3", NULL, "Three", "kernel");
	add_item(batch, "2", NULL, "Two", "kernel");
	add_item(batch, "1", NULL, "One", "userland");
	submit(f, batch, NULL);
}

static void
test_marks_and_undo(void **state)
{
	struct fixture *f = *state;
	char first[32];

	three_items(f);
	assert_int_equal(mark(f, "kernel", "read", NULL), 0);
	assert_int_equal(f->result.matched, 2);
	assert_int_equal(f->result.changed, 2);
	strcpy(first, f->undo);
	assert_string_equal(first, "u1");
	assert_string_equal(events(f, 4),
	    "5 item_state item=2 feed=- {\"add\":[\"read\"],\"remove\":[]}\n"
	    "6 item_state item=3 feed=- {\"add\":[\"read\"],\"remove\":[]}\n");
	/* What is so already changes nothing, and needs no undo. */
	assert_int_equal(mark(f, "kernel", "read", NULL), 0);
	assert_int_equal(f->result.matched, 2);
	assert_int_equal(f->result.changed, 0);
	assert_string_equal(f->undo, "");
	assert_int_equal(mark(f, "one", "later/today", NULL), 0);
	assert_int_equal(mark(f, "id:2", "starred", "read"), 0);
	assert_string_equal(items(f, NULL, false),
	    "1 One r1 story=1 copies=0 [\"later/today\"]\n"
	    "2 Two r1 starred story=2 copies=0 []\n"
	    "3 Three r1 read story=3 copies=0 []\n");
	assert_string_equal(items(f, "tag:later/", false),
	    "1 One r1 story=1 copies=0 [\"later/today\"]\n");
	/* The caller's last, then the one before; others' stay. */
	assert_int_equal(undo(f, NULL, 8), -ENOENT);
	assert_int_equal(undo(f, NULL, 7), 0);
	assert_int_equal(f->result.changed, 1);
	assert_int_equal(undo(f, NULL, 7), 0);
	assert_string_equal(items(f, NULL, false),
	    "1 One r1 story=1 copies=0 []\n"
	    "2 Two r1 read story=2 copies=0 []\n"
	    "3 Three r1 read story=3 copies=0 []\n");
	assert_int_equal(undo(f, first, 0), 0);
	assert_int_equal(f->result.changed, 2);
	assert_int_equal(undo(f, first, 0), -ENOENT);
	assert_string_equal(f->message, "u1 is undone already");
	assert_int_equal(undo(f, "zebra", 0), -ENOENT);
	assert_int_equal(undo(f, "uffff", 0), -ENOENT);
	assert_string_equal(outside(f, "SELECT sum(read) FROM v1_item"), "0\n");
}

static void
test_hide(void **state)
{
	struct fixture *f = *state;

	three_items(f);
	assert_int_equal(mark(f, "kernel", "hidden", NULL), 0);
	assert_string_equal(items(f, NULL, false), "1 One r1 story=1 copies=0 []\n");
	assert_string_equal(outside(f, "SELECT id FROM v1_unread"), "1\n");
	/* Hidden ones are out of the default scope of marking, too. */
	assert_int_equal(mark(f, NULL, "read", NULL), 0);
	assert_int_equal(f->result.matched, 1);
	assert_int_equal(mark(f, "is:hidden", NULL, "hidden"), 0);
	assert_int_equal(f->result.matched, 2);
	assert_string_equal(outside(f, "SELECT count(*) FROM v1_unread"), "2\n");
}

static void
test_marks_refused(void **state)
{
	struct fixture *f = *state;
	const int64_t ids[] = {1, 99};
	const char *const add[] = {"x"};
	struct edit modify = {.kind = EDIT_MODIFY_ITEMS,
	    .ids = ids,
	    .id_count = 2,
	    .add = add,
	    .add_count = 1};

	three_items(f);
	assert_int_equal(edit(f, &modify), -ENOENT);
	assert_string_equal(f->message, "no item 99");
	assert_int_equal(mark(f, "nosuchfield:x", "read", NULL), -EINVAL);
	assert_int_equal(f->result.position, 0);
	assert_int_equal(mark(f, NULL, "no blanks", NULL), -EINVAL);
	modify = (struct edit){
	    .kind = EDIT_MODIFY_ITEMS, .add = add, .add_count = 1, .dry_run = true};
	assert_int_equal(edit(f, &modify), 0);
	assert_int_equal(f->result.matched, 3);
	assert_int_equal(f->result.changed, 3);
	assert_string_equal(f->undo, "");
	assert_string_equal(outside(f, "SELECT count(*) FROM v1_item_tag"), "0\n");
}

static void
test_undo_with_copies(void **state)
{
	struct fixture *f = *state;
	int64_t a = add_feed(f, "https://a.example/"),
		b = add_feed(f, "https://b.example/");

	submit_one(f, a, "1", "https://news.example/x", "Title", "text");
	submit_one(f, b, "1", "https://news.example/x", "Title", "text");
	assert_int_equal(mark(f, "id:1", "read", NULL), 0);
	assert_int_equal(f->result.changed, 1);
	assert_string_equal(outside(f, "SELECT sum(read) FROM item"), "2\n");
	assert_int_equal(undo(f, NULL, 7), 0);
	assert_int_equal(f->result.changed, 1);
	assert_string_equal(outside(f, "SELECT sum(read) FROM item"), "0\n");
	/* Hiding the first gives the lead to the second, undo gives it back. */
	assert_int_equal(mark(f, "id:1", "hidden", NULL), 0);
	assert_string_equal(outside(f,
				"SELECT group_concat(duplicate) FROM (SELECT "
				"duplicate FROM item ORDER BY id)"),
	    "1,0\n");
	assert_int_equal(undo(f, NULL, 7), 0);
	assert_string_equal(outside(f,
				"SELECT group_concat(duplicate) FROM (SELECT "
				"duplicate FROM item ORDER BY id)"),
	    "0,1\n");
	/* Stars are never copied. */
	assert_int_equal(mark(f, "id:1", "starred", NULL), 0);
	assert_string_equal(outside(f, "SELECT sum(starred) FROM item"), "1\n");
}

static void
test_quarantine(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://lwn.net/rss");
	struct edit what = {.kind = EDIT_QUARANTINE,
	    .feed_id = feed,
	    .reason = "its document killed the fetcher twice"};
	struct store_spec plan = {.what = STORE_PLANS, .id = feed};

	assert_int_equal(edit(f, &what), 0);
	assert_non_null(strstr(query(f, &plan), "quarantined"));
	assert_non_null(strstr(feeds(f, NULL),
	    "failing lwn [] items=0 unread=0 "
	    "its document killed"));
	what.reason = NULL;
	assert_int_equal(edit(f, &what), 0);
	assert_null(strstr(query(f, &plan), "quarantined"));
	what.feed_id = 99;
	assert_int_equal(edit(f, &what), -ENOENT);
}

/* Failures that turned out to be the network's. */
static void
test_forgive(void **state)
{
	struct fixture *f = *state;
	struct feed_plan plan = {
	    .name = "lwn", .url = "https://lwn.net/rss", .failures = 4};
	struct edit what = {.kind = EDIT_FORGIVE, .failures = 1};

	plan.id = what.feed_id = add_feed(f, plan.url);
	submit(f, new_batch(plan.id), &plan);
	assert_int_equal(edit(f, &what), 0);
	assert_string_equal(
	    outside(f, "SELECT failures, failing_since IS NULL FROM feed"), "1|0\n");
	assert_string_equal(
	    outside(f, "SELECT count(*) FROM event WHERE kind = 'feed_recovered'"),
	    "1\n");
	what.failures = 0;
	assert_int_equal(edit(f, &what), 0);
	assert_string_equal(
	    outside(f, "SELECT failures, failing_since IS NULL FROM feed"), "0|1\n");
	assert_string_equal(
	    outside(f, "SELECT count(*) FROM event WHERE kind = 'feed_recovered'"),
	    "1\n");
	what.feed_id = 99; /* gone meanwhile: nothing to say */
	assert_int_equal(edit(f, &what), 0);
}

/* An attempt that was under way when a move was taken back writes what it remembers
 * afterwards: the address that was taken back stays known. */
static void
test_undo_of_a_move_stays(void **state)
{
	static const char url[] = "https://lwn.net/rss",
			  new[] = "https://lwn.net/new";
	struct fixture *f = *state;
	struct feed_plan plan = {
	    .name = "lwn", .url = url, .memory = "first=1", .new_url = new};
	struct edit what = {.kind = EDIT_UNDO_MOVE, .feed_ref = "lwn"};

	plan.id = add_feed(f, url);
	submit(f, new_batch(plan.id), &plan);
	assert_int_equal(edit(f, &what), 0);
	plan.new_url = NULL;
	submit(f, new_batch(plan.id), &plan);
	assert_string_equal(
	    outside(f, "SELECT memory, no_move <> 0, moved_url FROM feed"),
	    "first=1|1|NULL\n");
	/* Until the feed's own address changes. */
	what = (struct edit){.kind = EDIT_SET_FEED,
	    .feed_ref = "lwn",
	    .url = "https://lwn.net/other"};
	assert_int_equal(edit(f, &what), 0);
	assert_string_equal(
	    outside(f, "SELECT memory, no_move FROM feed"), "NULL|0\n");
}

/* A feed that went into another one comes back as it was, by an undo or when it is
 * added again. */
static void
test_undo_of_a_merge(void **state)
{
	static const char old[] = "https://lwn.net/rss",
			  new[] = "https://lwn.net/new";
	static const char row[] =
	    "SELECT name, archived, merged, fetch_url FROM feed WHERE name = 'lwn'";
	struct fixture *f = *state;
	struct feed_plan plan = {.name = "lwn", .url = new, .moves = true};
	struct edit undo = {.kind = EDIT_UNDO_MOVE, .feed_ref = "lwn"};
	struct edit add = {.kind = EDIT_ADD_FEED, .url = old};
	struct edit away = {.kind = EDIT_REMOVE_FEED, .feed_ref = "lwn"};

	plan.id = add_feed(f, old);
	(void)add_feed(f, new);
	submit(f, new_batch(plan.id), &plan);
	assert_string_equal(outside(f, row), "lwn|1|2|https://lwn.net/new\n");
	assert_int_equal(edit(f, &undo), 0);
	assert_string_equal(outside(f, row), "lwn|0|0|NULL\n");
	submit(f, new_batch(plan.id), &plan);
	assert_int_equal(edit(f, &add), 0);
	assert_string_equal(outside(f, row), "lwn|0|0|NULL\n");
	/* One that was removed has no move to take back. */
	assert_int_equal(edit(f, &away), 0);
	assert_int_equal(edit(f, &undo), -ENOENT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_store, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    TEST(test_add_feed),
	    TEST(test_set_feed),
	    TEST(test_remove_feed),
	    TEST(test_sync),
	    TEST(test_marks_and_undo),
	    TEST(test_hide),
	    TEST(test_marks_refused),
	    TEST(test_undo_with_copies),
	    TEST(test_quarantine),
	    TEST(test_forgive),
	    TEST(test_undo_of_a_move_stays),
	    TEST(test_undo_of_a_merge),
	};

	return CHECK_RUN(tests);
}
