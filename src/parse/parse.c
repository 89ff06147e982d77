/* SPDX-License-Identifier: ISC */
#include "parse/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "parse/driver.h"

void
parse_note(struct parse *parse, const char *fault, unsigned long line)
{
	if (parse->fault != NULL)
		return;
	parse->fault = arena_strdup(parse->arena, fault);
	parse->fault_line = line;
}

/* ---- the input of the open entry ---- */

/* Its decoded bytes, from its start tag to the end of its end tag. */
static void
entry_bytes(struct parse *parse, struct raw_entry *entry)
{
	struct builder *b = parse->build;
	size_t start = b->entry_start - parse->window_start;
	size_t end = b->token_end(b->driver) - parse->window_start;

	if (b->entry_start < parse->window_start || end > parse->window.len)
		end = parse->window.len;
	if (start > end)
		start = end;
	entry->raw_hash = hash64(buf_text(&parse->window) + start, end - start);
	if (!parse->keep_raw)
		return;
	entry->raw =
	    arena_dup(parse->arena, buf_text(&parse->window) + start, end - start);
	entry->raw_size = entry->raw != NULL ? end - start : 0;
}

static bool
xml_entry(void *arg, struct raw_entry *entry)
{
	struct parse *parse = arg;

	entry_bytes(parse, entry);
	return parse->on_entry(parse->arg, entry);
}

/* Cutting the front off costs a move of the rest: only when that is less. */
static void
window_drop(struct parse *parse, size_t position)
{
	const struct builder *b = parse->build;
	size_t size;

	if (b->entry != NULL && b->entry_start < position)
		position = b->entry_start;
	if (b->outer.entry != NULL && b->outer.entry_start < position)
		position = b->outer.entry_start;
	if (position <= parse->window_start)
		return;
	size = position - parse->window_start;
	if (size > parse->window.len)
		size = parse->window.len;
	if (size < parse->window.len - size)
		return;
	buf_drop(&parse->window, size);
	parse->window_start += size;
}

/* ---- the object ---- */

static void
new_xml(struct parse *parse, const char *base)
{
	bool tolerant = parse->how == PARSE_XML_TOLERANT;

	parse->build = builder_new(parse->arena, tolerant);
	parse->build->doc_base = base;
	parse->build->on_entry = xml_entry;
	parse->build->arg = parse;
	if (tolerant)
		parse->soup = soup_new(parse);
	else
		parse->strict = strict_new(parse);
}

struct parse *
parse_new(enum parse_how how, struct arena *arena, const char *base, bool keep_raw,
    parse_entry_fn *on_entry, void *arg)
{
	struct parse *parse = xcalloc(1, sizeof(*parse));

	parse->how = how;
	parse->arena = arena;
	parse->keep_raw = keep_raw;
	parse->on_entry = on_entry;
	parse->arg = arg;
	if (how == PARSE_JSON)
		parse->json = jsonfeed_new(parse);
	else if (how == PARSE_PAGE)
		parse->page = page_new(parse);
	else
		new_xml(parse, arena_strdup(arena, base));
	return parse;
}

void
parse_free(struct parse *parse)
{
	if (parse == NULL)
		return;
	strict_free(parse->strict);
	soup_free(parse->soup);
	jsonfeed_free(parse->json);
	page_free(parse->page);
	builder_free(parse->build);
	buf_done(&parse->window);
	free(parse);
}

static int
xml_error(struct parse *parse, int r)
{
	const struct builder *b = parse->build;
	const char *fault = b->fault != NULL ? b->fault : "xml: too large";

	if (b->error == 0)
		return r;
	if (parse->strict != NULL && strncmp(fault, "xml:", 4) == 0)
		strict_note(parse->strict, fault);
	else
		parse_note(parse, fault, 0);
	return b->error;
}

int
parse_data(struct parse *parse, const char *text, size_t size)
{
	int r;

	if (parse->error != 0)
		return parse->error;
	switch (parse->how) {
	case PARSE_JSON:
		r = jsonfeed_data(parse->json, text, size);
		break;
	case PARSE_PAGE:
		r = page_data(parse->page, text, size);
		break;
	case PARSE_XML_STRICT:
		buf_add(&parse->window, text, size);
		r = xml_error(parse, strict_data(parse->strict, text, size));
		window_drop(parse, strict_position(parse->strict));
		break;
	default:
		buf_add(&parse->window, text, size);
		r = xml_error(parse, soup_data(parse->soup, text, size));
		window_drop(parse, soup_position(parse->soup));
	}
	parse->error = r;
	return r;
}

static int
end_xml(struct parse *parse)
{
	int r = parse->how == PARSE_XML_STRICT ? strict_end(parse->strict)
					       : soup_end(parse->soup);

	/* After a fault of the strict run an open entry is no entry yet: the
	 * tolerant run will bring it. */
	if (r == 0 || parse->how == PARSE_XML_TOLERANT)
		builder_finish(parse->build);
	else
		prefer_finish_feed(&parse->build->feed, parse->arena);
	r = xml_error(parse, r);
	if (r == 0 && parse->build->undeclared != NULL)
		parse_note(parse, parse->build->undeclared, 0);
	if (r == 0 && parse->how == PARSE_XML_TOLERANT) {
		if (parse->build->cut_off)
			parse_note(parse, "xml: the document is cut off", 0);
		else if (parse->build->mended)
			parse_note(parse, "xml: tags do not match", 0);
	}
	return r;
}

int
parse_end(struct parse *parse)
{
	int r = parse->error;

	switch (parse->how) {
	case PARSE_JSON:
		if (r == 0)
			r = jsonfeed_end(parse->json);
		break;
	case PARSE_PAGE:
		if (r == 0)
			r = page_end(parse->page);
		break;
	default:
		if (r == 0)
			r = end_xml(parse);
		else
			prefer_finish_feed(&parse->build->feed, parse->arena);
	}
	parse->error = r;
	return r;
}

const struct raw_feed *
parse_feed(const struct parse *parse)
{
	return parse->build != NULL ? &parse->build->feed : &parse->feed;
}

bool
parse_is_damaged(const struct parse *parse)
{
	if (parse->build != NULL)
		return parse->build->mended || parse->build->cut_off ||
		    parse->error != 0;
	return parse->error != 0 || parse->fault != NULL;
}

bool
parse_is_over(const struct parse *parse)
{
	return parse->build != NULL && parse->build->done;
}

const char *
parse_fault(const struct parse *parse, unsigned long *ret_line)
{
	*ret_line = parse->fault_line;
	return parse->fault;
}
