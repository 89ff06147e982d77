/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "normalise/normalise.h"
#include "normalise/urlrules.h"

static const struct {
	const char *url, *key;
} keys[] = {
    /* how it is written */
    {"http://news.test/a/b", "//news.test/a/b"},
    {"HTTPS://News.Test/a/B", "//news.test/a/B"},
    {"  https://news.test/a\n", "//news.test/a"},
    {"https://news.test/a\r\n/b", "//news.test/a/b"},
    {"<http://news.test/a>", "//news.test/a"},
    {"//news.test/a", "//news.test/a"},
    {"feed:http://news.test/a", "//news.test/a"},
    {"feed://news.test/a", "//news.test/a"},
    {"https://https://news.test/a", "//news.test/a"},
    {"http:///news.test/a", "//news.test/a"},
    {"https:\\\\news.test\\a\\b", "//news.test/a/b"},
    {"https://news.test/a?x=1&amp;y=2", "//news.test/a?x=1&y=2"},
    {"https://news.test/a?x=1&amp;amp;y=2", "//news.test/a?x=1&y=2"},
    {"https://news.test/a?x=1&#038;y=2", "//news.test/a?x=1&y=2"},
    /* no link to http: as it stands */
    {"urn:isbn:0451450523", "urn:isbn:0451450523"},
    {" tag:news.test,2020:1 ", "tag:news.test,2020:1"},
    {"mailto:a@news.test", "mailto:a@news.test"},
    {"/a/b", "/a/b"},
    {"a.html", "a.html"},
    {"http:", "http:"},
    {"https://:443/", "https://:443/"},
    {"", ""},
    /* host */
    {"https://user:pw@news.test:443/a", "//news.test/a"},
    {"http://news.test:80/a", "//news.test/a"},
    {"http://news.test:8080/a", "//news.test:8080/a"},
    {"http://news.test./a", "//news.test/a"},
    {"https://www.news.test/a", "//news.test/a"},
    {"https://www3.news.test/a", "//news.test/a"},
    {"https://m.news.test/a", "//news.test/a"},
    {"https://amp.mobile.news.test/a", "//news.test/a"},
    {"https://m.test/a", "//m.test/a"},
    {"https://m.co.uk/a", "//m.co.uk/a"},
    {"https://www.test/a", "//www.test/a"},
    {"https://wwwnews.test/a", "//wwwnews.test/a"},
    {"https://de.m.wikipedia.org/wiki/RSS", "//de.wikipedia.org/wiki/RSS"},
    {"http://[2001:DB8::2]:80/a", "//[2001:db8::2]/a"},
    {"http://[2001:db8::80]/a", "//[2001:db8::80]/a"},
    {"http://M\xC3\x9CNCHEN.test/", "//m\xC3\xBCnchen.test/"},
    /* path */
    {"https://news.test", "//news.test/"},
    {"https://news.test/a/", "//news.test/a"},
    {"https://news.test/a/./b/../c", "//news.test/a/c"},
    {"https://news.test/../../a", "//news.test/a"},
    {"https://news.test/a/%2E%2e/b", "//news.test/b"},
    {"https://news.test/a//b/", "//news.test/a/b"},
    {"https://news.test/%7Ejoe/%c3%bc", "//news.test/~joe/%C3%BC"},
    {"https://news.test/~joe/\xC3\xBC", "//news.test/~joe/%C3%BC"},
    {"https://news.test/a b", "//news.test/a%20b"},
    {"https://news.test/100%", "//news.test/100%25"},
    {"https://news.test/a%2fb", "//news.test/a%2Fb"},
    {"https://news.test/a;jsessionid=1F2A/b", "//news.test/a/b"},
    {"https://news.test/a;JSESSIONID=1F2A?id=2", "//news.test/a?id=2"},
    {"https://news.test/Index.PHP?id=2", "//news.test/?id=2"},
    {"https://news.test/x/default.aspx", "//news.test/x"},
    {"https://news.test/index.html.en", "//news.test/index.html.en"},
    /* AMP */
    {"https://news.test/2020/some-story/amp", "//news.test/2020/some-story"},
    {"https://news.test/some-story/amp/index.html", "//news.test/some-story"},
    {"https://news.test/guitars/amp", "//news.test/guitars/amp"},
    {"https://news.test/amp", "//news.test/amp"},
    {"https://news.test/amp/story", "//news.test/story"},
    {"https://news.test/story.amp", "//news.test/story"},
    {"https://news.test/story.amp.html", "//news.test/story.html"},
    {"https://news.test/story?amp", "//news.test/story"},
    {"https://news.test/story?outputType=amp&id=1", "//news.test/story?id=1"},
    /* query */
    {"https://news.test/a?b=2&a=1&b=2", "//news.test/a?a=1&b=2"},
    {"https://news.test/a?&&", "//news.test/a"},
    {"https://news.test/a?b=&c==", "//news.test/a?b&c=="},
    {"https://news.test/a?q=x+y&r=x%20y", "//news.test/a?q=x%20y&r=x%20y"},
    {"https://news.test/a?UTM_Source=x&id=1", "//news.test/a?id=1"},
    {"https://news.test/a?utm_source=x&utm_medium=y", "//news.test/a"},
    {"https://news.test/a?fbclid=1&gclid=2&mc_cid=3&p=4", "//news.test/a?p=4"},
    {"https://news.test/a?ref=rss", "//news.test/a"},
    {"https://news.test/a?ref=other.test", "//news.test/a"},
    {"https://news.test/a?ref=v1/main", "//news.test/a?ref=v1/main"},
    {"https://news.test/a?ref=v2", "//news.test/a?ref=v2"},
    {"https://news.test/a?source=rss_feed&sid=7", "//news.test/a?sid=7"},
    {"https://news.test/a?m=1", "//news.test/a"},
    {"https://news.test/a?m=12", "//news.test/a?m=12"},
    {"https://news.test/a?share=anything", "//news.test/a"},
    {"https://news.test/a?page=3&start=20", "//news.test/a?page=3&start=20"},
    {"https://www.nytimes.com/a.html?x=1&id=2&q3=4",
	"//nytimes.com/a.html?id=2&q3=4"},
    {"https://x.substack.com/p/a-b?r=1&publication_id=2", "//x.substack.com/p/a-b"},
    {"https://open.spotify.com/episode/1?si=2&t=3",
	"//open.spotify.com/episode/1?t=3"},
    /* fragment */
    {"https://news.test/a#sec-2", "//news.test/a#sec-2"},
    {"https://news.test/a#topics", "//news.test/a#topics"},
    {"https://news.test/a#top", "//news.test/a"},
    {"https://news.test/a#comment77", "//news.test/a"},
    {"https://news.test/a#Xtor=RSS-1", "//news.test/a"},
    {"https://news.test/a#p3:~:text=hello", "//news.test/a#p3"},
    {"https://news.test/a#3", "//news.test/a#3"},
    {"https://www.bbc.com/news/x-1#3", "//bbc.com/news/x-1"},
    /* redirects */
    {"https://www.google.de/url?sa=t&url=https%3A%2F%2Fnews.test%2Fa%3Fid%3D1&x=y",
	"//news.test/a?id=1"},
    {"https://lm.facebook.com/l.php?u=https%3A%2F%2Fwww.news.test%2Fa",
	"//news.test/a"},
    {"https://web.archive.org/web/2019/http://news.test/a?b=c#d",
	"//news.test/a?b=c#d"},
    {"https://archive.ph/2020.01.01/https://news.test/a", "//news.test/a"},
    {"https://archive.ph/AbC1d", "//archive.ph/AbC1d"},
    {"https://href.li/?https%3A%2F%2Fnews.test%2Fa", "//news.test/a"},
    {"https://cdn.ampproject.org/c/s/news.test/a-b/amp", "//news.test/a-b"},
    {"https://www-news-test.cdn.ampproject.org/c/s/www.news.test/a",
	"//news.test/a"},
    {"https://www.google.com/amp/s/news.test/a.amp?usqp=1", "//news.test/a"},
    {"https://www-my--news-test.translate.goog/a?id=3&_x_tr_sl=de",
	"//my-news.test/a?id=3"},
    {"https://r.search.yahoo.com/_ylt=A/RU=https%3a%2f%2fnews.test%2fa/RK=2/RS=3",
	"//news.test/a"},
    {"https://news.google.com/articles/CBMiE2h0dHBzOi8vbmV3cy50ZXN0L2HSAQA",
	"//news.test/a"},
    {"https://www.bing.com/ck/a?p=1&u=a1aHR0cHM6Ly9uZXdzLnRlc3QvYQ&ntb=1",
	"//news.test/a"},
    {"https://href.li/?https://www.google.com/url?q=https://news.test/a",
	"//news.test/a"},
    {"https://www.google.com/url?q=cats", "//google.com/url?q=cats"},
    {"https://t.co/AbC", "//t.co/AbC"},
    /* sites */
    {"https://m.youtube.com/watch?list=x&v=abcdefghij1&t=3#x",
	"//youtube.com/watch?v=abcdefghij1"},
    {"https://youtube.com/shorts/abcdefghij1?feature=share",
	"//youtube.com/watch?v=abcdefghij1"},
    {"https://www.youtube.com/@name/videos", "//youtube.com/@name/videos"},
    {"https://twitter.com/a/status/12?s=20", "//x.com/i/status/12"},
    {"https://twitter.com/a", "//twitter.com/a"},
    {"https://old.reddit.com/r/x/comments/1abcd2/some_words/?utm_source=a",
	"//reddit.com/comments/1abcd2"},
    {"https://redd.it/1abcd2", "//reddit.com/comments/1abcd2"},
    {"https://arxiv.org/pdf/2401.01234v3.pdf", "//arxiv.org/abs/2401.01234"},
    {"https://export.arxiv.org/abs/math/0309136v1", "//arxiv.org/abs/math/0309136"},
    {"http://dx.doi.org/10.1000/ABC", "//doi.org/10.1000/abc"},
    {"https://www.amazon.de/gp/product/B00ABCDEFG?tag=x",
	"//amazon.de/dp/B00ABCDEFG"},
};

