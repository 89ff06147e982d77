/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/status.h"
#include "cli/term.h"
#include "cli/verbs.h"
#include "cli/zone.h"

static int64_t
number(struct wire_object *object, const char *key)
{
	int64_t value;

	return wire_object_int(object, key, &value) ? value : 0;
}

/* gazetted 0.1.0  up 3d  online  412 feeds (3 failing, 7 stale)  38 unread */
static void
print_status(struct wire_object *s)
{
	const char *version = "?";
	char up[CLOCK_TEXT];
	bool online = true;
	int64_t failing = number(s, "failing"), stale = number(s, "stale");

	(void)wire_object_text(s, "version", &version);
	(void)wire_object_bool(s, "online", &online);
	printf("gazetted %s  up %s  %s%s%s  %lld %s", version,
	    clock_duration_format(number(s, "uptime") * MSEC_PER_SEC, up),
	    online ? "" : term_on(TERM_YELLOW), online ? "online" : "offline",
	    online ? "" : term_off(), (long long)number(s, "feeds"),
	    number(s, "feeds") == 1 ? "feed" : "feeds");
	if (failing > 0 && stale > 0)
		printf(" (%lld failing, %lld stale)", (long long)failing,
		    (long long)stale);
	else if (failing > 0)
		printf(" (%lld failing)", (long long)failing);
	else if (stale > 0)
		printf(" (%lld stale)", (long long)stale);
	printf("  %lld %s  %lld unread\n", (long long)number(s, "items"),
	    number(s, "items") == 1 ? "item" : "items",
	    (long long)number(s, "unread"));
}

static int
get_status(const struct options *options, struct client **ret_client,
    struct wire_object **ret_reply)
{
	int status = client_open(options->value[OPTION_SOCKET], ret_client);

	if (status == 0)
		status = client_call_text(*ret_client, "GetStatus", "{}", false);
	if (status == 0 && client_next(*ret_client, ret_reply) == CLIENT_FAILED)
		status = client_status(*ret_client);
	return status;
}

int
verbs_status(const struct options *options)
{
	struct client *client = NULL;
	struct wire_object *reply;
	const char *trouble;
	struct buf clean = {0};
	int status;

	if (!options_at_most(options, "status", 0))
		return STATUS_USAGE;
	status = get_status(options, &client, &reply);
	if (status == 0 && !options_has(options, OPTION_QUIET)) {
		print_status(reply);
		if (wire_object_text(reply, "trouble", &trouble)) {
			term_clean(trouble, true, &clean);
			printf("%sTrouble: %s%s\n", term_on(TERM_RED),
			    buf_text(&clean), term_off());
		}
	}
	client_close(client);
	buf_done(&clean);
	return status;
}

int
verbs_home(const struct options *options)
{
	struct client *client = NULL;
	struct wire_object *reply;
	int status = get_status(options, &client, &reply);

	if (status == 0) {
		print_status(reply);
		if (number(reply, "feeds") == 0)
			printf(
			    "No feeds yet. Add one: gazette feed add URL [+TAG], or "
			    "[feed "
			    "NAME] sections in gazetted.conf and gazette reload\n");
		else
			printf("Next: gazette list is:unread \xC2\xB7 gazette feed "
			       "list%s "
			       "\xC2\xB7 gazette follow\n",
			    number(reply, "failing") > 0 ? " is:failing" : "");
	}
	client_close(client);
	return status;
}

/* -- hosts --------------------------------------------------------------------------- */

/* What a held, silent or busy host has to say; the others are of no interest unless
 * they are asked for. */
static bool
is_quiet(struct wire_object *host)
{
	const char *state = "ok";

	(void)wire_object_text(host, "state", &state);
	return strcmp(state, "ok") == 0 && number(host, "due") == 0;
}

static void
print_host(struct wire_object *host)
{
	const char *name = "", *state = "", *held = NULL, *next = NULL;
	struct buf line = {0};
	char pause[CLOCK_TEXT];

	(void)wire_object_text(host, "host", &name);
	(void)wire_object_text(host, "state", &state);
	(void)wire_object_text(host, "held_until", &held);
	(void)wire_object_text(host, "next", &next);
	buf_printf(&line, "%-8s %5lld %5lld  %-7s ", state,
	    (long long)number(host, "feeds"), (long long)number(host, "due"),
	    clock_duration_format(number(host, "pause"), pause));
	if (held != NULL)
		zone_show(held, &line);
	else if (next != NULL)
		zone_show(next, &line);
	else
		buf_puts(&line, "-               ");
	buf_puts(&line, "  ");
	term_clean(name, true, &line);
	puts(buf_text(&line));
	buf_done(&line);
}

