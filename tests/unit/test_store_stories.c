/* SPDX-License-Identifier: ISC */
/* What is the same: identity in a feed, edits, stories, and putting them right. */
#include "tests/unit/storetest.h"

#include "normalise/normalise.h"

/* `count` words from number `first` on, a sentence of its own each time. */
static char *
words(unsigned first, unsigned count)
{
	struct buf b = {0};
	unsigned i;

	for (i = first; i < first + count; i++)
		buf_printf(&b, "%c%c%c%c ", 'a' + (char)(i % 26),
		    'a' + (char)(i / 26 % 26), 'a' + (char)(i / 676 % 26),
		    'a' + (char)(i % 23));
	return buf_steal(&b);
}

static void
put(struct batch *batch, const char *guid, const char *url, const char *title,
    const char *text)
{
	struct item *item = add_item(batch, guid, url, title, text);

	item->content_hash =
	    normalise_fingerprint(item->title, item->text, &item->content_chars);
}

static void
submit_at(struct fixture *f, int64_t feed, msec_t received, const char *guid,
    const char *url, const char *title, const char *text)
{
	struct batch *batch = new_batch(feed);

	batch->received = received;
	put(batch, guid, url, title, text);
	submit(f, batch, NULL);
	assert_int_equal(f->commit.error, 0);
}

static void
submit_text(struct fixture *f, int64_t feed, const char *guid, const char *url,
    const char *title, const char *text)
{
	submit_at(f, feed, 0, guid, url, title, text);
}

static void
set_option(struct fixture *f, int64_t feed, const char *json)
{
	char ref[24];
	struct edit what = {
	    .kind = EDIT_SET_FEED, .feed_ref = ref, .options_json = json};

	snprintf(ref, sizeof(ref), "%lld", (long long)feed);
	assert_int_equal(edit(f, &what), 0);
}

static const char *
story(struct fixture *f, int64_t id)
{
	struct store_spec spec = {.what = STORE_STORY, .id = id};

	return query(f, &spec);
}

static const char *
count_items(struct fixture *f)
{
	return outside(f, "SELECT count(*), count(DISTINCT story_id) FROM item");
}

/* ------------------------------------------------------------ identity */

static void
test_guid_needs_company(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char *one = words(0, 30), *two = words(9000, 30);

	/* Title alike, or text alike: the same article under another address. */
	submit_text(f, feed, "g", "https://a.example/1", "Budget passes vote", one);
	submit_text(
	    f, feed, "g", "https://a.example/2", "Budget passes a vote", two);
	assert_string_equal(count_items(f), "1|1\n");
	submit_text(f, feed, "g", "https://a.example/3", "Quite another one", two);
	assert_string_equal(count_items(f), "1|1\n");
	/* Neither: the guid stands for another article now. */
	submit_text(f, feed, "g", "https://a.example/4", "Storm hits coast", one);
	assert_string_equal(count_items(f), "2|2\n");
	assert_string_equal(outside(f, "SELECT guid_reuse FROM feed_ident"), "1\n");
	/* But an article's own number in both addresses is company. */
	submit_text(f, feed, "a/126433486", "https://a.example/126433486/map.html",
	    "Where the hotspots are", one);
	submit_text(f, feed, "a/126433486", "https://a.example/126433486/quiet.html",
	    "Villagers get on with it", two);
	assert_string_equal(count_items(f), "3|3\n");
	free(one);
	free(two);
}

