/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/client.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"

#define ASK_ABOVE 500 /* bulk changes over this ask on a terminal (CLI 3) */

/* What ModifyItems is asked to do, and on what. */
struct change {
	const char *add[64], *remove[64];
	size_t add_count, remove_count;
	const char *verb, *as; /* "Marked" 214 items "read" */
	struct buf query, ids; /* ids: "1,2,3" */
	bool all, dry_run;
};

static void
change_done(struct change *change)
{
	buf_done(&change->query);
	buf_done(&change->ids);
}

/* Ids from standard input, one a line or with what follows them (short, tsv). */
static int
read_ids(struct buf *ids)
{
	char *line = NULL;
	size_t room = 0;
	int status = 0;

	while (status == 0 && getline(&line, &room, stdin) >= 0) {
		size_t digits = strspn(line, "0123456789");

		if (digits == 0 && strcmp(line, "\n") != 0 &&
		    strncmp(line, "id\t", 3) != 0) {
			fprintf(stderr,
			    "gazette: standard input: a line without an id at its "
			    "start\n");
			status = STATUS_USAGE;
		} else if (digits > 0 && digits < 16) {
			if (ids->len > 0)
				buf_putc(ids, ',');
			buf_add(ids, line, digits);
		}
	}
	free(line);
	return status;
}

/* The arguments from `first` on: ids, "-", or a query. */
static int
choose_items(const struct options *options, size_t first, struct change *change)
{
	size_t i;

	if (options->arg_count == first + 1 &&
	    strcmp(options->args[first], "-") == 0)
		return read_ids(&change->ids);
	if (options_are_ids(options, first)) {
		for (i = first; i < options->arg_count; i++)
			buf_printf(&change->ids, "%s%s", i > first ? "," : "",
			    options->args[i]);
		return 0;
	}
	return verbs_query(options, first, &change->query);
}

static int
ask(struct client *client, const struct change *change, bool dry_run,
    int64_t *ret_matched, int64_t *ret_changed, char **ret_undo)
{
	struct wire_object *reply;
	const char *undo;
	struct jsonw *w;
	size_t i;
	int status;

	client_begin(client, &w);
	if (change->ids.len > 0) {
		jsonw_array(w, "ids");
		jsonw_raw(w, NULL, change->ids.data, change->ids.len);
		jsonw_close(w);
	} else {
		jsonw_text(w, "query", buf_text(&change->query));
	}
	jsonw_bool(w, "all", change->all);
	jsonw_array(w, "add");
	for (i = 0; i < change->add_count; i++)
		jsonw_text(w, NULL, change->add[i]);
	jsonw_close(w);
	jsonw_array(w, "remove");
	for (i = 0; i < change->remove_count; i++)
		jsonw_text(w, NULL, change->remove[i]);
	jsonw_close(w);
	jsonw_bool(w, "dry_run", dry_run);
	status = client_call_once(client, "ModifyItems", &reply);
	if (status != 0)
		return status;
	(void)wire_object_int(reply, "matched", ret_matched);
	(void)wire_object_int(reply, "changed", ret_changed);
	if (wire_object_text(reply, "undo", &undo))
		*ret_undo = xstrdup(undo);
	return 0;
}

/* Over 500 items: a question on a terminal, --yes elsewhere. */
static int
confirm(struct client *client, const struct change *change)
{
	int64_t matched = 0, changed = 0;
	char *undo = NULL, *question;
	int status = ask(client, change, true, &matched, &changed, &undo);
	bool yes;

	free(undo);
	if (status != 0 || matched <= ASK_ABOVE)
		return status;
	if (!term_can_ask()) {
		fprintf(stderr,
		    "gazette: this would change %lld items; repeat it with --yes\n",
		    (long long)matched);
		return STATUS_USAGE;
	}
	question = xasprintf("Change %lld items?", (long long)matched);
	yes = term_ask(question);
	free(question);
	return yes ? 0 : STATUS_NO_MATCH;
}

