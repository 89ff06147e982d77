/* SPDX-License-Identifier: ISC */
/* Clean HTML: what it is, and (by gumbo's tree) that nothing else is in it. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/url.h"
#include "markup/markup.h"
#include "tests/unit/judge.h"

/* Clean, judged, and cleaned again: that must change nothing. */
static char *
clean_bytes(const char *html, size_t size, const char *base)
{
	struct buf out = {0}, again = {0};
	const char *fault;

	markup_clean(html, size, base, url_resolve, &out);
	fault = judge(buf_text(&out), out.len);
	if (fault != NULL)
		fail_msg("%s in %s", fault, buf_text(&out));
	markup_clean(buf_text(&out), out.len, base, url_resolve, &again);
	assert_string_equal(buf_text(&again), buf_text(&out));
	buf_done(&again);
	return buf_steal(&out);
}

static void
clean_at(const char *base, const char *html, const char *want)
{
	char *got = clean_bytes(html, strlen(html), base);

	assert_string_equal(got, want);
	free(got);
}

static void
clean(const char *html, const char *want)
{
	clean_at("http://example.org/a/", html, want);
}

static void
test_plain(void **state)
{
	(void)state;
	clean("", "");
	clean("a < b & c > d \"e\" 'f'", "a &lt; b &amp; c &gt; d \"e\" 'f'");
	clean("&lt;script&gt;&nbsp;&eacute;", "&lt;script&gt;\302\240\303\251");
	clean("<p class=x id=y style='color:red'>a<B>b</b>", "<p>a<b>b</b></p>");
	clean("a<!-- b --><?c?><!DOCTYPE d>e", "ae");
	clean("<foo>a<bar/>b</foo>", "ab");
	clean("<html><head><title>t</title></head><body>x</body></html>", "x");
	clean("a\001b\177c&#8;d&#13;e", "abcd\ne");
	clean("<![CDATA[<p>a</p>]]>", "<p>a</p>");
	clean(" <![CDATA[a ]]> ", "a ");
}

static void
test_whole_elements_go(void **state)
{
	(void)state;
	clean("a<script>b<c></script>d", "ad");
	clean("a<style>b{}</style><iframe src=x>c</iframe>d", "ad");
	clean("a<svg><script>b</script><p>c</p></svg>d", "a<p>c</p>d");
	clean("a<svg><path d='x'/><g><text>b</text></g></svg>c", "ac");
	clean("a<svg/>b", "ab");
	clean("a<svg><foreignObject><p>b</p></foreignObject></svg>c", "ac");
	clean("a<svg><![CDATA[</svg><b>]]></svg>c", "ac");
	clean("a<object><object></object><p>b</object>c", "ac");
	clean("<div>a<object><div>x</div>b</div>c", "<div>a</div>c");
	clean("a<noscript><img src=x></noscript>b<template>c</template>d", "abd");
	clean("a<embed src=x>b<link href=c><meta x><base href=y>d", "abd");
	clean("a<form action=x><input><button>b</button></form>", "ab");
	clean("a<xmp><b></xmp>c", "a<pre>&lt;b&gt;</pre>c");
}

