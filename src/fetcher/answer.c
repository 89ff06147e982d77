/* SPDX-License-Identifier: ISC */
#include "fetcher/answer.h"

#include <string.h>

#include "base/url.h"

static enum outcome
of_client_error(const struct fetch_head *head)
{
	switch (head->status) {
	case 401:
	case 407:
		return OUTCOME_AUTH;
	case 403:
	case 451:
		return OUTCOME_FORBIDDEN;
	case 410:
		return OUTCOME_GONE;
	case 429:
		return OUTCOME_THROTTLED;
	default:
		return OUTCOME_NOT_FOUND;
	}
}

static enum outcome
of_redirect(const struct fetch_head *head, bool conditional)
{
	switch (head->status) {
	case 304:
		/* Unasked for it says nothing: there is nothing to be unchanged. */
		return conditional ? OUTCOME_UNCHANGED : OUTCOME_BAD_STATUS;
	case 300:
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return head->location != NULL ? OUTCOME_REDIRECT
					      : OUTCOME_BAD_STATUS;
	default:
		return OUTCOME_BAD_STATUS;
	}
}

enum outcome
answer_outcome(const struct fetch_head *head, bool conditional)
{
	if (head->status >= 400 && head->status < 600 && head->challenge)
		return OUTCOME_CHALLENGE;
	switch (head->status / 100) {
	case 2:
		if (head->status == 200 || (head->status == 226 && head->is_delta))
			return OUTCOME_OK;
		return head->status == 204 ? OUTCOME_UNCHANGED : OUTCOME_BAD_STATUS;
	case 3:
		return of_redirect(head, conditional);
	case 4:
		return of_client_error(head);
	case 5:
		return OUTCOME_SERVER_ERROR;
	default:
		return OUTCOME_BAD_STATUS;
	}
}

void
answer_reason(
    enum outcome outcome, const struct fetch_head *head, struct buf *reason)
{
	struct buf host = {0};

	if (!outcome_is_failure(outcome))
		return;
	(void)url_host(head->url, &host); /* it answered: it has one */
	if (head->status == 304)
		buf_printf(reason, "304 from %s to a request without validators",
		    buf_text(&host));
	else if (head->status >= 300 && head->status < 400)
		buf_printf(reason, "%d from %s without a usable address",
		    head->status, buf_text(&host));
	else
		buf_printf(reason, "%d from %s: %s", head->status, buf_text(&host),
		    outcome_words(outcome));
	buf_done(&host);
}

bool
answer_is_challenge(int status, const char *data, size_t size)
{
	/* What only such a page has; the words are enough beside an error. */
	static const char *const marks[] = {
	    "Just a moment...</title>", "_cf_chl_opt", "cf-chl-", "Just a moment"};
	size_t count = sizeof(marks) / sizeof(marks[0]), i;

	if (status < 400)
		count--;
	for (i = 0; size > 0 && i < count; i++) {
		if (memmem(data, size, marks[i], strlen(marks[i])) != NULL)
			return true;
	}
	return false;
}
