/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "normalise/normalise.h"

#define NOW INT64_C(1767225600000) /* 2026-01-01 */

static struct text
text(enum text_type type, const char *value)
{
	return (struct text){
	    .value = value, .size = value != NULL ? strlen(value) : 0, .type = type};
}

static struct item
make(const struct raw_entry *raw, struct normalise_context *context)
{
	struct item item;

	assert_int_equal(normalise_entry(raw, context, &item), 0);
	return item;
}

static struct normalise_context
context_new(const char *base)
{
	return (struct normalise_context){
	    .base = base, .now = NOW, .arena = arena_new(1 << 20)};
}

static void
context_free(struct normalise_context *context)
{
	normalise_done(context);
	arena_free(context->arena);
}

static void
texts_become_plain(void **state)
{
	static const struct {
		enum text_type type;
		const char *value, *line, *lines;
	} cases[] = {
	    {TEXT_PLAIN, "  a \n b\t\xC2\xA0 c ", "a b c", "a\n b \xC2\xA0 c"},
	    {TEXT_PLAIN, "a\r\n\r\n\r\nb  \nc", "a b c", "a\n\nb\nc"},
	    {TEXT_PLAIN,
		"a\x1B[31mb\xC2\x9B"
		"c",
		"a[31mbc", "a[31mbc"},
	    {TEXT_PLAIN, "1 < 2 &amp; <b>3</b>", "1 < 2 &amp; <b>3</b>",
		"1 < 2 &amp; <b>3</b>"},
	    {TEXT_PLAIN, "bad \xFF byte", "bad byte", "bad  byte"},
	    {TEXT_PLAIN, "", "", ""},
	    {TEXT_HTML, "<p>1 &lt; 2</p><p>b<br>c</p>", "1 < 2 b c",
		"1 < 2\n\nb\nc"},
	    {TEXT_XHTML, "<em>a</em>\n b", "a b", "a b"},
	    {TEXT_OTHER, "iVBORw0KGgo=", "", ""},
	    {TEXT_PLAIN, NULL, "", ""},
	};
	struct buf out = {0};
	struct text t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		t = text(cases[i].type, cases[i].value);
		buf_reset(&out);
		normalise_text(&t, true, &out);
		assert_string_equal(buf_text(&out), cases[i].line);
		buf_reset(&out);
		normalise_text(&t, false, &out);
		assert_string_equal(buf_text(&out), cases[i].lines);
	}
	buf_done(&out);
}

static void
plain_text_becomes_html(void **state)
{
	struct buf out = {0};
	struct text t = text(TEXT_PLAIN, "a & <b>\nc\n\n\nd\n");

	(void)state;
	normalise_html(&t, NULL, &out);
	assert_string_equal(
	    buf_text(&out), "<p>a &amp; &lt;b&gt;<br>\nc</p>\n<p>d</p>");
	buf_reset(&out);
	t = text(TEXT_HTML, "<a href=b onclick=x>c</a><script>d</script>");
	normalise_html(&t, "http://x.test/y/", &out);
	assert_non_null(strstr(buf_text(&out), "href=\"http://x.test/y/b\""));
	assert_null(strstr(buf_text(&out), "onclick"));
	assert_null(strstr(buf_text(&out), "script"));
	buf_reset(&out);
	t = text(TEXT_HTML, "a]]>b \"c\"\nd"); /* characters alone stay */
	normalise_html(&t, NULL, &out);
	assert_string_equal(buf_text(&out), "a]]>b \"c\"\nd");
	buf_reset(&out);
	t = text(TEXT_HTML, "a > b & c\x01\x7F");
	normalise_html(&t, NULL, &out);
	assert_string_equal(buf_text(&out), "a &gt; b &amp; c");
	buf_done(&out);
}