/* Mathematics stays: its own elements alone, and in tokens nothing but text. */
static void
test_mathematics(void **state)
{
	(void)state;
	clean("a<math><mi>x</mi></math>b", "a<math><mi>x</mi></math>b");
	clean("a<math/>b", "a<math></math>b");
	clean("<mi>x</mi><mfrac>y</mfrac>", "xy");
	clean(
	    "<MATH xmlns='http://www.w3.org/1998/Math/MathML' class=c display=block>"
	    "<mfrac linethickness=0><mn>1</mn><mi mathvariant=normal>n</mi></mfrac>"
	    "<mspace width='1em'/><mo stretchy=false "
	    "lspace='0.2em'>&lt;</mo></MATH>",
	    "<math display=\"block\"><mfrac linethickness=\"0\"><mn>1</mn><mi "
	    "mathvariant=\"normal\">n</mi></mfrac><mspace width=\"1em\"></mspace>"
	    "<mo stretchy=\"false\" lspace=\"0.2em\">&lt;</mo></math>");
	/* what a formula is in another language is not its text */
	clean("<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>"
	      "\\frac<b>1</annotation></semantics></math>c",
	    "<math><semantics><mi>x</mi></semantics></math><b>1c</b>");
	clean("<math><semantics><mi>x</mi><annotation>y</annotation><annotation-xml "
	      "encoding='text/html'><p>z</p></annotation-xml></semantics></math>c",
	    "<math><semantics><mi>x</mi></semantics></math>c");
	/* nothing in tokens but text; a block ends it all */
	clean("<math><mtext>a<b>b</b><mglyph src=x><malignmark><i>c</mtext></math>",
	    "<math><mtext>abc</mtext></math>");
	clean("<math><mi>a<p>b</mi></math>c", "<math><mi>a</mi></math><p>bc</p>");
	clean("<math><mrow><mi>a</mrow>b</math>c",
	    "<math><mrow><mi>a</mi></mrow>b</math>c");
	/* elsewhere what browsers say ends it */
	clean(
	    "<math><mrow><b>a</mrow></math>", "<math><mrow></mrow></math><b>a</b>");
	clean("<math><mrow>x</br>y", "<math><mrow>x</mrow></math><br>y");
	clean("<p><math><mi>x</p>y", "<p><math><mi>x</mi></math></p>y");
	clean("<span><math><mi>x</span>y", "<span><math><mi>x</mi></math></span>y");
	clean("<b><p><math><mi>x</b>y", "<p><b><math><mi>x</mi></math></b>y</p>");
	clean(
	    "<math><section>a</section><a href=/x>b</a></math>", "<math>ab</math>");
	clean("<math><![CDATA[</math><b>]]></math>c",
	    "<math>&lt;/math&gt;&lt;b&gt;</math>c");
	clean("<math><style>a<b></style><mi>b</mi>", "<math></math><b>b</b>");
	clean("<math><style/><mi>b</mi></math>", "<math><mi>b</mi></math>");
	clean("<math><svg><mi>a</mi></svg><mi>b</mi></math><![CDATA[c]]>",
	    "<math><mi>b</mi></math>");
	clean("<math><maction actiontype=statusline "
	      "href=x><mi>a</mi></maction></math>",
	    "<math><mrow><mi>a</mi></mrow></math>");
	clean("<math><math><mi>a</math>b</math>c",
	    "<math><math><mi>a</mi></math>b</math>c");
	/* what was drawn from it by a script goes */
	clean("<span class=katex><span><math><mi>x</mi></math></span><span "
	      "aria-hidden=true>x<span>y</span></span></span>z",
	    "<span><span><math><mi>x</mi></math></span></span>z");
	clean("<math><mi>x</mi></math> a<span aria-hidden=true>b</span>",
	    "<math><mi>x</mi></math> a<span>b</span>");
	clean("<math><mi>x</mi></math><b></b><span aria-hidden=true>b</span>",
	    "<math><mi>x</mi></math><b></b><span>b</span>");
	/* links of XLink go to the web; href does not stay */
	clean("<math href=http://a.example/><mrow xlink:href=http://b.example/ "
	      "xlink:type=simple xlink:actuate=onLoad><mi xlink:href='javascript:x' "
	      "style=x onclick=y id=z>a</mi><mi xlink:href=mailto:a@b>c</mi>"
	      "<mi xlink:href=x mathcolor='url(x)'>d</mi>",
	    "<math><mrow xlink:href=\"http://b.example/\" xlink:type=\"simple\">"
	    "<mi>a</mi><mi>c</mi><mi xlink:href=\"http://example.org/a/x\">d</mi>"
	    "</mrow></math>");
}

