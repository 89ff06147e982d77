/* SPDX-License-Identifier: ISC */
/*
 * How fast the tokenizer is, and what cleaning and rendering an item of 4 KB
 * cost; beside it what gumbo needs to parse the same.  CPU time, the best of many
 * short turns: other work on the machine only ever adds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef HAVE_GUMBO
#include <gumbo.h>
#endif

#include "base/buf.h"
#include "base/url.h"
#include "markup/markup.h"

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds for one call, the best of forty turns of `times`. */
static double
best(void (*work)(const struct buf *), const struct buf *input, int times)
{
	double start, used, least = 1e9;
	int turn, i;

	for (turn = 0; turn < 40; turn++) {
		start = cpu_seconds();
		for (i = 0; i < times; i++)
			work(input);
		used = (cpu_seconds() - start) / times;
		least = used < least ? used : least;
	}
	return least;
}

static size_t seen;

static void
see_start(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	(void)arg;
	(void)name;
	(void)attributes;
	(void)self_closing;
	seen += size + count;
}

static void
see(void *arg, const char *text, size_t size)
{
	(void)arg;
	(void)text;
	seen += size;
}

static const struct markup_sink sink = {
    .start_tag = see_start, .end_tag = see, .text = see, .cdata = see};

static void
tokenize(enum markup_mode mode, const struct buf *input)
{
	struct markup *m = markup_new(mode, &sink, NULL);
	size_t at, part;

	for (at = 0; at < input->len; at += part) {
		part = input->len - at < 16384 ? input->len - at : 16384;
		(void)markup_data(m, input->data + at, part);
	}
	markup_end(m);
	markup_free(m);
}

static void
tokenize_html(const struct buf *input)
{
	tokenize(MARKUP_HTML, input);
}

static void
tokenize_xml(const struct buf *input)
{
	tokenize(MARKUP_XML, input);
}

static void
clean(const struct buf *input)
{
	struct buf out = {0};

	markup_clean(
	    input->data, input->len, "http://example.org/blog/", url_resolve, &out);
	seen += out.len;
	buf_done(&out);
}

static void
text(const struct buf *input)
{
	struct buf out = {0};

	markup_text(input->data, input->len, MARKUP_TEXT_LINKS, &out);
	seen += out.len;
	buf_done(&out);
}

#ifdef HAVE_GUMBO
static void
gumbo(const struct buf *input)
{
	GumboOptions options = kGumboDefaultOptions;

	options.max_errors = 0;
	gumbo_destroy_output(
	    &options, gumbo_parse_with_options(&options, input->data, input->len));
}
#endif

/* Like a blog's entry: paragraphs with links and emphasis, a list, a picture. */
static void
make_item(struct buf *out, size_t size)
{
	static const char *const parts[] = {
	    "<p>The committee that looks after the <a "
	    "href=\"https://lists.example.org/"
	    "archive/2024/03/msg00042.html\">kernel&#8217;s scheduler</a> has "
	    "decided, "
	    "after <em>three</em> months of talk, to keep what it has; nobody was "
	    "surprised, and hardly anyone complained.</p>\n",
	    "<p>&ldquo;We measured it twice,&rdquo; said the maintainer, &ldquo;and "
	    "both times the difference was smaller than the noise.&rdquo; The "
	    "figures "
	    "are <a href=\"/figures?set=1&amp;page=2\" class=\"ref\" "
	    "target=\"_blank\">here</a>.</p>\n",
	    "<ul>\n<li>throughput: <strong>unchanged</strong></li>\n<li>latency: "
	    "<code>p99</code> a little better</li>\n</ul>\n",
	    "<p><img class=\"aligncenter size-full\" "
	    "src=\"https://cdn.example.org/wp-content/uploads/graph-1024x600.png\" "
	    "alt=\"A graph of both\" width=\"1024\" height=\"600\" /></p>\n",
	    "<blockquote><p>Plain words, and more of them than of tags, because "
	    "that is "
	    "what most entries of most feeds consist of: sentences that go on for a "
	    "while before the next element comes.</p></blockquote>\n"};
	size_t i;

	for (i = 0; out->len < size; i++)
		buf_puts(out, parts[i % (sizeof(parts) / sizeof(parts[0]))]);
}

