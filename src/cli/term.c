/* SPDX-License-Identifier: ISC */
#include "cli/term.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unicode.h"
#include "cli/status.h"

static bool colour;
static bool progress_shown;
static pid_t pager;

/* -- Text --------------------------------------------------------------------------- */

static bool
is_hostile(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x061C ||
	    (cp >= 0x200E && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	    (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

void
term_clean(const char *text, bool one_line, struct buf *out)
{
	struct buf whole = {0};
	size_t i = 0, length;
	uint32_t cp;

	unicode_repair(&whole, text, strlen(text));
	while (i < whole.len) {
		length = unicode_decode(whole.data + i, whole.len - i, &cp);
		if (cp == '\n' || cp == '\t')
			buf_putc(out, one_line ? ' ' : (char)cp);
		else if (!is_hostile(cp))
			buf_add(out, whole.data + i, length);
		else
			buf_printf(
			    out, cp < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)cp);
		i += length;
	}
	buf_done(&whole);
}

void
term_print(FILE *to, const char *text)
{
	struct buf clean = {0};

	term_clean(text, true, &clean);
	fputs(buf_text(&clean), to);
	buf_done(&clean);
}

int
term_fit(const char *text, int columns, bool pad, struct buf *out)
{
	size_t size = strlen(text), at = 0, cut = 0, length;
	int used = 0, cut_used = 0, width;

	while (at < size) {
		length = unicode_cluster(text + at, size - at, &width);
		if (used + width > columns)
			break;
		if (used + width < columns) { /* room for the mark behind it */
			cut = at + length;
			cut_used = used + width;
		}
		used += width;
		at += length;
	}
	if (at < size && columns > 0) {
		buf_add(out, text, cut);
		buf_puts(out, "\xE2\x80\xA6");
		used = cut_used + 1;
	} else {
		buf_add(out, text, at);
	}
	for (; pad && used < columns; used++)
		buf_putc(out, ' ');
	return used;
}

/* -- Colour and size ------------------------------------------------------------------- */

bool
term_stdout_is_tty(void)
{
	return pager > 0 || isatty(STDOUT_FILENO);
}

int
term_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns != NULL && atoi(columns) > 0)
		return atoi(columns);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0';
}

int
term_init(const struct options *options)
{
	const char *when = options->value[OPTION_COLOR], *kind = getenv("TERM");

	signal(SIGPIPE, SIG_DFL); /* a closed pipe is a quiet end */
	if (when == NULL || strcmp(when, "auto") == 0) {
		colour = isatty(STDOUT_FILENO) && kind != NULL &&
		    strcmp(kind, "dumb") != 0;
		if (is_set("CLICOLOR_FORCE") &&
		    strcmp(getenv("CLICOLOR_FORCE"), "0") != 0)
			colour = true;
		if (is_set("NO_COLOR"))
			colour = false;
	} else if (strcmp(when, "always") == 0) {
		colour = true;
	} else if (strcmp(when, "never") == 0) {
		colour = false;
	} else {
		fprintf(
		    stderr, "gazette: --color=%s: auto, always or never\n", when);
		return STATUS_USAGE;
	}
	return 0;
}

const char *
term_on(enum term_style style)
{
	static const char *const codes[] = {
	    "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m"};

	return colour ? codes[style] : "";
}

const char *
term_off(void)
{
	return colour ? "\x1b[0m" : "";
}

/* -- The pager ---------------------------------------------------------------------------- */

static const char *
pager_command(bool prose)
{
	static const char *const names[] = {
	    "GAZETTE_PAGER", "SYSTEMD_PAGER", "PAGER"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (getenv(names[i]) != NULL)
			return getenv(names[i]);
	}
	return prose ? "less -FRXMK" : "less -FRSXMK";
}

void
term_pager(const struct options *options, bool prose)
{
	const char *command = pager_command(prose);
	int ends[2];

	if (!isatty(STDOUT_FILENO) || options_has(options, OPTION_NO_PAGER) ||
	    *command == '\0' || strcmp(command, "cat") == 0)
		return;
	if (pipe(ends) < 0)
		return; /* without a pager, then */
	fflush(stdout);
	pager = fork();
	if (pager == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		/* The user's own words from the user's own environment, as in systemctl. */
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pager > 0)
		dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
}

int
term_done(int status)
{
	int failed = fflush(stdout) != 0 && errno != EPIPE;

	if (pager > 0) {
		fclose(stdout);
		while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
			;
		pager = 0;
	}
	if (failed) {
		fprintf(stderr, "gazette: cannot write the output: %s\n",
		    strerror(errno));
		return STATUS_PARTIAL;
	}
	return status;
}

/* -- Progress and questions ------------------------------------------------------------------ */

void
term_progress(const char *line)
{
	struct buf fitted = {0};

	if (!isatty(STDERR_FILENO))
		return;
	if (line == NULL) {
		if (progress_shown)
			fputs("\r\x1b[K", stderr);
		progress_shown = false;
		return;
	}
	(void)term_fit(line, term_width() - 1, false, &fitted);
	fprintf(stderr, "\r%s\x1b[K", buf_text(&fitted));
	fflush(stderr);
	progress_shown = true;
	buf_done(&fitted);
}

bool
term_can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool
term_ask(const char *question)
{
	char answer[16];

	if (!term_can_ask())
		return false;
	fprintf(stderr, "%s [y/N] ", question);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}
