/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "cli/parse.h"

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "parse") == 0)
		return cli_parse(argc - 1, argv + 1);
	fputs("gazette: not available in this version\n", stderr);
	return 64;
}
