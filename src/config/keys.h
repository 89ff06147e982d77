/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

/*
 * Every section and key of gazetted.conf(5), as tables: what a value is, where
 * it goes, and whether this version has an effect for it.  For this folder.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "config/value.h"

struct key {
	const char *name;
	struct value_rule rule;
	size_t offset;  /* of the field, in the section's struct */
	bool available; /* false: checked, then refused */
	bool file_only; /* of feeds: not over the socket */
};

enum section_kind {
	SECTION_SETTINGS, /* struct settings */
	SECTION_FEED,     /* struct feed_settings */
	SECTION_RATE,     /* struct rate_settings */
	SECTION_QUERY,    /* struct query_settings */
	SECTION_RULE      /* struct rule_settings */
};

struct section {
	const char *name;
	enum section_kind
	    kind; /* all but SECTION_SETTINGS have a name of their own */
	bool available;
	const struct key *keys;
	size_t key_count;
};

/* NULL when there is none of that name; or no more. */
const struct section *keys_section(const char *name);
const struct section *keys_section_at(size_t i);
const struct key *keys_find(const struct section *section, const char *name);
/* What is wrong with an unknown name, and the nearest right one. */
void keys_unknown_section(const char *name, struct buf *reason);
void keys_unknown(
    const struct section *section, const char *name, struct buf *reason);

/* Checks `value` and writes it into `base`, the section's struct.  0, or -EINVAL
 * with "key = value: reason" in `reason`, which also refuses what has no effect
 * in this version. */
int keys_set(const struct section *section, const struct key *key, void *base,
    const char *value, struct arena *arena, struct buf *reason);

#endif
