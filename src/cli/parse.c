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
#include "document/document.h"

enum { STATUS_FEED = 0, STATUS_NO_FEED = 1, STATUS_USAGE = 2 };

struct request {
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
	      "       gazette parse --json --batch < REQUESTS\n",
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
parse_fd(int fd, const struct request *request, struct buf *out)
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
parse_file(const struct request *request, struct buf *out)
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
parse_one(const struct request *request)
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
	struct request request = {.sanitize = true};
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
		fputs("gazette: parse --batch: not available in this version\n",
		    stderr);
		return STATUS_USAGE;
	}
	if (argc - optind != 1)
		return usage();
	request.file = argv[optind];
	return parse_one(&request);
}