static void
test_site_move_keeps_marks(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	const char *const marks[] = {"read", "starred", "ai"};
	struct edit mark = {
	    .kind = EDIT_MODIFY_ITEMS, .query = "", .add = marks, .add_count = 3};
	struct batch *batch = new_batch(feed);
	char *text[3], guid[40], url[60];
	int i;

	for (i = 0; i < 3; i++) {
		text[i] = words((unsigned)i * 1000, 40);
		snprintf(guid, sizeof(guid), "old-%d", i);
		snprintf(url, sizeof(url), "http://old.example/%d", i);
		put(batch, guid, url, "Title", text[i]);
	}
	submit(f, batch, NULL);
	assert_int_equal(edit(f, &mark), 0);
	batch = new_batch(feed);
	for (i = 0; i < 3; i++) {
		snprintf(guid, sizeof(guid), "new-%d", i);
		snprintf(url, sizeof(url), "https://new.example/post/%d", i);
		put(batch, guid, url, "Title", text[i]);
		free(text[i]);
	}
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 0);
	assert_int_equal(f->commit.updated_items, 0);
	assert_string_equal(
	    outside(f,
		"SELECT count(*), sum(read), sum(starred), max(url) FROM"
		" item"),
	    "3|3|3|https://new.example/post/2\n");
}

/* A document that was cut says nothing of what is not in it. */
static void
test_cut_is_no_absence(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char *text = words(0, 40);
	struct batch *batch;

	submit_text(f, feed, "old", "http://old.example/1", "Title", text);
	batch = new_batch(feed);
	batch->cut = true;
	put(batch, "new", "https://new.example/1", "Title", text);
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 1);
	/* And an empty feed is no deletion. */
	submit(f, new_batch(feed), NULL);
	assert_string_equal(outside(f, "SELECT count(*) FROM item"), "2\n");
	free(text);
}

static void
purge_all(struct fixture *f)
{
	sqlite3 *db;

	/* As retention does, aliases staying behind. */
	store_close(f->store);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"INSERT INTO item_alias SELECT feed_id, 4, 0, id FROM item;"
		"DELETE FROM sketch; DELETE FROM item_text; DELETE FROM item_raw;"
		"DELETE FROM item;",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	open_store(f);
}

static void
test_purged_stays_away(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char *text = words(0, 40);

	submit_text(f, feed, "1", "https://a.example/1", "Title", text);
	submit_text(f, feed, "2", NULL, "No address", "short");
	purge_all(f);
	submit_text(f, feed, "1", "https://a.example/1", "New title", "new text");
	submit_text(f, feed, "2", NULL, "No address", "short");
	submit_text(f, feed, "other", "https://a.example/9", "Title", text);
	assert_string_equal(outside(f, "SELECT count(*) FROM item"), "0\n");
	/* A guid alone is used again for another article. */
	submit_text(f, feed, "1", "https://a.example/8", "Another", "other text");
	assert_string_equal(outside(f, "SELECT count(*) FROM item"), "1\n");
	free(text);
}

static void
test_changelog(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char guid[40], title[40];
	int poll, i;

	/* One address for all, another guid at each poll. */
	for (poll = 0; poll < 3; poll++) {
		struct batch *batch = new_batch(feed);

		for (i = 0; i < 60; i++) {
			char *text = words((unsigned)i * 100, 30);

			snprintf(guid, sizeof(guid), "%d-%d", poll, i);
			snprintf(title, sizeof(title), "Release %d", i);
			put(batch, guid, "https://a.example/changes", title, text);
			free(text);
		}
		submit(f, batch, NULL);
		assert_int_equal(f->commit.new_items, poll == 0 ? 60 : 0);
	}
}

/* An entry that has neither id nor address, beside one that has both and says the
 * same: two items, however often they come. */
static void
test_anonymous_twin(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char *text = words(0, 40);
	int poll;

	for (poll = 0; poll < 3; poll++) {
		struct batch *batch = new_batch(feed);

		put(batch, NULL, NULL, "A title", text);
		put(batch, "1", "https://example.org/1", "A title", text);
		submit(f, batch, NULL);
		assert_string_equal(count_items(f), "2|2\n");
	}
	free(text);
}

