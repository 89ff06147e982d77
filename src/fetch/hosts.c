/* SPDX-License-Identifier: ISC */
#include "fetch/hosts.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Those with more are lists of advertisers; one's own names stand first. */
#define HOSTS_BYTES (16u << 10)
#define HOSTS_FILE "/etc/hosts"

static const char blanks[] = " \t\r";

static size_t
length_of(const char *host)
{
	size_t length = strlen(host);

	return length > 0 && host[length - 1] == '.' ? length - 1 : length;
}

/* The next word before `end` or a comment; its size, 0: there is none. */
static size_t
next_word(const char **at, const char *end)
{
	const char *p = *at, *start;

	while (p < end && strchr(blanks, *p) != NULL)
		p++;
	start = p;
	while (p < end && *p != '#' && strchr(blanks, *p) == NULL)
		p++;
	*at = start;
	return (size_t)(p - start);
}

/* "address name alias...  # comment" */
static bool
line_lists(const char *line, const char *end, const char *host, size_t length)
{
	size_t size = next_word(&line, end);

	if (size == 0)
		return false;
	do {
		line += size;
		size = next_word(&line, end);
		if (size == length && strncasecmp(line, host, length) == 0)
			return true;
	} while (size > 0);
	return false;
}

bool
hosts_lists(const char *text, size_t size, const char *host)
{
	const char *end = text + size, *line_end;
	size_t length = length_of(host);

	for (; length > 0 && text < end; text = line_end + 1) {
		line_end = memchr(text, '\n', (size_t)(end - text));
		if (line_end == NULL)
			line_end = end;
		if (line_lists(text, line_end, host, length))
			return true;
	}
	return false;
}

bool
hosts_has(const char *host)
{
	char text[HOSTS_BYTES];
	ssize_t size;
	int fd;

	fd = open(HOSTS_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false; /* then it may need a name server */
	size = read(fd, text, sizeof(text));
	close(fd);
	return size > 0 && hosts_lists(text, (size_t)size, host);
}
