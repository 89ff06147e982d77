/* SPDX-License-Identifier: ISC */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

/*
 * Messages: frames between the two processes, and the control protocol's JSON.
 * Decoding checks every size, count and string (UTF-8, no NUL) once; what is
 * received is hostile.  Pure; any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "model/batch.h"
#include "model/feed.h"
#include "model/request.h"

/* -- Frames: u32 length of the rest, u8 type, payload; little endian ---------- */

enum wire_type {
	WIRE_REQUEST = 1, /* to the fetcher */
	WIRE_CANCEL,      /* to: i64 job */
	WIRE_SETTINGS,    /* to, first: struct wire_settings */
	WIRE_READY, /* from: text, what of the sandbox is missing ("" when whole) */
	WIRE_BATCH, /* from: the result of a job */
	WIRE_LOG,   /* from: u8 level, text */
	WIRE_HEARTBEAT, /* from */
	WIRE_WAITS,     /* from: i64 job; for its host's name, or its turn to dial */
	WIRE_GOES,      /* from: i64 job; not any more */
	WIRE_DIALS,     /* to: i64; so many may dial at once from here on */
	WIRE_FRESH,     /* to: kept connections may be dead: dial anew */
	WIRE_STOP       /* to: finish nothing, exit */
};

#define WIRE_HEAD 5
/* 1: a whole frame is at `data` (its type, payload and total size); 0: not yet;
 * -EBADMSG: longer than LIMIT_FRAME_BYTES or of no known type. */
int wire_frame(const char *data, size_t size, enum wire_type *ret_type,
    const char **ret_payload, size_t *ret_payload_size, size_t *ret_total);

struct wire_settings {
	const char *user_agent, *proxy, *no_proxy, *http_version, *ca_file,
	    *database, *socket;
	uint32_t concurrency;
	enum log_level log_level;
};

/* Each appends one whole frame. */
void wire_put_settings(const struct wire_settings *settings, struct buf *out);
void wire_put_request(const struct request *request, struct buf *out);
void wire_put_batch(const struct batch *batch, struct buf *out);
void wire_put_log(enum log_level level, const char *text, struct buf *out);
void wire_put_text(
    enum wire_type type, const char *text, struct buf *out); /* READY */
void wire_put_number(
    enum wire_type type, int64_t number, struct buf *out); /* CANCEL, ... */
void wire_put_empty(enum wire_type type, struct buf *out); /* HEARTBEAT, STOP */

/* 0, or -EBADMSG.  Strings are lent from `payload` (each ends with a NUL there). */
int wire_get_settings(const char *payload, size_t size, struct wire_settings *ret);
/* Lists of the request go into `arena`. */
int wire_get_request(
    const char *payload, size_t size, struct arena *arena, struct request *ret);
/* The batch owns `payload` (malloc'd) when 0 is returned, and frees it. */
int wire_get_batch(char *payload, size_t size, struct batch **ret_batch);
int wire_get_log(const char *payload, size_t size, enum log_level *ret_level,
    const char **ret_text);
int wire_get_text(const char *payload, size_t size, const char **ret_text);
int wire_get_number(const char *payload, size_t size, int64_t *ret_number);

/* -- The control protocol ---------------------------------------------------- */

/* Objects of CONTRACT 5 and org.gazetted.varlink: `key` as in base/jsonw.h.
 * `fields`: enum store_fields' bits for text, html, raw (1, 2, 4). */
void wire_item(
    struct jsonw *w, const char *key, const struct item_row *item, unsigned fields);
void wire_feed(struct jsonw *w, const char *key, const struct feed_row *feed);
/* `uuid`: the database's, for the cursor. */
void wire_event(struct jsonw *w, const char *key, const struct event_row *event,
    const char *uuid, unsigned fields);

#define WIRE_CURSOR 64
/* g1.<uuid8>.<seq> (SOCKET 5). */
const char *wire_cursor(const char *uuid, int64_t seq, char text[WIRE_CURSOR]);
/* 0; -EINVAL: no cursor at all; -EXDEV: of another database. */
int wire_cursor_parse(const char *text, const char *uuid, int64_t *ret_seq);

/* A parsed JSON object from a client or the daemon: type-checked access.  One
 * thread an object. */
struct wire_object;
/* Depth at most LIMIT_MESSAGE_DEPTH.  0, or -EBADMSG with what is wrong. */
int wire_object_parse(const char *json, size_t size, struct wire_object **ret_object,
    struct buf *reason);
void wire_object_free(struct wire_object *object);
/* Members: NULL, 0 or false and return false when absent or null; a wrong type is
 * remembered, see wire_object_fault. */
bool wire_object_text(
    struct wire_object *object, const char *key, const char **ret_text);
bool wire_object_int(
    struct wire_object *object, const char *key, int64_t *ret_number);
bool wire_object_bool(struct wire_object *object, const char *key, bool *ret_value);
/* Arrays into `arena`. */
bool wire_object_texts(struct wire_object *object, const char *key,
    struct arena *arena, const char *const **ret_list, size_t *ret_count);
bool wire_object_ints(struct wire_object *object, const char *key,
    struct arena *arena, const int64_t **ret_list, size_t *ret_count);
/* A member object; owned by `object`. */
bool wire_object_object(
    struct wire_object *object, const char *key, struct wire_object **ret_member);
/* Array of objects: element `index`; false past its end. */
bool wire_object_element(struct wire_object *object, const char *key, size_t index,
    struct wire_object **ret_member);
/* Any member as compact JSON, appended. */
bool wire_object_json(struct wire_object *object, const char *key, struct buf *out);
/* The keys in order: NULL past the end. */
const char *wire_object_key(struct wire_object *object, size_t index);
/* The first member of a wrong type, or that was never asked for (unknown): its
 * name, or NULL.  Call last (SOCKET 4: unknown request fields are an error). */
const char *wire_object_fault(struct wire_object *object);
/* The same of its own members alone, not of the objects that it holds. */
const char *wire_object_own_fault(struct wire_object *object);

/* org.gazetted's and org.varlink.service's interface descriptions, as text. */
extern const char wire_interface_gazetted[];
extern const char wire_interface_service[];

#endif
