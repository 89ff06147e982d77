/* SPDX-License-Identifier: ISC */
#include "markup/attribute.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

enum kind {
	KIND_TEXT,
	KIND_LINK,   /* a URL to go to: http, https, mailto, tel */
	KIND_MEDIA,  /* a URL that is loaded: http, https */
	KIND_SRCSET, /* several of these */
	KIND_NUMBER,
	KIND_LENGTH, /* a number, or one with % */
	KIND_DIRECTION,
	KIND_FLAG, /* its being there is its value */
	KIND_WORD, /* letters, digits, and what stands in lengths and colours */
};

#define ON(...) (const uint8_t[]){__VA_ARGS__, 0}
#define ANYWHERE NULL
#define SIZED                                                                     \
	ON(ELEMENT_IMG, ELEMENT_VIDEO, ELEMENT_SOURCE, ELEMENT_TABLE, ELEMENT_TD, \
	    ELEMENT_TH, ELEMENT_COL, ELEMENT_COLGROUP, ELEMENT_HR, ELEMENT_PRE)
#define LOADED \
	ON(ELEMENT_IMG, ELEMENT_AUDIO, ELEMENT_VIDEO, ELEMENT_SOURCE, ELEMENT_TRACK)
#define CELLS ON(ELEMENT_TD, ELEMENT_TH)
#define COLUMNS ON(ELEMENT_COL, ELEMENT_COLGROUP)
#define DATED ON(ELEMENT_TIME, ELEMENT_INS, ELEMENT_DEL)
#define QUOTED ON(ELEMENT_Q, ELEMENT_BLOCKQUOTE, ELEMENT_INS, ELEMENT_DEL)
#define PLAYED ON(ELEMENT_AUDIO, ELEMENT_VIDEO)
#define TYPED ON(ELEMENT_OL, ELEMENT_UL, ELEMENT_LI, ELEMENT_SOURCE, ELEMENT_A)
#define PICTURED ON(ELEMENT_IMG, ELEMENT_SOURCE)

#define SPACED ON(ELEMENT_MO, ELEMENT_MPADDED)
#define MEASURED ON(ELEMENT_MSPACE, ELEMENT_MPADDED)
#define ACCENTED ON(ELEMENT_MO, ELEMENT_MOVER, ELEMENT_MUNDEROVER)
#define UNDER ON(ELEMENT_MUNDER, ELEMENT_MUNDEROVER)
#define MATRIX ON(ELEMENT_MTABLE, ELEMENT_MTR, ELEMENT_MTD)

struct rule {
	const char *name;
	uint8_t size;
	enum kind kind;
	const uint8_t *elements;
};
#define RULE(name, kind, elements) {name, sizeof(name) - 1, kind, elements}

/* No id, name or class (a page that shows an entry has its own), no style. */
static const struct rule rules[] = {
    RULE("href", KIND_LINK, ON(ELEMENT_A)),
    RULE("src", KIND_MEDIA, LOADED),
    RULE("alt", KIND_TEXT, ON(ELEMENT_IMG)),
    RULE("title", KIND_TEXT, ANYWHERE),
    RULE("width", KIND_LENGTH, SIZED),
    RULE("height", KIND_LENGTH, SIZED),
    RULE("srcset", KIND_SRCSET, PICTURED),
    RULE("sizes", KIND_TEXT, PICTURED),
    RULE("media", KIND_TEXT, ON(ELEMENT_SOURCE)),
    RULE("type", KIND_TEXT, TYPED),
    RULE("lang", KIND_TEXT, ANYWHERE),
    RULE("dir", KIND_DIRECTION, ANYWHERE),
    RULE("hreflang", KIND_TEXT, ON(ELEMENT_A)),
    RULE("poster", KIND_MEDIA, ON(ELEMENT_VIDEO)),
    RULE("controls", KIND_FLAG, PLAYED),
    RULE("loop", KIND_FLAG, PLAYED),
    RULE("muted", KIND_FLAG, PLAYED),
    RULE("kind", KIND_TEXT, ON(ELEMENT_TRACK)),
    RULE("srclang", KIND_TEXT, ON(ELEMENT_TRACK)),
    RULE("label", KIND_TEXT, ON(ELEMENT_TRACK)),
    RULE("default", KIND_FLAG, ON(ELEMENT_TRACK)),
    RULE("cite", KIND_LINK, QUOTED),
    RULE("datetime", KIND_TEXT, DATED),
    RULE("colspan", KIND_NUMBER, CELLS),
    RULE("rowspan", KIND_NUMBER, CELLS),
    RULE("scope", KIND_TEXT, ON(ELEMENT_TH)),
    RULE("abbr", KIND_TEXT, CELLS),
    RULE("align", KIND_TEXT, ANYWHERE),
    RULE("valign", KIND_TEXT, ANYWHERE),
    RULE("span", KIND_NUMBER, COLUMNS),
    RULE("start", KIND_NUMBER, ON(ELEMENT_OL)),
    RULE("reversed", KIND_FLAG, ON(ELEMENT_OL)),
    RULE("value", KIND_TEXT, ON(ELEMENT_LI, ELEMENT_DATA)),
    RULE("open", KIND_FLAG, ON(ELEMENT_DETAILS)),
};

