/* SPDX-License-Identifier: ISC */
/* libcurl's callbacks of one transfer: gate, header, body. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "fetch/job.h"

/* What libcurl reads at once: so much may be decoded before it is counted. */
#define READ_BYTES 16384

static bool
may_dial(struct fetch_job *job, const struct sockaddr *address)
{
	if (job->is_proxied)
		return true; /* the proxy's own address is the user's choice */
	if (job->gate_reason.len > 0)
		buf_reset(&job->gate_reason);
	return fetch_gate(address, job->host, job->allow_private, &job->gate_reason);
}

/* Judges the very address that is about to be dialled (THREATS 15). */
static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch_job *job = arg;
	int fd;

	(void)purpose;
	if (!may_dial(job, &address->addr))
		return CURL_SOCKET_BAD;
	job->dialled = true;
	fd = socket(
	    address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A reused connection never opened a socket for this job: what another feed was
 * allowed to reach need not be open to this one. */
static int
on_prereq(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *in = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;
	struct fetch_job *job = arg;

	(void)local;
	(void)local_port;
	if (inet_pton(AF_INET, peer, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)peer_port);
	} else if (inet_pton(AF_INET6, peer, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)peer_port);
	}
	job->asked = true;
	if (may_dial(job, (struct sockaddr *)&storage))
		return CURL_PREREQFUNC_OK;
	fault_set(job, OUTCOME_FORBIDDEN_ADDRESS, "%s", buf_text(&job->gate_reason));
	return CURL_PREREQFUNC_ABORT;
}

/* Called when there is a connection: the one sign of it until TLS is ready. */
static CURLcode
on_tls(CURL *easy, void *context, void *arg)
{
	struct fetch_job *job = arg;

	(void)easy;
	(void)context;
	job->shaking = true;
	return CURLE_OK;
}

static bool
is_over_cap(struct fetch_job *job, int64_t size)
{
	if (size <= job->max_body)
		return false;
	fault_set(job, OUTCOME_TOO_BIG, "longer than %lld bytes (max-body)",
	    (long long)job->max_body);
	return true;
}

static bool
is_bomb(struct fetch_job *job)
{
	curl_off_t wire = 0;

	if (job->decoded <= LIMIT_RATIO_FREE)
		return false;
	curl_easy_getinfo(job->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
	if (job->decoded / LIMIT_BODY_RATIO <= wire + READ_BYTES)
		return false;
	fault_set(job, OUTCOME_TOO_BIG, "unpacks to more than %d times its size",
	    LIMIT_BODY_RATIO);
	return true;
}

/* The header is complete.  False: end the transfer. */
static bool
deliver_head(struct fetch_job *job)
{
	const struct fetch_head *head;

	job->head_seen = true;
	/* From here on a drip is given up; until here the first byte's limit held. */
	curl_easy_setopt(
	    job->easy, CURLOPT_LOW_SPEED_LIMIT, (long)LIMIT_LOW_SPEED_BYTES);
	curl_easy_setopt(
	    job->easy, CURLOPT_LOW_SPEED_TIME, (long)LIMIT_LOW_SPEED_SEC);
	head = head_read(job->head, job->url, clock_wall());
	job->sink.head(job->arg, head);
	if (job->cancelled)
		return false;
	if (job->paused)
		fetch_turn(job);
	/* A 304 may say the length of what it does not send. */
	return (head->status != 200 && head->status != 226) ||
	    !is_over_cap(job, head_content_length(job->head));
}

static size_t
on_header(char *line, size_t unit, size_t size, void *arg)
{
	struct fetch_job *job = arg;

	(void)unit; /* always 1 */
	if (job->cancelled)
		return 0;
	if (head_line(job->head, line, size) && !deliver_head(job))
		return 0;
	return size;
}

/* libcurl 7 reads on as long as the socket has something, 1.6 MB at a time, and may do
 * so again before the next turn.  libcurl 8 reads a tenth of that, and can wait. */
static void
pause_at_once(struct fetch_job *job)
{
#if LIBCURL_VERSION_NUM < 0x080000
	if (job->paused && !job->cancelled)
		fetch_apply_pause(job);
#else
	(void)job;
#endif
}

static size_t
on_body(char *data, size_t unit, size_t size, void *arg)
{
	struct fetch_job *job = arg;

	(void)unit; /* always 1 */
	if (job->cancelled || job->stopped || job->failed)
		return CURL_WRITEFUNC_ERROR;
	if (!job->head_seen) {
		fault_of_no_head(job);
		return CURL_WRITEFUNC_ERROR;
	}
	job->decoded += (int64_t)size;
	if (is_over_cap(job, job->decoded) || is_bomb(job))
		return CURL_WRITEFUNC_ERROR;
	if (size > 0 && !job->sink.data(job->arg, data, size)) {
		job->stopped = true;
		return CURL_WRITEFUNC_ERROR;
	}
	pause_at_once(job);
	return job->cancelled ? CURL_WRITEFUNC_ERROR : size;
}

void
transfer_callbacks(struct fetch_job *job)
{
	CURL *easy = job->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, job);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, job);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, job);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
}
