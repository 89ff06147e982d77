/* SPDX-License-Identifier: ISC */
#include "similar/words.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "base/xalloc.h"

/* What a character is to a word. */
enum shape {
	SHAPE_GAP,
	SHAPE_WORD,
	SHAPE_DIGIT,
	SHAPE_CHAR,   /* a token alone */
	SHAPE_SILENT, /* apostrophes, marks: as if they were not there */
	SHAPE_COMMA,  /* silent between digits, else a gap */
	SHAPE_POINT   /* part of a number between digits, else a gap */
};

#define TABLE 0x250 /* ASCII, Latin-1, Latin Extended: by table */

struct letter {
	uint8_t shape;
	uint8_t folded[2]; /* the second: 0, or as in "ss" */
};

static struct letter letters[TABLE];
static pthread_once_t letters_once = PTHREAD_ONCE_INIT;

static enum shape
ascii_shape(uint32_t cp)
{
	if (cp >= '0' && cp <= '9')
		return SHAPE_DIGIT;
	if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z'))
		return SHAPE_WORD;
	if (cp == '\'')
		return SHAPE_SILENT;
	if (cp == ',')
		return SHAPE_COMMA;
	return cp == '.' ? SHAPE_POINT : SHAPE_GAP;
}

static void
set_latin(uint32_t cp, struct letter *letter)
{
	struct buf folded = {0};
	char bytes[4];
	size_t size = unicode_encode(cp, bytes);

	if (!unicode_is_alnum(cp)) {
		letter->shape = cp == 0xAD ? SHAPE_SILENT : SHAPE_GAP;
		return;
	}
	letter->shape = SHAPE_WORD;
	/* What does not fold into ASCII is hashed by its low byte: the table has
	 * few of these, and a word has other letters. */
	letter->folded[0] = (uint8_t)unicode_lower(cp);
	if (unicode_fold(&folded, bytes, size) && folded.len > 0 &&
	    folded.len <= 2 && (unsigned char)folded.data[0] < 0x80) {
		letter->folded[0] = (uint8_t)folded.data[0];
		letter->folded[1] = folded.len == 2 ? (uint8_t)folded.data[1] : 0;
	}
	buf_done(&folded);
}

static void
make_letters(void)
{
	uint32_t cp;

	for (cp = 0; cp < 0x80; cp++) {
		letters[cp].shape = ascii_shape(cp);
		letters[cp].folded[0] =
		    (uint8_t)(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp);
	}
	for (; cp < TABLE; cp++)
		set_latin(cp, &letters[cp]);
}

static bool
is_mark(uint32_t cp)
{
	return (cp >= 0x300 && cp < 0x370) || cp == 0x0E31 ||
	    (cp >= 0x0E34 && cp < 0x0E3B) || (cp >= 0x0E47 && cp < 0x0E4F) ||
	    (cp >= 0x200B && cp < 0x2010) || (cp >= 0xFE00 && cp < 0xFE10) ||
	    (cp >= 0x591 && cp < 0x5C8) || (cp >= 0x64B && cp < 0x660) ||
	    (cp >= 0x900 && cp < 0xE00 && !unicode_is_alnum(cp) && cp != 0x964 &&
		cp != 0x965);
}

/* *cp becomes what is hashed. */
static enum shape
wide_shape(uint32_t *cp)
{
	enum unicode_script script;

	if (*cp == 0x2019 || *cp == 0x2BC || *cp == 0x2018 || is_mark(*cp))
		return SHAPE_SILENT;
	if (*cp >= 0xFF01 && *cp < 0xFF5F) { /* full width */
		*cp -= 0xFEE0;
		*cp = *cp >= 'A' && *cp <= 'Z' ? *cp + 32 : *cp;
		return ascii_shape(*cp);
	}
	if (!unicode_is_alnum(*cp))
		return SHAPE_GAP;
	script = unicode_script(*cp);
	if (script == SCRIPT_CJK || script == SCRIPT_THAI)
		return SHAPE_CHAR;
	*cp = unicode_lower(*cp);
	return SHAPE_WORD;
}

#define SEED 0x9E3779B97F4A7C15u
#define PRIME 0xD6E8FEB86659FD93u

static inline uint64_t
add_char(uint64_t hash, uint32_t cp)
{
	return (hash ^ cp) * PRIME;
}

uint64_t
words_mix(uint64_t hash, uint64_t next)
{
	hash = (hash ^ (next >> 29 ^ next)) * SEED;
	return hash ^ hash >> 32;
}

struct reading {
	struct words *tokens;
	uint64_t hash;
	bool open, number, digit_last;
	bool joined; /* nothing but SHAPE_CHAR since the last token */
	size_t chars_at;
};

