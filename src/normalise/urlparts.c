/* SPDX-License-Identifier: ISC */
#include "normalise/urlparts.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/unicode.h"

bool
urlparts_starts(struct span text, const char *with)
{
	size_t size = strlen(with);

	return text.size >= size && strncasecmp(text.at, with, size) == 0;
}

static bool
ends(const char *text, size_t size, const char *with)
{
	size_t length = strlen(with);

	return size >= length && memcmp(text + size - length, with, length) == 0;
}

/* "&amp;" written once or many times over is "&": looked for at each semicolon, in
 * what was written so far. */
static size_t
without_entity(const char *text, size_t size)
{
	if (ends(text, size, "&amp;"))
		return size - 4;
	if (ends(text, size, "&#038;"))
		return size - 5;
	return ends(text, size, "&#38;") ? size - 4 : size;
}

static inline bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that %XX at `text` stands for, or -1. */
static int
escaped(const char *text, size_t size)
{
	if (size < 3 || text[0] != '%' || hex(text[1]) < 0 || hex(text[2]) < 0)
		return -1;
	return hex(text[1]) << 4 | hex(text[2]);
}

/* An escaped letter is that letter, whatever becomes of what stands before it. */
static size_t
without_escape(char *text, size_t size)
{
	int byte;

	while (size >= 3) {
		byte = escaped(text + size - 3, 3);
		if (byte < 0 || !is_unreserved((unsigned char)byte))
			break;
		size -= 2;
		text[size - 1] = (char)byte;
	}
	return size;
}

/* False: too long. */
static bool
tidy(const char *url, struct urlparts *parts)
{
	size_t size = 0, i;
	unsigned char c;

	while (*url != '\0' && (unsigned char)*url <= ' ')
		url++;
	for (; (c = (unsigned char)*url) != '\0'; url++) {
		if (c < ' ' || c == 0x7F || c == '<' || c == '>')
			continue;
		if (size + 1 >= sizeof(parts->text))
			return false;
		parts->text[size++] = (char)c;
		if (size >= 3 && parts->text[size - 3] == '%')
			size = without_escape(parts->text, size);
		if (parts->text[size - 1] == ';')
			size = without_entity(parts->text, size);
	}
	while (size > 0 && parts->text[size - 1] == ' ')
		size--;
	for (i = 0; i < size && parts->text[i] != '?' && parts->text[i] != '#';
	    i++) {
		if (parts->text[i] == '\\')
			parts->text[i] = '/';
	}
	parts->text[size] = '\0';
	parts->size = size;
	return true;
}

static bool
cut_scheme(struct span *text, const char *scheme)
{
	size_t size = strlen(scheme), slashes = 0;

	if (!urlparts_starts(*text, scheme))
		return false;
	while (size + slashes < text->size && text->at[size + slashes] == '/')
		slashes++;
	if (slashes == 0)
		return false;
	text->at += size + slashes;
	text->size -= size + slashes;
	return true;
}

/* Past "http://", "feed:https://", "http:/", "//", "http://http://".  False: some
 * other kind of address. */
static bool
cut_schemes(struct span *text, bool *ret_https)
{
	bool any = false;

	while (urlparts_starts(*text, "feed:")) {
		text->at += 5;
		text->size -= 5;
	}
	*ret_https = true;
	for (;;) {
		if (cut_scheme(text, "http:"))
			*ret_https = false;
		else if (cut_scheme(text, "https:"))
			*ret_https = true;
		else
			break;
		any = true;
	}
	if (!any && text->size > 2 && memcmp(text->at, "//", 2) == 0)
		any = cut_scheme(text, "");
	return any;
}

/* Without user, port 80 or 443, and dots at the end. */
static struct span
bare_host(struct span host)
{
	const char *at = memrchr(host.at, '@', host.size);
	const char *colon;
	size_t digits;

	if (at != NULL) {
		host.size -= (size_t)(at + 1 - host.at);
		host.at = at + 1;
	}
	for (;;) {
		while (host.size > 0 && host.at[host.size - 1] == '.')
			host.size--;
		colon = memrchr(host.at, ':', host.size);
		if (colon == NULL)
			return host;
		digits = host.size - (size_t)(colon + 1 - host.at);
		if (digits != 0 && !(digits == 2 && memcmp(colon, ":80", 3) == 0) &&
		    !(digits == 3 && memcmp(colon, ":443", 4) == 0))
			return host;
		if (memchr(host.at, '[', host.size) != NULL && colon[-1] != ']')
			return host; /* inside an IPv6 address */
		host.size -= digits + 1;
	}
}

