/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "parse/builder.h"

static enum document_kind
rss_kind(const char *version)
{
	static const struct {
		const char *version;
		enum document_kind kind;
	} known[] = {
	    {"0.90", KIND_RSS090},
	    {"0.9", KIND_RSS090},
	    {"0.91", KIND_RSS091},
	    {"0.92", KIND_RSS092},
	    {"0.93", KIND_RSS093},
	    {"0.94", KIND_RSS094},
	    {"1.0", KIND_RSS10},
	    {"1.1", KIND_RSS11},
	};

	if (version == NULL)
		return KIND_RSS;
	if (version[0] == '2' && (version[1] == '.' || version[1] == '\0'))
		return KIND_RSS20;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].version, version) == 0)
			return known[i].kind;
	return KIND_RSS;
}

/* RDF is a feed only with one of RSS's vocabularies. */
enum document_kind
root_rdf_kind(const struct builder *b)
{
	for (size_t i = 0; i < b->scope.count; i++) {
		switch (b->scope.binding[i].ns) {
		case NS_RSS090:
			return KIND_RSS090;
		case NS_RSS10:
			return KIND_RSS10;
		case NS_RSS11:
			return KIND_RSS11;
		default:
			break;
		}
	}
	return KIND_UNKNOWN;
}

static enum document_kind
atom_kind(enum ns ns, const char *version)
{
	if (ns == NS_ATOM10)
		return KIND_ATOM10;
	if (ns == NS_ATOM03 || (version != NULL && strcmp(version, "0.3") == 0))
		return version == NULL || strcmp(version, "0.3") == 0 ? KIND_ATOM03
								      : KIND_ATOM;
	return KIND_ATOM;
}

/* The root of a document that names no version: CDF has attributes. */
static bool
is_cdf(const char *const *atts)
{
	return builder_att(atts, "href") != NULL ||
	    builder_att(atts, "lastmod") != NULL ||
	    builder_att(atts, "self") != NULL;
}

/* The root is itself an element of the table. */
static void
open_as(
    struct builder *b, struct frame *f, const char *name, const char *const *atts)
{
	for (size_t i = 0; i < elements_count; i++) {
		if (elements[i].ns != NS_CORE || strcmp(elements[i].name, name) != 0)
			continue;
		f->element = &elements[i];
		f->inside = elements[i].inside;
		elements[i].start(b, f, atts);
		return;
	}
}

static bool
open_channel(struct builder *b, struct frame *f, enum ns ns, const char *qname,
    const char *const *atts)
{
	b->feed.kind = ns == NS_RSS11                           ? KIND_RSS11
	    : is_cdf(atts) || strncmp(qname, "CHANNEL", 7) == 0 ? KIND_CDF
								: KIND_RSS;
	open_as(b, f, "channel", atts);
	return true;
}

bool
root_open(
    struct builder *b, struct frame *f, const char *qname, const char *const *atts)
{
	const char *version = builder_att(atts, "version");
	size_t prefix, size;
	const char *local = ns_local(qname, &prefix, &size);
	unsigned depth;
	enum ns ns = ns_find(&b->scope, qname, prefix, &depth);

	b->feed.c.base = f->base;
	b->feed.c.language = f->lang;
	f->inside = IN_TOP | IN_FEED;
	if (strcasecmp(local, "rss") == 0) {
		b->feed.kind = rss_kind(version);
		return true;
	}
	if (strcasecmp(local, "rdf") == 0) {
		b->feed.kind = root_rdf_kind(b);
		b->is_rdf = true;
		return true; /* its children may still tell */
	}
	if (strcasecmp(local, "feed") == 0 && (prefix == 0 || ns != NS_FOREIGN)) {
		b->feed.kind = atom_kind(ns, version);
		b->is_atom = true;
		f->is_atom = true;
		return true;
	}
	if (strcasecmp(local, "entry") == 0 && ns == NS_ATOM10) {
		b->feed.kind = KIND_ATOM10;
		b->is_atom = true;
		f->is_atom = true;
		open_as(b, f, "entry", atts); /* a feed of one: RFC 4287, 2 */
		return true;
	}
	if (strcasecmp(local, "channel") == 0)
		return open_channel(b, f, ns, qname, atts);
	f->inside = IN_NOTHING;
	return false;
}
