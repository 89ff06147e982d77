/* SPDX-License-Identifier: ISC */
/* Reading: pages, search, counts, events, and what ends a query early. */
#include "tests/unit/storetest.h"

#include "base/limits.h"

static msec_t fake_now = 1700000000000;

static msec_t
read_fake_now(void)
{
	return fake_now;
}

/* Two readers, and a clock that stands. */
static void
open_patient(struct fixture *f, msec_t page)
{
	struct store_options options = {
	    .readers = 2, .now = read_fake_now, .page = page};
	struct buf reason = {0};

	assert_int_equal(store_open(f->path, &options, &f->store, &reason), 0);
	buf_done(&reason);
}

static int
setup_two(void **state)
{
	setup_directory(state);
	open_patient(*state, 0);
	return 0;
}

static void
fill(struct fixture *f, unsigned count)
{
	struct batch *batch = new_batch(add_feed(f, "https://lwn.net/rss"));
	char guid[16];
	unsigned i;

	for (i = count; i > 0; i--) {
		snprintf(guid, sizeof(guid), "n%u", i);
		add_item(batch, guid, NULL, guid, i % 3 == 0 ? "fizz" : "plain");
	}
	submit(f, batch, NULL);
	assert_int_equal(f->commit.new_items, count);
}

static void
test_pages(void **state)
{
	struct fixture *f = *state;
	struct store_spec spec = {.what = STORE_ITEMS, .limit = 2};

	fill(f, 5);
	assert_string_equal(query(f, &spec),
	    "5 n5 r1 story=5 copies=0 []\n4 n4 r1 story=4 copies=0 []\n");
	assert_true(f->end.more);
	assert_int_equal(f->end.next, 4);
	spec.after = f->end.next;
	assert_string_equal(query(f, &spec),
	    "3 n3 r1 story=3 copies=0 []\n2 n2 r1 story=2 copies=0 []\n");
	spec.after = f->end.next;
	assert_string_equal(query(f, &spec), "1 n1 r1 story=1 copies=0 []\n");
	assert_false(f->end.more);
	spec = (struct store_spec){
	    .what = STORE_ITEMS, .limit = 1, .oldest_first = true, .after = 1};
	assert_string_equal(query(f, &spec), "2 n2 r1 story=2 copies=0 []\n");
	assert_true(f->end.more);
	spec = (struct store_spec){.what = STORE_ITEMS, .query = "fizz", .limit = 1};
	assert_string_equal(query(f, &spec), "3 n3 r1 story=3 copies=0 []\n");
	assert_false(f->end.more);
	spec = (struct store_spec){.what = STORE_ITEMS, .id = 77};
	query(f, &spec);
	assert_int_equal(f->end.error, -ENOENT);
	spec = (struct store_spec){.what = STORE_REQUEST, .id = 77};
	query(f, &spec);
	assert_int_equal(f->end.error, -ENOENT);
}

/* Beyond the first stretch of ids, and beyond a page. */
static void
test_far_back(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://lwn.net/rss");
	struct store_spec spec = {.what = STORE_ITEMS, .query = "needle"};
	struct batch *batch;
	char guid[16];
	unsigned i, n;

	submit_one(f, feed, "first", NULL, "First", "a needle");
	for (n = 0; n < 6; n++) {
		batch = new_batch(feed);
		for (i = 0; i < 500; i++) {
			snprintf(guid, sizeof(guid), "%u-%u", n, i);
			add_item(batch, guid, NULL, guid, guid);
		}
		submit(f, batch, NULL);
	}
	assert_string_equal(query(f, &spec), "1 First r1 story=1 copies=0 []\n");
	spec.query = NULL;
	query(f, &spec);
	assert_int_equal(f->end.rows, LIMIT_PAGE_ROWS);
	assert_true(f->end.more);
}

