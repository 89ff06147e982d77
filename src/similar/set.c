/* SPDX-License-Identifier: ISC */
#include "similar/set.h"

#include <string.h>

#define SMALL 48 /* below it, moving a few numbers beats four passes */

static void
sort_small(uint32_t *v, size_t count)
{
	size_t i, j;

	for (i = 1; i < count; i++) {
		uint32_t x = v[i];

		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

static void
sort_by_byte(const uint32_t *from, uint32_t *to, size_t count, unsigned shift)
{
	size_t place[256] = {0}, sum = 0, i, n;

	for (i = 0; i < count; i++)
		place[from[i] >> shift & 0xFF]++;
	for (i = 0; i < 256; i++) {
		n = place[i];
		place[i] = sum;
		sum += n;
	}
	for (i = 0; i < count; i++)
		to[place[from[i] >> shift & 0xFF]++] = from[i];
}

/* By bytes, so that no choice of texts makes it slow. */
static void
sort_large(uint32_t *v, size_t count, uint32_t *spare)
{
	sort_by_byte(v, spare, count, 0);
	sort_by_byte(spare, v, count, 8);
	sort_by_byte(v, spare, count, 16);
	sort_by_byte(spare, v, count, 24);
}

size_t
set_sort(uint32_t *v, size_t count, uint32_t *spare)
{
	size_t i, n = 0;

	if (count <= SMALL)
		sort_small(v, count);
	else
		sort_large(v, count, spare);
	for (i = 0; i < count; i++) {
		if (i == 0 || v[i] != v[i - 1])
			v[n++] = v[i];
	}
	return n;
}

bool
set_has(const struct similar_set *set, uint32_t value)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->v[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->v[low] == value;
}

size_t
set_shared(const struct similar_set *a, const struct similar_set *b)
{
	const uint32_t *x = a->v, *y = b->v, *x_end = x + a->count,
		       *y_end = y + b->count;
	size_t shared = 0;

	/* Without branches on the data: hashes are not to be predicted. */
	while (x < x_end && y < y_end) {
		uint32_t p = *x, q = *y;

		shared += p == q;
		x += p <= q;
		y += q <= p;
	}
	return shared;
}

double
set_jaccard(const struct similar_set *a, const struct similar_set *b)
{
	size_t shared = set_shared(a, b), all = a->count + b->count - shared;

	return all > 0 ? (double)shared / (double)all : 0;
}
