/* SPDX-License-Identifier: ISC */
/*
 * expat over the builder.  Its own guards are too late (1 MB of text out of
 * 2 KB before they fire), so entities are judged where they are declared and
 * counted where they are expanded (FORMATS 16, THREATS 2 to 5).  Nothing
 * external is ever opened: no handler for it is set.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XML_DTD /* declares the amplification limits; Debian builds with it */
#include <expat.h>

#include "base/xalloc.h"
#include "parse/driver.h"

struct strict {
	struct parse *parse;
	struct builder *b;
	XML_Parser expat;
	unsigned entities;
	size_t expanded; /* bytes that came out of entities */
	bool has_entities;
	size_t fed; /* bytes given to expat */
	size_t at;  /* the last place that expat knew */
};

/* Newer ones count in 64 bits, and call the older names deprecated. */
#ifdef HAVE_XML_GETCURRENTBYTEINDEX64
#define CURRENT(what) XML_GetCurrent##what##64
#else
#define CURRENT(what) XML_GetCurrent##what
#endif

static size_t
current_line(const struct strict *s)
{
	return (size_t)CURRENT(LineNumber)(s->expat);
}

static size_t
current_column(const struct strict *s)
{
	return (size_t)CURRENT(ColumnNumber)(s->expat) + 1;
}

/* Of the input, up to the current token; of that token.  When expat has moved its
 * buffer, it knows no place until the token that was open is over: it is still there. */
static size_t
current_index(const struct strict *s)
{
	int64_t at = CURRENT(ByteIndex)(s->expat);

	return at >= 0 ? (size_t)at : s->at;
}

static size_t
current_size(const struct strict *s)
{
	int64_t count = (int64_t)CURRENT(ByteCount)(s->expat);

	return count > 0 ? (size_t)count : 0;
}

static void
stop(struct strict *s, int error, const char *fault)
{
	builder_fail(s->b, error, fault);
	XML_StopParser(s->expat, XML_FALSE);
}

/* Output longer than what stands in the input came out of an entity. */
static void
count_expansion(struct strict *s, size_t size)
{
	size_t count = current_size(s);

	if (size <= count)
		return;
	s->expanded += size - count;
	if (s->expanded > LIMIT_ENTITY_OUTPUT)
		stop(s, -E2BIG, "xml: entities expand to too much text");
}

static bool
is_attributes_fine(struct strict *s, const char *const *atts)
{
	size_t n = 0, size = 0;

	for (; atts[n] != NULL; n++)
		if (n % 2 == 1 && s->has_entities)
			size += strlen(atts[n]);
	if (n / 2 > LIMIT_ATTRIBUTES) {
		stop(s, -E2BIG, "xml: an element has too many attributes");
		return false;
	}
	if (s->has_entities)
		count_expansion(s, size);
	return s->b->error == 0;
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **atts)
{
	struct strict *s = arg;

	if (atts[0] != NULL && !is_attributes_fine(s, atts))
		return;
	builder_start(s->b, name, atts);
	if (s->b->error != 0)
		XML_StopParser(s->expat, XML_FALSE);
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct strict *s = arg;

	builder_end(s->b, name);
	/* Stopping at the root's end spares the junk behind it. */
	if (s->b->error != 0)
		XML_StopParser(s->expat, XML_FALSE);
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int size)
{
	struct strict *s = arg;

	if (s->has_entities)
		count_expansion(s, (size_t)size);
	builder_text(s->b, text, (size_t)size);
	if (s->b->error != 0)
		XML_StopParser(s->expat, XML_FALSE);
}

/* A reference to another entity; those that XML itself has are none. */
static bool
refers(const char *value, size_t size)
{
	static const char *const own[] = {"amp;", "lt;", "gt;", "quot;", "apos;"};
	const char *at, *end = value + size;
	bool is_own;

	while ((at = memchr(value, '&', (size_t)(end - value))) != NULL) {
		value = at + 1;
		is_own = value < end && *value == '#';
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			if ((size_t)(end - value) >= strlen(own[i]) &&
			    memcmp(value, own[i], strlen(own[i])) == 0)
				is_own = true;
		if (!is_own)
			return true;
	}
	return false;
}

