/* SPDX-License-Identifier: ISC */
/* The tokenizer, in both modes, and character references. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/xalloc.h"
#include "markup/markup.h"

/* Tokens as text: runs of characters joined, attributes in brackets. */
struct log {
	struct buf out;
	char last; /* kind of the last token: pieces of one are joined */
};

static void
put(struct log *log, char kind, const char *text, size_t size)
{
	if (log->last != kind || strchr("TX", kind) == NULL)
		buf_printf(&log->out, "%s%c:", log->out.len > 0 ? "|" : "", kind);
	log->last = kind;
	buf_add(&log->out, text, size);
}

static void
on_start(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct log *log = arg;
	size_t i;

	put(log, 'S', name, size);
	for (i = 0; i < count; i++) {
		assert_int_equal(
		    strlen(attributes[i].name), attributes[i].name_size);
		assert_int_equal(
		    strlen(attributes[i].value), attributes[i].value_size);
		buf_printf(
		    &log->out, "[%s=%s]", attributes[i].name, attributes[i].value);
	}
	if (self_closing)
		buf_putc(&log->out, '/');
}

static void
on_end(void *arg, const char *name, size_t size)
{
	put(arg, 'E', name, size);
}

static void
on_text(void *arg, const char *text, size_t size)
{
	put(arg, 'T', text, size);
}

static void
on_comment(void *arg, const char *text, size_t size)
{
	put(arg, 'C', text, size);
}

static void
on_cdata(void *arg, const char *text, size_t size)
{
	put(arg, 'X', text, size);
}

static void
on_instruction(void *arg, const char *text, size_t size)
{
	put(arg, 'P', text, size);
}

static void
on_doctype(void *arg, const char *name, const char *public_id, const char *system_id,
    bool quirks)
{
	struct log *log = arg;

	put(log, 'D', "", 0);
	buf_printf(&log->out, "%s,%s,%s,%d", name != NULL ? name : "-",
	    public_id != NULL ? public_id : "-", system_id != NULL ? system_id : "-",
	    quirks);
}

static bool
on_entity(void *arg, const char *name, size_t size, struct buf *out)
{
	(void)arg;
	if (size != 7 || memcmp(name, "my-name", 7) != 0)
		return false;
	buf_puts(out, "<mine>");
	return true;
}

static const struct markup_sink sink = {.start_tag = on_start,
    .end_tag = on_end,
    .text = on_text,
    .comment = on_comment,
    .doctype = on_doctype,
    .cdata = on_cdata,
    .instruction = on_instruction,
    .entity = on_entity};

/* Fed in pieces of `step` bytes, or (0) of random sizes from `seed`. */
static char *
tokens(
    enum markup_mode mode, const char *text, size_t size, size_t step, unsigned seed)
{
	struct log log = {.last = 0};
	struct markup *m = markup_new(mode, &sink, &log);
	size_t part;

	for (; size > 0; size -= part, text += part) {
		part = step > 0 ? step : (size_t)rand_r(&seed) % 9 + 1;
		if (part > size)
			part = size;
		(void)markup_data(m, text, part);
	}
	markup_end(m);
	markup_free(m);
	return buf_steal(&log.out);
}

static void
check_bytes(enum markup_mode mode, const char *text, size_t size, const char *want)
{
	static const unsigned seeds[] = {1, 2, 3, 20240229};
	char *got = tokens(mode, text, size, size + 1, 0);
	size_t i;

	assert_string_equal(got, want);
	free(got);
	got = tokens(mode, text, size, 1, 0);
	assert_string_equal(got, want);
	free(got);
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		got = tokens(mode, text, size, 0, seeds[i]);
		if (strcmp(got, want) != 0)
			print_message("# random pieces, seed %u\n", seeds[i]);
		assert_string_equal(got, want);
		free(got);
	}
}

static void
check(enum markup_mode mode, const char *text, const char *want)
{
	check_bytes(mode, text, strlen(text), want);
}

static void
html(const char *text, const char *want)
{
	check(MARKUP_HTML, text, want);
}

static void
xml(const char *text, const char *want)
{
	check(MARKUP_XML, text, want);
}

