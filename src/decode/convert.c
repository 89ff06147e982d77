/* SPDX-License-Identifier: ISC */
/* The consumers, one a form of encoding: each takes whole characters from the
 * front, gives them out as UTF-8 and says how many bytes they were. */
#include <errno.h>
#include <string.h>

#include "base/unicode.h"
#include "base/xalloc.h"
#include "decode/inside.h"
#include "decode/syntax.h"

#define BLOCK_BYTES 4096

/* Whole characters, clean.  White space and marks before the first other character
 * would make a strict parser refuse the XML declaration: they go. */
static void
emit(struct decode *d, const char *text, size_t size)
{
	size_t blank;

	if (!d->started) {
		blank = syntax_blank(text, size);
		text += blank;
		size -= blank;
		d->started = size > 0;
	}
	if (size > 0 && !d->stopped && !d->out(d->arg, text, size))
		d->stopped = true;
}

/* As emit, for text that is UTF-8 but may hold what XML forbids. */
static void
emit_filtered(struct decode *d, const char *text, size_t size)
{
	size_t multi = 0, clean, length;

	while (size > 0) {
		clean = utf8_clean(text, size, &multi);
		emit(d, text, clean);
		if (clean < size) {
			decode_note(d, "encoding: characters that XML forbids");
			(void)utf8_stop(text + clean, size - clean, &length);
			clean += length;
		}
		text += clean;
		size -= clean;
	}
}

static void
emit_replacement(struct decode *d)
{
	emit(d, "\xEF\xBF\xBD", 3);
}

void
convert_use(struct decode *d, const struct encoding *encoding)
{
	d->now = encoding;
	if (encoding->form == FORM_SINGLE && d->table == NULL) {
		d->table = xmalloc(sizeof(*d->table));
		table_fill(d->table, encoding);
	}
	if (encoding->form == FORM_MULTI && d->cd == (iconv_t)-1)
		d->cd = iconv_open("UTF-8", encoding->iconv);
}

static size_t
consume_utf8(struct decode *d, const char *data, size_t size, bool last)
{
	size_t i = 0, clean, length;
	enum utf8_stop stop;

	while (i < size) {
		clean = utf8_clean(data + i, size - i, &d->count.good);
		emit(d, data + i, clean);
		i += clean;
		if (i == size)
			break;
		stop = utf8_stop(data + i, size - i, &length);
		if (stop == UTF8_CUT && !last)
			break;
		if (stop == UTF8_FORBIDDEN) {
			decode_note_at(d, d->offset + i,
			    "encoding: characters that XML forbids");
			i += length;
			continue;
		}
		if (d->count.bad == 0)
			d->guess_from = d->offset + i;
		if (d->other != NULL && d->count.good == 0) {
			d->turned = true;
			convert_use(d, d->other);
			break;
		}
		decode_note_at(
		    d, d->offset + i, "encoding: bytes that are not utf-8");
		d->count.bad++;
		emit_replacement(d);
		i += length;
	}
	return i;
}

static size_t
consume_single(struct decode *d, const char *data, size_t size)
{
	char block[BLOCK_BYTES];
	size_t i, filled = 0;
	unsigned char b;

	for (i = 0; i < size; i++) {
		if (filled + 4 > sizeof(block)) {
			emit_filtered(d, block, filled);
			filled = 0;
		}
		b = (unsigned char)data[i];
		if (b < 0x80) {
			block[filled++] = data[i];
		} else if (d->table->size[b - 0x80] > 0) {
			memcpy(block + filled, d->table->text[b - 0x80], 4);
			filled += d->table->size[b - 0x80];
		} else {
			d->errors++;
			memcpy(block + filled, "\xEF\xBF\xBD", 3);
			filled += 3;
		}
	}
	emit_filtered(d, block, filled);
	return size;
}

/* A byte that iconv refuses: WHATWG knows another meaning for a few. */
static void
emit_refused(struct decode *d, unsigned char byte)
{
	char text[4];

	if (d->now->fix[0].byte == byte) {
		emit(d, text, unicode_encode(d->now->fix[0].cp, text));
		return;
	}
	d->errors++;
	emit_replacement(d);
}

/* Some sets combine a letter with the accent that may follow: the last letter is
 * still inside iconv. */
