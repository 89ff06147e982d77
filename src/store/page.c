/* SPDX-License-Identifier: ISC */
#include "store/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/xalloc.h"

void
page_add(struct page *page, const struct row *row)
{
	page->encode(page->encode_arg, row, page->out);
	page->end->rows++;
}

bool
page_is_full(const struct page *page)
{
	return page->end->rows >= page->limit || page->out->len >= LIMIT_PAGE_BYTES;
}

int
page_refuse(struct page *page, int error, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	free(page->message);
	page->message = xstrdup(text);
	return error;
}

int
page_filter(
    struct page *page, enum query_target target, bool all, struct filter *filter)
{
	struct query_error error = {.position = -1};
	int r =
	    filter_init(filter, page->spec->query, target, all, page->now, &error);

	if (r < 0) {
		page->end->position = error.position;
		return page_refuse(page, r, "%s", error.message);
	}
	return 0;
}
