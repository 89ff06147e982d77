/* SPDX-License-Identifier: ISC */
/*
 * HTML as plain text, for a terminal and for search.  Line breaks and blanks are
 * owed until something follows them, so that none stands at an end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/unicode.h"
#include "base/xalloc.h"
#include "markup/attribute.h"
#include "markup/clean.h"
#include "markup/elements.h"
#include "markup/markup.h"
#include "markup/math.h"
#include "markup/skip.h"

#define LISTS 16 /* nested deeper, they are indented no more */
#define QUOTES 8

struct list {
	bool is_ordered;
	long next;
};

struct text {
	struct markup *markup;
	struct buf *out;
	size_t start;
	unsigned flags;
	bool is_full;
	struct skip skip;
	struct math *math;  /* while in it */
	size_t math_breaks; /* around it */

	size_t breaks; /* owed: line feeds ... */
	bool is_blank; /* ... or a blank */
	bool has_line; /* something stands on the line */
	char mark[24]; /* of the list item that begins */
	size_t pre, quotes, lists;
	struct list list[LISTS];
	uint32_t open[ELEMENT_COUNT];

	/* MARKUP_TEXT_LINKS */
	struct map *numbers; /* address -> its number */
	struct buf addresses;
	struct buf href; /* of the link that is open */
	size_t link_start;
	bool in_link;
};

