/* SPDX-License-Identifier: ISC */
#include "normalise/place.h"

#include <ctype.h>
#include <string.h>

#include "base/url.h"
#include "normalise/normalise.h"

bool
place_is_harmful(const char *url)
{
	static const char *const schemes[] = {
	    "javascript:", "vbscript:", "data:", "file:", "livescript:", "mocha:"};
	char scheme[16];
	size_t i, size = 0;

	for (; *url != '\0' && size + 1 < sizeof(scheme); url++) {
		if ((unsigned char)*url <= ' ' || (unsigned char)*url == 0x7F)
			continue;
		scheme[size++] = (char)tolower((unsigned char)*url);
		if (*url == ':')
			break;
	}
	scheme[size] = '\0';
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strcmp(scheme, schemes[i]) == 0)
			return true;
	}
	return false;
}

/* An inner base that runs, or leads nowhere, is as none (FORMATS 30). */
static int
resolve(const char *outer, const char *inner, const char *ref, struct buf *out)
{
	struct buf base = {0};
	int r = -1;

	if (inner != NULL && !place_is_harmful(inner) &&
	    url_resolve(outer, inner, &base) == 0)
		r = url_resolve(base.data, ref, out);
	buf_done(&base);
	return r == 0 ? 0 : url_resolve(outer, ref, out);
}

bool
normalise_reference(
    const char *outer, const char *inner, const char *ref, struct buf *out)
{
	size_t start = out->len;

	if (ref == NULL || ref[strspn(ref, " \t\r\n")] == '\0')
		return false;
	if (resolve(outer, inner, ref, out) < 0)
		buf_puts(out, ref);
	if (place_is_harmful(out->data + start)) {
		out->len = start;
		out->data[start] = '\0';
		return false;
	}
	return true;
}
