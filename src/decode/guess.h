/* SPDX-License-Identifier: ISC */
#ifndef DECODE_GUESS_H
#define DECODE_GUESS_H

/*
 * Which encoding bytes are in when nobody says so and they are not UTF-8.
 *
 * In text of the Latin script a byte beyond ASCII stands alone among letters: it
 * is left to windows-1252, as browsers do.  Elsewhere such bytes are whole words.
 * Each reading is then judged by how many of its characters are frequent ones of
 * its language, usual ones, or ones that hardly anybody writes: a wrong reading
 * is a string of rarities.  Only what a whole corpus of old feeds is in is known.
 *
 * Streams, without regard to where pieces end; no memory beyond the struct.
 */
#include <stddef.h>
#include <stdint.h>

#define GUESS_PAIRS 5 /* sets of two bytes a character */

struct guess_pair {
	unsigned char lead; /* the first byte of an open character, or 0 */
	uint32_t judged, bad;
	int32_t score;
};

struct guess {
	uint32_t count[256];
	uint32_t high, beside; /* bytes beyond ASCII; those next to another */
	uint32_t run;          /* of them, up to the last byte */
	struct guess_pair pair[GUESS_PAIRS];
};

/* `guess` begins zeroed. */
void guess_data(struct guess *guess, const char *bytes, size_t size);
/* A label of WHATWG's, or NULL: nothing speaks against windows-1252. */
const char *guess_label(const struct guess *guess);

#endif
