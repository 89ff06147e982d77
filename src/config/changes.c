/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "config/config.h"
#include "config/keys.h"

/* "[fetch] changed: timeout max-body", when anything of it is. */
static void
compare_section(const struct section *section, const struct settings *old,
    const struct settings *new, struct buf *lines)
{
	size_t i, before = lines->len;

	for (i = 0; i < section->key_count; i++) {
		const struct key *key = &section->keys[i];

		if (value_is_same(key->rule.kind, (const char *)old + key->offset,
			(const char *)new + key->offset))
			continue;
		if (lines->len == before)
			buf_printf(lines, "[%s] changed:", section->name);
		buf_printf(lines, " %s", key->name);
	}
	if (lines->len > before)
		buf_putc(lines, '\n');
}

static const struct rate_settings *
find_rate(const struct settings *settings, const char *name)
{
	size_t i;

	for (i = 0; i < settings->rate_count; i++) {
		if (strcmp(settings->rates[i].name, name) == 0)
			return &settings->rates[i];
	}
	return NULL;
}

static void
compare_rates(
    const struct settings *old, const struct settings *new, struct buf *lines)
{
	const struct rate_settings *other;
	size_t i;

	for (i = 0; i < new->rate_count; i++) {
		other = find_rate(old, new->rates[i].name);
		if (other == NULL)
			buf_printf(lines, "[rate %s] added\n", new->rates[i].name);
		else if (other->pause != new->rates[i].pause)
			buf_printf(lines, "[rate %s] changed: pause\n", other->name);
	}
	for (i = 0; i < old->rate_count; i++) {
		if (find_rate(new, old->rates[i].name) == NULL)
			buf_printf(lines, "[rate %s] removed\n", old->rates[i].name);
	}
}

void
config_changes(
    const struct settings *old, const struct settings *new, struct buf *lines)
{
	const struct section *section;
	size_t i;

	for (i = 0; (section = keys_section_at(i)) != NULL; i++) {
		if (section->kind == SECTION_SETTINGS)
			compare_section(section, old, new, lines);
	}
	compare_rates(old, new, lines);
}