static void XMLCALL
on_entity(void *arg, const XML_Char *name, int is_parameter, const XML_Char *value,
    int size, const XML_Char *base, const XML_Char *system_id,
    const XML_Char *public_id, const XML_Char *notation)
{
	struct strict *s = arg;

	(void)name;
	(void)base;
	(void)system_id;
	(void)public_id;
	(void)notation;
	if (is_parameter || value == NULL)
		return; /* external ones: ignored, their references are empty */
	s->has_entities = true;
	if (++s->entities > LIMIT_ENTITIES)
		stop(s, -E2BIG, "xml: too many entities are declared");
	else if (size > LIMIT_ENTITY_BYTES)
		stop(s, -E2BIG, "xml: an entity is too long");
	else if (refers(value, (size_t)size))
		stop(s, -E2BIG, "xml: an entity refers to another one");
}

static size_t
token_start(void *arg)
{
	return current_index(arg);
}

static size_t
token_end(void *arg)
{
	return current_index(arg) + current_size(arg);
}

struct strict *
strict_new(struct parse *parse)
{
	struct strict *s = xcalloc(1, sizeof(*s));

	s->parse = parse;
	s->b = parse->build;
	s->b->driver = s;
	s->b->token_start = token_start;
	s->b->token_end = token_end;
	/* decode emits UTF-8 whatever the declaration says. */
	s->expat = XML_ParserCreate("UTF-8");
	if (s->expat == NULL)
		abort();
	XML_SetUserData(s->expat, s);
	XML_SetElementHandler(s->expat, on_start, on_end);
	XML_SetCharacterDataHandler(s->expat, on_text);
	XML_SetEntityDeclHandler(s->expat, on_entity);
	XML_SetParamEntityParsing(s->expat, XML_PARAM_ENTITY_PARSING_NEVER);
	(void)XML_SetBillionLaughsAttackProtectionActivationThreshold(
	    s->expat, LIMIT_ENTITY_OUTPUT);
	(void)XML_SetBillionLaughsAttackProtectionMaximumAmplification(
	    s->expat, 2.0f);
	return s;
}

void
strict_free(struct strict *s)
{
	if (s == NULL)
		return;
	XML_ParserFree(s->expat);
	free(s);
}

/* The input from `back` bytes before the fault on. */
static const char *
input_at_fault(const struct strict *s, size_t back, size_t *ret_size)
{
	const struct parse *p = s->parse;
	size_t at = current_index(s);

	*ret_size = 0;
	if (at < p->window_start + back || at - p->window_start > p->window.len)
		return "";
	at -= p->window_start + back;
	*ret_size = p->window.len - at;
	return buf_text(&p->window) + at;
}

/* A name as a sentence can hold it; 0: none. */
static int
name_size(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && (unsigned char)text[i] > ' ' &&
	    (unsigned char)text[i] < 0x7F && strchr("<>&;/\"'=", text[i]) == NULL)
		i++;
	return i <= 40 ? (int)i : 0;
}

/* A name may begin after it ("R&D"): the fault is where no semicolon ends that. */
static bool
is_after_bare_ampersand(const struct strict *s)
{
	const char *at;
	size_t back, size;

	for (back = 1; back <= 40; back++) {
		at = input_at_fault(s, back, &size);
		if (size == 0 || *at == '&')
			return size > 0;
		if ((unsigned char)*at <= ' ' || strchr("<>;/\"'=", *at) != NULL)
			return false;
	}
	return false;
}