/* On elements of mathematics: MathML Core's, and what tables and fences had before
 * it.  Nothing is loaded, no script can be named; a link goes to the web alone. */
static const struct rule math_rules[] = {
    RULE("xlink:href", KIND_MEDIA, ANYWHERE),
    RULE("xlink:type", KIND_WORD, ANYWHERE),
    RULE("xlink:show", KIND_WORD, ANYWHERE),
    RULE("display", KIND_WORD, ON(ELEMENT_MATH)),
    RULE("alttext", KIND_TEXT, ON(ELEMENT_MATH)),
    RULE("displaystyle", KIND_WORD, ANYWHERE),
    RULE("scriptlevel", KIND_WORD, ANYWHERE),
    RULE("mathvariant", KIND_WORD, ANYWHERE),
    RULE("mathcolor", KIND_WORD, ANYWHERE),
    RULE("mathbackground", KIND_WORD, ANYWHERE),
    RULE("mathsize", KIND_WORD, ANYWHERE),
    RULE("form", KIND_WORD, ON(ELEMENT_MO)),
    RULE("fence", KIND_WORD, ON(ELEMENT_MO)),
    RULE("separator", KIND_WORD, ON(ELEMENT_MO)),
    RULE("stretchy", KIND_WORD, ON(ELEMENT_MO)),
    RULE("symmetric", KIND_WORD, ON(ELEMENT_MO)),
    RULE("largeop", KIND_WORD, ON(ELEMENT_MO)),
    RULE("movablelimits", KIND_WORD, ON(ELEMENT_MO)),
    RULE("minsize", KIND_WORD, ON(ELEMENT_MO)),
    RULE("maxsize", KIND_WORD, ON(ELEMENT_MO)),
    RULE("rspace", KIND_WORD, ON(ELEMENT_MO)),
    RULE("lspace", KIND_WORD, SPACED),
    RULE("voffset", KIND_WORD, ON(ELEMENT_MPADDED)),
    RULE("width", KIND_WORD, MEASURED),
    RULE("height", KIND_WORD, MEASURED),
    RULE("depth", KIND_WORD, MEASURED),
    RULE("accent", KIND_WORD, ACCENTED),
    RULE("accentunder", KIND_WORD, UNDER),
    RULE("linethickness", KIND_WORD, ON(ELEMENT_MFRAC)),
    RULE("notation", KIND_WORD, ON(ELEMENT_MENCLOSE)),
    RULE("open", KIND_TEXT, ON(ELEMENT_MFENCED)),
    RULE("close", KIND_TEXT, ON(ELEMENT_MFENCED)),
    RULE("separators", KIND_TEXT, ON(ELEMENT_MFENCED)),
    RULE("lquote", KIND_TEXT, ON(ELEMENT_MS)),
    RULE("rquote", KIND_TEXT, ON(ELEMENT_MS)),
    RULE("columnalign", KIND_WORD, MATRIX),
    RULE("rowalign", KIND_WORD, MATRIX),
    RULE("columnlines", KIND_WORD, ON(ELEMENT_MTABLE)),
    RULE("rowlines", KIND_WORD, ON(ELEMENT_MTABLE)),
    RULE("columnspacing", KIND_WORD, ON(ELEMENT_MTABLE)),
    RULE("rowspacing", KIND_WORD, ON(ELEMENT_MTABLE)),
    RULE("frame", KIND_WORD, ON(ELEMENT_MTABLE)),
    RULE("columnspan", KIND_NUMBER, ON(ELEMENT_MTD)),
    RULE("rowspan", KIND_NUMBER, ON(ELEMENT_MTD)),
};
#define COUNT(rules) (sizeof(rules) / sizeof(rules[0]))

