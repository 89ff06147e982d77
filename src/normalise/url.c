/* SPDX-License-Identifier: ISC */
#include "normalise/normalise.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "normalise/urlparts.h"
#include "normalise/urlrules.h"
#include "normalise/urlsites.h"
#include "normalise/urltrack.h"

#define UNWRAP_MAX 4 /* redirects inside redirects: more are a game */
#define KEY_ROUNDS 16

/* The last segment of the clean path: where it starts. */
static size_t
last_segment(const struct urlparts *parts)
{
	size_t at = parts->clean_size;

	while (at > 1 && parts->clean[at - 1] != '/')
		at--;
	return at;
}

static int
compare_index(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool
is_index(const char *segment)
{
	char lower[16];
	size_t i;

	for (i = 0; segment[i] != '\0' && i + 1 < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)segment[i]);
	lower[i] = '\0';
	return segment[i] == '\0' &&
	    bsearch(lower, urlrules_indexes, urlrules_index_count,
		sizeof(urlrules_indexes[0]), compare_index) != NULL;
}

/* A segment that names an article rather than a shelf: several words, or numbers.
 * What follows it as /amp is a format; /guitars/amp is not. */
static bool
is_slug(const char *segment, size_t size)
{
	size_t i, digits = 0;

	for (i = 0; i < size; i++) {
		if (segment[i] == '-' || segment[i] == '_' || segment[i] == '.')
			return true;
		digits += isdigit((unsigned char)segment[i]) != 0;
	}
	return digits >= 3;
}

static void
cut_to(struct urlparts *parts, size_t size)
{
	while (size > 1 && parts->clean[size - 1] == '/')
		size--;
	parts->clean_size = size;
	parts->clean[size] = '\0';
}

/* One step of cutting what names a format or nothing off the end; false: done. */
static bool
cut_end(struct urlparts *parts)
{
	size_t start = last_segment(parts), size = parts->clean_size, before;
	char *last = parts->clean + start;

	if (is_index(last)) {
		cut_to(parts, start);
		return true;
	}
	if (strcmp(last, "amp") == 0 && start > 1) {
		for (before = start - 1;
		    before > 1 && parts->clean[before - 1] != '/';)
			before--;
		if (!is_slug(parts->clean + before, start - 1 - before))
			return false;
		cut_to(parts, start);
		return true;
	}
	if (size - start > 4 && strcmp(parts->clean + size - 4, ".amp") == 0) {
		cut_to(parts, size - 4);
		return true;
	}
	if (size - start > 9 && strcmp(parts->clean + size - 9, ".amp.html") == 0) {
		memcpy(parts->clean + size - 9, ".html", sizeof(".html"));
		parts->clean_size -= 4;
		return true;
	}
	return false;
}

static void
shorten_path(struct urlparts *parts)
{
	size_t cut = 0;

	cut_to(parts, parts->clean_size);
	while (cut_end(parts))
		;
	while (strncmp(parts->clean + cut, "/amp/", 5) == 0)
		cut += 4;
	parts->clean_size -= cut;
	memmove(parts->clean, parts->clean + cut, parts->clean_size + 1);
}

