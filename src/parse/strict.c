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
};

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
	int count = XML_GetCurrentByteCount(s->expat);

	if (count < 0 || size <= (size_t)count)
		return;
	s->expanded += size - (size_t)count;
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
	struct strict *s = arg;
	XML_Index at = XML_GetCurrentByteIndex(s->expat);

	return at > 0 ? (size_t)at : 0;
}

static size_t
token_end(void *arg)
{
	struct strict *s = arg;
	int count = XML_GetCurrentByteCount(s->expat);

	return token_start(s) + (count > 0 ? (size_t)count : 0);
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

static int
fault(struct strict *s)
{
	enum XML_Error code = XML_GetErrorCode(s->expat);
	char text[160];

	if (s->b->error != 0)
		return s->b->error;
	if (s->b->done) {
		/* The feed is over; what follows is not looked at (FORMATS 10). */
		parse_note(s->parse, "xml: something follows the end of the feed",
		    XML_GetCurrentLineNumber(s->expat));
		return 0;
	}
	if (code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH) {
		parse_note(s->parse, "xml: entities expand to too much text", 0);
		return -E2BIG;
	}
	(void)snprintf(text, sizeof(text), "xml: %s (line %lu, column %lu)",
	    XML_ErrorString(code), XML_GetCurrentLineNumber(s->expat),
	    XML_GetCurrentColumnNumber(s->expat) + 1);
	parse_note(s->parse, text, XML_GetCurrentLineNumber(s->expat));
	return -EBADMSG;
}

/* expat keeps an unfinished tag, comment or declaration whole; characters it
 * gives on as they come. */
static bool
is_token_fine(struct strict *s, size_t fed)
{
	if (fed - strict_position(s) <= 2 * (size_t)LIMIT_TOKEN_BYTES)
		return true;
	builder_fail(s->b, -E2BIG, "xml: a tag is too long");
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
		if (!is_token_fine(s, s->fed))
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
	XML_Index at = XML_GetCurrentByteIndex(s->expat);

	return at > 0 ? (size_t)at : 0;
}
