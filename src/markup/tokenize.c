/* SPDX-License-Identifier: ISC */
#include "markup/markup.h"

#include <assert.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "markup/token.h"

struct markup *
markup_new(enum markup_mode mode, const struct markup_sink *sink, void *arg)
{
	struct markup *m = xcalloc(1, sizeof(*m));

	m->sink = sink;
	m->arg = arg;
	m->is_xml = m->has_cdata = mode == MARKUP_XML;
	m->state = token_data;
	return m;
}

void
markup_free(struct markup *m)
{
	if (m == NULL)
		return;
	buf_done(&m->token);
	free(m->spans);
	free(m->attributes);
	free(m->slots);
	free(m);
}

void
markup_set_state(struct markup *m, enum markup_state state, const char *last_tag)
{
	static token_step *const steps[] = {
	    [MARKUP_DATA] = token_data,
	    [MARKUP_PLAINTEXT] = rawtext_plain,
	    [MARKUP_RCDATA] = rawtext_rcdata,
	    [MARKUP_RAWTEXT] = rawtext_rawtext,
	    [MARKUP_SCRIPT_DATA] = rawtext_script,
	    [MARKUP_CDATA_SECTION] = token_cdata,
	};

	m->state = steps[state];
	m->last_tag[0] = '\0';
	/* A longer name is no element's, and would never be looked for. */
	if (last_tag != NULL && strlen(last_tag) < sizeof(m->last_tag))
		strcpy(m->last_tag, last_tag);
}

void
markup_set_foreign(struct markup *m, bool is_foreign)
{
	m->has_cdata = m->is_xml || is_foreign;
}

const char *
markup_limit(const struct markup *m)
{
	return m->limit;
}

size_t
markup_token_start(const struct markup *m)
{
	return m->token_start;
}

size_t
markup_token_end(const struct markup *m)
{
	return m->token_end;
}

static void
feed(struct markup *m, const char *data, size_t size, size_t base)
{
	const char *p = data, *end = data + size;

	m->chunk = data;
	m->base = base;
	while (p < end)
		p = m->state(m, p, end);
}

/* Feeds what stands between line ends: CR LF and CR become LF here, so that no
 * state ever sees a CR. */
bool
markup_data(struct markup *m, const char *data, size_t size)
{
	size_t place = m->base, part;
	const char *cr;

	if (m->skip_lf && size > 0) {
		m->skip_lf = false;
		if (*data == '\n') {
			data++;
			size--;
			place++;
		}
	}
	while (size > 0) {
		cr = memchr(data, '\r', size);
		part = cr != NULL ? (size_t)(cr - data) : size;
		feed(m, data, part, place);
		place += part;
		data += part;
		size -= part;
		if (cr == NULL)
			break;
		if (size > 1 && data[1] != '\n')
			feed(m, "\n", 1, place);
		else if (size == 1) {
			feed(m, "\n", 1, place);
			m->skip_lf = true;
		}
		place++;
		data++;
		size--;
	}
	m->base = place;
	m->chunk = NULL;
	return m->limit == NULL;
}

void
markup_end(struct markup *m)
{
	const char *nothing = "";

	m->chunk = nothing;
	while (!m->is_ended)
		(void)m->state(m, nothing, nothing);
}

const char *
token_finish(struct markup *m, const char *p)
{
	m->is_ended = true;
	return p;
}

void
token_hit_limit(struct markup *m, const char *what)
{
	if (m->limit == NULL)
		m->limit = what;
}

void
token_run(struct markup *m, const char *from, const char *to)
{
	if (from == to || m->sink->text == NULL)
		return;
	m->token_start = token_place(m, from);
	m->token_end = token_place(m, to);
	m->sink->text(m->arg, from, (size_t)(to - from));
}

void
token_text(struct markup *m, const char *text, size_t size, const char *p)
{
	if (size == 0 || m->sink->text == NULL)
		return;
	m->token_start = m->mark;
	m->token_end = token_place(m, p);
	m->sink->text(m->arg, text, size);
}

void
token_add(struct markup *m, const char *data, size_t size)
{
	if (m->token.len + size > LIMIT_TOKEN_BYTES) {
		token_hit_limit(m, "a tag or comment is too long");
		return;
	}
	buf_add(&m->token, data, size);
}

