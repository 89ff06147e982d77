/* SPDX-License-Identifier: ISC */
#include "decode/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "base/xalloc.h"
#include "decode/label.h"
#include "decode/syntax.h"
#include "decode/table.h"
#include "decode/utf8.h"

#define HEAD_BYTES 4096 /* PHP warnings before a root have up to 2 KB */
#define CARRY_BYTES 16  /* the longest character of any encoding, twice */
#define BLOCK_BYTES 4096
/* Characters of a two-byte set that are valid UTF-8 in a row by chance: one in
 * twelve each. */
#define MULTI_PROOF 6

/*
 * How one document is read.  Whatever is ASCII below 0x80 with single bytes above
 * starts as UTF-8 (`now`), which most such documents are whatever they say, and
 * turns to `other` at the first sequence that is none, if no good one came before:
 * until then both readings are the same, so nothing needs to be taken back.  Who
 * was right is counted to the end, and decode_better says when it was the other.
 */
struct decode {
	decode_out_fn *out;
	void *arg;
	char *content_type, *force;

	const struct encoding *now;     /* bytes are read as this */
	const struct encoding *other;   /* what to turn to; NULL: `now` is sure */
	const struct encoding *claimed; /* by HTTP or the document; NULL: no one */
	const struct encoding *better;
	bool turned;         /* `now` was `other` once */
	bool single_claimed; /* UTF-8 must be nearly perfect to win over the claim */
	struct utf8_count count;
	size_t errors; /* of what was read as something else than UTF-8 */

	struct table *table; /* FORM_SINGLE */
	iconv_t cd;          /* FORM_MULTI; (iconv_t)-1: none */

	enum document_syntax syntax;
	bool decided, started, stopped;
	char *head; /* until decided */
	size_t head_size;
	char carry[CARRY_BYTES];
	size_t carry_size;
	size_t offset; /* bytes consumed, for messages */
	char fault[160];
};

struct decode *
decode_new(
    const char *content_type, const char *force, decode_out_fn *out, void *arg)
{
	struct decode *d = xcalloc(1, sizeof(*d));

	d->out = out;
	d->arg = arg;
	d->content_type = xstrdup_null(content_type);
	d->force = xstrdup_null(force);
	d->cd = (iconv_t)-1;
	d->now = label_form(FORM_UTF8);
	d->syntax = SYNTAX_OTHER;
	return d;
}

void
decode_free(struct decode *d)
{
	if (d == NULL)
		return;
	if (d->cd != (iconv_t)-1)
		(void)iconv_close(d->cd);
	free(d->table);
	free(d->head);
	free(d->content_type);
	free(d->force);
	free(d);
}

