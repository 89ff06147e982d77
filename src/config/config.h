/* SPDX-License-Identifier: ISC */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

/*
 * INI text -> settings (CONTRACT 2).  Every fault is found in one pass and told
 * as "FILE:LINE: what and what to do"; with any fault there are no settings.
 * Pure but for config_read, which reads files.  Any thread.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/settings.h"

/* Called for each fault, in order of file and line; `line` 0: the file itself. */
typedef void config_fault_fn(
    const char *file, unsigned line, const char *message, void *arg);

/* Reads `file` and then the files of `file`.d/ that end in .conf, in name order:
 * gazetted.conf has gazetted.conf.d.  A missing `file` is a fault only when
 * `must_exist`.  0 and the settings, or -EINVAL after at least one fault. */
int config_read(const char *file, bool must_exist, config_fault_fn *fault, void *arg,
    struct settings **ret_settings);
void config_free(struct settings *settings); /* NULL is fine */
/* What the sections of `new` have that those of `old` had not, by their names; feeds
 * left out.  A line for each. */
void config_changes(
    const struct settings *old, const struct settings *new, struct buf *lines);

/* The same from text, for tests and fuzzers. */
int config_parse(const char *name, const char *text, size_t size,
    config_fault_fn *fault, void *arg, struct settings **ret_settings);

/* One feed key of CONTRACT 2 (url, title, tags, interval, ...) as AddFeed and
 * SetFeed bring it.  0, or -EINVAL with what is wrong and what to do appended to
 * `reason`; -EPERM for keys that only a file may set.  Checks alone: the store
 * keeps the text. */
int config_check_feed_key(const char *key, const char *value, struct buf *reason);
/* A feed name: letters, digits, '.', '_', '-', not digits alone. */
bool config_is_feed_name(const char *name);
bool config_is_tag(const char *tag); /* and none of the reserved names */
/* A feed without options of its own. */
void config_init_options(struct feed_options *options);
/* Applies a checked key to `options` (strings into `arena`).  0; -EINVAL when it
 * was not one; -ENOENT for url and tags, which are no options. */
int config_apply_feed_key(struct feed_options *options, struct arena *arena,
    const char *key, const char *value);

#endif