static void
test_identity_policies(void **state)
{
	static const struct {
		const char *json, *guid, *url, *title, *text;
		int new_items;
	} cases[] = {
	    /* After guid "1", address /1, title "Title", text "text". */
	    {"{\"identity\":\"guid\"}", "1", "https://a.example/9", "X", "y", 0},
	    {"{\"identity\":\"guid\"}", "9", "https://a.example/1", "Title", "text",
		1},
	    {"{\"identity\":\"link\"}", "9", "https://a.example/1", "X", "y", 0},
	    {"{\"identity\":\"link\"}", "1", "https://a.example/9", "Title", "text",
		1},
	    {"{\"identity\":\"title\"}", "9", "https://a.example/9", "Title", "y",
		0},
	    {"{\"identity\":\"title\"}", "1", "https://a.example/1", "X", "text", 1},
	    {"{\"identity\":\"content\"}", "9", "https://a.example/9", "Title",
		"text", 0},
	    {"{\"identity\":\"content\"}", "1", "https://a.example/1", "Title", "y",
		1},
	    {"{\"dup-level\":\"0\"}", "1", "https://a.example/9", "X", "y", 0},
	    {"{\"dup-level\":\"0\"}", "9", "https://a.example/1", "Title", "text",
		1},
	};
	struct fixture *f = *state;
	char url[40];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t feed;

		snprintf(url, sizeof(url), "https://f%zu.example/", i);
		feed = add_feed(f, url);
		/* Stored before anybody chose: found all the same. */
		submit_text(f, feed, "1", "https://a.example/1", "Title", "text");
		set_option(f, feed, cases[i].json);
		submit_text(f, feed, cases[i].guid, cases[i].url, cases[i].title,
		    cases[i].text);
		assert_int_equal(f->commit.new_items, cases[i].new_items);
	}
}

/* ------------------------------------------------------------ edits */

static void
test_edits(void **state)
{
	static const struct {
		const char *json;
		bool small_unread, big_unread;
		const char *revision;
	} cases[] = {{"{}", false, false, "3\n"},
	    {"{\"edits\":\"silent\"}", false, false, "3\n"},
	    {"{\"edits\":\"significant\"}", false, true, "3\n"},
	    {"{\"edits\":\"unread\"}", true, true, "3\n"},
	    {"{\"edits\":\"ignore\"}", false, false, "1\n"}};
	struct fixture *f = *state;
	const char *const read[] = {"read"};
	char url[40], sql[100];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t feed, id = (int64_t)i + 1;
		char *text = words(0, 60), *other = words(5000, 60), *tail;
		struct edit mark = {.kind = EDIT_MODIFY_ITEMS,
		    .ids = &id,
		    .id_count = 1,
		    .add = read,
		    .add_count = 1};

		snprintf(url, sizeof(url), "https://f%zu.example/", i);
		feed = add_feed(f, url);
		set_option(f, feed, cases[i].json);
		set_option(f, feed, "{\"dup-level\":\"1\"}");
		snprintf(url, sizeof(url), "https://a.example/%zu", i);
		submit_text(f, feed, "1", url, "Title", text);
		assert_int_equal(edit(f, &mark), 0);
		tail = xasprintf("%s more", text);
		submit_text(f, feed, "1", url, "Title", tail);
		snprintf(
		    sql, sizeof(sql), "SELECT read FROM item WHERE id = %zu", i + 1);
		assert_string_equal(
		    outside(f, sql), cases[i].small_unread ? "0\n" : "1\n");
		assert_int_equal(edit(f, &mark), 0);
		submit_text(f, feed, "1", url, "Title", other);
		assert_string_equal(
		    outside(f, sql), cases[i].big_unread ? "0\n" : "1\n");
		snprintf(sql, sizeof(sql),
		    "SELECT revision FROM item WHERE id = %zu", i + 1);
		assert_string_equal(outside(f, sql), cases[i].revision);
		free(text);
		free(other);
		free(tail);
	}
}

/* ------------------------------------------------------------ stories */

