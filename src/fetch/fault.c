/* SPDX-License-Identifier: ISC */
/* What became of a transfer: an outcome, and one clean line for people. */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "fetch/job.h"

/* The first fault holds: what follows from it says less. */
void
fault_set(struct fetch_job *job, enum outcome outcome, const char *format, ...)
{
	char text[CURL_ERROR_SIZE + 256], clean[LOG_QUOTE];
	va_list ap;

	if (job->failed)
		return;
	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap); /* cut is fine */
	va_end(ap);
	job->failed = true;
	job->outcome = outcome;
	buf_puts(&job->reason, log_quote(text, clean));
}

/* libcurl's own words, without what only a programmer wants. */
static const char *
curl_words(const struct fetch_job *job, CURLcode code)
{
	static const char *const openings[] = {"SSL certificate problem: ", "SSL: "};
	const char *text =
	    job->error[0] != '\0' ? job->error : curl_easy_strerror(code);
	size_t i;

	for (i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		if (strncmp(text, openings[i], strlen(openings[i])) == 0)
			return text + strlen(openings[i]);
	}
	return text;
}

/* OpenSSL's reason alone, of "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version
 * number"; and three that nobody would guess. */
static const char *
tls_words(const char *words)
{
	static const char mark[] = "routines::";
	const char *reason = strstr(words, mark);

	if (reason == NULL)
		return words;
	reason += sizeof(mark) - 1;
	if (strcmp(reason, "wrong version number") == 0)
		return "what answers there is no TLS; is it an http:// address?";
	if (strcmp(reason, "bad write retry") == 0) /* of a request half sent */
		return "broke off the connection while it was asked";
	if (strstr(reason, "alert certificate required") != NULL)
		return "it asks for a client certificate (client-cert)";
	return reason;
}

/* The system's word for why, or "". */
static const char *
system_words(const struct fetch_job *job)
{
	long number = 0;

	curl_easy_getinfo(job->easy, CURLINFO_OS_ERRNO, &number);
	return number != 0 ? strerror((int)number) : "no answer";
}

static void
fault_of_connect(struct fetch_job *job)
{
	if (job->gate_reason.len > 0 && !job->dialled)
		fault_set(
		    job, OUTCOME_FORBIDDEN_ADDRESS, "%s", job->gate_reason.data);
	else
		fault_set(job, OUTCOME_CONNECT, "cannot connect to %s%s: %s",
		    job->is_proxied ? "proxy " : "", job->dial_host,
		    system_words(job));
}

/* libcurl's two clocks: to the connection, and the low speed. */
static void
fault_of_curl_time(struct fetch_job *job)
{
	if (job->head_seen)
		fault_set(job, OUTCOME_TIMEOUT,
		    "%s sent less than %d bytes a second for %d s", job->host,
		    LIMIT_LOW_SPEED_BYTES, LIMIT_LOW_SPEED_SEC);
	else if (job->shaking)
		fault_set(job, OUTCOME_TIMEOUT, "%s: no TLS handshake within %d s",
		    job->host, LIMIT_CONNECT_MSEC / 1000);
	else
		fault_set(job, OUTCOME_CONNECT, "no connection to %s within %d s",
		    job->dial_host, LIMIT_CONNECT_MSEC / 1000);
}

/* A single header line past its limit: "out of memory" to libcurl before 8.6. */
static bool
is_line_too_long(const struct fetch_job *job, CURLcode code)
{
#if LIBCURL_VERSION_NUM >= 0x080600
	if (code == CURLE_TOO_LARGE)
		return job->asked && !job->head_seen;
#endif
	return code == CURLE_OUT_OF_MEMORY && job->asked && !job->head_seen;
}

static void
fault_of_broken(struct fetch_job *job, CURLcode code)
{
	const char *words = curl_words(job, code);

	/* libcurl 8 counts the lines, too. */
	if (strstr(words, "Too many response headers") != NULL)
		fault_set(job, OUTCOME_TOO_BIG, "header of too many lines");
	else if (strstr(words, "Too large response headers") != NULL ||
	    is_line_too_long(job, code))
		fault_set(job, OUTCOME_TOO_BIG, "header longer than 100 KB");
	else if (code == CURLE_SEND_ERROR || strstr(words, "() failed") != NULL)
		fault_set(job, OUTCOME_TRANSFER,
		    "%s closed the connection while it was asked", job->host);
	else if (code == CURLE_GOT_NOTHING)
		fault_set(job, OUTCOME_TRANSFER,
		    "%s closed the connection without an answer", job->host);
	else if (code == CURLE_PARTIAL_FILE)
		fault_set(job, OUTCOME_TRANSFER,
		    "%s closed the connection before the end of its answer",
		    job->host);
	else
		fault_set(
		    job, OUTCOME_TRANSFER, "%s: %s", job->host, tls_words(words));
}

