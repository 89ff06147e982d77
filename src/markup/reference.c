/* SPDX-License-Identifier: ISC */
/* Character references: by name (entities.c) and by number, as a call on text in
 * memory and as states of the tokenizer. */
#include "base/unicode.h"
#include "markup/entities.h"
#include "markup/token.h"

/* &#128; to &#159; mean what Windows has there (HTML 13.2.5.80). */
static const uint16_t windows[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026,
    0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90,
    0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

static bool
is_alnum(char c)
{
	return token_is_alpha(c) || token_is_digit(c);
}

/* As entities.py computes it. */
static uint32_t
hash(const char *name, size_t size)
{
	uint32_t at = 0;

	for (; size > 0; size--, name++)
		at = at * 33 + (unsigned char)*name;
	return at ^ at >> 12;
}

static const struct entity *
find(const char *name, size_t size)
{
	const struct entity *entity;
	uint32_t at;

	if (size == 0 || size >= sizeof(entity->name))
		return NULL;
	for (at = hash(name, size);; at++) {
		if (entities_slots[at % ENTITY_SLOTS] == 0)
			return NULL;
		entity = &entities[entities_slots[at % ENTITY_SLOTS] - 1];
		if (memcmp(entity->name, name, size) == 0 &&
		    entity->name[size] == '\0')
			return entity;
	}
}

const char *
markup_entity(const char *name, size_t size)
{
	const struct entity *entity = find(name, size);

	return entity != NULL ? entity->text : NULL;
}

/* How a reference may be written where it stands. */
struct rules {
	bool in_attribute, is_strict;
};

/*
 * The reference that `name`, a run of letters and digits with `next` behind it
 * (NUL: nothing), begins with.  Its length, the semicolon counted, or 0.
 */
static size_t
match_name(const char *name, size_t size, char next, struct rules rules,
    const struct entity **ret_entity)
{
	const struct entity *entity = next == ';' ? find(name, size) : NULL;
	size_t n = size < ENTITY_BARE_MAX ? size : ENTITY_BARE_MAX;

	if (entity != NULL) {
		*ret_entity = entity;
		return size + 1;
	}
	if (rules.is_strict)
		return 0;
	for (; n >= 2; n--) {
		entity = find(name, n);
		if (entity == NULL || !entity->is_bare)
			continue;
		/* In ?a=1&copy=2 and ?a=1&copying nobody meant (c). */
		if (rules.in_attribute && (n < size || next == '='))
			return 0;
		*ret_entity = entity;
		return n;
	}
	return 0;
}

/* The code point as UTF-8; 0 bytes: one that XML forbids, and strict drops. */
static size_t
encode(uint32_t cp, bool is_strict, char bytes[4])
{
	if (is_strict &&
	    ((cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE ||
		cp == 0xFFFF || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000)))
		return 0;
	if (cp >= 128 && cp < 160)
		cp = windows[cp - 128];
	if (cp == 0)
		cp = 0xFFFD;
	return unicode_encode(cp, bytes);
}

/* -1, or the digit's value. */
static int
digit_value(char c, bool is_hex)
{
	if (token_is_digit(c))
		return c - '0';
	if (is_hex && (unsigned char)((c | 0x20) - 'a') < 6)
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* One digit more; too large a number stays too large, however long it gets. */
static uint32_t
shift_in(uint32_t number, int digit, bool is_hex)
{
	if (number > 0x10FFFF)
		return number;
	return number * (is_hex ? 16 : 10) + (uint32_t)digit;
}

static size_t
numeric(const char *text, size_t size, bool is_strict, struct buf *out)
{
	bool is_hex = size > 2 && (text[2] | 0x20) == 'x';
	size_t start = is_hex ? 3 : 2, i;
	uint32_t number = 0;
	char bytes[4];
	int digit;

	for (i = start; i < size; i++) {
		digit = digit_value(text[i], is_hex);
		if (digit < 0)
			break;
		number = shift_in(number, digit, is_hex);
	}
	if (i == start)
		return 0;
	if (i < size && text[i] == ';')
		i++;
	else if (is_strict)
		return 0;
	buf_add(out, bytes, encode(number, is_strict, bytes));
	return i;
}

size_t
markup_reference(
    const char *text, size_t size, bool in_attribute, bool strict, struct buf *out)
{
	struct rules rules = {.in_attribute = in_attribute, .is_strict = strict};
	const struct entity *entity;
	size_t n = 1, matched;

	if (size < 2 || text[0] != '&')
		return 0;
	if (text[1] == '#')
		return numeric(text, size, strict, out);
	/* One more than any name: what is longer is none, wherever it ends. */
	while (n < size && n <= sizeof(entity->name) && is_alnum(text[n]))
		n++;
	matched =
	    match_name(text + 1, n - 1, n < size ? text[n] : '\0', rules, &entity);
	if (matched == 0)
		return 0;
	buf_puts(out, entity->text);
	return matched + 1;
}

/* The states. */

static token_step reference_name, reference_number;

static void
put(struct markup *m, const char *text, size_t size, const char *p)
{
	if (m->in_value)
		token_add(m, text, size);
	else
		token_text(m, text, size, p);
}

/* What is held is no reference, from the & on; or from `done` bytes on, behind
 * one that was. */
static const char *
put_held(struct markup *m, size_t done, const char *p)
{
	if (done == 0)
		put(m, "&", 1, p);
	put(m, m->held + done, m->held_size - done, p);
	return token_go(m, m->back, p);
}

const char *
reference_open(struct markup *m, const char *p, const char *end)
{
	m->held_size = 0;
	if (p < end && *p == '#') {
		m->held[m->held_size++] = '#';
		m->number = 0;
		m->digits = 0;
		m->is_hex = false;
		return token_go(m, reference_number, p + 1);
	}
	if (p < end && (is_alnum(*p) || token_starts_name(m, *p)))
		return token_go(m, reference_name, p);
	return put_held(m, 0, p);
}

/* In XML, a name that the document may have declared. */
static bool
goes_on(const struct markup *m, char c)
{
	return is_alnum(c) ||
	    (m->is_xml && (token_starts_name(m, c) || c == '-' || c == '.'));
}

static bool
ask_for_entity(struct markup *m, const char *p)
{
	struct buf text = {0};
	bool is_known;

	if (m->sink->entity == NULL || !m->is_xml || m->held_size == TOKEN_HELD)
		return false;
	is_known = m->sink->entity(m->arg, m->held, m->held_size, &text);
	if (is_known)
		put(m, buf_text(&text), text.len, p);
	buf_done(&text);
	return is_known;
}

static const char *
reference_name(struct markup *m, const char *p, const char *end)
{
	struct rules rules = {.in_attribute = m->in_value, .is_strict = m->is_xml};
	const struct entity *entity;
	bool at_end = p == end;
	size_t matched;
	char next;

	while (p < end && m->held_size < TOKEN_HELD && goes_on(m, *p))
		m->held[m->held_size++] = *p++;
	if (p == end && !at_end && m->held_size < TOKEN_HELD)
		return p;
	next = p < end ? *p : '\0';
	matched = match_name(m->held, m->held_size, next, rules, &entity);
	if (matched == 0) {
		if (next == ';' && ask_for_entity(m, p + 1))
			return token_go(m, m->back, p + 1);
		return put_held(m, 0, p);
	}
	if (matched > m->held_size) {
		put(m, entity->text, strlen(entity->text), p + 1);
		return token_go(m, m->back, p + 1);
	}
	put(m, entity->text, strlen(entity->text), p);
	return put_held(m, matched, p);
}

static const char *
put_number(struct markup *m, const char *p)
{
	char bytes[4];

	put(m, bytes, encode(m->number, m->is_xml, bytes), p);
	return token_go(m, m->back, p);
}

/* Its digits are held only as far as they may have to be given back. */
static const char *
reference_number(struct markup *m, const char *p, const char *end)
{
	bool at_end = p == end;
	int digit;

	if (p < end && m->held_size == 1 && (*p | 0x20) == 'x') {
		m->is_hex = true;
		m->held[m->held_size++] = *p++;
	}
	for (; p < end; p++) {
		digit = digit_value(*p, m->is_hex);
		if (digit < 0)
			break;
		m->number = shift_in(m->number, digit, m->is_hex);
		m->digits++;
		if (m->held_size < TOKEN_HELD)
			m->held[m->held_size++] = *p;
		else if (m->is_xml)
			return put_held(m, 0, p);
	}
	if (p == end && !at_end)
		return p;
	if (m->digits == 0)
		return put_held(m, 0, p);
	if (p < end && *p == ';')
		return put_number(m, p + 1);
	return m->is_xml ? put_held(m, 0, p) : put_number(m, p);
}