void
token_reset(struct markup *m)
{
	buf_reset(&m->token);
	m->count = 0;
	m->in_attribute = false;
}

void
token_emit_comment(struct markup *m, const char *p)
{
	m->state = token_data;
	m->token_start = m->mark;
	m->token_end = token_place(m, p);
	if (m->sink->comment != NULL)
		m->sink->comment(m->arg, buf_text(&m->token), m->token.len);
}

/* What the tree builder would tell us about the text behind a start tag. */
static void
expect_raw_text(struct markup *m, const char *name)
{
	static const struct {
		const char *name;
		enum markup_state state;
	} raw[] = {
	    {"script", MARKUP_SCRIPT_DATA},
	    {"style", MARKUP_RAWTEXT},
	    {"textarea", MARKUP_RCDATA},
	    {"title", MARKUP_RCDATA},
	    {"xmp", MARKUP_RAWTEXT},
	    {"iframe", MARKUP_RAWTEXT},
	    {"noembed", MARKUP_RAWTEXT},
	    {"noframes", MARKUP_RAWTEXT},
	    {"plaintext", MARKUP_PLAINTEXT},
	};
	size_t i;

	if (strchr("stxinp", name[0]) == NULL || m->is_xml || m->has_cdata)
		return; /* in foreign content nothing is raw */
	for (i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
		if (strcmp(name, raw[i].name) == 0)
			markup_set_state(m, raw[i].state, raw[i].name);
	}
}

void
token_emit_tag(struct markup *m, const char *p)
{
	static const struct markup_attribute none; /* never NULL, to count from */
	const struct markup_sink *sink = m->sink;
	const char *name = m->token.data;
	size_t i;

	m->state = token_data;
	m->token_start = m->mark;
	m->token_end = token_place(m, p);
	if (m->is_end_tag) {
		if (sink->end_tag != NULL)
			sink->end_tag(m->arg, name, m->name_size);
		return;
	}
	expect_raw_text(m, name);
	if (sink->start_tag == NULL)
		return;
	for (i = 0; i < m->count; i++) {
		m->attributes[i] = (struct markup_attribute){
		    .name = name + m->spans[i].name,
		    .value = name + m->spans[i].value,
		    .name_size = m->spans[i].name_size,
		    .value_size = m->spans[i].value_size,
		};
	}
	sink->start_tag(m->arg, name, m->name_size,
	    m->count > 0 ? m->attributes : &none, m->count, m->is_self_closing);
}

const char *
token_data(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return token_finish(m, p);
	p = token_find(p, end, '<', '&', '&');
	token_run(m, from, p);
	if (p == end)
		return p;
	m->mark = token_place(m, p);
	if (*p == '<')
		return token_go(m, tag_open, p + 1);
	m->back = token_data;
	m->in_value = false;
	return token_go(m, reference_open, p + 1);
}

static void
cdata_text(struct markup *m, const char *text, size_t size, size_t start)
{
	void (*emit)(void *, const char *, size_t) =
	    m->is_xml ? m->sink->cdata : m->sink->text;

	if (size == 0 || emit == NULL)
		return;
	m->token_start = start;
	m->token_end = start + size;
	emit(m->arg, text, size);
}

static token_step cdata_bracket, cdata_brackets;

const char *
token_cdata(struct markup *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return token_finish(m, p);
	p = token_find(p, end, ']', ']', ']');
	cdata_text(m, from, (size_t)(p - from), token_place(m, from));
	if (p == end)
		return p;
	m->mark = token_place(m, p);
	return token_go(m, cdata_bracket, p + 1);
}

static const char *
cdata_bracket(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == ']')
		return token_go(m, cdata_brackets, p + 1);
	cdata_text(m, "]", 1, m->mark);
	return token_go(m, token_cdata, p);
}

static const char *
cdata_brackets(struct markup *m, const char *p, const char *end)
{
	if (p < end && *p == '>')
		return token_go(m, token_data, p + 1);
	if (p < end && *p == ']') {
		cdata_text(m, "]", 1, m->mark++);
		return p + 1;
	}
	cdata_text(m, "]]", 2, m->mark);
	return token_go(m, token_cdata, p);
}