static void
test_balance(void **state)
{
	(void)state;
	clean("<b>a<i>b</b>c</i>d", "<b>a<i>b</i></b><i>c</i>d");
	clean("<p>a<p>b</p></p>c", "<p>a</p><p>b</p>c");
	clean("<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c");
	clean("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
	    "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>e");
	clean("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
	clean("<table><tr><td>a<td>b<tr><th>c</table>d",
	    "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>d");
	clean("<table><caption>a<thead><tr><td>b<tbody><tr><td>c",
	    "<table><caption>a</caption><thead><tr><td>b</td></tr></thead>"
	    "<tbody><tr><td>c</td></tr></tbody></table>");
	clean("<td>a</td><tr>b", "ab");
	clean("<b><table><tr><td>a</b>b</table>c",
	    "<b><table><tr><td>ab</td></tr></table>c</b>");
	clean("<div><span>a</div>b</span>c", "<div><span>a</span></div>bc");
	clean("<span><div>a</span>b</div>", "<span><div>ab</div></span>");
	clean("<a href=/x>a<a href=/y>b</a>c",
	    "<a href=\"http://example.org/x\">a</a><a href=\"http://example.org/y\">"
	    "b</a>c");
	clean("<h1>a<h2>b</h3>c", "<h1>a</h1><h2>b</h2>c");
	clean("<ruby>a<rp>(<rt>b<rp>)</ruby>c",
	    "<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>c");
	clean("a</br>b</p>c</b>", "a<br>bc");
	clean("<h1><p>a<h2>b", "<h1><p>a</p></h1><h2>b</h2>");
}

/* As HTML's adoption agency has it, but for its empty elements. */
static void
test_misnested(void **state)
{
	(void)state;
	clean("<b><i>a</b>b</i>c", "<b><i>a</i></b><i>b</i>c");
	clean("<b><i>a</b></i>c", "<b><i>a</i></b>c");
	clean("<b><p>x</b>y</p>", "<p><b>x</b>y</p>");
	clean("<b>a<p>x</b>y</p>z", "<b>a</b><p><b>x</b>y</p>z");
	clean("<b>a<i>b<p>x</b>y</p>z</i>w",
	    "<b>a<i>b</i></b><i><p><b>x</b>y</p>z</i>w");
	clean("<b><p><i>x</b>y</i>z</p>", "<p><b><i>x</i></b><i>y</i>z</p>");
	clean("<b><div><p>x</b>y", "<div><p><b>x</b>y</p></div>");
	clean("<b>a<ul><li>x</b>y<li>z</ul>",
	    "<b>a</b><ul><li><b>x</b>y</li><li>z</li></ul>");
	clean("<a href=/1 title=t>a<div>b</a>c</div>",
	    "<a href=\"http://example.org/1\" title=\"t\">a</a><div>"
	    "<a href=\"http://example.org/1\" title=\"t\">b</a>c</div>");
	clean("<em>a<strong>b<code>c</em>d</code>e</strong>f",
	    "<em>a<strong>b<code>c</code></strong></em><strong><code>d</code>e"
	    "</strong>f");
	clean("<b>a<span>b</b>c</span>", "<b>a<span>b</span></b>c");
	clean("<b><b><b>a<p>x</b>y</b>z</b>w</p>",
	    "<b><b><b>a</b></b></b><p><b><b><b>x</b>y</b>z</b>w</p>");
	clean("<table><tr><td><b>x<td>y</b>z</table>",
	    "<table><tr><td><b>x</b></td><td>yz</td></tr></table>");
	/* A paragraph holds no block: a browser would end it there. */
	clean("<p><b><div>x</b>y", "<p><b><div>x</div></b>y</p>");
}

static void
repeat(struct buf *out, const char *text, size_t times)
{
	for (; times > 0; times--)
		buf_puts(out, text);
}

/* Formatting that a block's end cuts off goes on behind it. */
static void
test_carried_over(void **state)
{
	(void)state;
	clean(
	    "<p><b>a</p><p>b</p>c</b>d", "<p><b>a</b></p><p><b>b</b></p><b>c</b>d");
	clean("<p><b>a<p>b</b>c", "<p><b>a</b></p><p><b>b</b>c</p>");
	clean("<p><b><i>a</p>\n<p>b</i>c</p>",
	    "<p><b><i>a</i></b></p>\n<p><b><i>b</i>c</b></p>");
	clean("<ul><li><i>a<li>b</i><li>c</ul>",
	    "<ul><li><i>a</i></li><li><i>b</i></li><li>c</li></ul>");
	clean("<p><b>a</p></b><p>b", "<p><b>a</b></p><p>b</p>");
	clean("<p><b><i>a</p></b><p>b", "<p><b><i>a</i></b></p><p><i>b</i></p>");
	clean("<h2><b>a</h2><p></p><p><img src=/x>",
	    "<h2><b>a</b></h2><p></p><p><b><img src=\"http://example.org/x\">"
	    "</b></p>");
	clean("<p><a href=/x>a</p><a href=/y>b</a>c",
	    "<p><a href=\"http://example.org/x\">a</a></p>"
	    "<a href=\"http://example.org/y\">b</a>c");
	/* not out of a cell, nor into one */
	clean("<table><td><b>a<td>b</table>c",
	    "<table><td><b>a</b></td><td>b</td></table>c");
	clean("<p><b>a</p><table><td>b</table>c",
	    "<p><b>a</b></p><table><td>b</td></table>c");
	clean("<p><b>a</p><math><mi>b</math>c",
	    "<p><b>a</b></p><b><math><mi>b</mi></math>c</b>");
}

/* A link that is never closed, and paragraphs: not as often as they like. */
static void
test_carried_over_much(void **state)
{
	struct buf html = {0};
	char *got;

	(void)state;
	buf_puts(&html, "<p><a href='http://a.example/");
	repeat(&html, "0123456789", 200);
	buf_puts(&html, "'>x");
	repeat(&html, "</p><p>y", 20000);
	got = clean_bytes(html.data, html.len, NULL);
	assert_true(strlen(got) < 8 * html.len);
	free(got);
	buf_done(&html);
}

/* Mending moves and repeats what was written; not without end. */
static void
test_misnested_much(void **state)
{
	struct buf html = {0}, out = {0};
	char link[1200];
	int i;

	(void)state;
	memset(link, 'x', sizeof(link) - 1);
	link[sizeof(link) - 1] = '\0';
	for (i = 0; i < 120; i++)
		buf_puts(&html, "<b>");
	for (i = 0; i < 120; i++)
		buf_printf(&html, "<div><a href='http://a.example/%s'>", link);
	for (i = 0; i < 60; i++)
		buf_puts(&html, link);
	for (i = 0; i < 120; i++)
		buf_puts(&html, "</b>y");
	markup_clean(html.data, html.len, NULL, url_resolve, &out);
	assert_true(out.len < 8 * html.len);
	buf_done(&out);
	free(clean_bytes(html.data, html.len, NULL));
	buf_done(&html);
}

static void
test_attributes(void **state)
{
	(void)state;
	clean("<img src=x.png alt='a\"b' width=10 height=50% onerror=e>",
	    "<img src=\"http://example.org/a/x.png\" alt=\"a&quot;b\" width=\"10\" "
	    "height=\"50%\">");
	clean("<td colspan=2>", "");
	clean("<ol start=-3 reversed type=a><li value=7>x</ol>",
	    "<ol start=\"-3\" reversed type=\"a\"><li value=\"7\">x</li></ol>");
	clean("<ol start=x width=1>", "<ol></ol>");
	clean("<img>a<img alt=b>", "a<img alt=\"b\">");
	clean("<p dir=RTL lang=ar title=`x`>",
	    "<p dir=\"RTL\" lang=\"ar\" title=\"&#96;x&#96;\"></p>");
	clean("<p dir=sideways>", "<p></p>");
	clean("<video src=v poster=p controls autoplay><source src=w type=video/mp4>"
	      "<track src=t kind=captions srclang=en default></video><source src=x>",
	    "<video src=\"http://example.org/a/v\" "
	    "poster=\"http://example.org/a/p\" "
	    "controls><source src=\"http://example.org/a/w\" type=\"video/mp4\">"
	    "<track src=\"http://example.org/a/t\" kind=\"captions\" srclang=\"en\" "
	    "default></video>");
	clean("<img srcset='a.png 1x, /b.png 2x,c.png, data:x 3x, d.png 9q'>",
	    "<img srcset=\"http://example.org/a/a.png 1x, http://example.org/b.png "
	    "2x, "
	    "http://example.org/a/c.png, http://example.org/a/d.png\">");
	clean("<img src='data:image/gif;base64,xx' data-src=/real.png>",
	    "<img src=\"http://example.org/real.png\">");
}

static void
test_urls(void **state)
{
	(void)state;
	clean("<a href='?q=1&amp;copy=2'>",
	    "<a href=\"http://example.org/a/?q=1&amp;"
	    "copy=2\"></a>");
	clean("<a href=#f>", "<a href=\"http://example.org/a/#f\"></a>");
	clean("<a href=/x/y?z#w>", "<a href=\"http://example.org/x/y?z#w\"></a>");
	clean("<a href=x/../y>", "<a href=\"http://example.org/a/y\"></a>");
	clean("<a href=../y>", "<a href=\"http://example.org/y\"></a>");
	clean("<a href=//b.example/c>", "<a href=\"http://b.example/c\"></a>");
	clean_at("http://example.org/a/b.html?c", "<a href=d><a href=/e>",
	    "<a href=\"http://example.org/a/d\"></a><a "
	    "href=\"http://example.org/e\">"
	    "</a>");
	clean_at("http://example.org", "<a href=d>",
	    "<a href=\"http://example.org/d\"></a>");
	clean_at("mailto:x", "<a href=d>", "<a></a>");
	clean("<a href='HTTPS://X.org/'>", "<a href=\"HTTPS://X.org/\"></a>");
	clean("<a href='mailto:a@b'><a href=tel:+1>",
	    "<a href=\"mailto:a@b\"></a><a href=\"tel:+1\"></a>");
	clean("<a href=' http://a/\nb '>", "<a href=\"http://a/b\"></a>");
	clean("<a href='http://\027\027/b'><a href='http://a/\001b'>",
	    "<a href=\"http:///b\"></a><a href=\"http://a/b\"></a>");
	clean("<img src=mailto:a>", "");
	clean("<a href=ftp://a/><a href=file:///etc><a href=feed:x>",
	    "<a></a><a></a><a></a>");
	clean_at(NULL, "<a href=/x>a</a><a href=http:/x>b</a>",
	    "<a href=\"/x\">a</a><a>b</a>");
	clean_at(NULL, "<a href=javascript:x>", "<a></a>");
}

/* None of these may leave anything that runs; judge() says. */
static void
test_attacks(void **state)
{
	static const char *const attacks[] = {
	    "<script>alert(1)</script>",
	    "<scr<script>ipt>alert(1)</scr</script>ipt>",
	    "<SCRIPT/SRC=//x.example/a.js></SCRIPT>",
	    "<<script>alert(1);//<</script>",
	    "<script\n>alert(1)</script\n>",
	    "<img src=x onerror=alert(1)>",
	    "<img/src/onerror=alert(1)>",
	    "<img src=`x`onerror=alert(1)>",
	    "<img src='x'onerror='alert(1)'>",
	    "<img \"\"\"><script>alert(1)</script>\">",
	    "<svg onload=alert(1)>",
	    "<svg><script>alert&#40;1)</script>",
	    "<svg><style><img src=x onerror=alert(1)></style></svg>",
	    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
	    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
	    "<math><mi><style><!--</style><img title=\"--&gt;&lt;img src=1 "
	    "onerror=alert(1)&gt;\">",
	    "<form><math><mtext></form><form><mglyph><style></math><img src "
	    "onerror=alert(1)>",
	    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
	    "<noembed><img title=\"</noembed><img src "
	    "onerror=alert(1)>\"></noembed>",
	    "<textarea><img title=\"</textarea><img src onerror=alert(1)>\">",
	    "<title><a title=\"</title><img src onerror=alert(1)>\"></title>",
	    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
	    "<template><script>alert(1)</script></template>",
	    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
	    "<iframe src=javascript:alert(1)>",
	    "<a href=javascript:alert(1)>x</a>",
	    "<a href=' &#1; javascript:alert(1)'>x</a>",
	    "<a href='java\tscript:alert(1)'>x</a>",
	    "<a href='jav&#x0A;ascript:alert(1)'>x</a>",
	    "<a href='jav&#x00;ascript:alert(1)'>x</a>",
	    "<a href='&#106;&#97;&#118;&#97;&#115;cript&colon;alert(1)'>x</a>",
	    "<a href='JaVaScRiPt&#58;alert(1)'>x</a>",
	    "<a href='javascript&#x3A;alert(1)'>x</a>",
	    "<a href='vbscript:msgbox(1)'>x</a>",
	    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
	    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
	    "<a href='\001javascript:alert(1)'>x</a>",
	    "<a href='\342\200\250javascript:alert(1)'>x</a>",
	    "<a href='feed:javascript:alert(1)'>x</a>",
	    "<a href='view-source:javascript:alert(1)'>x</a>",
	    "<a href='//javascript:alert(1)'>x</a>",
	    "<img src=javascript:alert(1)>",
	    "<img srcset='javascript:alert(1) 1x, data:text/html,x 2x'>",
	    "<img dynsrc=javascript:alert(1) lowsrc=javascript:alert(1)>",
	    "<video poster=javascript:alert(1) onplay=alert(1)>",
	    "<audio src=javascript:alert(1)>",
	    "<q cite=javascript:alert(1)>x</q>",
	    "<table background=javascript:alert(1)><td background=javascript:x>",
	    "<body onload=alert(1) background=javascript:alert(1)>",
	    "<input autofocus onfocus=alert(1)>",
	    "<form action=javascript:alert(1)><input type=submit>",
	    "<button formaction=javascript:alert(1)>x",
	    "<isindex action=javascript:alert(1) type=image>",
	    "<object data=javascript:alert(1)></object>",
	    "<embed src=javascript:alert(1)>",
	    "<applet code=x></applet>",
	    "<base href=javascript:alert(1)//>",
	    "<link rel=stylesheet href=javascript:alert(1)>",
	    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
	    "<style>@import 'javascript:alert(1)';</style>",
	    "<style><!--</style><script>alert(1)</script>-->",
	    "<p style='background:url(javascript:alert(1))'>",
	    "<p style='x:expression(alert(1))'>",
	    "<p style='-moz-binding:url(x)'>",
	    "<div style='position:fixed;top:0'>x</div>",
	    "<!--><img src=x onerror=alert(1)>-->",
	    "<!--[if IE]><script>alert(1)</script><![endif]-->",
	    "<![CDATA[<script>alert(1)</script>]]>",
	    "<!DOCTYPE x [<!ENTITY y '<script>'>]>&y;",
	    "<?xml version='1.0'?><?php echo '<script>alert(1)</script>' ?>",
	    "<a title='\"><script>alert(1)</script>'>x</a>",
	    "<a title=\"`><script>alert(1)</script>\">x</a>",
	    "<img alt=\"``onerror=alert(1)\">",
	    "<p title='&quot;&gt;&lt;script&gt;'>x",
	    "&lt;script&gt;alert(1)&lt;/script&gt;",
	    "<plaintext><script>alert(1)</script>",
	    "<listing>&lt;img onerror=alert(1) src=x&gt;</listing>",
	    "<select><option><style></option></select><img src=x onerror=alert(1)>",
	    "<a href=http://a/\"onmouseover=alert(1)>x",
	    "<a href='http://a/' onclick\n=\nalert(1)>x",
	    "<details open ontoggle=alert(1)>x",
	    "<marquee onstart=alert(1)>x</marquee>",
	    "<keygen autofocus onfocus=alert(1)>",
	    "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
	    "<image src=x onerror=alert(1)>",
	    "<custom-element onclick=alert(1)>x</custom-element>",
	    "<svg:script>alert(1)</svg:script>",
	    "<a xlink:href=javascript:alert(1)>x</a>",
	    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
	    "<svg><animate attributeName=href values=javascript:alert(1)>",
	    "<math href=javascript:alert(1)>x</math>",
	    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x",
	    "<math xlink:href=javascript:alert(1)><mtext>x",
	    "<math><mi xlink:href='java\nscript:alert(1)'>x",
	    "<math xmlns:x=http://www.w3.org/1999/xlink "
	    "x:href=javascript:alert(1)>x",
	    "<math><annotation-xml encoding=text/html><img src onerror=alert(1)>",
	    "<math><annotation-xml encoding='text/html'><style><img title='</style>"
	    "<img src onerror=alert(1)>'></math>",
	    "<math><annotation-xml><svg><foreignObject><script>alert(1)</script>",
	    "<math><mtext><mglyph><style><!--</style><img title='--&gt;&lt;img src "
	    "onerror=alert(1)&gt;'>",
	    "<math><mtext><malignmark><mtext><style><img title='</style>&lt;img "
	    "onerror=alert(1)&gt;'>",
	    "<math><mtext><option><mglyph><svg><mtext><textarea><path "
	    "id='</textarea>"
	    "<img onerror=alert(1) src>'>",
	    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='"
	    "</style><img onerror=alert(1) src>'>",
	    "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title='"
	    "</style><img src onerror=alert(1)>'></style></h1>",
	    "<math><mtext><table><mglyph><style><math><img title='</style><img src "
	    "onerror=alert(1)>'>",
	    "<math></p><style><!--</style><img src onerror=alert(1)>--></math>",
	    "<math></br><style><!--</style><img src onerror=alert(1)>--></math>",
	    "<math><mi></p><style><!--</style><img src onerror=alert(1)>-->",
	    "<math><![CDATA[</math><img src onerror=alert(1)>]]>",
	    "<math><mtext><![CDATA[<img src onerror=alert(1)>]]></mtext>",
	    "<math><![CDATA[><svg/onload=alert(1)>]]></math>",
	    "<math><!--</math><img src onerror=alert(1)>--></math>",
	    "<math><style><a title='</style><img src onerror=alert(1)>'></math>",
	    "<math><title><a title='</title><img src onerror=alert(1)>'></math>",
	    "<math><mi><textarea><a title='</textarea><img src onerror=alert(1)>'>",
	    "<math><mi><noscript><a title='</noscript><img src onerror=alert(1)>'>",
	    "<math><plaintext><mi><plaintext></math><script>alert(1)</script>",
	    "<math alttext='\"><img src onerror=alert(1)>'><mi>x",
	    "<math><mfenced open='<img src onerror=alert(1)>' close='\"'>x",
	    "<math><mi style='background:url(javascript:x)' "
	    "mathbackground='url(x)'>",
	    "<math><font color=x><style><img src onerror=alert(1)></style>",
	    "<table><math><tr><td><mi><style></table><img src onerror=alert(1)>",
	    "<select><math><mi></select><script>alert(1)</script>",
	    "<xss id=x tabindex=1 onfocus=alert(1)>",
	    "<div><table><div><style><img src=x onerror=alert(1)></table>",
	    "<p><svg><p><style><g title='</style><img src onerror=alert(1)>'>",
	    "</script><script>alert(1)</script>",
	    "<script>x<!--<script>y</script>z--></script><script>alert(1)</script>",
	    "<img src=\"x\" \302\240onerror=\"alert(1)\">",
	    "<a\fhref=javascript:alert(1)>x",
	    "<a href=\"http://x\" href=javascript:alert(1)>x",
	    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
	};
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		got = clean_bytes(attacks[i], strlen(attacks[i]), NULL);
		assert_null(strcasestr(got, "<script"));
		free(got);
		got = clean_bytes(
		    attacks[i], strlen(attacks[i]), "http://example.org/");
		assert_null(strcasestr(got, "<script"));
		free(got);
	}
}