static void
durations_are_read(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} cases[] = {
	    {"3600", 3600},
	    {" 62:30 ", 3750},
	    {"1:02:05", 3725},
	    {"1:02:05.5", 3725.5},
	    {"00:00:00", 0},
	    {"npt:12.25", 12.25},
	    {"PT1H2M3S", 3723},
	    {"pt45m", 2700},
	    {"1h 2m", 3720},
	    {"45 min", 2700},
	    {"90 seconds", 90},
	    {"0:5", 5},
	    {"", -1},
	    {"-5", -1},
	    {"1:2:3:4", -1},
	    {"1::2", -1},
	    {"about an hour", -1},
	    {"1e5", -1},
	    {"nan", -1},
	    {"99999999999999999999", -1},
	    {"5m 1h", -1},
	    {"12 parsecs", -1},
	    {"1:", -1},
	    {"PT", -1},
	    {"inf", -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (fabs(normalise_duration(cases[i].text) - cases[i].seconds) >
		    1e-6)
			fail_msg("%s: %f", cases[i].text,
			    normalise_duration(cases[i].text));
	}
}

static void
hints_are_read_and_clamped(void **state)
{
	struct link hub = {.href = "http://hub.test/"};
	struct raw_feed raw = {.ttl = " 90 ",
	    .update_period = " hourly ",
	    .update_frequency = "4",
	    .skip_hours = "0 5 24 23 99",
	    .hubs = &hub,
	    .skip_days = "Monday sat Funday"};
	struct hints hints = {0};

	(void)state;
	normalise_hints(&raw, &hints);
	assert_int_equal(hints.ttl, 90 * MSEC_PER_MIN);
	assert_int_equal(hints.period, 15 * MSEC_PER_MIN);
	assert_int_equal(hints.skip_hours, 1 | 1 << 5 | 1 << 23);
	assert_int_equal(hints.skip_days, 1 << 1 | 1 << 6);
	assert_string_equal(hints.hub, "http://hub.test/");

	raw = (struct raw_feed){.ttl = "99999999999999999999",
	    .update_frequency = "2",
	    .skip_days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
	    .skip_hours =
		"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"};
	normalise_hints(&raw, &hints);
	assert_int_equal(hints.ttl, 366 * MSEC_PER_DAY);
	assert_int_equal(hints.period, 12 * MSEC_PER_HOUR);
	assert_int_equal(hints.skip_hours, 0);
	assert_int_equal(hints.skip_days, 0);

	raw = (struct raw_feed){
	    .ttl = "-5", .update_period = "often", .update_frequency = "0"};
	normalise_hints(&raw, &hints);
	assert_int_equal(hints.ttl, 0);
	assert_int_equal(hints.period, 0);

	raw = (struct raw_feed){
	    .ttl = "soon", .update_period = "weekly", .update_frequency = "x"};
	normalise_hints(&raw, &hints);
	assert_int_equal(hints.ttl, 0);
	assert_int_equal(hints.period, 7 * MSEC_PER_DAY);
}

