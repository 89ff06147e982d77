/* SPDX-License-Identifier: ISC */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

/* Longer words are no slip of the finger; the rows below are this wide. */
#define NEAREST_MAX 48

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int
fold(char c)
{
	return c == '_' ? '-' : tolower((unsigned char)c);
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. */
static unsigned
distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned row[3][NEAREST_MAX + 1];
	unsigned *before = row[0], *last = row[1], *now = row[2], *spare;
	size_t i, j;

	for (j = 0; j <= b_size; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= a_size; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= b_size; j++) {
			int ca = fold(a[i - 1]), cb = fold(b[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1,
			    last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == fold(b[j - 2]) &&
			    fold(a[i - 2]) == cb)
				now[j] = least(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_size];
}

const char *
nearest_name(const char *word, const char *const *names, size_t count)
{
	size_t size = strlen(word), i, name_size;
	unsigned best = (unsigned)size / 3 + 1, d;
	const char *found = NULL;

	if (size == 0 || size > NEAREST_MAX)
		return NULL;
	for (i = 0; i < count; i++) {
		name_size = strlen(names[i]);
		if (name_size > NEAREST_MAX)
			continue;
		d = distance(word, size, names[i], name_size);
		/* All letters changed is another word, however short. */
		if (d <= best && d < name_size && (found == NULL || d < best)) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
