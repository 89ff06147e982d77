/* SPDX-License-Identifier: ISC */
#include "config/valid.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "query/query.h"

static int
wrong(struct buf *reason, const char *what)
{
	buf_puts(reason, what);
	return -EINVAL;
}

/* One word at a time of a blank-separated list.  `at` moves on; NULL at the end.
 * The caller frees nothing: the word is cut to `word`. */
static const char *
next_word(const char **at, char word[LIMIT_URL_BYTES])
{
	size_t length;

	*at += strspn(*at, " \t");
	length = strcspn(*at, " \t");
	if (length == 0)
		return NULL;
	if (length >= LIMIT_URL_BYTES)
		length = LIMIT_URL_BYTES - 1; /* too long for anything it could be */
	memcpy(word, *at, length);
	word[length] = '\0';
	*at += strcspn(*at, " \t");
	return word;
}

static bool
is_of(const char *text, const char *also)
{
	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text) && strchr(also, *text) == NULL)
			return false;
	}
	return true;
}

static bool
is_printable(const char *text, bool ascii)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7F || (ascii && c > 0x7F))
			return false;
	}
	return true;
}

static int
valid_word(const char *words, const char *value, struct buf *reason)
{
	char word[LIMIT_URL_BYTES];
	const char *at = words;

	while (next_word(&at, word) != NULL) {
		if (strcmp(word, value) == 0)
			return 0;
	}
	buf_printf(reason, "write one of %s", words);
	return -EINVAL;
}

static int
valid_name(const char *value, struct buf *reason)
{
	if (strlen(value) > LIMIT_NAME_BYTES || !is_of(value, "._-") ||
	    *value == '.' || *value == '-')
		return wrong(reason,
		    "a name is letters, digits, '.', '_' and '-', at most 64");
	return 0;
}

static bool
is_one_of(const char *const *names, const char *name, size_t size)
{
	for (; *names != NULL; names++) {
		if (strlen(*names) == size && strncasecmp(*names, name, size) == 0)
			return true;
	}
	return false;
}

static int
valid_header(const char *value, struct buf *reason)
{
	/* What the client itself must say, or it would no longer be well-behaved. */
	static const char *const ours[] = {"host", "connection", "content-length",
	    "transfer-encoding", "te", "upgrade", "range", "if-none-match",
	    "if-modified-since", "accept-encoding", "user-agent", "cookie", NULL};
	static const char *const secrets[] = {
	    "authorization", "proxy-authorization", NULL};
	size_t size = strcspn(value, ":"), i;

	if (size == 0 || value[size] != ':' || !is_printable(value, true))
		return wrong(reason, "write a header line, Name: value");
	for (i = 0; i < size; i++) {
		if (!isalnum((unsigned char)value[i]) &&
		    strchr("!#$%&'*+-.^_`|~", value[i]) == NULL)
			return wrong(reason, "write a header line, Name: value");
	}
	if (is_one_of(secrets, value, size))
		return wrong(reason,
		    "a secret does not stand here: name a credential (credential = "
		    "NAME) that holds this line");
	if (is_one_of(ours, value, size))
		return wrong(reason,
		    "this header is gazetted's own (user-agent and cookie have "
		    "keys)");
	return 0;
}

static bool
has_password(const char *url)
{
	struct buf bare = {0};
	bool has = url_without_userinfo(url, &bare) == 0 &&
	    strcmp(buf_text(&bare), url) != 0;

	buf_done(&bare);
	return has;
}

static int
valid_feed_url(const char *value, struct buf *reason)
{
	if (strlen(value) > LIMIT_URL_BYTES)
		return wrong(reason, "this address is too long: at most 8192 bytes");
	if (!is_printable(value, false) || strchr(value, ' ') != NULL)
		return wrong(reason,
		    "an address has no blanks: write them as %20 if they belong");
	if (!url_is_http(value))
		return wrong(
		    reason, "write an address that begins with http:// or https://");
	if (has_password(value))
		return wrong(reason,
		    "an address holds no user or password: take them out, and name "
		    "a "
		    "credential (credential = NAME) that holds user:password");
	return 0;
}

static int
valid_proxy(const char *value, struct buf *reason)
{
	static const char *const schemes[] = {"http://", "https://", "socks4://",
	    "socks4a://", "socks5://", "socks5h://"};
	size_t i, length;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		length = strlen(schemes[i]);
		if (strncasecmp(value, schemes[i], length) == 0 &&
		    value[length] != '\0' && value[length] != '/' &&
		    is_printable(value, true) && strchr(value, ' ') == NULL &&
		    !has_password(value))
			return 0;
	}
	return wrong(reason,
	    "write http://HOST:PORT, https:, socks4:, socks4a:, socks5: or "
	    "socks5h:, "
	    "without a password");
}

bool
valid_host(const char *host)
{
	unsigned char address[16];

	if (inet_pton(AF_INET6, host, address) == 1)
		return true;
	return *host != '\0' && strlen(host) <= 253 && is_of(host, ".-_") &&
	    *host != '.' && *host != '-' && strstr(host, "..") == NULL;
}

/* ADDRESS/BITS */
static bool
is_network(const char *text)
{
	const char *slash = strchr(text, '/');
	char address[64], *end;
	unsigned char bytes[16];
	unsigned long bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(address) ||
	    !isdigit((unsigned char)slash[1]))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (*end != '\0')
		return false;
	return (inet_pton(AF_INET, address, bytes) == 1 && bits <= 32) ||
	    (inet_pton(AF_INET6, address, bytes) == 1 && bits <= 128);
}

