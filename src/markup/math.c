/* SPDX-License-Identifier: ISC */
#include "markup/math.h"

#include <string.h>

#include "base/limits.h"
#include "base/unicode.h"

#define ROOT "\xe2\x88\x9a"

static struct math_level *
top(struct math *m)
{
	return m->depth > 0 ? &m->level[m->depth - 1] : NULL;
}

bool
math_in_token(const struct math *m)
{
	return m->depth > 0 &&
	    (element_flags(m->level[m->depth - 1].element) & ELEMENT_TOKEN) != 0;
}

static void
pay_blank(struct math *m)
{
	if (m->is_blank && m->line.len > 0 &&
	    strchr(" (", m->line.data[m->line.len - 1]) == NULL)
		buf_putc(&m->line, ' ');
	m->is_blank = false;
}

static void
put(struct math *m, const char *text, size_t size)
{
	if (m->line.len >= LIMIT_TEXT_BYTES)
		return;
	pay_blank(m);
	buf_add(&m->line, text, size);
}

static void
put_mark(struct math *m, const char *mark)
{
	if (*mark == '\0')
		return;
	put(m, mark, strlen(mark));
	m->was_word = m->was_letter = false;
}

/* ---- tokens ---- */

/* =, <, >, arrows, and what says that something is, is in or is like another. */
static bool
is_relation(uint32_t cp)
{
	return cp == '=' || cp == '<' || cp == '>' || cp == 0x2254 ||
	    (cp >= 0x2190 && cp <= 0x21FF) || (cp >= 0x2208 && cp <= 0x220D) ||
	    cp == 0x221D || (cp >= 0x223C && cp <= 0x228B) ||
	    (cp >= 0x27F0 && cp <= 0x27FF) || (cp >= 0x2A7D && cp <= 0x2ABA);
}

/* Applied to, times, and, plus: nobody sees them.  Nor C1 controls, a zero width
 * space, a byte order mark. */
static bool
is_invisible(uint32_t cp)
{
	return (cp >= 0x2061 && cp <= 0x2064) || (cp >= 0x7F && cp < 0xA0) ||
	    cp == 0x200B || cp == 0xFEFF;
}

/* What the token holds: single blanks, none at its ends.  How many characters. */
static size_t
tidy(struct buf *token, uint32_t *ret_first)
{
	const char *p = buf_text(token), *end = p + token->len;
	struct buf out = {0};
	size_t n, count = 0;
	bool is_blank = false;
	uint32_t cp;

	for (; p < end; p += n > 0 ? n : 1) {
		n = unicode_decode(p, (size_t)(end - p), &cp);
		if (n == 0 || is_invisible(cp))
			continue;
		if (cp <= ' ' || unicode_is_space(cp)) {
			is_blank = true;
			continue;
		}
		if (is_blank && count > 0)
			buf_putc(&out, ' ');
		is_blank = false;
		buf_add(&out, p, n);
		if (count++ == 0)
			*ret_first = cp;
	}
	buf_done(token);
	*token = out;
	return count;
}

/* "sin x" and "x 2", but "2x" and "xy". */
static void
put_name(struct math *m, bool is_word, bool is_number)
{
	if (m->was_word || ((is_word || is_number) && m->was_letter))
		m->is_blank = true;
	put(m, m->token.data, m->token.len);
	m->was_word = is_word;
	m->was_letter = true;
}

static bool is_grouped(const struct math_level *parent);

static void
put_operator(struct math *m, uint32_t first, size_t count)
{
	bool is_infix = is_relation(first) && count <= 2 &&
	    !(m->depth > 1 && is_grouped(&m->level[m->depth - 2]));

	m->is_blank = m->is_blank || is_infix;
	put(m, m->token.data, m->token.len);
	m->is_blank = is_infix || ((first == ',' || first == ';') && count == 1);
	m->was_word = m->was_letter = false;
}

/* The token that was open, or what stood in none. */
static void
end_token(struct math *m)
{
	const struct math_level *level = top(m);
	enum element element = level != NULL ? level->element : ELEMENT_NONE;
	uint32_t first = 0;
	size_t count, i;

	if (m->token.len == 0)
		return;
	count = tidy(&m->token, &first);
	if (count == 0)
		m->is_blank = m->is_blank || element == ELEMENT_MTEXT;
	else if (element == ELEMENT_MO && (count == 1 || !unicode_is_alnum(first)))
		put_operator(m, first, count);
	else if (element == ELEMENT_MI || element == ELEMENT_MN)
		put_name(
		    m, element == ELEMENT_MI && count > 1, element == ELEMENT_MN);
	else
		put_name(m, true, false);
	for (i = 0; count > 0 && i < m->depth; i++)
		m->level[i].tokens++;
	buf_reset(&m->token);
}

void
math_text(struct math *m, const char *text, size_t size)
{
	if (m->token.len + size <= LIMIT_TEXT_BYTES)
		buf_add(&m->token, text, size);
}

/* ---- elements ---- */

/* What a publisher put around or between: characters like any others. */
static void
put_fence(struct math *m, const char *fence)
{
	uint32_t first;

	buf_puts(&m->token, fence);
	if (tidy(&m->token, &first) > 0)
		put(m, m->token.data, m->token.len);
	buf_reset(&m->token);
	m->was_word = m->was_letter = false;
}

