/* SPDX-License-Identifier: ISC */
/* Behind "<!" and "<?": comments, what passes for them, and instructions. */
#include <strings.h>

#include "markup/token.h"

static token_step comment_start, comment_start_dash, comment, end_dash, end_dashes,
    end_bang, instruction_mark;

/* What is held, with one byte more, may still become `word`. */
static bool
may_be(const struct markup *m, const char *word, char c, bool any_case)
{
	size_t n = m->held_size;

	if (n >= strlen(word))
		return false;
	if (!any_case)
		return memcmp(m->held, word, n) == 0 && word[n] == c;
	return strncasecmp(m->held, word, n) == 0 && word[n] == token_lower(c);
}

/* Behind "<!": the bytes are held until they are something. */
const char *
comment_declaration(struct markup *m, const char *p, const char *end)
{
	if (p < end &&
	    (may_be(m, "--", *p, false) || may_be(m, "doctype", *p, true) ||
		(m->has_cdata && may_be(m, "[CDATA[", *p, false)))) {
		m->held[m->held_size++] = *p++;
		if (m->held_size == 2 && m->held[0] == '-') {
			token_reset(m);
			return token_go(m, comment_start, p);
		}
		if (m->held_size < 7)
			return p;
		return token_go(
		    m, m->held[0] == '[' ? token_cdata : doctype_begin, p);
	}
	token_reset(m);
	token_add(m, m->held, m->held_size);
	return token_go(m, comment_bogus, p);
}

static const char *
emit(struct markup *m, const char *p)
{
	token_emit_comment(m, p);
	return p;
}

/* What the marks turned out to be: a part of the comment.  p is yet to be read. */
static const char *
back_to_comment(struct markup *m, const char *marks, const char *p)
{
	token_add(m, marks, strlen(marks));
	return token_go(m, comment, p);
}

const char *
comment_bogus(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return emit(m, p);
	p = token_find(p, end, '>', '\0', '\0');
	token_add(m, from, (size_t)(p - from));
	if (p == end)
		return p;
	if (*p == '>')
		return emit(m, p + 1);
	token_add(m, TOKEN_REPLACEMENT, 3);
	return p + 1;
}

static const char *
comment_start(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == '-')
		return token_go(m, comment_start_dash, p + 1);
	if (p < end && *p == '>')
		return emit(m, p + 1);
	return token_go(m, comment, p);
}

static const char *
comment_start_dash(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit(m, p);
	if (*p == '-')
		return token_go(m, end_dashes, p + 1);
	if (*p == '>')
		return emit(m, p + 1);
	return back_to_comment(m, "-", p);
}

/* The standard's states behind a < in a comment only find errors to report. */
static const char *
comment(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return emit(m, p);
	p = token_find(p, end, '-', '\0', '\0');
	token_add(m, from, (size_t)(p - from));
	if (p == end)
		return p;
	if (*p == '-')
		return token_go(m, end_dash, p + 1);
	token_add(m, TOKEN_REPLACEMENT, 3);
	return p + 1;
}

static const char *
end_dash(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit(m, p);
	if (*p == '-')
		return token_go(m, end_dashes, p + 1);
	return back_to_comment(m, "-", p);
}

static const char *
end_dashes(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return emit(m, p);
	if (*p == '>')
		return emit(m, p + 1);
	if (*p == '!')
		return token_go(m, end_bang, p + 1);
	if (*p != '-')
		return back_to_comment(m, "--", p);
	token_add(m, "-", 1);
	return p + 1;
}

static const char *
end_bang(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p == '>')
		return emit(m, p == end ? p : p + 1);
	if (*p != '-')
		return back_to_comment(m, "--!", p);
	token_add(m, "--!", 3);
	return token_go(m, end_dash, p + 1);
}

static const char *
emit_instruction(struct markup *m, const char *p)
{
	m->state = token_data;
	m->token_start = m->mark;
	m->token_end = token_place(m, p);
	if (m->sink->instruction != NULL)
		m->sink->instruction(m->arg, buf_text(&m->token), m->token.len);
	return p;
}

const char *
comment_instruction(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return emit_instruction(m, p);
	p = token_find(p, end, '?', '>', '>');
	token_add(m, from, (size_t)(p - from));
	if (p == end)
		return p;
	if (*p == '?')
		return token_go(m, instruction_mark, p + 1);
	if (strncmp(buf_text(&m->token), "xml", 3) == 0)
		return emit_instruction(m, p + 1);
	token_add(m, p, 1);
	return p + 1;
}

static const char *
instruction_mark(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == '>')
		return emit_instruction(m, p + 1);
	token_add(m, "?", 1);
	return token_go(m, comment_instruction, p);
}
