/* SPDX-License-Identifier: ISC */
/* HTML as plain text, guesses about text, and the feeds of pages. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "markup/markup.h"

static void
check(unsigned flags, const char *html, const char *want)
{
	struct buf out = {0};

	markup_text(html, strlen(html), flags, &out);
	assert_string_equal(buf_text(&out), want);
	buf_done(&out);
}

static void
text(const char *html, const char *want)
{
	check(0, html, want);
}

static void
test_blocks(void **state)
{
	(void)state;
	text("", "");
	text("  a \n b  ", "a b");
	text("<p>a</p><p>b<p>c", "a\n\nb\n\nc");
	text("<div>a</div>b<div>c<div>d</div></div>", "a\nb\nc\nd");
	text("a<br>b<br><br>c<br><br><br>d", "a\nb\n\nc\n\nd");
	text("<h1>t</h1>x<hr>y", "t\n\nx\n\n---\n\ny");
	text("a <b> b</b> c", "a b c");
	text("<p>&nbsp;</p><p>a&nbsp;b</p>", "a b");
	text("a<script>b</script><style>c</style><svg><text>d</text></svg>e", "ae");
	text("a&amp;b &lt;c&gt;", "a&b <c>");
	text("a\001b\302\205c\302\255d\342\200\213e\357\273\277", "abcde");
	text("<pre>a\n  b\n\n\tc </pre>d", "a\n  b\n\n    c \n\nd");
	text("<blockquote>a<p>b</blockquote>c", "> a\n\n> b\n\nc");
	text("<q>a</q>", "\342\200\234a\342\200\235");
	text("<![CDATA[<p>a</p>]]>", "a");
}

static void
test_mathematics(void **state)
{
	static const struct {
		const char *math, *want;
	} cases[] = {
	    {"<mi>a</mi> <mo>+</mo>\n<mi>b</mi>", "a+b"},
	    {"<mi>x</mi><mo>=</mo><mn>2</mn><mo>&#x2062;</mo><mi>y</mi>", "x = 2y"},
	    {"<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "sin x"},
	    {"<msup><mi>x</mi><mn>2</mn></msup><mi>y</mi>", "x^2 y"},
	    {"<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>n</mi></msup>",
		"(a+b)^n"},
	    {"<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mi>n</mi></msup>",
		"(a)^n"},
	    {"<msub><mi>a</mi><mrow><mi>i</mi><mo>,</mo><mi>j</mi></mrow></msub>",
		"a_(i, j)"},
	    {"<mi>x</mi><mo>=</mo><mfrac><mrow><mo>-</mo><mi>b</mi><mo>±</mo><msqrt>"
	     "<msup><mi>b</mi><mn>2</mn></msup><mo>-</mo><mn>4</mn><mi>a</mi>"
	     "<mi>c</mi></msqrt></mrow><mrow><mn>2</mn><mi>a</mi></mrow></mfrac>",
		"x = (-b±√(b^2-4ac))/(2a)"},
	    {"<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow>"
	     "<mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub>",
		"∑_(i = 1)^n x_i"},
	    {"<munder><mo>lim</mo><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow>"
	     "</munder><mi>f</mi>",
		"lim_(x → 0) f"},
	    {"<mover><mi>v</mi><mo>→</mo></mover><mo>=</mo><msup><mi>x</mi><mo>′"
	     "</mo></msup>",
		"v→ = x′"},
	    {"<mroot><mi>x</mi><mn>3</mn></mroot>", "x^(1/3)"},
	    {"<mfenced open='['><mi>a</mi><mi>b</mi></mfenced>", "[a, b)"},
	    {"<mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></"
	     "mtr>"
	     "<mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>"
	     "<mo>)</mo>",
		"(1 0; 0 1)"},
	    {"<mmultiscripts><mi>F</mi><mi>a</mi><none/><mprescripts/><mi>b</mi>"
	     "<mi>c</mi></mmultiscripts>",
		"F_a_b^c"},
	    {"<mn>2</mn><mfrac><mn>1</mn><mn>3</mn></mfrac><mi>x</mi>", "2 1/3 x"},
	    {"<mi>x</mi><mtext> if&nbsp;</mtext><mspace/><mi>y</mi><mo>&lt;</mo>"
	     "<mn>0</mn>",
		"x if y < 0"},
	    {"<semantics><mi>x</mi><annotation encoding='application/x-tex'>\\xi"
	     "</annotation></semantics>",
		"x"},
	    {"a <mphantom><mi>b</mi></mphantom><style>c</style>d", "a d"},
	    {"<mfrac><mi>a</mi></mrow></mi></mtd>", "a"},
	    {"<msup/><msqrt></msqrt><mfrac><mrow/><mrow/></mfrac>b", "b"},
	};
	struct buf html = {0}, want = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&html);
		buf_reset(&want);
		buf_printf(&html, "A <math>%s</math> z.", cases[i].math);
		buf_printf(&want, "A %s z.", cases[i].want);
		text(html.data, want.data);
	}
	buf_done(&html);
	buf_done(&want);
	text("a<math display=block><mi>x</mi></math>b", "a\nx\nb");
	text("<p>a <math><mi>x<p>b", "a x\n\nb");
	text("<div>a <math><mi>x</div>b", "a x\nb");
	text("<math><mtext>a<i>b</i></mtext><b>c</b>", "abc");
	text("a<math/>b<math></math>c", "abc");
	text("<span><math><mi>x</mi></math></span><span aria-hidden=true>x</span> y",
	    "x y");
	text("<math><mfenced open='\n\001[' close='\302\205]'>x</mfenced></math>",
	    "[x]");
	check(MARKUP_TEXT_ONE_LINE,
	    "E<math display='block'><mo>=</mo><mi>m</mi></math>!", "E = m !");
}

static void
test_lists(void **state)
{
	(void)state;
	text("a<ul><li>b<li>c</ul>d", "a\n\n- b\n- c\n\nd");
	text("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b");
	text("<ol start=5><li>a<li value=9>b<li>c</ol>", "5. a\n9. b\n10. c");
	text("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c");
	text("<ul><li>a<br>b</ul>", "- a\n  b");
	text("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b");
	text("<ul><li></li><li>a</ul>", "- a");
	text("<li>a", "- a");
	text("</ul></ul>a", "a");
	text("<ol start=9223372036854775807><li>a<li>b</ol>",
	    "9223372036854775807. a\n-9223372036854775808. b");
}

static void
test_tables(void **state)
{
	(void)state;
	text("<table><tr><th>a<th>b<tr><td>c<td>d</table>e", "a | b\nc | d\n\ne");
	text("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb");
}

static void
test_images_and_links(void **state)
{
	(void)state;
	text("<img src=x alt='a  cat'>b<img src=y>", "a catb");
	text("<a href=http://a/>b</a>", "b");
	check(MARKUP_TEXT_LINKS, "<a href=http://a/>b</a> <a href=http://c/>d</a>.",
	    "b [1] d [2].\n\n[1] http://a/\n[2] http://c/");
	check(MARKUP_TEXT_LINKS, "<a href=http://a/>b</a> <a href=http://a/>c</a>",
	    "b [1] c [1]\n\n[1] http://a/");
	check(MARKUP_TEXT_LINKS, "<a href=http://a/>http://a/</a>", "http://a/");
	check(MARKUP_TEXT_LINKS, "<a href=javascript:x>b</a><a href=#c>d</a>", "bd");
	check(MARKUP_TEXT_LINKS, "<a href='http://a/ \033\302\205'>b</a>",
	    "b [1]\n\n[1] http://a/%20%C2%85");
	check(MARKUP_TEXT_LINKS, "<p>x</p><a href=http://a/>b",
	    "x\n\nb [1]\n\n[1] http://a/");
}

static void
test_one_line(void **state)
{
	(void)state;
	check(
	    MARKUP_TEXT_ONE_LINE, " <p>a</p>\n<p>b<br>c<ul><li>d</ul> ", "a b c d");
	check(MARKUP_TEXT_ONE_LINE, "<pre>a\n b</pre><hr>c", "a b c");
	check(MARKUP_TEXT_ONE_LINE, "AT&amp;T <b>x</b>", "AT&T x");
	check(MARKUP_TEXT_ONE_LINE, "<blockquote>a</blockquote>", "a");
}

/* Indents cannot make a small text large without end. */
static void
test_text_limit(void **state)
{
	struct buf html = {0}, out = {0};
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_puts(&html, "<ul><blockquote>");
	buf_puts(&html, "<pre>");
	for (i = 0; i < 300000; i++)
		buf_puts(&html, "a\n");
	markup_text(html.data, html.len, 0, &out);
	assert_true(out.len <= LIMIT_TEXT_BYTES + 100);
	buf_done(&html);
	buf_done(&out);
}

