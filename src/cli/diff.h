/* SPDX-License-Identifier: ISC */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

/*
 * What two texts have in common: runs of words that stayed, went or came.  Pure.
 */
#include <stddef.h>

enum diff_kind { DIFF_SAME, DIFF_OLD, DIFF_NEW };

/* A stretch of whole pieces; `text` points into the old text, or the new one. */
typedef void diff_fn(void *arg, enum diff_kind kind, const char *text, size_t size);

/* Words (with the white space behind them), or whole lines.  Bounded work: of
 * texts with too many differences what lies between the common start and end is
 * told as replaced. */
enum diff_unit { DIFF_WORDS, DIFF_LINES };
void diff_texts(const char *was, size_t was_size, const char *is, size_t is_size,
    enum diff_unit unit, diff_fn *fn, void *arg);

#endif
