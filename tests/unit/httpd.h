/* SPDX-License-Identifier: ISC */
#ifndef TESTS_HTTPD_H
#define TESTS_HTTPD_H

/*
 * A scripted HTTP server on loopback for unit tests: a thread a connection, each
 * request handed to the test as text.
 */
#include <stdbool.h>
#include <stddef.h>

struct httpd;

struct httpd_request {
	int fd;                   /* to write the answer to */
	const char *path;         /* of the request line */
	const char *text;         /* all of the header */
	unsigned connection, nth; /* both from 1 */
};

/* In the connection's thread.  True: read the next request. */
typedef bool httpd_fn(const struct httpd_request *request, void *arg);

/* On a port that the kernel picks. */
struct httpd *httpd_new(httpd_fn *fn, void *arg);
void httpd_free(struct httpd *httpd);
unsigned short httpd_port(const struct httpd *httpd);
unsigned httpd_connections(struct httpd *httpd);
unsigned httpd_requests(struct httpd *httpd);
/* The header of the last request; the caller's to free. */
char *httpd_last(struct httpd *httpd);

/* For handlers: false when the peer is gone. */
bool httpd_send(int fd, const void *data, size_t size);
bool httpd_printf(int fd, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Blocks until the peer hangs up. */
void httpd_wait_hangup(int fd);
/* The value of a header field in `text`, the caller's to free, or NULL. */
char *httpd_field(const char *text, const char *name);

#endif
