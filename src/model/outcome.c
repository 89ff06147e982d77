/* SPDX-License-Identifier: ISC */
#include "model/outcome.h"

#include <string.h>

static const struct {
	const char *name, *words;
} table[OUTCOME_COUNT] = {
    [OUTCOME_OK] = {"ok", "read"},
    [OUTCOME_UNCHANGED] = {"unchanged", "not changed"},
    [OUTCOME_REDIRECT] = {"redirect", "redirected"},
    [OUTCOME_DNS] = {"dns", "no such host"},
    [OUTCOME_DNS_AGAIN] = {"dns-again", "look-up of the host's name failed"},
    [OUTCOME_CONNECT] = {"connect", "cannot connect"},
    [OUTCOME_TIMEOUT] = {"timeout", "timed out"},
    [OUTCOME_TLS] = {"tls", "TLS failed"},
    [OUTCOME_TRANSFER] = {"transfer", "transfer broken off"},
    [OUTCOME_FORBIDDEN_ADDRESS] = {"forbidden-address", "address not allowed"},
    [OUTCOME_BAD_URL] = {"bad-url", "unusable address"},
    [OUTCOME_TOO_MANY_HOPS] = {"too-many-hops", "too many redirects"},
    [OUTCOME_AUTH] = {"auth", "credentials needed or refused"},
    [OUTCOME_FORBIDDEN] = {"forbidden", "forbidden by the server"},
    [OUTCOME_NOT_FOUND] = {"not-found", "not found"},
    [OUTCOME_GONE] = {"gone", "said to be gone"},
    [OUTCOME_THROTTLED] = {"throttled", "asked to slow down"},
    [OUTCOME_SERVER_ERROR] = {"server-error", "server error"},
    [OUTCOME_BAD_STATUS] = {"bad-status", "unusable answer"},
    [OUTCOME_CHALLENGE] = {"challenge", "bot check in the way"},
    [OUTCOME_EMPTY] = {"empty", "empty answer"},
    [OUTCOME_NOT_A_FEED] = {"not-a-feed", "not a feed"},
    [OUTCOME_BROKEN] = {"broken", "broken document"},
    [OUTCOME_TOO_BIG] = {"too-large", "too large"},
    [OUTCOME_CRASHED] = {"crashed", "the fetcher died on it"},
    [OUTCOME_CANCELLED] = {"cancelled", "cancelled"},
};

const char *
outcome_name(enum outcome outcome)
{
	return table[outcome].name;
}

const char *
outcome_words(enum outcome outcome)
{
	return table[outcome].words;
}

enum outcome
outcome_from_name(const char *name)
{
	int i;

	for (i = 0; i < OUTCOME_COUNT; i++) {
		if (strcmp(table[i].name, name) == 0)
			break;
	}
	return (enum outcome)i;
}

bool
outcome_is_failure(enum outcome outcome)
{
	return outcome != OUTCOME_OK && outcome != OUTCOME_UNCHANGED &&
	    outcome != OUTCOME_REDIRECT && outcome != OUTCOME_CANCELLED;
}

bool
outcome_is_offline(enum outcome outcome)
{
	return outcome == OUTCOME_DNS || outcome == OUTCOME_DNS_AGAIN ||
	    outcome == OUTCOME_CONNECT;
}
