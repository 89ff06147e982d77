/* SPDX-License-Identifier: ISC */
#ifndef DECODE_SYNTAX_H
#define DECODE_SYNTAX_H

/* What the first kilobytes of a document tell, in ASCII-compatible bytes. */
#include <stddef.h>

#include "model/entry.h"

/* XML, JSON or HTML by the first element or bracket, never by a media type. */
enum document_syntax syntax_sniff(const char *head, size_t size);
/* What a file of another kind is called, by its first bytes; NULL: it may be text. */
const char *syntax_binary(const char *head, size_t size);
/* The encoding of the XML declaration, wherever it stands: its name's length, and
 * where in `head` it is; 0: none. */
size_t syntax_declared(const char *head, size_t size, const char **ret_name);
/* The same of an HTML page's meta element. */
size_t syntax_meta(const char *head, size_t size, const char **ret_name);
/* The charset parameter of a Content-Type value (NULL: none). */
size_t syntax_charset(const char *content_type, const char **ret_name);
/* White space and byte order marks at the start of UTF-8 text. */
size_t syntax_blank(const char *text, size_t size);

#endif