/* Also where libcurl takes for a header what is none to us: a status line that is
 * not of the standard's form, or 101 as if we had asked for another protocol. */
void
fault_of_no_head(struct fetch_job *job)
{
	fault_set(job, OUTCOME_TRANSFER, "%s: not an HTTP answer", job->host);
}

void
fault_of_curl(struct fetch_job *job, CURLcode code)
{
	const char *words = curl_words(job, code);

	switch (code) {
	case CURLE_COULDNT_CONNECT:
		fault_of_connect(job);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		fault_of_curl_time(job);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
		fault_set(job, OUTCOME_DNS, "no such host: %s", job->host);
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		fault_set(
		    job, OUTCOME_CONNECT, "proxy %s: %s", job->dial_host, words);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		fault_set(
		    job, OUTCOME_TLS, "certificate of %s: %s", job->host, words);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_SSL_SHUTDOWN_FAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_USE_SSL_FAILED:
		fault_set(job, OUTCOME_TLS, "TLS with %s: %s", job->host,
		    tls_words(words));
		break;
	case CURLE_SSL_CACERT_BADFILE:
		fault_set(job, OUTCOME_TLS, "ca-file: %s", words);
		break;
	case CURLE_URL_MALFORMAT:
	case CURLE_LOGIN_DENIED:
		fault_set(job, OUTCOME_BAD_URL, "malformed address");
		break;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		fault_of_no_head(job);
		break;
	case CURLE_BAD_CONTENT_ENCODING:
		fault_set(
		    job, OUTCOME_TRANSFER, "%s: unreadable compression", job->host);
		break;
	case CURLE_WRITE_ERROR: /* ours end otherwise: it is the decoder's */
		fault_set(job, OUTCOME_TRANSFER,
		    "%s: the compressed body is damaged, or followed by something "
		    "else",
		    job->host);
		break;
	case CURLE_FILESIZE_EXCEEDED:
		fault_set(job, OUTCOME_TOO_BIG, "longer than %lld bytes (max-body)",
		    (long long)job->max_body);
		break;
	default:
		fault_of_broken(job, code);
	}
}

/* EAGAIN is all that is told of several limits. */
static void
no_thread(struct fetch_job *job, int error)
{
	if (error == EAGAIN)
		fault_set(job, OUTCOME_DNS_AGAIN,
		    "%s: no thread could be started to look it up: a limit of tasks "
		    "(TasksMax, LimitNPROC) or of memory is reached",
		    job->dial_host);
	else
		fault_set(job, OUTCOME_DNS_AGAIN,
		    "%s: no thread could be started to look it up: %s",
		    job->dial_host, strerror(error));
}

void
fault_of_lookup(struct fetch_job *job, const struct resolve_answer *answer)
{
	const char *host = job->dial_host;

	switch (answer->error) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		fault_set(job, OUTCOME_DNS, "no such host: %s", host);
		break;
	case EAI_AGAIN:
		fault_set(job, OUTCOME_DNS_AGAIN,
		    "%s: the name server does not answer", host);
		break;
	case EAI_SYSTEM:
		if (answer->no_thread)
			no_thread(job, answer->sys_errno);
		else
			fault_set(job, OUTCOME_DNS_AGAIN, "%s: %s", host,
			    strerror(answer->sys_errno));
		break;
	default:
		fault_set(job, OUTCOME_DNS_AGAIN, "%s: %s", host,
		    gai_strerror(answer->error));
	}
}

/* Our own clock ran out: say where it stood. */
void
fault_of_time(struct fetch_job *job, bool first_byte)
{
	double seconds =
	    (double)(first_byte ? LIMIT_FIRST_BYTE_MSEC : job->timeout) /
	    (double)MSEC_PER_SEC;

	if (job->pool == NULL) {
		fault_set(job, OUTCOME_DNS_AGAIN,
		    "%s: the name server did not answer within %g s", job->dial_host,
		    seconds);
		return;
	}
	if (job->head_seen)
		fault_set(job, OUTCOME_TIMEOUT,
		    "%s did not finish within %g s (%lld bytes came)", job->host,
		    seconds, (long long)job->decoded);
	else if (job->asked)
		fault_set(job, OUTCOME_TIMEOUT, "no answer from %s within %g s",
		    job->host, seconds);
	else if (job->shaking)
		fault_set(job, OUTCOME_TIMEOUT, "%s: no TLS handshake within %g s",
		    job->host, seconds);
	else
		fault_set(job, OUTCOME_CONNECT, "no connection to %s within %g s",
		    job->dial_host, seconds);
}
