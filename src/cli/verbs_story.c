/* SPDX-License-Identifier: ISC */
/* Stories: their members and why each is one of them; and putting that right. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"

static void
print_reason(struct wire_object *item)
{
	struct buf clean = {0};

	term_clean(output_reason(item), true, &clean);
	printf("       %s%s%s\n", term_on(TERM_DIM), buf_text(&clean), term_off());
	buf_done(&clean);
}

static int
print_members(struct client *client, struct output *output)
{
	struct wire_object *reply, *item;
	enum client_reply r;

	do {
		r = client_next(client, &reply);
		if (r == CLIENT_FAILED)
			return client_status(client);
		output_item(output, reply, "item");
		if (output->format == OUTPUT_TABLE && !output->quiet &&
		    reply != NULL && wire_object_object(reply, "item", &item))
			print_reason(item);
	} while (r == CLIENT_MORE);
	return 0;
}

int
verbs_story(const struct options *options)
{
	struct output output;
	struct client *client = NULL;
	struct jsonw *w;
	int status;

	if (options->arg_count != 1 || !options_are_ids(options, 0)) {
		fprintf(stderr,
		    "gazette story: which? Give an item's id (gazette list shows "
		    "them)\n");
		return STATUS_USAGE;
	}
	status = output_init(&output, options);
	output.reasons = true;
	if (status == 0)
		status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		client_begin(client, &w);
		jsonw_int(w, "id", atoll(options->args[0]));
		output_put_fields(&output, w);
		status = client_call(client, "GetStory", true);
	}
	if (status == 0)
		status = print_members(client, &output);
	if (status == 0)
		output_done(&output, "item", (int64_t)output.rows);
	client_close(client);
	return status;
}

/* Asks for a change of stories; prints `said` and the undo token. */
static int
change(const struct options *options, const char *method, size_t count)
{
	static const char *const names[] = {"id", "other"};
	struct wire_object *reply;
	struct client *client;
	struct jsonw *w;
	const char *undo;
	int64_t story = 0;
	size_t i;
	int status = client_open(options->value[OPTION_SOCKET], &client);

	if (status != 0)
		return status;
	client_begin(client, &w);
	for (i = 0; i < count; i++)
		jsonw_int(w, names[i], atoll(options->args[i]));
	status = client_call_once(client, method, &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		(void)wire_object_int(reply, "story", &story);
		if (!wire_object_text(reply, "undo", &undo))
			undo = "";
		if (count == 1)
			printf("Item %s is a story of its own. Undo: gazette undo "
			       "%s\n",
			    options->args[0], undo);
		else
			printf("Items %s and %s are story %" PRId64
			       ". Undo: gazette undo %s\n",
			    options->args[0], options->args[1], story, undo);
	}
	client_close(client);
	return status;
}

int
verbs_split(const struct options *options)
{
	if (options->arg_count != 1 || !options_are_ids(options, 0)) {
		fprintf(stderr, "gazette split: usage: gazette split ITEM\n");
		return STATUS_USAGE;
	}
	return change(options, "SplitItem", 1);
}

int
verbs_join(const struct options *options)
{
	if (options->arg_count != 2 || !options_are_ids(options, 0)) {
		fprintf(stderr, "gazette join: usage: gazette join ITEM ITEM\n");
		return STATUS_USAGE;
	}
	return change(options, "JoinItems", 2);
}
