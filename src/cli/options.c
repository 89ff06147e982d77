/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/status.h"

static const struct {
	const char *name;
	char letter; /* 0: none */
	bool has_value;
} table[OPTION_COUNT] = {
    [OPTION_AGAIN] = {"again", 0, false},
    [OPTION_ALL] = {"all", 'a', false},
    [OPTION_BY] = {"by", 0, true},
    [OPTION_COLOR] = {"color", 0, true},
    [OPTION_CURSOR] = {"cursor", 0, true},
    [OPTION_CURSOR_FILE] = {"cursor-file", 0, true},
    [OPTION_DIFF] = {"diff", 0, false},
    [OPTION_DRY_RUN] = {"dry-run", 0, false},
    [OPTION_FIELDS] = {"fields", 0, true},
    [OPTION_FORCE] = {"force", 0, false},
    [OPTION_FORMAT_VERSION] = {"format-version", 0, true},
    [OPTION_FROM] = {"from", 0, true},
    [OPTION_FULL] = {"full", 0, false},
    [OPTION_HELP] = {"help", 'h', false},
    [OPTION_HTML] = {"html", 0, false},
    [OPTION_INTERVAL] = {"interval", 0, true},
    [OPTION_JSON] = {"json", 0, false},
    [OPTION_KINDS] = {"kinds", 0, true},
    [OPTION_LIMIT] = {"limit", 'n', true},
    [OPTION_LINKS] = {"links", 0, false},
    [OPTION_MORE] = {"more", 0, false},
    [OPTION_NAME] = {"name", 0, true},
    [OPTION_NO_LEGEND] = {"no-legend", 0, false},
    [OPTION_NO_PAGER] = {"no-pager", 0, false},
    [OPTION_OUTPUT] = {"output", 'o', true},
    [OPTION_PURGE] = {"purge", 0, false},
    [OPTION_QUIET] = {"quiet", 'q', false},
    [OPTION_RAW] = {"raw", 0, false},
    [OPTION_REVERSE] = {"reverse", 'r', false},
    [OPTION_SOCKET] = {"socket", 0, true},
    [OPTION_STRICT] = {"strict", 0, false},
    [OPTION_TITLE] = {"title", 0, true},
    [OPTION_UNTIL_CAUGHT_UP] = {"until-caught-up", 0, false},
    [OPTION_UTC] = {"utc", 0, false},
    [OPTION_YES] = {"yes", 'y', false},
};

/* Named in the documents, built later: refused in words (CONTRACT 1). */
static const char *const later[] = {
    "consumer", "exec", "batch", "sanitize", "format", "no-sanitize"};

static int
refuse(const char *verb, const char *arg, const char *why)
{
	fprintf(stderr, "gazette %s: %s: %s (gazette %s --help)\n", verb, arg, why,
	    verb);
	return STATUS_USAGE;
}

static int
unknown(const char *verb, const char *arg)
{
	size_t i, size = strcspn(arg + 2, "=");

	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (arg[1] == '-' && strlen(later[i]) == size &&
		    strncmp(arg + 2, later[i], size) == 0)
			return refuse(verb, arg, "not available in this version");
	}
	return refuse(verb, arg, "no such option here");
}

static int
long_option(const char *verb, int argc, char **argv, int *at, uint64_t allowed,
    struct options *options)
{
	const char *arg = argv[*at], *equals = strchr(arg, '=');
	size_t size = equals != NULL ? (size_t)(equals - arg - 2) : strlen(arg + 2),
	       i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (strlen(table[i].name) == size &&
		    strncmp(table[i].name, arg + 2, size) == 0)
			break;
	}
	if (i == OPTION_COUNT || (allowed & OPTION_BIT(i)) == 0)
		return unknown(verb, arg);
	if (!table[i].has_value) {
		/* The one with a value that may be left out. */
		if (equals != NULL && i != OPTION_DIFF)
			return refuse(verb, arg, "takes no value");
		options->value[i] = equals != NULL ? equals + 1 : "";
	} else if (equals != NULL) {
		options->value[i] = equals + 1;
	} else if (*at + 1 < argc) {
		options->value[i] = argv[++*at];
	} else {
		return refuse(verb, arg, "needs a value");
	}
	return 0;
}