/* Pieces that tokenizers and sanitisers have stumbled over, in any order. */
/* Any tags in any order: clean, balanced, and clean again. */
static void
clean_random(const char *const *pieces, size_t piece_count, unsigned seed)
{
	struct buf html = {0};
	unsigned random = seed, n = (unsigned)rand_r(&random) % 40;

	for (; n > 0; n--)
		buf_puts(&html, pieces[(size_t)rand_r(&random) % piece_count]);
	free(clean_bytes(
	    buf_text(&html), html.len, seed % 3 == 0 ? NULL : "http://a.example/"));
	buf_done(&html);
}

static void
test_random(void **state)
{
	static const char *const pieces[] = {"<", ">", "</", "/>", "\"", "'", "=",
	    " ", "<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?", "?>", "&", "&lt;",
	    "&#", ";", "<p>", "</p>", "<b>", "</b>", "<a href=", "</a>", "<div>",
	    "</div>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<caption>",
	    "<col>", "<tbody>", "<li>", "<ul>", "</ul>", "<dd>", "<h1>", "<h2>",
	    "</h1>", "<svg>", "</svg>", "<math>", "<mi>", "</mi>", "<foreignObject>",
	    "<style>", "</style>", "<script>", "</script>", "<title>", "</title>",
	    "<textarea>", "</textarea>", "<noscript>", "</noscript>", "<template>",
	    "<object>", "</object>", "<img src=x onerror=y>", "<img alt='",
	    "<span title=\"", "javascript:", "onload=x", "text", "\n", "<br>",
	    "</br>", "<pre>", "</pre>", "<ruby>", "<rt>", "<rp>", "<xmp>", "</xmp>",
	    "<plaintext>", "<select>", "<option>", "<form>", "<button>",
	    "<blockquote>", "<i>", "</i>", "<span>", "</span>", "<th>", "<thead>",
	    "<audio>", "<source src=y>", "</audio>"};
	static const char *const nesting[] = {"<p>", "</p>", "<b>", "</b>", "<i>",
	    "</i>", "<a href=/x>", "</a>", "<div>", "</div>", "<ul>", "<li>",
	    "</ul>", "<span>", "</span>", "<h2>", "</h2>", "x", "<table>", "<td>",
	    "</table>", "<u>", "</u>", "<blockquote>", "</blockquote>", "<dl>",
	    "<dd>", "<em>", "</em>"};
	static const char *const maths[] = {"<math>", "<math>", "</math>", "<mi>",
	    "</mi>", "<mo>", "<mtext>", "</mtext>", "<mrow>", "</mrow>", "<mglyph>",
	    "<malignmark>", "<annotation-xml encoding=text/html>",
	    "</annotation-xml>", "<annotation>", "<style>", "</style>", "<svg>",
	    "</svg>", "<foreignObject>", "<![CDATA[", "]]>", "<!--", "-->", "<p>",
	    "</p>", "<br>", "</br>", "<table>", "<tr>", "<td>", "</table>", "<b>",
	    "</b>", "<a href=/x>", "</a>", "<img src=x>", "<mi/>", "<mspace/>",
	    "<mfrac xlink:href=http://a.example/>", "<title>", "<textarea>", "x",
	    "\n", "&lt;", "<div>", "</div>", "<li>", "<select>", "<font size=1>",
	    "<h1>", "</h1>", "<math title='</math><b>'>", "<caption>", "<ruby>",
	    "<rt>"};
	unsigned seed;

	(void)state;
	for (seed = 1; seed <= 3000; seed++) {
		clean_random(maths, sizeof(maths) / sizeof(maths[0]), seed);
		clean_random(pieces, sizeof(pieces) / sizeof(pieces[0]), seed);
		clean_random(nesting, sizeof(nesting) / sizeof(nesting[0]), seed);
	}
}

