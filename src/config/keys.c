/* SPDX-License-Identifier: ISC */
#include "config/keys.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/unicode.h"
#include "model/settings.h"

/* Lists are written as pairs: see value.c. */
#define IS_PAIR(type, list, number)                                        \
	_Static_assert(offsetof(type, number) ==                           \
		offsetof(type, list) + offsetof(struct value_list, count), \
	    "a list and its count are neighbours")
IS_PAIR(struct feed_settings, tags, tag_count);
IS_PAIR(struct settings, keep, keep_count);

/* Intervals of a second or two are for tests and servers of one's own; POLLING
 * keeps public addresses above a minute. */
#define SHORTEST 100
#define LONGEST (366 * MSEC_PER_DAY)

/* What a feed can have of its own and [fetch] gives to all. */
#define FETCH_OPTIONS                                                               \
	KEY("timeout", VALUE_DURATION, timeout, MSEC_PER_SEC, MSEC_PER_HOUR, NULL), \
	    KEY("max-body", VALUE_SIZE, max_body, 1024, LIMIT_CONFIG_BODY, NULL),   \
	    KEY("max-items", VALUE_NUMBER, max_items, 1, LIMIT_ITEMS, NULL),        \
	    FILE_KEY("allow-private", VALUE_PRIVATE, allow_private, true),          \
	    KEY("user-agent", VALUE_TOKEN, user_agent, 0, 0, NULL),                 \
	    KEY("header", VALUE_HEADER, header, 0, 0, NULL),                        \
	    KEY("cookie", VALUE_TOKEN, cookie, 0, 0, NULL),                         \
	    KEY("proxy", VALUE_PROXY, proxy, 0, 0, NULL),                           \
	    KEY("credential", VALUE_NAME, credential, 0, 0, NULL),                  \
	    FILE_KEY("ca-file", VALUE_PATH, ca_file, true),                         \
	    FILE_KEY("client-cert", VALUE_PATH, client_cert, true),                 \
	    FILE_KEY("insecure", VALUE_CHOICE, insecure, true),                     \
	    KEY("http-version", VALUE_WORD, http_version, 0, 0, "auto 1.1 2")

#define KEY(name, kind, field, low, high, words) \
	{name, {kind, low, high, words}, AT(field), true, false}
#define LATER(name, kind, field, low, high, words) \
	{name, {kind, low, high, words}, AT(field), false, false}
#define FILE_KEY(name, kind, field, available) \
	{name, {kind, 0, 0, NULL}, AT(field), available, true}

static const struct key fetch_keys[] = {
#define AT(field) offsetof(struct settings, fetch.field)
    FETCH_OPTIONS,
#undef AT
#define AT(field) offsetof(struct settings, field)
    KEY("user-agent-contact", VALUE_TOKEN, user_agent_contact, 0, 0, NULL),
    KEY("concurrency", VALUE_NUMBER, concurrency, 1, 1024, NULL),
    KEY("per-host", VALUE_NUMBER, per_host, 1, 1024, NULL),
    KEY("per-host-pause", VALUE_DURATION, per_host_pause, 0, MSEC_PER_HOUR, NULL),
    KEY("per-feed-limits", VALUE_HOSTS, per_feed_limits, 0, 0, NULL),
    KEY("no-revalidate", VALUE_HOSTS, no_revalidate, 0, 0, NULL),
    KEY("no-proxy", VALUE_HOSTS, no_proxy, 0, 0, NULL),
};

