/* SPDX-License-Identifier: ISC */
/*
 * A request as libcurl's options.  Everything that libcurl would take from its
 * environment or decide on its own is said here: no proxy, no redirects, no
 * cookies, no netrc, two protocols.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "fetch/job.h"
#include "fetch/sessions.h"

#define PROXY_PORT 1080 /* curl's, for every scheme but https */

/* No control characters: what goes into a header line stays in it. */
static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

/* -- The URL ------------------------------------------------------------------ */

/* As it goes on the wire: byte for byte, but blanks and what is not ASCII behind
 * the host as %XX, as every browser sends them. */
static void
wire_url(const char *url, struct buf *out)
{
	const char *slashes = strstr(url, "//");
	const char *path = slashes != NULL ? slashes + 2 : url;

	path += strcspn(path, "/?#");
	buf_add(out, url, (size_t)(path - url));
	for (; *path != '\0'; path++) {
		if ((unsigned char)*path <= ' ' || (unsigned char)*path >= 0x7f)
			buf_printf(out, "%%%02X", (unsigned char)*path);
		else
			buf_putc(out, *path);
	}
}

/* Host (lower case, no brackets, IDN as punycode) and port, as libcurl sees them. */
static int
read_host(CURLU *u, unsigned flags, char **ret_host, unsigned *ret_port)
{
	char *host = NULL, *port = NULL, *p;
	size_t size;
	int r = -EINVAL;

	if (curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) != CURLUE_OK ||
	    host[0] == '\0')
		goto out;
	if (curl_url_get(u, CURLUPART_PORT, &port, flags) == CURLUE_OK)
		*ret_port = (unsigned)strtoul(port, NULL, 10);
	for (p = host; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	size = strlen(host);
	if (host[0] == '[' && host[size - 1] == ']') {
		host[size - 1] = '\0';
		*ret_host = xstrdup(host + 1);
	} else {
		*ret_host = xstrdup(host);
	}
	r = 0;
out:
	curl_free(host);
	curl_free(port);
	return r;
}

static bool
has_userinfo(CURLU *u)
{
	char *text = NULL;
	bool yes = curl_url_get(u, CURLUPART_USER, &text, 0) == CURLUE_OK;

	curl_free(text);
	if (!yes) {
		text = NULL;
		yes = curl_url_get(u, CURLUPART_PASSWORD, &text, 0) == CURLUE_OK;
		curl_free(text);
	}
	return yes;
}

static int
setup_url(struct fetch_job *job, const char *url)
{
	struct buf wire = {0};
	CURLU *u = NULL;
	int r = -EINVAL;

	if (strlen(url) > LIMIT_URL_BYTES) {
		fault_set(job, OUTCOME_BAD_URL, "address longer than %d bytes",
		    LIMIT_URL_BYTES);
		return r;
	}
	if (strncasecmp(url, "http://", 7) != 0 &&
	    strncasecmp(url, "https://", 8) != 0) {
		fault_set(job, OUTCOME_BAD_URL, "not an http or https address");
		return r;
	}
	wire_url(url, &wire);
	u = curl_url();
	if (u == NULL ||
	    curl_url_set(u, CURLUPART_URL, wire.data, CURLU_PATH_AS_IS) !=
		CURLUE_OK ||
	    read_host(u, CURLU_DEFAULT_PORT, &job->host, &job->dial_port) < 0)
		fault_set(job, OUTCOME_BAD_URL, "malformed address");
	else if (has_userinfo(u))
		fault_set(job, OUTCOME_BAD_URL,
		    "user and password in the address; use credential");
	else if (curl_easy_setopt(job->easy, CURLOPT_URL, wire.data) == CURLE_OK)
		r = 0;
	curl_url_cleanup(u);
	buf_done(&wire);
	return r;
}

/* -- The proxy ---------------------------------------------------------------- */

/* A word is a host or a domain with all that is below it; `*` is everything. */
static bool
is_exempt(const char *host, const char *no_proxy)
{
	size_t host_size = strlen(host), size;
	const char *word;

	for (; no_proxy != NULL && *no_proxy != '\0'; no_proxy += size) {
		no_proxy += strspn(no_proxy, ", \t");
		word = no_proxy;
		size = strcspn(no_proxy, ", \t");
		if (size == 1 && *word == '*')
			return true;
		if (size > 0 && *word == '.') {
			word++;
			no_proxy++;
			size--;
		}
		if (size == 0 || size > host_size ||
		    strncasecmp(host + host_size - size, word, size) != 0)
			continue;
		if (size == host_size || host[host_size - size - 1] == '.')
			return true;
	}
	return false;
}

static bool
numeric(const char *host, unsigned port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		return true;
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		return true;
	}
	return false;
}

/* The proxy dials in our place, so an address in the URL is judged before. */
static int
judge_literal(struct fetch_job *job)
{
	struct sockaddr_storage address;
	struct buf reason = {0};
	int r = 0;

	if (numeric(job->host, job->dial_port, &address) &&
	    !fetch_gate((struct sockaddr *)&address, job->host, job->allow_private,
		&reason)) {
		fault_set(job, OUTCOME_FORBIDDEN_ADDRESS, "%s", buf_text(&reason));
		r = -EINVAL;
	}
	buf_done(&reason);
	return r;
}