static void
test_tags(void **state)
{
	(void)state;
	html("a<B>c</B>d", "T:a|S:b|T:c|E:b|T:d");
	html("<p class=x id='y' Title=\"z\" empty>",
	    "S:p[class=x][id=y][title=z][empty=]");
	html("<br/><br / ><a/b>", "S:br/|S:br|S:a[b=]");
	html("<a x=1 X=2 y>", "S:a[x=1][y=]");
	html("<a =b c = d>", "S:a[=b=][c=d]");
	html("<a b='c'd=e>", "S:a[b=c][d=e]");
	html("<a href=x/y/>", "S:a[href=x/y/]");
	html("a < b <3 <", "T:a < b <3 <");
	html("</>a</ b></1>", "T:a|C: b|C:1");
	html("x</", "T:x</");
	html("x<p unfinished", "T:x");
	html("<td\n\tx\f=\ny>", "S:td[x=y]");
	html("<?php x ?>y", "C:?php x ?|T:y");
}

static void
test_references(void **state)
{
	(void)state;
	html("&amp;&lt;&#65;&#x42;&#X43", "T:&<ABC");
	html("&notit; &notin; &not", "T:\302\254it; \342\210\211 \302\254");
	html("&bogus; &; & &# &#x &#xg;", "T:&bogus; &; & &# &#x &#xg;");
	html("&#0;&#xD800;&#4294967356;&#x110000;",
	    "T:\357\277\275\357\277\275\357\277\275\357\277\275");
	html("&#128;&#153;&nbsp;", "T:\342\202\254\342\204\242\302\240");
	html("<a b='?a=1&copy=2&copying&copy;&copy'>",
	    "S:a[b=?a=1&copy=2&copying\302\251\302\251]");
	html("<a b=&amp;c&lt>", "S:a[b=&c<]");
	html("&CounterClockwiseContourIntegral;", "T:\342\210\263");
	html("&CounterClockwiseContourIntegralisimo;",
	    "T:&CounterClockwiseContourIntegralisimo;");
	html("&ampaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	     "a",
	    "T:&"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void
test_raw_text(void **state)
{
	(void)state;
	html("<title>a<b>&amp;</titles></title>c",
	    "S:title|T:a<b>&</titles>|E:title|T:c");
	html("<style>a<!--</style >b-->", "S:style|T:a<!--|E:style|T:b-->");
	html("<xmp>&amp;</XMP x=y>", "S:xmp|T:&amp;|E:xmp");
	html("<script>a<!--<script>b</script>c--></script>d",
	    "S:script|T:a<!--<script>b</script>c-->|E:script|T:d");
	html("<script><!--</script>d", "S:script|T:<!--|E:script|T:d");
	html("<script>if (a</b) </scr", "S:script|T:if (a</b) </scr");
	html("<plaintext>a</plaintext><b>", "S:plaintext|T:a</plaintext><b>");
	html("<iframe><p></iframe><p>", "S:iframe|T:<p>|E:iframe|S:p");
}

static void
test_comments(void **state)
{
	(void)state;
	html("<!--a--><!---->b<!-->c<!--->d", "C:a|C:|T:b|C:|T:c|C:|T:d");
	html("<!--a--!>b<!--a--b- ->-->", "C:a|T:b|C:a--b- ->");
	html("<!--a--", "C:a");
	html("<!x><!-x>", "C:x|C:-x");
	html("<![CDATA[a>b]]>", "C:[CDATA[a|T:b]]>");
}

static void
test_doctype(void **state)
{
	(void)state;
	html("<!DOCTYPE HTML>", "D:html,-,-,0");
	html("<!doctype>", "D:-,-,-,1");
	html("<!DOCTYPE a PUBLIC 'p'\"s\"x>y", "D:a,p,s,0|T:y");
	html("<!DOCTYPE a SYSTEM \"s\">", "D:a,-,s,0");
	html("<!DOCTYPE a PUBLIK x>", "D:a,-,-,1");
	html("<!DOCTYPE a PUBLIC>", "D:a,-,-,1");
	html("<!DOCTYPE a PUBLIC \"p>", "D:a,p,-,1");
}

static void
test_line_ends_and_nul(void **state)
{
	static const char nul[] = "a\0<p\0 b\0=c\0><!--\0--><style>\0";
	static const char want[] =
	    "T:a|S:p\357\277\275[b\357\277\275=c\357\277\275]|C:\357\277\275|"
	    "S:style|T:\357\277\275";
	char *got;

	(void)state;
	html("a\r\nb\rc\n\rd\r", "T:a\nb\nc\n\nd\n");
	html("<a b='\r\n'>\r", "S:a[b=\n]|T:\n");
	got = tokens(MARKUP_HTML, nul, sizeof(nul) - 1, 100, 0);
	/* In data the NUL itself is a token: look behind it. */
	assert_memory_equal(got, "T:a", 4);
	assert_string_equal(got + 4, want + 3);
	free(got);
}

static void
test_xml(void **state)
{
	(void)state;
	xml("<?xml version='1.0'><Title a:B=c/>",
	    "P:xml version='1.0'|S:Title[a:B=c]/");
	xml("<?php if (1 > 0) ?>", "P:php if (1 > 0) ");
	xml("<a><![CDATA[x]]]]><![CDATA[>]y]]></a>", "S:a|X:x]]>]y|E:a");
	xml("<a><![CDATA[x", "S:a|X:x");
	xml("R&D &amp; ?a=1&copy=2 &copy; &bogus; &#65; &#65 &nbsp",
	    "T:R&D & ?a=1&copy=2 \302\251 &bogus; A &#65 &nbsp");
	xml("&#8;&#0;&#xD800;&#xFFFE;x", "T:x");
	xml("&my-name; &my-name &no-name;", "T:<mine> &my-name &no-name;");
	xml("<a b='&my-name;'>", "S:a[b=<mine>]");
	xml("<title><b>x</b<c d=e<f g", "S:title|S:b|T:x|E:b|S:c[d=e]");
	xml("<enclosure length=12/><link href=http://a/>",
	    "S:enclosure[length=12]/|S:link[href=http://a/]/");
	xml("<script>a<b></script>", "S:script|T:a|S:b|E:script");
	xml("<_a><\303\251>", "S:_a|S:\303\251");
	xml("1 < 2 <3", "T:1 < 2 <3");
}

static void
test_xml_doctype(void **state)
{
	(void)state;
	xml("<!DOCTYPE RDF PUBLIC 'p' 's' [<!ENTITY a '>]'><!-- ]>' --><?x?>]><a>",
	    "D:RDF,p,s,0|S:a");
	xml("<!DOCTYPE rss [ <!ENTITY a \"b\"> <rss>x", "D:rss,-,-,1|S:rss|T:x");
	xml("<!DOCTYPE rss <rss>", "D:rss,-,-,0|S:rss");
	xml("<!DOCTYPE x [", "D:x,-,-,1");
}

/* Every end of every input is met, at every state. */
static void
test_truncation(void **state)
{
	static const char text[] =
	    "<!DOCTYPE a PUBLIC 'b' \"c\"><!--d--><p e='f&amp;' g=h i/>&#x6a;k"
	    "<script><!--<script>--></script><title>&lt;</title><![CDATA[l]]>";
	char *whole, *bytes;
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(text); size++) {
		for (int mode = MARKUP_HTML; mode <= MARKUP_XML; mode++) {
			whole = tokens(mode, text, size, size + 1, 0);
			bytes = tokens(mode, text, size, 1, 0);
			assert_string_equal(
			    whole != NULL ? whole : "", bytes != NULL ? bytes : "");
			free(whole);
			free(bytes);
		}
	}
}

/* Names all 2,125 in entities.c? A sample of the corners. */
static void
test_entity(void **state)
{
	(void)state;
	assert_string_equal(markup_entity("nbsp", 4), "\302\240");
	assert_string_equal(markup_entity("AElig", 5), "\303\206");
	assert_string_equal(markup_entity("zwnj", 4), "\342\200\214");
	assert_string_equal(markup_entity("nvlt", 4), "<\342\203\222");
	assert_null(markup_entity("nbs", 3));
	assert_null(markup_entity("nbspx", 5));
	assert_null(markup_entity("", 0));
	assert_null(markup_entity("\303\251", 2));
}

static size_t
reference(const char *text, bool in_attribute, bool strict, const char *want)
{
	struct buf out = {0};
	size_t size =
	    markup_reference(text, strlen(text), in_attribute, strict, &out);

	assert_string_equal(buf_text(&out), want);
	buf_done(&out);
	return size;
}

static void
test_reference_call(void **state)
{
	(void)state;
	assert_int_equal(reference("&amp;x", false, true, "&"), 5);
	assert_int_equal(reference("&amp", false, true, ""), 0);
	assert_int_equal(reference("&amp", false, false, "&"), 4);
	assert_int_equal(reference("&copy=2", true, false, ""), 0);
	assert_int_equal(reference("&copy=2", false, false, "\302\251"), 5);
	assert_int_equal(reference("&#65;", false, true, "A"), 5);
	assert_int_equal(reference("&#x41", false, false, "A"), 5);
	assert_int_equal(reference("&#x41", false, true, ""), 0);
	assert_int_equal(reference("&#8;", false, true, ""), 4);
	assert_int_equal(reference("&#", false, false, ""), 0);
	assert_int_equal(reference("&", false, false, ""), 0);
	assert_int_equal(reference("", false, false, ""), 0);
	assert_int_equal(reference("&bogus;", false, false, ""), 0);
}

/* Positions are those of the source, whatever the line ends. */
static struct markup *placed;
static size_t places[8][2];
static size_t place_count;

static void
note_place(void *arg, const char *name, size_t size)
{
	(void)arg;
	(void)name;
	(void)size;
	places[place_count][0] = markup_token_start(placed);
	places[place_count++][1] = markup_token_end(placed);
}

static void
test_places(void **state)
{
	static const struct markup_sink ends = {
	    .end_tag = note_place, .comment = note_place};
	static const char text[] = "a\r\n</b>&amp;\r</c d><!--e-->";
	size_t step;

	(void)state;
	for (step = 1; step < sizeof(text); step++) {
		place_count = 0;
		placed = markup_new(MARKUP_XML, &ends, NULL);
		for (size_t i = 0; i < sizeof(text) - 1; i += step)
			(void)markup_data(placed, text + i,
			    i + step < sizeof(text) ? step : sizeof(text) - 1 - i);
		markup_end(placed);
		markup_free(placed);
		assert_int_equal(place_count, 3);
		assert_int_equal(places[0][0], 3);
		assert_int_equal(places[0][1], 7);
		assert_int_equal(places[1][0], 13);
		assert_int_equal(places[1][1], 19);
		assert_int_equal(places[2][0], 19);
		assert_int_equal(places[2][1], 27);
	}
}

static size_t tag_attributes, text_bytes, comment_bytes;

static void
count_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	(void)arg;
	(void)name;
	(void)size;
	(void)attributes;
	(void)self_closing;
	tag_attributes = count;
}

