/* SPDX-License-Identifier: ISC */
/* Any bytes as a date and as a duration: what is read lies where it can be written,
 * and written it is read as the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "normalise/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
insist(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# %s\n", what);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1), written[CLOCK_TEXT];
	msec_t wall, again;
	double seconds;

	memcpy(text, data, size);
	text[size] = '\0';
	if (normalise_date(text, &wall) == 0 && wall > INT64_C(-30000000000000) &&
	    wall < INT64_C(253370764800000)) {
		(void)clock_format(wall, written);
		insist(normalise_date(written, &again) == 0 && again == wall,
		    "a date written is read as another");
	}
	seconds = normalise_duration(text);
	insist(seconds == -1 || (seconds >= 0 && seconds <= 1e9), "an odd duration");
	free(text);
	return 0;
}
