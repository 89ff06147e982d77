/* SPDX-License-Identifier: ISC */
/*
 * Text in which tags are none, but for the one end tag: title and textarea
 * (RCDATA), style, iframe and others (RAWTEXT), plaintext, and script with its
 * two levels of escapes.
 */
#include "markup/token.h"

static token_step less_than, end_tag_open, end_tag_name;
static token_step script_less_than, escape_start, escape_start_dash, escaped,
    escaped_dash, escaped_dashes, escaped_less_than, double_escape_start,
    double_escaped, double_dash, double_dashes, double_less_than, double_escape_end;

/* A byte of the chunk is text, whatever it is. */
static const char *
take(struct markup *m, token_step *state, const char *p)
{
	m->mark = token_place(m, p);
	if (*p == '\0')
		token_text(m, TOKEN_REPLACEMENT, 3, p + 1);
	else
		token_run(m, p, p + 1);
	return token_go(m, state, p + 1);
}

/* Text up to a byte that matters, here one of `a`, `b` or NUL. */
static const char *
run(struct markup *m, const char *p, const char *end, char a, char b)
{
	const char *from = p;

	p = token_find(p, end, a, b, '\0');
	token_run(m, from, p);
	if (p == end || *p != '\0')
		return p;
	return take(m, m->state, p);
}

static const char *
after_less_than(struct markup *m, token_step *state, const char *p)
{
	m->back = m->state;
	m->mark = token_place(m, p);
	return token_go(m, state, p + 1);
}

const char *
rawtext_rcdata(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = run(m, p, end, '<', '&');
	if (p == end || (*p != '<' && *p != '&'))
		return p;
	m->in_value = false;
	return after_less_than(m, *p == '<' ? less_than : reference_open, p);
}

const char *
rawtext_rawtext(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = run(m, p, end, '<', '<');
	return p < end && *p == '<' ? after_less_than(m, less_than, p) : p;
}

const char *
rawtext_plain(struct markup *m, const char *p, const char *end)
{
	return p == end ? token_finish(m, p) : run(m, p, end, '\0', '\0');
}

/* "<" was none of ours: it is text, and so is p. */
static const char *
give_back(struct markup *m, const char *text, const char *p)
{
	token_text(m, text, strlen(text), p);
	return token_go(m, m->back, p);
}

static const char *
less_than(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == '/')
		return token_go(m, end_tag_open, p + 1);
	return give_back(m, "<", p);
}

static const char *
end_tag_open(struct markup *m, const char *p, const char *end)
{
	if (p == end || !token_is_alpha(*p))
		return give_back(m, "</", p);
	m->held_size = 0;
	return token_go(m, end_tag_name, p);
}

/* The held name is `last_tag`'s. */
static bool
is_appropriate(const struct markup *m)
{
	size_t i;

	for (i = 0; i < m->held_size; i++) {
		if (token_lower(m->held[i]) != m->last_tag[i])
			return false;
	}
	return m->last_tag[i] == '\0';
}

static const char *
end_tag_name(struct markup *m, const char *p, const char *end)
{
	bool at_end = p == end;

	while (p < end && token_is_alpha(*p) && m->held_size < TOKEN_HELD - 1)
		m->held[m->held_size++] = *p++;
	if (p == end && !at_end)
		return p;
	if (p < end && (token_is_space(*p) || *p == '/' || *p == '>') &&
	    is_appropriate(m)) {
		tag_begin(m, true);
		token_add(m, m->last_tag, m->held_size);
		return token_go(m, tag_name, p);
	}
	token_text(m, "</", 2, p);
	token_text(m, m->held, m->held_size, p);
	return token_go(m, m->back, p);
}

const char *
rawtext_script(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = run(m, p, end, '<', '<');
	return p < end && *p == '<' ? after_less_than(m, script_less_than, p) : p;
}

static const char *
script_less_than(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p != '!')
		return less_than(m, p, end);
	token_text(m, "<!", 2, p + 1);
	return token_go(m, escape_start, p + 1);
}

static const char *
escape_start(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p != '-')
		return token_go(m, rawtext_script, p);
	return take(m, escape_start_dash, p);
}

static const char *
escape_start_dash(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p != '-')
		return token_go(m, rawtext_script, p);
	return take(m, escaped_dashes, p);
}

static const char *
escaped(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = run(m, p, end, '-', '<');
	if (p == end || (*p != '-' && *p != '<'))
		return p;
	return *p == '-' ? take(m, escaped_dash, p)
			 : after_less_than(m, escaped_less_than, p);
}

/* One dash was seen, or two; `more` is the state with one more. */
static const char *
after_dash(
    struct markup *m, const char *p, const char *end, token_step *more, bool two)
{
	if (p == end)
		return token_finish(m, p);
	if (*p == '-')
		return take(m, more, p);
	if (*p == '>' && two)
		return take(m, rawtext_script, p);
	if (*p != '<')
		return take(m, escaped, p);
	m->state = escaped; /* whither a doubtful end tag comes back */
	return after_less_than(m, escaped_less_than, p);
}

static const char *
escaped_dash(struct markup *m, const char *p, const char *end)
{
	return after_dash(m, p, end, escaped_dashes, false);
}

static const char *
escaped_dashes(struct markup *m, const char *p, const char *end)
{
	return after_dash(m, p, end, escaped_dashes, true);
}

static const char *
escaped_less_than(struct markup *m, const char *p, const char *end)
{
	if (p == end || !token_is_alpha(*p))
		return less_than(m, p, end);
	token_text(m, "<", 1, p);
	m->held_size = 0;
	return token_go(m, double_escape_start, p);
}

/* A name that may be "script" goes by as text; behind it `yes`, if it was, or
 * `no`.  Anything else is `back`'s. */
static const char *
pass_script(struct markup *m, const char *p, const char *end, token_step *yes,
    token_step *no, token_step *back)
{
	const char *from = p;
	bool is_script, at_end = p == end;

	for (; p < end && token_is_alpha(*p); p++) {
		if (m->held_size < TOKEN_HELD)
			m->held[m->held_size++] = token_lower(*p);
	}
	token_run(m, from, p);
	if (p == end && !at_end)
		return p;
	if (p == end || (!token_is_space(*p) && *p != '/' && *p != '>'))
		return token_go(m, back, p);
	is_script = m->held_size == 6 && memcmp(m->held, "script", 6) == 0;
	return take(m, is_script ? yes : no, p);
}

static const char *
double_escape_start(struct markup *m, const char *p, const char *end)
{
	return pass_script(m, p, end, double_escaped, escaped, escaped);
}

static const char *
double_escaped(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	p = run(m, p, end, '-', '<');
	if (p == end || (*p != '-' && *p != '<'))
		return p;
	return take(m, *p == '-' ? double_dash : double_less_than, p);
}

static const char *
double_dash(struct markup *m, const char *p, const char *end)
{
	if (p == end)
		return token_finish(m, p);
	if (*p == '-')
		return take(m, double_dashes, p);
	return take(m, *p == '<' ? double_less_than : double_escaped, p);
}

static const char *
double_dashes(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == '>')
		return take(m, rawtext_script, p);
	if (p < end && *p == '-')
		return take(m, double_dashes, p);
	return double_dash(m, p, end);
}

static const char *
double_less_than(struct markup *m, const char *p, const char *end)
{
	if (p == end || *p != '/')
		return token_go(m, double_escaped, p);
	m->held_size = 0;
	return take(m, double_escape_end, p);
}

static const char *
double_escape_end(struct markup *m, const char *p, const char *end)
{
	return pass_script(m, p, end, escaped, double_escaped, double_escaped);
}
