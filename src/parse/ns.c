/* SPDX-License-Identifier: ISC */
#include "parse/ns.h"

#include <string.h>
#include <strings.h>

/* URIs without scheme, in lower case, without a trailing slash or hash. */
static const struct {
	const char *uri;
	enum ns ns;
} uris[] = {
    {"my.netscape.com/rdf/simple/0.9", NS_RSS090},
    {"channel.netscape.com/rdf/simple/0.9", NS_RSS090},
    {"purl.org/rss/1.0", NS_RSS10},
    {"purl.org/net/rss1.1", NS_RSS11},
    {"my.netscape.com/publish/formats/rss-0.91.dtd", NS_RSS20},
    {"backend.userland.com/rss", NS_RSS20},
    {"backend.userland.com/rss2", NS_RSS20},
    {"backend.userland.com/rss091", NS_RSS20},
    {"backend.userland.com/rss092", NS_RSS20},
    {"blogs.law.harvard.edu/tech/rss", NS_RSS20},
    {"cyber.law.harvard.edu/rss", NS_RSS20},
    {"cyber.law.harvard.edu/rss/rss.html", NS_RSS20},
    {"www.rssboard.org/rss-specification", NS_RSS20},
    {"purl.org/rss/2.0", NS_RSS20},
    {"purl.org/net/rss2.0", NS_RSS20},
    {"purl.org/atom/ns", NS_ATOM03},
    {"example.com/newformat", NS_ATOM03},
    {"example.com/necho", NS_ATOM03},
    {"purl.org/echo", NS_ATOM03},
    {"uri/of/echo/namespace", NS_ATOM03},
    {"purl.org/pie", NS_ATOM03},
    {"purl.org/rss/1.0/modules/rss091", NS_RSS20},
    {"www.w3.org/2005/atom", NS_ATOM10},
    {"w3.org/2005/atom", NS_ATOM10},
    {"www.w3.org/1999/02/22-rdf-syntax-ns", NS_RDF},
    {"www.w3.org/xml/1998/namespace", NS_XML},
    {"www.w3.org/1999/xhtml", NS_XHTML},
    {"purl.org/dc/elements/1.0", NS_DC},
    {"purl.org/dc/elements/1.1", NS_DC},
    {"purl.org/dc/terms", NS_DCTERMS},
    {"purl.org/rss/1.0/modules/dcterms", NS_DCTERMS},
    {"purl.org/rss/1.0/modules/content", NS_CONTENT},
    {"search.yahoo.com/mrss", NS_MEDIA},
    {"www.rssboard.org/media-rss", NS_MEDIA},
    {"tools.search.yahoo.com/mrss", NS_MEDIA},
    {"video.search.yahoo.com/mrss", NS_MEDIA},
    {"www.itunes.com/dtds/podcast-1.0.dtd", NS_ITUNES},
    {"www.itunes.com/dtds/podcast-1.0", NS_ITUNES},
    {"www.itunes.com/dtds/podcast", NS_ITUNES},
    {"itunes.apple.com/dtds/podcast-1.0.dtd", NS_ITUNES},
    {"example.com/dtds/podcast-1.0.dtd", NS_ITUNES},
    {"podcastindex.org/namespace/1.0", NS_PODCAST},
    {"github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
	NS_PODCAST},
    {"purl.org/rss/1.0/modules/syndication", NS_SY},
    {"purl.org/rss/modules/syndication", NS_SY},
    {"purl.org/rss/1.0/modules/slash", NS_SLASH},
    {"wellformedweb.org/commentapi", NS_WFW},
    {"purl.org/syndication/thread/1.0", NS_THR},
    {"rssnamespace.org/feedburner/ext/1.0", NS_FEEDBURNER},
    {"web.resource.org/cc", NS_CC},
    {"creativecommons.org/ns", NS_CC},
    {"backend.userland.com/creativecommonsrssmodule", NS_CC},
    {"cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", NS_CC},
    {"www.georss.org/georss", NS_GEORSS},
    {"www.georss.org/georss/10", NS_GEORSS},
    {"www.opengis.net/gml", NS_GML},
    {"www.opengis.net/gml/3.2", NS_GML},
    {"www.w3.org/2003/01/geo/wgs84_pos", NS_GEO},
    {"podlove.org/simple-chapters", NS_PSC},
    {"purl.org/syndication/history/1.0", NS_FH},
    {"webns.net/mvcb", NS_ADMIN},
};

