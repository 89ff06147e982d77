/* SPDX-License-Identifier: ISC */
/*
 * Every file of tests/corpus, fed whole, byte by byte and in random pieces,
 * becomes the JSON that stands beside it, with the same hashes and texts of its
 * entries.
 */
#include "tests/unit/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/limits.h"
#include "document/document.h"

#define CORPUS TEST_SRCDIR "/tests/corpus"

static void
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		fail_msg("%s is not there", path);
	while ((n = fread(buf_room(out, 65536), 1, 65536, file)) > 0)
		out->len += n;
	fclose(file);
	buf_add(out, "", 0);
}

/* In pieces of 1 to `most` bytes; 0: whole. */
static void
parse(const struct buf *input, size_t most, unsigned seed, struct buf *out)
{
	struct document_options options = {
	    .max_items = LIMIT_ITEMS, .keep_raw = true};
	struct document *d = document_new(&options);
	const struct raw_entry *entry;
	size_t at, part;

	for (at = 0; at < input->len; at += part) {
		part = most == 0 ? input->len : (size_t)rand_r(&seed) % most + 1;
		if (part > input->len - at)
			part = input->len - at;
		if (!document_data(d, input->data + at, part))
			break;
	}
	(void)document_end(d);
	document_json(d, true, out);
	buf_putc(out, '\n');
	for (at = 0; at < document_entry_count(d); at++) {
		entry = document_entry(d, at);
		buf_printf(out, "%016llx %.*s\n",
		    (unsigned long long)entry->raw_hash, (int)entry->raw_size,
		    entry->raw != NULL ? entry->raw : "");
	}
	document_free(d);
}

static void
check_pieces(const char *name, const struct buf *input, const struct buf *whole)
{
	unsigned seed = (unsigned)hash64(name, strlen(name));
	struct buf part = {0};
	size_t most;

	for (most = 1; most <= 4096; most *= 8) {
		buf_reset(&part);
		parse(input, most, seed, &part);
		if (strcmp(part.data, whole->data) != 0)
			fail_msg("%s: pieces of up to %zu bytes (seed %u): got\n%s\n"
				 "whole:\n%s",
			    name, most, seed, part.data, whole->data);
	}
	buf_done(&part);
}

static void
check_file(const char *name)
{
	char path[512];
	struct buf input = {0}, expect = {0}, whole = {0};

	(void)snprintf(path, sizeof(path), CORPUS "/%s", name);
	read_file(path, &input);
	strcpy(strrchr(path, '.'), ".expect");
	read_file(path, &expect);
	parse(&input, 0, 0, &whole);
	if (whole.len < expect.len ||
	    memcmp(whole.data, expect.data, expect.len) != 0)
		fail_msg("%s: got\n%.*s\nexpected\n%s", name,
		    (int)strcspn(whole.data, "\n"), whole.data, expect.data);
	check_pieces(name, &input, &whole);
	buf_done(&input);
	buf_done(&expect);
	buf_done(&whole);
}

static void
test_corpus(void **state)
{
	DIR *dir = opendir(CORPUS);
	struct dirent *entry;
	const char *dot;
	unsigned count = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		dot = strrchr(entry->d_name, '.');
		if (dot == NULL || entry->d_name[0] == '.' ||
		    strcmp(dot, ".expect") == 0)
			continue;
		check_file(entry->d_name);
		count++;
	}
	closedir(dir);
	assert_true(count >= 25);
}

/* Longer than the buffers on the way: those of expat move, and ours drop what was
 * read. */
static void
test_long_entries(void **state)
{
	struct buf input = {0}, whole = {0};

	(void)state;
	buf_puts(&input, "<rss version='2.0'><channel><title>T</title>\n");
	for (int i = 0; i < 40; i++) {
		buf_printf(&input, "<item><guid>%d</guid><description>", i);
		for (int k = 0; k < i * 7; k++)
			buf_printf(
			    &input, "word %d &amp; <![CDATA[<b>more</b>]]>\n", k);
		buf_puts(&input, "</description></item>\n");
	}
	buf_puts(&input, "</channel></rss>\n");
	parse(&input, 0, 0, &whole);
	check_pieces("long entries", &input, &whole);
	buf_done(&input);
	buf_done(&whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_corpus),
	    cmocka_unit_test(test_long_entries),
	};

	return CHECK_RUN(tests);
}