/* The same text in two feeds, under other titles and addresses. */
static void
submit_copies(struct fixture *f, int64_t ret_feed[2])
{
	char *text = words(0, 200);

	ret_feed[0] = add_feed(f, "https://one.example/");
	ret_feed[1] = add_feed(f, "https://two.example/");
	submit_text(
	    f, ret_feed[0], "1", "https://one.example/1", "First heading", text);
	submit_text(
	    f, ret_feed[1], "1", "https://two.example/x", "Other heading", text);
	free(text);
}

static void
test_copy_joins(void **state)
{
	struct fixture *f = *state;
	int64_t feed[2];

	submit_copies(f, feed);
	assert_string_equal(count_items(f), "2|1\n");
	assert_string_equal(
	    items(f, NULL, false), "1 First heading r1 story=1 copies=1 []\n");
	assert_non_null(strstr(story(f, 2),
	    "copy by machine beside 1: copy of item 1: 197 of 197 phrases shared, "
	    "title 0."));
	assert_non_null(strstr(events(f, 0), "item_joined"));
	assert_string_equal(outside(f, "SELECT old, new FROM story_log"), "2|1\n");
	assert_string_equal(items(f, "story:1", false),
	    "1 First heading r1 story=1 copies=1 []\n"
	    "2 Other heading r1 duplicate story=1 copies=1 []\n");
	assert_string_equal(
	    outside(f, "SELECT id, items, feeds FROM v1_story"), "1|2|2\n");
}

static void
test_levels(void **state)
{
	struct fixture *f = *state;
	int64_t one = add_feed(f, "https://one.example/"),
		two = add_feed(f, "https://two.example/"),
		three = add_feed(f, "https://three.example/");
	char *text = words(0, 200);

	set_option(f, two, "{\"dup-level\":\"2\"}");
	set_option(f, three, "{\"dup-level\":\"1\"}");
	submit_text(f, one, "1", "https://one.example/1", "A heading", text);
	submit_text(f, two, "1", "https://two.example/1", "A heading", text);
	submit_text(f, three, "1", "https://one.example/1", "A heading", text);
	assert_string_equal(count_items(f), "3|3\n");
	submit_text(f, two, "2", "https://one.example/1", "A summary", "of it");
	assert_string_equal(count_items(f), "4|3\n"); /* its address */
	free(text);
}

/* As the daemon hands it down: for all feeds that say nothing else. */
static void
test_global_level(void **state)
{
	struct fixture *f = *state;
	struct settings settings = {
	    .dup_level = 2, .dup_read = "all", .dup_window = MSEC_PER_DAY};
	struct edit sync = {.kind = EDIT_SYNC_FEEDS, .settings = &settings};
	int64_t feed[2];

	assert_int_equal(edit(f, &sync), 0);
	submit_copies(f, feed);
	assert_string_equal(count_items(f), "2|2\n");
}

static void
test_window(void **state)
{
	struct fixture *f = *state;
	int64_t one = add_feed(f, "https://one.example/"),
		two = add_feed(f, "https://two.example/");
	const msec_t start = 1700000000000;
	char *text = words(0, 200);

	submit_at(f, one, start, "1", "https://one.example/1", "A heading", text);
	submit_at(f, two, start + 8 * MSEC_PER_DAY, "1", "https://two.example/1",
	    "A heading", text);
	assert_string_equal(count_items(f), "2|2\n");
	assert_string_equal(outside(f, "SELECT count(*) FROM sketch"), "1\n");
	free(text);
}

/* The index is read from the tables: after a restart too. */
static void
test_restart(void **state)
{
	struct fixture *f = *state;
	int64_t one = add_feed(f, "https://one.example/"),
		two = add_feed(f, "https://two.example/");
	char *text = words(0, 200);

	submit_text(f, one, "1", "https://one.example/1", "A heading", text);
	store_close(f->store);
	open_store(f);
	submit_text(f, two, "1", "https://two.example/1", "Another", text);
	assert_string_equal(count_items(f), "2|1\n");
	free(text);
}