void
attribute_done(struct attribute_writer *writer)
{
	buf_done(&writer->url);
	buf_done(&writer->resolved);
	buf_done(&writer->root);
	buf_done(&writer->folder);
}

/* What a byte becomes: nothing special (0), a reference, or nothing at all. */
enum { PLAIN, AMP, LT, GT, GONE, LINE, BLANK, QUOT, APOS, GRAVE };
static const uint8_t classes[256] = {
    [0x00 ... 0x08] = GONE,
    [0x0b] = GONE,
    ['\f'] = BLANK,
    ['\r'] = LINE,
    [0x0e ... 0x1f] = GONE,
    [0x7f] = GONE,
    ['&'] = AMP,
    ['<'] = LT,
    ['>'] = GT,
    ['"'] = QUOT,
    ['\''] = APOS,
    ['`'] = GRAVE,
};
static const char *const written[] = {[AMP] = "&amp;",
    [LT] = "&lt;",
    [GT] = "&gt;",
    [QUOT] = "&quot;",
    [APOS] = "&#39;",
    [GRAVE] = "&#96;",
    [GONE] = "",
    [LINE] = "\n",
    [BLANK] = " "};

void
attribute_escape(struct buf *out, const char *text, size_t size)
{
	const char *end = text + size, *from;
	uint8_t class;

	for (from = text; text < end; text++) {
		class = classes[(unsigned char)*text];
		if (class == PLAIN || class >= QUOT) /* quotes are text */
			continue;
		buf_add(out, from, (size_t)(text - from));
		buf_puts(out, written[class]);
		from = text + 1;
	}
	buf_add(out, from, (size_t)(text - from));
}

/* In a value also the quotes, and ` which ended one in old browsers. */
static void
escape_value(struct buf *out, const char *text, size_t size)
{
	const char *end = text + size, *from;
	uint8_t class;

	for (from = text; text < end; text++) {
		class = classes[(unsigned char)*text];
		if (class == PLAIN)
			continue;
		buf_add(out, from, (size_t)(text - from));
		buf_puts(out, written[class]);
		from = text + 1;
	}
	buf_add(out, from, (size_t)(text - from));
}

static void
write_value(struct buf *out, const char *name, const char *value, size_t size)
{
	buf_putc(out, ' ');
	buf_puts(out, name);
	buf_add(out, "=\"", 2);
	escape_value(out, value, size);
	buf_putc(out, '"');
}

const char *
attribute_tidy_url(
    const char *url, size_t size, struct buf *scratch, size_t *ret_size)
{
	const char *end, *from;

	while (size > 0 && (unsigned char)url[size - 1] <= ' ')
		size--;
	while (size > 0 && (unsigned char)*url <= ' ') {
		url++;
		size--;
	}
	buf_reset(scratch);
	for (from = url, end = url + size; url < end; url++) {
		if ((unsigned char)*url < ' ' || *url == 0x7f) {
			buf_add(scratch, from, (size_t)(url - from));
			from = url + 1;
		}
	}
	buf_add(scratch, from, (size_t)(url - from));
	*ret_size = scratch->len;
	return buf_text(scratch);
}

static enum attribute_scheme
scheme_named(const char *name, size_t size)
{
	if ((size == 4 && strncasecmp(name, "http", 4) == 0) ||
	    (size == 5 && strncasecmp(name, "https", 5) == 0))
		return SCHEME_WEB;
	if ((size == 6 && strncasecmp(name, "mailto", 6) == 0) ||
	    (size == 3 && strncasecmp(name, "tel", 3) == 0))
		return SCHEME_CALL;
	/* Whatever stands before the colon: no browser may take it for a scheme
	 * that we took for a path. */
	return SCHEME_OTHER;
}

enum attribute_scheme
attribute_scheme(const char *url, size_t size)
{
	size_t n;

	for (n = 0; n < size; n++) {
		if (url[n] == ':')
			return scheme_named(url, n);
		if (url[n] == '/' || url[n] == '?' || url[n] == '#')
			break;
	}
	return SCHEME_NONE;
}

static bool
is_allowed(enum kind kind, enum attribute_scheme scheme)
{
	return scheme == SCHEME_WEB || (scheme == SCHEME_CALL && kind == KIND_LINK);
}

/* With a host behind it: nothing is left to resolve. */
static bool
is_absolute(const char *url, size_t size)
{
	const char *colon = memchr(url, ':', size);

	return colon != NULL && strncmp(colon, "://", 3) == 0 && colon[3] != '\0' &&
	    strchr("/?#\\", colon[3]) == NULL;
}

