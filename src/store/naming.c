/* SPDX-License-Identifier: ISC */
#include "store/naming.h"

#include <ctype.h>
#include <string.h>

#include "base/url.h"

/* Labels that say "this is the feed", not whose. */
static const char *
skip_label(const char *host)
{
	static const char *const labels[] = {
	    "www.", "feeds.", "feed.", "rss.", "feeds2."};
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		size_t size = strlen(labels[i]);

		/* Something must be left before the suffix: rss.com is rss. */
		if (strncmp(host, labels[i], size) == 0 &&
		    strchr(host + size, '.') != NULL)
			return host + size;
	}
	return host;
}

/* Where the public suffix begins: the last label, or "co.uk" and its kind. */
static size_t
suffix_start(const char *host)
{
	static const char *const seconds[] = {
	    "co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob"};
	const char *last = strrchr(host, '.'), *second;
	size_t i;

	if (last == NULL || strspn(host, "0123456789.") == strlen(host) ||
	    strchr(host, ':') != NULL)
		return strlen(host);
	for (second = last; second > host && second[-1] != '.'; second--)
		;
	for (i = 0; second > host && strlen(last + 1) == 2 &&
	    i < sizeof(seconds) / sizeof(seconds[0]);
	    i++) {
		if (strlen(seconds[i]) == (size_t)(last - second) &&
		    strncmp(second, seconds[i], (size_t)(last - second)) == 0)
			return (size_t)(second - 1 - host);
	}
	return (size_t)(last - host);
}

void
naming_from_url(const char *url, struct buf *out)
{
	struct buf host = {0};
	const char *from, *next;
	size_t size, i, start = out->len;

	if (url_host(url, &host) < 0)
		buf_puts(&host, "feed");
	for (from = buf_text(&host); (next = skip_label(from)) != from; from = next)
		;
	size = suffix_start(from);
	/* 163.com: a name is never digits alone. */
	if (strspn(from, "0123456789") >= size)
		size = strlen(from);
	for (i = 0; i < size; i++) {
		unsigned char c = (unsigned char)from[i];

		buf_putc(out,
		    c < 0x80 && (isalnum(c) || strchr("._-", c) != NULL) ? (char)c
									 : '-');
	}
	if (strspn(out->data + start, "0123456789") == out->len - start)
		buf_puts(out, "-feed");
	buf_done(&host);
}