/* The same escaped, in the items of a feed. */
static void
make_feed(struct buf *out, const struct buf *item, size_t size)
{
	size_t i;

	buf_puts(out, "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>\n");
	while (out->len < size) {
		buf_puts(out,
		    "<item>\n<title>One more entry</title>\n"
		    "<link>https://example.org/blog/2024/one-more</link>\n"
		    "<pubDate>Mon, 04 Mar 2024 10:00:00 GMT</pubDate>\n"
		    "<guid isPermaLink=\"false\">tag:example.org,2024:17</guid>\n"
		    "<description>");
		for (i = 0; i < item->len; i++) {
			if (item->data[i] == '<')
				buf_puts(out, "&lt;");
			else if (item->data[i] == '>')
				buf_puts(out, "&gt;");
			else if (item->data[i] == '&')
				buf_puts(out, "&amp;");
			else
				buf_putc(out, item->data[i]);
		}
		buf_puts(out, "</description>\n</item>\n");
	}
	buf_puts(out, "</channel></rss>\n");
}

/* -- Documents that are meant to be slow -------------------------------------------- */

static void
clean_and_text(const struct buf *input)
{
	clean(input);
	text(input);
}

/* Seconds for one call, the best of five: these take long if something is wrong. */
static double
best_of_few(const struct buf *input)
{
	double start, used, least = 1e9;
	int turn;

	for (turn = 0; turn < 5; turn++) {
		start = cpu_seconds();
		clean_and_text(input);
		used = cpu_seconds() - start;
		least = used < least ? used : least;
	}
	return least;
}

static void
fill(struct buf *out, const char *first, const char *unit, size_t size)
{
	buf_reset(out);
	buf_puts(out, first);
	while (out->len < size)
		buf_puts(out, unit);
}

/* How long 1 MB of each takes, beside 1 MB of an ordinary page; and whether twice as
 * much takes twice as long. */
static void
print_hostile(void)
{
	static const struct {
		const char *name, *first, *unit;
	} kinds[] = {{"<div>", "", "<div>"}, {"<b><i>", "", "<b><i>"},
	    {"attributes", "<p", " a=b"}, {"one name", "<p", " title=b"},
	    {"&", "", "&"}, {"&#", "", "&#"}, {"&amp", "", "&amp"},
	    {"<!--", "", "<!--"}, {"<!-- -", "<!--", "-"}, {"<", "", "<"},
	    {"</", "", "</"}, {"open quote", "", "<a href=\""},
	    {"open tag", "", "<a "}, {"<script>", "", "<script>"},
	    {"<svg>", "", "<svg>"}, {"<table>", "", "<table>"},
	    {"<td>", "<table>", "<td>"}, {"<li>", "", "<li>"},
	    {"<a href>", "", "<a href=x>"}, {"misnested", "", "<b><i><p>x</b>y</i>"},
	    {"misnested deep", "", "<b><b><i><div><div><i>x</b></b></i>"},
	    {"srcset", "<img srcset='", "a 1x, "}};
	struct buf page = {0}, input = {0};
	double ordinary, whole, half;
	size_t i;

	make_item(&page, 1u << 20);
	ordinary = best_of_few(&page);
	printf("1 MB of an ordinary page  %.1f ms; in proportion to it, and to half "
	       "of its own:\n",
	    ordinary * 1e3);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		fill(&input, kinds[i].first, kinds[i].unit, 1u << 19);
		half = best_of_few(&input);
		fill(&input, kinds[i].first, kinds[i].unit, 1u << 20);
		whole = best_of_few(&input);
		printf("  %-16s %6.2f %6.2f\n", kinds[i].name, whole / ordinary,
		    whole / half);
	}
	buf_done(&page);
	buf_done(&input);
}

int
main(void)
{
	struct buf item = {0}, page = {0}, feed = {0};
	double cleaning, rendering;

	make_item(&item, 4000);
	make_item(&page, 4u << 20);
	make_feed(&feed, &item, 4u << 20);
	printf("tokens of 4 MB HTML      %7.0f MB/s\n",
	    (double)page.len / best(tokenize_html, &page, 1) / 1e6);
	printf("tokens of 4 MB feed, XML %7.0f MB/s\n",
	    (double)feed.len / best(tokenize_xml, &feed, 1) / 1e6);
	cleaning = best(clean, &item, 100) * 1e6;
	rendering = best(text, &item, 100) * 1e6;
	printf(
	    "an item of %zu bytes     clean %.1f us, text %.1f us, both %.1f us\n",
	    item.len, cleaning, rendering, cleaning + rendering);
#ifdef HAVE_GUMBO
	printf("gumbo's parse of it       %.1f us\n", best(gumbo, &item, 50) * 1e6);
#endif
	print_hostile();
	buf_done(&item);
	buf_done(&page);
	buf_done(&feed);
	return seen == 0;
}