/* Lower case, into `site`.  False: empty or too long. */
static bool
lower_host(struct span host, struct urlparts *parts)
{
	size_t i, length, size = 0;
	uint32_t cp;

	for (i = 0; i < host.size; i += length) {
		if (size + 4 >= sizeof(parts->site))
			return false;
		if (host.at[i] >= 'a' && host.at[i] <= 'z') {
			parts->site[size++] = host.at[i];
			length = 1;
			continue;
		}
		length = unicode_decode(host.at + i, host.size - i, &cp);
		if (length == 0 ||
		    (cp < 0x80 && !isalnum((int)cp) &&
			strchr("-._:[]", (int)cp) == NULL))
			return false;
		size += unicode_encode(unicode_lower(cp), parts->site + size);
	}
	parts->site[size] = '\0';
	parts->site_size = size;
	return size > 0;
}

/* How much of "www.", "www2.", "m.", "mobile.", "amp." stands in front. */
static size_t
front(const char *host)
{
	size_t i;

	if (strncmp(host, "www", 3) == 0) {
		for (i = 3; isdigit((unsigned char)host[i]); i++)
			;
		return host[i] == '.' ? i + 1 : 0;
	}
	if (strncmp(host, "m.", 2) == 0)
		return 2;
	if (strncmp(host, "mobile.", 7) == 0)
		return 7;
	return strncmp(host, "amp.", 4) == 0 ? 4 : 0;
}

/* A name that somebody can own: a dot in it, and more than "co.uk". */
static bool
is_registrable(const char *host)
{
	static const char *const shared[] = {
	    "co.", "com.", "org.", "net.", "ac.", "gov.", "edu.", "ne.", "or."};
	const char *dot = strchr(host, '.');
	size_t i;

	if (dot == NULL || dot == host || dot[1] == '\0')
		return false;
	for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		if (strncmp(host, shared[i], strlen(shared[i])) == 0 &&
		    strlen(dot) == 3)
			return false;
	}
	return true;
}

static void
cut_front(struct urlparts *parts)
{
	char *host = parts->site, *mobile;
	size_t cut = 0, more;

	while ((more = front(host + cut)) > 0 && is_registrable(host + cut + more))
		cut += more;
	parts->site_size -= cut;
	memmove(host, host + cut, parts->site_size + 1);
	/* de.m.wikipedia.org */
	while ((mobile = strstr(host, ".m.wiki")) != NULL) {
		parts->site_size -= 2;
		memmove(mobile, mobile + 2, strlen(mobile + 2) + 1);
	}
}

/* How many unreserved characters stand at `text`: most of any URL. */
static inline size_t
plain_run(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && is_unreserved((unsigned char)text[i]))
		i++;
	return i;
}

/* One byte or escape at `text`: writes up to 3 bytes, returns what was read. */
static size_t
escape_one(const char *text, size_t size, bool form, char out[3], size_t *ret_size)
{
	static const char digits[] = "0123456789ABCDEF";
	int byte = escaped(text, size);
	size_t read = byte >= 0 ? 3 : 1;
	unsigned char c = byte >= 0 ? (unsigned char)byte : (unsigned char)*text;

	if (byte < 0 && form && c == '+')
		c = ' ';
	if (is_unreserved(c) ||
	    (byte < 0 && c != ' ' && c < 0x7F &&
		strchr("%\"<>\\^`{|}", c) == NULL)) {
		out[0] = (char)c;
		*ret_size = 1;
		return read;
	}
	out[0] = '%';
	out[1] = digits[c >> 4];
	out[2] = digits[c & 15];
	*ret_size = 3;
	return read;
}

void
urlparts_escape(const char *text, size_t size, bool form, struct buf *out)
{
	char piece[3];
	size_t i = 0, length;

	for (;;) {
		length = plain_run(text + i, size - i);
		buf_add(out, text + i, length);
		i += length;
		if (i == size)
			break;
		i += escape_one(text + i, size - i, form, piece, &length);
		buf_add(out, piece, length);
	}
}

void
urlparts_unescape(struct span text, struct buf *out)
{
	size_t i;
	int byte;

	for (i = 0; i < text.size; i++) {
		byte = escaped(text.at + i, text.size - i);
		if (byte > 0)
			i += 2;
		buf_putc(out, byte > 0 ? (char)byte : text.at[i]);
	}
}

/* What a segment just written at `start` amounts to: kept, or gone with what dots
 * say.  Returns the new size. */
