/* SPDX-License-Identifier: ISC */
#ifndef SIMILAR_TOKEN_H
#define SIMILAR_TOKEN_H

/*
 * Text -> tokens: words of letters and digits, lower case, Latin accents folded,
 * apostrophes dropped, 1,000 as 1000; each character of a script without spaces
 * is a token of its own.  Pure, linear.
 */
#include "similar/similar.h"

struct token {
	uint64_t hash;
	uint8_t weight; /* SIMILAR_WORD or SIMILAR_CHAR */
	bool number;    /* has a digit */
	bool joined;    /* no gap before it: with the one before, a pair */
};

struct tokens {
	struct token *list;
	size_t count, room;
	/* The text as it was hashed, tokens parted by a blank: for trigrams.
	 * Only when `keep`. */
	bool keep;
	uint32_t *chars;
	size_t char_count, char_room;
};

/* Appends those of the first `size` bytes. */
void token_read(struct tokens *tokens, const char *text, size_t size);
void token_reset(struct tokens *tokens);
void token_done(struct tokens *tokens);
/* What token_read gives a single word. */
uint64_t token_hash(const char *word);
uint64_t token_mix(uint64_t hash, uint64_t next);

#endif
