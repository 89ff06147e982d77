/* SPDX-License-Identifier: ISC */
#ifndef CLI_TERM_H
#define CLI_TERM_H

/*
 * The terminal: hostile text made harmless, widths, colour, the pager (CLI 3).
 * All feed text passes term_clean before it reaches stdout or stderr.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/options.h"

/* Bad UTF-8 becomes U+FFFD; C0, DEL, C1, bidi controls and line separators become
 * visible escapes (\x1b, \u202e).  `one_line`: tab and line feed become spaces;
 * otherwise they stay. */
void term_clean(const char *text, bool one_line, struct buf *out);
/* The text, so cleaned, on one line. */
void term_print(FILE *to, const char *text);
/* `text` (clean, one line) in at most `columns` columns, "…" where cut; padded with
 * spaces up to them when `pad`.  Returns the columns used. */
int term_fit(const char *text, int columns, bool pad, struct buf *out);

bool term_stdout_is_tty(void);
int term_width(void); /* of stdout; 80 when unknown */

/* --color, NO_COLOR, CLICOLOR_FORCE, TERM; 0 or an exit status for a bad value. */
int term_init(const struct options *options);
enum term_style {
	TERM_BOLD,
	TERM_DIM,
	TERM_RED,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_CYAN
};
/* The escape that begins or ends a style: "" without colour. */
const char *term_on(enum term_style style);
const char *term_off(void);

/* From here on stdout goes through the pager, on a terminal; term_done waits for
 * it.  Its own choice of pager cuts long lines, as tables want it, unless they are
 * `prose`.  Called by list, show and help only. */
void term_pager(const struct options *options, bool prose);
/* Flushes; STATUS_OK, or what a failed write means. */
int term_done(int status);

/* One line of progress on a terminal's stderr, rewritten in place; NULL clears. */
void term_progress(const char *line);
/* Asks a yes/no question on the terminal.  False without one, or for no. */
bool term_ask(const char *question);
bool term_can_ask(void);

#endif
