/* SPDX-License-Identifier: ISC */
#ifndef FETCH_HEAD_H
#define FETCH_HEAD_H

/*
 * The header of a response, line by line, to struct fetch_head.  What is kept
 * is checked and capped here.  Pure; inside fetch only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "fetch/fetch.h"

struct head;

struct head *head_new(void);
void head_free(struct head *head); /* NULL is fine */
/* One line as it came.  A status line starts anew: an interim response (1xx)
 * leaves nothing behind.  True: this was the end of a final response's header. */
bool head_line(struct head *head, const char *line, size_t size);
/* After that: valid as long as `head`.  `now`: wall. */
const struct fetch_head *head_read(struct head *head, const char *url, msec_t now);
int head_status(const struct head *head);
int64_t head_content_length(const struct head *head); /* -1: not said */

#endif
