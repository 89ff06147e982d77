/* SPDX-License-Identifier: ISC */
#include "normalise/urlsites.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define SEGMENTS 8 /* more than any form below needs */

/* The parts of the clean path between slashes. */
static int
segments(const struct urlparts *parts, struct span segment[SEGMENTS])
{
	const char *at = parts->clean + 1;
	int count = 0;

	while (*at != '\0' && count < SEGMENTS) {
		segment[count].at = at;
		segment[count].size = strcspn(at, "/");
		at += segment[count++].size;
		at += *at == '/';
	}
	return count;
}

static bool
is(struct span text, const char *word)
{
	return text.size == strlen(word) &&
	    strncasecmp(text.at, word, text.size) == 0;
}

static bool
is_one_of(const struct urlparts *parts, const char *const *hosts)
{
	for (; *hosts != NULL; hosts++) {
		if (urlparts_is_at(parts, *hosts))
			return true;
	}
	return false;
}

/* Letters, digits, _ and - alone, `least` of them. */
static bool
is_id(struct span text, size_t least)
{
	size_t i;

	for (i = 0; i < text.size; i++) {
		if (!isalnum((unsigned char)text.at[i]) && text.at[i] != '_' &&
		    text.at[i] != '-')
			return false;
	}
	return text.size >= least;
}

static bool
is_number(struct span text)
{
	size_t i;

	for (i = 0; i < text.size && isdigit((unsigned char)text.at[i]); i++)
		;
	return text.size > 0 && i == text.size;
}

static bool
put(struct buf *out, const char *prefix, struct span id)
{
	buf_puts(out, prefix);
	buf_add(out, id.at, id.size);
	return true;
}

static bool
youtube(const struct urlparts *parts, const struct span *segment, int count,
    struct buf *out)
{
	static const char *const hosts[] = {
	    "youtube.com", "youtube-nocookie.com", NULL};
	static const char *const forms[] = {"embed", "shorts", "v", "live", NULL};
	struct span parameters[URLPARTS_PARAMETERS];
	const char *prefix = "//youtube.com/watch?v=";
	int i, n;

	if (strcmp(parts->site, "youtu.be") == 0 && count == 1 &&
	    is_id(segment[0], 8))
		return put(out, prefix, segment[0]);
	if (!is_one_of(parts, hosts))
		return false;
	for (i = 0; forms[i] != NULL && count == 2; i++) {
		if (is(segment[0], forms[i]) && is_id(segment[1], 8) &&
		    !is(segment[1], "videoseries"))
			return put(out, prefix, segment[1]);
	}
	if (count != 1 || !is(segment[0], "watch"))
		return false;
	n = urlparts_parameters(parts->query, parameters);
	for (i = 0; i < n; i++) {
		if (parameters[i].size > 2 &&
		    memcmp(parameters[i].at, "v=", 2) == 0) {
			parameters[i].at += 2;
			parameters[i].size -= 2;
			return is_id(parameters[i], 8) &&
			    put(out, prefix, parameters[i]);
		}
	}
	return false;
}

static bool
twitter(const struct urlparts *parts, const struct span *segment, int count,
    struct buf *out)
{
	static const char *const hosts[] = {"x.com", "twitter.com", "nitter.net",
	    "nitter.it", "nitter.poast.org", "xcancel.com", "fxtwitter.com",
	    "vxtwitter.com", "fixupx.com", NULL};
	int i;

	if (!is_one_of(parts, hosts))
		return false;
	for (i = 1; i + 1 < count && i < 3; i++) {
		if ((is(segment[i], "status") || is(segment[i], "statuses")) &&
		    is_number(segment[i + 1]))
			return put(out, "//x.com/i/status/", segment[i + 1]);
	}
	return false;
}

static bool
reddit(const struct urlparts *parts, const struct span *segment, int count,
    struct buf *out)
{
	static const char *const hosts[] = {"reddit.com", NULL};
	int i;

	if (strcmp(parts->site, "redd.it") == 0 && count == 1 &&
	    is_id(segment[0], 4))
		return put(out, "//reddit.com/comments/", segment[0]);
	if (!is_one_of(parts, hosts))
		return false;
	for (i = 0; i + 1 < count && i < 3; i++) {
		if (!is(segment[i], "comments") || !is_id(segment[i + 1], 4))
			continue;
		(void)put(out, "//reddit.com/comments/", segment[i + 1]);
		if (i + 3 < count && is_id(segment[i + 3], 4))
			(void)put(out, "/_/", segment[i + 3]);
		return true;
	}
	return false;
}

/* 2401.01234v2.pdf without its version and suffix. */
static struct span
paper(struct span id)
{
	size_t size;

	if (id.size > 4 && strncasecmp(id.at + id.size - 4, ".pdf", 4) == 0)
		id.size -= 4;
	for (size = id.size; size > 0 && isdigit((unsigned char)id.at[size - 1]);
	    size--)
		;
	if (size < id.size && size > 1 && id.at[size - 1] == 'v' &&
	    isdigit((unsigned char)id.at[size - 2]))
		id.size = size - 1;
	return id;
}

static bool
arxiv(const struct urlparts *parts, const struct span *segment, int count,
    struct buf *out)
{
	static const char *const hosts[] = {"arxiv.org", NULL};

	if (!is_one_of(parts, hosts) || count < 2 || count > 3 ||
	    !(is(segment[0], "abs") || is(segment[0], "pdf") ||
		is(segment[0], "html")))
		return false;
	(void)put(
	    out, "//arxiv.org/abs/", count == 2 ? paper(segment[1]) : segment[1]);
	if (count == 3) /* math/0309136 */
		(void)put(out, "/", paper(segment[2]));
	return true;
}

/* DOIs know no case. */
static bool
doi(const struct urlparts *parts, struct buf *out)
{
	const char *at = parts->clean + 1;

	if ((strcmp(parts->site, "doi.org") != 0 &&
		strcmp(parts->site, "dx.doi.org") != 0) ||
	    strncmp(at, "10.", 3) != 0)
		return false;
	buf_puts(out, "//doi.org/");
	for (; *at != '\0'; at++) {
		/* the hex of an escape is upper case everywhere */
		if (*at == '%' && at[1] != '\0' && at[2] != '\0') {
			buf_add(out, at, 3);
			at += 2;
		} else {
			buf_putc(out, (char)tolower((unsigned char)*at));
		}
	}
	return true;
}

static bool
amazon(const struct urlparts *parts, const struct span *segment, int count,
    struct buf *out)
{
	struct span id;
	int i;

	if (strncmp(parts->site, "amazon.", 7) != 0)
		return false;
	for (i = 0; i + 1 < count; i++) {
		if (is(segment[i], "dp") ||
		    (is(segment[i], "product") && i > 0 && is(segment[i - 1], "gp")))
			break;
	}
	if (i + 1 >= count)
		return false;
	id = segment[i + 1];
	if (id.size != 10 || !is_id(id, 10))
		return false;
	buf_puts(out, "//");
	buf_puts(out, parts->site);
	return put(out, "/dp/", id);
}

bool
urlsites_key(const struct urlparts *parts, struct buf *out)
{
	struct span segment[SEGMENTS];
	int count = segments(parts, segment);

	return youtube(parts, segment, count, out) ||
	    twitter(parts, segment, count, out) ||
	    reddit(parts, segment, count, out) ||
	    arxiv(parts, segment, count, out) || doi(parts, out) ||
	    amazon(parts, segment, count, out);
}