static void
fingerprints_tell_words_from_dress(void **state)
{
	static const struct {
		const char *title, *text;
	} same[] =
	    {
		{"A Title", "Some caf\xC3\xA9 words, 42."},
		{"a  title!", "some CAFE words 42"},
		{"A Title", "Some cafe\xCC\x81 words, https://x.test/?utm=1 42."},
		{"\xEF\xBC\xA1 Title", "Some\n\ncaf\xC3\xA9 words 42"},
	    },
	  other[] = {
	      {"A Title", "Some caf\xC3\xA9 words, 43."},
	      {"A Title Some", "caf\xC3\xA9 words, 42."},
	      {NULL, "A Title Some caf\xC3\xA9 words, 42."},
	      {"A Title", NULL},
	  };
	uint32_t chars;
	uint64_t hash = normalise_fingerprint(same[0].title, same[0].text, &chars);
	size_t i;

	(void)state;
	assert_int_equal(chars, 6 + 15);
	for (i = 1; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(normalise_fingerprint(
				same[i].title, same[i].text, &chars) == hash);
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_true(normalise_fingerprint(
				other[i].title, other[i].text, &chars) != hash);
	(void)normalise_fingerprint(NULL, NULL, &chars);
	assert_int_equal(chars, 0);
}

static void
an_entry_becomes_an_item(void **state)
{
	struct person second = {.name = "B\n C"},
		      same = {.next = &second, .name = "A"},
		      first = {.next = &same, .name = "A", .email = "a@x.test"};
	struct category c3 = {.term = "x"}, c2 = {.next = &c3, .label = " y  z "},
			c1 = {.next = &c2, .term = "x"};
	struct enclosure e2 = {.url = "javascript:x",
			     .length = -1,
			     .duration_s = -1},
			 e1 = {.next = &e2,
			     .url = "a b.mp3",
			     .type = "audio/mpeg",
			     .length = 77,
			     .duration_s = -1};
	struct media_content m2 = {.url = "/pic.jpg",
				 .medium = "image",
				 .width = "640"},
			     m1 = {.next = &m2,
				 .url = "a b.mp3",
				 .duration = "61",
				 .length = "99"};
	struct raw_entry raw = {.raw_hash = 9,
	    .content = text(
		TEXT_HTML, "<p>Hello <b>there</b></p><img src=i.png onerror=x>"),
	    .enclosures = &e1,
	    .comments = "c.html",
	    .raw = "<item/>",
	    .raw_size = 7};
	struct normalise_context context = context_new("http://www.x.test/feed/");
	struct item item;

	(void)state;
	raw.c.title = text(TEXT_HTML, " A &amp; <i>B</i>\n");
	raw.c.summary = text(TEXT_PLAIN, "short");
	raw.c.id = " id 1\n";
	raw.c.link = "../a/?utm_source=rss&b=1";
	raw.c.language = "en_us";
	raw.c.authors = &first;
	raw.c.categories = &c1;
	raw.c.published = "2020-05-05T10:00:00Z";
	raw.c.updated = "junk";
	raw.media = (struct media){.present = true, .contents = &m1};
	context.keep_raw = true;
	item = make(&raw, &context);

	assert_string_equal(item.guid, "id 1");
	assert_string_equal(item.link, "http://www.x.test/a/?utm_source=rss&b=1");
	assert_string_equal(item.url, "http://www.x.test/a/?b=1");
	assert_true(item.url_key == hash64("//x.test/a?b=1", 14));
	assert_int_equal(item.raw_hash, 9);
	assert_string_equal(item.title, "A & B");
	assert_string_equal(item.author, "A, B C");
	assert_string_equal(item.summary, "short");
	assert_non_null(strstr(item.text, "Hello there"));
	assert_non_null(strstr(item.html, "src=\"http://www.x.test/feed/i.png\""));
	assert_null(strstr(item.html, "onerror"));
	assert_string_equal(item.raw, "<item/>");
	assert_string_equal(item.lang, "en-us");
	assert_string_equal(item.comments, "http://www.x.test/feed/c.html");
	assert_true(item.published == INT64_C(1588672800000));
	assert_int_equal(item.updated, 0);
	assert_int_equal(item.category_count, 2);
	assert_string_equal(item.categories[1], "y z");
	assert_int_equal(item.enclosure_count, 2);
	assert_int_equal(item.enclosures[0].length, 77);
	assert_true(item.enclosures[0].duration_s > 60);
	assert_string_equal(item.enclosures[1].url, "http://www.x.test/pic.jpg");
	assert_int_equal(item.enclosures[1].width, 640);
	assert_string_equal(item.image, "http://www.x.test/pic.jpg");
	assert_true(item.content_chars > 10);
	context_free(&context);
}

static void
what_is_missing_stays_so(void **state)
{
	struct raw_entry raw = {0};
	struct normalise_context context = context_new(NULL);
	struct item item = make(&raw, &context);

	(void)state;
	assert_null(item.guid);
	assert_null(item.link);
	assert_null(item.url);
	assert_int_equal(item.url_key, 0);
	assert_null(item.title);
	assert_null(item.author);
	assert_null(item.summary);
	assert_null(item.text);
	assert_null(item.html);
	assert_null(item.raw);
	assert_null(item.lang);
	assert_null(item.image);
	assert_null(item.meta);
	assert_int_equal(item.published, 0);
	assert_int_equal(item.enclosure_count, 0);
	assert_int_equal(item.category_count, 0);
	context_free(&context);
}

static void
links_are_chosen(void **state)
{
	struct raw_entry raw = {0};
	struct normalise_context context = context_new("https://x.test/f");
	struct item item;

	(void)state;
	raw.c.link = "https://x.test/redirect/1";
	raw.original_link = "https://x.test/a";
	item = make(&raw, &context);
	assert_string_equal(item.link, "https://x.test/a");
	raw = (struct raw_entry){.id_is_permalink = true};
	raw.c.id = "https://x.test/b";
	item = make(&raw, &context);
	assert_string_equal(item.link, "https://x.test/b");
	raw.c.id = "b-1";
	item = make(&raw, &context);
	assert_null(item.link);
	raw.c.link = "https://www.x.test/";
	item = make(&raw, &context);
	assert_string_equal(item.url, "https://www.x.test/");
	assert_int_equal(item.url_key, 0); /* the home page is no article */
	context_free(&context);
}

static void
only_the_web_is_a_link(void **state)
{
	static const char *const links[] = {"javascript:alert(1)",
	    "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
	    "java\tscript:alert(1)", "\x01javascript:alert(1)",
	    "javascript&colon;alert(1)", "jAvAsCrIpT:0", "vbscript:msgbox(1)",
	    "data:text/html,<script>x</script>", "DATA:text/html;x",
	    "file:///etc/passwd", "FILE://x/y", "fi\nle:///etc/passwd",
	    "ftp://x.test/a", "mailto:a@x.test", "tel:112", "about:blank",
	    "blob:https://x.test/1", "view-source:https://x.test/",
	    "jar:https://x.test!/a", "res://x", "ms-word:x", "shell:startup",
	    "search-ms:query=x", "smb://x/y", "ssh://x", "steam://run/1",
	    "intent://x#Intent;end", "chrome://settings", "livescript:x", "mocha:x",
	    "feed:javascript:x", "urn:x:y", "tag:x,2020:y", "http:", "http://",
	    "https:///", "://x", "magnet:?xt=urn:btih:1"};
	struct normalise_context context = context_new(NULL);
	struct raw_entry raw = {0};
	struct item item;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		raw.c.link = links[i];
		item = make(&raw, &context);
		if (item.url != NULL)
			fail_msg("%s: %s", links[i], item.url);
	}
	raw.c.link = " HTTPS://x.test/a\n";
	item = make(&raw, &context);
	assert_string_equal(item.url, "HTTPS://x.test/a");
	context_free(&context);
}

