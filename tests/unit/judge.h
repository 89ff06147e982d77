/* SPDX-License-Identifier: ISC */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

/* Clean HTML as a browser's parser sees it: gumbo's tree may hold only elements and
 * attributes of the allow-list, and links that run nothing. */
#include <stddef.h>

/* What else is in it, until the next call; NULL: nothing, or there is no gumbo, or
 * the text is so large that gumbo would take minutes. */
const char *judge(const char *html, size_t size);

#endif