/* An item that is alone looks again when its text is another. */
static void
test_revision_joins(void **state)
{
	struct fixture *f = *state;
	int64_t one = add_feed(f, "https://one.example/"),
		two = add_feed(f, "https://two.example/");
	char *text = words(0, 200);

	submit_text(f, one, "1", "https://one.example/1", "A heading", text);
	submit_text(f, two, "1", "https://two.example/1", "Live", "to follow");
	assert_string_equal(count_items(f), "2|2\n");
	submit_text(f, two, "1", "https://two.example/1", "Live", text);
	assert_string_equal(count_items(f), "2|1\n");
	free(text);
}

/* ... and when it is the older of the two, the story has its id. */
static void
test_revision_is_first(void **state)
{
	struct fixture *f = *state;
	int64_t one = add_feed(f, "https://one.example/"),
		two = add_feed(f, "https://two.example/"),
		three = add_feed(f, "https://three.example/");
	char *text = words(0, 200);

	submit_text(f, one, "1", "https://one.example/1", "Live", "to follow");
	submit_text(f, two, "1", "https://two.example/1", "A heading", text);
	submit_text(f, three, "1", "https://two.example/1", "Worth it", "short");
	submit_text(f, one, "1", "https://one.example/1", "Live", text);
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|1|1\n3|1|1\n");
	assert_string_equal(
	    outside(f, "SELECT item_id, story_id, why, peer FROM item_story"),
	    "2|1|copy|1\n3|1|url|2\n");
	assert_non_null(strstr(story(f, 1), "copy of item 1: 197 of 197"));
	free(text);
}

/* A copy came first; then the article, whose address another feed had: the copy
 * is drawn into their story.  Put out by hand, it is never drawn in again. */
static void
test_late_original(void **state)
{
	struct fixture *f = *state;
	int64_t copy = add_feed(f, "https://copy.example/"),
		link = add_feed(f, "https://link.example/"),
		own = add_feed(f, "https://own.example/");
	char *text = words(0, 200), *longer = words(0, 220);
	struct edit split = {
	    .kind = EDIT_SPLIT_ITEM, .ids = (const int64_t[]){1}, .id_count = 1};

	submit_text(f, copy, "1", "https://copy.example/1", "First heading", text);
	submit_text(f, link, "1", "https://own.example/1", "Worth reading", "here");
	assert_string_equal(count_items(f), "2|2\n");
	submit_text(f, own, "1", "https://own.example/1", "Other heading", text);
	assert_string_equal(count_items(f), "3|1\n");
	assert_non_null(strstr(story(f, 1),
	    "copy by machine beside 3: item 3 of its story is a copy of item 1: "
	    "197 of 197"));
	assert_non_null(strstr(story(f, 1), "same address as item 2 of link"));
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|1|1\n3|1|1\n");
	assert_string_equal(outside(f,
				"SELECT count(*) FROM item_story"
				" WHERE item_id > 1 AND story_id = 1"),
	    "2\n");
	assert_int_equal(edit(f, &split), 0);
	submit_text(f, own, "1", "https://own.example/1", "Other heading", longer);
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|2|0\n3|2|1\n");
	assert_int_equal(edit(f, &(struct edit){.kind = EDIT_UNDO}), 0);
	assert_string_equal(count_items(f), "3|1\n");
	free(text);
	free(longer);
}

/* Two parts of an article, then the whole of it: one story.  But stories that have
 * two items each are never made one. */
