/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a document.  Whatever they are: chunks make no difference to the
 * JSON, the JSON is UTF-8, and what is normalised holds no more than was read.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "document/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

static void
normalise(struct document *d)
{
	struct batch *batch = batch_new(1, LIMIT_ARENA_BYTES);

	while (document_normalise(d, 1000, batch) == 1)
		;
	insist(batch->item_count + batch->unchanged_count <= document_entry_count(d),
	    "more items than entries");
	batch_free(batch);
}

/* In pieces of 1 to `most` bytes; 0: whole. */
static void
parse(const char *data, size_t size, size_t most, struct buf *out)
{
	struct document_options options = {.url = "http://example.org/feed",
	    .keep_raw = true,
	    .want_candidates = true,
	    .max_items = LIMIT_ITEMS};
	struct document *d = document_new(&options);
	unsigned seed = (unsigned)size;
	size_t part;

	for (; size > 0; size -= part, data += part) {
		part = most == 0 ? size : (size_t)rand_r(&seed) % most + 1;
		if (part > size)
			part = size;
		if (!document_data(d, data, part))
			break;
	}
	(void)document_end(d);
	document_json(d, true, out);
	normalise(d);
	document_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *data = size > 0 ? (const char *)bytes : "";
	struct buf whole = {0}, part = {0};

	parse(data, size, 0, &whole);
	insist(unicode_is_valid(whole.data, whole.len), "the JSON is not UTF-8");
	parse(data, size, 5, &part);
	if (strcmp(whole.data, part.data) != 0)
		fprintf(stderr, "# whole: %s\n# parts: %s\n", whole.data, part.data);
	insist(strcmp(whole.data, part.data) == 0, "chunks make a difference");
	buf_done(&whole);
	buf_done(&part);
	return 0;
}
