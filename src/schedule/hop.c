/* SPDX-License-Identifier: ISC */
#include "schedule/hop.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/url.h"

static bool
was_seen(const struct hop_chain *chain, uint64_t address)
{
	unsigned i;

	for (i = 0; i < chain->count; i++) {
		if (chain->seen[i] == address)
			return true;
	}
	return false;
}

/* A fragment stays here: with another one it is the same request. */
static uint64_t
address_of(const char *url)
{
	return hash64(url, strcspn(url, "#"));
}

static bool
is_https(const char *url)
{
	return strncasecmp(url, "https:", 6) == 0;
}

enum outcome
hop_check(struct hop_chain *chain, const char *from, const char *location,
    struct buf *reason)
{
	uint64_t target;
	char quoted[LOG_QUOTE];

	if (chain->count == 0)
		chain->seen[chain->count++] = address_of(from);
	if (location == NULL || !url_is_http(location) ||
	    strlen(location) > LIMIT_URL_BYTES) {
		buf_printf(reason,
		    "redirected to %s, which is no http or https address",
		    location != NULL ? log_quote(location, quoted) : "nowhere");
		return OUTCOME_BAD_URL;
	}
	if (is_https(from) && !is_https(location)) {
		buf_printf(reason, "redirected from https to %s: refused",
		    log_quote(location, quoted));
		return OUTCOME_BAD_URL;
	}
	target = address_of(location);
	if (was_seen(chain, target)) {
		buf_printf(reason, "redirected in a circle by way of %s",
		    log_quote(location, quoted));
		return OUTCOME_TOO_MANY_HOPS;
	}
	if (chain->count > LIMIT_HOPS) {
		buf_printf(reason, "more than %d redirects", LIMIT_HOPS);
		return OUTCOME_TOO_MANY_HOPS;
	}
	chain->seen[chain->count++] = target;
	return OUTCOME_REDIRECT;
}
