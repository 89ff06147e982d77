/* SPDX-License-Identifier: ISC */
/*
 * What no aggregator can be faster than: bare expat over every XML feed of a corpus,
 * bare libcurl asking for 304s, and a client of nothing but epoll and a socket that
 * does so.
 *
 *	floor DIR FIRST-URL..	CPU microseconds a feed, one line each
 */
#include <curl/curl.h>
#include <expat.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/url.h"

#define CHUNK 16384 /* as libcurl hands it over */

static void
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	size_t n;

	buf_reset(out);
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = fread(buf_room(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	fclose(f);
}

static int64_t
parse_once(const struct buf *text)
{
	XML_Parser parser = XML_ParserCreate(NULL);
	int64_t start = clock_cpu_usec();
	size_t at, size;

	for (at = 0; at < text->len; at += size) {
		size = text->len - at < CHUNK ? text->len - at : CHUNK;
		if (XML_Parse(parser, text->data + at, (int)size,
			at + size == text->len) == XML_STATUS_ERROR) {
			fprintf(stderr, "floor: the corpus is not well-formed\n");
			exit(1);
		}
	}
	XML_ParserFree(parser);
	return clock_cpu_usec() - start;
}

static void
expat_floor(const char *dir)
{
	char line[256], path[1024], name[64], file[64];
	struct buf text = {0};
	int64_t usec = 0;
	size_t feeds = 0, bytes = 0;
	FILE *index;

	(void)snprintf(path, sizeof(path), "%s/feeds.tsv", dir);
	index = fopen(path, "re");
	if (index == NULL) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), index) != NULL) {
		if (sscanf(line, "%63s %63s", name, file) != 2 ||
		    strstr(file, ".json") != NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
		read_file(path, &text);
		usec += parse_once(&text);
		bytes += text.len;
		feeds++;
	}
	fclose(index);
	buf_done(&text);
	printf("expat %.1f us a feed, %.0f MB/s\n", (double)usec / (double)feeds,
	    (double)bytes / (double)usec);
}

static size_t
ignore(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

/* Keep-alive, one connection, validators that always match. */
static void
curl_floor(const char *url)
{
	const int warm = 50, rounds = 2000;
	struct curl_slist *headers = curl_slist_append(NULL, "If-None-Match: *");
	CURL *easy = curl_easy_init();
	int64_t start = 0;
	long status = 0;
	int i;

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	for (i = 0; i < warm + rounds; i++) {
		if (i == warm)
			start = clock_cpu_usec();
		if (curl_easy_perform(easy) != CURLE_OK) {
			fprintf(stderr, "floor: %s does not answer\n", url);
			exit(1);
		}
	}
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	printf("curl %.1f us a %ld\n", (double)(clock_cpu_usec() - start) / rounds,
	    status);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
}

static int
dial(const char *url)
{
	const struct addrinfo hints = {
	    .ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	char host[128], port[8];
	int fd = -1;

	if (sscanf(url, "http://%127[^:]:%7[0-9]", host, port) == 2 &&
	    getaddrinfo(host, port, &hints, &list) == 0)
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, list->ai_addr, list->ai_addrlen) < 0) {
		fprintf(stderr, "floor: cannot connect to %s\n", url);
		exit(1);
	}
	freeaddrinfo(list);
	return fd;
}

/* Waits for an answer without a body. */
static void
read_head(int epoll, int fd, char *head, size_t size)
{
	struct epoll_event event;
	size_t have = 0;
	ssize_t n;

	do {
		(void)epoll_wait(epoll, &event, 1, -1);
		n = recv(fd, head + have, size - 1 - have, MSG_DONTWAIT);
		if (n <= 0) {
			fprintf(stderr, "floor: the server hung up\n");
			exit(1);
		}
		have += (size_t)n;
		head[have] = '\0';
	} while (strstr(head, "\r\n\r\n") == NULL);
}

static void
epoll_floor(const char *url)
{
	const int warm = 50, rounds = 20000;
	struct epoll_event event = {.events = EPOLLIN};
	struct buf request = {0}, host = {0};
	int fd = dial(url), epoll = epoll_create1(EPOLL_CLOEXEC), i;
	int64_t start = 0;
	char head[4096];

	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	(void)url_host_port(url, &host);
	buf_printf(&request,
	    "GET %s HTTP/1.1\r\nHost: %s\r\nIf-None-Match: *\r\n\r\n",
	    strchr(url + strlen("http://"), '/'), host.data);
	for (i = 0; i < warm + rounds; i++) {
		if (i == warm)
			start = clock_cpu_usec();
		(void)!send(fd, request.data, request.len, MSG_NOSIGNAL);
		read_head(epoll, fd, head, sizeof(head));
	}
	printf("epoll %.1f us a %.3s\n", (double)(clock_cpu_usec() - start) / rounds,
	    head + strlen("HTTP/1.1 "));
	buf_done(&request);
	buf_done(&host);
	close(epoll);
	close(fd);
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: floor DIR URL\n");
		return 64;
	}
	expat_floor(argv[1]);
	curl_floor(argv[2]);
	epoll_floor(argv[2]);
	return 0;
}
