/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a document.  Whatever they are: the output is UTF-8 without what XML
 * forbids, chunks make no difference, and a better reading is never followed by
 * another.  The first byte picks a Content-Type.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/unicode.h"
#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static bool
collect(void *arg, const char *text, size_t size)
{
	insist(size > 0, "a text of nothing");
	buf_add(arg, text, size);
	return true;
}

/* In pieces of 1 to `most` bytes; 0: whole. */
static const char *
run(const char *type, const char *force, const char *data, size_t size, size_t most,
    struct buf *out)
{
	struct decode *d = decode_new(type, force, collect, out);
	unsigned seed = (unsigned)size;
	const char *better;
	size_t part;

	buf_reset(out);
	for (; size > 0; size -= part, data += part) {
		part = most == 0 ? size : (size_t)rand_r(&seed) % most + 1;
		if (part > size)
			part = size;
		insist(decode_data(d, data, part) || decode_binary(d) != NULL,
		    "nobody said stop");
	}
	insist(decode_end(d) || decode_binary(d) != NULL, "nobody said stop");
	insist(decode_encoding(d) != NULL, "an encoding without a name");
	better = decode_better(d);
	decode_free(d);
	return better;
}

static void
judge(const struct buf *out)
{
	size_t i;

	insist(unicode_is_valid(buf_text(out), out->len), "output is no UTF-8");
	for (i = 0; i < out->len; i++)
		insist((unsigned char)out->data[i] >= 0x20 ||
			strchr("\t\n\r", out->data[i]) != NULL,
		    "a control character came out");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const types[] = {NULL, "text/xml; charset=utf-8",
	    "text/xml; charset=iso-8859-1", "application/xml; charset=gb2312",
	    "text/xml;charset=iso-2022-jp", "text/html; charset=big5",
	    "text/xml; charset=x", "application/json"};
	struct buf whole = {0}, parts = {0};
	const char *data = (const char *)bytes, *type, *better, *again;

	if (size == 0)
		return 0;
	type = types[bytes[0] % 8];
	better = run(type, NULL, data + 1, size - 1, 0, &whole);
	judge(&whole);
	again = run(type, NULL, data + 1, size - 1, 7, &parts);
	insist(better == again, "chunks change what is better");
	insist(whole.len == parts.len &&
		memcmp(buf_text(&whole), buf_text(&parts), whole.len) == 0,
	    "chunks change the text");
	if (better != NULL) {
		again = run(type, better, data + 1, size - 1, 0, &whole);
		insist(again == NULL, "better, and better again");
		judge(&whole);
	}
	buf_done(&whole);
	buf_done(&parts);
	return 0;
}
