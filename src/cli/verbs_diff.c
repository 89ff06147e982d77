/* SPDX-License-Identifier: ISC */
/* gazette show ID --diff [REV]: what an edit changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/diff.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"

/* One revision: title and text as one text, clean. */
struct state {
	struct buf text, feed, link, seen;
	int64_t revision;
};

static void
state_done(struct state *state)
{
	buf_done(&state->text);
	buf_done(&state->feed);
	buf_done(&state->link);
	buf_done(&state->seen);
}

static void
keep(struct wire_object *item, const char *key, bool one_line, struct buf *out)
{
	const char *value;

	if (wire_object_text(item, key, &value))
		term_clean(value, one_line, out);
}

static int
get_state(struct client *client, int64_t id, int64_t revision, struct state *state)
{
	struct wire_object *reply, *item;
	const char *when;
	struct jsonw *w;
	int status;

	client_begin(client, &w);
	jsonw_int(w, "id", id);
	if (revision > 0)
		jsonw_int(w, "revision", revision);
	jsonw_array(w, "fields");
	jsonw_text(w, NULL, "text");
	jsonw_close(w);
	status = client_call_once(client, "GetItem", &reply);
	if (status != 0)
		return status;
	if (reply == NULL || !wire_object_object(reply, "item", &item))
		return STATUS_PROTOCOL;
	keep(item, "title", true, &state->text);
	buf_puts(&state->text, "\n\n");
	keep(item, "text", false, &state->text);
	buf_putc(&state->text, '\n');
	keep(item, "feed", true, &state->feed);
	keep(item, "url", true, &state->link);
	if (wire_object_text(item, "updated", &when) ||
	    wire_object_text(item, "seen", &when))
		zone_show(when, &state->seen);
	(void)wire_object_int(item, "revision", &state->revision);
	return 0;
}

/* Changed lines wait here until the next one that stayed: old and new are then
 * compared word by word. */
struct hunk {
	struct buf was, is;
	bool any; /* printed something */
};

struct line {
	enum diff_kind side; /* whose words are shown */
	char mark;
	bool fresh; /* at the start of a line */
};

static void
print_word(void *arg, enum diff_kind kind, const char *text, size_t size)
{
	struct line *line = arg;
	enum term_style style = line->side == DIFF_OLD ? TERM_RED : TERM_GREEN;
	size_t i;

	if (kind != DIFF_SAME && kind != line->side)
		return;
	for (i = 0; i < size; i++) {
		if (line->fresh)
			printf("%s%c %s", term_on(style), line->mark, term_off());
		if (kind != DIFF_SAME && (line->fresh || i == 0) && text[i] != '\n')
			fputs(term_on(style), stdout);
		line->fresh = text[i] == '\n';
		if (line->fresh && kind != DIFF_SAME)
			fputs(term_off(), stdout);
		putchar(text[i]);
	}
	if (kind != DIFF_SAME && !line->fresh)
		fputs(term_off(), stdout);
}

static void
print_side(const struct hunk *hunk, enum diff_kind side)
{
	struct line line = {side, side == DIFF_OLD ? '-' : '+', true};
	const struct buf *own = side == DIFF_OLD ? &hunk->was : &hunk->is;

	if (own->len == 0)
		return;
	diff_texts(buf_text(&hunk->was), hunk->was.len, buf_text(&hunk->is),
	    hunk->is.len, DIFF_WORDS, print_word, &line);
	if (!line.fresh)
		putchar('\n');
}

static void
print_hunk(struct hunk *hunk)
{
	if (hunk->was.len + hunk->is.len == 0)
		return;
	if (hunk->any)
		putchar('\n');
	hunk->any = true;
	print_side(hunk, DIFF_OLD);
	print_side(hunk, DIFF_NEW);
	buf_reset(&hunk->was);
	buf_reset(&hunk->is);
}

/* How much of it are blank lines at its start: what parts paragraphs is no change. */
static size_t
count_blank(const char *text, size_t size)
{
	size_t i, lines = 0;

	for (i = 0; i < size && (text[i] == '\n' || text[i] == ' '); i++) {
		if (text[i] == '\n')
			lines = i + 1;
	}
	return i == size ? size : lines;
}

static void
on_lines(void *arg, enum diff_kind kind, const char *text, size_t size)
{
	struct hunk *hunk = arg;
	struct buf *side = kind == DIFF_OLD ? &hunk->was : &hunk->is;
	size_t blank = count_blank(text, size);

	if (kind == DIFF_SAME)
		print_hunk(hunk);
	else
		buf_add(side, text + blank, size - blank);
}

static void
print_diff(const struct state *was, const struct state *is)
{
	struct hunk hunk = {.any = false};

	printf("%s%s \xC2\xB7 %s \xC2\xB7 %s \xC2\xB7 revision %lld of %lld%s\n",
	    term_on(TERM_DIM), buf_text(&is->feed), buf_text(&is->seen),
	    buf_text(&is->link), (long long)was->revision, (long long)is->revision,
	    term_off());
	diff_texts(buf_text(&was->text), was->text.len, buf_text(&is->text),
	    is->text.len, DIFF_LINES, on_lines, &hunk);
	print_hunk(&hunk);
	if (!hunk.any)
		puts("Title and text are the same.");
	buf_done(&hunk.was);
	buf_done(&hunk.is);
}

/* ID --diff, ID --diff REV, ID --diff=REV. */
static bool
read_arguments(const struct options *options, int64_t *ret_id, int64_t *ret_revision)
{
	const char *revision = options->value[OPTION_DIFF];

	if (!options_are_ids(options, 0) || options->arg_count > 2)
		return false;
	if (*revision == '\0' && options->arg_count == 2)
		revision = options->args[1];
	else if (options->arg_count == 2)
		return false;
	if (strspn(revision, "0123456789") != strlen(revision) ||
	    strlen(revision) > 9)
		return false;
	*ret_id = atoll(options->args[0]);
	*ret_revision = *revision != '\0' ? atoll(revision) : 0;
	return true;
}

int
verbs_diff(const struct options *options)
{
	struct client *client = NULL;
	struct state was = {.revision = 0}, is = {.revision = 0};
	int64_t id, revision;
	int status;

	if (!read_arguments(options, &id, &revision)) {
		fprintf(stderr,
		    "gazette show: --diff: usage: gazette show ID "
		    "--diff [REV]\n");
		return STATUS_USAGE;
	}
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0)
		status = get_state(client, id, 0, &is);
	if (status == 0 && revision == 0)
		revision = is.revision - 1;
	if (status == 0 && revision < 1) {
		printf("Item %lld was never edited.\n", (long long)id);
	} else if (status == 0) {
		status = get_state(client, id, revision, &was);
		if (status == 0) {
			term_pager(options, true);
			print_diff(&was, &is);
		}
	}
	state_done(&was);
	state_done(&is);
	client_close(client);
	return status;
}