static void
test_parts_before_whole(void **state)
{
	struct fixture *f = *state;
	int64_t feed[6];
	char *part[2] = {words(0, 100), words(100, 100)}, *all = words(0, 200);
	char url[40];
	unsigned i;

	for (i = 0; i < 6; i++) {
		snprintf(url, sizeof(url), "https://f%u.test/", i);
		feed[i] = add_feed(f, url);
	}
	for (i = 0; i < 2; i++)
		submit_text(f, feed[i], "1", NULL, "The heading of all", part[i]);
	assert_string_equal(count_items(f), "2|2\n");
	submit_text(f, feed[2], "1", NULL, "The heading of all", all);
	assert_string_equal(count_items(f), "3|1\n");
	for (i = 0; i < 2; i++) {
		free(part[i]);
		part[i] = words(2000 + i * 100, 100);
		submit_text(f, feed[i], "2", NULL, "Another heading now", part[i]);
		submit_text(
		    f, feed[3 + i], "2", NULL, "Another heading now", part[i]);
	}
	assert_string_equal(count_items(f), "7|3\n");
	free(all);
	all = words(2000, 200);
	submit_text(f, feed[5], "2", NULL, "Another heading now", all);
	assert_string_equal(count_items(f), "8|3\n");
	free(part[0]);
	free(part[1]);
	free(all);
}

static void
test_digest(void **state)
{
	struct fixture *f = *state;
	struct buf all = {0};
	unsigned i;

	for (i = 0; i < 4; i++) {
		char *text = words(i * 1000, 50), url[60], title[40];

		snprintf(url, sizeof(url), "https://f%u.example/", i);
		snprintf(title, sizeof(title), "Heading of article %c", 'a' + i);
		submit_text(f, add_feed(f, url), "1", url, title, text);
		buf_puts(&all, text);
		free(text);
	}
	submit_text(f, add_feed(f, "https://digest.example/"), "1",
	    "https://digest.example/1", "Morning briefing", buf_text(&all));
	assert_string_equal(count_items(f), "5|5\n");
	buf_done(&all);
}

static void
test_read_carries(void **state)
{
	static const struct {
		const char *read;
		bool copy, url;
	} cases[] = {{"all", true, true}, {"copy", true, true}, {"url", false, true},
	    {"off", false, false}};
	struct fixture *f = *state;
	const char *const marks[] = {"read", "starred"};
	int64_t id = 1;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++, id += 3) {
		struct edit mark = {.kind = EDIT_MODIFY_ITEMS,
		    .ids = &id,
		    .id_count = 1,
		    .add = marks,
		    .add_count = 2};
		char *text = words((unsigned)i * 2000, 200);
		char name[3][40], json[40], sql[100], want[40];
		int64_t feed[3];
		int k;

		for (k = 0; k < 3; k++) {
			snprintf(name[k], sizeof(name[k]),
			    "https://f%zu-%d.example/", i, k);
			feed[k] = add_feed(f, name[k]);
			snprintf(json, sizeof(json), "{\"dup-read\":\"%s\"}",
			    cases[i].read);
			set_option(f, feed[k], json);
		}
		submit_text(f, feed[0], "1", name[0], "First heading", text);
		submit_text(f, feed[1], "1", name[1], "Other words here", text);
		submit_text(f, feed[2], "1", name[0], "First heading", text);
		assert_int_equal(edit(f, &mark), 0);
		snprintf(sql, sizeof(sql),
		    "SELECT group_concat(read, ''), sum(starred) FROM (SELECT * FROM"
		    " item WHERE id >= %lld ORDER BY id)",
		    (long long)id);
		snprintf(
		    want, sizeof(want), "1%d%d|1\n", cases[i].copy, cases[i].url);
		assert_string_equal(outside(f, sql), want);
		free(text);
	}
}

/* ------------------------------------------------------------ by hand */