static int
carry_out(struct change *change, const struct options *options)
{
	struct client *client = NULL;
	int64_t matched = 0, changed = 0;
	char *undo = NULL;
	int status = client_open(options->value[OPTION_SOCKET], &client);

	if (status != 0)
		return status;
	change->all = options_has(options, OPTION_ALL);
	client_set_query(client, buf_text(&change->query));
	if (change->ids.len == 0 && !options_has(options, OPTION_YES) &&
	    !options_has(options, OPTION_DRY_RUN))
		status = confirm(client, change);
	if (status == 0)
		status = ask(client, change, options_has(options, OPTION_DRY_RUN),
		    &matched, &changed, &undo);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		if (options_has(options, OPTION_DRY_RUN))
			printf("Would change %lld of %lld items.\n",
			    (long long)changed, (long long)matched);
		else
			printf("%s %lld %s%s.%s%s\n", change->verb,
			    (long long)changed, changed == 1 ? "item" : "items",
			    change->as, undo != NULL ? " Undo: gazette undo " : "",
			    undo != NULL ? undo : "");
	}
	if (status == 0 && matched == 0)
		status = STATUS_NO_MATCH;
	free(undo);
	client_close(client);
	return status;
}

/* -- mark, tag, undo ------------------------------------------------------------------------ */

static const struct {
	const char *word, *state;
	bool add;
	const char *verb, *as;
} marks[] = {
    {"read", "read", true, "Marked", " read"},
    {"unread", "read", false, "Marked", " unread"},
    {"star", "starred", true, "Starred", ""},
    {"unstar", "starred", false, "Unstarred", ""},
    {"hide", "hidden", true, "Hid", ""},
    {"unhide", "hidden", false, "Unhid", ""},
};

int
verbs_mark(const struct options *options)
{
	struct change change = {0};
	size_t i;
	int status;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (options->arg_count > 0 &&
		    strcmp(options->args[0], marks[i].word) == 0)
			break;
	}
	if (i == sizeof(marks) / sizeof(marks[0])) {
		fprintf(stderr,
		    "gazette mark: how? read, unread, star, unstar, hide or "
		    "unhide\n");
		return STATUS_USAGE;
	}
	if (options->arg_count < 2) {
		fprintf(stderr,
		    "gazette mark %s: which items? Give ids, a query, or - for ids "
		    "on standard input\n",
		    marks[i].word);
		return STATUS_USAGE;
	}
	if (marks[i].add)
		change.add[change.add_count++] = marks[i].state;
	else
		change.remove[change.remove_count++] = marks[i].state;
	change.verb = marks[i].verb;
	change.as = marks[i].as;
	status = choose_items(options, 1, &change);
	if (status == 0)
		status = carry_out(&change, options);
	change_done(&change);
	return status;
}

/* +tag and -tag at the start; main.c hands -tag over as an argument. */
static size_t
choose_tags(const struct options *options, struct change *change)
{
	size_t i;

	for (i = 0; i < options->arg_count; i++) {
		const char *arg = options->args[i];

		if (strcmp(arg, "--") == 0)
			return i + 1;
		if ((arg[0] != '+' && arg[0] != '-') || arg[1] == '\0' ||
		    strpbrk(arg, ":~") != NULL)
			break;
		if (arg[0] == '+' && change->add_count < 64)
			change->add[change->add_count++] = arg + 1;
		else if (arg[0] == '-' && change->remove_count < 64)
			change->remove[change->remove_count++] = arg + 1;
	}
	return i;
}

int
verbs_tag(const struct options *options)
{
	struct change change = {.verb = "Tagged", .as = ""};
	size_t first = choose_tags(options, &change);
	int status;

	if (change.add_count + change.remove_count == 0 ||
	    first == options->arg_count) {
		fprintf(stderr,
		    "gazette tag: usage: gazette tag +ai -old [--] QUERY, IDS or "
		    "-\n");
		return STATUS_USAGE;
	}
	if (change.add_count == 0)
		change.verb = "Untagged";
	status = choose_items(options, first, &change);
	if (status == 0)
		status = carry_out(&change, options);
	change_done(&change);
	return status;
}

int
verbs_undo(const struct options *options)
{
	struct wire_object *reply;
	struct client *client;
	struct jsonw *w;
	int64_t changed = 0;
	int status;

	if (!options_at_most(options, "undo", 1))
		return STATUS_USAGE;
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status != 0)
		return status;
	client_begin(client, &w);
	if (options->arg_count > 0)
		jsonw_text(w, "token", options->args[0]);
	status = client_call_once(client, "Undo", &reply);
	if (status == 0) {
		(void)wire_object_int(reply, "changed", &changed);
		if (!options_has(options, OPTION_QUIET))
			printf("Restored %lld %s.\n", (long long)changed,
			    changed == 1 ? "item" : "items");
	}
	client_close(client);
	return status;
}