static void
test_words(void **state)
{
	struct fixture *f = *state;
	int64_t feed = add_feed(f, "https://lwn.net/rss");
	struct batch *batch = new_batch(feed);

	add_item(batch, "5", NULL, "ภาษาไทย", "สวัสดีครับ");
	add_item(batch, "4", NULL, "한국어", "대한민국");
	add_item(batch, "3", NULL, "Café crème", "Déjà vu");
	add_item(batch, "2", NULL, "東京都の天気", "晴れ");
	add_item(batch, "1", NULL, "Kernel news", "CVE-2026-12345 in io_uring");
	submit(f, batch, NULL);
	assert_non_null(strstr(items(f, "cafe", false), "3 Café"));
	assert_non_null(strstr(items(f, "title:CREME", false), "3 Café"));
	assert_non_null(strstr(items(f, "天気", false), "2 東京都"));
	assert_non_null(strstr(items(f, "京都", false), "2 東京都"));
	assert_string_equal(items(f, "東気", false), "");
	assert_non_null(strstr(items(f, "민국", false), "4 한국어"));
	assert_non_null(strstr(items(f, "สวัสดี", false), "5 "));
	assert_non_null(strstr(items(f, "title~'^k.rnel'", false), "1 Kernel"));
	assert_non_null(
	    strstr(items(f, "text~'CVE-\\d+-12345'", false), "1 Kernel"));
	assert_non_null(strstr(items(f, "ker%", false), "1 Kernel"));
	assert_string_equal(items(f, "not kernel -cafe title:nothing", false), "");
	items(f, "nosuchfield:x", false);
	assert_int_equal(f->end.error, -EINVAL);
	assert_int_equal(f->end.position, 0);
	items(f, "(", false);
	assert_int_equal(f->end.error, -EINVAL);
}

static void
test_hostile_words(void **state)
{
	static const char *const cases[] = {"\"'\"", "'; DROP TABLE item; --",
	    "\"\"\"\"", "C++", "it\\'s", "multi-agent", "AND", "NEAR", "item_fts",
	    "\"item_fts MATCH ?\"", "title:\"item_fts MATCH ?\"", "%", "\"*\"",
	    "title~'?'", "title~'(a+)+$'", "{}", "^x", "\"\xe2\x80\xae\"", "?1"};
	struct fixture *f = *state;
	size_t i;

	fill(f, 3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		items(f, cases[i], true);
		assert_true(f->end.error == 0 || f->end.error == -EINVAL);
		assert_null(strstr(f->message, "SQL"));
		assert_null(strstr(f->message, "syntax"));
		assert_null(strstr(f->message, "fts5"));
	}
	assert_string_equal(outside(f, "SELECT count(*) FROM item"), "3\n");
}

static void
test_counts(void **state)
{
	struct fixture *f = *state;
	const char *const tags[] = {"news"};
	struct edit add = {.kind = EDIT_ADD_FEED,
	    .url = "https://b.example/",
	    .tags = tags,
	    .tag_count = 1};
	struct store_spec spec = {.what = STORE_COUNT, .group_by = "feed"};

	fill(f, 4);
	assert_int_equal(edit(f, &add), 0);
	submit_one(
	    f, f->result.feed_id, "1", "https://sub.news.example/1", "T", "x");
	assert_string_equal(query(f, &spec), "total=5\nlwn=4\nb=1\n");
	spec.group_by = "tag";
	assert_string_equal(query(f, &spec), "total=5\nnews=1\n");
	spec.group_by = "host";
	assert_string_equal(query(f, &spec), "total=5\nsub.news.example=1\n");
	spec.group_by = "day";
	assert_string_equal(query(f, &spec), "total=5\n2023-11-14=5\n");
	spec.group_by = NULL;
	spec.query = "fizz";
	assert_string_equal(query(f, &spec), "total=1\n");
	spec.group_by = "weather";
	query(f, &spec);
	assert_int_equal(f->end.error, -EINVAL);
}

