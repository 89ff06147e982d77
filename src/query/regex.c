/* SPDX-License-Identifier: ISC */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "query/query.h"

#include <assert.h>
#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"

/* The interpreter alone: MemoryDenyWriteExecute= forbids PCRE2's compiler. */
struct query_regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

/* A pattern that asks for more than this is refused, not compiled at length. */
static pcre2_code *
compile(const char *pattern, int *ret_error, size_t *ret_at)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	if (context == NULL)
		return NULL;
	(void)pcre2_set_max_pattern_length(context, LIMIT_REGEX_BYTES);
	(void)pcre2_set_parens_nest_limit(context, LIMIT_REGEX_NESTING);
	code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
	    PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MATCH_INVALID_UTF |
		PCRE2_NEVER_BACKSLASH_C,
	    ret_error, ret_at, context);
	pcre2_compile_context_free(context);
	return code;
}

int
query_regex_new(
    const char *pattern, struct query_regex **ret_regex, struct query_error *reterr)
{
	struct query_regex *regex;
	PCRE2_UCHAR words[120];
	size_t at = 0;
	int error = 0;
	pcre2_code *code = compile(pattern, &error, &at);

	if (code == NULL) {
		if (pcre2_get_error_message(error, words, sizeof(words)) < 0)
			strcpy((char *)words, "it cannot be compiled");
		reterr->position = 0; /* the caller knows where it stands */
		(void)snprintf(reterr->message, sizeof(reterr->message),
		    "bad pattern: %s (at byte %zu of it)", (char *)words, at);
		return -EINVAL;
	}
	regex = xcalloc(1, sizeof(*regex));
	regex->code = code;
	regex->match = pcre2_match_data_create(1, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	assert(regex->match != NULL && regex->limits != NULL); /* as xcalloc */
	(void)pcre2_set_match_limit(regex->limits, LIMIT_REGEX_MATCH);
	(void)pcre2_set_heap_limit(regex->limits, LIMIT_REGEX_HEAP_KIB);
	*ret_regex = regex;
	return 0;
}

void
query_regex_free(struct query_regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	free(regex);
}

int
query_regex_match(const struct query_regex *regex, const char *text, size_t size)
{
	return pcre2_match(regex->code, (PCRE2_SPTR)text, size, 0, 0, regex->match,
		   regex->limits) >= 0;
}
