/* SPDX-License-Identifier: ISC */
#include "base/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

/* Trim the ends, drop CR LF TAB inside (WHATWG URL 4.4; FORMATS 31). */
static void
tidy(const char *text, struct buf *out)
{
	size_t size = strlen(text);

	while (size > 0 && (unsigned char)text[size - 1] <= ' ')
		size--;
	while (size > 0 && (unsigned char)*text <= ' ') {
		text++;
		size--;
	}
	for (; size > 0; size--, text++) {
		if (*text != '\r' && *text != '\n' && *text != '\t')
			buf_putc(out, *text);
	}
}

/* Length of "scheme:" at the start, or 0. */
static size_t
scheme_length(const char *url)
{
	size_t i;

	if (!isalpha((unsigned char)*url))
		return 0;
	for (i = 1; isalnum((unsigned char)url[i]) || strchr("+-.", url[i]) != NULL;
	    i++) {
		if (url[i] == '\0')
			return 0;
	}
	return url[i] == ':' ? i + 1 : 0;
}

static bool
has_http_scheme(const char *url)
{
	return strncasecmp(url, "http:", 5) == 0 ||
	    strncasecmp(url, "https:", 6) == 0;
}

/* Nothing to tidy, to resolve or to doubt: http or https, a host of letters, digits,
 * dots and hyphens, and printable ASCII behind it.  Nearly every link is so, and needs
 * no parser. */
static bool
is_plain(const char *url)
{
	const char *host, *c;

	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	else
		return false;
	for (c = host; isalnum((unsigned char)*c) || *c == '.' || *c == '-'; c++)
		;
	if (!isalnum((unsigned char)*host) ||
	    (*c != '\0' && *c != '/' && *c != '?' && *c != '#'))
		return false;
	while (*c > ' ' && *c < 0x7F)
		c++;
	return *c == '\0';
}

static CURLU *
parse(const char *url)
{
	CURLU *u = curl_url();

	if (u != NULL &&
	    curl_url_set(u, CURLUPART_URL, url,
		CURLU_ALLOW_SPACE | CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME) !=
		CURLUE_OK) {
		curl_url_cleanup(u);
		u = NULL;
	}
	return u;
}

/* http:/a or http:a beside an http base is the relative reference that
 * browsers take it for; anything else with a scheme is absolute. */
static int
resolve(const char *base, const char *ref, struct buf *out)
{
	size_t scheme = scheme_length(ref);
	struct buf whole = {0};
	char *text = NULL;
	CURLU *u;
	int r = -EINVAL;

	if (scheme > 0 && !has_http_scheme(ref)) {
		buf_puts(out, ref);
		return 0;
	}
	if (scheme > 0 && strncmp(ref + scheme, "//", 2) != 0) {
		if (base == NULL || strncasecmp(base, ref, scheme) != 0)
			return -EINVAL;
		ref += scheme;
		scheme = 0;
	}
	if (scheme > 0) {
		u = parse(ref);
		if (u == NULL)
			return -EINVAL;
		curl_url_cleanup(u);
		buf_puts(out, ref);
		return 0;
	}
	u = base != NULL ? parse(base) : NULL;
	if (u == NULL)
		return -EINVAL;
	if (*ref == '\0') {
		buf_puts(out, base);
		buf_drop(out, 0);
		curl_url_cleanup(u);
		return 0;
	}
	if (*ref == '#') { /* libcurl 7.88 would take the file's name away, too */
		buf_add(&whole, base, strcspn(base, "#"));
		buf_puts(&whole, ref);
		ref = buf_text(&whole);
	}
	if (curl_url_set(u, CURLUPART_URL, ref,
		CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_URL, &text, CURLU_NON_SUPPORT_SCHEME) ==
		CURLUE_OK) {
		buf_puts(out, text);
		curl_free(text);
		r = 0;
	}
	curl_url_cleanup(u);
	buf_done(&whole);
	return r;
}

