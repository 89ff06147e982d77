/* SPDX-License-Identifier: ISC */
#include <stdio.h>

int
main(void)
{
	fputs("gazette: not available in this version\n", stderr);
	return 64;
}
