/* SPDX-License-Identifier: ISC */
#include "store/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"

static void
print_duration(struct jsonw *w, const char *key, msec_t duration)
{
	char text[32];

	if (duration == 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64 "ms", duration);
	jsonw_text(w, key, text);
}

static void
print_number(struct jsonw *w, const char *key, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	jsonw_text(w, key, text);
}

void
options_print(const struct feed_options *o, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	if (o->has_interval && o->interval == 0)
		jsonw_text(&w, "interval", "learn");
	print_duration(&w, "interval", o->interval);
	print_duration(&w, "min-interval", o->min_interval);
	print_duration(&w, "timeout", o->timeout);
	if (o->max_body > 0)
		print_number(&w, "max-body", o->max_body);
	if (o->max_items > 0)
		print_number(&w, "max-items", o->max_items);
	jsonw_text(&w, "allow-private", o->allow_private);
	jsonw_text(&w, "user-agent", o->user_agent);
	jsonw_text(&w, "header", o->header);
	jsonw_text(&w, "cookie", o->cookie);
	jsonw_text(&w, "proxy", o->proxy);
	jsonw_text(&w, "credential", o->credential);
	jsonw_text(&w, "ca-file", o->ca_file);
	jsonw_text(&w, "client-cert", o->client_cert);
	jsonw_text(&w, "http-version", o->http_version);
	jsonw_text(&w, "identity", o->identity);
	jsonw_text(&w, "edits", o->edits);
	jsonw_text(&w, "rate-group", o->rate_group);
	jsonw_text(&w, "dup-read", o->dup_read);
	if (o->dup_level >= 0)
		print_number(&w, "dup-level", o->dup_level);
	if (o->insecure != CHOICE_NONE)
		jsonw_text(&w, "insecure", o->insecure == CHOICE_YES ? "yes" : "no");
	jsonw_close(&w);
}

bool
options_is_true(const char *value)
{
	return strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
	    strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;
}

/* Checked before it was stored: what cannot be read is nothing. */
static int64_t
read_size(const char *value)
{
	static const char units[] = "KMG";
	char *end;
	long long number = strtoll(value, &end, 10);
	const char *unit = *end != '\0' ? strchr(units, *end & ~0x20) : NULL;
	int shift = unit != NULL ? 10 * (int)(unit - units + 1) : 0;

	if (end == value || number < 0 || number > (INT64_MAX >> 30))
		return 0;
	return (int64_t)number << shift;
}

static msec_t
read_duration(const char *value)
{
	msec_t duration;

	return clock_duration_parse(value, &duration) == 0 ? duration : 0;
}

void
options_to_request(
    struct request *request, struct arena *arena, const char *key, const char *value)
{
	const struct {
		const char *key, **text;
	} texts[] = {
	    {"allow-private", &request->allow_private},
	    {"user-agent", &request->user_agent},
	    {"header", &request->header},
	    {"cookie", &request->cookie},
	    {"proxy", &request->proxy},
	    {"http-version", &request->http_version},
	    {"credential", &request->credential},
	    {"ca-file", &request->ca_pem},
	    {"client-cert", &request->client_pem},
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(key, texts[i].key) == 0)
			*texts[i].text = arena_strdup(arena, value);
	}
	if (strcmp(key, "timeout") == 0)
		request->timeout = read_duration(value);
	else if (strcmp(key, "max-body") == 0)
		request->max_body = read_size(value);
	else if (strcmp(key, "max-items") == 0)
		request->max_items = (uint32_t)read_size(value);
	else if (strcmp(key, "insecure") == 0)
		request->insecure = options_is_true(value) ? CHOICE_YES : CHOICE_NO;
}

void
options_to_plan(
    struct feed_plan *plan, const char *interval, const char *min_interval)
{
	if (interval != NULL) {
		plan->has_interval = true;
		plan->interval = read_duration(interval);
	}
	if (min_interval != NULL)
		plan->min_interval = read_duration(min_interval);
}