int
url_resolve(const char *base, const char *ref, struct buf *out)
{
	struct buf clean_ref = {0}, clean_base = {0};
	int r;

	if (is_plain(ref)) {
		buf_puts(out, ref);
		return 0;
	}
	tidy(ref, &clean_ref);
	if (base != NULL)
		tidy(base, &clean_base);
	r = resolve(
	    clean_base.len > 0 ? clean_base.data : NULL, buf_text(&clean_ref), out);
	buf_done(&clean_ref);
	buf_done(&clean_base);
	return r;
}

bool
url_is_http(const char *url)
{
	char *host = NULL;
	bool yes;
	CURLU *u;

	if (url == NULL || !has_http_scheme(url))
		return false;
	if (is_plain(url))
		return true;
	u = parse(url);
	yes = u != NULL && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    host[0] != '\0';
	curl_free(host);
	curl_url_cleanup(u);
	return yes;
}

static void
add_lower(struct buf *out, const char *text, size_t size)
{
	for (; size > 0; size--, text++)
		buf_putc(out, (char)tolower((unsigned char)*text));
}

static int
host_of(CURLU *u, struct buf *out)
{
	char *host = NULL;
	size_t size;

	if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    host[0] == '\0') {
		curl_free(host);
		return -EINVAL;
	}
	size = strlen(host);
	if (host[0] == '[' && host[size - 1] == ']')
		add_lower(out, host + 1, size - 2);
	else
		add_lower(out, host, host[size - 1] == '.' ? size - 1 : size);
	curl_free(host);
	return 0;
}

int
url_host(const char *url, struct buf *out)
{
	CURLU *u = parse(url);
	int r = u != NULL ? host_of(u, out) : -EINVAL;

	curl_url_cleanup(u);
	return r;
}

int
url_host_port(const char *url, struct buf *out)
{
	CURLU *u = parse(url);
	char *port = NULL;
	int r = -EINVAL;

	if (u != NULL &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		r = host_of(u, out);
	if (r == 0)
		buf_printf(out, ":%s", port);
	curl_free(port);
	curl_url_cleanup(u);
	return r;
}

int
url_origin(const char *url, struct buf *out)
{
	size_t scheme = scheme_length(url);
	struct buf host = {0};
	int r = url_host_port(url, &host);

	if (r == 0) {
		add_lower(out, url, scheme);
		buf_printf(out, "//%s", host.data);
	}
	buf_done(&host);
	return r;
}

int
url_without_userinfo(const char *url, struct buf *out)
{
	const char *start = strstr(url, "://"), *end, *at;

	if (start == NULL)
		return -EINVAL;
	start += 3;
	end = start + strcspn(start, "/?#");
	for (at = end; at > start && at[-1] != '@'; at--)
		;
	buf_add(out, url, (size_t)(start - url));
	buf_puts(out, at > start ? at : start);
	return 0;
}

static bool
ends_with(const char *text, size_t size, const char *tail)
{
	size_t length = strlen(tail);

	return size >= length && memcmp(text + size - length, tail, length) == 0;
}

void
url_asked(const char *url, struct buf *out)
{
	const char *start = strstr(url, "://"), *end, *at;
	size_t host;

	if (start == NULL) {
		buf_puts(out, url);
		return;
	}
	start += 3;
	end = start + strcspn(start, "/?#");
	for (at = end; at > start && at[-1] != '@'; at--)
		;
	host = (size_t)(end - at);
	if (strncasecmp(url, "http:", 5) == 0 && ends_with(at, host, ":80"))
		host -= 3;
	else if (strncasecmp(url, "https:", 6) == 0 && ends_with(at, host, ":443"))
		host -= 4;
	add_lower(out, url, (size_t)(start - url));
	add_lower(out, at, host);
	if (*end != '/')
		buf_putc(out, '/');
	buf_add(out, end, strcspn(end, "#"));
}
