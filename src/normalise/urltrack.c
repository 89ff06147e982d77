/* SPDX-License-Identifier: ISC */
#include "normalise/urltrack.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "normalise/urlrules.h"

static int
compare_name(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool
value_matches(const struct urlrules_value *rule, struct span value)
{
	size_t i;

	switch (rule->how) {
	case VALUE_ANY:
		return true;
	case VALUE_IS:
		return value.size == strlen(rule->value) &&
		    urlparts_starts(value, rule->value);
	case VALUE_STARTS:
		return urlparts_starts(value, rule->value);
	case VALUE_HOST:
		for (i = 0; i < value.size; i++) {
			if (!isalnum((unsigned char)value.at[i]) &&
			    value.at[i] != '.' && value.at[i] != '-')
				return false;
		}
		return memchr(value.at, '.', value.size) != NULL;
	}
	return false;
}

static bool
has_value_rule(const char *name, struct span value)
{
	size_t low = 0, high = urlrules_value_count, middle;

	while (low < high) { /* the first with this name */
		middle = (low + high) / 2;
		if (strcmp(urlrules_values[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < urlrules_value_count &&
	    strcmp(urlrules_values[low].name, name) == 0;
	    low++) {
		if (value_matches(&urlrules_values[low], value))
			return true;
	}
	return false;
}

/* Whether " a b q* " lists the name. */
static bool
lists(const char *names, const char *name)
{
	size_t size;

	for (names++; *names != '\0'; names += size + 1) {
		size = strcspn(names, " ");
		if (names[size - 1] == '*') {
			if (strncmp(names, name, size - 1) == 0)
				return true;
		} else if (strlen(name) == size && memcmp(names, name, size) == 0) {
			return true;
		}
	}
	return false;
}

static bool
has_host_rule(const struct urlparts *parts, const char *name)
{
	const struct urlrules_host *rule;

	for (rule = urlrules_hosts; rule->host != NULL; rule++) {
		if (urlparts_is_at(parts, rule->host) &&
		    lists(rule->names, name) == (rule->how == URLRULES_THESE))
			return true;
	}
	return false;
}

bool
urltrack_drops(const struct urlparts *parts, struct span parameter)
{
	struct span value;
	char name[64];
	size_t i;

	if (!urlparts_name(parameter, name, &value))
		return false;
	if (bsearch(name, urlrules_names, urlrules_name_count,
		sizeof(urlrules_names[0]), compare_name) != NULL)
		return true;
	for (i = 0; urlrules_prefixes[i] != NULL; i++) {
		if (strncmp(name, urlrules_prefixes[i],
			strlen(urlrules_prefixes[i])) == 0)
			return true;
	}
	return has_value_rule(name, value) || has_host_rule(parts, name);
}

static bool
is_alnum_at(struct span text, size_t at)
{
	return at < text.size && isalnum((unsigned char)text.at[at]);
}

size_t
urltrack_fragment(const struct urlparts *parts)
{
	struct span fragment = parts->fragment;
	const char *directive = memmem(fragment.at, fragment.size, ":~:", 3);
	const struct urlrules_fragment *rule;

	if (directive != NULL)
		fragment.size = (size_t)(directive - fragment.at);
	if (fragment.size == 0)
		return 0;
	for (rule = urlrules_fragments; rule->start != NULL; rule++) {
		if (urlparts_starts(fragment, rule->start) &&
		    (!rule->word || !is_alnum_at(fragment, strlen(rule->start))))
			return 0;
	}
	/* The BBC numbers where on a page a link was. */
	if (fragment.size == 1 && isdigit((unsigned char)*fragment.at) &&
	    (urlparts_is_at(parts, "bbc.co.uk") || urlparts_is_at(parts, "bbc.com")))
		return 0;
	return fragment.size;
}

static bool
is_http(struct span text)
{
	return (urlparts_starts(text, "http:/") ||
		   urlparts_starts(text, "https:/") ||
		   urlparts_starts(text, "//")) &&
	    text.size > 8;
}

/* `value` as an address, escapes undone as often as it takes (twice at most). */
static bool
take(struct span value, struct buf *out)
{
	struct buf once = {0};
	struct span text;
	bool found;

	buf_reset(out);
	urlparts_unescape(value, out);
	text = (struct span){buf_text(out), out->len};
	if (urlparts_starts(text, "http%3a") || urlparts_starts(text, "https%3a")) {
		buf_add(&once, out->data, out->len);
		buf_reset(out);
		urlparts_unescape((struct span){once.data, once.len}, out);
		buf_done(&once);
		text = (struct span){buf_text(out), out->len};
	}
	found = is_http(text) && memchr(text.at, '\0', text.size) == NULL;
	if (!found)
		buf_reset(out);
	return found;
}

static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	return at != NULL ? (int)(at - digits) : -1;
}

/* URL-safe base64 up to the first other character. */
static void
unbase64(struct span text, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;
	int value;

	for (i = 0; i < text.size && (value = base64_value(text.at[i])) >= 0; i++) {
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_putc(out, (char)(bits >> have & 0xFF));
		}
	}
}

/* Base64 in which, after at most `skip` bytes, an address stands. */
static bool
take_base64(struct span text, size_t skip, struct buf *out)
{
	struct buf plain = {0};
	size_t i, end;
	bool found = false;

	unbase64(text, &plain);
	for (i = 0; i <= skip && i < plain.len && !found; i++) {
		if (!urlparts_starts(
			(struct span){plain.data + i, plain.len - i}, "http"))
			continue;
		for (end = i; end < plain.len && plain.data[end] > ' ' &&
		    plain.data[end] < 0x7F;
		    end++)
			;
		found = take((struct span){plain.data + i, end - i}, out);
	}
	buf_done(&plain);
	return found;
}

/* The parameter's value, when it is an address. */
static bool
take_parameter(const struct urlparts *parts, const char *wanted, struct buf *out)
{
	struct span parameters[URLPARTS_PARAMETERS], value;
	int i, count = urlparts_parameters(parts->query, parameters);
	char name[64];

	for (i = 0; i < count; i++) {
		if (!urlparts_name(parameters[i], name, &value) ||
		    strcmp(name, wanted) != 0)
			continue;
		if (take(value, out))
			return true;
		if (urlparts_starts(value, "a1")) /* bing.com/ck/ */
			return take_base64(
			    (struct span){value.at + 2, value.size - 2}, 0, out);
	}
	return false;
}

/* From the first address in `text` on. */
static bool
take_first(struct span text, struct buf *out)
{
	for (; text.size > 8; text.at++, text.size--) {
		if (*text.at != 'h' && *text.at != 'H')
			continue;
		if (urlparts_starts(text, "http%3a") ||
		    urlparts_starts(text, "https%3a"))
			return take(text, out);
		if (urlparts_starts(text, "http:/") ||
		    urlparts_starts(text, "https:/")) {
			buf_reset(out);
			buf_add(out, text.at, text.size);
			return true;
		}
	}
	return false;
}

/* The clean path and what follows it. */
static void
put_clean_rest(const struct urlparts *parts, struct buf *out)
{
	buf_add(out, parts->clean, parts->clean_size);
	if (parts->query.size > 0) {
		buf_putc(out, '?');
		buf_add(out, parts->query.at, parts->query.size);
	}
	if (parts->fragment.size > 0) {
		buf_putc(out, '#');
		buf_add(out, parts->fragment.at, parts->fragment.size);
	}
}

/* As written if that shows it; the clean path has only one slash behind "http:". */
static bool
take_rest(const struct urlparts *parts, struct buf *out)
{
	struct buf rest = {0};
	bool found = take_first(parts->rest, out);

	if (!found) {
		put_clean_rest(parts, &rest);
		found = take_first((struct span){rest.data, rest.len}, out);
		buf_done(&rest);
	}
	return found;
}

/* ".../RU=https%3a%2f%2fexample.org%2f/RK=2/..." */
static bool
take_yahoo(const struct urlparts *parts, struct buf *out)
{
	const char *at = memmem(parts->path.at, parts->path.size, "/RU=", 4), *end;

	if (at == NULL)
		return false;
	at += 4;
	end = strstr(at, "/R");
	if (end == NULL || end > parts->path.at + parts->path.size)
		end = parts->path.at + parts->path.size;
	return take((struct span){at, (size_t)(end - at)}, out);
}

/* "/c/s/host/path": AMP caches; `skip` bytes of the path stand before the host. */
static bool
take_cached(const struct urlparts *parts, size_t skip, struct buf *out)
{
	struct buf clean = {0};
	struct span rest;
	bool https, found;

	put_clean_rest(parts, &clean);
	rest = (struct span){clean.data + skip, clean.len - skip};
	https = urlparts_starts(rest, "s/");
	if (https) {
		rest.at += 2;
		rest.size -= 2;
	}
	found = memchr(rest.at, '.', strcspn(rest.at, "/?#")) != NULL;
	if (found) {
		buf_reset(out);
		buf_puts(out, https ? "https://" : "http://");
		buf_add(out, rest.at, rest.size);
	}
	buf_done(&clean);
	return found;
}

/* www-example-com.translate.goog: dashes are dots, two dashes one. */
static bool
take_translated(const struct urlparts *parts, struct buf *out)
{
	struct span parameters[URLPARTS_PARAMETERS];
	int i, count = urlparts_parameters(parts->query, parameters);
	size_t at, size = parts->site_size - strlen(".translate.goog");
	char mark = '?';

	buf_reset(out);
	buf_puts(out, "https://");
	for (at = 0; at < size; at++) {
		if (parts->site[at] != '-') {
			buf_putc(out, parts->site[at]);
		} else if (at + 1 < size && parts->site[at + 1] == '-') {
			buf_putc(out, '-');
			at++;
		} else {
			buf_putc(out, '.');
		}
	}
	buf_add(out, parts->path.at, parts->path.size);
	for (i = 0; i < count; i++) {
		if (urlparts_starts(parameters[i], "_x_tr_"))
			continue;
		buf_putc(out, mark);
		buf_add(out, parameters[i].at, parameters[i].size);
		mark = '&';
	}
	if (parts->fragment.size > 0) {
		buf_putc(out, '#');
		buf_add(out, parts->fragment.at, parts->fragment.size);
	}
	return true;
}

/* Until 2024 the last part of a path held the address, with a few bytes before. */
static bool
take_google_news(const struct urlparts *parts, struct buf *out)
{
	const char *id = strstr(parts->clean, "/articles/");

	if (id == NULL)
		return false;
	id += strlen("/articles/");
	return take_base64((struct span){id, strcspn(id, "/?")}, 8, out);
}

static bool
is_site(const struct urlparts *parts, const char *host)
{
	return strcmp(parts->site, host) == 0;
}

static bool
path_starts(const struct urlparts *parts, const char *with)
{
	return strncmp(parts->clean, with, strlen(with)) == 0;
}

/* The sites whose form no table row can say. */
static bool
unwrap_special(const struct urlparts *parts, struct buf *out)
{
	if (urlparts_is_at(parts, "translate.goog") &&
	    parts->site_size > strlen(".translate.goog"))
		return take_translated(parts, out);
	if (urlparts_is_at(parts, "ampproject.org") && parts->clean_size > 3 &&
	    strchr("cvi", parts->clean[1]) != NULL && parts->clean[2] == '/')
		return take_cached(parts, 3, out);
	if (strncmp(parts->site, "google.", 7) == 0 && path_starts(parts, "/amp/"))
		return take_cached(parts, 5, out);
	if (is_site(parts, "news.google.com"))
		return take_google_news(parts, out);
	if (urlparts_is_at(parts, "search.yahoo.com"))
		return take_yahoo(parts, out);
	if (urlparts_is_at(parts, "rd.yahoo.com") ||
	    urlparts_is_at(parts, "rds.yahoo.com"))
		return take_rest(parts, out);
	return false;
}

/* google.de and google.co.uk count as google.com. */
static const char *
rule_site(const struct urlparts *parts)
{
	return strncmp(parts->site, "google.", 7) == 0 && parts->site_size <= 13
	    ? "google.com"
	    : parts->site;
}

bool
urltrack_is_redirector(const struct urlparts *parts)
{
	static const char *const special[] = {"translate.goog", "ampproject.org",
	    "news.google.com", "search.yahoo.com", "rd.yahoo.com", "rds.yahoo.com"};
	const struct urlrules_redirect *rule;
	size_t i;

	for (rule = urlrules_redirects; rule->host != NULL; rule++) {
		if (strcmp(rule->host, rule_site(parts)) == 0)
			return true;
	}
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (urlparts_is_at(parts, special[i]))
			return true;
	}
	return false;
}

bool
urltrack_unwrap(const struct urlparts *parts, struct buf *out)
{
	const struct urlrules_redirect *rule;
	const char *site = rule_site(parts);

	if (unwrap_special(parts, out))
		return true;
	for (rule = urlrules_redirects; rule->host != NULL; rule++) {
		if (*rule->host != *site || strcmp(rule->host, site) != 0 ||
		    !path_starts(parts, rule->path))
			continue;
		if (strcmp(rule->parameter, URLRULES_REST) == 0
			? take_rest(parts, out)
			: take_parameter(parts, rule->parameter, out))
			return true;
	}
	return false;
}
