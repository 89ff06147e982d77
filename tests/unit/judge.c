/* SPDX-License-Identifier: ISC */
#include "tests/unit/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_GUMBO
#include <gumbo.h>

#define JUDGED_BYTES 100000 /* gumbo is slow where we are not */

static const char *const allowed_elements =
    " html head body a abbr acronym address article aside audio b bdi bdo big "
    "blockquote br caption center cite code col colgroup data dd del details dfn "
    "dir "
    "div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img "
    "ins kbd li main mark menu nav ol p picture pre q rb rp rt rtc ruby s samp "
    "section small source span strike strong sub summary sup table tbody td tfoot "
    "th "
    "thead time tr track tt u ul var video wbr ";
static const char *const allowed_attributes =
    " href src alt title width height srcset sizes media type lang dir hreflang "
    "poster controls loop muted kind srclang label default cite datetime colspan "
    "rowspan scope abbr align valign span start reversed value open ";

static char found[256];

/* The first one is told. */
static void fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void
fault(const char *format, ...)
{
	va_list args;

	if (found[0] != '\0')
		return;
	va_start(args, format);
	(void)vsnprintf(found, sizeof(found), format, args);
	va_end(args);
}

static int
is_word_of(const char *list, const char *word)
{
	char padded[64];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(list, padded) != NULL;
}

/* As a browser would see it: white space and controls at the start are nothing. */
static int
is_harmless_url(const char *url)
{
	while ((unsigned char)*url <= ' ' && *url != '\0')
		url++;
	if (strncasecmp(url, "http:", 5) == 0 ||
	    strncasecmp(url, "https:", 6) == 0 ||
	    strncasecmp(url, "mailto:", 7) == 0 || strncasecmp(url, "tel:", 4) == 0)
		return 1;
	/* Without a base, relative references stay: no colon before the path. */
	return url[strcspn(url, ":/?#")] != ':';
}

static void
check_attribute(const GumboAttribute *attribute)
{
	if (!is_word_of(allowed_attributes, attribute->name))
		fault("attribute %s", attribute->name);
	if (is_word_of(" href src poster cite ", attribute->name) &&
	    !is_harmless_url(attribute->value))
		fault("%s=%s", attribute->name, attribute->value);
	if (strcmp(attribute->name, "srcset") == 0 &&
	    strcasestr(attribute->value, "script:") != NULL)
		fault("srcset=%s", attribute->value);
}

static void
check_node(const GumboNode *node)
{
	const GumboElement *element = &node->v.element;
	unsigned i;

	if (node->type == GUMBO_NODE_COMMENT || node->type == GUMBO_NODE_TEMPLATE)
		fault("a comment or template");
	if (node->type != GUMBO_NODE_ELEMENT)
		return;
	if (element->tag_namespace != GUMBO_NAMESPACE_HTML)
		fault("foreign content");
	if (!is_word_of(allowed_elements, gumbo_normalized_tagname(element->tag)))
		fault("element %s", gumbo_normalized_tagname(element->tag));
	for (i = 0; i < element->attributes.length; i++)
		check_attribute(element->attributes.data[i]);
	for (i = 0; i < element->children.length; i++)
		check_node(element->children.data[i]);
}

const char *
judge(const char *html, size_t size)
{
	GumboOptions options = kGumboDefaultOptions;
	GumboOutput *tree;

	found[0] = '\0';
	if (size >= JUDGED_BYTES)
		return NULL;
	options.max_errors = 0;
	tree = gumbo_parse_with_options(&options, html, size);
	check_node(tree->root);
	gumbo_destroy_output(&options, tree);
	return found[0] != '\0' ? found : NULL;
}
#else
const char *
judge(const char *html, size_t size)
{
	(void)html;
	(void)size;
	return NULL;
}
#endif