static void
count_text(void *arg, const char *text, size_t size)
{
	(void)arg;
	(void)text;
	text_bytes += size;
}

static void
count_comment(void *arg, const char *text, size_t size)
{
	(void)arg;
	(void)text;
	comment_bytes = size;
}

static const struct markup_sink counting = {
    .start_tag = count_tag, .text = count_text, .comment = count_comment};

/* Both limits cost the rest of the token and no more. */
static void
test_limits(void **state)
{
	struct markup *m = markup_new(MARKUP_HTML, &counting, NULL);
	char kilobyte[1024], attribute[32];
	bool good = true;
	int i;

	(void)state;
	assert_true(markup_data(m, "<a", 2));
	for (i = 0; i < 50000; i++) {
		snprintf(attribute, sizeof(attribute), " a%d=%d a%d", i, i, i / 2);
		good = markup_data(m, attribute, strlen(attribute)) && good;
	}
	assert_false(good);
	assert_non_null(markup_limit(m));
	(void)markup_data(m, ">text", 5);
	assert_int_equal(tag_attributes, LIMIT_ATTRIBUTES);
	assert_int_equal(text_bytes, 4);
	markup_end(m);
	markup_free(m);

	memset(kilobyte, '-', sizeof(kilobyte));
	m = markup_new(MARKUP_HTML, &counting, NULL);
	(void)markup_data(m, "<!-- ", 5);
	for (i = 0; i < 4096; i++)
		(void)markup_data(m, kilobyte, sizeof(kilobyte));
	assert_non_null(markup_limit(m));
	(void)markup_data(m, ">text", 5);
	markup_end(m);
	assert_true(comment_bytes > 0 && comment_bytes <= LIMIT_TOKEN_BYTES);
	assert_int_equal(text_bytes, 8);
	markup_free(m);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_raw_text),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_doctype),
	    cmocka_unit_test(test_line_ends_and_nul),
	    cmocka_unit_test(test_xml),
	    cmocka_unit_test(test_xml_doctype),
	    cmocka_unit_test(test_truncation),
	    cmocka_unit_test(test_entity),
	    cmocka_unit_test(test_reference_call),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_limits),
	};

	return CHECK_RUN(tests);
}