/* A path, or one with a query or fragment, and nothing in it to be normalised. */
static bool
is_simple(const char *ref)
{
	char c;

	if (*ref == '.' || *ref == '?' || *ref == '#' || *ref == '\0' ||
	    strncmp(ref, "//", 2) == 0)
		return false;
	for (; (c = *ref) != '\0'; ref++) {
		if (c == '/' && ref[1] == '.')
			return false;
		if ((unsigned char)((c | 0x20) - 'a') >= 26 &&
		    (unsigned char)(c - '0') >= 10 &&
		    strchr("/-_.~=&?#+,;%", c) == NULL)
			return false;
	}
	return true;
}

static int
ask(struct attribute_writer *w, const char *ref, struct buf *out)
{
	if (w->resolved_count++ >= LIMIT_RESOLVED)
		return -E2BIG;
	return w->resolve(w->base, ref, out);
}

/* 0, or -errno; in `resolved`. */
static int
resolve(struct attribute_writer *w, const char *ref)
{
	bool is_rooted = *ref == '/';
	struct buf *prefix = is_rooted ? &w->root : &w->folder;
	int r;

	buf_reset(&w->resolved);
	if (w->base == NULL || !is_simple(ref))
		return ask(w, ref, &w->resolved);
	if (prefix->len == 0) {
		r = ask(w, is_rooted ? "/" : ".", prefix);
		if (r < 0)
			return r;
	}
	if (prefix->data == NULL || prefix->data[prefix->len - 1] != '/')
		return ask(w, ref, &w->resolved);
	buf_add(&w->resolved, prefix->data, prefix->len);
	buf_puts(&w->resolved, ref + is_rooted);
	return 0;
}

/* The URL as it may be written, or NULL: it goes.  Lives until the next call. */
static const char *
safe_url(struct attribute_writer *w, enum kind kind, const char *value, size_t size)
{
	enum attribute_scheme scheme;
	const char *url;

	url = attribute_tidy_url(value, size, &w->url, &size);
	scheme = attribute_scheme(url, size);
	if (size > LIMIT_URL_BYTES ||
	    (scheme != SCHEME_NONE && !is_allowed(kind, scheme)))
		return NULL;
	if (scheme == SCHEME_CALL || w->resolve == NULL || is_absolute(url, size))
		return url;
	if (resolve(w, url) < 0) /* without a base it stays as it is */
		return w->base == NULL && scheme == SCHEME_NONE ? url : NULL;
	url = buf_text(&w->resolved);
	scheme = attribute_scheme(url, w->resolved.len);
	return scheme != SCHEME_NONE && is_allowed(kind, scheme) ? url : NULL;
}

static bool
write_url(struct attribute_writer *w, const struct rule *rule, const char *value,
    size_t size)
{
	const char *url = safe_url(w, rule->kind, value, size);

	if (url != NULL)
		write_value(w->out, rule->name, url, strlen(url));
	return url != NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* "2x", "640w": what may stand behind a URL in srcset. */
static bool
is_descriptor(const char *text, size_t size)
{
	return size > 1 && strspn(text, "0123456789.") >= size - 1 &&
	    strchr("wxh", text[size - 1]) != NULL;
}

/* One candidate: a URL up to white space, then descriptors up to a comma. */
static const char *
srcset_candidate(struct attribute_writer *w, const char *p, bool *is_first)
{
	const char *url = p, *stop, *safe, *word;
	bool has_descriptors;

	while (*p != '\0' && !is_blank(*p))
		p++;
	stop = p;
	while (stop > url && stop[-1] == ',')
		stop--;
	has_descriptors = stop == p;
	safe = safe_url(w, KIND_MEDIA, url, (size_t)(stop - url));
	if (safe != NULL && *safe != '\0') {
		buf_puts(w->out, *is_first ? "" : ", ");
		escape_value(w->out, safe, strlen(safe));
		*is_first = false;
	}
	while (has_descriptors && *p != '\0' && *p != ',') {
		for (; is_blank(*p); p++)
			;
		for (word = p; *p != '\0' && *p != ',' && !is_blank(*p); p++)
			;
		if (safe != NULL && is_descriptor(word, (size_t)(p - word))) {
			buf_putc(w->out, ' ');
			buf_add(w->out, word, (size_t)(p - word));
			safe = NULL; /* one is enough, and all that is valid */
		}
	}
	return p;
}

static bool
write_srcset(struct attribute_writer *w, const struct rule *rule, const char *value)
{
	size_t start = w->out->len;
	bool is_first = true;

	buf_printf(w->out, " %s=\"", rule->name);
	for (;;) {
		while (is_blank(*value) || *value == ',')
			value++;
		if (*value == '\0')
			break;
		value = srcset_candidate(w, value, &is_first);
	}
	buf_putc(w->out, '"');
	if (is_first) {
		w->out->len = start;
		w->out->data[start] = '\0';
	}
	return !is_first;
}

static bool
is_number(const char *value, size_t size, bool may_be_percent)
{
	size_t n;

	if (size > 0 && *value == '-' && !may_be_percent) {
		value++;
		size--;
	}
	n = strspn(value, "0123456789");
	return n > 0 && n < 10 &&
	    (n == size || (may_be_percent && n + 1 == size && value[n] == '%'));
}

static bool
is_direction(const char *value)
{
	return strcasecmp(value, "ltr") == 0 || strcasecmp(value, "rtl") == 0 ||
	    strcasecmp(value, "auto") == 0;
}

#define WORD_BYTES 64

static bool
is_word(const char *value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if ((unsigned char)((value[i] | 0x20) - 'a') >= 26 &&
		    (unsigned char)(value[i] - '0') >= 10 &&
		    strchr(" .-+%#", value[i]) == NULL)
			return false;
	}
	return size > 0 && size <= WORD_BYTES;
}

