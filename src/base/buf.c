/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

char *
buf_room(struct buf *buf, size_t size)
{
	size_t need, cap;

	assert(size < SIZE_MAX / 4 && buf->len < SIZE_MAX / 4);
	need = buf->len + size + 1;
	if (need > buf->cap) {
		cap = buf->cap > 0 ? buf->cap : 64;
		while (cap < need)
			cap *= 2;
		buf->data = xrealloc(buf->data, cap);
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(n >= 0);
	va_start(args, format);
	(void)vsnprintf(buf_room(buf, (size_t)n), (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

void
buf_drop(struct buf *buf, size_t size)
{
	assert(size <= buf->len);
	if (size == 0)
		return;
	buf->len -= size;
	memmove(buf->data, buf->data + size, buf->len + 1);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}

char *
buf_steal(struct buf *buf)
{
	char *text = buf->data != NULL ? buf->data : xstrdup("");

	*buf = (struct buf){0};
	return text;
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}