static bool
looks(const char *string)
{
	return markup_looks_like_html(string, strlen(string));
}

static void
test_looks_like_html(void **state)
{
	(void)state;
	assert_true(looks("AT&amp;T"));
	assert_true(looks("&#39;x"));
	assert_true(looks("a <b>b</b>"));
	assert_true(looks("<p>a&nbsp;b"));
	assert_false(looks("the <b> tag"));
	assert_false(looks("a < b"));
	assert_false(looks("R&D"));
	assert_false(looks("&bogus;"));
	assert_false(looks("a&copy=1"));
	assert_false(looks("vector<int>::size() </int>"));
	assert_false(looks("<foo>a</foo>"));
	assert_false(looks(""));
}

static void
note_feed(void *arg, const char *href, const char *type, const char *title)
{
	buf_printf(arg, "%s,%s,%s;", href, type != NULL ? type : "-",
	    title != NULL ? title : "-");
}

static void
feeds(const char *html, const char *want, const char *want_title,
    const char *want_base)
{
	struct buf found = {0}, title = {0}, base = {0};

	markup_find_feeds(html, strlen(html), note_feed, &found, &title, &base);
	assert_string_equal(buf_text(&found), want);
	assert_string_equal(buf_text(&title), want_title);
	assert_string_equal(buf_text(&base), want_base);
	buf_done(&found);
	buf_done(&title);
	buf_done(&base);
}

