/* SPDX-License-Identifier: ISC */
/* Any bytes as a link: its key is its own key. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "normalise/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct buf *a, const struct buf *b)
{
	/* an escaped key may be too long to be looked into once more */
	if (a->len >= LIMIT_URL_BYTES || strcmp(buf_text(a), buf_text(b)) == 0)
		return;
	fprintf(stderr, "# a key of a key: %s, then %s\n", buf_text(a), buf_text(b));
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);
	struct buf once = {0}, twice = {0};

	memcpy(text, data, size);
	text[size] = '\0';
	(void)normalise_url_key(text, &once);
	(void)normalise_url_key(buf_text(&once), &twice);
	same(&once, &twice);
	buf_reset(&once);
	normalise_url(text, &once); /* no promise but to end */
	buf_done(&once);
	buf_done(&twice);
	free(text);
	return 0;
}
