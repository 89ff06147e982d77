/* SPDX-License-Identifier: ISC */
#include "cli/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/jsonw.h"
#include "document/document.h"
#include "wire/wire.h"

enum { STATUS_FEED = 0, STATUS_NO_FEED = 1, STATUS_USAGE = 2 };

struct parsing {
	const char *file;
	struct document_options options;
	bool sanitize;
};

static int
usage(void)
{
	fputs("usage: gazette parse --json [--content-type TYPE] [--url URL]\n"
	      "                     [--content-language LANG] "
	      "[--sanitize|--no-sanitize]\n"
	      "                     FILE\n"
	      "       gazette parse --json --batch [--sanitize|--no-sanitize] < "
	      "REQUESTS\n",
	    stderr);
	return STATUS_USAGE;
}

static int
feed_from(int fd, struct document *document)
{
	char piece[65536];
	ssize_t n;

	do {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
	} while (n != 0 && document_data(document, piece, (size_t)n));
	return 0;
}

/* Appends the object and a line feed.  The exit status, or -errno. */
static int
parse_fd(int fd, const struct parsing *request, struct buf *out)
{
	struct document *document = document_new(&request->options);
	const struct raw_feed *feed;
	int r;

	r = feed_from(fd, document);
	if (r == 0) {
		(void)document_end(document); /* the object says how it went */
		document_json(document, request->sanitize, out);
		buf_putc(out, '\n');
		feed = document_feed(document);
		r = feed->kind == KIND_UNKNOWN || feed->kind == KIND_HTML
		    ? STATUS_NO_FEED
		    : STATUS_FEED;
	}
	document_free(document);
	return r;
}

static int
parse_file(const struct parsing *request, struct buf *out)
{
	int fd, r;

	if (strcmp(request->file, "-") == 0)
		return parse_fd(STDIN_FILENO, request, out);
	fd = open(request->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = parse_fd(fd, request, out);
	close(fd);
	return r;
}

static int
write_out(const struct buf *out)
{
	if (fwrite(buf_text(out), 1, out->len, stdout) != out->len ||
	    fflush(stdout) != 0) {
		perror("gazette: standard output");
		return STATUS_USAGE;
	}
	return 0;
}

static int
parse_one(const struct parsing *request)
{
	struct buf out = {0};
	int r = parse_file(request, &out);

	if (r < 0) {
		fprintf(stderr, "gazette: %s: %s\n", request->file, strerror(-r));
		r = STATUS_USAGE;
	} else if (write_out(&out) != 0) {
		r = STATUS_USAGE;
	}
	buf_done(&out);
	return r;
}

/* ---- many documents, one a line ---- */

/* Each request has its line, also one that cannot be done. */
static int
refuse(unsigned long number, const char *file, const char *why, struct buf *out)
{
	struct jsonw w;
	struct buf reason = {0};

	if (file != NULL)
		buf_printf(&reason, "notfeed: %s: %s", file, why);
	else
		buf_printf(&reason, "notfeed: request %lu: %s", number, why);
	fprintf(stderr, "gazette: %s\n", buf_text(&reason) + strlen("notfeed: "));
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "format", "unknown");
	jsonw_bool(&w, "bozo", true);
	jsonw_text(&w, "bozo_reason", buf_text(&reason));
	jsonw_array(&w, "items");
	jsonw_close(&w);
	jsonw_close(&w);
	buf_putc(out, '\n');
	buf_done(&reason);
	return STATUS_USAGE;
}

/* One request's members, lent from `object`.  NULL, or what is wrong. */
static const char *
read_request(struct wire_object *object, struct parsing *request)
{
	static char why[128];
	const char *fault;

	(void)wire_object_text(object, "file", &request->file);
	(void)wire_object_text(
	    object, "content_type", &request->options.content_type);
	(void)wire_object_text(object, "url", &request->options.url);
	(void)wire_object_text(
	    object, "content_language", &request->options.content_language);
	fault = wire_object_fault(object);
	if (fault != NULL) {
		(void)snprintf(
		    why, sizeof(why), "\"%.60s\" is unknown or no string", fault);
		return why;
	}
	if (request->file == NULL)
		return "\"file\" is missing";
	if (strcmp(request->file, "-") == 0)
		return "standard input has the requests, it can be no document";
	return NULL;
}

/* The status of this one. */
static int
answer(const struct parsing *defaults, const char *line, size_t size,
    unsigned long number, struct buf *out)
{
	struct parsing request = *defaults;
	struct wire_object *object = NULL;
	struct buf reason = {0};
	const char *why;
	int r;

	r = wire_object_parse(line, size, &object, &reason);
	why = r < 0 ? buf_text(&reason) : read_request(object, &request);
	if (why != NULL) {
		r = refuse(number, NULL, why, out);
	} else {
		r = parse_file(&request, out);
		if (r < 0)
			r = refuse(number, request.file, strerror(-r), out);
	}
	wire_object_free(object);
	buf_done(&reason);
	return r;
}

/* 0, or STATUS_USAGE when a request could not be done. */
static int
parse_batch(const struct parsing *defaults)
{
	char *line = NULL;
	size_t room = 0;
	unsigned long number = 0;
	struct buf out = {0};
	ssize_t size;
	int status = 0;

	while ((size = getline(&line, &room, stdin)) > 0) {
		buf_reset(&out);
		if (answer(defaults, line, (size_t)size, ++number, &out) ==
		    STATUS_USAGE)
			status = STATUS_USAGE;
		if (write_out(&out) != 0) {
			status = STATUS_USAGE;
			break;
		}
	}
	free(line);
	buf_done(&out);
	return status;
}

int
cli_parse(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"json", no_argument, NULL, 'j'},
	    {"content-type", required_argument, NULL, 't'},
	    {"url", required_argument, NULL, 'u'},
	    {"content-language", required_argument, NULL, 'l'},
	    {"sanitize", no_argument, NULL, 's'},
	    {"no-sanitize", no_argument, NULL, 'S'},
	    {"batch", no_argument, NULL, 'b'},
	    {NULL, 0, NULL, 0},
	};
	struct parsing request = {.sanitize = true};
	bool batch = false;
	int c;

	request.options.max_items = LIMIT_ITEMS;
	request.options.now = clock_wall();
	optind = 0;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			break; /* the only form there is */
		case 't':
			request.options.content_type = optarg;
			break;
		case 'u':
			request.options.url = optarg;
			break;
		case 'l':
			request.options.content_language = optarg;
			break;
		case 's':
		case 'S':
			request.sanitize = c == 's';
			break;
		case 'b':
			batch = true;
			break;
		default:
			return usage();
		}
	}
	if (batch) {
		if (argc != optind || request.options.content_type != NULL ||
		    request.options.url != NULL ||
		    request.options.content_language != NULL)
			return usage();
		return parse_batch(&request);
	}
	if (argc - optind != 1)
		return usage();
	request.file = argv[optind];
	return parse_one(&request);
}