static const struct key schedule_keys[] = {
    KEY("interval", VALUE_INTERVAL, interval, SHORTEST, LONGEST, NULL),
    KEY("min-interval", VALUE_DURATION, min_interval, SHORTEST, LONGEST, NULL),
    KEY("max-interval", VALUE_DURATION, max_interval, SHORTEST, LONGEST, NULL),
    KEY("first-interval", VALUE_DURATION, first_interval, SHORTEST, LONGEST, NULL),
    KEY("manual-min", VALUE_DURATION, manual_min, 0, LONGEST, NULL),
    KEY("unconditional", VALUE_DURATION, unconditional, SHORTEST, LONGEST, NULL),
    KEY("retry-after-max", VALUE_DURATION, retry_after_max, SHORTEST, LONGEST, NULL),
    KEY("throttle-wait", VALUE_DURATION, throttle_wait, SHORTEST, LONGEST, NULL),
    KEY("learn-after", VALUE_DURATION, learn_after, 0, LONGEST, NULL),
    KEY("start-spread", VALUE_DURATION, start_spread, 0, MSEC_PER_DAY, NULL),
    KEY("revalidate", VALUE_DURATION, revalidate, SHORTEST, LONGEST, NULL),
    KEY("move-after", VALUE_DURATION, move_after, 0, LONGEST, NULL),
    KEY("gone-after", VALUE_DURATION, gone_after, 0, LONGEST, NULL),
};

static const struct key daemon_keys[] = {
    KEY("log-level", VALUE_LOG_LEVEL, log_level, 0, 0, NULL),
    LATER("metrics-file", VALUE_PATH, metrics_file, 0, 0, NULL),
};

static const struct key control_keys[] = {
    KEY("group", VALUE_NAME, group, 0, 0, NULL),
    KEY("admin-group", VALUE_NAME, admin_group, 0, 0, NULL),
    KEY("max-clients", VALUE_NUMBER, max_clients, LIMIT_CLIENTS_RESERVED + 1, 10000,
	NULL),
    KEY("max-clients-per-uid", VALUE_NUMBER, max_clients_per_uid, 1, 10000, NULL),
};

static const struct key dedup_keys[] = {
    KEY("level", VALUE_LEVEL, dup_level, 0, 3, NULL),
    KEY("read", VALUE_WORD, dup_read, 0, 0, "all copy url off"),
    KEY("window", VALUE_DURATION, dup_window, MSEC_PER_HOUR, LONGEST, NULL),
};

static const struct key retention_keys[] = {
    LATER("keep", VALUE_KEEP, keep, 0, 0, NULL),
};
#undef AT

static const struct key feed_keys[] = {
#define AT(field) offsetof(struct feed_settings, field)
    KEY("url", VALUE_FEED_URL, url, 0, 0, NULL),
    KEY("tags", VALUE_TAGS, tags, 0, 0, NULL),
#undef AT
#define AT(field) offsetof(struct feed_settings, options.field)
    KEY("title", VALUE_TEXT, title, 0, 0, NULL),
    KEY("enabled", VALUE_NOT, disabled, 0, 0, NULL),
    KEY("interval", VALUE_INTERVAL, interval, SHORTEST, LONGEST, NULL),
    KEY("min-interval", VALUE_DURATION, min_interval, SHORTEST, LONGEST, NULL),
    FETCH_OPTIONS,
    KEY("identity", VALUE_WORD, identity, 0, 0, "auto guid link title content"),
    KEY("edits", VALUE_WORD, edits, 0, 0, "silent significant unread ignore"),
    KEY("rate-group", VALUE_NAME, rate_group, 0, 0, NULL),
    KEY("dup-level", VALUE_LEVEL, dup_level, 0, 3, NULL),
    KEY("dup-read", VALUE_WORD, dup_read, 0, 0, "all copy url off"),
#undef AT
};

static const struct key rate_keys[] = {
#define AT(field) offsetof(struct rate_settings, field)
    KEY("pause", VALUE_DURATION, pause, 1, MSEC_PER_DAY, NULL),
#undef AT
};

static const struct key query_keys[] = {
#define AT(field) offsetof(struct query_settings, field)
    LATER("query", VALUE_QUERY, query, 0, 0, NULL),
#undef AT
};

