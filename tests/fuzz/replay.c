/* SPDX-License-Identifier: ISC */
/*
 * The main() of a fuzz target where there is no fuzzer: runs it over the seeds
 * that belong to its name, or over the files named as arguments.  Short seeds
 * also go in cut off at every byte.  TAP out; a target fails by abort().
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHORT 1024

static int
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (file == NULL)
		return -errno;
	do {
		n = fread(buf_room(out, 65536), 1, 65536, file);
		out->len += n;
	} while (n > 0);
	fclose(file);
	return 0;
}

/* A copy of exactly this size, so that a sanitizer sees a byte read beyond. */
static void
run(const char *data, size_t size)
{
	uint8_t *copy = xmalloc(size > 0 ? size : 1);

	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
replay(int number, const char *path)
{
	struct buf data = {0};
	size_t size;
	int r = read_file(path, &data);

	if (r < 0) {
		printf("not ok %d - %s: %s\n", number, path, strerror(-r));
		return;
	}
	for (size = 0; size < data.len && data.len <= SHORT; size++)
		run(data.data, size);
	run(data.data, data.len);
	buf_done(&data);
	printf("ok %d - %s\n", number, strrchr(path, '/') + 1);
	fflush(stdout); /* an abort() tells which one was last */
}

static int
is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
replay_seeds(const char *program)
{
	const char *name = strstr(strrchr(program, '/'), "fuzz_") + strlen("fuzz_");
	char *folder = xasprintf("%s/tests/fuzz/seeds/%s", TEST_SRCDIR, name), *path;
	struct dirent **seeds;
	int n = scandir(folder, &seeds, is_seed, alphasort), i;

	if (n <= 0) {
		printf("Bail out! no seeds in %s\n", folder);
		return 1;
	}
	printf("1..%d\n", n);
	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", folder, seeds[i]->d_name);
		replay(i + 1, path);
		free(path);
		free(seeds[i]);
	}
	free(seeds);
	free(folder);
	return 0;
}

int
main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return replay_seeds(argv[0]);
	printf("1..%d\n", argc - 1);
	for (i = 1; i < argc; i++)
		replay(i, argv[i]);
	return 0;
}
