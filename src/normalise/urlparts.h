/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_URLPARTS_H
#define NORMALISE_URLPARTS_H

/*
 * The pieces of a link, for comparing: more forgiving than any standard, since
 * nothing is fetched from them.  Any thread.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

struct span {
	const char *at;
	size_t size;
};

#define URLPARTS_TEXT (LIMIT_URL_BYTES + 1)
#define URLPARTS_HOST 512
#define URLPARTS_PARAMETERS 256 /* more: the query is taken as it stands */

/* A tidied copy of a link and what it consists of.  About 35 KB: on the stack. */
struct urlparts {
	char text[URLPARTS_TEXT]; /* without entities, controls, <>, blanks around */
	size_t size;
	bool https;
	struct span host, rest; /* as written; everything behind the authority */
	struct span path, query, fragment; /* `rest` in pieces, marks left out */
	char site[URLPARTS_HOST]; /* lower case, no www. m. amp., port if odd */
	size_t site_size;
	char clean[3 * URLPARTS_TEXT]; /* the path: escapes alike, no dot segments */
	size_t clean_size;
};

/* False: no link to http, or longer than any server takes. */
bool urlparts_split(const char *url, struct urlparts *parts);
/* The site is `host` or a subdomain of it. */
bool urlparts_is_at(const struct urlparts *parts, const char *host);
/* Escapes made alike: unreserved characters plain, hex in upper case, and what may
 * not stand in a URL escaped.  `form`: + is a blank. */
void urlparts_escape(const char *text, size_t size, bool form, struct buf *out);
/* The parameters of a query; their number, or -1: too many. */
int urlparts_parameters(
    struct span query, struct span parameters[URLPARTS_PARAMETERS]);
/* Name of a parameter as rules compare it: lower case, entity rests in front cut.
 * False: too long to be in any rule. */
bool urlparts_name(struct span parameter, char name[64], struct span *ret_value);
bool urlparts_starts(struct span text, const char *with); /* any case */
/* %XX undone, appended. */
void urlparts_unescape(struct span text, struct buf *out);

#endif
