/* SPDX-License-Identifier: ISC */
#include "tests/unit/httpd.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256

struct peer {
	struct httpd *httpd;
	pthread_t thread;
	int fd;
	unsigned number;
};

struct httpd {
	httpd_fn *fn;
	void *arg;
	int fd;
	unsigned short port;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	struct peer peers[MAX_CONNECTIONS];
	unsigned peer_count, requests;
	char *last;
};

bool
httpd_send(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

bool
httpd_printf(int fd, const char *format, ...)
{
	char *text;
	va_list ap;
	bool ok;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	assert(n >= 0);
	ok = httpd_send(fd, text, (size_t)n);
	free(text);
	return ok;
}

void
httpd_wait_hangup(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

char *
httpd_field(const char *text, const char *name)
{
	size_t size = strlen(name);
	const char *line;

	for (line = strchr(text, '\n'); line != NULL; line = strchr(line, '\n')) {
		line++;
		if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
			line += size + 1;
			line += strspn(line, " ");
			return strndup(line, strcspn(line, "\r\n"));
		}
	}
	return NULL;
}

/* One request's header, NUL-terminated.  False: the peer is gone. */
static bool
read_request(int fd, char *text, size_t room)
{
	size_t size = 0;

	while (size + 1 < room && read(fd, text + size, 1) == 1) {
		text[++size] = '\0';
		if (size >= 4 && strcmp(text + size - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static void
note(struct httpd *httpd, const char *text)
{
	pthread_mutex_lock(&httpd->lock);
	httpd->requests++;
	free(httpd->last);
	httpd->last = strdup(text);
	pthread_mutex_unlock(&httpd->lock);
}

static void *
serve(void *arg)
{
	struct peer *peer = arg;
	struct httpd_request request = {.fd = peer->fd, .connection = peer->number};
	char text[65536], path[9000];

	while (read_request(peer->fd, text, sizeof(text))) {
		note(peer->httpd, text);
		if (sscanf(text, "%*s %8999s", path) != 1)
			break;
		request.path = path;
		request.text = text;
		request.nth++;
		if (!peer->httpd->fn(&request, peer->httpd->arg))
			break;
	}
	shutdown(peer->fd, SHUT_RDWR);
	return NULL;
}

static void *
listen_on(void *arg)
{
	struct httpd *httpd = arg;
	struct peer *peer;
	int fd;

	while ((fd = accept4(httpd->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		pthread_mutex_lock(&httpd->lock);
		assert(httpd->peer_count < MAX_CONNECTIONS);
		peer = &httpd->peers[httpd->peer_count++];
		peer->httpd = httpd;
		peer->fd = fd;
		peer->number = httpd->peer_count;
		pthread_create(&peer->thread, NULL, serve, peer);
		pthread_mutex_unlock(&httpd->lock);
	}
	return NULL;
}

struct httpd *
httpd_new(httpd_fn *fn, void *arg)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof(in);
	int r;

	assert(httpd != NULL);
	httpd->fn = fn;
	httpd->arg = arg;
	pthread_mutex_init(&httpd->lock, NULL);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	httpd->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = bind(httpd->fd, (struct sockaddr *)&in, sizeof(in));
	assert(r == 0);
	r = listen(httpd->fd, 128);
	assert(r == 0);
	r = getsockname(httpd->fd, (struct sockaddr *)&in, &size);
	assert(r == 0);
	(void)r;
	httpd->port = ntohs(in.sin_port);
	pthread_create(&httpd->thread, NULL, listen_on, httpd);
	return httpd;
}

void
httpd_free(struct httpd *httpd)
{
	unsigned i;

	shutdown(httpd->fd, SHUT_RDWR); /* accept fails */
	pthread_join(httpd->thread, NULL);
	close(httpd->fd);
	for (i = 0; i < httpd->peer_count; i++) {
		shutdown(httpd->peers[i].fd, SHUT_RDWR);
		pthread_join(httpd->peers[i].thread, NULL);
		close(httpd->peers[i].fd);
	}
	pthread_mutex_destroy(&httpd->lock);
	free(httpd->last);
	free(httpd);
}

unsigned short
httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

unsigned
httpd_connections(struct httpd *httpd)
{
	unsigned count;

	pthread_mutex_lock(&httpd->lock);
	count = httpd->peer_count;
	pthread_mutex_unlock(&httpd->lock);
	return count;
}

unsigned
httpd_requests(struct httpd *httpd)
{
	unsigned count;

	pthread_mutex_lock(&httpd->lock);
	count = httpd->requests;
	pthread_mutex_unlock(&httpd->lock);
	return count;
}

char *
httpd_last(struct httpd *httpd)
{
	char *text;

	pthread_mutex_lock(&httpd->lock);
	text = strdup(httpd->last != NULL ? httpd->last : "");
	pthread_mutex_unlock(&httpd->lock);
	return text;
}
