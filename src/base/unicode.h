/* SPDX-License-Identifier: ISC */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

/*
 * UTF-8 as the Unicode standard defines it (no surrogates, no over-long forms,
 * nothing above U+10FFFF), and the few properties that the stages need, from
 * utf8proc's tables.  Any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* One code point.  Its length in bytes, or 0 when the bytes are not UTF-8. */
size_t unicode_decode(const char *text, size_t size, uint32_t *ret_cp);
/* 1 to 4 bytes; U+FFFD for what is no scalar value. */
size_t unicode_encode(uint32_t cp, char bytes[4]);
bool unicode_is_valid(const char *text, size_t size);
/* Every maximal bad part becomes one U+FFFD; NULs are dropped. */
void unicode_repair(struct buf *out, const char *text, size_t size);
/* The longest prefix of at most `limit` bytes that ends between code points. */
size_t unicode_cut(const char *text, size_t size, size_t limit);

/* NFKC, case folded, Latin accents stripped: for comparing words.  `text` must
 * be UTF-8; returns false (nothing added) when it is not. */
bool unicode_fold(struct buf *out, const char *text, size_t size);
/* The lower-case form of one code point, itself when it has none. */
uint32_t unicode_lower(uint32_t cp);
bool unicode_is_alnum(uint32_t cp);
/* White space of the Unicode White_Space property. */
bool unicode_is_space(uint32_t cp);
/* Scripts written without spaces between words (CLI 2, DEDUP 5): Han, Kana,
 * Hangul, Thai.  Hangul has words, and is in it for the full-text index alone. */
enum unicode_script { SCRIPT_OTHER, SCRIPT_CJK, SCRIPT_HANGUL, SCRIPT_THAI };
enum unicode_script unicode_script(uint32_t cp);
/* One grapheme cluster at `text`: its length in bytes, and in terminal columns
 * (its widest character's; 2 with VS16). */
size_t unicode_cluster(const char *text, size_t size, int *ret_columns);

#endif
