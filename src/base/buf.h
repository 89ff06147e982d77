/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * A string that grows.  `struct buf b = {0};` is an empty one; buf_done frees
 * it.  `data` is NUL-terminated after every call (NULL while nothing was ever
 * added).  Running out of memory ends the process: whoever fills a buffer with
 * a stranger's bytes checks `len` against a limit first.
 */
#include <stddef.h>
#include <string.h>

struct buf {
	char *data;
	size_t len, cap;
};

void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for `size` more bytes behind `len`; the caller then raises `len`. */
char *buf_room(struct buf *buf, size_t size);
/* Cut `size` bytes off the front. */
void buf_drop(struct buf *buf, size_t size);
/* Empty, memory kept. */
void buf_reset(struct buf *buf);
/* The text, "" when empty; owned by the buffer. */
const char *buf_text(const struct buf *buf);
/* The text, the caller's to free; the buffer is empty after it. */
char *buf_steal(struct buf *buf);
void buf_done(struct buf *buf);

/* Here, for a constant text is then a store or two, and most add little. */
static inline void
buf_add(struct buf *buf, const void *data, size_t size)
{
	if (size >= buf->cap - buf->len) /* what fits already needs no call */
		(void)buf_room(buf, size);
	if (size > 0)
		memcpy(buf->data + buf->len, data, size);
	buf->len += size;
	buf->data[buf->len] = '\0';
}

static inline void
buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

static inline void
buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

#endif