/* What the publisher has to mend, where expat's own words do not tell. */
static void
explain(struct strict *s, enum XML_Error code, char *text, size_t room)
{
	size_t size;
	const char *at, *say = XML_ErrorString(code);
	int name;

	switch (code) {
	case XML_ERROR_INVALID_TOKEN:
		at = input_at_fault(s, 1, &size);
		if (is_after_bare_ampersand(s))
			say = "a bare &, to be written &amp;";
		else if (size > 0 && *at == '<')
			say = "a bare <, to be written &lt;";
		break;
	case XML_ERROR_UNDEFINED_ENTITY:
		at = input_at_fault(s, 0, &size);
		name = size > 1 ? name_size(at + 1, size - 1) : 0;
		if (name == 0)
			break;
		(void)snprintf(text, room,
		    "&%.*s; is unknown to XML: the character itself would do", name,
		    at + 1);
		return;
	case XML_ERROR_TAG_MISMATCH:
		at = input_at_fault(s, 0, &size);
		name = name_size(at, size);
		if (name == 0)
			break;
		(void)snprintf(text, room,
		    "</%.*s> is not the end of the element that is open", name, at);
		return;
	case XML_ERROR_NO_ELEMENTS:
		say = "the document ends before its root element does";
		break;
	case XML_ERROR_UNCLOSED_TOKEN:
		say = "the document ends inside a tag";
		break;
	case XML_ERROR_UNCLOSED_CDATA_SECTION:
		say = "the document ends inside a CDATA section";
		break;
	case XML_ERROR_SYNTAX:
		if (s->b->depth == 0)
			say = "something stands before the root element";
		break;
	case XML_ERROR_MISPLACED_XML_PI:
		say = "something stands before the XML declaration";
		break;
	default:
		break;
	}
	(void)snprintf(text, room, "%s", say);
}

static int
fault(struct strict *s)
{
	enum XML_Error code = XML_GetErrorCode(s->expat);
	char text[160];

	if (s->b->error != 0)
		return s->b->error;
	if (s->b->done) {
		/* The feed is over; what follows is not looked at (FORMATS 10). */
		strict_note(s, "xml: something follows the end of the feed");
		return 0;
	}
	if (code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH) {
		strict_note(s, "xml: entities expand to too much text");
		return -E2BIG;
	}
	memcpy(text, "xml: ", 5);
	explain(s, code, text + 5, sizeof(text) - 5);
	strict_note(s, text);
	return -EBADMSG;
}

void
strict_note(struct strict *s, const char *fault)
{
	char text[240];

	(void)snprintf(text, sizeof(text), "%s (line %zu, column %zu)", fault,
	    current_line(s), current_column(s));
	parse_note(s->parse, text, current_line(s));
}

static const char *
too_long(const struct strict *s)
{
	size_t size;
	const char *at = input_at_fault(s, 0, &size);

	if (size >= 4 && memcmp(at, "<!--", 4) == 0)
		return "xml: a comment is too long";
	if (size >= 2 && memcmp(at, "<?", 2) == 0)
		return "xml: an instruction is too long";
	if (size >= 2 && memcmp(at, "<!", 2) == 0)
		return "xml: a declaration is too long";
	return "xml: a tag is too long";
}

/* expat keeps an unfinished tag, comment or declaration whole, and reads it anew with
 * each piece; characters it gives on as they come. */
static bool
is_token_fine(struct strict *s)
{
	s->at = current_index(s);
	if (s->fed - s->at <= 2 * (size_t)LIMIT_TOKEN_BYTES)
		return true;
	builder_fail(s->b, -E2BIG, too_long(s));
	return false;
}

/* Small enough for the limit to be noticed in time. */
#define PIECE 65536

int
strict_data(struct strict *s, const char *text, size_t size)
{
	size_t piece;
	int r;

	while (size > 0 && !(s->b->done && s->parse->fault != NULL)) {
		piece = size < PIECE ? size : PIECE;
		if (XML_Parse(s->expat, text, (int)piece, XML_FALSE) ==
		    XML_STATUS_ERROR) {
			r = fault(s);
			if (r < 0)
				return r;
			continue; /* the feed was over */
		}
		text += piece;
		size -= piece;
		s->fed += piece;
		if (!is_token_fine(s))
			return s->b->error;
	}
	return 0;
}

int
strict_end(struct strict *s)
{
	if (s->b->done && s->parse->fault != NULL)
		return 0;
	if (XML_Parse(s->expat, NULL, 0, XML_TRUE) == XML_STATUS_ERROR)
		return fault(s);
	return 0;
}

size_t
strict_position(const struct strict *s)
{
	return current_index(s);
}
