/* SPDX-License-Identifier: ISC */
#ifndef DECODE_LABEL_H
#define DECODE_LABEL_H

/* The encodings that are read, and the names documents and servers give them. */
#include <stddef.h>

enum encoding_form {
	FORM_UTF8,
	FORM_UTF16BE,
	FORM_UTF16LE,
	FORM_UTF32BE,
	FORM_UTF32LE,
	FORM_SINGLE, /* one byte a character, ASCII below 0x80 */
	FORM_MULTI,  /* iconv does it */
	FORM_NONE    /* known by name, never decoded */
};

/* A byte that iconv's table has wrong or not at all (0: no such fix). */
struct label_fix {
	unsigned char byte;
	unsigned short cp;
};

struct encoding {
	const char *name;  /* WHATWG's, lower case */
	const char *iconv; /* what iconv_open wants; NULL: not by iconv */
	enum encoding_form form;
	const char *labels; /* blank-separated, lower case, `name` among them */
	struct label_fix fix[2];
};

/* Any case, blanks at the ends ignored.  NULL: no such label. */
const struct encoding *label_find(const char *label, size_t size);
const struct encoding *label_form(enum encoding_form form); /* the first of a form */
#define LABEL_MAX 128                                       /* more than there are */
/* Walks all encodings from index 0; NULL at the end. */
const struct encoding *label_at(size_t index);

#endif
