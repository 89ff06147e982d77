/* SPDX-License-Identifier: ISC */
#ifndef FETCHER_ANSWER_H
#define FETCHER_ANSWER_H

/* What a status and a header mean for a poll.  Pure; inside fetcher only. */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "fetch/fetch.h"
#include "model/outcome.h"

/* OUTCOME_OK: a document follows.  `conditional`: validators were sent. */
enum outcome answer_outcome(const struct fetch_head *head, bool conditional);
/* One clean line for people about an outcome that is no success. */
void answer_reason(
    enum outcome outcome, const struct fetch_head *head, struct buf *reason);
/* The first bytes of a page that asks for a browser (POLLING 76).  Without an error
 * status the words alone, which anybody may write, are not enough. */
bool answer_is_challenge(int status, const char *data, size_t size);

#endif
