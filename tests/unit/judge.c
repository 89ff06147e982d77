/* SPDX-License-Identifier: ISC */
#include "tests/unit/judge.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_GUMBO
#include <gumbo.h>

#include "base/buf.h"

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

static const char *const allowed_maths =
    " math menclose merror mfenced mfrac mmultiscripts mover mpadded mphantom "
    "mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtr "
    "munder munderover none semantics mi mn mo ms mtext ";
static const char *const allowed_tokens = " mi mn mo ms mtext ";
static const char *const allowed_math_attributes =
    " xlink:href xlink:type xlink:show title lang dir align valign display alttext "
    "displaystyle scriptlevel mathvariant mathcolor mathbackground mathsize form "
    "fence separator stretchy symmetric largeop movablelimits minsize maxsize "
    "rspace lspace voffset width height depth accent accentunder linethickness "
    "notation open close separators lquote rquote columnalign rowalign columnlines "
    "rowlines columnspacing rowspacing frame columnspan rowspan ";

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
	char padded[80];

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
write_escaped(struct buf *out, const char *text, bool is_value)
{
	for (; *text != '\0'; text++) {
		if (strchr(is_value ? "&<>\"'`" : "&<>", *text) == NULL)
			buf_putc(out, *text);
		else if (strchr("'`", *text) != NULL)
			buf_printf(out, "&#%d;", *text);
		else
			buf_puts(out,
			    *text == '&'       ? "&amp;"
				: *text == '<' ? "&lt;"
				: *text == '>' ? "&gt;"
					       : "&quot;");
	}
}

/* The name as it was written: gumbo knows few of mathematics. */
static void
math_name(const GumboElement *element, char name[32])
{
	GumboStringPiece piece = element->original_tag;

	gumbo_tag_from_original_text(&piece);
	snprintf(name, 32, "%.*s", (int)piece.length, piece.data);
}

static void
write_math_tag(struct buf *out, const char *name, const GumboVector *attributes)
{
	const GumboAttribute *attribute;
	char xlink[64];
	unsigned i;

	buf_printf(out, "<%s", name);
	for (i = 0; i < attributes->length; i++) {
		attribute = attributes->data[i];
		snprintf(xlink, sizeof(xlink), "%s%s",
		    attribute->attr_namespace == GUMBO_ATTR_NAMESPACE_XLINK
			? "xlink:"
			: "",
		    attribute->name);
		if (!is_word_of(allowed_math_attributes, xlink))
			fault("attribute %s of mathematics", xlink);
		if (strcmp(xlink, "xlink:href") == 0 &&
		    (!is_harmless_url(attribute->value) ||
			strncasecmp(attribute->value, "mailto:", 7) == 0))
			fault("%s=%s", xlink, attribute->value);
		buf_printf(out, " %s=\"", xlink);
		write_escaped(out, attribute->value, true);
		buf_putc(out, '"');
	}
	buf_putc(out, '>');
}

/* The tree as we would have written it. */
static void
write_math(struct buf *out, const GumboNode *node, bool is_token)
{
	const GumboElement *element = &node->v.element;
	char name[32];
	unsigned i;

	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE) {
		write_escaped(out, node->v.text.text, false);
		return;
	}
	if (node->type != GUMBO_NODE_ELEMENT || is_token ||
	    element->tag_namespace != GUMBO_NAMESPACE_MATHML) {
		fault("neither text nor an element of mathematics is in it");
		return;
	}
	math_name(element, name);
	if (!is_word_of(allowed_maths, name))
		fault("element %s in mathematics", name);
	write_math_tag(out, name, &element->attributes);
	for (i = 0; i < element->children.length; i++)
		write_math(out, element->children.data[i],
		    is_word_of(allowed_tokens, name));
	buf_printf(out, "</%s>", name);
}

/* Mathematics must be read exactly as it was written. */
static void
check_math(const GumboNode *node, const char *html)
{
	struct buf out = {0};

	write_math(&out, node, false);
	if (strncmp(out.data, "<math", 5) != 0 || strstr(html, out.data) == NULL)
		fault("mathematics is read as %.200s", out.data);
	buf_done(&out);
}

static void
check_node(const GumboNode *node, const char *html)
{
	const GumboElement *element = &node->v.element;
	unsigned i;

	if (node->type == GUMBO_NODE_COMMENT || node->type == GUMBO_NODE_TEMPLATE)
		fault("a comment or template");
	if (node->type != GUMBO_NODE_ELEMENT)
		return;
	if (element->tag_namespace == GUMBO_NAMESPACE_MATHML) {
		check_math(node, html);
		return;
	}
	if (element->tag_namespace != GUMBO_NAMESPACE_HTML)
		fault("foreign content");
	if (!is_word_of(allowed_elements, gumbo_normalized_tagname(element->tag)))
		fault("element %s", gumbo_normalized_tagname(element->tag));
	for (i = 0; i < element->attributes.length; i++)
		check_attribute(element->attributes.data[i]);
	for (i = 0; i < element->children.length; i++)
		check_node(element->children.data[i], html);
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
	check_node(tree->root, html);
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
