/* SPDX-License-Identifier: ISC */
#include "schedule/host.h"

#include <string.h>
#include <strings.h>

#include "base/url.h"

#define GROUP "rate " /* no host has a blank */

static const char *
without_www(const char *host)
{
	return strncmp(host, "www.", 4) == 0 ? host + 4 : host;
}

static const struct rate_settings *
find_rate(const struct settings *settings, const char *name)
{
	size_t i;

	for (i = 0; i < settings->rate_count; i++) {
		if (strcasecmp(without_www(settings->rates[i].name),
			without_www(name)) == 0)
			return &settings->rates[i];
	}
	return NULL;
}

void
host_key(const struct settings *settings, const char *url, const char *rate_group,
    struct buf *key, msec_t *ret_pause)
{
	const struct rate_settings *rate;
	struct buf host = {0};

	*ret_pause = settings->per_host_pause;
	if (url_host(url, &host) < 0) {
		buf_done(&host);
		return;
	}
	rate = find_rate(settings, rate_group != NULL ? rate_group : host.data);
	if (rate != NULL)
		*ret_pause = rate->pause;
	if (rate != NULL || rate_group != NULL)
		buf_printf(key, GROUP "%s",
		    without_www(rate != NULL ? rate->name : rate_group));
	else
		(void)url_host_port(url, key); /* url_host could read it */
	buf_done(&host);
}

bool
host_is_same(const char *url, const char *other)
{
	struct buf a = {0}, b = {0};
	bool same;

	same = url_host(url, &a) == 0 && url_host(other, &b) == 0 &&
	    strcmp(without_www(a.data), without_www(b.data)) == 0;
	buf_done(&a);
	buf_done(&b);
	return same;
}

bool
host_is_group(const char *key)
{
	return strncmp(key, GROUP, strlen(GROUP)) == 0;
}

static bool
ends_in(const char *host, const char *suffix)
{
	size_t a = strlen(host), b = strlen(suffix);

	return a >= b && strcasecmp(host + a - b, suffix) == 0;
}

static bool
is_address(const char *host)
{
	const char *last = strrchr(host, '.');

	/* An IPv6 address has colons; of dotted names only an IPv4 address ends in
	 * a label that begins with a digit (WHATWG URL 3.5). */
	return strchr(host, ':') != NULL ||
	    (last != NULL && last[1] >= '0' && last[1] <= '9');
}

bool
host_is_public(const char *host)
{
	/* RFC 6761, 6762, 8375, 9476 and ICANN's .internal */
	static const char *const reserved[] = {".test", ".localhost", ".local",
	    ".internal", ".lan", ".home.arpa", ".invalid", ".example", ".alt",
	    ".localdomain"};
	size_t i;

	if (strchr(host, '.') == NULL || is_address(host))
		return false;
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (ends_in(host, reserved[i]))
			return false;
	}
	return true;
}

bool
host_is_listed(const char *list, const char *host)
{
	size_t size = strlen(host), length;

	for (; list != NULL && *list != '\0'; list += length) {
		list += strspn(list, " \t,");
		length = strcspn(list, " \t,");
		if (length == size && strncasecmp(list, host, size) == 0)
			return true;
	}
	return false;
}

bool
host_holds_whole(const struct settings *settings, const char *host)
{
	if (settings->per_feed_limits == NULL)
		return host_is_public(host);
	return !host_is_listed(settings->per_feed_limits, host);
}