static void
long_things_are_cut(void **state)
{
	struct normalise_context context = context_new(NULL);
	struct raw_entry raw = {0};
	struct buf words = {0};
	struct item item;
	size_t i, chars = 0;

	(void)state;
	for (i = 0; i < 3000; i++)
		buf_puts(&words, "w\xC3\xB6rd ");
	raw.c.title = text(TEXT_PLAIN, words.data);
	raw.content = text(TEXT_PLAIN, words.data);
	item = make(&raw, &context);
	assert_true(strlen(item.title) <= LIMIT_TITLE_BYTES);
	assert_true(unicode_is_valid(item.title, strlen(item.title)));
	for (i = 0; item.summary[i] != '\0'; i++)
		chars += ((unsigned char)item.summary[i] & 0xC0) != 0x80;
	assert_in_range(chars, LIMIT_SUMMARY_CHARS - 10, LIMIT_SUMMARY_CHARS);
	assert_string_equal(item.summary + strlen(item.summary) - 3, "\xE2\x80\xA6");
	assert_int_equal(strlen(item.text), words.len - 1);
	buf_done(&words);
	context_free(&context);
}

static void
dates_nobody_believes_are_none(void **state)
{
	struct normalise_context context = context_new(NULL);
	struct raw_entry raw = {0};
	struct item item;

	(void)state;
	raw.c.published = "2026-01-01T00:59:00Z";
	assert_true(make(&raw, &context).published != 0);
	raw.c.published = "2026-01-01T01:01:00Z";
	item = make(&raw, &context);
	assert_int_equal(item.published, 0);
	assert_non_null(
	    strstr(item.meta, "\"published\":\"2026-01-01T01:01:00.000Z\""));
	raw.c.published = "1970-01-01T00:00:01Z";
	assert_int_equal(make(&raw, &context).published, 0);
	raw.c.published = "1996-02-03T00:00:00Z";
	assert_true(make(&raw, &context).published != 0);
	context_free(&context);
}