static const struct key rule_keys[] = {
#define AT(field) offsetof(struct rule_settings, field)
    LATER("when", VALUE_QUERY, when, 0, 0, NULL),
    LATER("then", VALUE_ACTIONS, then, 0, 0, NULL),
    LATER("until", VALUE_UNTIL, until, 0, 0, NULL),
#undef AT
};

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])
static const struct section sections[] = {
    {"fetch", SECTION_SETTINGS, true, KEYS(fetch_keys)},
    {"schedule", SECTION_SETTINGS, true, KEYS(schedule_keys)},
    {"retention", SECTION_SETTINGS, false, KEYS(retention_keys)},
    {"daemon", SECTION_SETTINGS, true, KEYS(daemon_keys)},
    {"control", SECTION_SETTINGS, true, KEYS(control_keys)},
    {"dedup", SECTION_SETTINGS, true, KEYS(dedup_keys)},
    {"feed", SECTION_FEED, true, KEYS(feed_keys)},
    {"rate", SECTION_RATE, true, KEYS(rate_keys)},
    {"query", SECTION_QUERY, false, KEYS(query_keys)},
    {"rule", SECTION_RULE, false, KEYS(rule_keys)},
};
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))
#define KEYS_MAX 32 /* of one section */

const struct section *
keys_section(const char *name)
{
	size_t i;

	for (i = 0; i < SECTION_COUNT; i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

const struct section *
keys_section_at(size_t i)
{
	return i < SECTION_COUNT ? &sections[i] : NULL;
}

const struct key *
keys_find(const struct section *section, const char *name)
{
	size_t i;

	for (i = 0; i < section->key_count; i++) {
		if (strcmp(section->keys[i].name, name) == 0)
			return &section->keys[i];
	}
	return NULL;
}

/* "; did you mean NAME?", or all there is. */
static void
advise(const char *name, const char *const *names, size_t count, struct buf *reason)
{
	const char *near = nearest_name(name, names, count);
	size_t i;

	if (near != NULL) {
		buf_printf(reason, "; did you mean %s?", near);
		return;
	}
	buf_puts(reason, "; there are");
	for (i = 0; i < count; i++)
		buf_printf(reason, " %s", names[i]);
}

void
keys_unknown_section(const char *name, struct buf *reason)
{
	const char *names[SECTION_COUNT];
	char shown[LOG_QUOTE];
	size_t i;

	for (i = 0; i < SECTION_COUNT; i++)
		names[i] = sections[i].name;
	buf_printf(reason, "unknown section [%s]", log_quote(name, shown));
	advise(name, names, SECTION_COUNT, reason);
}

void
keys_unknown(const struct section *section, const char *name, struct buf *reason)
{
	const char *names[KEYS_MAX];
	char shown[LOG_QUOTE];
	size_t i;

	_Static_assert(sizeof(feed_keys) / sizeof(feed_keys[0]) <= KEYS_MAX,
	    "the longest table fits");
	buf_printf(reason, "unknown key '%s' in [%s]", log_quote(name, shown),
	    section->name);
	for (i = 0; i < SECTION_COUNT; i++) {
		if (keys_find(&sections[i], name) != NULL) {
			buf_printf(
			    reason, "; it belongs into [%s]", sections[i].name);
			return;
		}
	}
	for (i = 0; i < section->key_count; i++)
		names[i] = section->keys[i].name;
	advise(name, names, section->key_count, reason);
}

/* A value of any length, told in a line. */
static void
put_assignment(const struct key *key, const char *value, struct buf *reason)
{
	char cut[64], shown[LOG_QUOTE];
	size_t size = strlen(value), keep = unicode_cut(value, size, 56);

	memcpy(cut, value, keep);
	strcpy(cut + keep, keep < size ? "..." : "");
	buf_printf(reason, "%s = %s: ", key->name, log_quote(cut, shown));
}

int
keys_set(const struct section *section, const struct key *key, void *base,
    const char *value, struct arena *arena, struct buf *reason)
{
	size_t start = reason->len;
	int r;

	put_assignment(key, value, reason);
	r = value_read(&key->rule, value, (char *)base + key->offset, arena, reason);
	if (r < 0)
		return r;
	if (section->available && !key->available) {
		buf_printf(reason,
		    "%s is not available in this version; take it out", key->name);
		return -EINVAL;
	}
	reason->len = start;
	if (reason->data != NULL)
		reason->data[start] = '\0';
	return 0;
}
