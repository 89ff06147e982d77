/* SPDX-License-Identifier: ISC */
#include "decode/guess.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ENOUGH 100000 /* bytes beyond ASCII: more would not change a guess */
#define FEWEST_PAIRS 4
#define FEWEST_LETTERS 12
#define CONVINCING 70 /* right readings of a few words score 80 to 170 of 100 */

/* What one character adds to a reading's score. */
enum weight {
	RARE = -2, /* hardly ever written */
	LETTER = 0,
	USUAL = 1,
	OFTEN = 2,
	FREQUENT = 3, /* among the 30 that are a fifth of all text */
	MARK = 99     /* punctuation, which tells nothing: not judged */
};

static bool
is_within(unsigned value, unsigned low, unsigned high)
{
	return value >= low && value <= high;
}

static int
compare_code(const void *a, const void *b)
{
	uint16_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static bool
is_among(const uint16_t table[30], unsigned code)
{
	uint16_t key = (uint16_t)code;

	return bsearch(&key, table, 30, sizeof(table[0]), compare_code) != NULL;
}

/* ---- two bytes a character ---- */

/* The national sets put what is written most into their first rows. */

static enum weight
weigh_gb(unsigned code)
{
	/* 的一是不了在人有我他这个们中来上大为和国地到以时要就出会可也 */
	static const uint16_t frequent[30] = {0xB2BB, 0xB3F6, 0xB4F3, 0xB5BD, 0xB5C4,
	    0xB5D8, 0xB8F6, 0xB9FA, 0xBACD, 0xBBE1, 0xBECD, 0xBFC9, 0xC0B4, 0xC1CB,
	    0xC3C7, 0xC8CB, 0xC9CF, 0xCAB1, 0xCAC7, 0xCBFB, 0xCEAA, 0xCED2, 0xD2AA,
	    0xD2B2, 0xD2BB, 0xD2D4, 0xD3D0, 0xD4DA, 0xD5E2, 0xD6D0};
	unsigned lead = code >> 8;

	if ((code & 0xFF) < 0xA1 || lead == 0xA4 || lead == 0xA5) /* kana */
		return RARE;
	if (is_within(lead, 0xA1, 0xA9))
		return MARK;
	if (!is_within(lead, 0xB0, 0xD7))
		return RARE;
	return is_among(frequent, code) ? FREQUENT : USUAL;
}

static enum weight
weigh_big5(unsigned code)
{
	/* 的一是不了在人有我他這個們中來上大為和國地到以時要就出會可也 */
	static const uint16_t frequent[30] = {0xA440, 0xA446, 0xA448, 0xA457, 0xA45D,
	    0xA46A, 0xA4A3, 0xA4A4, 0xA548, 0xA54C, 0xA558, 0xA569, 0xA661, 0xA662,
	    0xA6B3, 0xA7DA, 0xA8D3, 0xA8EC, 0xA94D, 0xAABA, 0xAC4F, 0xACB0, 0xAD6E,
	    0xADCC, 0xADD3, 0xAEC9, 0xB0EA, 0xB36F, 0xB44E, 0xB77C};
	unsigned lead = code >> 8;

	if (is_within(lead, 0xA1, 0xA3))
		return MARK;
	if (!is_within(lead, 0xA4, 0xC6))
		return RARE;
	return is_among(frequent, code) ? FREQUENT : USUAL;
}

static enum weight
weigh_korean(unsigned code)
{
	/* 이다는에의을가고하지한로기은사도를인서나리어대자아있들시해그 */
	static const uint16_t frequent[30] = {0xB0A1, 0xB0ED, 0xB1D7, 0xB1E2, 0xB3AA,
	    0xB4C2, 0xB4D9, 0xB4EB, 0xB5B5, 0xB5E9, 0xB7CE, 0xB8A6, 0xB8AE, 0xBBE7,
	    0xBCAD, 0xBDC3, 0xBEC6, 0xBEEE, 0xBFA1, 0xC0BA, 0xC0BB, 0xC0C7, 0xC0CC,
	    0xC0CE, 0xC0D6, 0xC0DA, 0xC1F6, 0xC7CF, 0xC7D1, 0xC7D8};
	unsigned lead = code >> 8;

	if ((code & 0xFF) < 0xA1)
		return RARE;
	if (is_within(lead, 0xA1, 0xAF))
		return MARK;
	if (!is_within(lead, 0xB0, 0xC8))
		return RARE; /* Chinese characters */
	return is_among(frequent, code) ? FREQUENT : USUAL;
}

/* No Japanese sentence is without hiragana, and no other text has them. */

static enum weight
weigh_eucjp(unsigned code)
{
	unsigned lead = code >> 8;

	if (lead == 0xA4)
		return OFTEN;
	if (is_within(lead, 0xA1, 0xA3))
		return MARK;
	return lead == 0xA5 || is_within(lead, 0xB0, 0xCF) ? USUAL : RARE;
}

static enum weight
weigh_sjis(unsigned code)
{
	if (is_within(code, 0x829F, 0x82F1))
		return OFTEN;
	if (is_within(code, 0x8140, 0x829E))
		return MARK;
	return is_within(code, 0x8340, 0x8396) || is_within(code, 0x889F, 0x9872)
	    ? USUAL
	    : RARE;
}

static const struct pair_set {
	const char *label;
	unsigned char lead_low, lead_high;     /* of the first byte */
	unsigned char low;                     /* of the second, up to 0xFE */
	unsigned char single_low, single_high; /* whole characters, all rare */
	enum weight (*weigh)(unsigned code);
} pair_sets[GUESS_PAIRS] = {
    {"gbk", 0x81, 0xFE, 0x30, 1, 0, weigh_gb}, /* gb18030 goes on with digits */
    {"big5", 0x81, 0xFE, 0x40, 1, 0, weigh_big5},
    {"euc-kr", 0x81, 0xFE, 0x41, 1, 0, weigh_korean},
    {"euc-jp", 0x8E, 0xFE, 0xA1, 1, 0, weigh_eucjp},
    {"shift_jis", 0x81, 0xFC, 0x40, 0xA1, 0xDF, weigh_sjis},
};

static void
judge(struct guess_pair *pair, enum weight weight)
{
	if (weight == MARK)
		return;
	pair->judged++;
	pair->score += weight;
}

static void
walk(const struct pair_set *set, struct guess_pair *pair, unsigned char byte)
{
	unsigned lead = pair->lead;

	pair->lead = 0;
	if (lead != 0 && byte >= set->low && byte != 0x7F && byte != 0xFF) {
		judge(pair, set->weigh(lead << 8 | byte));
		return;
	}
	pair->bad += lead != 0;
	if (byte < 0x80)
		return;
	if (is_within(byte, set->single_low, set->single_high))
		judge(pair, RARE);
	else if (is_within(byte, set->lead_low, set->lead_high))
		pair->lead = byte;
	else
		pair->bad++;
}

/* ---- one byte a character ---- */

/* The bytes of the letters that make up most of a text, in their order of
 * frequency; their capitals; all others, of the languages written in it. */
static const struct single_set {
	const char *label, *frequent, *capitals, *letters;
} single_sets[] = {
    {"windows-1251",
	/* о е а и н т с р в л */
	"\xEE\xE5\xE0\xE8\xED\xF2\xF1\xF0\xE2\xEB",
	"\xCE\xC5\xC0\xC8\xCD\xD2\xD1\xD0\xC2\xCB",
	"\xC1\xC3\xC4\xC6\xC7\xC9\xCA\xCC\xCF\xD3\xD4\xD5\xD6\xD7\xD8\xD9\xDA\xDB"
	"\xDC\xDD\xDE\xDF\xE1\xE3\xE4\xE6\xE7\xE9\xEA\xEC\xEF\xF3\xF4\xF5\xF6\xF7"
	"\xF8\xF9\xFA\xFB\xFC\xFD\xFE\xFF\xA8\xB8\xA1\xA2\xA3\xBC\xA5\xB4\xAA\xBA"
	"\xAF\xBF\xB2\xB3\xBD\xBE\x80\x81\x83\x8A\x8C\x8D\x8E\x8F\x90\x9A\x9C\x9D"
	"\x9E\x9F"},
    {"koi8-u", "\xCF\xC5\xC1\xC9\xCE\xD4\xD3\xD2\xD7\xCC",
	"\xEF\xE5\xE1\xE9\xEE\xF4\xF3\xF2\xF7\xEC",
	"\xC0\xC2\xC3\xC4\xC6\xC7\xC8\xCA\xCB\xCD\xD0\xD1\xD5\xD6\xD8\xD9\xDA\xDB"
	"\xDC\xDD\xDE\xDF\xE0\xE2\xE3\xE4\xE6\xE7\xE8\xEA\xEB\xED\xF0\xF1\xF5\xF6"
	"\xF8\xF9\xFA\xFB\xFC\xFD\xFE\xFF\xA3\xB3\xA4\xB4\xA6\xB6\xA7\xB7\xAD\xBD"},
    {"windows-1253",
	/* α ο ι ε τ σ ν η υ ρ */
	"\xE1\xEF\xE9\xE5\xF4\xF3\xED\xE7\xF5\xF1",
	"\xC1\xCF\xC9\xC5\xD4\xD3\xCD\xC7\xD5\xD1",
	"\xC0\xC2\xC3\xC4\xC6\xC8\xCA\xCB\xCC\xCE\xD0\xD6\xD7\xD8\xD9\xDA\xDB\xDC"
	"\xDD\xDE\xDF\xE0\xE2\xE3\xE4\xE6\xE8\xEA\xEB\xEC\xEE\xF0\xF2\xF6\xF7\xF8"
	"\xF9\xFA\xFB\xFC\xFD\xFE\xA2\xB8\xB9\xBA\xBC\xBE\xBF"},
    {"windows-1255",
	/* י ו ה ל א ר ת ש נ ב מ ם */
	"\xE9\xE5\xE4\xEC\xE0\xF8\xFA\xF9\xF0\xE1\xEE\xED", "",
	"\xE2\xE3\xE6\xE7\xE8\xEA\xEB\xEF\xF1\xF2\xF3\xF4\xF5\xF6\xF7"},
    {"windows-1256",
	/* ا ل ي م ن و ر ت ب ة ع */
	"\xC7\xE1\xED\xE3\xE4\xE6\xD1\xCA\xC8\xC9\xDA", "",
	"\xC1\xC2\xC3\xC4\xC5\xC6\xCB\xCC\xCD\xCE\xCF\xD0\xD2\xD3\xD4\xD5\xD6\xD8"
	"\xD9\xDB\xDC\xDD\xDE\xDF\xE5\xEC\xF0\xF1\xF2\xF3\xF5\xF6\xF8\xFA\x81\x8D"
	"\x8E\x8F\x90\x8A\x98\x9A\x9F\xAA\xC0\xFF"},
    {"windows-874",
	/* า น ร อ ก เ ง ่ ้ ม ย ว ล ท ต ส ั ี ิ */
	"\xD2\xB9\xC3\xCD\xA1\xE0\xA7\xE8\xE9\xC1\xC2\xC7\xC5\xB7\xB5\xCA\xD1\xD5"
	"\xD4",
	"",
	"\xA2\xA3\xA4\xA5\xA6\xA8\xA9\xAA\xAB\xAC\xAD\xAE\xAF\xB0\xB1\xB2\xB3\xB4"
	"\xB6\xB8\xBA\xBB\xBC\xBD\xBE\xBF\xC0\xC4\xC6\xC8\xC9\xCB\xCC\xCE\xCF\xD0"
	"\xD3\xD6\xD7\xD8\xD9\xDA\xE1\xE2\xE3\xE4\xE5\xE6\xE7\xEA\xEB\xEC\xED"},
};

/* Quotes, dashes, blanks and signs, which all of these sets have in one place. */
static const char single_marks[] = "\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99"
				   "\xA0\xA7\xA9\xAB\xAE\xB0\xB1\xB7"
				   "\xB9\xBB";

static enum weight
weigh_single(const struct single_set *set, int byte)
{
	if (strchr(set->frequent, byte) != NULL)
		return OFTEN;
	if (strchr(set->capitals, byte) != NULL)
		return USUAL;
	if (strchr(set->letters, byte) != NULL)
		return LETTER;
	return strchr(single_marks, byte) != NULL ? MARK : RARE;
}

static struct guess_pair
judge_single(const struct guess *guess, const struct single_set *set)
{
	struct guess_pair sum = {0};
	enum weight weight;

	for (int byte = 0x80; byte <= 0xFF; byte++) {
		weight = weigh_single(set, byte);
		if (weight == MARK)
			continue;
		sum.judged += guess->count[byte];
		sum.score += weight * (int32_t)guess->count[byte];
	}
	return sum;
}

/* ---- all of them ---- */

void
guess_data(struct guess *guess, const char *bytes, size_t size)
{
	unsigned char byte;

	for (size_t i = 0; i < size && guess->high < ENOUGH; i++) {
		byte = (unsigned char)bytes[i];
		if (byte < 0x80 && guess->run == 0)
			continue; /* no character is open */
		if (byte >= 0x80) {
			guess->count[byte]++;
			guess->high++;
			guess->run++;
			guess->beside += guess->run == 1 ? 0
			    : guess->run == 2            ? 2
							 : 1;
		} else {
			guess->run = 0;
		}
		for (size_t k = 0; k < GUESS_PAIRS; k++)
			walk(&pair_sets[k], &guess->pair[k], byte);
	}
}

/* Of 100. */
static int32_t
confidence(const struct guess_pair *pair, uint32_t fewest)
{
	if (pair->judged < fewest || pair->bad > pair->judged / 64)
		return 0;
	return pair->score * 100 / (int32_t)pair->judged;
}

const char *
guess_label(const struct guess *guess)
{
	const char *label = NULL;
	int32_t best = CONVINCING, is;
	struct guess_pair sum;

	/* "21°C" and the like would be fine Chinese in Big5. */
	if (guess->beside * 2 < guess->high)
		return NULL;
	for (size_t k = 0; k < GUESS_PAIRS; k++) {
		is = confidence(&guess->pair[k], FEWEST_PAIRS);
		if (is > best) {
			best = is;
			label = pair_sets[k].label;
		}
	}
	/* Second bytes may be ASCII; letters stand together. */
	if (guess->beside * 3 < guess->high * 2)
		return label;
	for (size_t k = 0; k < sizeof(single_sets) / sizeof(single_sets[0]); k++) {
		sum = judge_single(guess, &single_sets[k]);
		is = confidence(&sum, FEWEST_LETTERS);
		if (is > best) {
			best = is;
			label = single_sets[k].label;
		}
	}
	return label;
}
