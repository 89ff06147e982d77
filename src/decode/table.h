/* SPDX-License-Identifier: ISC */
#ifndef DECODE_TABLE_H
#define DECODE_TABLE_H

/* A single-byte encoding as a table, made by asking iconv about each byte. */
#include "decode/label.h"

struct table {
	unsigned char size[128]; /* of the text of byte 0x80 + i; 0: no character */
	char text[128][4];       /* UTF-8 */
};

void table_fill(struct table *table, const struct encoding *encoding);

#endif
