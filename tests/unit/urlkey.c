/* SPDX-License-Identifier: ISC */
/* Reads URLs, one a line, and prints each one's comparison key. */
#include <stdio.h>
#include <string.h>

#include "normalise/normalise.h"

int
main(void)
{
	struct buf key = {0};
	char line[65536];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		buf_reset(&key);
		(void)normalise_url_key(line, &key);
		(void)puts(buf_text(&key));
	}
	buf_done(&key);
	return 0;
}