static int
compare_span(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t size = x->size < y->size ? x->size : y->size;
	int order = memcmp(x->at, y->at, size);

	return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

/* Parameters that matter, escapes alike, sorted, each once. */
static void
add_query(const struct urlparts *parts, struct buf *out)
{
	struct span parameters[URLPARTS_PARAMETERS], kept[URLPARTS_PARAMETERS];
	int i, count = urlparts_parameters(parts->query, parameters), n = 0;
	struct buf text = {0};
	size_t start;
	char mark = '?';

	if (count < 0) {
		buf_putc(out, '?');
		urlparts_escape(parts->query.at, parts->query.size, true, out);
		return;
	}
	(void)buf_room(&text, 3 * parts->query.size); /* spans stay good */
	for (i = 0; i < count; i++) {
		if (urltrack_drops(parts, parameters[i]))
			continue;
		start = text.len;
		urlparts_escape(parameters[i].at, parameters[i].size, true, &text);
		/* "flag=" is "flag"; the value of "a==" is "=" */
		if (memchr(text.data + start, '=', text.len - start) ==
		    text.data + text.len - 1)
			text.len--;
		kept[n].at = text.data + start;
		kept[n].size = text.len - start;
		n += kept[n].size > 0;
	}
	qsort(kept, (size_t)n, sizeof(kept[0]), compare_span);
	for (i = 0; i < n; i++) {
		if (i > 0 && compare_span(&kept[i - 1], &kept[i]) == 0)
			continue;
		buf_putc(out, mark);
		buf_add(out, kept[i].at, kept[i].size);
		mark = '&';
	}
	buf_done(&text);
}

/* Follows redirects that carry their target: `parts` becomes what they lead to.
 * False: they lead nowhere or never end, and `parts` is no longer the link's. */
static bool
unwrap(struct urlparts *parts, struct buf *target)
{
	struct buf next = {0};
	int depth;

	for (depth = 0; depth <= UNWRAP_MAX; depth++) {
		if (!urltrack_unwrap(parts, &next))
			break;
		buf_reset(target);
		buf_add(target, next.data, next.len);
		if (!urlparts_split(buf_text(target), parts) ||
		    strpbrk(parts->site, ".:") == NULL) {
			depth = UNWRAP_MAX;
			continue;
		}
	}
	buf_done(&next);
	return depth <= UNWRAP_MAX;
}

static bool
add_key(struct urlparts *parts, struct buf *out)
{
	size_t start, size;

	shorten_path(parts);
	if (urlsites_key(parts, out))
		return true;
	buf_puts(out, "//");
	buf_add(out, parts->site, parts->site_size);
	start = out->len;
	buf_add(out, parts->clean, parts->clean_size);
	if (parts->query.size > 0)
		add_query(parts, out);
	size = urltrack_fragment(parts);
	if (size > 0) {
		buf_putc(out, '#');
		urlparts_escape(parts->fragment.at, size, false, out);
	}
	return out->len > start + 1;
}

static bool
add_plain(const char *url, struct buf *out)
{
	size_t size;

	while (*url != '\0' && (unsigned char)*url <= ' ')
		url++;
	for (size = strlen(url); size > 0 && (unsigned char)url[size - 1] <= ' ';)
		size--;
	buf_add(out, url, size);
	return size > 0;
}

/* True: `out` may still be a redirect. */
static bool
add_key_once(const char *url, struct buf *out, bool *ret_identifies)
{
	struct urlparts parts;
	struct buf target = {0};

	if (!urlparts_split(url, &parts)) {
		*ret_identifies = add_plain(url, out);
		return false;
	}
	if (!unwrap(&parts, &target))
		(void)urlparts_split(url, &parts);
	*ret_identifies = add_key(&parts, out);
	buf_done(&target);
	return urltrack_is_redirector(&parts);
}

bool
normalise_url_key(const char *url, struct buf *out)
{
	struct buf before = {0};
	size_t start = out->len;
	bool identifies, again;
	int round = 0;

	again = add_key_once(url, out, &identifies);
	/* A redirect that could not be followed may be one that can, now that
	 * nothing tracks in it; the key must not change when it is made again. */
	while (again && round++ < KEY_ROUNDS) {
		buf_reset(&before);
		buf_puts(&before, out->data + start);
		out->len = start;
		again = add_key_once(before.data, out, &identifies) &&
		    strcmp(before.data, out->data + start) != 0;
	}
	buf_done(&before);
	return identifies;
}

/* `url` without the parameters that only track, everything else as it was. */
static void
add_untracked(const struct urlparts *parts, const char *url, struct buf *out)
{
	const char *mark = strchr(url, '?'), *end, *at, *stop;
	bool first = true;

	end = mark != NULL ? mark + 1 + strcspn(mark + 1, "#") : NULL;
	if (mark == NULL || end == mark + 1 ||
	    memchr(url, '#', (size_t)(mark - url)) != NULL) {
		buf_puts(out, url);
		return;
	}
	buf_add(out, url, (size_t)(mark - url));
	for (at = mark + 1; at <= end; at = stop + 1) {
		struct span parameter = {at, 0}, name;

		stop = memchr(at, '&', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		parameter.size = (size_t)(stop - at);
		name = parameter;
		if (urlparts_starts(name, "amp;")) { /* "&amp;" as it stands */
			name.at += 4;
			name.size -= 4;
		}
		if (urltrack_drops(parts, name))
			continue;
		buf_putc(out, first ? '?' : '&');
		buf_add(out, parameter.at, parameter.size);
		first = false;
	}
	buf_puts(out, end);
}

void
normalise_url(const char *url, struct buf *out)
{
	struct urlparts parts;
	struct buf target = {0};

	if (!urlparts_split(url, &parts)) {
		buf_puts(out, url);
		return;
	}
	if (!unwrap(&parts, &target)) {
		buf_reset(&target);
		(void)urlparts_split(url, &parts);
	}
	add_untracked(&parts, target.len > 0 ? target.data : url, out);
	buf_done(&target);
}
