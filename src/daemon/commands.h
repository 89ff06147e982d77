/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

/*
 * The methods of org.gazetted: the table that control calls, and what the
 * commands_*.c files share.  Each subject has its file.  Loop thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "control/control.h"
#include "daemon/daemon.h"
#include "model/edit.h"
#include "model/feed.h"
#include "model/settings.h"
#include "store/store.h"

struct jsonw;
struct schedule_refusal;

extern const struct control_method commands_methods[];
extern const size_t commands_method_count;

/* The parameters were all asked for and of the right type; else the call has
 * ended with InvalidParameter. */
bool commands_take(struct control_call *call, struct wire_object *parameters);
/* InvalidParameter, with what is wrong and what to do. */
void commands_refuse(
    struct control_call *call, const char *parameter, const char *message);
void commands_not_found(struct control_call *call, const char *what);
/* The typed error for what went wrong in the store. */
void commands_query_failed(struct control_call *call, const struct store_end *end);
void commands_edit_failed(
    struct control_call *call, const struct edit_result *result);
/* Busy: ask again after `wait`. */
void commands_busy(struct control_call *call, msec_t wait, const char *message);
/* Why it is not asked now: for people (free it), and as members of the reply. */
char *commands_refusal_words(const struct schedule_refusal *refusal);
void commands_put_refusal(struct jsonw *w, const struct schedule_refusal *refusal);
/* {} */
void commands_end_empty(struct control_call *call);
/* "fields" as enum store_fields' bits; false: the call has ended. */
bool commands_fields(
    struct control_call *call, struct wire_object *parameters, unsigned *ret_fields);

/* Encoders, for reader threads: `arg` is a struct view.  Each row is a parameters
 * object, ended by NUL. */
void commands_encode_item(void *arg, const struct row *row, struct buf *out);
void commands_encode_feed(void *arg, const struct row *row, struct buf *out);

/* commands_status.c */
void commands_status_gone(struct control_call *call, void *arg);
void commands_status_get(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_reload(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_reload_gone(struct control_call *call, void *arg);
struct status *commands_status_new(struct daemon *daemon);
void commands_status_free(struct status *status);
/* What STATUS= says, now and again. */
void commands_status_refresh(struct status *status);

/* commands_list.c */
void commands_list_feeds(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_list_items(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_list_writable(struct control_call *call, void *arg);
void commands_list_gone(struct control_call *call, void *arg);
void commands_item_get(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_story_get(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_count_items(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_explain_feed(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_once_gone(struct control_call *call, void *arg);

/* commands_edit.c */
void commands_set_feed(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_remove_feed(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_modify_items(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_split_item(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_join_items(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_undo(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_edit_gone(struct control_call *call, void *arg);
/* A map of option texts: checked, and as JSON.  False: the call has ended. */
bool commands_check_options(
    struct control_call *call, struct wire_object *options, const char *parameter);

/* commands_add.c */
void commands_add_feed(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_add_gone(struct control_call *call, void *arg);
/* The member "url", an address that may be fetched; false: the call has ended. */
bool commands_take_address(
    struct control_call *call, struct wire_object *parameters, const char **ret_url);
/* A map that commands_check_options found good; texts into `arena`. */
void commands_take_options(struct wire_object *options, struct arena *arena,
    struct feed_options *ret_options);

/* commands_probe.c */
void commands_probe_feed(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_probe_gone(struct control_call *call, void *arg);

/* commands_fetch.c */
void commands_fetch(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_fetch_gone(struct control_call *call, void *arg);

/* commands_hosts.c */
void commands_list_hosts(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_undo_move(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_undo_move_gone(struct control_call *call, void *arg);

/* commands_backfill.c */
void commands_backfill(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_backfill_gone(struct control_call *call, void *arg);

/* commands_follow.c */
void commands_follow(
    struct control_call *call, struct wire_object *parameters, void *arg);
void commands_follow_writable(struct control_call *call, void *arg);
void commands_follow_gone(struct control_call *call, void *arg);
/* Something was committed: those that wait look again. */
void commands_follow_wake(struct daemon *daemon);

#endif
