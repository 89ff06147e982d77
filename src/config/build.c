/* SPDX-License-Identifier: ISC */
#include "config/build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "config/ini.h"
#include "config/valid.h"

/* What a key has when nothing is said, and again after an empty value. */
static const struct settings default_settings = {
    .concurrency = 64,
    .per_host = 1,
    .per_host_pause = MSEC_PER_SEC,
    .fetch = {.timeout = 60 * MSEC_PER_SEC,
	.max_body = LIMIT_BODY_BYTES,
	.max_items = LIMIT_ITEMS_KEPT,
	.allow_private = "no",
	.dup_level = -1},
    .min_interval = 15 * MSEC_PER_MIN,
    .max_interval = MSEC_PER_DAY,
    .first_interval = MSEC_PER_HOUR,
    .manual_min = 5 * MSEC_PER_MIN,
    .unconditional = 6 * MSEC_PER_HOUR,
    .revalidate = 8 * MSEC_PER_DAY,
    .move_after = 2 * MSEC_PER_DAY,
    .gone_after = MSEC_PER_DAY,
    .retry_after_max = 7 * MSEC_PER_DAY,
    .throttle_wait = 15 * MSEC_PER_MIN,
    .learn_after = MSEC_PER_DAY,
    .start_spread = 10 * MSEC_PER_MIN,
    .log_level = LOG_LEVEL_INFO,
    .group = "gazette",
    .admin_group = "gazette-admin",
    .max_clients = LIMIT_CLIENTS,
    .max_clients_per_uid = LIMIT_CLIENTS_PER_UID,
    .dup_level = 3,
    .dup_read = "all",
    .dup_window = 7 * MSEC_PER_DAY,
};
static const struct entry default_entry;
static const struct entry default_feed = {.feed.options.dup_level = -1};

void
config_init_options(struct feed_options *options)
{
	*options = default_feed.feed.options;
}

void
build_begin(struct build *build)
{
	size_t i;

	memset(build, 0, sizeof(*build));
	build->arena = arena_new(LIMIT_CONFIG_ARENA);
	build->settings = arena_alloc(build->arena, sizeof(*build->settings));
	*build->settings = default_settings;
	build->settings->arena = build->arena;
	for (i = 0; i <= SECTION_RULE; i++)
		build->entries[i].by_name = map_new();
}

void
build_fault(struct build *build, struct place at, const char *format, ...)
{
	struct fault *fault;
	char *message;
	va_list ap;
	int size;

	if (build->fault_count > LIMIT_CONFIG_FAULTS)
		return; /* build_settle says so */
	va_start(ap, format);
	size = vasprintf(&message, format, ap);
	va_end(ap);
	if (size < 0)
		message = xstrdup("a fault that there was no memory to describe");
	if (build->fault_count == build->fault_room) {
		build->fault_room = build->fault_room * 2 + 16;
		build->faults = xrealloc(
		    build->faults, build->fault_room * sizeof(*build->faults));
	}
	fault = &build->faults[build->fault_count];
	*fault = (struct fault){
	    .at = at, .order = (unsigned)build->fault_count, .message = message};
	build->fault_count++;
}

static unsigned
add_file(struct build *build, const char *name)
{
	if (build->file_count == build->file_room) {
		build->file_room = build->file_room * 2 + 8;
		build->files =
		    xrealloc(build->files, build->file_room * sizeof(*build->files));
	}
	build->files[build->file_count] = arena_strdup(build->arena, name);
	return (unsigned)build->file_count++;
}

void
build_file_fault(struct build *build, const char *name, const char *message)
{
	build_fault(
	    build, (struct place){.file = add_file(build, name)}, "%s", message);
}

const struct place *
build_place(const struct build *build, const char *section, const char *key)
{
	const struct key *wanted = keys_find(keys_section(section), key);
	size_t i;

	for (i = 0; i < build->place_count; i++) {
		if (build->places[i].key == wanted)
			return &build->places[i].at;
	}
	return NULL;
}

static void
note_place(struct build *build, const struct key *key, struct place at)
{
	size_t i;

	if (build->entry != NULL) {
		if (key->rule.kind == VALUE_INTERVAL)
			build->entry->interval_at = at;
		return;
	}
	for (i = 0; i < build->place_count && build->places[i].key != key; i++)
		;
	if (i == BUILD_PLACES)
		return;
	build->places[i].key = key;
	build->places[i].at = at;
	if (i == build->place_count)
		build->place_count++;
}

