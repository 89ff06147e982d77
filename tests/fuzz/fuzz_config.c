/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a configuration.  Whatever they are: there are settings or faults
 * and never both; faults come in the order of their lines, as clean text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

struct told {
	unsigned count, line;
};

static void
on_fault(const char *file, unsigned line, const char *message, void *arg)
{
	struct told *told = arg;
	const char *c;

	insist(strcmp(file, "conf") == 0, "a fault of another file");
	insist(line >= told->line || line == 0, "faults out of order");
	insist(unicode_is_valid(message, strlen(message)) && *message != '\0',
	    "a message that is no text");
	for (c = message; *c != '\0'; c++)
		insist((unsigned char)*c >= ' ' && *c != 0x7F,
		    "a control character in a message");
	told->line = line;
	told->count++;
}

static void
check_settings(const struct settings *s)
{
	size_t i;

	for (i = 0; i < s->feed_count; i++) {
		insist(config_is_feed_name(s->feeds[i].name), "a feed's name");
		insist(strncmp(s->feeds[i].url, "http", 4) == 0, "a feed's url");
		insist(strncmp(s->feeds[i].origin, "conf:", 5) == 0, "an origin");
	}
	insist(s->min_interval <= s->max_interval, "intervals crossed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct settings *settings = NULL;
	struct told told = {0};
	struct buf reason = {0};
	char *value = strndup(size > 0 ? (const char *)bytes : "", size);
	int r;

	r = config_parse("conf", size > 0 ? (const char *)bytes : "", size, on_fault,
	    &told, &settings);
	insist((r == 0) == (settings != NULL), "settings with faults");
	insist((r == 0) == (told.count == 0), "a fault that is not told");
	if (settings != NULL)
		check_settings(settings);
	config_free(settings);
	(void)config_check_feed_key("url", value, &reason);
	(void)config_check_feed_key("tags", value, &reason);
	(void)config_check_feed_key(value, value, &reason);
	insist(unicode_is_valid(buf_text(&reason), reason.len) ||
		!unicode_is_valid(value, strlen(value)),
	    "a reason that is no text");
	buf_done(&reason);
	free(value);
	return 0;
}