static const struct {
	const char *prefix;
	enum ns ns;
} prefixes[] = {
    {"rss", NS_CORE},
    {"rss10", NS_CORE},
    {"atom", NS_ATOM10},
    {"atom10", NS_ATOM10},
    {"a10", NS_ATOM10},
    {"rdf", NS_RDF},
    {"xml", NS_XML},
    {"xhtml", NS_XHTML},
    {"dc", NS_DC},
    {"dcterms", NS_DCTERMS},
    {"content", NS_CONTENT},
    {"media", NS_MEDIA},
    {"itunes", NS_ITUNES},
    {"podcast", NS_PODCAST},
    {"sy", NS_SY},
    {"slash", NS_SLASH},
    {"wfw", NS_WFW},
    {"thr", NS_THR},
    {"feedburner", NS_FEEDBURNER},
    {"cc", NS_CC},
    {"creativecommons", NS_CC},
    {"georss", NS_GEORSS},
    {"gml", NS_GML},
    {"geo", NS_GEO},
    {"psc", NS_PSC},
    {"fh", NS_FH},
    {"admin", NS_ADMIN},
};

/* A URI's part that counts: neither http nor https, no slash or hash at the end. */
static size_t
core_of(const char *uri, const char **ret_start)
{
	size_t size;

	uri += strspn(uri, " \t\r\n");
	if (strncasecmp(uri, "http://", 7) == 0)
		uri += 7;
	else if (strncasecmp(uri, "https://", 8) == 0)
		uri += 8;
	size = strlen(uri);
	while (size > 0 && strchr("/# \t\r\n", uri[size - 1]) != NULL)
		size--;
	*ret_start = uri;
	return size;
}

enum ns
ns_from_uri(const char *uri)
{
	const char *start;
	size_t size = core_of(uri, &start);

	if (size == 0)
		return NS_NONE;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		if (strlen(uris[i].uri) == size &&
		    strncasecmp(uris[i].uri, start, size) == 0)
			return uris[i].ns;
	return NS_FOREIGN;
}

enum ns
ns_from_prefix(const char *prefix, size_t size)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strlen(prefixes[i].prefix) == size &&
		    strncasecmp(prefixes[i].prefix, prefix, size) == 0)
			return prefixes[i].ns;
	return NS_FOREIGN;
}

void
ns_open(struct ns_scope *scope, unsigned depth, const char *const *atts)
{
	struct ns_binding *b;
	const char *prefix;

	for (; atts[0] != NULL; atts += 2) {
		if (strncmp(atts[0], "xmlns", 5) != 0)
			continue;
		if (atts[0][5] == ':')
			prefix = atts[0] + 6;
		else if (atts[0][5] == '\0')
			prefix = "";
		else
			continue;
		if (scope->count == NS_BINDINGS)
			return; /* no real feed; its prefixes keep their old meaning */
		b = &scope->binding[scope->count];
		b->prefix = arena_strdup(scope->arena, prefix);
		if (b->prefix == NULL)
			return;
		b->size = strlen(prefix);
		b->ns = ns_from_uri(atts[1]);
		b->depth = depth;
		scope->count++;
		scope->generation++;
	}
}

enum ns
ns_find(const struct ns_scope *scope, const char *prefix, size_t size,
    unsigned *ret_depth)
{
	const struct ns_binding *b;

	for (size_t i = scope->count; i > 0; i--) {
		b = &scope->binding[i - 1];
		if (b->size == size && memcmp(b->prefix, prefix, size) == 0) {
			*ret_depth = b->depth;
			return b->ns;
		}
	}
	*ret_depth = 0;
	return size == 0 ? NS_NONE : ns_from_prefix(prefix, size);
}

const char *
ns_local(const char *qname, size_t *ret_prefix, size_t *ret_size)
{
	const char *local = qname, *p;

	*ret_prefix = 0;
	for (p = qname; *p != '\0'; p++) { /* names are short: no call */
		if (*p == ':' && local == qname) {
			*ret_prefix = (size_t)(p - qname);
			local = p + 1;
		}
	}
	*ret_size = (size_t)(p - local);
	return local;
}
