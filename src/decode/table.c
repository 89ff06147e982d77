/* SPDX-License-Identifier: ISC */
#include "decode/table.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/unicode.h"

static void
put(struct table *table, unsigned byte, uint32_t cp)
{
	table->size[byte - 0x80] =
	    (unsigned char)unicode_encode(cp, table->text[byte - 0x80]);
}

/* windows-1255 and windows-1258 have combining marks, for which iconv waits until
 * it has seen the next byte: the call without input brings them out. */
static void
ask(iconv_t cd, struct table *table, unsigned byte)
{
	char in = (char)byte, *from = &in;
	char *to = table->text[byte - 0x80];
	size_t in_size = 1, room = 4;

	(void)iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &in_size, &to, &room) == (size_t)-1)
		return;
	(void)iconv(cd, NULL, NULL, &to, &room);
	table->size[byte - 0x80] = (unsigned char)(4 - room);
}

void
table_fill(struct table *table, const struct encoding *encoding)
{
	bool windows = strncmp(encoding->name, "windows-", 8) == 0;
	iconv_t cd = (iconv_t)-1;
	unsigned byte, i;

	memset(table, 0, sizeof(*table));
	if (encoding->iconv != NULL)
		cd = iconv_open("UTF-8", encoding->iconv);
	for (byte = 0x80; byte <= 0xFF; byte++) {
		if (cd != (iconv_t)-1)
			ask(cd, table, byte);
		else if (encoding->iconv == NULL) /* x-user-defined */
			put(table, byte, 0xF700 + byte);
		else if (byte >= 0xA0) /* no module: better this than nothing */
			put(table, byte, byte);
		/* WHATWG fills the windows tables' holes with C1 controls. */
		if (table->size[byte - 0x80] == 0 && windows && byte < 0xA0)
			put(table, byte, byte);
	}
	for (i = 0; i < 2 && encoding->fix[i].byte != 0; i++)
		put(table, encoding->fix[i].byte, encoding->fix[i].cp);
	if (cd != (iconv_t)-1)
		(void)iconv_close(cd);
}