/* Names are the proxy's to look up, so socks5 and socks4 get their form that says
 * so. */
static char *
proxy_url(const char *proxy)
{
	if (strncasecmp(proxy, "socks5://", 9) == 0)
		return xasprintf("socks5h://%s", proxy + 9);
	if (strncasecmp(proxy, "socks4://", 9) == 0)
		return xasprintf("socks4a://%s", proxy + 9);
	return xstrdup(proxy);
}

static int
setup_proxy(struct fetch_job *job, const char *proxy, const char *no_proxy)
{
	char *url, *host = NULL;
	unsigned port = PROXY_PORT;
	CURLU *u;
	int r = 0;

	/* "": else libcurl reads the environment. */
	curl_easy_setopt(job->easy, CURLOPT_NOPROXY, "");
	if (proxy == NULL || *proxy == '\0' || is_exempt(job->host, no_proxy)) {
		curl_easy_setopt(job->easy, CURLOPT_PROXY, "");
		return 0;
	}
	if (judge_literal(job) < 0)
		return -EINVAL;
	url = proxy_url(proxy);
	if (strncasecmp(url, "https://", 8) == 0)
		port = 443;
	u = curl_url();
	if (u == NULL ||
	    curl_url_set(u, CURLUPART_URL, url,
		CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    read_host(u, 0, &host, &port) < 0 ||
	    curl_easy_setopt(job->easy, CURLOPT_PROXY, url) != CURLE_OK) {
		fault_set(job, OUTCOME_BAD_URL, "unusable proxy");
		r = -EINVAL;
	} else {
		job->is_proxied = true;
		job->dial_host = host;
		job->dial_port = port;
		host = NULL;
	}
	curl_url_cleanup(u);
	free(host);
	free(url);
	return r;
}

/* -- Headers ------------------------------------------------------------------ */

static void
add_header(struct fetch_job *job, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);
	struct curl_slist *list = curl_slist_append(job->headers, line);

	if (list != NULL)
		job->headers = list;
	free(line);
}

/* Byte for byte what came, from this very URL alone (POLLING 1, 2, 10). */
static void
setup_validators(struct fetch_job *job, const struct validators *validators)
{
	if (validators->url == NULL || strcmp(validators->url, job->url) != 0)
		return;
	if (validators->etag != NULL && is_clean(validators->etag)) {
		add_header(job, "If-None-Match", validators->etag);
		add_header(job, "A-IM", "feed");
	}
	if (validators->last_modified != NULL && is_clean(validators->last_modified))
		add_header(job, "If-Modified-Since", validators->last_modified);
}

