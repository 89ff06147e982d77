/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UUID_SHOWN 8       /* hex digits: enough to tell two databases apart */
#define SEQ_DIGITS_MOST 16 /* of 2^53, which no client loses digits of */

const char *
wire_cursor(const char *uuid, int64_t seq, char text[WIRE_CURSOR])
{
	(void)snprintf(text, WIRE_CURSOR, "g1.%.*s.%" PRId64, UUID_SHOWN, uuid, seq);
	return text;
}

int
wire_cursor_parse(const char *text, const char *uuid, int64_t *ret_seq)
{
	const char *digits;
	int64_t seq = 0;
	size_t count;

	if (strncmp(text, "g1.", 3) != 0 ||
	    strspn(text + 3, "0123456789abcdef") != UUID_SHOWN ||
	    text[3 + UUID_SHOWN] != '.')
		return -EINVAL;
	digits = text + 3 + UUID_SHOWN + 1;
	count = strspn(digits, "0123456789");
	if (count == 0 || count > SEQ_DIGITS_MOST || digits[count] != '\0')
		return -EINVAL;
	if (strncmp(text + 3, uuid, UUID_SHOWN) != 0)
		return -EXDEV;
	for (; *digits != '\0'; digits++)
		seq = seq * 10 + (*digits - '0');
	*ret_seq = seq;
	return 0;
}
