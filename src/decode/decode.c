/* SPDX-License-Identifier: ISC */
#include "decode/decode.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "decode/inside.h"
#include "decode/syntax.h"

#define HEAD_BYTES 4096 /* PHP warnings before a root have up to 2 KB */
/* Characters of a two-byte set that are valid UTF-8 in a row by chance: one in
 * twelve each. */
#define MULTI_PROOF 6

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
	d->fault_at = SIZE_MAX;
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
	free(d->guess);
	free(d->head);
	free(d->content_type);
	free(d->force);
	free(d);
}

void
decode_note(struct decode *d, const char *format, ...)
{
	va_list args;

	if (d->fault[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(d->fault, sizeof(d->fault), format, args);
	va_end(args);
}

void
decode_note_at(struct decode *d, size_t at, const char *fault)
{
	if (d->fault[0] == '\0')
		d->fault_at = at;
	decode_note(d, "%s", fault);
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
		used = convert_data(d, d->carry, d->carry_size + take, false);
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
	used = convert_data(d, data, size, false);
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
		cp = convert_unit(head + i * width, width, big);
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
		decode_note(d, "encoding: unknown name \"%.*s\"",
		    (int)(size < 40 ? size : 40), name);
		return false;
	}
	if (width_of(encoding) > 1) { /* the bytes would show it */
		decode_note(d, "encoding: declared %s, which the bytes are not",
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
		decode_note(d, "encoding: declared %s, but the bytes are %s",
		    d->claimed->name, sure->name);
	else if (d->claimed == NULL && sure->form != FORM_UTF8)
		decode_note(d,
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
	d->binary = syntax_binary(head, size);
	if (d->binary != NULL) {
		d->stopped = true;
		return;
	}
	d->offset = mark;
	d->syntax = sniff(sure != NULL ? sure : d->now, head + mark, size - mark);
	if (mark == 0 && (sure == NULL || width_of(sure) == 1))
		gather_claims(d, head, size);
	if (sure != NULL) {
		if (d->force != NULL)
			tell_forced(d, sure);
		d->other = NULL;
		convert_use(d, sure);
	} else if (d->claimed != NULL && d->claimed->form == FORM_MULTI) {
		convert_use(d, d->claimed);
	} else if (d->claimed != NULL && d->claimed->form == FORM_SINGLE) {
		d->other = d->claimed;
		d->single_claimed = true;
	} else if (d->other == NULL) {
		d->other = label_find("windows-1252", 12);
		d->guess = xcalloc(1, sizeof(*d->guess));
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

/* `other` may be there for want of a better idea: is there one now? */
static const struct encoding *
guessed(const struct decode *d)
{
	const char *label = d->guess != NULL ? guess_label(d->guess) : NULL;

	return label != NULL ? label_find(label, strlen(label)) : NULL;
}

static void
conclude(struct decode *d)
{
	const struct encoding *utf8 = label_form(FORM_UTF8);
	bool any = d->count.good + d->count.bad > 0;

	d->count.bad += d->count.need > 0;
	if (any && d->other != NULL && d->now == utf8 && !utf8_wins(d))
		d->better = guessed(d) != NULL ? guessed(d) : d->other;
	else if (any && d->now != utf8 && d->force == NULL &&
	    width_of(d->now) == 1 && utf8_wins(d))
		d->better = utf8;
	else if (d->turned)
		d->better = guessed(d);
	if (d->turned && !d->single_claimed)
		decode_note(d, "encoding: %s not utf-8: read as %s",
		    d->claimed == utf8 ? "declared utf-8, but the bytes are"
				       : "no encoding declared, and the bytes are",
		    d->now->name);
	else if (d->now == utf8 && d->single_claimed && d->count.good > 0)
		decode_note(d, "encoding: declared %s, but the bytes are utf-8",
		    d->claimed->name);
	if (d->errors > 0)
		decode_note(d, "encoding: %zu byte sequences are not %s", d->errors,
		    d->now->name);
}

bool
decode_end(struct decode *d)
{
	if (!d->decided)
		decide(d, d->head_size > 0 ? d->head : "", d->head_size);
	if (d->carry_size > 0 && !d->stopped)
		(void)convert_data(d, d->carry, d->carry_size, true);
	d->carry_size = 0;
	convert_end(d);
	conclude(d);
	return !d->stopped;
}

enum document_syntax
decode_syntax(const struct decode *d)
{
	return d->syntax;
}

const char *
decode_binary(const struct decode *d)
{
	return d->binary;
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

size_t
decode_fault_at(const struct decode *d)
{
	return d->fault_at;
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