/* The first fault is the one that is told. */
static void fault(struct decode *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void
fault(struct decode *d, const char *format, ...)
{
	va_list args;

	if (d->fault[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(d->fault, sizeof(d->fault), format, args);
	va_end(args);
}

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
			fault(d, "encoding: characters that XML forbids");
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

/* Makes `encoding` the one that bytes are read as. */
static void
use(struct decode *d, const struct encoding *encoding)
{
	d->now = encoding;
	if (encoding->form == FORM_SINGLE && d->table == NULL) {
		d->table = xmalloc(sizeof(*d->table));
		table_fill(d->table, encoding);
	}
	if (encoding->form == FORM_MULTI && d->cd == (iconv_t)-1)
		d->cd = iconv_open("UTF-8", encoding->iconv);
}

/*
 * The consumers: each takes whole characters from the front and returns how many
 * bytes it took; what is left is the start of a character, to be seen again with
 * more behind it.  With `last` everything is taken.
 */

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
			fault(d,
			    "encoding: characters that XML forbids, at byte %zu",
			    d->offset + i);
			i += length;
			continue;
		}
		if (d->other != NULL && d->count.good == 0) {
			d->turned = true;
			use(d, d->other);
			break;
		}
		fault(d, "encoding: bytes that are not utf-8, at byte %zu",
		    d->offset + i);
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
static void
flush_multi(struct decode *d)
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

static uint32_t
unit(const char *data, unsigned width, bool big)
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
		cp = unit(data + i, width, big);
		if (width == 2 && (cp & 0xFC00) == 0xD800) {
			if (i + 4 > size && !last)
				break;
			low = i + 4 <= size ? unit(data + i + 2, 2, big) : 0;
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

static size_t
consume(struct decode *d, const char *data, size_t size, bool last)
{
	size_t done = 0, taken;
	bool turned;

	do {
		turned = d->turned;
		taken = consume_by_form(d, data + done, size - done, last);
		if (d->now->form == FORM_SINGLE || d->now->form == FORM_MULTI)
			utf8_count(&d->count, data + done, taken);
		done += taken;
		d->offset += taken;
	} while (turned != d->turned);
	return done;
}

static void
feed(struct decode *d, const char *data, size_t size)
{
	size_t take, used;

	while (d->carry_size > 0 && size > 0 && !d->stopped) {
		take = CARRY_BYTES - d->carry_size;
		if (take > size)
			take = size;
		memcpy(d->carry + d->carry_size, data, take);
		used = consume(d, d->carry, d->carry_size + take, false);
		if (used >= d->carry_size) {
			data += used - d->carry_size;
			size -= used - d->carry_size;
			d->carry_size = 0;
			break;
		}
		d->carry_size += take - used;
		memmove(d->carry, d->carry + used, d->carry_size);
		data += take;
		size -= take;
	}
	if (size == 0 || d->stopped)
		return;
	used = consume(d, data, size, false);
	d->carry_size = size - used;
	memcpy(d->carry, data + used, d->carry_size);
}

/* A byte order mark's encoding and length, or NULL. */
static const struct encoding *
marked(const char *head, size_t size, size_t *ret_size)
{
	static const struct {
		const char *mark;
		size_t size;
		enum encoding_form form;
	} marks[] = {
	    {"\xEF\xBB\xBF", 3, FORM_UTF8},
	    {"\xFF\xFE\0\0", 4, FORM_UTF32LE},
	    {"\0\0\xFE\xFF", 4, FORM_UTF32BE},
	    {"\xFF\xFE", 2, FORM_UTF16LE},
	    {"\xFE\xFF", 2, FORM_UTF16BE},
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (size >= marks[i].size &&
		    memcmp(head, marks[i].mark, marks[i].size) == 0) {
			*ret_size = marks[i].size;
			return label_form(marks[i].form);
		}
	}
	return NULL;
}

/* UTF-16 and UTF-32 without a mark: where the NULs are, since XML and JSON both
 * start with ASCII. */
static const struct encoding *
shaped(const char *head, size_t size)
{
	unsigned nuls = 0, i;

	if (size < 4)
		return NULL;
	for (i = 0; i < 4; i++)
		nuls = nuls << 1 | (head[i] == '\0');
	switch (nuls) {
	case 0xE:
		return label_form(FORM_UTF32BE);
	case 0x7:
		return label_form(FORM_UTF32LE);
	case 0xA:
		return label_form(FORM_UTF16BE);
	case 0x5:
		return label_form(FORM_UTF16LE);
	default:
		return NULL;
	}
}

static unsigned
width_of(const struct encoding *encoding)
{
	switch (encoding->form) {
	case FORM_UTF16BE:
	case FORM_UTF16LE:
		return 2;
	case FORM_UTF32BE:
	case FORM_UTF32LE:
		return 4;
	default:
		return 1;
	}
}

/* The head as ASCII, enough to see elements in. */
static enum document_syntax
sniff(const struct encoding *encoding, const char *head, size_t size)
{
	unsigned width = width_of(encoding);
	bool big = encoding->form == FORM_UTF16BE || encoding->form == FORM_UTF32BE;
	char narrow[HEAD_BYTES / 2];
	size_t i;
	uint32_t cp;

	if (width == 1)
		return syntax_sniff(head, size);
	for (i = 0; (i + 1) * width <= size && i < sizeof(narrow); i++) {
		cp = unit(head + i * width, width, big);
		narrow[i] = cp < 0x80 ? (char)cp : cp == 0xFEFF ? ' ' : '?';
	}
	return syntax_sniff(narrow, i);
}

/* One name that somebody gave.  False: not usable, the next is asked. */
static bool
claim(struct decode *d, const char *name, size_t size)
{
	const struct encoding *encoding;

	if (size == 0)
		return false;
	encoding = label_find(name, size);
	if (encoding == NULL || encoding->form == FORM_NONE) {
		fault(d, "encoding: unknown name \"%.*s\"",
		    (int)(size < 40 ? size : 40), name);
		return false;
	}
	if (width_of(encoding) > 1) { /* the bytes would show it */
		fault(d, "encoding: declared %s, which the bytes are not",
		    encoding->name);
		return false;
	}
	if (d->claimed == NULL) {
		d->claimed = encoding;
	} else if (d->claimed->form == FORM_UTF8 && d->other == NULL) {
		d->other = encoding->form != FORM_UTF8 ? encoding : NULL;
	}
	return true;
}

/* Everybody who may know is asked, in the order of RFC 7303. */
static void
gather_claims(struct decode *d, const char *head, size_t size)
{
	const char *name = NULL;
	size_t length;

	length = syntax_charset(d->content_type, &name);
	(void)claim(d, name, length);
	length = syntax_declared(head, size, &name);
	if (!claim(d, name, length) && d->syntax == SYNTAX_HTML) {
		length = syntax_meta(head, size, &name);
		(void)claim(d, name, length);
	}
}

/* What the bytes themselves show, or what `force` says; NULL: look at claims. */
static const struct encoding *
certain(struct decode *d, const char *head, size_t size, size_t *ret_mark)
{
	const struct encoding *encoding = marked(head, size, ret_mark);

	if (d->force != NULL)
		return label_find(d->force, strlen(d->force));
	return encoding != NULL ? encoding : shaped(head, size);
}

/* A re-run happens because the bytes are not what they were said to be. */
static void
tell_forced(struct decode *d, const struct encoding *sure)
{
	if (d->claimed != NULL && d->claimed != sure && d->other != sure)
		fault(d, "encoding: declared %s, but the bytes are %s",
		    d->claimed->name, sure->name);
	else if (d->claimed == NULL && sure->form != FORM_UTF8)
		fault(d,
		    "encoding: no encoding declared, and the bytes are not utf-8: "
		    "read as %s",
		    sure->name);
}

static void
decide(struct decode *d, const char *head, size_t size)
{
	size_t mark = 0;
	const struct encoding *sure = certain(d, head, size, &mark);

	d->decided = true;
	d->offset = mark;
	d->syntax = sniff(sure != NULL ? sure : d->now, head + mark, size - mark);
	if (mark == 0 && (sure == NULL || width_of(sure) == 1))
		gather_claims(d, head, size);
	if (sure != NULL) {
		if (d->force != NULL)
			tell_forced(d, sure);
		d->other = NULL;
		use(d, sure);
	} else if (d->claimed != NULL && d->claimed->form == FORM_MULTI) {
		use(d, d->claimed);
	} else if (d->claimed != NULL && d->claimed->form == FORM_SINGLE) {
		d->other = d->claimed;
		d->single_claimed = true;
	} else if (d->other == NULL) {
		d->other = label_find("windows-1252", 12);
	}
	feed(d, head + mark, size - mark);
}

bool
decode_data(struct decode *d, const char *data, size_t size)
{
	size_t take;

	if (!d->decided && d->head_size == 0 && size >= HEAD_BYTES) {
		decide(d, data, HEAD_BYTES);
		data += HEAD_BYTES;
		size -= HEAD_BYTES;
	} else if (!d->decided && size > 0) {
		if (d->head == NULL)
			d->head = xmalloc(HEAD_BYTES);
		take = HEAD_BYTES - d->head_size;
		take = take < size ? take : size;
		memcpy(d->head + d->head_size, data, take);
		d->head_size += take;
		data += take;
		size -= take;
		if (d->head_size == HEAD_BYTES)
			decide(d, d->head, d->head_size);
	}
	if (size > 0)
		feed(d, data, size);
	return !d->stopped;
}

/* Whether UTF-8 was, or would have been, the better reading. */
static bool
utf8_wins(const struct decode *d)
{
	if (d->now->form == FORM_MULTI && !d->turned)
		return d->count.bad == 0 &&
		    d->count.good >= (d->errors > 0 ? 1 : MULTI_PROOF);
	if (d->single_claimed)
		return d->count.good > 0 && d->count.bad * 100 <= d->count.good;
	return d->count.bad <= d->count.good;
}

static void
conclude(struct decode *d)
{
	const struct encoding *utf8 = label_form(FORM_UTF8);
	bool any = d->count.good + d->count.bad > 0;

	d->count.bad += d->count.need > 0;
	if (any && d->other != NULL && d->now == utf8 && !utf8_wins(d))
		d->better = d->other;
	else if (any && d->now != utf8 && d->force == NULL &&
	    width_of(d->now) == 1 && utf8_wins(d))
		d->better = utf8;
	if (d->turned && !d->single_claimed)
		fault(d, "encoding: %s not utf-8: read as %s",
		    d->claimed == utf8 ? "declared utf-8, but the bytes are"
				       : "no encoding declared, and the bytes are",
		    d->now->name);
	else if (d->now == utf8 && d->single_claimed && d->count.good > 0)
		fault(d, "encoding: declared %s, but the bytes are utf-8",
		    d->claimed->name);
	if (d->errors > 0)
		fault(d, "encoding: %zu byte sequences are not %s", d->errors,
		    d->now->name);
}

bool
decode_end(struct decode *d)
{
	if (!d->decided)
		decide(d, d->head_size > 0 ? d->head : "", d->head_size);
	if (d->carry_size > 0 && !d->stopped)
		(void)consume(d, d->carry, d->carry_size, true);
	d->carry_size = 0;
	flush_multi(d);
	conclude(d);
	return !d->stopped;
}

enum document_syntax
decode_syntax(const struct decode *d)
{
	return d->syntax;
}

const char *
decode_encoding(const struct decode *d)
{
	if (d->now->form == FORM_UTF8 && d->single_claimed && d->count.good == 0)
		return d->claimed->name; /* plain ASCII: both are true */
	return d->now->name;
}

const char *
decode_fault(const struct decode *d)
{
	return d->fault[0] != '\0' ? d->fault : NULL;
}

const char *
decode_better(const struct decode *d)
{
	return d->better != NULL ? d->better->name : NULL;
}

/* They stay open: glibc unloads a module soon after its last user went. */
static iconv_t warm[LABEL_MAX];

void
decode_warm(void)
{
	const struct encoding *encoding;
	size_t i;

	for (i = 0; i < LABEL_MAX && (encoding = label_at(i)) != NULL; i++) {
		if (encoding->iconv != NULL && warm[i] == NULL)
			warm[i] = iconv_open("UTF-8", encoding->iconv);
	}
}
