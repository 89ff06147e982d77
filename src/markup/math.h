/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_MATH_H
#define MARKUP_MATH_H

/*
 * Mathematics as a line of text, as one would type it: "x^2", "a_i", "(a+b)/c",
 * "√(x+1)", "∑_(i = 1)^n".  Told of the tags and characters between <math> and
 * </math>, in any order that broken HTML brings.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "markup/elements.h"
#include "markup/markup.h"

/* Deeper than that elements are not told apart, their text stays. */
#define MATH_DEPTH 64
#define MATH_FENCE 16 /* bytes of what stands around <mfenced> */

struct math_level {
	enum element element;
	size_t start; /* in the line, what is written before its content included */
	size_t content;
	unsigned tokens;        /* in it so far */
	unsigned children;      /* begun so far */
	char close[MATH_FENCE]; /* written at its end */
};

struct math {
	struct buf line;  /* what it is so far */
	struct buf token; /* the characters of the token that is open */
	bool is_blank;    /* a blank is owed */
	bool was_word;    /* the last token was one, or .. */
	bool was_letter;  /* .. a number or a letter */
	size_t depth;     /* 0: not in mathematics */
	struct math_level level[MATH_DEPTH];
};

void math_start(struct math *math, enum element element,
    const struct markup_attribute *attributes, size_t count);
/* An end tag without its start tag does nothing.  The last one makes `depth` 0;
 * the line is the caller's to take, and to reset. */
void math_end(struct math *math, enum element element);
/* Ends what is open. */
void math_finish(struct math *math);
void math_text(struct math *math, const char *text, size_t size);
/* Whether HTML's inline elements would stand in a token now. */
bool math_in_token(const struct math *math);
void math_done(struct math *math);

#endif