/* The name in the section's struct, which all kinds have first. */
static void
set_name(struct build *build, struct entry *entry, const char *name)
{
	const char *copy = arena_strdup(build->arena, name);

	switch (build->section->kind) {
	case SECTION_FEED:
		*entry = default_feed;
		entry->feed.name = copy;
		break;
	case SECTION_RATE:
		entry->rate.name = copy;
		break;
	case SECTION_QUERY:
		entry->query.name = copy;
		break;
	case SECTION_RULE:
		entry->rule.name = copy;
		break;
	case SECTION_SETTINGS:
		break;
	}
}

static struct entry *
entry_new(struct build *build, const char *name, struct place at)
{
	struct entries *entries = &build->entries[build->section->kind];
	struct entry *entry = arena_alloc(build->arena, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	set_name(build, entry, name);
	entry->at = at;
	if (build->section->kind == SECTION_FEED)
		entry->feed.origin = arena_printf(
		    build->arena, "%s:%u", build->files[at.file], at.line);
	if (entries->count == entries->room) {
		entries->room = entries->room * 2 + 16;
		entries->items =
		    xrealloc(entries->items, entries->room * sizeof(struct entry *));
	}
	entries->items[entries->count++] = entry;
	(void)map_put_text(entries->by_name, name, entry); /* it was not there */
	return entry;
}

/* NULL, or what a name in this section must be. */
static const char *
name_fault(const struct build *build, const char *name)
{
	static const char advice[] =
	    "letters, digits, '.', '_' and '-', at most 64, not digits alone";

	if (build->section->kind == SECTION_RATE)
		return valid_host(name) ? NULL : "a host or a rate-group";
	return config_is_feed_name(name) ? NULL : advice;
}

static void
open_named(struct build *build, const char *name, struct place at)
{
	const char *kind = build->section->name, *advice;
	char shown[LOG_QUOTE];

	build->entry =
	    map_find_text(build->entries[build->section->kind].by_name, name);
	if (build->entry == NULL && *name == '\0') {
		build_fault(
		    build, at, "[%s] needs a name: write [%s NAME]", kind, kind);
	} else if (build->entry == NULL &&
	    (advice = name_fault(build, name)) != NULL) {
		build_fault(build, at, "[%s %s]: this name cannot be; write %s",
		    kind, log_quote(name, shown), advice);
	} else if (build->entry == NULL) {
		build->entry = entry_new(build, name, at);
		if (build->entry == NULL)
			build_fault(build, at, "the configuration is too large");
	}
	if (build->entry == NULL) {
		build->scratch = default_entry;
		build->entry = &build->scratch;
	}
	build->base = &build->entry->feed; /* all of the union start there */
}

static void
open_section(struct build *build, const char *name, const char *own, struct place at)
{
	struct buf reason = {0};

	build->base = NULL;
	build->entry = NULL;
	build->section = keys_section(name);
	build->passing_over = build->section == NULL;
	if (build->passing_over) {
		keys_unknown_section(name, &reason);
		build_fault(build, at, "%s", buf_text(&reason));
		buf_done(&reason);
		return;
	}
	if (!build->section->available)
		build_fault(build, at,
		    "[%s] is not available in this version; take the section out",
		    name);
	if (build->section->kind != SECTION_SETTINGS) {
		open_named(build, own, at);
		return;
	}
	build->base = build->settings;
	if (*own != '\0')
		build_fault(build, at, "[%s] takes no name: write [%s]", name, name);
}

/* As if nothing had been said; a list is empty then, and says so. */
static void
clear_key(struct build *build, const struct key *key)
{
	const void *from = &default_entry.feed;
	char *field = (char *)build->base + key->offset;
	const char *none = "";

	if (key->rule.kind == VALUE_HOSTS) {
		memcpy(field, &none, sizeof(none));
		return;
	}
	if (build->section->kind == SECTION_SETTINGS)
		from = &default_settings;
	else if (build->section->kind == SECTION_FEED)
		from = &default_feed.feed;
	memcpy(field, (const char *)from + key->offset, value_size(key->rule.kind));
}

/* What a feed's fields cannot say of themselves. */
static void
note_feed(struct entry *entry, const struct key *key, bool said, bool taken)
{
	if (key->rule.kind == VALUE_FEED_URL)
		entry->said_url = said;
	if (key->rule.kind == VALUE_INTERVAL && taken)
		entry->feed.options.has_interval = said;
}

static void
set_key(struct build *build, const char *name, const char *value, struct place at)
{
	const struct key *key = keys_find(build->section, name);
	struct buf reason = {0};
	int r = 0;

	if (key == NULL) {
		keys_unknown(build->section, name, &reason);
		r = -EINVAL;
	} else if (*value != '\0') {
		r = keys_set(
		    build->section, key, build->base, value, build->arena, &reason);
	} else if (!key->available && build->section->available) {
		buf_printf(&reason,
		    "%s is not available in this version; take it out", name);
		r = -EINVAL;
	} else {
		clear_key(build, key);
	}
	if (r < 0)
		build_fault(build, at, "%s", buf_text(&reason));
	else
		note_place(build, key, at);
	if (key != NULL && build->section->kind == SECTION_FEED)
		note_feed(build->entry, key, *value != '\0', r == 0);
	buf_done(&reason);
}

static void
on_line(const struct ini_line *line, void *arg)
{
	struct build *build = arg;
	struct place at = {
	    .file = (unsigned)build->file_count - 1, .line = line->number};

	if (line->kind == INI_FAULT)
		build_fault(build, at, "%s", line->rest);
	else if (line->kind == INI_SECTION)
		open_section(build, line->name, line->rest, at);
	else if (build->base != NULL)
		set_key(build, line->name, line->rest, at);
	else if (!build->passing_over)
		build_fault(build, at,
		    "a key before any section: put [feed NAME], [fetch] or the "
		    "like above it");
}

void
build_file(struct build *build, const char *name, const char *text, size_t size)
{
	(void)add_file(build, name);
	/* A file begins outside any section. */
	build->section = NULL;
	build->base = NULL;
	build->entry = NULL;
	build->passing_over = false;
	ini_read(text, size, on_line, build);
}

static int
by_place(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;

	if (x->at.file != y->at.file)
		return x->at.file < y->at.file ? -1 : 1;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void
tell_faults(struct build *build, config_fault_fn *fault, void *arg)
{
	size_t i, count = build->fault_count;
	const struct fault *f;

	if (count > 0)
		qsort(build->faults, count, sizeof(*build->faults), by_place);
	for (i = 0; i < count && i < LIMIT_CONFIG_FAULTS; i++) {
		f = &build->faults[i];
		fault(build->files[f->at.file], f->at.line, f->message, arg);
	}
	if (count > LIMIT_CONFIG_FAULTS)
		fault(build->files[0], 0,
		    "and more faults than these; mend them first", arg);
}

/* The entries as one array in the arena; NULL when there are none. */
#define COLLECT(build, kind, type, member, array, number)                          \
	do {                                                                       \
		const struct entries *from = &(build)->entries[kind];              \
		size_t n;                                                          \
                                                                                   \
		(array) =                                                          \
		    arena_alloc((build)->arena, (from->count + 1) * sizeof(type)); \
		for (n = 0; (array) != NULL && n < from->count; n++)               \
			(array)[n] = from->items[n]->member;                       \
		(number) = (array) == NULL ? 0 : from->count;                      \
	} while (0)

static void
collect(struct build *build)
{
	struct settings *s = build->settings;
	const char **files;

	COLLECT(build, SECTION_FEED, struct feed_settings, feed, s->feeds,
	    s->feed_count);
	COLLECT(build, SECTION_RATE, struct rate_settings, rate, s->rates,
	    s->rate_count);
	COLLECT(build, SECTION_QUERY, struct query_settings, query, s->queries,
	    s->query_count);
	COLLECT(build, SECTION_RULE, struct rule_settings, rule, s->rules,
	    s->rule_count);
	files = arena_alloc(build->arena, (build->file_count + 1) * sizeof(*files));
	if (files != NULL && build->file_count > 0)
		memcpy(files, build->files, build->file_count * sizeof(*files));
	s->files = files;
	s->file_count = files == NULL ? 0 : build->file_count;
}

static void
done(struct build *build)
{
	size_t i;

	for (i = 0; i < build->fault_count; i++)
		free(build->faults[i].message);
	for (i = 0; i <= SECTION_RULE; i++) {
		map_free(build->entries[i].by_name);
		free(build->entries[i].items);
	}
	free(build->faults);
	free(build->files);
}

int
build_settle(struct build *build, config_fault_fn *fault, void *arg,
    struct settings **ret_settings)
{
	int r = 0;

	build_cross_check(build);
	collect(build);
	if (arena_is_full(build->arena) && build->file_count > 0)
		build_fault(build, (struct place){0},
		    "the configuration is too large for memory");
	if (build->fault_count > 0) {
		tell_faults(build, fault, arg);
		arena_free(build->arena);
		r = -EINVAL;
	} else {
		*ret_settings = build->settings;
	}
	done(build);
	return r;
}