void
convert_end(struct decode *d)
{
	char block[64], *to = block;
	size_t room = sizeof(block);

	if (d->cd != (iconv_t)-1 &&
	    iconv(d->cd, NULL, NULL, &to, &room) != (size_t)-1)
		emit_filtered(d, block, sizeof(block) - room);
}

static size_t
consume_multi(struct decode *d, const char *data, size_t size, bool last)
{
	char block[BLOCK_BYTES], *to, *from = (char *)data;
	size_t left = size, room, r;

	while (left > 0) {
		to = block;
		room = sizeof(block);
		errno = EILSEQ; /* no module: every byte is refused */
		r = d->cd == (iconv_t)-1 ? (size_t)-1
					 : iconv(d->cd, &from, &left, &to, &room);
		emit_filtered(d, block, sizeof(block) - room);
		if (r != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && !last && left < CARRY_BYTES)
			break;
		if ((unsigned char)*from < 0x80 && d->cd == (iconv_t)-1)
			emit_filtered(d, from, 1);
		else
			emit_refused(d, (unsigned char)*from);
		from++;
		left--;
	}
	return size - left;
}

uint32_t
convert_unit(const char *data, unsigned width, bool big)
{
	const unsigned char *b = (const unsigned char *)data;
	uint32_t value = 0;
	unsigned i;

	for (i = 0; i < width; i++)
		value |= (uint32_t)b[big ? width - 1 - i : i] << 8 * i;
	return value;
}

static size_t
consume_wide(struct decode *d, const char *data, size_t size, unsigned width,
    bool big, bool last)
{
	char block[BLOCK_BYTES];
	size_t i = 0, filled = 0;
	uint32_t cp, low;

	for (; i + width <= size; i += width) {
		cp = convert_unit(data + i, width, big);
		if (width == 2 && (cp & 0xFC00) == 0xD800) {
			if (i + 4 > size && !last)
				break;
			low = i + 4 <= size ? convert_unit(data + i + 2, 2, big) : 0;
			if ((low & 0xFC00) == 0xDC00) {
				cp = 0x10000 + ((cp & 0x3FF) << 10) + (low & 0x3FF);
				i += 2;
			}
		}
		if ((cp >= 0xD800 && cp < 0xE000) || cp > 0x10FFFF)
			d->errors++;
		if (filled + 4 > sizeof(block)) {
			emit_filtered(d, block, filled);
			filled = 0;
		}
		filled += unicode_encode(cp, block + filled);
	}
	emit_filtered(d, block, filled);
	if (last && i < size) {
		d->errors++;
		emit_replacement(d);
		i = size;
	}
	return i;
}

static size_t
consume_by_form(struct decode *d, const char *data, size_t size, bool last)
{
	switch (d->now->form) {
	case FORM_UTF8:
		return consume_utf8(d, data, size, last);
	case FORM_UTF16BE:
		return consume_wide(d, data, size, 2, true, last);
	case FORM_UTF16LE:
		return consume_wide(d, data, size, 2, false, last);
	case FORM_UTF32BE:
		return consume_wide(d, data, size, 4, true, last);
	case FORM_UTF32LE:
		return consume_wide(d, data, size, 4, false, last);
	case FORM_SINGLE:
		return consume_single(d, data, size);
	case FORM_MULTI:
		return consume_multi(d, data, size, last);
	case FORM_NONE:
		break;
	}
	return size;
}

/* From the first byte that is not UTF-8 on, however the pieces were cut. */
static void
add_to_guess(struct decode *d, const char *data, size_t size)
{
	size_t skip = d->guess_from > d->offset ? d->guess_from - d->offset : 0;

	if (d->guess != NULL && skip < size)
		guess_data(d->guess, data + skip, size - skip);
}

size_t
convert_data(struct decode *d, const char *data, size_t size, bool last)
{
	size_t done = 0, taken;
	bool turned;

	do {
		turned = d->turned;
		taken = consume_by_form(d, data + done, size - done, last);
		if (d->now->form == FORM_SINGLE || d->now->form == FORM_MULTI)
			utf8_count(&d->count, data + done, taken);
		if (d->turned || d->count.bad > 0)
			add_to_guess(d, data + done, taken);
		done += taken;
		d->offset += taken;
	} while (turned != d->turned);
	return done;
}
