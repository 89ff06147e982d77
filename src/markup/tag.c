/* SPDX-License-Identifier: ISC */
/*
 * Tags and their attributes.  Names and values are collected in `token`, one
 * behind the other, each with a NUL; spans say where.
 *
 * XML mode forgives one thing more: a < inside a tag (not in quotes) means that
 * the > was forgotten, and begins the next tag.
 */
#include "base/hash.h"
#include "base/xalloc.h"
#include "markup/token.h"

static token_step end_tag_open, before_name, attribute_name, after_name,
    before_value, value_double, value_single, value_bare, after_value, self_closing;

const char *
tag_open(struct markup *m, const char *p, const char *end)
{
	if (p < end && token_starts_name(m, *p)) {
		tag_begin(m, false);
		return token_go(m, tag_name, p);
	}
	if (p < end && *p == '/')
		return token_go(m, end_tag_open, p + 1);
	if (p < end && *p == '!') {
		m->held_size = 0;
		return token_go(m, comment_declaration, p + 1);
	}
	if (p < end && *p == '?') {
		token_reset(m);
		return m->is_xml ? token_go(m, comment_instruction, p + 1)
				 : token_go(m, comment_bogus, p);
	}
	token_text(m, "<", 1, p);
	return token_go(m, token_data, p);
}

static const char *
end_tag_open(struct markup *m, const char *p, const char *end)
{
	if (p == end) {
		token_text(m, "</", 2, p);
		return token_go(m, token_data, p);
	}
	if (token_starts_name(m, *p)) {
		tag_begin(m, true);
		return token_go(m, tag_name, p);
	}
	if (*p == '>')
		return token_go(m, token_data, p + 1);
	token_reset(m);
	return token_go(m, comment_bogus, p);
}

void
tag_begin(struct markup *m, bool is_end_tag)
{
	token_reset(m);
	m->is_end_tag = is_end_tag;
	m->is_self_closing = false;
}

/* A name's bytes: up to what ends it, in lower case unless in XML. */
static const char *
add_name(struct markup *m, const char *p, const char *end, bool ends_at_equals)
{
	const char *from = p;
	size_t start = m->token.len, i;

	while (p < end && (unsigned char)*p > ' ' && *p != '/' && *p != '>' &&
	    !(*p == '=' && ends_at_equals) && !(*p == '<' && m->is_xml))
		p++;
	token_add(m, from, (size_t)(p - from));
	if (!m->is_xml) {
		for (i = start; i < m->token.len; i++)
			m->token.data[i] = token_lower(m->token.data[i]);
	}
	/* Other control characters are part of names; NUL becomes U+FFFD. */
	if (p < end && (unsigned char)*p < ' ' && !token_is_space(*p)) {
		if (*p == '\0')
			token_add(m, TOKEN_REPLACEMENT, 3);
		else
			token_add(m, p, 1);
		p++;
	}
	return p;
}

static bool
ends_name(const struct markup *m, char c)
{
	return token_is_space(c) || c == '/' || c == '>' || (c == '<' && m->is_xml);
}

/* Where in `slots` the name stands, or the free one for it. */
static uint16_t *
slot_of(struct markup *m, const char *name, size_t size)
{
	size_t at = hash64(name, size) % TOKEN_SLOTS;
	const struct token_span *span;

	for (; m->slots[at] != 0; at = (at + 1) % TOKEN_SLOTS) {
		span = &m->spans[m->slots[at] - 1];
		if (span->name_size == size &&
		    memcmp(m->token.data + span->name, name, size) == 0)
			break;
	}
	return &m->slots[at];
}

/* From here on names are found by hash: a thousand of them, each compared with
 * all before it, in tag after tag, would be slow. */
#define FEW 8

static bool
is_taken_of_few(const struct markup *m, const char *name, size_t size)
{
	const struct token_span *span;

	for (span = m->spans; span < m->spans + m->count; span++) {
		if (span->name_size == size &&
		    memcmp(m->token.data + span->name, name, size) == 0)
			return true;
	}
	return false;
}

static void
enter_all(struct markup *m)
{
	const struct token_span *span;
	size_t i;

	if (m->slots == NULL)
		m->slots = xmalloc(TOKEN_SLOTS * sizeof(*m->slots));
	memset(m->slots, 0, TOKEN_SLOTS * sizeof(*m->slots));
	for (i = 0; i < m->count; i++) {
		span = &m->spans[i];
		*slot_of(m, m->token.data + span->name, span->name_size) =
		    (uint16_t)(i + 1);
	}
}

/* True when the name is new; it then counts as taken. */
static bool
take_name(struct markup *m, const char *name, size_t size)
{
	uint16_t *slot;

	if (m->count < FEW)
		return !is_taken_of_few(m, name, size);
	if (m->count == FEW)
		enter_all(m);
	slot = slot_of(m, name, size);
	if (*slot != 0)
		return false;
	*slot = (uint16_t)(m->count + 1);
	return true;
}

static void
attribute_begin(struct markup *m)
{
	if (m->count >= m->capacity) {
		m->capacity = m->capacity > 0 ? 2 * m->capacity : 16;
		m->spans = xrealloc(m->spans, (m->capacity + 1) * sizeof(*m->spans));
		m->attributes = xrealloc(
		    m->attributes, (m->capacity + 1) * sizeof(*m->attributes));
	}
	m->in_attribute = true;
	m->spans[m->count].name = m->token.len;
}

