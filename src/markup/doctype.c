/* SPDX-License-Identifier: ISC */
/*
 * <!DOCTYPE name PUBLIC "public" "system">, and in XML mode its [internal
 * subset], which is passed over: name, public and system identifier stand in
 * `token` one behind the other, each with a NUL.
 */
#include <strings.h>

#include "markup/token.h"

static token_step before_name, name, after_name, keyword, before_id, id_double,
    id_single, after_id, bogus, subset, subset_open, subset_declaration,
    subset_comment, subset_end;

static const char *
emit(struct markup *m, const char *p)
{
	const char *text = buf_text(&m->token);

	m->state = token_data;
	m->token_start = m->mark;
	m->token_end = token_place(m, p);
	if (m->sink->doctype != NULL)
		m->sink->doctype(m->arg, m->has_name ? text : NULL,
		    m->has_public ? text + m->public_at : NULL,
		    m->has_system ? text + m->system_at : NULL, m->is_quirks);
	return p;
}

static const char *
emit_quirks(struct markup *m, const char *p)
{
	m->is_quirks = true;
	return emit(m, p);
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && token_is_space(*p))
		p++;
	return p;
}

/* XML: the subset begins, or an element, because the > was forgotten. */
static bool
leaves(const struct markup *m, char c)
{
	return m->is_xml && (c == '[' || c == '<');
}

static const char *
leave(struct markup *m, const char *p)
{
	if (*p == '<')
		return emit(m, p);
	return token_go(m, subset, p + 1);
}

const char *
doctype_begin(struct markup *m, const char *p, const char *end)
{
	(void)end;
	token_reset(m);
	m->has_name = m->has_public = m->has_system = m->is_quirks = false;
	return token_go(m, before_name, p);
}

static const char *
before_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = skip_space(p, end);
	if (p == end)
		return p;
	if (*p == '>')
		return emit_quirks(m, p + 1);
	if (leaves(m, *p))
		return leave(m, p);
	m->has_name = true;
	return token_go(m, name, p);
}

static void
add_byte(struct markup *m, char c)
{
	if (c == '\0')
		token_add(m, TOKEN_REPLACEMENT, 3);
	else
		token_add(m, &c, 1);
}

static const char *
name(struct markup *m, const char *p, const char *end)
{
	bool at_end = p == end;

	for (; p < end && !token_is_space(*p) && *p != '>' && !leaves(m, *p); p++)
		add_byte(m, m->is_xml ? *p : token_lower(*p));
	if (p == end && !at_end)
		return p;
	buf_putc(&m->token, '\0');
	if (at_end)
		return emit_quirks(m, p);
	m->held_size = 0;
	return token_go(m, after_name, p);
}

static const char *
after_name(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = skip_space(p, end);
	if (p == end)
		return p;
	if (*p == '>')
		return emit(m, p + 1);
	if (leaves(m, *p))
		return leave(m, p);
	return token_go(m, keyword, p);
}

static bool
is_prefix(const struct markup *m, const char *word)
{
	return strncasecmp(m->held, word, m->held_size) == 0;
}

/* "public" or "system", six letters both; anything else makes it bogus. */
static const char *
keyword(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	for (; p < end && m->held_size < 6; p++) {
		m->held[m->held_size++] = *p;
		if (!is_prefix(m, "public") && !is_prefix(m, "system")) {
			m->is_quirks = true;
			return token_go(m, bogus, p);
		}
	}
	if (m->held_size < 6)
		return p;
	m->wants_public = is_prefix(m, "public");
	return token_go(m, before_id, p);
}

static const char *
id_begin(struct markup *m, const char *p)
{
	if (m->wants_public) {
		m->has_public = true;
		m->public_at = m->token.len;
	} else {
		m->has_system = true;
		m->system_at = m->token.len;
	}
	return token_go(m, *p == '"' ? id_double : id_single, p + 1);
}

/* Behind the keyword, where an identifier must come. */
static const char *
before_id(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = skip_space(p, end);
	if (p == end)
		return p;
	if (*p == '"' || *p == '\'')
		return id_begin(m, p);
	m->is_quirks = true;
	if (*p == '>')
		return emit(m, p + 1);
	return token_go(m, bogus, p);
}

static const char *
id(struct markup *m, const char *p, const char *end, char quote)
{
	bool at_end = p == end;

	for (; p < end && *p != quote && *p != '>'; p++)
		add_byte(m, *p);
	if (p == end && !at_end)
		return p;
	buf_putc(&m->token, '\0');
	if (at_end)
		return emit_quirks(m, p);
	if (*p == '>')
		return emit_quirks(m, p + 1);
	return token_go(m, after_id, p + 1);
}

static const char *
id_double(struct markup *m, const char *p, const char *end)
{
	return id(m, p, end, '"');
}

static const char *
id_single(struct markup *m, const char *p, const char *end)
{
	return id(m, p, end, '\'');
}

static const char *
after_id(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = skip_space(p, end);
	if (p == end)
		return p;
	if (*p == '>')
		return emit(m, p + 1);
	if (leaves(m, *p))
		return leave(m, p);
	if (m->has_system) /* what follows is an error, but none that counts */
		return token_go(m, bogus, p);
	m->wants_public = false;
	return token_go(m, before_id, p);
}

static const char *
bogus(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit(m, p);
	if (m->is_xml) {
		while (p < end && *p != '>' && !leaves(m, *p))
			p++;
	} else
		p = token_find(p, end, '>', '>', '>');
	if (p < end && *p != '>')
		return leave(m, p);
	return p < end ? emit(m, p + 1) : p;
}

/* Between declarations.  An element's start means that the subset was never
 * closed. */
static const char *
subset(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = token_find(p, end, ']', '<', '<');
	if (p == end)
		return p;
	m->subset_mark = token_place(m, p);
	return token_go(m, *p == ']' ? subset_end : subset_open, p + 1);
}

static const char *
subset_open(struct markup *m, const char *p, const char *end)
{
	if (p < end && token_starts_name(m, *p)) {
		(void)emit_quirks(m, p);
		m->mark = m->subset_mark;
		return token_go(m, tag_open, p);
	}
	m->held_size = 0;
	m->quote = '\0';
	return token_go(m, subset_declaration, p);
}

/* "<!" and what follows, up to its >; quotes hide one, and comments do. */
static const char *
subset_declaration(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	for (; p < end && m->held_size < 3; p++) {
		if (*p != "!--"[m->held_size])
			break;
		if (++m->held_size == 3) {
			m->held_size = 0;
			return token_go(m, subset_comment, p + 1);
		}
	}
	if (p < end)
		m->held_size = 3; /* no comment: that was decided */
	for (; p < end; p++) {
		if (m->quote != '\0')
			m->quote = *p == m->quote ? '\0' : m->quote;
		else if (*p == '"' || *p == '\'')
			m->quote = *p;
		else if (*p == '>')
			return token_go(m, subset, p + 1);
	}
	return p;
}

static const char *
subset_comment(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	for (; p < end; p++) {
		if (*p == '>' && m->held_size >= 2)
			return token_go(m, subset, p + 1);
		m->held_size = *p == '-' ? m->held_size + 1 : 0;
	}
	return p;
}

static const char *
subset_end(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit_quirks(m, p);
	p = skip_space(p, end);
	if (p == end)
		return p;
	return emit(m, *p == '>' ? p + 1 : p);
}