static void
keep_char(struct words *tokens, uint32_t cp)
{
	if (!tokens->keep)
		return;
	if (tokens->char_count == tokens->char_room) {
		tokens->char_room = tokens->char_room * 2 + 256;
		tokens->chars = xrealloc(
		    tokens->chars, tokens->char_room * sizeof(*tokens->chars));
	}
	tokens->chars[tokens->char_count++] = cp;
}

static void
push(struct reading *reading, uint64_t hash, uint8_t weight)
{
	struct words *tokens = reading->tokens;
	struct word *token;

	if (tokens->count == tokens->room) {
		tokens->room = tokens->room * 2 + 512;
		tokens->list =
		    xrealloc(tokens->list, tokens->room * sizeof(*tokens->list));
	}
	token = &tokens->list[tokens->count++];
	token->hash = hash ^ hash >> 32;
	token->weight = weight;
	token->number = reading->number;
	token->joined = reading->joined;
}

static void
end_word(struct reading *reading)
{
	if (!reading->open)
		return;
	reading->joined = false;
	push(reading, reading->hash, SIMILAR_WORD);
	keep_char(reading->tokens, ' ');
	reading->open = reading->number = reading->digit_last = false;
}

static void
add_to_word(struct reading *reading, uint32_t cp)
{
	if (!reading->open) {
		reading->open = true;
		reading->hash = SEED;
	}
	reading->hash = add_char(reading->hash, cp);
	keep_char(reading->tokens, cp);
}

static void
add_alone(struct reading *reading, uint32_t cp)
{
	end_word(reading);
	push(reading, add_char(SEED, cp), SIMILAR_CHAR);
	reading->joined = true;
	keep_char(reading->tokens, cp);
}

/* The character behind a comma or a point is a digit: it belongs to the number. */
static bool
in_number(const struct reading *reading, const char *next, const char *end)
{
	return reading->digit_last && next < end && *next >= '0' && *next <= '9';
}

static void
take(struct reading *reading, enum shape shape, const struct letter *letter,
    uint32_t cp, const char *next, const char *end)
{
	switch (shape) {
	case SHAPE_WORD:
		add_to_word(reading, letter != NULL ? letter->folded[0] : cp);
		if (letter != NULL && letter->folded[1] != 0)
			add_to_word(reading, letter->folded[1]);
		reading->digit_last = false;
		break;
	case SHAPE_DIGIT:
		add_to_word(reading, cp);
		reading->number = reading->digit_last = true;
		break;
	case SHAPE_CHAR:
		add_alone(reading, cp);
		break;
	case SHAPE_SILENT:
		break;
	case SHAPE_COMMA:
		if (!in_number(reading, next, end)) {
			end_word(reading);
			reading->joined = false;
		}
		break;
	case SHAPE_POINT:
		if (in_number(reading, next, end)) {
			add_to_word(reading, '.');
		} else {
			end_word(reading);
			reading->joined = false;
		}
		break;
	case SHAPE_GAP:
		end_word(reading);
		reading->joined = false;
		break;
	}
}

/* Plain letters, of which most words are made: the same as one by one, but for
 * the speed.  Returns where they end. */
static const char *
take_letters(struct reading *reading, const char *at, const char *end)
{
	uint64_t hash = reading->open ? reading->hash : SEED;

	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		if (c >= 0x80 || letters[c].shape != SHAPE_WORD)
			break;
		hash = add_char(hash, letters[c].folded[0]);
	}
	reading->hash = hash;
	reading->open = true;
	reading->digit_last = false;
	return at;
}

static bool
is_plain_letter(char c)
{
	return (unsigned char)c < 0x80 &&
	    letters[(unsigned char)c].shape == SHAPE_WORD;
}

void
words_read(struct words *tokens, const char *text, size_t size)
{
	struct reading reading = {.tokens = tokens};
	const char *at = text, *end = text + size;
	uint32_t cp;
	size_t length;

	(void)pthread_once(&letters_once, make_letters); /* fails for a bad once */
	while (at < end) {
		if (!tokens->keep && is_plain_letter(*at)) {
			at = take_letters(&reading, at, end);
			continue;
		}
		length = unicode_decode(at, (size_t)(end - at), &cp);
		if (length == 0) {
			at++;
			continue;
		}
		at += length;
		if (cp < TABLE) {
			take(&reading, letters[cp].shape, &letters[cp], cp, at, end);
		} else {
			enum shape shape = wide_shape(&cp);

			take(&reading, shape, NULL, cp, at, end);
		}
	}
	end_word(&reading);
}

uint64_t
words_hash(const char *word)
{
	struct words tokens = {0};
	uint64_t hash;

	words_read(&tokens, word, strlen(word));
	hash = tokens.count == 1 ? tokens.list[0].hash : 0;
	words_done(&tokens);
	return hash;
}

void
words_reset(struct words *tokens)
{
	tokens->count = tokens->char_count = 0;
}

void
words_done(struct words *tokens)
{
	free(tokens->list);
	free(tokens->chars);
	*tokens = (struct words){0};
}