static void
print_hosts(struct wire_object *reply, bool all)
{
	struct wire_object *host;
	size_t i, shown = 0;

	for (i = 0; wire_object_element(reply, "hosts", i, &host); i++) {
		if (!all && is_quiet(host))
			continue;
		if (shown++ == 0)
			printf("STATE    FEEDS   DUE  PAUSE   NEXT, OR HELD     "
			       "HOST\n");
		print_host(host);
	}
	if (shown == 0)
		printf("%zu %s, none held, waiting or silent; gazette hosts --all "
		       "lists all.\n",
		    i, i == 1 ? "host" : "hosts");
}

int
verbs_hosts(const struct options *options)
{
	struct client *client = NULL;
	struct wire_object *reply, *host;
	size_t i;
	int status;

	if (!options_at_most(options, "hosts", 0))
		return STATUS_USAGE;
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0)
		status = client_call_text(client, "ListHosts", "{}", false);
	if (status == 0 && client_next(client, &reply) == CLIENT_FAILED)
		status = client_status(client);
	if (status != 0 || options_has(options, OPTION_QUIET)) {
		; /* the status answers */
	} else if (options_has(options, OPTION_JSON)) {
		for (i = 0; wire_object_element(reply, "hosts", i, &host); i++)
			output_object(host);
	} else {
		term_pager(options, false);
		print_hosts(reply, options_has(options, OPTION_ALL));
	}
	client_close(client);
	return status;
}

int
verbs_reload(const struct options *options)
{
	const char *const *lines;
	struct arena *arena;
	struct client *client;
	struct wire_object *reply;
	size_t count, i;
	int status;

	if (!options_at_most(options, "reload", 0))
		return STATUS_USAGE;
	arena = arena_new(4 << 20);
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		status = client_call_text(client, "Reload", "{}", false);
		if (status == 0 && client_next(client, &reply) == CLIENT_FAILED)
			status = client_status(client);
		if (status == 0 && !options_has(options, OPTION_QUIET)) {
			count = 0;
			if (wire_object_texts(
				reply, "changed", arena, &lines, &count)) {
				for (i = 0; i < count; i++)
					puts(lines[i]);
			}
			if (count == 0)
				puts("Nothing changed.");
			if (wire_object_texts(
				reply, "warnings", arena, &lines, &count)) {
				for (i = 0; i < count; i++)
					fprintf(stderr, "warning: %s\n", lines[i]);
			}
		}
		client_close(client);
	}
	arena_free(arena);
	return status;
}

/* -- call, introspect ---------------------------------------------------------------------- */

/* Each reply's parameters on a line. */
static int
print_replies(struct client *client)
{
	struct wire_object *reply;
	enum client_reply r;

	do {
		r = client_next(client, &reply);
		if (r != CLIENT_FAILED)
			output_object(reply);
	} while (r == CLIENT_MORE);
	return r == CLIENT_FAILED ? client_status(client) : 0;
}

int
verbs_call(const struct options *options)
{
	struct wire_object *parameters = NULL;
	struct client *client;
	struct buf reason = {0};
	const char *json = options->arg_count > 1 ? options->args[1] : "{}";
	const char *method = options->arg_count > 0 ? options->args[0] : "";
	int status;

	if (options->arg_count < 1 || options->arg_count > 2) {
		fprintf(stderr,
		    "gazette call: usage: gazette call [--more] METHOD "
		    "['{\"JSON\":1}'] "
		    "(gazette introspect lists them)\n");
		return STATUS_USAGE;
	}
	if (wire_object_parse(json, strlen(json), &parameters, &reason) != 0) {
		fprintf(stderr,
		    "gazette call: the parameters are no JSON object: %s\n",
		    buf_text(&reason));
		buf_done(&reason);
		return STATUS_USAGE;
	}
	wire_object_free(parameters);
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status == 0) {
		status = client_call_text(
		    client, method, json, options_has(options, OPTION_MORE));
		if (status == 0)
			status = print_replies(client);
		client_close(client);
	}
	return status;
}

int
verbs_introspect(const struct options *options)
{
	const char *name =
	    options->arg_count > 0 ? options->args[0] : "org.gazetted";
	const char *description;
	struct wire_object *reply;
	struct client *client;
	struct jsonw *w;
	int status;

	if (!options_at_most(options, "introspect", 1))
		return STATUS_USAGE;
	status = client_open(options->value[OPTION_SOCKET], &client);
	if (status != 0)
		return status;
	client_begin(client, &w);
	jsonw_text(w, "interface", name);
	status = client_call_once(
	    client, "org.varlink.service.GetInterfaceDescription", &reply);
	if (status == 0 && reply != NULL &&
	    wire_object_text(reply, "description", &description)) {
		term_pager(options, false);
		fputs(description, stdout);
	}
	client_close(client);
	return status;
}