/* HOST:PORT or [ADDRESS]:PORT */
static bool
is_host_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t size = colon == NULL ? 0 : (size_t)(colon - text);
	char host[256], *end;
	unsigned long port;

	if (size == 0 || size >= sizeof(host) || !isdigit((unsigned char)colon[1]))
		return false;
	if (*text == '[' && text[size - 1] == ']') {
		text++;
		size -= 2;
	} else if (memchr(text, ':', size) != NULL) {
		return false;
	}
	memcpy(host, text, size);
	host[size] = '\0';
	port = strtoul(colon + 1, &end, 10);
	return *end == '\0' && port >= 1 && port <= 65535 && valid_host(host);
}

static int
valid_private(const char *value, struct buf *reason)
{
	char word[LIMIT_URL_BYTES], shown[LOG_QUOTE];
	const char *at = value;

	if (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0)
		return 0;
	while (next_word(&at, word) != NULL) {
		if (!is_network(word) && !is_host_port(word)) {
			buf_printf(reason,
			    "'%s' is no network: write yes, no, or a list of "
			    "networks "
			    "(10.1.0.0/16, 192.0.2.7/32) and HOST:PORT",
			    log_quote(word, shown));
			return -EINVAL;
		}
	}
	return 0;
}

static int
valid_hosts(const char *value, struct buf *reason)
{
	char word[LIMIT_URL_BYTES], shown[LOG_QUOTE];
	const char *at = value;

	while (next_word(&at, word) != NULL) {
		if (!valid_host(word)) {
			buf_printf(reason,
			    "'%s' is no host: write names such as example.org, with "
			    "blanks between them",
			    log_quote(word, shown));
			return -EINVAL;
		}
	}
	return 0;
}

static int
valid_tag(const char *tag, struct buf *reason)
{
	char shown[LOG_QUOTE];

	if (query_is_reserved_tag(tag)) {
		buf_printf(reason, "'%s' is the name of a state, and no tag", tag);
		return -EINVAL;
	}
	if (!query_is_tag(tag)) {
		buf_printf(reason,
		    "'%s' is no tag: letters, digits, '.', '_', '-' and '/' between "
		    "them, with blanks between tags",
		    log_quote(tag, shown));
		return -EINVAL;
	}
	return 0;
}

static int
valid_tags(const char *value, struct buf *reason)
{
	char word[LIMIT_URL_BYTES];
	const char *at = value;
	int r = 0;

	while (r == 0 && next_word(&at, word) != NULL)
		r = valid_tag(word, reason);
	return r;
}

static int
valid_query(const char *value, struct buf *reason)
{
	struct query_error error;
	struct query *query;

	if (query_parse(value, &query, &error) < 0) {
		buf_printf(reason, "at character %d of the query: %s",
		    error.position + 1, error.message);
		return -EINVAL;
	}
	query_free(query);
	return 0;
}

static int
valid_actions(const char *value, struct buf *reason)
{
	static const char names[] = "read unread star unstar hide stop";
	char word[LIMIT_URL_BYTES], shown[LOG_QUOTE];
	struct buf unused = {0};
	const char *at = value;
	int r = 0;

	while (r == 0 && next_word(&at, word) != NULL) {
		if (*word == '+' || *word == '-') {
			r = valid_tag(word + 1, reason);
		} else if (valid_word(names, word, &unused) < 0) {
			buf_printf(reason,
			    "'%s' is no action: write +TAG, -TAG or one "
			    "of %s",
			    log_quote(word, shown), names);
			r = -EINVAL;
		}
	}
	buf_done(&unused);
	return r;
}

/* forever, a duration, or NUMBER/feed; then "when QUERY". */
static int
valid_keep(const char *value, struct buf *reason)
{
	char word[LIMIT_URL_BYTES];
	const char *at = value;
	msec_t duration;
	size_t digits;

	(void)next_word(&at, word); /* a value is never empty */
	digits = strspn(word, "0123456789");
	if (strcmp(word, "forever") != 0 &&
	    clock_duration_parse(word, &duration) < 0 &&
	    (digits == 0 || strcmp(word + digits, "/feed") != 0))
		return wrong(reason,
		    "write forever, a duration such as 90d, or a number of items "
		    "such as 500/feed, then when QUERY");
	if (next_word(&at, word) == NULL)
		return 0;
	if (strcmp(word, "when") != 0)
		return wrong(reason, "write when QUERY behind it, or nothing");
	return valid_query(at, reason);
}

int
valid_text(
    enum value_kind kind, const char *words, const char *value, struct buf *reason)
{
	switch (kind) {
	case VALUE_TOKEN:
		if (!is_printable(value, true))
			return wrong(
			    reason, "write ASCII letters, digits and signs");
		return 0;
	case VALUE_HEADER:
		return valid_header(value, reason);
	case VALUE_WORD:
		return valid_word(words, value, reason);
	case VALUE_NAME:
		return valid_name(value, reason);
	case VALUE_PATH:
		if (*value != '/')
			return wrong(reason, "write a path from / on");
		return 0;
	case VALUE_FEED_URL:
		return valid_feed_url(value, reason);
	case VALUE_PROXY:
		return valid_proxy(value, reason);
	case VALUE_PRIVATE:
		return valid_private(value, reason);
	case VALUE_HOSTS:
		return valid_hosts(value, reason);
	case VALUE_QUERY:
		return valid_query(value, reason);
	case VALUE_ACTIONS:
		return valid_actions(value, reason);
	case VALUE_TAGS:
		return valid_tags(value, reason);
	case VALUE_KEEP:
		return valid_keep(value, reason);
	default:
		if (!is_printable(value, false))
			return wrong(
			    reason, "write one line without control characters");
		return 0;
	}
}