/* -qn5, -n 5: letters may be joined, the last may take a value. */
static int
short_options(const char *verb, int argc, char **argv, int *at, uint64_t allowed,
    struct options *options)
{
	const char *arg = argv[*at], *letter;
	size_t i;

	for (letter = arg + 1; *letter != '\0'; letter++) {
		for (i = 0; i < OPTION_COUNT; i++) {
			if (table[i].letter == *letter &&
			    (allowed & OPTION_BIT(i)) != 0)
				break;
		}
		if (i == OPTION_COUNT)
			return unknown(verb, arg);
		if (!table[i].has_value) {
			options->value[i] = "";
			continue;
		}
		if (letter[1] != '\0')
			options->value[i] = letter + 1;
		else if (*at + 1 < argc)
			options->value[i] = argv[++*at];
		else
			return refuse(verb, arg, "needs a value");
		break;
	}
	return 0;
}

/* Only -field: and -field~ negate; any other leading - is an option. */
static bool
is_negated_field(const char *arg)
{
	size_t n = strspn(arg + 1, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && (arg[1 + n] == ':' || arg[1 + n] == '~');
}

int
options_parse(const char *verb, int leading, int argc, char **argv, uint64_t allowed,
    struct options *ret_options)
{
	struct options options = {0};
	bool ended = false;
	int i, r = 0;

	options.args = xcalloc((size_t)argc + 1, sizeof(*options.args));
	for (i = 0; i < argc && r == 0; i++) {
		if (i < leading || ended || argv[i][0] != '-' ||
		    argv[i][1] == '\0' || is_negated_field(argv[i]))
			options.args[options.arg_count++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			ended = true;
		else if (argv[i][1] == '-')
			r = long_option(verb, argc, argv, &i, allowed, &options);
		else
			r = short_options(verb, argc, argv, &i, allowed, &options);
	}
	if (r == 0 && options_has(&options, OPTION_FORMAT_VERSION) &&
	    strcmp(options.value[OPTION_FORMAT_VERSION], "1") != 0) {
		fprintf(stderr,
		    "gazette %s: --format-version=%s is not supported, only 1\n",
		    verb, options.value[OPTION_FORMAT_VERSION]);
		r = STATUS_PROTOCOL;
	}
	if (r != 0) {
		options_done(&options);
		return r;
	}
	*ret_options = options;
	return 0;
}

void
options_done(struct options *options)
{
	free(options->args);
	options->args = NULL;
}

bool
options_has(const struct options *options, enum option option)
{
	return options->value[option] != NULL;
}

/* `field:value` with white space and no quote in it: its value is quoted. */
static void
add_argument(const char *arg, struct buf *out)
{
	size_t field = strspn(arg, "-abcdefghijklmnopqrstuvwxyz");

	if (field == 0 || (arg[field] != ':' && arg[field] != '~') ||
	    strpbrk(arg, " \t\n") == NULL || strpbrk(arg, "\"'") != NULL) {
		buf_puts(out, arg);
		return;
	}
	buf_add(out, arg, field + 1);
	buf_printf(out, "\"%s\"", arg + field + 1);
}

void
options_query(const struct options *options, size_t first, struct buf *out)
{
	size_t i;

	for (i = first; i < options->arg_count; i++) {
		if (i > first)
			buf_putc(out, ' ');
		add_argument(options->args[i], out);
	}
}

bool
options_are_ids(const struct options *options, size_t first)
{
	size_t i;

	for (i = first; i < options->arg_count; i++) {
		if (options->args[i][0] == '\0' || strlen(options->args[i]) > 15 ||
		    strspn(options->args[i], "0123456789") !=
			strlen(options->args[i]))
			return false;
	}
	return i > first;
}

bool
options_at_most(const struct options *options, const char *verb, size_t most)
{
	const char *first;

	if (options->arg_count <= most)
		return true;
	first = options->args[most];
	fprintf(stderr, "gazette %s: %.60s: it takes %s\n", verb, first,
	    most == 0 ? "no arguments" : "one argument");
	return false;
}