static void
links_have_keys(void **state)
{
	struct buf key = {0}, again = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		buf_reset(&key);
		buf_reset(&again);
		(void)normalise_url_key(keys[i].url, &key);
		if (strcmp(buf_text(&key), keys[i].key) != 0)
			fail_msg("%s: %s", keys[i].url, buf_text(&key));
		(void)normalise_url_key(buf_text(&key), &again);
		assert_string_equal(buf_text(&again), buf_text(&key));
	}
	buf_done(&key);
	buf_done(&again);
}

static void
a_bare_host_identifies_nothing(void **state)
{
	struct buf key = {0};

	(void)state;
	assert_false(normalise_url_key(
	    "https://www.news.test/index.html?utm_source=x#top", &key));
	assert_false(normalise_url_key("", &key));
	assert_true(normalise_url_key("https://news.test/?p=1", &key));
	assert_true(normalise_url_key("https://news.test/#item3", &key));
	assert_true(normalise_url_key("https://news.test/a", &key));
	assert_true(normalise_url_key("tag:x", &key));
	buf_done(&key);
}

static void
shown_urls_lose_tracking_alone(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
	    {"https://www.News.test/a/?b=2&a=1#top",
		"https://www.News.test/a/?b=2&a=1#top"},
	    {"https://news.test/a?utm_source=x", "https://news.test/a"},
	    {"https://news.test/a?utm_source=x#c", "https://news.test/a#c"},
	    {"https://news.test/a?z=%7e&utm_source=x&b",
		"https://news.test/a?z=%7e&b"},
	    {"https://news.test/a?x=1&amp;utm_source=y", "https://news.test/a?x=1"},
	    {"https://news.test/a?", "https://news.test/a?"},
	    {"https://news.test/a?a=1&&b=2", "https://news.test/a?a=1&&b=2"},
	    {"https://news.test/#a?utm_source=x",
		"https://news.test/#a?utm_source=x"},
	    {"https://www.google.com/url?q=https://www.news.test/"
	     "a%3Futm_medium%3Dx%26y%3D1",
		"https://www.news.test/a?y=1"},
	    {"javascript:alert(1)", "javascript:alert(1)"},
	    {"not a url", "not a url"},
	};
	struct buf out = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		normalise_url(cases[i].url, &out);
		assert_string_equal(buf_text(&out), cases[i].shown);
	}
	buf_done(&out);
}