/* A name of token characters before a colon. */
static bool
is_header_line(const char *line)
{
	size_t size = strspn(line,
	    "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return size > 0 && line[size] == ':' && is_clean(line);
}

static int
add_lines(struct fetch_job *job, const char *lines)
{
	struct curl_slist *list;
	size_t size;
	char *line;
	int r = 0;

	for (; r == 0 && lines != NULL && *lines != '\0'; lines += size) {
		lines += strspn(lines, "\r\n");
		size = strcspn(lines, "\r\n");
		if (size == 0)
			continue;
		line = xcalloc(1, size + 1);
		memcpy(line, lines, size);
		list = is_header_line(line) ? curl_slist_append(job->headers, line)
					    : NULL;
		if (list != NULL)
			job->headers = list;
		else
			r = -EINVAL;
		free(line);
	}
	if (r < 0)
		fault_set(
		    job, OUTCOME_BAD_URL, "header: not of the form Name: value");
	return r;
}

/* `user:password`, `Bearer TOKEN`, or a header line.  Always sent at once: no
 * 401 first (POLLING 70). */
static int
setup_credential(struct fetch_job *job, const char *credential)
{
	char *text, *colon;
	int r = 0;

	if (credential == NULL)
		return 0;
	text = xstrdup(credential);
	text[strcspn(text, "\r\n")] = '\0'; /* a file ends with a line feed */
	colon = strchr(text, ':');
	if (!is_clean(text)) {
		r = -EINVAL;
	} else if (strncasecmp(text, "Bearer ", 7) == 0) {
		add_header(job, "Authorization", text);
	} else if (colon != NULL && colon[1] == ' ' && is_header_line(text)) {
		r = add_lines(job, text);
	} else if (colon != NULL) {
		*colon = '\0';
		curl_easy_setopt(job->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(job->easy, CURLOPT_USERNAME, text);
		curl_easy_setopt(job->easy, CURLOPT_PASSWORD, colon + 1);
	} else {
		r = -EINVAL;
	}
	if (r < 0) /* never the text itself */
		fault_set(job, OUTCOME_AUTH,
		    "credential: neither user:password "
		    "nor Bearer TOKEN nor a header line");
	explicit_bzero(text, strlen(credential));
	free(text);
	return r;
}

/* -- TLS, version, the rest ---------------------------------------------------- */

static void
set_blob(CURL *easy, CURLoption option, const char *pem)
{
	struct curl_blob blob = {.flags = CURL_BLOB_COPY};

	/* libcurl does not write to it. */
	blob.data = (void *)(uintptr_t)pem;
	blob.len = strlen(pem);
	curl_easy_setopt(easy, option, &blob);
}

const char *
setup_ca_file(const struct fetch *fetch)
{
	if (fetch->ca_file != NULL)
		return fetch->ca_file;
	return curl_version_info(CURLVERSION_NOW)->cainfo;
}

static void
setup_tls(struct fetch_job *job, const struct request *request)
{
	CURL *easy = job->easy;

	/* With a directory beside the bundle libcurl reads all of it again for
	 * every connection, 20 ms each; without, it keeps one store. */
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (request->ca_pem != NULL)
		set_blob(easy, CURLOPT_CAINFO_BLOB, request->ca_pem);
	else if (job->fetch->ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, job->fetch->ca_file);
	if (request->client_pem != NULL) {
		set_blob(easy, CURLOPT_SSLCERT_BLOB, request->client_pem);
		set_blob(easy, CURLOPT_SSLKEY_BLOB, request->client_pem);
	}
	if (request->insecure == CHOICE_YES) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/* Those of the server itself, before a proxy's address takes its place. */
static void
setup_sessions(struct fetch_job *job, const char *url)
{
	struct buf server = {0};

	if (strncasecmp(url, "https:", 6) != 0)
		return;
	buf_printf(&server, "%s:%u", job->host, job->dial_port);
	curl_easy_setopt(job->easy, CURLOPT_SHARE,
	    sessions_of(job->fetch->sessions, server.data));
	buf_done(&server);
}

static int
setup_version(struct fetch_job *job, const char *version)
{
	long value = CURL_HTTP_VERSION_2TLS;

	if (version == NULL || strcmp(version, "auto") == 0 ||
	    strcmp(version, "2") == 0)
		value = CURL_HTTP_VERSION_2TLS;
	else if (strcmp(version, "1.1") == 0)
		value = CURL_HTTP_VERSION_1_1;
	else if (strcmp(version, "1.0") == 0)
		value = CURL_HTTP_VERSION_1_0;
	else {
		fault_set(job, OUTCOME_BAD_URL, "http-version: not 1.0, 1.1 or 2");
		return -EINVAL;
	}
	curl_easy_setopt(job->easy, CURLOPT_HTTP_VERSION, value);
	return 0;
}

static void
setup_manners(struct fetch_job *job)
{
	CURL *easy = job->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_CONNECT_MSEC);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)LIMIT_IDLE_CONNECTION_SEC);
	curl_easy_setopt(
	    easy, CURLOPT_DNS_CACHE_TIMEOUT, (long)(LIMIT_NAME_MSEC / 1000));
}

/* `mine` unless it is NULL. */
static const char *
or_default(const char *mine, const char *ours)
{
	return mine != NULL ? mine : ours;
}

int
setup_job(struct fetch_job *job, const struct request *request)
{
	const struct fetch *fetch = job->fetch;
	const char *agent = or_default(request->user_agent, fetch->user_agent);

	setup_manners(job);
	setup_tls(job, request);
	if (setup_url(job, request->url) < 0)
		return -EINVAL;
	setup_sessions(job, request->url);
	if (setup_proxy(job, or_default(request->proxy, fetch->proxy),
		or_default(request->no_proxy, fetch->no_proxy)) < 0 ||
	    setup_version(
		job, or_default(request->http_version, fetch->http_version)) < 0 ||
	    setup_credential(job, request->credential) < 0 ||
	    add_lines(job, request->header) < 0)
		return -EINVAL;
	setup_validators(job, &request->validators);
	if (agent != NULL && is_clean(agent))
		curl_easy_setopt(job->easy, CURLOPT_USERAGENT, agent);
	if (request->cookie != NULL && is_clean(request->cookie))
		curl_easy_setopt(job->easy, CURLOPT_COOKIE, request->cookie);
	if (job->headers != NULL)
		curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, job->headers);
	if (job->dial_host == NULL)
		job->dial_host = xstrdup(job->host);
	return 0;
}

bool
setup_is_numeric(const char *host)
{
	struct sockaddr_storage ignored;

	return numeric(host, 0, &ignored);
}

/* With the plus the entry grows old like any other; without it, it would stay in
 * libcurl for ever.  Only the very name in the URL is looked for, so one that
 * ends with a dot is entered so. */
void
setup_addresses(struct fetch_job *job, const char *addresses)
{
	char *entry =
	    xasprintf("+%s:%u:%s", job->dial_host, job->dial_port, addresses);

	job->resolve = curl_slist_append(NULL, entry);
	curl_easy_setopt(job->easy, CURLOPT_RESOLVE, job->resolve);
	free(entry);
}