static void
test_split_and_undo(void **state)
{
	struct fixture *f = *state;
	const int64_t second = 2;
	struct edit split = {.kind = EDIT_SPLIT_ITEM, .ids = &second, .id_count = 1};
	struct edit undo = {.kind = EDIT_UNDO};
	int64_t feed[2];
	char *text = words(0, 200), *more = xasprintf("%s more", text);

	submit_copies(f, feed);
	assert_int_equal(edit(f, &split), 0);
	assert_string_equal(items(f, NULL, false),
	    "1 First heading r1 story=1 copies=0 []\n"
	    "2 Other heading r1 story=2 copies=0 []\n");
	assert_non_null(strstr(events(f, 0), "item_split item=2"));
	assert_int_equal(edit(f, &split), -EEXIST);
	/* The machine does not overrule it. */
	submit_text(f, feed[1], "1", "https://two.example/x", "Other heading", more);
	assert_string_equal(count_items(f), "2|2\n");
	assert_int_equal(edit(f, &undo), 0);
	assert_string_equal(count_items(f), "2|1\n");
	assert_non_null(strstr(story(f, 1), "copy by machine beside 1"));
	assert_string_equal(outside(f, "SELECT count(*) FROM story_block"), "0\n");
	assert_string_equal(outside(f,
				"SELECT group_concat(duplicate) FROM (SELECT "
				"duplicate FROM item ORDER BY id)"),
	    "0,1\n");
	free(text);
	free(more);
}

/* The first one leaves: it keeps its id, and the others take another. */
static void
test_split_first(void **state)
{
	struct fixture *f = *state;
	const int64_t first = 1;
	struct edit split = {.kind = EDIT_SPLIT_ITEM, .ids = &first, .id_count = 1};
	struct edit undo = {.kind = EDIT_UNDO};
	int64_t feed[2], third;
	char *text = words(0, 200);

	submit_copies(f, feed);
	third = add_feed(f, "https://three.example/");
	submit_text(f, third, "1", "https://three.example/", "Third of them", text);
	assert_string_equal(count_items(f), "3|1\n");
	assert_int_equal(edit(f, &split), 0);
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|2|0\n3|2|1\n");
	/* What came to the renamed story since goes back with it. */
	submit_text(f, add_feed(f, "https://four.example/"), "1",
	    "https://two.example/x", "Fourth", "short");
	assert_string_equal(
	    outside(f, "SELECT story_id FROM item WHERE id = 4"), "2\n");
	assert_int_equal(edit(f, &undo), 0);
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|1|1\n3|1|1\n4|1|1\n");
	free(text);
}

static void
test_join_and_undo(void **state)
{
	struct fixture *f = *state;
	const int64_t pair[] = {3, 2}, nobody[] = {1, 99};
	struct edit join = {.kind = EDIT_JOIN_ITEMS, .ids = pair, .id_count = 2};
	struct edit undo = {.kind = EDIT_UNDO};
	int64_t feed[2];

	submit_copies(f, feed);
	submit_text(f, add_feed(f, "https://three.example/"), "1",
	    "https://three.example/", "Quite another", "text");
	assert_string_equal(count_items(f), "3|2\n");
	assert_int_equal(edit(f, &join), 0);
	assert_string_equal(count_items(f), "3|1\n");
	assert_int_equal(edit(f, &join), -EEXIST);
	assert_non_null(
	    strstr(story(f, 3), "user by user beside 2: put together by hand"));
	join.ids = nobody;
	assert_int_equal(edit(f, &join), -ENOENT);
	assert_int_equal(edit(f, &undo), 0);
	assert_string_equal(
	    outside(f, "SELECT id, story_id, duplicate FROM item ORDER BY id"),
	    "1|1|0\n2|1|1\n3|3|0\n");
}