static size_t
capped(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* What stands before each line: quotes, then the list's indent and mark. */
static void
put_line_start(struct text *t)
{
	size_t indent = 2 * capped(t->lists, LISTS), mark = strlen(t->mark), i;

	for (i = 0; i < capped(t->quotes, QUOTES); i++)
		buf_add(t->out, "> ", 2);
	if (mark > 0)
		indent = indent > 2 ? indent - 2 : 0;
	for (i = 0; i < indent; i++)
		buf_putc(t->out, ' ');
	buf_add(t->out, t->mark, mark);
	t->mark[0] = '\0';
}

/* Pays what is owed: something is about to be written. */
static void
settle(struct text *t)
{
	if (t->out->len - t->start >= LIMIT_TEXT_BYTES)
		t->is_full = true;
	if (t->out->len > t->start) {
		for (; t->breaks > 0 && !t->is_full; t->breaks--) {
			buf_putc(t->out, '\n');
			t->has_line = false;
		}
	}
	t->breaks = 0;
	if (!t->has_line && (t->flags & MARKUP_TEXT_ONE_LINE) == 0)
		put_line_start(t);
	else if (t->is_blank && t->out->len > t->start)
		buf_putc(t->out, ' ');
	t->is_blank = false;
	t->has_line = true;
}

static void
put(struct text *t, const char *text, size_t size)
{
	settle(t);
	if (!t->is_full)
		buf_add(t->out, text, size);
}

/* At least so many line ends before what comes next. */
static void
owe(struct text *t, size_t breaks)
{
	if ((t->flags & MARKUP_TEXT_ONE_LINE) != 0)
		t->is_blank = true;
	else if (t->breaks < breaks)
		t->breaks = breaks;
}

static bool
is_one_line(const struct text *t)
{
	return (t->flags & MARKUP_TEXT_ONE_LINE) != 0;
}

/* <br>, and a line's end in <pre>: one more, not at least one. */
static void
owe_more(struct text *t, size_t most)
{
	if (is_one_line(t))
		t->is_blank = true;
	else if (t->breaks < most)
		t->breaks++;
	t->is_blank = t->is_blank && is_one_line(t);
}

enum { PLAIN, SPACE, GONE, LOOK };
static const uint8_t classes[256] = {
    [0x00 ... 0x08] = GONE,
    ['\t'] = SPACE,
    ['\n'] = SPACE,
    [0x0b] = GONE,
    ['\f'] = SPACE,
    ['\r'] = SPACE,
    [0x0e ... 0x1f] = GONE,
    [' '] = SPACE,
    [0x7f] = GONE,
    [0xc2] = LOOK,
    [0xe2] = LOOK,
    [0xef] = LOOK,
};

/* Characters beyond ASCII that are blanks, or that nobody sees: what they are,
 * and their length in bytes. */
static unsigned
look(const char *p, const char *end, size_t *ret_size)
{
	uint32_t cp = 0;
	size_t n = unicode_decode(p, (size_t)(end - p), &cp);

	*ret_size = n > 0 ? n : 1;
	if (n == 0)
		return PLAIN;
	if (cp == 0xA0 || cp == 0x2028 || cp == 0x2029)
		return SPACE;
	/* C1 controls, soft hyphen, zero width space, byte order mark */
	if ((cp >= 0x80 && cp < 0xA0) || cp == 0xAD || cp == 0x200B || cp == 0xFEFF)
		return GONE;
	return PLAIN;
}

static void
put_space(struct text *t, char c)
{
	if (t->pre == 0 || is_one_line(t))
		t->is_blank = true;
	else if (c == '\n')
		owe_more(t, SIZE_MAX);
	else
		put(t, "    ", c == '\t' ? 4 : 1);
}

/* The end of what can be written as it stands, single blanks between words
 * included; behind it stands `ret_class`, `ret_size` bytes long. */
static const char *
plain_run(const char *p, const char *end, unsigned *ret_class, size_t *ret_size)
{
	const char *from = p;
	unsigned class;
	size_t n;

	for (;; p += n) {
		while (p < end && classes[(unsigned char)*p] == PLAIN)
			p++;
		n = 1;
		class = PLAIN;
		if (p == end)
			break;
		class = classes[(unsigned char)*p];
		if (class == LOOK)
			class = look(p, end, &n);
		if (*p == ' ' && p > from && p + 1 < end &&
		    classes[(unsigned char)p[1]] == PLAIN)
			class = PLAIN;
		if (class != PLAIN)
			break;
	}
	*ret_class = class;
	*ret_size = n;
	return p;
}

static void
text_text(void *arg, const char *text, size_t size)
{
	struct text *t = arg;
	const char *end = text + size, *stop;
	unsigned class;
	size_t n;

	if (t->skip.element != ELEMENT_NONE)
		return;
	skip_text(&t->skip, text, size);
	if (t->math != NULL) {
		math_text(t->math, text, size);
		return;
	}
	while (text < end && !t->is_full) {
		stop = plain_run(text, end, &class, &n);
		if (stop > text)
			put(t, text, (size_t)(stop - text));
		if (stop == end)
			break;
		if (class == SPACE)
			put_space(t, *stop);
		text = stop + n;
	}
}

static const struct markup_attribute *
find(const struct markup_attribute *attributes, size_t count, const char *name)
{
	for (; count > 0; count--, attributes++) {
		if (strcmp(attributes->name, name) == 0)
			return attributes;
	}
	return NULL;
}

/* Blanks and control characters (C1, too: two bytes) as %XX. */
static void
add_address(struct buf *out, const char *url)
{
	const unsigned char *p = (const unsigned char *)url;
	bool is_c1;

	for (; *p != '\0'; p++) {
		is_c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
		if (*p > ' ' && *p != 0x7f && !is_c1) {
			buf_putc(out, (char)*p);
			continue;
		}
		buf_printf(out, "%%%02X", *p);
		if (is_c1)
			buf_printf(out, "%%%02X", *++p);
	}
}

/* The number of an address; a new one enters the list. */
static uintptr_t
number_of(struct text *t, const char *address)
{
	uintptr_t number;

	if (t->numbers == NULL)
		t->numbers = map_new();
	number = (uintptr_t)map_find_text(t->numbers, address);
	if (number == 0) {
		number = map_count(t->numbers) + 1;
		if (number > LIMIT_LIST)
			return 0;
		(void)map_put_text(t->numbers, address, (void *)number);
		buf_printf(&t->addresses, "\n[%zu] ", (size_t)number);
		add_address(&t->addresses, address);
	}
	return number;
}

static void
end_link(struct text *t)
{
	const char *text =
	    t->out->len > t->link_start ? t->out->data + t->link_start : "";
	uintptr_t number;
	char mark[32];

	if (!t->in_link)
		return;
	t->in_link = false;
	while (*text == ' ' || *text == '\n')
		text++;
	/* An address that is its own text needs no number. */
	if (*text == '\0' || strcmp(text, buf_text(&t->href)) == 0 || t->is_full)
		return;
	number = number_of(t, buf_text(&t->href));
	if (number > 0)
		buf_add(t->out, mark,
		    (size_t)snprintf(mark, sizeof(mark), " [%zu]", (size_t)number));
}

static void
begin_link(struct text *t, const struct markup_attribute *href)
{
	enum attribute_scheme scheme;
	const char *url;
	size_t size;

	end_link(t);
	if (href == NULL || href->value_size > LIMIT_URL_BYTES)
		return;
	url = attribute_tidy_url(href->value, href->value_size, &t->href, &size);
	scheme = attribute_scheme(url, size);
	t->in_link = scheme == SCHEME_WEB || scheme == SCHEME_CALL;
	t->link_start = t->out->len;
}

static void
begin_list(struct text *t, bool is_ordered, const struct markup_attribute *start)
{
	owe(t, t->lists > 0 ? 1 : 2);
	if (t->lists < LISTS)
		t->list[t->lists] = (struct list){.is_ordered = is_ordered,
		    .next = start != NULL ? strtol(start->value, NULL, 10) : 1};
	t->lists++;
}

static void
begin_item(struct text *t, const struct markup_attribute *value)
{
	struct list *list =
	    t->lists > 0 && t->lists <= LISTS ? &t->list[t->lists - 1] : NULL;

	owe(t, 1);
	if (is_one_line(t))
		return;
	if (list == NULL || !list->is_ordered) {
		strcpy(t->mark, "- ");
		return;
	}
	if (value != NULL)
		list->next = strtol(value->value, NULL, 10);
	/* A start near LONG_MAX counts on from there without overflow. */
	snprintf(t->mark, sizeof(t->mark), "%ld. ", list->next);
	list->next = (long)((unsigned long)list->next + 1);
}

static void
begin_cell(struct text *t)
{
	if (t->open[ELEMENT_TABLE] > 0 && t->has_line && t->breaks == 0 &&
	    !is_one_line(t)) {
		t->is_blank = true;
		put(t, "| ", 1);
	}
	t->is_blank = true;
}

static void
begin_block(struct text *t, unsigned flags)
{
	if ((flags & ELEMENT_PARAGRAPH) != 0)
		owe(t, 2);
	else if ((flags & ELEMENT_BLOCK) != 0)
		owe(t, 1);
}

static bool
is_pre(enum element element)
{
	return element == ELEMENT_PRE || element == ELEMENT_XMP ||
	    element == ELEMENT_LISTING || element == ELEMENT_PLAINTEXT;
}

static void
begin_element(struct text *t, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	const struct markup_attribute *alt;

	switch (element) {
	case ELEMENT_BR:
		owe_more(t, 2);
		break;
	case ELEMENT_HR:
		if (!is_one_line(t))
			put(t, "---", 3);
		owe(t, 2);
		break;
	case ELEMENT_IMG:
	case ELEMENT_IMAGE:
		alt = find(attributes, count, "alt");
		if (alt != NULL)
			text_text(t, alt->value, alt->value_size);
		break;
	case ELEMENT_A:
		if ((t->flags & MARKUP_TEXT_LINKS) != 0)
			begin_link(t, find(attributes, count, "href"));
		break;
	case ELEMENT_Q:
		put(t, "\xe2\x80\x9c", 3);
		break;
	case ELEMENT_BLOCKQUOTE:
		t->quotes++;
		break;
	case ELEMENT_UL:
	case ELEMENT_OL:
	case ELEMENT_MENU:
	case ELEMENT_DIR:
		begin_list(
		    t, element == ELEMENT_OL, find(attributes, count, "start"));
		break;
	case ELEMENT_LI:
		begin_item(t, find(attributes, count, "value"));
		break;
	case ELEMENT_TD:
	case ELEMENT_TH:
		begin_cell(t);
		break;
	default:
		if (is_pre(element))
			t->pre++;
	}
}

static bool
is_list(enum element element)
{
	return element == ELEMENT_UL || element == ELEMENT_OL ||
	    element == ELEMENT_MENU || element == ELEMENT_DIR;
}

static void
begin_math(struct text *t, const struct markup_attribute *attributes, size_t count)
{
	const struct markup_attribute *display = find(attributes, count, "display");

	t->math_breaks = display != NULL && strcmp(display->value, "block") == 0;
	owe(t, t->math_breaks);
	t->math = xcalloc(1, sizeof(*t->math));
	markup_set_foreign(t->markup, true);
}

/* What it was as a line. */
static void
end_math(struct text *t)
{
	struct math *math = t->math;
	const char *line;

	if (math == NULL)
		return;
	t->math = NULL;
	markup_set_foreign(t->markup, false);
	skip_after_math(&t->skip);
	math_finish(math);
	line = buf_text(&math->line);
	if (*line != '\0')
		put(t, line, strlen(line));
	owe(t, t->math_breaks);
	math_done(math);
	free(math);
}

/* In mathematics: true, the tag was its own, or goes. */
static bool
math_start_tag(struct text *t, enum element element,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	unsigned flags = element_flags(element);

	if (t->math == NULL && element == ELEMENT_MATH)
		begin_math(t, attributes, count);
	if (t->math == NULL)
		return false;
	if ((flags & ELEMENT_LEAVES) != 0 &&
	    (!math_in_token(t->math) || (flags & ELEMENT_BLOCK) != 0)) {
		end_math(t);
		return false;
	}
	if ((flags & ELEMENT_DROP) != 0) {
		if (!self_closing)
			skip_begin(&t->skip, t->markup, element, true);
		return true;
	}
	if ((flags & ELEMENT_MATHS) == 0)
		return true;
	math_start(t->math, element, attributes, count);
	if (self_closing)
		math_end(t->math, element);
	if (t->math->depth == 0)
		end_math(t);
	return true;
}

/* An end tag that is not its own, but of what was open before, ends it. */
static bool
math_end_tag(struct text *t, enum element element)
{
	if (t->math == NULL)
		return false;
	if ((element_flags(element) & ELEMENT_MATHS) != 0) {
		math_end(t->math, element);
		if (t->math->depth == 0)
			end_math(t);
		return true;
	}
	if (t->open[element] == 0 && element != ELEMENT_P && element != ELEMENT_BR)
		return true;
	end_math(t);
	return false;
}

static void
text_start_tag(void *arg, const char *name, size_t size,
    const struct markup_attribute *attributes, size_t count, bool self_closing)
{
	struct text *t = arg;
	enum element element = element_find(name, size);
	unsigned flags = element_flags(element);

	if (skip_start_tag(&t->skip, t->markup, element, name, size, self_closing))
		return;
	if (math_start_tag(t, element, attributes, count, self_closing))
		return;
	if ((flags & ELEMENT_DROP) != 0 ||
	    skip_is_copy(&t->skip, element, attributes, count)) {
		if (!self_closing || element != ELEMENT_SVG)
			skip_begin(&t->skip, t->markup, element, false);
		return;
	}
	if (!is_list(element))
		begin_block(t, flags);
	if ((flags & ELEMENT_VOID) == 0)
		t->open[element]++;
	begin_element(t, element, attributes, count);
}

static void
end_element(struct text *t, enum element element)
{
	if (element == ELEMENT_A)
		end_link(t);
	else if (element == ELEMENT_Q)
		put(t, "\xe2\x80\x9d", 3);
	else if (element == ELEMENT_BLOCKQUOTE)
		t->quotes--;
	else if (is_pre(element))
		t->pre--;
	else if (is_list(element)) {
		t->lists--;
		owe(t, t->lists > 0 ? 1 : 2);
	} else if (element == ELEMENT_LI)
		t->mark[0] = '\0'; /* an empty one shows none */
}

static void
text_end_tag(void *arg, const char *name, size_t size)
{
	struct text *t = arg;
	enum element element = element_find(name, size);
	unsigned flags = element_flags(element);

	if (skip_end_tag(
		&t->skip, t->markup, element, name, size, t->open[element] > 0))
		return;
	if (math_end_tag(t, element))
		return;
	if (element == ELEMENT_BR)
		owe_more(t, 2);
	if (element == ELEMENT_P && t->open[element] == 0)
		owe(t, 2);
	if (t->open[element] == 0 || element == ELEMENT_NONE)
		return;
	t->open[element]--;
	end_element(t, element);
	if (!is_list(element))
		begin_block(t, flags);
}

static void
put_addresses(struct text *t)
{
	if (t->addresses.len == 0)
		return;
	buf_putc(t->out, '\n');
	buf_add(t->out, t->addresses.data, t->addresses.len);
}

void
markup_text(const char *html, size_t size, unsigned flags, struct buf *out)
{
	static const struct markup_sink sink = {
	    .start_tag = text_start_tag, .end_tag = text_end_tag, .text = text_text};
	struct text t = {.out = out, .start = out->len, .flags = flags};

	clean_unwrap(&html, &size);
	t.markup = markup_new(MARKUP_HTML, &sink, &t);
	(void)markup_data(t.markup, html, size);
	markup_end(t.markup);
	end_math(&t);
	end_link(&t);
	put_addresses(&t);
	markup_free(t.markup);
	map_free(t.numbers);
	buf_done(&t.addresses);
	buf_done(&t.href);
}