/* Long and nasty ones end, and their keys are their own keys. */
static void
hostile_links_are_stable(void **state)
{
	static const char *const parts[] = {"https://href.li/?", "a/../", "&amp;",
	    "%25", "/amp", "?x=1&", "http://", ";jsessionid=", "#", "www.", "%", "@",
	    ":80", "..", "https://12ft.io/", "\xC3\xA9", "index.html/", "a1", "\xFF",
	    "[", "m."};
	struct buf url = {0}, key = {0}, again = {0};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (j = 0; j < sizeof(parts) / sizeof(parts[0]); j++) {
			buf_reset(&url);
			buf_puts(&url, "https://news.test/x-y");
			while (url.len < 8000) {
				buf_puts(&url, parts[i]);
				buf_puts(&url, parts[j]);
			}
			buf_reset(&key);
			buf_reset(&again);
			(void)normalise_url_key(url.data, &key);
			(void)normalise_url_key(buf_text(&key), &again);
			if (again.len <= 8000)
				assert_string_equal(
				    buf_text(&again), buf_text(&key));
		}
	}
	while (url.len < 100000)
		buf_puts(&url, "abc");
	buf_reset(&key);
	assert_true(normalise_url_key(url.data, &key));
	assert_string_equal(buf_text(&key), url.data);
	buf_done(&url);
	buf_done(&key);
	buf_done(&again);
}

static void
tables_are_sorted(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < urlrules_name_count; i++)
		assert_true(strcmp(urlrules_names[i - 1], urlrules_names[i]) < 0);
	for (i = 1; i < urlrules_value_count; i++)
		assert_true(strcmp(urlrules_values[i - 1].name,
				urlrules_values[i].name) <= 0);
	for (i = 1; i < urlrules_index_count; i++)
		assert_true(
		    strcmp(urlrules_indexes[i - 1], urlrules_indexes[i]) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_have_keys),
	    cmocka_unit_test(a_bare_host_identifies_nothing),
	    cmocka_unit_test(shown_urls_lose_tracking_alone),
	    cmocka_unit_test(hostile_links_are_stable),
	    cmocka_unit_test(tables_are_sorted),
	};

	return CHECK_RUN(tests);
}
