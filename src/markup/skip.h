/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_SKIP_H
#define MARKUP_SKIP_H

/*
 * Elements that go whole: from their start tag to their end.  A forgotten end
 * tag must not cost the rest of the entry, so that the end tag of an element
 * that was open before also ends it, and for svg and what stands in math, as in
 * browsers, a start tag that can only be HTML's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "markup/elements.h"
#include "markup/markup.h"

struct skip {
	enum element element; /* ELEMENT_NONE: nothing is being dropped */
	size_t points;        /* open in svg and math: where HTML may stand */
	bool in_math;         /* it stands in math */
	bool is_after_math;   /* nothing came behind </math> yet */
	uint32_t open[ELEMENT_COUNT];
};

/* `in_math`: the start tag stood in math, where none of its content is raw. */
void skip_begin(
    struct skip *skip, struct markup *markup, enum element element, bool in_math);
/* True when the tag goes too. */
bool skip_start_tag(struct skip *skip, struct markup *markup, enum element element,
    const char *name, size_t size, bool self_closing);
/* `is_open`: the element was open before the one that goes. */
bool skip_end_tag(struct skip *skip, struct markup *markup, enum element element,
    const char *name, size_t size, bool is_open);

/*
 * Where scripts set mathematics (KaTeX), a second rendering stands right behind it,
 * made of spans for a style sheet that a reader has not, and is hidden from those
 * who hear the first: aria-hidden.  It goes.  Told of </math>, of text and of start
 * tags; the last is true when the tag begins such a copy.
 */
void skip_after_math(struct skip *skip);
void skip_text(struct skip *skip, const char *text, size_t size);
bool skip_is_copy(struct skip *skip, enum element element,
    const struct markup_attribute *attributes, size_t count);

#endif