/* By its second one: each but the very first has a reason to be there. */
static void
test_join_two_stories(void **state)
{
	struct fixture *f = *state;
	const int64_t pair[] = {1, 4};
	struct edit join = {.kind = EDIT_JOIN_ITEMS, .ids = pair, .id_count = 2};
	int64_t feed[2];
	char *text = words(3000, 200);

	submit_copies(f, feed);
	submit_text(f, feed[0], "2", "https://one.example/2", "Another", text);
	submit_text(f, feed[1], "2", "https://two.example/2", "Another", text);
	assert_string_equal(count_items(f), "4|2\n");
	assert_int_equal(edit(f, &join), 0);
	assert_string_equal(
	    outside(f, "SELECT item_id, story_id, why FROM item_story"),
	    "2|1|copy\n3|1|user\n4|1|copy\n");
	free(text);
}

/* ------------------------------------------------------------ hostile feeds */

/* Ten thousand entries with one guid, and as many that are all equal. */
static void
test_one_guid(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/");
	char title[40];
	int poll, i;

	for (poll = 0; poll < 2; poll++) {
		struct batch *batch = batch_new(feed, 64 << 20);

		batch->outcome = OUTCOME_OK;
		batch->whole = true;
		for (i = 0; i < 10000; i++) {
			snprintf(title, sizeof(title), "number %d%d", i, poll);
			put(batch, "g", "https://a.example/", title, title);
		}
		submit(f, batch, NULL);
		assert_int_equal(f->commit.error, 0);
	}
	assert_true(atoi(outside(f, "SELECT count(*) FROM item")) >= 10000);
}

static void
test_all_equal(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/"), other;
	char *text = words(0, 100), guid[40];
	struct batch *batch = batch_new(feed, 64 << 20);
	int i;

	batch->outcome = OUTCOME_OK;
	batch->whole = true;
	for (i = 0; i < 3000; i++) {
		snprintf(guid, sizeof(guid), "%d", i);
		put(batch, guid, NULL, "The same title", text);
	}
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, 3000);
	other = add_feed(f, "https://other.example/");
	submit_text(f, other, "1", NULL, "The same title", text);
	free(text);
}

/* An address that one document has several times, and another feed's item has too:
 * none of them is that item, not even the one that is stored first. */
static void
test_link_of_another(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://example.org/"),
		other = add_feed(f, "https://other.example/");
	char guid[2] = "a", title[] = "What is for sale a";
	struct batch *batch = new_batch(other);

	submit_text(f, feed, "1", "https://example.org/1", "An article",
	    "and what it says of something");
	for (; *guid < 'd'; ++*guid) {
		title[sizeof(title) - 2] = *guid;
		put(batch, guid, "https://example.org/1", title, title);
	}
	submit(f, batch, NULL);
	assert_string_equal(count_items(f), "4|4\n");
}

/* What everyone prints is not too common to be found. */
static void
test_many_copies(void **state)
{
	struct fixture *f = *state;
	char *text = words(0, 100), url[40];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(url, sizeof(url), "https://f%d.example/", i);
		submit_text(f, add_feed(f, url), "1", url,
		    "What the agency reports on this day", text);
	}
	assert_string_equal(count_items(f), "100|1\n");
	free(text);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_store, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(test_guid_needs_company),
	    TEST(test_site_move_keeps_marks),
	    TEST(test_cut_is_no_absence),
	    TEST(test_purged_stays_away),
	    TEST(test_changelog),
	    TEST(test_anonymous_twin),
	    TEST(test_identity_policies),
	    TEST(test_edits),
	    TEST(test_copy_joins),
	    TEST(test_levels),
	    TEST(test_global_level),
	    TEST(test_window),
	    TEST(test_restart),
	    TEST(test_revision_joins),
	    TEST(test_revision_is_first),
	    TEST(test_late_original),
	    TEST(test_parts_before_whole),
	    TEST(test_digest),
	    TEST(test_read_carries),
	    TEST(test_split_and_undo),
	    TEST(test_split_first),
	    TEST(test_join_and_undo),
	    TEST(test_join_two_stories),
	    TEST(test_one_guid),
	    TEST(test_all_equal),
	    TEST(test_link_of_another),
	    TEST(test_many_copies),
	};

	return CHECK_RUN(tests);
}
