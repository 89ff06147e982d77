/* SPDX-License-Identifier: ISC */
/* Text constructs as plain text, as clean HTML, and as what makes them equal. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/url.h"
#include "markup/markup.h"
#include "normalise/normalise.h"

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
}

/* White space of any kind and number becomes one blank; none at the ends. */
static void
add_one_line(const char *text, size_t size, struct buf *out)
{
	size_t i, length, start = out->len;
	bool blank = false;
	uint32_t cp;

	for (i = 0; i < size; i += length) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0) {
			length = 1;
			continue;
		}
		if (unicode_is_space(cp)) {
			blank = true;
		} else if (!is_control(cp)) {
			if (blank && out->len > start)
				buf_putc(out, ' ');
			blank = false;
			buf_add(out, text + i, length);
		}
	}
}

/* Lines stay lines; no blanks at their ends, no more than one empty line. */
static void
add_lines(const char *text, size_t size, struct buf *out)
{
	size_t i, length, start = out->len, breaks = 0, blanks = 0;
	uint32_t cp;

	for (i = 0; i < size; i += length) {
		length = unicode_decode(text + i, size - i, &cp);
		if (length == 0) {
			length = 1;
			continue;
		}
		if (cp == '\n' || cp == 0x2028 || cp == 0x2029 ||
		    (cp == '\r' && (i + 1 == size || text[i + 1] != '\n'))) {
			breaks++;
			blanks = 0;
		} else if (cp == ' ' || cp == '\t') {
			blanks++;
		} else if (!is_control(cp)) {
			if (out->len > start)
				buf_add(out, "\n\n", breaks < 2 ? breaks : 2);
			for (; blanks > 0 && out->len > start; blanks--)
				buf_putc(out, ' ');
			breaks = blanks = 0;
			buf_add(out, text + i, length);
		}
	}
}

void
normalise_text(const struct text *text, bool one_line, struct buf *out)
{
	if (text->value == NULL)
		return;
	switch (text->type) {
	case TEXT_HTML:
	case TEXT_XHTML:
		markup_text(text->value, text->size,
		    one_line ? MARKUP_TEXT_ONE_LINE : 0, out);
		break;
	case TEXT_PLAIN:
		if (one_line)
			add_one_line(text->value, text->size, out);
		else
			add_lines(text->value, text->size, out);
		break;
	case TEXT_OTHER: /* pictures and films have no words */
		break;
	}
}

static void
add_escaped(char c, struct buf *out)
{
	switch (c) {
	case '&':
		buf_puts(out, "&amp;");
		break;
	case '<':
		buf_puts(out, "&lt;");
		break;
	case '>':
		buf_puts(out, "&gt;");
		break;
	case '\n':
		buf_puts(out, "<br>\n");
		break;
	default:
		buf_putc(out, c);
	}
}

/* Plain text: empty lines part paragraphs. */
static void
add_paragraphs(const char *text, size_t size, struct buf *out)
{
	struct buf lines = {0};
	size_t i;

	add_lines(text, size, &lines);
	if (lines.len > 0)
		buf_puts(out, "<p>");
	for (i = 0; i < lines.len; i++) {
		if (lines.data[i] == '\n' && lines.data[i + 1] == '\n') {
			buf_puts(out, "</p>\n<p>");
			i++;
		} else {
			add_escaped(lines.data[i], out);
		}
	}
	if (lines.len > 0)
		buf_puts(out, "</p>");
	buf_done(&lines);
}

/* Characters alone, as most summaries are: clean HTML as they stand. */
static bool
is_clean(const struct text *text)
{
	unsigned char c;

	for (size_t i = 0; i < text->size; i++) {
		c = (unsigned char)text->value[i];
		if (c == '<' || c == '&' || c == 0x7F ||
		    (c < 0x20 && c != '\n' && c != '\t'))
			return false;
	}
	return text->size <= LIMIT_HTML_BYTES;
}

void
normalise_html(const struct text *text, const char *base, struct buf *out)
{
	if (text->value == NULL)
		return;
	switch (text->type) {
	case TEXT_HTML:
	case TEXT_XHTML:
		if (is_clean(text)) {
			buf_add(out, text->value, text->size);
			break;
		}
		markup_clean(text->value, text->size, base, url_resolve, out);
		break;
	case TEXT_PLAIN:
		add_paragraphs(text->value, text->size, out);
		break;
	case TEXT_OTHER:
		break;
	}
}

#define WORD_BYTES 256 /* folded together: longer ones are cut */

/* Letters and digits of a word beyond ASCII, folded. */
static void
add_folded_word(const char *word, size_t size, struct buf *out, uint32_t *chars)
{
	struct buf folded = {0};
	size_t i, length;
	uint32_t cp;

	if (!unicode_fold(&folded, word, size))
		return;
	for (i = 0; i < folded.len; i += length) {
		length = unicode_decode(folded.data + i, folded.len - i, &cp);
		if (length == 0)
			break;
		if (unicode_is_alnum(cp)) {
			buf_add(out, folded.data + i, length);
			++*chars;
		}
	}
	buf_done(&folded);
}

/* Addresses change with trackers and hosts; the words around them do not. */
static bool
is_address(const char *word, size_t size)
{
	return (size > 7 && strncasecmp(word, "http://", 7) == 0) ||
	    (size > 8 && strncasecmp(word, "https://", 8) == 0) ||
	    (size > 4 && strncasecmp(word, "www.", 4) == 0);
}

static void
add_word(const char *word, size_t size, struct buf *out, uint32_t *chars)
{
	size_t i, part;

	if (is_address(word, size))
		return;
	for (i = 0; i < size && (unsigned char)word[i] < 0x80; i++)
		;
	if (i < size) {
		for (i = 0; i < size; i += part) {
			part = unicode_cut(word + i, size - i, WORD_BYTES);
			if (part == 0)
				return;
			add_folded_word(word + i, part, out, chars);
		}
		return;
	}
	for (i = 0; i < size; i++) {
		if (isalnum((unsigned char)word[i])) {
			buf_putc(out, (char)tolower((unsigned char)word[i]));
			++*chars;
		}
	}
}

static void
add_words(const char *text, struct buf *out, uint32_t *chars)
{
	size_t size;

	while (text != NULL && *(text += strspn(text, " \t\r\n")) != '\0') {
		size = strcspn(text, " \t\r\n");
		add_word(text, size, out, chars);
		text += size;
	}
}

uint64_t
normalise_fingerprint(const char *title, const char *text, uint32_t *ret_chars)
{
	struct buf words = {0};
	uint64_t hash;

	*ret_chars = 0;
	(void)buf_room(&words, text != NULL ? strlen(text) : 0);
	add_words(title, &words, ret_chars);
	buf_putc(&words, '\n'); /* a word that moves to the text is an edit */
	add_words(text, &words, ret_chars);
	hash = hash64(words.data, words.len);
	buf_done(&words);
	return hash;
}
