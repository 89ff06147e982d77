/* SPDX-License-Identifier: ISC */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

/*
 * The Varlink server: framing, limits, peer credentials, back-pressure per
 * client (SOCKET 4).  Knows neither feeds nor SQL: the wiring brings a table of
 * methods.  Thread: the event loop's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "wire/wire.h"

struct event_base;
struct control;
struct control_call; /* one call being answered */

enum control_role { CONTROL_READER, CONTROL_WRITER, CONTROL_ADMIN };

/* The callbacks may end their call, or any other. */
struct control_method {
	const char *name;       /* "org.gazetted.ListItems" */
	enum control_role role; /* the least that may call it */
	bool must_more; /* ExpectedMore without "more"; a stream, never closed for
			 * being slow */
	/* Starts answering.  `parameters` lives until control_end or control_fail.
	 * What keeps the call going is set by control_set_state. */
	void (*start)(
	    struct control_call *call, struct wire_object *parameters, void *arg);
	/* What was added is sent but for less than LIMIT_OUTPUT_LOW, and the call has
	 * not ended: go on.  Asked once after each addition; a call that starts with
	 * room is not asked before it has added something.  NULL: never asked. */
	void (*writable)(struct control_call *call, void *arg);
	/* The client went away before the end, or broke the rules; free the state.
	 * Told once, and never after control_end or control_fail.  NULL: nothing to
	 * do. */
	void (*gone)(struct control_call *call, void *arg);
};

struct control_options {
	const char *const
	    *interfaces; /* pairs: name, description; NULL-terminated */
	const char *vendor, *product, *version, *url; /* GetInfo */
	const struct control_method *methods;
	size_t method_count;
	uid_t service_uid;                         /* admin, with root */
	const char *group, *admin_group;           /* writer, admin; NULL: none */
	uint32_t max_clients, max_clients_per_uid; /* 0: as base/limits.h says */
	msec_t idle, stall; /* 0: LIMIT_IDLE_MSEC, LIMIT_STALL_MSEC */
};

/* The tables and strings of `options` must live as long as the control, but for
 * the groups' names.
 * `fd` listens already and is the control's when 0 is returned.  Several may be
 * added by control_listen.  0, or -errno. */
int control_new(struct event_base *base, int fd,
    const struct control_options *options, void *arg, struct control **ret_control);
int control_listen(struct control *control, int fd);
/* Closes every connection; not out of a callback.  NULL is fine. */
void control_free(struct control *control);
/* What [control] can change at a reload; for connections from now on. */
void control_configure(struct control *control, const char *group,
    const char *admin_group, uint32_t max_clients, uint32_t max_clients_per_uid);
/* Stop accepting and reading; running calls may end, and then their connections
 * close. */
void control_stop(struct control *control);
size_t control_clients(const struct control *control);

/* One reply that others follow: `json` is the parameters object.  Only on calls
 * with "more"; otherwise use control_end. */
void control_row(struct control_call *call, const char *json, size_t size);
/* Several replies at once: `json` holds the parameters objects, each ended by NUL. */
void control_rows(struct control_call *call, const char *json, size_t size);
/* The last (or only) reply; the call is gone. */
void control_end(struct control_call *call, const char *json, size_t size);
/* A typed error; the call is gone.  `error`: "org.gazetted.NotFound".  `json`: its
 * parameters object, or NULL. */
void control_fail(struct control_call *call, const char *error, const char *json);
/* org.varlink.service.InvalidParameter. */
void control_invalid(struct control_call *call, const char *parameter);
/* org.gazetted's errors by what happened, with a message. */
void control_fail_text(struct control_call *call, const char *error,
    const char *member, const char *text);

bool control_wants_more(const struct control_call *call);
bool control_oneway(const struct control_call *call);
bool control_has_room(const struct control_call *call); /* below LIMIT_OUTPUT_LOW */
enum control_role control_role(const struct control_call *call);
uid_t control_uid(const struct control_call *call);
void control_set_state(struct control_call *call, void *state);
void *control_state(const struct control_call *call);
const char *control_role_name(enum control_role role);

#endif