static void
test_find_feeds(void **state)
{
	(void)state;
	feeds("<title> My\n page </title><base href=http://b/>"
	      "<link rel=alternate type=application/rss+xml href=/r title=R>"
	      "<link rel='ALTERNATE home' type='application/atom+xml; x=y' href=a>"
	      "<link rel=stylesheet href=s><link rel=alternate hreflang=de href=de>"
	      "<a href=/feed.xml>Feed</a>",
	    "/r,application/rss+xml,R;a,application/atom+xml; x=y,-;", "My page",
	    "http://b/");
	feeds("<svg><title>icon</title></svg><a href=/about>x</a>"
	      "<a href='/rss.xml?x=1'><b>All</b> news</a><a href=/blog/feed/>",
	    "/rss.xml?x=1,-,All news;/blog/feed/,-,-;", "icon", "");
	feeds("<script>'<link rel=alternate type=application/rss+xml "
	      "href=no>'</script>"
	      "<!-- <link rel=alternate type=application/rss+xml href=no> -->",
	    "", "", "");
	feeds("<link rel=alternate type=application/json href=/wp-json/1>"
	      "<link rel=alternate type=application/json href=/feed.json>",
	    "/feed.json,application/json,-;", "", "");
	feeds("<a href=javascript:x.rss>", "", "", "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_mathematics),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_images_and_links),
	    cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_text_limit),
	    cmocka_unit_test(test_looks_like_html),
	    cmocka_unit_test(test_find_feeds),
	};

	return CHECK_RUN(tests);
}
