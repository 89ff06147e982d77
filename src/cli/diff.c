/* SPDX-License-Identifier: ISC */
#include "cli/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

#define CELLS_MOST (4u << 20) /* of the table: 8 MB, some ten milliseconds */

struct piece {
	const char *text;
	size_t size;
	uint64_t hash;
};

struct side {
	struct piece *list;
	size_t count;
};

struct run {
	diff_fn *fn;
	void *arg;
	enum diff_kind kind;
	const char *text;
	size_t size;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t
piece_end(const char *text, size_t size, size_t at, enum diff_unit unit)
{
	if (unit == DIFF_LINES) {
		const char *end = memchr(text + at, '\n', size - at);

		return end != NULL ? (size_t)(end - text) + 1 : size;
	}
	while (at < size && !is_blank(text[at]))
		at++;
	while (at < size && is_blank(text[at]))
		at++;
	return at;
}

/* White space does not make a word another one. */
static uint64_t
piece_hash(const char *text, size_t size)
{
	while (size > 0 && is_blank(text[size - 1]))
		size--;
	return hash64(text, size);
}

static void
cut(const char *text, size_t size, enum diff_unit unit, struct side *side)
{
	size_t at = 0, end, room = 64;

	/* Never NULL, not even of nothing: one counts on from it. */
	*side = (struct side){xcalloc(room, sizeof(*side->list)), 0};
	for (; at < size; at = end) {
		end = piece_end(text, size, at, unit);
		if (side->count == room) {
			room *= 2;
			side->list =
			    xrealloc(side->list, room * sizeof(*side->list));
		}
		side->list[side->count++] = (struct piece){
		    text + at, end - at, piece_hash(text + at, end - at)};
	}
}

static void
flush(struct run *run)
{
	if (run->size > 0)
		run->fn(run->arg, run->kind, run->text, run->size);
	run->size = 0;
}

static void
put(struct run *run, enum diff_kind kind, const struct piece *piece)
{
	if (run->size > 0 &&
	    (run->kind != kind || run->text + run->size != piece->text))
		flush(run);
	if (run->size == 0) {
		run->kind = kind;
		run->text = piece->text;
	}
	run->size += piece->size;
}

static void
put_all(struct run *run, enum diff_kind kind, const struct piece *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		put(run, kind, &list[i]);
}

/* The longest common subsequence, by the table that everyone knows. */
static void
put_middle(struct run *run, const struct piece *a, size_t m, const struct piece *b,
    size_t n)
{
	size_t width = n + 1, i, j;
	uint16_t *best = xcalloc((m + 1) * width, sizeof(*best));

	for (i = m; i-- > 0;) {
		for (j = n; j-- > 0;) {
			uint16_t down = best[(i + 1) * width + j],
				 right = best[i * width + j + 1];

			best[i * width + j] = a[i].hash == b[j].hash
			    ? (uint16_t)(best[(i + 1) * width + j + 1] + 1)
			    : (down >= right ? down : right);
		}
	}
	for (i = j = 0; i < m && j < n;) {
		if (a[i].hash == b[j].hash) {
			put(run, DIFF_SAME, &b[j++]);
			i++;
		} else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) {
			put(run, DIFF_OLD, &a[i++]);
		} else {
			put(run, DIFF_NEW, &b[j++]);
		}
	}
	put_all(run, DIFF_OLD, a + i, m - i);
	put_all(run, DIFF_NEW, b + j, n - j);
	free(best);
}

void
diff_texts(const char *was, size_t was_size, const char *is, size_t is_size,
    enum diff_unit unit, diff_fn *fn, void *arg)
{
	struct run run = {.fn = fn, .arg = arg};
	struct side a, b;
	size_t head = 0, tail = 0, m, n;

	cut(was, was_size, unit, &a);
	cut(is, is_size, unit, &b);
	while (head < a.count && head < b.count &&
	    a.list[head].hash == b.list[head].hash)
		head++;
	while (tail < a.count - head && tail < b.count - head &&
	    a.list[a.count - 1 - tail].hash == b.list[b.count - 1 - tail].hash)
		tail++;
	m = a.count - head - tail;
	n = b.count - head - tail;
	put_all(&run, DIFF_SAME, b.list, head);
	if (m < UINT16_MAX && n < UINT16_MAX && (m + 1) * (n + 1) <= CELLS_MOST) {
		put_middle(&run, a.list + head, m, b.list + head, n);
	} else {
		put_all(&run, DIFF_OLD, a.list + head, m);
		put_all(&run, DIFF_NEW, b.list + head, n);
	}
	put_all(&run, DIFF_SAME, b.list + b.count - tail, tail);
	flush(&run);
	free(a.list);
	free(b.list);
}
