/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_INSIDE_H
#define MARKUP_INSIDE_H

/* What clean.c (what may stand) and mend.c (where what is open ends) share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "markup/attribute.h"
#include "markup/elements.h"
#include "markup/markup.h"
#include "markup/skip.h"

#define MEND_LOST 8 /* formatting elements that are carried over at once */

/* Where the start tag of an open element stands in `out`. */
struct tag {
	size_t start, end;
	bool is_again; /* opened anew: when nothing comes into it, it goes */
};

struct clean {
	struct markup *markup;
	struct attribute_writer writer;
	struct buf *out;
	size_t start;
	bool is_full;
	struct skip skip;
	size_t depth;
	uint8_t stack[LIMIT_DEPTH];
	struct tag tag[LIMIT_DEPTH];  /* of each on the stack */
	size_t spent;                 /* bytes written to mend what is misnested */
	uint16_t open[ELEMENT_COUNT]; /* how many of each stand on the stack */
	/* Deeper than that: not written, but their end tags must find them. */
	uint32_t unwritten[ELEMENT_COUNT];
	bool has_unwritten;
	/* Formatting that was cut off, outermost first: its start tags. */
	struct buf lost;
	size_t lost_count, lost_size[MEND_LOST];
	uint8_t lost_element[MEND_LOST];
	size_t recovered; /* bytes written to bring it back */
};

/* Lists of elements end in 0. */
#define SET(...) (const uint8_t[]){__VA_ARGS__, 0}

static inline bool
is_in(const uint8_t *elements, enum element element)
{
	return element != ELEMENT_NONE &&
	    strchr((const char *)elements, (int)element) != NULL;
}

#define CELL ELEMENT_TABLE, ELEMENT_TD, ELEMENT_TH, ELEMENT_CAPTION

/* The stack of open elements: what is pushed was written at `start` of the output,
 * what is popped gets its end tag. */
void mend_push(struct clean *c, enum element element, size_t start, bool is_again);
void mend_pop(struct clean *c);
void mend_pop_to(struct clean *c, size_t depth);
/* The same when the element at `depth` ends: formatting still open in it goes on
 * behind it, but not out of a table's cell. */
void mend_cut_to(struct clean *c, size_t depth);
/* The end of the formatting element at `i`, wherever it stands. */
void mend_close_format(struct clean *c, size_t i);
/* Something is about to be written that such formatting is for. */
void mend_recover(struct clean *c);
void mend_forget_all(struct clean *c);
/* True when it was waiting to go on: now it ends. */
bool mend_forget(struct clean *c, enum element element);

#endif
