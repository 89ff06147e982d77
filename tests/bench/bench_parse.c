/* SPDX-License-Identifier: ISC */
/*
 * How fast feeds become raw entries: the strict run beside expat alone without
 * any handler, and the tolerant run beside the same.  CPU time, the best turn.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <expat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "parse/parse.h"

#define PIECE 16384 /* as curl delivers */

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t seen;

static bool
see(void *arg, struct raw_entry *entry)
{
	(void)arg;
	seen += entry->content.size + entry->c.summary.size + 1;
	return true;
}

static void
bare_expat(const struct buf *input)
{
	XML_Parser parser = XML_ParserCreate("UTF-8");
	size_t at, part;

	for (at = 0; at < input->len; at += part) {
		part = input->len - at < PIECE ? input->len - at : PIECE;
		if (XML_Parse(parser, input->data + at, (int)part, 0) !=
		    XML_STATUS_OK)
			abort();
	}
	if (XML_Parse(parser, NULL, 0, 1) != XML_STATUS_OK)
		abort();
	XML_ParserFree(parser);
}

static void
parse(enum parse_how how, const struct buf *input)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct parse *p = parse_new(how, arena, NULL, false, see, NULL);
	size_t at, part;

	for (at = 0; at < input->len; at += part) {
		part = input->len - at < PIECE ? input->len - at : PIECE;
		if (parse_data(p, input->data + at, part) < 0)
			abort();
	}
	if (parse_end(p) < 0)
		abort();
	parse_free(p);
	arena_free(arena);
}

static void
strict(const struct buf *input)
{
	parse(PARSE_XML_STRICT, input);
}

static void
tolerant(const struct buf *input)
{
	parse(PARSE_XML_TOLERANT, input);
}

typedef void work_fn(const struct buf *input);
#define TURNS 15

/* Seconds for one call of each, the best of their turns: by turns, so that what
 * disturbs the machine disturbs all of them. */
static void
race(work_fn *const *works, size_t count, const struct buf *input, int times,
    double *ret_least)
{
	double start, used;
	size_t w;
	int turn, i;

	for (w = 0; w < count; w++)
		ret_least[w] = 1e9;
	for (turn = 0; turn < TURNS; turn++) {
		for (w = 0; w < count; w++) {
			start = cpu_seconds();
			for (i = 0; i < times; i++)
				works[w](input);
			used = (cpu_seconds() - start) / times;
			if (used < ret_least[w])
				ret_least[w] = used;
		}
	}
}

/* ---- feeds like those of the wild ---- */

static const char words[] =
    "The committee that looks after the scheduler has decided, after three months "
    "of talk, to keep what it has; nobody was surprised, and hardly anyone "
    "complained. We measured it twice, said the maintainer, and both times the "
    "difference was smaller than the noise. ";

static void
add_paragraphs(struct buf *out, int count, const char *open, const char *close)
{
	int i;

	for (i = 0; i < count; i++)
		buf_printf(out,
		    "%sp%s%s%sa href=\"https://example.org/%d\"%sit%s/a%s"
		    "%s/p%s\n",
		    open, close, words, open, i, close, open, close, open, close);
}

static void
make_wordpress(struct buf *out)
{
	int i;

	buf_puts(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
	    "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	    "xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\">\n<channel>\n"
	    "<title>Example</title>\n<link>https://example.org/</link>\n");
	for (i = 0; i < 15; i++) {
		buf_printf(out,
		    "<item>\n<title>Entry %d</title>\n"
		    "<link>https://example.org/%d</link>\n"
		    "<dc:creator><![CDATA[Ann]]></dc:creator>\n"
		    "<pubDate>Tue, 02 Jan 2024 03:04:05 +0000</pubDate>\n"
		    "<category><![CDATA[News]]></category>\n"
		    "<guid isPermaLink=\"false\">https://example.org/?p=%d</guid>\n"
		    "<description><![CDATA[%s]]></"
		    "description>\n<content:encoded><![CDATA[",
		    i, i, i, words);
		add_paragraphs(out, 16, "<", ">");
		buf_puts(out,
		    "]]></content:encoded>\n"
		    "<slash:comments>3</slash:comments>\n</item>\n");
	}
	buf_puts(out, "</channel>\n</rss>\n");
}

