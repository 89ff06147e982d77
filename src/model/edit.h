/* SPDX-License-Identifier: ISC */
#ifndef MODEL_EDIT_H
#define MODEL_EDIT_H

/*
 * What a user or a configuration asks the store to change, and what came of it.
 * Plain structs; strings are the asker's until the callback has run.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "model/settings.h"

enum edit_kind {
	EDIT_SYNC_FEEDS, /* make the feeds of files those of `settings` */
	EDIT_ADD_FEED,   /* feed, user_options */
	EDIT_SET_FEED, /* feed_ref, set/unset: url, title, tags, enabled, options */
	EDIT_REMOVE_FEED,  /* feed_ref, purge_items: archive by default */
	EDIT_MODIFY_ITEMS, /* query or ids, add, remove, all, dry_run */
	EDIT_UNDO,         /* token, or NULL: the caller's last */
	EDIT_QUARANTINE,   /* feed_id, reason: a document that killed the fetcher */
	EDIT_FORGIVE, /* feed_id, failures: those left when an outage is known */
	EDIT_HOLD, /* held_too: feeds that a host's hold holds, a JSON array; due */
	EDIT_SPLIT_ITEM, /* ids[0] leaves its story */
	EDIT_JOIN_ITEMS, /* the stories of ids[0] and ids[1] become one */
	EDIT_MOVE,       /* feed_id, url; title, ids (hashes of guids): that there is
			    * the same feed, else -EEXIST.  `all`: no feed was ever
			    * at its own address, so that any will do; `due` is next */
	EDIT_UNDO_MOVE,  /* feed_ref: back to its own address, for good */
};

struct edit {
	enum edit_kind kind;
	uid_t uid;  /* who asks: Undo without a token is the caller's own */
	msec_t now; /* wall */
	const struct settings *settings;
	/* A feed: `feed_ref` is an id or a name; the rest as wanted. */
	const char *feed_ref;
	int64_t feed_id;
	const char *name, *url, *title;
	const char *const *tags;
	size_t tag_count;
	const char
	    *options_json; /* an object of key: value texts (CONTRACT 2's keys) */
	const char *const *unset;
	size_t unset_count;
	bool purge_items;
	/* Items */
	const char *query; /* text; NULL with ids */
	const int64_t *ids;
	size_t id_count;
	bool all, dry_run;
	const char *const *add,
	    *const *remove; /* tags and the states read, starred, hidden */
	size_t add_count, remove_count;
	const char *token;
	const char *reason, *held_too;
	msec_t due;
	unsigned failures;
};

/* 0: done.  -ENOENT: no such feed, item or token (`message` says which).
 * -EEXIST: Conflict.  -EINVAL: bad query (`position`) or value.  -EROFS, -ENOSPC,
 * -EIO: the database could not take it. */
/* One line of text. */
struct edit_note {
	const char *text;
	bool warns; /* somebody should do something about it */
};

struct edit_result {
	int error;
	const char *message; /* for people */
	int position;        /* of a query fault, in characters; -1: none */
	int64_t feed_id;
	int64_t matched, changed;
	bool others; /* it changed which of the feeds with one address is fetched */
	int64_t story;                 /* of the item split or joined */
	const char *undo;              /* token */
	const struct edit_note *notes; /* what it did, beside what was asked for */
	size_t note_count;
};

/* What a commit tells the loop. */
struct commit {
	int error; /* 0; else as in struct edit_result, and nothing was stored */
	const char *message;
	int64_t feed_id;
	int64_t head; /* highest event seq now */
	unsigned new_items, updated_items;
};

#endif
