/* SPDX-License-Identifier: ISC */
#include "markup/skip.h"

#include <string.h>

static bool
is_foreign(const struct skip *skip)
{
	return skip->in_math || skip->element == ELEMENT_SVG;
}

void
skip_begin(
    struct skip *skip, struct markup *markup, enum element element, bool in_math)
{
	memset(skip, 0, sizeof(*skip));
	skip->element = element;
	skip->in_math = in_math;
	skip->open[element] = 1;
	skip->points = element == ELEMENT_ANNOTATION_XML;
	if (is_foreign(skip))
		markup_set_foreign(markup, true);
}

static void
skip_finish(struct skip *skip, struct markup *markup)
{
	markup_set_foreign(markup, skip->in_math);
	skip->element = ELEMENT_NONE;
}

/* Inside these of svg and math stands HTML, and does not end them. */
static bool
is_point(const char *name, size_t size)
{
	static const char *const names[] = {"foreignobject", "desc", "title",
	    "annotation-xml", "mi", "mo", "mn", "ms", "mtext"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
			return true;
	}
	return false;
}

bool
skip_start_tag(struct skip *skip, struct markup *markup, enum element element,
    const char *name, size_t size, bool self_closing)
{
	if (skip->element == ELEMENT_NONE)
		return false;
	if (is_foreign(skip)) {
		if (skip->points == 0 &&
		    (element_flags(element) & ELEMENT_LEAVES) != 0) {
			skip_finish(skip, markup);
			return false;
		}
		if (self_closing)
			return true;
		if (is_point(name, size))
			skip->points++;
	}
	if ((element_flags(element) & ELEMENT_VOID) == 0)
		skip->open[element]++;
	return true;
}

bool
skip_end_tag(struct skip *skip, struct markup *markup, enum element element,
    const char *name, size_t size, bool is_open)
{
	if (skip->element == ELEMENT_NONE)
		return false;
	if (element != ELEMENT_NONE && skip->open[element] == 0 && is_open) {
		skip_finish(skip, markup);
		return false;
	}
	if (skip->points > 0 && is_point(name, size))
		skip->points--;
	if (element != ELEMENT_NONE && skip->open[element] > 0 &&
	    --skip->open[element] == 0 && element == skip->element)
		skip_finish(skip, markup);
	return true;
}

void
skip_after_math(struct skip *skip)
{
	skip->is_after_math = true;
}

void
skip_text(struct skip *skip, const char *text, size_t size)
{
	size_t i;

	for (i = 0; skip->is_after_math && i < size; i++)
		skip->is_after_math = strchr(" \t\n\f", text[i]) != NULL;
}

bool
skip_is_copy(struct skip *skip, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	bool is_after_math = skip->is_after_math;

	skip->is_after_math = false;
	if (!is_after_math || element != ELEMENT_SPAN)
		return false;
	for (; count > 0; count--, attributes++) {
		if (strcmp(attributes->name, "aria-hidden") == 0)
			return strcmp(attributes->value, "true") == 0;
	}
	return false;
}