static void
make_summaries(struct buf *out)
{
	int i;

	buf_puts(out,
	    "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>\n"
	    "<title>Example</title>\n<link>https://example.org/</link>\n");
	for (i = 0; i < 30; i++)
		buf_printf(out,
		    "<item>\n<title>Entry %d</title>\n"
		    "<link>https://example.org/%d</link>\n"
		    "<guid>https://example.org/%d</guid>\n"
		    "<pubDate>Tue, 02 Jan 2024 03:04:05 GMT</pubDate>\n"
		    "<description>&lt;p&gt;%s&lt;/p&gt;</description>\n</item>\n",
		    i, i, i, words);
	buf_puts(out, "</channel></rss>\n");
}

static void
make_atom(struct buf *out, bool xhtml)
{
	int i;

	buf_puts(out,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
	    "<title>Example</title>\n<id>urn:x:1</id>\n"
	    "<link href=\"https://example.org/\"/>\n");
	for (i = 0; i < 20; i++) {
		buf_printf(out,
		    "<entry>\n<title>Entry %d</title>\n<id>urn:x:1:%d</id>\n"
		    "<link href=\"https://example.org/%d\"/>\n"
		    "<updated>2024-01-02T03:04:05Z</updated>\n"
		    "<author><name>Ann</name></author>\n",
		    i, i, i);
		if (xhtml) {
			buf_puts(out,
			    "<content type=\"xhtml\"><div "
			    "xmlns=\"http://www.w3.org/1999/xhtml\">");
			add_paragraphs(out, 8, "<", ">");
			buf_puts(out, "</div></content>\n</entry>\n");
		} else {
			buf_puts(out, "<content type=\"html\">");
			add_paragraphs(out, 8, "&lt;", "&gt;");
			buf_puts(out, "</content>\n</entry>\n");
		}
	}
	buf_puts(out, "</feed>\n");
}

static double all_mb, all_seconds[3];

static void
print(const char *name, double mb, const double *seconds)
{
	printf("%-22s %6.0f KB  expat %5.0f MB/s  strict %5.0f (%.2f)  "
	       "tolerant %5.0f (%.2f)\n",
	    name, mb * 1000, mb / seconds[0], mb / seconds[1],
	    seconds[0] / seconds[1], mb / seconds[2], seconds[0] / seconds[2]);
}

static void
report(const char *name, const struct buf *input)
{
	static work_fn *const works[] = {bare_expat, strict, tolerant};
	int times = (int)(5000000 / input->len) + 1;
	double mb = (double)input->len / 1e6, least[3];

	race(works, 3, input, times, least);
	print(name, mb, least);
	all_mb += mb;
	for (size_t w = 0; w < 3; w++)
		all_seconds[w] += least[w];
}

int
main(int argc, char **argv)
{
	struct buf input = {0};
	FILE *file;
	size_t n;
	int i;

	(void)mallopt(M_TRIM_THRESHOLD, 1 << 20); /* as the fetcher */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
	make_wordpress(&input);
	report("wordpress", &input);
	buf_reset(&input);
	make_summaries(&input);
	report("rss summaries", &input);
	buf_reset(&input);
	make_atom(&input, false);
	report("atom, escaped html", &input);
	buf_reset(&input);
	make_atom(&input, true);
	report("atom, xhtml", &input);
	for (i = 1; i < argc; i++) {
		file = fopen(argv[i], "rb");
		if (file == NULL)
			continue;
		buf_reset(&input);
		while ((n = fread(buf_room(&input, 65536), 1, 65536, file)) > 0)
			input.len += n;
		fclose(file);
		report(strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i],
		    &input);
	}
	print("all", all_mb, all_seconds);
	buf_done(&input);
	return seen > 0 ? 0 : 1;
}
