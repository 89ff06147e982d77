/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

/*
 * Settings while they are read: what the lines have said so far, and the faults
 * found.  For this folder.
 */
#include "base/map.h"
#include "config/config.h"
#include "config/keys.h"

struct place {
	unsigned file; /* of build.files */
	unsigned line; /* 0: the file itself */
};

/* A section with a name of its own. */
struct entry {
	struct place at;          /* its first line */
	struct place interval_at; /* a feed's; line 0: it has none */
	bool said_url;            /* a feed's, right or wrong */
	union {
		struct feed_settings feed;
		struct rate_settings rate;
		struct query_settings query;
		struct rule_settings rule;
	};
};

struct entries {
	struct entry **items; /* in the arena each, so that they stay in place */
	size_t count, room;
	struct map *by_name;
};

struct fault {
	struct place at;
	unsigned order; /* of finding: faults of one line keep it */
	char *message;
};

#define BUILD_PLACES 64 /* more than there are keys of settings */

struct build {
	struct arena *arena;
	struct settings *settings;
	const char **files;
	size_t file_count, file_room;
	struct fault *faults;
	size_t fault_count, fault_room;
	struct entries entries[SECTION_RULE + 1];
	/* Where keys of settings were last set. */
	struct {
		const struct key *key;
		struct place at;
	} places[BUILD_PLACES];
	size_t place_count;
	/* The section being read; base NULL: unknown, its keys are passed over. */
	const struct section *section;
	void *base;
	struct entry *entry;
	struct entry scratch; /* for a section whose name is wrong */
	bool passing_over;    /* an unknown section: told of once */
};

void build_begin(struct build *build);
void build_file(
    struct build *build, const char *name, const char *text, size_t size);
/* A fault of a file as a whole. */
void build_file_fault(struct build *build, const char *name, const char *message);
void build_fault(struct build *build, struct place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Where a key of settings was set; NULL: it has its default. */
const struct place *build_place(
    const struct build *build, const char *section, const char *key);
/* Checks what belongs together, tells the faults, and hands the settings over or
 * frees them.  0, or -EINVAL. */
int build_settle(struct build *build, config_fault_fn *fault, void *arg,
    struct settings **ret_settings);

/* cross.c: what no line alone can show. */
void build_cross_check(struct build *build);

#endif