static size_t
close_segment(const char *path, size_t start, size_t size)
{
	size_t length = size - start;

	if (length == 0 || (length == 1 && path[start] == '.'))
		return start;
	if (length != 2 || memcmp(path + start, "..", 2) != 0)
		return size;
	if (start < 2)
		return start; /* nothing to go up from */
	for (start--; path[start - 1] != '/'; start--)
		;
	return start;
}

/* "/a//b/../c;jsessionid=1" to "/a/c": escapes alike first, since %2e is a dot. */
static void
clean_path(struct urlparts *parts)
{
	char *path = parts->clean;
	const char *at = parts->path.at, *end = at + parts->path.size;
	size_t size = 0, start, length;

	path[size++] = '/';
	start = size;
	while (at < end) {
		if (*at == '/') {
			size = close_segment(path, start, size);
			if (path[size - 1] != '/')
				path[size++] = '/';
			start = size;
			at++;
		} else if (*at == ';' &&
		    urlparts_starts(
			(struct span){at, (size_t)(end - at)}, ";jsessionid=")) {
			while (at < end && *at != '/')
				at++;
		} else {
			length = plain_run(at, (size_t)(end - at));
			memcpy(path + size, at, length);
			at += length;
			if (length == 0)
				at += escape_one(at, (size_t)(end - at), false,
				    path + size, &length);
			size += length;
		}
	}
	size = close_segment(path, start, size);
	path[size] = '\0';
	parts->clean_size = size;
}

static void
split_rest(struct urlparts *parts)
{
	struct span rest = parts->rest;
	const char *mark = memchr(rest.at, '#', rest.size);

	parts->fragment = (struct span){rest.at + rest.size, 0};
	if (mark != NULL) {
		parts->fragment.at = mark + 1;
		parts->fragment.size = rest.size - (size_t)(mark + 1 - rest.at);
		rest.size = (size_t)(mark - rest.at);
	}
	parts->query = (struct span){rest.at + rest.size, 0};
	mark = memchr(rest.at, '?', rest.size);
	if (mark != NULL) {
		parts->query.at = mark + 1;
		parts->query.size = rest.size - (size_t)(mark + 1 - rest.at);
		rest.size = (size_t)(mark - rest.at);
	}
	parts->path = rest;
}

bool
urlparts_split(const char *url, struct urlparts *parts)
{
	struct span text;

	if (!tidy(url, parts))
		return false;
	text = (struct span){parts->text, parts->size};
	if (!cut_schemes(&text, &parts->https))
		return false;
	parts->host = text;
	parts->host.size = strcspn(text.at, "/?#");
	parts->rest.at = text.at + parts->host.size;
	parts->rest.size = text.size - parts->host.size;
	if (!lower_host(bare_host(parts->host), parts))
		return false;
	cut_front(parts);
	split_rest(parts);
	clean_path(parts);
	return true;
}

bool
urlparts_is_at(const struct urlparts *parts, const char *host)
{
	size_t size = strlen(host);

	return parts->site_size >= size &&
	    memcmp(parts->site + parts->site_size - size, host, size) == 0 &&
	    (parts->site_size == size ||
		parts->site[parts->site_size - size - 1] == '.');
}

int
urlparts_parameters(struct span query, struct span parameters[URLPARTS_PARAMETERS])
{
	const char *end = query.at + query.size, *mark;
	int count = 0;

	while (query.at < end) {
		mark = memchr(query.at, '&', (size_t)(end - query.at));
		if (mark == NULL)
			mark = end;
		/* sorted behind another, this would be an entity again */
		while (mark - query.at >= 4 && memcmp(query.at, "amp;", 4) == 0)
			query.at += 4;
		if (mark > query.at) {
			if (count == URLPARTS_PARAMETERS)
				return -1;
			parameters[count].at = query.at;
			parameters[count++].size = (size_t)(mark - query.at);
		}
		query.at = mark + 1;
	}
	return count;
}

bool
urlparts_name(struct span parameter, char name[64], struct span *ret_value)
{
	const char *equals = memchr(parameter.at, '=', parameter.size);
	size_t i, size;

	size = equals != NULL ? (size_t)(equals - parameter.at) : parameter.size;
	ret_value->at = parameter.at + size + (equals != NULL);
	ret_value->size = parameter.size - size - (equals != NULL);
	if (size >= 64)
		return false;
	for (i = 0; i < size; i++)
		name[i] = (char)tolower((unsigned char)parameter.at[i]);
	name[size] = '\0';
	return true;
}