/* The name is whole.  One that was there before, or one too many, is read on
 * but forgotten at its end. */
static void
attribute_named(struct markup *m)
{
	struct token_span *span = &m->spans[m->count];

	span->name_size = m->token.len - span->name;
	buf_putc(&m->token, '\0');
	span->value = m->token.len;
	m->is_dropped = true;
	if (m->count >= LIMIT_ATTRIBUTES)
		token_hit_limit(m, "a tag has too many attributes");
	else
		m->is_dropped =
		    !take_name(m, m->token.data + span->name, span->name_size);
}

static void
attribute_done(struct markup *m)
{
	struct token_span *span;

	if (!m->in_attribute)
		return;
	m->in_attribute = false;
	span = &m->spans[m->count];
	if (m->is_dropped) {
		m->token.len = span->name;
		return;
	}
	span->value_size = m->token.len - span->value;
	buf_putc(&m->token, '\0');
	m->count++;
}

/* The tag ends: at its >, or (XML) where the next one begins. */
static const char *
tag_done(struct markup *m, const char *p)
{
	attribute_done(m);
	if (*p == '>')
		p++;
	token_emit_tag(m, p);
	return p;
}

const char *
tag_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = add_name(m, p, end, false);
	if (p == end || !ends_name(m, *p))
		return p;
	m->name_size = m->token.len;
	buf_putc(&m->token, '\0');
	return token_go(m, before_name, p);
}

static const char *
before_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	while (p < end && token_is_space(*p))
		p++;
	if (p == end)
		return p;
	if (*p == '/')
		return token_go(m, self_closing, p + 1);
	if (*p == '>' || (*p == '<' && m->is_xml))
		return tag_done(m, p);
	attribute_done(m);
	attribute_begin(m);
	m->state = attribute_name;
	if (*p != '=') /* an = here is the first byte of a name */
		return p;
	token_add(m, p, 1);
	return p + 1;
}

static const char *
self_closing(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p != '>')
		return token_go(m, before_name, p);
	m->is_self_closing = true;
	return tag_done(m, p);
}

static const char *
attribute_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = add_name(m, p, end, true);
	if (p == end || (*p != '=' && !ends_name(m, *p)))
		return p;
	attribute_named(m);
	return token_go(m, after_name, p);
}

static const char *
after_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	while (p < end && token_is_space(*p))
		p++;
	if (p == end)
		return p;
	if (*p == '=')
		return token_go(m, before_value, p + 1);
	attribute_done(m);
	return token_go(m, before_name, p);
}

static const char *
before_value(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	while (p < end && token_is_space(*p))
		p++;
	if (p == end)
		return p;
	if (*p == '"')
		return token_go(m, value_double, p + 1);
	if (*p == '\'')
		return token_go(m, value_single, p + 1);
	if (*p == '>')
		return tag_done(m, p);
	return token_go(m, value_bare, p);
}

static const char *
reference_in_value(struct markup *m, const char *p)
{
	m->back = m->state;
	m->in_value = true;
	return token_go(m, reference_open, p + 1);
}

static const char *
quoted(struct markup *m, const char *p, const char *end, char quote)
{
	const char *from = p;

	if (p == end)
		return token_finish(m, p);
	p = token_find(p, end, quote, '&', '\0');
	token_add(m, from, (size_t)(p - from));
	if (p == end)
		return p;
	if (*p == '&')
		return reference_in_value(m, p);
	if (*p == quote)
		return token_go(m, after_value, p + 1);
	token_add(m, TOKEN_REPLACEMENT, 3);
	return p + 1;
}

static const char *
value_double(struct markup *m, const char *p, const char *end)
{
	return quoted(m, p, end, '"');
}

static const char *
value_single(struct markup *m, const char *p, const char *end)
{
	return quoted(m, p, end, '\'');
}

static const char *
after_value(struct markup *m, const char *p, const char *end)
{
	(void)end;
	attribute_done(m);
	return token_go(m, before_name, p);
}

/* XML: <enclosure length=12/> closes itself; the / of an unquoted address, as
 * in <link href=http://example.org/>, is also the address's. */
static void
close_bare_value(struct markup *m)
{
	const struct token_span *span = &m->spans[m->count];
	const char *value = m->token.data + span->value;
	size_t size = m->token.len - span->value;

	if (!m->is_xml || size == 0 || value[size - 1] != '/')
		return;
	m->is_self_closing = true;
	if (memchr(value, '/', size - 1) == NULL)
		m->token.len--;
}

static const char *
value_bare(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return token_finish(m, p);
	while (p < end && !token_is_space(*p) && *p != '&' && *p != '>' &&
	    *p != '\0' && !(*p == '<' && m->is_xml))
		p++;
	token_add(m, from, (size_t)(p - from));
	if (p == end)
		return p;
	if (*p == '&')
		return reference_in_value(m, p);
	if (*p == '\0') {
		token_add(m, TOKEN_REPLACEMENT, 3);
		return p + 1;
	}
	if (token_is_space(*p))
		return token_go(m, after_value, p);
	close_bare_value(m);
	return tag_done(m, p);
}