static size_t
count_of(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* Sizes that take quadratic parsers minutes: a test that hangs fails. */
static void
test_huge(void **state)
{
	static const char *const units[] = {"<div>", "<b>", "<p><b>", "<a href=x>",
	    "</b>", "&", "<!--", "<", "<table><tr><td>", "<svg><p>", "<li>", "a=\"",
	    "<object>", "<h1><p>", "<![CDATA[", "<math>", "<math><mrow>",
	    "<math><mi>x</mi></math>", "<math><p>"};
	struct buf html = {0};
	size_t i;
	char *got;

	(void)state;
	repeat(&html, "<div>", 100000);
	buf_puts(&html, "deep");
	repeat(&html, "</div>", 100000);
	buf_puts(&html, "<p>after");
	got = clean_bytes(html.data, html.len, NULL);
	assert_int_equal(count_of(got, "<div>"), LIMIT_DEPTH);
	assert_int_equal(count_of(got, "</div>"), LIMIT_DEPTH);
	assert_non_null(strstr(got, "deep"));
	assert_non_null(strstr(got, "</div><p>after</p>"));
	free(got);
	buf_reset(&html);
	buf_puts(&html, "<p");
	for (i = 0; i < 50000; i++)
		buf_printf(&html, " a%zu=b", i);
	buf_puts(&html, ">text");
	got = clean_bytes(html.data, html.len, NULL);
	assert_string_equal(got, "<p>text</p>");
	free(got);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		buf_reset(&html);
		repeat(&html, units[i], 200000 / strlen(units[i]));
		free(clean_bytes(html.data, html.len, "http://a.example/"));
	}
	buf_done(&html);
}

