/* SPDX-License-Identifier: ISC */
#ifndef PARSE_NS_H
#define PARSE_NS_H

/*
 * Namespaces as feeds use them.  A URI is compared without its scheme, case
 * and trailing slash or hash, and several spellings mean one namespace; a
 * prefix that nobody declared keeps its usual meaning (FORMATS 22).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum ns {
	NS_NONE,    /* no namespace at all */
	NS_FOREIGN, /* declared, and not one of ours */
	NS_CORE,    /* RSS and Atom elements, by whatever way they were named */
	NS_RSS090,
	NS_RSS10,
	NS_RSS11,
	NS_RSS20,
	NS_ATOM03,
	NS_ATOM10,
	NS_RDF,
	NS_XML,
	NS_XHTML,
	NS_DC,
	NS_DCTERMS,
	NS_CONTENT,
	NS_MEDIA,
	NS_ITUNES,
	NS_PODCAST,
	NS_SY,
	NS_SLASH,
	NS_WFW,
	NS_THR,
	NS_FEEDBURNER,
	NS_CC,
	NS_GEORSS,
	NS_GML,
	NS_GEO,
	NS_PSC,
	NS_FH,
	NS_ADMIN,
	NS_COUNT
};

enum ns ns_from_uri(const char *uri);
/* The usual meaning of a prefix nobody declared; NS_FOREIGN: none. */
enum ns ns_from_prefix(const char *prefix, size_t size);

/* The declarations in force: a stack. */
struct ns_binding {
	const char *prefix; /* "" for the default namespace; in the arena */
	size_t size;
	enum ns ns;
	unsigned depth; /* of the element that declared it */
};

#define NS_BINDINGS 64 /* in force at once; a real feed has about 20 */

struct ns_scope {
	struct arena *arena;
	struct ns_binding binding[NS_BINDINGS];
	size_t count;
	unsigned generation; /* changes with the declarations: for caches */
};

/* Reads the xmlns attributes of an element at `depth`. */
void ns_open(struct ns_scope *scope, unsigned depth, const char *const *atts);
/* Forgets what was declared at `depth` and below. */
static inline void
ns_close(struct ns_scope *scope, unsigned depth)
{
	while (scope->count > 0 && scope->binding[scope->count - 1].depth >= depth) {
		scope->count--;
		scope->generation++;
	}
}
/* Of a prefix ("" for none).  *ret_depth: where it was declared, 0 nowhere. */
enum ns ns_find(const struct ns_scope *scope, const char *prefix, size_t size,
    unsigned *ret_depth);

/* The part of a name behind its colon; the lengths of what is before and of it. */
const char *ns_local(const char *qname, size_t *ret_prefix, size_t *ret_size);

#endif
