/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_WORDS_H
#define SIMILAR_WORDS_H

/*
 * Text -> tokens: words of letters and digits, lower case, Latin accents folded,
 * apostrophes dropped, 1,000 as 1000; each character of a script without spaces
 * is a token of its own.  Pure, linear.
 */
#include "similar/similar.h"

struct word {
	uint64_t hash;
	uint8_t weight; /* SIMILAR_WORD or SIMILAR_CHAR */
	bool number;    /* has a digit */
	bool joined;    /* no gap before it: with the one before, a pair */
};

struct words {
	struct word *list;
	size_t count, room;
	/* The text as it was hashed, tokens parted by a blank: for trigrams.
	 * Only when `keep`. */
	bool keep;
	uint32_t *chars;
	size_t char_count, char_room;
};

/* Appends those of the first `size` bytes. */
void words_read(struct words *tokens, const char *text, size_t size);
void words_reset(struct words *tokens);
void words_done(struct words *tokens);
/* What words_read gives a single word. */
uint64_t words_hash(const char *word);
uint64_t words_mix(uint64_t hash, uint64_t next);

#endif