/* A short link and a long base: what grows is cut, and stays balanced. */
static void
test_limit(void **state)
{
	struct buf html = {0}, base = {0}, out = {0};

	(void)state;
	buf_puts(&base, "http://example.org/");
	repeat(&base, "0123456789", 400);
	buf_putc(&base, '/');
	repeat(&html, "<p><a href=x>y</a>", 4000);
	markup_clean(html.data, html.len, base.data, url_resolve, &out);
	assert_true(out.len > LIMIT_HTML_BYTES);
	assert_true(out.len < LIMIT_HTML_BYTES + 2 * LIMIT_URL_BYTES);
	assert_int_equal(count_of(out.data, "<a "), count_of(out.data, "</a>"));
	assert_int_equal(count_of(out.data, "<p>"), count_of(out.data, "</p>"));
	buf_done(&html);
	buf_done(&base);
	buf_done(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_whole_elements_go),
	    cmocka_unit_test(test_mathematics),
	    cmocka_unit_test(test_balance),
	    cmocka_unit_test(test_misnested),
	    cmocka_unit_test(test_misnested_much),
	    cmocka_unit_test(test_carried_over),
	    cmocka_unit_test(test_carried_over_much),
	    cmocka_unit_test(test_attributes),
	    cmocka_unit_test(test_urls),
	    cmocka_unit_test(test_attacks),
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_huge),
	    cmocka_unit_test(test_limit),
	};

	return CHECK_RUN(tests);
}