static void
test_events(void **state)
{
	struct fixture *f = *state;
	struct store_spec spec = {.what = STORE_EVENTS, .query = "fizz"};
	int64_t middle;

	fill(f, 6); /* events 1 to 7 */
	assert_string_equal(query(f, &spec),
	    "4 item_new item=3 feed=- -\n7 item_new item=6 feed=- -\n");
	assert_int_equal(f->end.next, 7);
	spec.limit = 1;
	assert_string_equal(query(f, &spec), "4 item_new item=3 feed=- -\n");
	assert_true(f->end.more);
	spec.after = f->end.next;
	assert_string_equal(query(f, &spec), "7 item_new item=6 feed=- -\n");
	/* Nothing matched, and the position moves on all the same. */
	spec = (struct store_spec){.what = STORE_EVENTS, .query = "absent"};
	assert_string_equal(query(f, &spec), "");
	assert_int_equal(f->end.next, 7);
	assert_false(f->end.more);
	spec = (struct store_spec){.what = STORE_EVENTS, .last = 2};
	assert_string_equal(query(f, &spec),
	    "6 item_new item=5 feed=- -\n7 item_new item=6 feed=- -\n");
	/* By time. */
	middle = fake_now + 5000;
	fake_now += 10000;
	submit_one(f, 1, "late", NULL, "Late", "fizz");
	spec = (struct store_spec){.what = STORE_EVENTS, .from_time = middle};
	assert_string_equal(query(f, &spec), "8 item_new item=7 feed=- -\n");
	spec.from_time = 1;
	query(f, &spec);
	assert_int_equal(f->end.rows, 7);
	spec.from_time = fake_now + 1;
	assert_string_equal(query(f, &spec), "");
	assert_int_equal(f->end.next, 8);
	/* Feeds are found by what can be asked of feeds. */
	spec = (struct store_spec){
	    .what = STORE_EVENTS, .query = "feed:lwn", .kinds = UINT32_MAX};
	query(f, &spec);
	assert_int_equal(f->end.rows, 8);
	spec.query = "fizz";
	query(f, &spec);
	assert_int_equal(f->end.rows, 3);
}

static void
test_too_expensive(void **state)
{
	struct fixture *f = *state;
	struct store_spec spec = {
	    .what = STORE_COUNT, .query = "text~'(x+x+)+[yz]' or text~'(xx+)+[wv]'"};
	struct batch *batch = new_batch(add_feed(f, "https://lwn.net/rss"));
	char guid[16], text[300];
	unsigned i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 1000; i++) {
		snprintf(guid, sizeof(guid), "%u", i);
		add_item(batch, guid, NULL, guid, text);
	}
	submit(f, batch, NULL);
	store_close(f->store);
	open_patient(f, 20);
	query(f, &spec);
	assert_int_equal(f->end.error, -ETIME);
	assert_non_null(strstr(f->message, "too long"));
	/* The reader is as good as before. */
	spec = (struct store_spec){.what = STORE_ITEMS, .id = 1};
	query(f, &spec);
	assert_int_equal(f->end.rows, 1);
}

/* Readers that stand still in their first row until a byte comes. */
struct gate {
	int in, out; /* the reader says it is there; the test lets it go */
	int in_reader, out_test;
};

static void
encode_at_gate(void *arg, const struct row *row, struct buf *out)
{
	struct gate *gate = arg;
	char c = 'x';

	(void)row;
	if (write(gate->in_reader, &c, 1) != 1 || read(gate->out, &c, 1) != 1)
		abort();
	buf_putc(out, 'x');
}

static void
gate_init(struct gate *gate)
{
	int a[2], b[2];

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	*gate = (struct gate){a[0], b[0], a[1], b[1]};
}

static void
gate_done(struct gate *gate)
{
	close(gate->in);
	close(gate->out);
	close(gate->in_reader);
	close(gate->out_test);
}

static void
gate_wait(struct gate *gate)
{
	char c;

	assert_int_equal(read(gate->in, &c, 1), 1);
}

static void
gate_open(struct gate *gate)
{
	assert_int_equal(write(gate->out_test, "x", 1), 1);
}

static void
start(struct fixture *f, struct gate *gate, uid_t uid, struct store_query **ret)
{
	struct store_spec spec = {.what = STORE_ITEMS, .id = 1, .uid = uid};

	assert_int_equal(store_query(f->store, &spec, encode_at_gate, gate, on_block,
			     on_end, f, ret),
	    0);
}

