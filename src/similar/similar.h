/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_SIMILAR_H
#define SIMILAR_SIMILAR_H

/*
 * How alike two texts are, and whether that makes them one story (DEDUP 5).
 * Pure: texts and numbers in, a verdict out.  A text is turned into sets of
 * 32-bit hashes once; everything else compares sets.  One maker or index is one
 * thread's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

/* Sorted, each number once. */
struct similar_set {
	uint32_t *v;
	uint32_t count;
};

#define SIMILAR_LEAD 160   /* shingles kept in the order of the text */
#define SIMILAR_WORD 3     /* the weight of a word ... */
#define SIMILAR_CHAR 2     /* ... and of a character written without spaces */
#define SIMILAR_SHINGLE 12 /* of one shingle: 4 words, or 6 characters */

/* What an item is compared by. */
struct similar_text {
	struct similar_set shingles; /* of the body */
	struct similar_set words;    /* of title and body; CJK: pairs */
	struct similar_set numbers;  /* of title and body */
	struct similar_set title_numbers;
	struct similar_set trigrams; /* characters of the title */
	uint32_t *lead;              /* the body's first shingles, in order */
	uint32_t lead_count;
	uint32_t title_hash; /* all its tokens; 0: no title */
	uint32_t title_rest; /* its tokens that are no number and no date */
	uint32_t title_weight;
	uint32_t bytes; /* of the whole struct */
};

/* Texts -> sets, with buffers that are used again and again. */
struct similar_maker;
struct similar_maker *similar_maker_new(void);
void similar_maker_free(struct similar_maker *maker); /* NULL is fine */
/* `title` and `body` may be NULL.  One free(3) frees the result. */
struct similar_text *similar_make(
    struct similar_maker *maker, const char *title, const char *body);

/* The shingles of `text` that SIMILAR_REPEATED of `others` have too: what a feed
 * puts around everything.  `room`: text->shingles.count numbers. */
#define SIMILAR_NEIGHBOURS 8
#define SIMILAR_REPEATED 3
void similar_boilerplate(const struct similar_text *text,
    const struct similar_text *const *others, size_t count, uint32_t *room,
    struct similar_set *ret_set);

/* The numbers by which a text is found: the title's at place 0 (0: none that
 * identifies), then the smallest of its shingles that are not boilerplate. */
#define SIMILAR_SKETCH_ALL 32  /* smallest of all */
#define SIMILAR_SKETCH_LEAD 16 /* smallest of the first SIMILAR_SKETCH_OF */
#define SIMILAR_SKETCH_OF 60
#define SIMILAR_SKETCH (1 + SIMILAR_SKETCH_ALL + SIMILAR_SKETCH_LEAD)
size_t similar_sketch(const struct similar_text *text,
    const struct similar_set *boilerplate, uint32_t sketch[SIMILAR_SKETCH]);

/* Two texts side by side, boilerplate of either left out of both. */
struct similar_pair {
	const struct similar_text *a, *b;
	const struct similar_set *boiler_a, *boiler_b; /* or NULL */
	msec_t apart; /* between the arrivals of the two; never negative */
	bool same_feed;
};

struct similar_measure {
	uint32_t n_a, n_b, n;     /* shingles, and the smaller number */
	uint32_t shared;          /* of them */
	uint32_t nm;              /* the smaller number of numbers */
	double c, j4, j1, tt, nc; /* DEDUP 5 */
	double lead;
};

enum similar_verdict { SIMILAR_NO, SIMILAR_REWORK, SIMILAR_COPY };

void similar_compare(const struct similar_pair *pair, struct similar_measure *ret);
enum similar_verdict similar_decide(
    const struct similar_pair *pair, const struct similar_measure *m);
/* The greatest is joined. */
double similar_score(enum similar_verdict verdict, const struct similar_measure *m);
/* "311 of 402 phrases shared, title 0.90, 2 h apart", appended. */
void similar_words(const struct similar_pair *pair, const struct similar_measure *m,
    struct buf *out);

/* Jaccard of the titles' trigrams; 0 when one has no title. */
double similar_titles(const struct similar_text *a, const struct similar_text *b);
/* Share of the smaller set of words that the other has. */
double similar_containment(
    const struct similar_text *a, const struct similar_text *b);
/* More than a correction (DEDUP 3): another title, text or number. */
bool similar_is_significant(
    const struct similar_text *was, const struct similar_text *is);

/* True when `other`, a short text, stands in `m` as part of a much longer one. */
bool similar_is_part(const struct similar_measure *m, enum similar_verdict verdict);
/* Marks what `text` shares with `other` in `covered`, a byte a shingle.  True when
 * most of it, and SIMILAR_DIGEST_NEW at least, was not marked before. */
#define SIMILAR_DIGEST_NEW 6
bool similar_cover(const struct similar_text *text, const struct similar_text *other,
    uint8_t *covered);
/* What a long text was found to share with others: a round-up of several
 * stories belongs to none of them. */
#define SIMILAR_DIGEST_PARTS 2
#define SIMILAR_DIGEST_STORIES 4
#define SIMILAR_DIGEST_SHARED 10
bool similar_is_digest(size_t part_stories, size_t shared_stories);

#endif
