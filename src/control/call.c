/* SPDX-License-Identifier: ISC */
#include "control/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"

/* -- Replies ------------------------------------------------------------------ */

/* Before the first message nobody knows how the client tells replies apart: a
 * line that a NUL follows is a whole message for both. */
static void
put_end(struct buf *out, enum message_mode mode)
{
	if (mode != MESSAGE_NUL)
		buf_putc(out, '\n');
	if (mode != MESSAGE_LINE)
		buf_putc(out, '\0');
}

static void
put_reply(struct client *client, const char *json, size_t size, bool continues)
{
	struct buf *out = &client->out;

	if (client_out(client) == 0)
		client->progress = clock_mono();
	buf_puts(out, "{\"parameters\":");
	if (size > 0)
		buf_add(out, json, size);
	else
		buf_puts(out, "{}");
	buf_puts(out, continues ? ",\"continues\":true}" : "}");
	put_end(out, client->scan.mode);
	client->ask = true;
}

static void
put_error(struct buf *out, enum message_mode mode, const char *error,
    const char *json, size_t size)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "error", error);
	jsonw_raw(&w, "parameters", json, size);
	jsonw_close(&w);
	put_end(out, mode);
}

static void
member_json(struct buf *json, const char *member, const char *text)
{
	struct jsonw w;

	jsonw_init(&w, json);
	jsonw_object(&w, NULL);
	if (member != NULL)
		jsonw_text(&w, member, text);
	jsonw_close(&w);
}

void
call_put_error(struct buf *out, enum message_mode mode, const char *error,
    const char *member, const char *text)
{
	struct buf json = {0};

	member_json(&json, member, text);
	put_error(out, mode, error, json.data, json.len);
	buf_done(&json);
}

/* -- Ends --------------------------------------------------------------------- */

static void
call_free(struct control_call *call)
{
	wire_object_free(call->message);
	wire_object_free(call->empty);
	free(call);
}

void
call_drop(struct control_call *call)
{
	struct control *control = call->client->control;

	call->dead = true;
	if (call->method != NULL && call->method->gone != NULL)
		call->method->gone(call, control->arg);
	call_free(call);
}

/* The reply is written: the connection is free for the next call. */
static void
finish(struct control_call *call)
{
	struct client *client = call->client;

	client->call = NULL;
	client->active = clock_mono();
	client_kick(client);
	call_free(call);
}

void
control_row(struct control_call *call, const char *json, size_t size)
{
	if (call->dead || call->oneway)
		return;
	assert(call->more);
	put_reply(call->client, json, size, true);
	client_kick(call->client);
}

void
control_rows(struct control_call *call, const char *json, size_t size)
{
	const char *end = json + size, *stop;

	for (; json < end; json = stop + 1) {
		stop = memchr(json, '\0', (size_t)(end - json));
		assert(stop != NULL);
		control_row(call, json, (size_t)(stop - json));
	}
}

void
control_end(struct control_call *call, const char *json, size_t size)
{
	if (call->dead)
		return;
	if (!call->oneway)
		put_reply(call->client, json, size, false);
	finish(call);
}

void
control_fail(struct control_call *call, const char *error, const char *json)
{
	struct client *client = call->client;

	if (call->dead)
		return;
	if (json == NULL)
		json = "{}";
	if (!call->oneway)
		put_error(
		    &client->out, client->scan.mode, error, json, strlen(json));
	finish(call);
}

void
control_fail_text(struct control_call *call, const char *error, const char *member,
    const char *text)
{
	struct buf json = {0};

	member_json(&json, member, text);
	control_fail(call, error, json.data);
	buf_done(&json);
}

void
control_invalid(struct control_call *call, const char *parameter)
{
	control_fail_text(
	    call, "org.varlink.service.InvalidParameter", "parameter", parameter);
}

/* -- Starts ------------------------------------------------------------------- */

static bool
is_allowed(const struct control_call *call)
{
	const struct client *client = call->client;

	if (client->role >= call->method->role)
		return true;
	log_warn("control: uid %u is %s and may not call %s", (unsigned)client->uid,
	    control_role_name(client->role), call->method->name);
	return false;
}

static void
dispatch(struct control_call *call, const char *name, struct wire_object *parameters)
{
	struct control *control = call->client->control;

	call->method = map_find_text(control->methods, name);
	if (call->method == NULL)
		service_unknown(call, name);
	else if (!is_allowed(call))
		control_fail(call, "org.varlink.service.PermissionDenied", NULL);
	else if (call->method->must_more && !call->more)
		control_fail(call, "org.varlink.service.ExpectedMore", NULL);
	else
		call->method->start(call, parameters, control->arg);
}

/* The members beside `parameters`, each of its type and known. */
static const char *
read_head(struct control_call *call, const char **ret_method)
{
	bool upgrade;

	(void)wire_object_text(call->message, "method", ret_method);
	(void)wire_object_bool(call->message, "more", &call->more);
	(void)wire_object_bool(call->message, "oneway", &call->oneway);
	(void)wire_object_bool(call->message, "upgrade", &upgrade);
	if (upgrade)
		return "upgrade";
	if (*ret_method == NULL)
		return "method";
	/* Neither answer would be right: none is to come, or many. */
	if (call->more && call->oneway)
		return "oneway";
	return NULL;
}

/* `parameters`, or an empty object. */
static struct wire_object *
read_parameters(struct control_call *call)
{
	struct wire_object *parameters;
	struct buf reason = {0};
	int rc;

	if (wire_object_object(call->message, "parameters", &parameters))
		return parameters;
	rc = wire_object_parse("{}", 2, &call->empty, &reason);
	assert(rc == 0);
	(void)rc;
	return call->empty;
}

static void
begin(struct control_call *call)
{
	struct wire_object *parameters;
	const char *method, *fault;

	call->client->call = call;
	fault = read_head(call, &method);
	parameters = read_parameters(call);
	if (fault == NULL)
		fault = wire_object_own_fault(call->message);
	if (fault != NULL)
		control_invalid(call, fault);
	else
		dispatch(call, method, parameters);
}

void
call_start(struct client *client, const char *json, size_t size)
{
	struct control_call *call;
	struct wire_object *message;
	struct buf reason = {0};

	if (wire_object_parse(json, size, &message, &reason) < 0) {
		client_refuse(
		    client, "org.gazetted.BadMessage", "message", buf_text(&reason));
		buf_done(&reason);
		return;
	}
	call = xcalloc(1, sizeof(*call));
	call->client = client;
	call->message = message;
	begin(call);
}

/* -- What a method asks ------------------------------------------------------- */

bool
control_wants_more(const struct control_call *call)
{
	return call->more;
}

bool
control_oneway(const struct control_call *call)
{
	return call->oneway;
}

bool
control_has_room(const struct control_call *call)
{
	return client_out(call->client) < LIMIT_OUTPUT_LOW;
}

enum control_role
control_role(const struct control_call *call)
{
	return call->client->role;
}

uid_t
control_uid(const struct control_call *call)
{
	return call->client->uid;
}

void
control_set_state(struct control_call *call, void *state)
{
	call->state = state;
}

void *
control_state(const struct control_call *call)
{
	return call->state;
}

const char *
control_role_name(enum control_role role)
{
	static const char *const names[] = {"reader", "writer", "admin"};

	return names[role];
}