/* What stands before the next child of `parent`. */
static const char *
mark_before(const struct math_level *parent)
{
	bool is_odd = parent->children % 2 == 1;

	if (parent->children == 0)
		return "";
	switch (parent->element) {
	case ELEMENT_MSUB:
	case ELEMENT_MUNDER:
		return "_";
	case ELEMENT_MSUP:
	case ELEMENT_MOVER:
		return "^";
	case ELEMENT_MSUBSUP:
	case ELEMENT_MUNDEROVER:
	case ELEMENT_MMULTISCRIPTS:
		return is_odd ? "_" : "^";
	case ELEMENT_MFRAC:
		return "/";
	case ELEMENT_MROOT:
		return "^(1/";
	case ELEMENT_MFENCED:
		return ", ";
	case ELEMENT_MTABLE:
		return "; ";
	case ELEMENT_MTR:
		return " ";
	default:
		return "";
	}
}

static bool
is_script(enum element element)
{
	return element == ELEMENT_MSUB || element == ELEMENT_MSUP ||
	    element == ELEMENT_MSUBSUP || element == ELEMENT_MMULTISCRIPTS;
}

static bool
is_limits(enum element element)
{
	return element == ELEMENT_MUNDER || element == ELEMENT_MOVER ||
	    element == ELEMENT_MUNDEROVER;
}

/* Whether the child of `parent` that was begun last stands in brackets when it is
 * more than one token. */
static bool
is_grouped(const struct math_level *parent)
{
	return is_script(parent->element) || parent->element == ELEMENT_MFRAC ||
	    parent->element == ELEMENT_MROOT ||
	    (is_limits(parent->element) && parent->children > 1);
}

static const char *
value_of(const struct markup_attribute *attributes, size_t count, const char *name,
    const char *otherwise)
{
	for (; count > 0; count--, attributes++) {
		if (strcmp(attributes->name, name) == 0 &&
		    attributes->value_size < MATH_FENCE)
			return attributes->value;
	}
	return otherwise;
}

static void
begin_level(struct math *m, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	struct math_level *parent = top(m), *level = &m->level[m->depth];

	*level = (struct math_level){.element = element, .start = m->line.len};
	if (parent != NULL) {
		put_mark(m, mark_before(parent));
		parent->children++;
		if (element == ELEMENT_MPRESCRIPTS)
			parent->children = 1;
	}
	if (element == ELEMENT_MSQRT)
		put_mark(m, ROOT);
	if (element == ELEMENT_MFENCED) {
		put_fence(m, value_of(attributes, count, "open", "("));
		strcpy(level->close, value_of(attributes, count, "close", ")"));
	}
	level->content = m->line.len;
	m->depth++;
}

void
math_start(struct math *m, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	end_token(m);
	if (math_in_token(m) || m->depth == MATH_DEPTH)
		return;
	if (element == ELEMENT_MSPACE ||
	    (element == ELEMENT_MFRAC && (m->was_word || m->was_letter)))
		m->is_blank = true;
	pay_blank(m);
	begin_level(m, element, attributes, count);
}

/* Whether one pair of brackets stands around the whole. */
static bool
is_fenced(const char *text, const char *end)
{
	int open = 0;

	if (text == end || *text != '(' || end[-1] != ')')
		return false;
	for (; text < end; text++) {
		open += (*text == '(') - (*text == ')');
		if (open == 0 && text + 1 < end)
			return false;
	}
	return open == 0;
}

static void
group(struct math *m, size_t from)
{
	char *text;

	while (m->line.data[from] == ' ')
		from++;
	if (is_fenced(m->line.data + from, m->line.data + m->line.len))
		return;
	(void)buf_room(&m->line, 2);
	text = m->line.data + from;
	memmove(text + 1, text, m->line.len - from);
	*text = '(';
	m->line.len++;
	buf_putc(&m->line, ')');
}

/* An accent, a prime: "x′", no "x^′". */
static bool
is_accent(const struct math *m, const struct math_level *parent,
    const struct math_level *level)
{
	return level->element == ELEMENT_MO && parent->children > 1 &&
	    (is_limits(parent->element) ||
		(is_script(parent->element) &&
		    strncmp(m->line.data + level->content, "\xe2\x80\xb2", 3) == 0));
}

static void
cut(struct math *m, size_t from, size_t to)
{
	if (to == from)
		return;
	memmove(m->line.data + from, m->line.data + to, m->line.len - to + 1);
	m->line.len -= to - from;
}

static void
pop(struct math *m)
{
	const struct math_level *level = top(m), *parent;

	end_token(m);
	m->depth--;
	parent = top(m);
	if (level->element == ELEMENT_MPHANTOM || m->line.len == level->content) {
		cut(m, level->start, m->line.len); /* with the mark before it */
		return;
	}
	if (level->element == ELEMENT_MSQRT && level->tokens > 1)
		group(m, level->content);
	if (level->element == ELEMENT_MFENCED)
		put_fence(m, level->close);
	if (parent != NULL && is_grouped(parent)) {
		if (is_accent(m, parent, level))
			cut(m, level->start, level->content);
		else if (level->tokens > 1 &&
		    !(parent->element == ELEMENT_MFRAC && is_script(level->element)))
			group(m, level->content);
		if (parent->element == ELEMENT_MROOT && parent->children == 2)
			put_mark(m, ")");
	}
	if (is_script(level->element) || is_limits(level->element) ||
	    level->element == ELEMENT_MFRAC)
		m->was_word = true;
}

void
math_end(struct math *m, enum element element)
{
	size_t i = m->depth;

	while (i > 0 && m->level[i - 1].element != element)
		i--;
	if (i == 0) {
		end_token(m);
		return;
	}
	while (m->depth >= i)
		pop(m);
}

void
math_finish(struct math *m)
{
	while (m->depth > 0)
		pop(m);
}

void
math_done(struct math *m)
{
	buf_done(&m->line);
	buf_done(&m->token);
}
