/* SPDX-License-Identifier: ISC */
/*
 * What no client can be faster than over TLS: bare OpenSSL, one SSL_CTX with its trust
 * store loaded once, a new connection for each request.
 *
 *	floor_tls HOST PORT CA-FILE	CPU microseconds a connection, one line each
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define WARM 20
#define ROUNDS 400

static SSL_SESSION *session;

static void
die(const char *what)
{
	fprintf(stderr, "floor_tls: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

/* TLS 1.3's tickets come after the handshake. */
static int
keep_session(SSL *ssl, SSL_SESSION *new)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = new;
	return 1; /* it is ours now */
}

static int
dial(const char *host, int port)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, host, &sin.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		die("cannot connect");
	return fd;
}

/* One request on one connection; what its server checks is checked. */
static bool
ask(SSL_CTX *context, const char *host, int port, bool resume)
{
	struct buf request = {0};
	int fd = dial(host, port), have = 0, n;
	SSL *ssl = SSL_new(context);
	char head[4096];
	bool was_resumed;

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 ||
	    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) != 1)
		die("cannot begin");
	if (resume && session != NULL)
		(void)SSL_set_session(ssl, session);
	if (SSL_connect(ssl) != 1)
		die("no handshake");
	buf_printf(&request,
	    "GET /f.rss HTTP/1.1\r\nHost: %s:%d\r\nIf-None-Match: *\r\n\r\n", host,
	    port);
	(void)SSL_write(ssl, request.data, (int)request.len);
	do {
		n = SSL_read(ssl, head + have, (int)sizeof(head) - 1 - have);
		if (n <= 0)
			die("the server hung up");
		have += n;
		head[have] = '\0';
	} while (strstr(head, "\r\n\r\n") == NULL);
	if (strstr(head, " 304 ") == NULL)
		die("no 304");
	was_resumed = SSL_session_reused(ssl) == 1;
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
	buf_done(&request);
	return was_resumed;
}

static void
measure(const char *name, SSL_CTX *context, const char *host, int port, bool resume)
{
	int64_t start = 0;
	int i, resumed = 0;

	for (i = 0; i < WARM + ROUNDS; i++) {
		if (i == WARM)
			start = clock_cpu_usec();
		resumed += ask(context, host, port, resume);
	}
	printf("%s %.1f us, %d of %d resumed\n", name,
	    (double)(clock_cpu_usec() - start) / ROUNDS, resumed, WARM + ROUNDS);
}

int
main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (argc != 4) {
		fprintf(stderr, "usage: floor_tls HOST PORT CA-FILE\n");
		return 64;
	}
	if (context == NULL ||
	    SSL_CTX_load_verify_locations(context, argv[3], NULL) != 1)
		die("cannot load the certificates");
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(
	    context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep_session);
	measure("full", context, argv[1], atoi(argv[2]), false);
	measure("resumed", context, argv[1], atoi(argv[2]), true);
	SSL_SESSION_free(session);
	SSL_CTX_free(context);
	return 0;
}
