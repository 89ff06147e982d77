/* SPDX-License-Identifier: ISC */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"

#define BIT OPTION_BIT

static const struct verb {
	const char *name;
	int (*run)(const struct options *options); /* NULL: see main */
	uint64_t options;                          /* besides OPTIONS_COMMON */
} verbs[] = {
    {"list", verbs_list,
	OPTIONS_OUTPUT | BIT(OPTION_LIMIT) | BIT(OPTION_ALL) | BIT(OPTION_REVERSE) |
	    BIT(OPTION_FIELDS)},
    {"show", verbs_show,
	OPTIONS_OUTPUT | BIT(OPTION_LIMIT) | BIT(OPTION_HTML) | BIT(OPTION_RAW) |
	    BIT(OPTION_LINKS) | BIT(OPTION_FIELDS) | BIT(OPTION_DIFF)},
    {"story", verbs_story, OPTIONS_OUTPUT | BIT(OPTION_FIELDS)},
    {"split", verbs_split, 0},
    {"join", verbs_join, 0},
    {"count", verbs_count, BIT(OPTION_ALL) | BIT(OPTION_BY)},
    {"follow", verbs_follow,
	OPTIONS_OUTPUT | BIT(OPTION_LIMIT) | BIT(OPTION_ALL) | BIT(OPTION_KINDS) |
	    BIT(OPTION_FROM) | BIT(OPTION_CURSOR) | BIT(OPTION_CURSOR_FILE) |
	    BIT(OPTION_UNTIL_CAUGHT_UP) | BIT(OPTION_FIELDS)},
    {"mark", verbs_mark, BIT(OPTION_ALL) | BIT(OPTION_DRY_RUN) | BIT(OPTION_YES)},
    {"tag", verbs_tag, BIT(OPTION_ALL) | BIT(OPTION_DRY_RUN) | BIT(OPTION_YES)},
    {"undo", verbs_undo, 0},
    {"feed", verbs_feed,
	OPTIONS_OUTPUT | BIT(OPTION_FIELDS) | BIT(OPTION_LIMIT) | BIT(OPTION_NAME) |
	    BIT(OPTION_TITLE) | BIT(OPTION_INTERVAL) | BIT(OPTION_STRICT) |
	    BIT(OPTION_DRY_RUN) | BIT(OPTION_PURGE) | BIT(OPTION_AGAIN)},
    {"fetch", verbs_fetch, BIT(OPTION_FORCE)},
    {"status", verbs_status, 0},
    {"hosts", verbs_hosts, BIT(OPTION_ALL) | BIT(OPTION_JSON)},
    {"reload", verbs_reload, 0},
    {"call", verbs_call, BIT(OPTION_MORE)},
    {"introspect", verbs_introspect, 0},
    {"parse", NULL, 0},
    {"help", NULL, 0},
};

/* Verbs of CLI 1 that later versions bring. */
static const char *const later[] = {"data", "submit", "rules", "query", "apply",
    "import", "export", "backup", "purge", "doctor", "check", "consumers",
    "metrics"};

/* Edit distance of two short words, insertions and exchanges included. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[32], diagonal, above, i, j, m = strlen(a), n = strlen(b);

	if (m > 31 || n > 31)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; i <= m; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[n];
}

static int
unknown_verb(const char *name)
{
	const char *nearest = NULL;
	size_t i, best = 3, d;

	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (strcmp(later[i], name) == 0) {
			fprintf(stderr,
			    "gazette %s: not available in this version\n", name);
			return STATUS_USAGE;
		}
	}
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		d = distance(name, verbs[i].name);
		if (d < best) {
			best = d;
			nearest = verbs[i].name;
		}
	}
	fprintf(stderr, "gazette: %.60s: no such verb", name);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean %s?\n", nearest);
	else
		fprintf(stderr, " (gazette --help lists them)\n");
	return STATUS_USAGE;
}

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static int
help(const char *verb)
{
	static const struct options none;

	if (verb != NULL && find_verb(verb) == NULL)
		return unknown_verb(verb);
	term_pager(&none, false);
	help_print(verb);
	return 0;
}

/* `gazette tag +ai -old`: what would be options are tags up to the first argument
 * that is none. */
static int
leading_tags(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if ((argv[i][0] != '+' && argv[i][0] != '-') ||
		    strncmp(argv[i], "--", 2) == 0 || strcmp(argv[i], "-h") == 0)
			break;
	}
	return i;
}

static int
run(const struct verb *verb, int argc, char **argv)
{
	struct options options;
	int leading = verb->run == verbs_tag ? leading_tags(argc, argv) : 0, status;

	status = options_parse(verb->name, leading, argc, argv,
	    verb->options | OPTIONS_COMMON, &options);
	if (status != 0)
		return status;
	zone_set_utc(options_has(&options, OPTION_UTC));
	status = term_init(&options);
	if (status == 0 && options_has(&options, OPTION_HELP))
		status = help(verb->name);
	else if (status == 0)
		status = verb->run(&options);
	options_done(&options);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct verb home = {"", verbs_home, 0};
	const struct verb *verb;
	int i;

	setlocale(LC_ALL, "");
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("gazette " PACKAGE_VERSION);
		return 0;
	}
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return term_done(help(NULL));
	/* Options before the verb are the verb's: gazette --socket=PATH list. */
	for (i = 1; i < argc && argv[i][0] == '-'; i++)
		;
	if (i == argc)
		return term_done(run(&home, argc - 1, argv + 1));
	verb = find_verb(argv[i]);
	if (verb == NULL)
		return unknown_verb(argv[i]);
	if (strcmp(verb->name, "parse") == 0)
		return cli_parse(argc - i, argv + i);
	if (strcmp(verb->name, "help") == 0)
		return term_done(help(i + 1 < argc ? argv[i + 1] : NULL));
	memmove(argv + 2, argv + 1, (size_t)(i - 1) * sizeof(*argv));
	return term_done(run(verb, argc - 2, argv + 2));
}
