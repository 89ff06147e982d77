/* SPDX-License-Identifier: ISC */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

/*
 * A configuration that was read without a fault (CONTRACT 2), defaults filled
 * in.  Immutable once built; strings live in its arena.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/choice.h"

/* What one feed can have of its own; zero or NULL: as the sections say. */
struct feed_options {
	const char *title;
	msec_t interval; /* 0: learn, with has_interval */
	msec_t min_interval;
	bool has_interval;
	msec_t timeout;
	int64_t max_body;
	uint32_t max_items;
	const char *allow_private; /* "yes", "no", or a list */
	const char *user_agent, *cookie, *proxy, *credential, *ca_file, *client_cert,
	    *http_version, *identity, *edits, *rate_group, *dup_read;
	const char *header; /* lines, LF between them */
	int dup_level;      /* -1: as [dedup] says */
	enum choice insecure;
	bool disabled;
};

struct feed_settings {
	const char *name, *url;
	const char *origin; /* FILE:LINE of its section */
	const char *const *tags;
	size_t tag_count;
	struct feed_options options;
};

struct rate_settings {
	const char *name; /* the group's, or a host's */
	msec_t pause;
};

/* [query NAME], and [rule NAME]: checked, and of later versions' use. */
struct query_settings {
	const char *name, *query;
};

struct rule_settings {
	const char *name, *when;
	const char *then; /* actions, blank-separated */
	msec_t until;     /* wall; 0: for ever */
};

struct settings {
	struct arena *arena;
	/* [fetch] */
	const char *user_agent_contact; /* NULL: none */
	uint32_t concurrency, per_host;
	msec_t per_host_pause;
	struct feed_options
	    fetch; /* timeout, max_body, max_items, allow_private, ...: the
				    * defaults of every feed */
	const char *per_feed_limits; /* hosts; NULL: the default rule, "": none */
	const char *no_revalidate, *no_proxy;
	/* [schedule] */
	msec_t interval; /* 0: learn */
	msec_t min_interval, max_interval, first_interval, manual_min, unconditional,
	    revalidate, move_after, gone_after, retry_after_max, throttle_wait,
	    learn_after, start_spread;
	/* [daemon] */
	enum log_level log_level;
	const char *metrics_file;
	/* [control] */
	const char *group, *admin_group;
	uint32_t max_clients, max_clients_per_uid;
	/* [dedup] */
	int dup_level;
	const char *dup_read;
	msec_t dup_window;
	/* [feed NAME], [rate NAME] */
	struct feed_settings *feeds;
	size_t feed_count;
	struct rate_settings *rates;
	size_t rate_count;
	/* [query NAME], [rule NAME], [retention] keep lines in order */
	struct query_settings *queries;
	size_t query_count;
	struct rule_settings *rules;
	size_t rule_count;
	const char *const *keep;
	size_t keep_count;
	/* Every file that was read, in order: reload and messages name them. */
	const char *const *files;
	size_t file_count;
};

#endif