static void
test_cancel(void **state)
{
	struct fixture *f = *state;
	struct store_query *running, *second, *waiting;
	struct gate gate;

	fill(f, 1);
	gate_init(&gate);
	f->called = 0;
	buf_reset(&f->rows);
	start(f, &gate, 1, &running);
	start(f, &gate, 1, &second);
	gate_wait(&gate);
	gate_wait(&gate);
	start(f, &gate, 1, &waiting);
	store_query_cancel(waiting);
	store_query_cancel(running);
	gate_open(&gate);
	gate_open(&gate);
	wait_until(f, 1);
	store_flush(f->store);
	store_dispatch(f->store);
	assert_int_equal(f->called, 1);
	assert_string_equal(buf_text(&f->rows), "x");
	/* And the store closes over one that runs. */
	start(f, &gate, 1, &running);
	gate_wait(&gate);
	gate_open(&gate);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(f->called, 2);
	gate_done(&gate);
}

/* Who has both readers gets no third while somebody else waits. */
static void
test_fairness(void **state)
{
	struct fixture *f = *state;
	struct gate mine, yours;

	fill(f, 1);
	gate_init(&mine);
	gate_init(&yours);
	f->called = 0;
	start(f, &mine, 1, NULL);
	start(f, &mine, 1, NULL);
	gate_wait(&mine);
	gate_wait(&mine);
	start(f, &mine, 1, NULL);
	start(f, &yours, 2, NULL);
	gate_open(&mine);
	wait_until(f, 1);
	gate_wait(&yours); /* not the third of mine */
	gate_open(&yours);
	gate_open(&mine);
	gate_open(&mine);
	wait_until(f, 4);
	gate_done(&mine);
	gate_done(&yours);
}

/* What plain SQLite sees is what we say. */
static void
test_views(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"v1_item", "v1_unread", "v1_feed",
	    "v1_story", "v1_item_tag", "v1_enclosure", "v1_event", "v1_revision",
	    "v1_fetch", "v1_item_category"};
	static const char item[] =
	    "id,key,feed_id,feed,story_id,title,url,author,summary,text,html,tags,"
	    "read,starred,hidden,duplicate,seen,published,updated,date_source,lang,"
	    "guid,revision,link,image,comments,meta,raw";
	static const char feed[] =
	    "id,name,title,url,site,tags,state,last_success,last_attempt,next_fetch,"
	    "failures,last_error,items,unread,format,subtitle,lang,image,icon";
	static const char *const columns[] = {item, item, feed,
	    "id,title,url,first_seen,last_seen,items,feeds", "item_id,tag",
	    "item_id,url,type,length,title,n,medium,duration_s,width,height",
	    "seq,time,kind,item_id,feed_id,detail",
	    "item_id,revision,seen,title,url,text,html",
	    "feed_id,time,outcome,status,bytes,msec,detail", "item_id,n,term"};
	char sql[160], expect[320];
	size_t i;

	fill(f, 2);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT group_concat(name) FROM pragma_table_info('%s')",
		    names[i]);
		snprintf(expect, sizeof(expect), "%s\n", columns[i]);
		assert_string_equal(outside(f, sql), expect);
	}
	assert_string_equal(
	    outside(f, "SELECT count(*) FROM v1_unread WHERE feed = 'lwn'"), "2\n");
	assert_non_null(
	    strstr(outside(f,
		       "SELECT id, title, first_seen, last_seen, items, feeds"
		       " FROM v1_story WHERE id = 1"),
		"|1|1\n"));
	assert_int_equal(strlen(outside(f, "SELECT seen FROM v1_item WHERE id = 1")),
	    25); /* 2023-11-14T22:13:20.000Z and the line's end */
	assert_string_equal(
	    outside(f, "SELECT outcome, status FROM v1_fetch"), "ok|200\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_two, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_pages),
	    TEST(test_far_back),
	    TEST(test_words),
	    TEST(test_hostile_words),
	    TEST(test_counts),
	    TEST(test_events),
	    TEST(test_too_expensive),
	    TEST(test_cancel),
	    TEST(test_fairness),
	    TEST(test_views),
	};

	return CHECK_RUN(tests);
}
