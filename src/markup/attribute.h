/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_ATTRIBUTE_H
#define MARKUP_ATTRIBUTE_H

/* Attributes that may stand in clean HTML, and how their values are written. */
#include "markup/elements.h"
#include "markup/markup.h"

struct attribute_writer {
	struct buf *out;
	const char *base;
	markup_resolve_fn *resolve;
	struct buf url, resolved; /* scratch */
	/* What "/" and "." are here, once it was asked: most references need no
	 * more than one of them before them. */
	struct buf root, folder;
	size_t resolved_count; /* by `resolve` itself */
};

void attribute_done(struct attribute_writer *writer);
/* ` name="value"` for every attribute that may stay. */
void attribute_write_all(struct attribute_writer *writer, enum element element,
    const struct markup_attribute *attributes, size_t count);
/* Text with & < > (and, in values, " ') as references, without control
 * characters. */
void attribute_escape(struct buf *out, const char *text, size_t size);
/* What browsers take a URL's text for: without white space at its ends and line
 * breaks inside; nor other control characters, which are not written either.
 * Stands in `scratch`. */
const char *attribute_tidy_url(
    const char *url, size_t size, struct buf *scratch, size_t *ret_size);
enum attribute_scheme {
	SCHEME_NONE, /* a relative reference */
	SCHEME_WEB,  /* http, https */
	SCHEME_CALL, /* mailto, tel */
	SCHEME_OTHER
};
enum attribute_scheme attribute_scheme(const char *url, size_t size);

#endif