static void
rare_things_are_kept_as_json(void **state)
{
	struct normalise_context context = context_new("http://x.test/");
	struct reply reply = {.ref = "tag:1", .href = "p"};
	struct chapter chapter = {.start = "1:05", .title = "One \"two\""};
	struct thumbnail thumbnail = {.url = "t.png", .width = "10"};
	struct common source = {.id = "urn:s"};
	struct link via = {.rel = "via", .href = "/v", .length = -1};
	struct raw_entry raw = {.in_reply_to = &reply,
	    .chapters = &chapter,
	    .comments_count = "12",
	    .source = &source,
	    .media = {.present = true, .thumbnails = &thumbnail}};
	static const char *const parts[] = {
	    "\"itunes\":{\"explicit\":true,\"duration_s\":3725,\"episode\":7}",
	    "\"geo\":{\"type\":\"Point\",\"coordinates\":[8.5,47]}",
	    "\"in_reply_to\":{\"ref\":\"tag:1\",\"href\":\"http://x.test/p\"}",
	    "\"chapters\":[{\"start_s\":65,\"title\":\"One \\\"two\\\"\"}]",
	    "\"thumbnails\":[{\"url\":\"http://x.test/t.png\",\"width\":10}]",
	    "\"comments_count\":12",
	    "\"source\":{\"title\":\"From\",\"id\":\"urn:s\"}",
	    "\"links\":[{\"rel\":\"via\",\"href\":\"http://x.test/v\"}]"};
	struct item item;
	size_t i;

	(void)state;
	source.title = text(TEXT_PLAIN, "From");
	raw.c.links = &via;
	raw.c.itunes = (struct itunes){.present = true,
	    .duration = "1:02:05",
	    .episode = "7",
	    .explicit_ = "Yes"};
	raw.c.geo = (struct geo){.type = "Point", .coordinates = "47 8.5"};
	item = make(&raw, &context);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strstr(item.meta, parts[i]) == NULL)
			fail_msg("%s is not in %s", parts[i], item.meta);
	}
	assert_string_equal(item.image, "http://x.test/t.png");
	context_free(&context);
}

static void
a_feed_has_words_of_its_own(void **state)
{
	struct normalise_context context = context_new("http://x.test/feed");
	struct raw_feed raw = {0};
	struct feed_meta meta;

	(void)state;
	raw.c.title = text(TEXT_HTML, "My <b>feed</b>\n&amp; more");
	raw.c.subtitle = text(TEXT_PLAIN, " of  things");
	raw.c.link = "/home";
	raw.c.language = "de-CH";
	raw.c.image.url = "logo.png";
	raw.c.icon = "javascript:x";
	assert_int_equal(normalise_feed(&raw, &context, &meta), 0);
	assert_string_equal(meta.title, "My feed & more");
	assert_string_equal(meta.subtitle, "of things");
	assert_string_equal(meta.site, "http://x.test/home");
	assert_string_equal(meta.language, "de-CH");
	assert_string_equal(meta.image, "http://x.test/logo.png");
	assert_null(meta.icon);
	context_free(&context);
}

static void
a_full_arena_is_told(void **state)
{
	struct normalise_context context = {.now = NOW, .arena = arena_new(200)};
	struct raw_entry raw = {0};
	struct buf words = {0};
	struct item item;
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_puts(&words, "word ");
	raw.content = text(TEXT_PLAIN, words.data);
	assert_int_equal(normalise_entry(&raw, &context, &item), -E2BIG);
	buf_done(&words);
	context_free(&context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_become_plain),
	    cmocka_unit_test(plain_text_becomes_html),
	    cmocka_unit_test(durations_are_read),
	    cmocka_unit_test(hints_are_read_and_clamped),
	    cmocka_unit_test(fingerprints_tell_words_from_dress),
	    cmocka_unit_test(an_entry_becomes_an_item),
	    cmocka_unit_test(what_is_missing_stays_so),
	    cmocka_unit_test(links_are_chosen),
	    cmocka_unit_test(only_the_web_is_a_link),
	    cmocka_unit_test(long_things_are_cut),
	    cmocka_unit_test(dates_nobody_believes_are_none),
	    cmocka_unit_test(rare_things_are_kept_as_json),
	    cmocka_unit_test(a_feed_has_words_of_its_own),
	    cmocka_unit_test(a_full_arena_is_told),
	};

	return CHECK_RUN(tests);
}