static bool
write_by_rule(struct attribute_writer *w, const struct rule *rule, const char *value,
    size_t size)
{
	switch (rule->kind) {
	case KIND_LINK:
	case KIND_MEDIA:
		return write_url(w, rule, value, size);
	case KIND_SRCSET:
		return write_srcset(w, rule, value);
	case KIND_FLAG:
		buf_printf(w->out, " %s", rule->name);
		return true;
	case KIND_NUMBER:
	case KIND_LENGTH:
		if (!is_number(value, size, rule->kind == KIND_LENGTH))
			return false;
		break;
	case KIND_DIRECTION:
		if (!is_direction(value))
			return false;
		break;
	case KIND_WORD:
		if (!is_word(value, size))
			return false;
		break;
	case KIND_TEXT:
		break;
	}
	write_value(w->out, rule->name, value, size);
	return true;
}

static const struct rule *
find_among(const struct rule *rule, size_t count, enum element element,
    const char *name, size_t size)
{
	const struct rule *end = rule + count;

	for (; rule < end; rule++) {
		if (rule->size == size && rule->name[0] == name[0] &&
		    memcmp(rule->name, name, size) == 0)
			return rule->elements == ANYWHERE ||
				strchr((const char *)rule->elements, (int)element)
			    ? rule
			    : NULL;
	}
	return NULL;
}

static const struct rule *
find_rule(enum element element, const char *name, size_t size)
{
	const struct rule *rule =
	    find_among(rules, COUNT(rules), element, name, size);

	if (rule == NULL && (element_flags(element) & ELEMENT_MATHS) != 0)
		rule =
		    find_among(math_rules, COUNT(math_rules), element, name, size);
	return rule;
}

/* Where pages that load images by script keep the address. */
static void
write_lazy_source(struct attribute_writer *w,
    const struct markup_attribute *attributes, size_t count)
{
	static const char *const names[] = {
	    "data-src", "data-lazy-src", "data-original", "data-orig-file"};
	const struct rule *rule = find_rule(ELEMENT_IMG, "src", 3);
	size_t i, k;

	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		for (i = 0; i < count; i++) {
			if (strcmp(attributes[i].name, names[k]) == 0 &&
			    write_url(w, rule, attributes[i].value,
				attributes[i].value_size))
				return;
		}
	}
}

void
attribute_write_all(struct attribute_writer *w, enum element element,
    const struct markup_attribute *attributes, size_t count)
{
	const struct markup_attribute *attribute;
	const struct rule *rule;
	bool has_source = false;

	for (attribute = attributes; attribute < attributes + count; attribute++) {
		rule = find_rule(element, attribute->name, attribute->name_size);
		if (rule != NULL &&
		    write_by_rule(w, rule, attribute->value, attribute->value_size))
			has_source = has_source || rule->kind == KIND_MEDIA ||
			    rule->kind == KIND_SRCSET;
	}
	if (element == ELEMENT_IMG && !has_source)
		write_lazy_source(w, attributes, count);
}
