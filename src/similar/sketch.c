/* SPDX-License-Identifier: ISC */
/* What a feed repeats, and the few numbers by which a text is found. */
#include <string.h>

#include "similar/set.h"

void
similar_boilerplate(const struct similar_text *text,
    const struct similar_text *const *others, size_t count, uint32_t *room,
    struct similar_set *ret_set)
{
	const struct similar_set *mine = &text->shingles;
	uint32_t at[SIMILAR_NEIGHBOURS] = {0};
	uint32_t i, n = 0;
	size_t k;

	if (count > SIMILAR_NEIGHBOURS)
		count = SIMILAR_NEIGHBOURS;
	for (i = 0; count >= SIMILAR_REPEATED && i < mine->count; i++) {
		unsigned have = 0;

		for (k = 0; k < count; k++) {
			const struct similar_set *other = &others[k]->shingles;

			while (at[k] < other->count && other->v[at[k]] < mine->v[i])
				at[k]++;
			have +=
			    at[k] < other->count && other->v[at[k]] == mine->v[i];
		}
		if (have >= SIMILAR_REPEATED)
			room[n++] = mine->v[i];
	}
	ret_set->v = room;
	ret_set->count = n;
}

static bool
is_boilerplate(const struct similar_set *boilerplate, uint32_t value)
{
	return boilerplate != NULL && boilerplate->count > 0 &&
	    set_has(boilerplate, value);
}

/* The smallest of the text's opening: extracts and leads are found by it. */
static size_t
lead_part(const struct similar_text *text, const struct similar_set *boilerplate,
    uint32_t *out)
{
	uint32_t opening[SIMILAR_SKETCH_OF], spare[SIMILAR_SKETCH_OF];
	size_t i, n = 0;

	for (i = 0; i < text->lead_count && n < SIMILAR_SKETCH_OF; i++) {
		if (!is_boilerplate(boilerplate, text->lead[i]))
			opening[n++] = text->lead[i];
	}
	n = set_sort(opening, n, spare);
	if (n > SIMILAR_SKETCH_LEAD)
		n = SIMILAR_SKETCH_LEAD;
	memcpy(out, opening, n * sizeof(*out));
	return n;
}

size_t
similar_sketch(const struct similar_text *text,
    const struct similar_set *boilerplate, uint32_t sketch[SIMILAR_SKETCH])
{
	uint32_t spare[SIMILAR_SKETCH];
	size_t n = 1;
	uint32_t i;

	sketch[0] = text->title_weight >= SIMILAR_SHINGLE ? text->title_hash : 0;
	for (i = 0; i < text->shingles.count && n <= SIMILAR_SKETCH_ALL; i++) {
		if (!is_boilerplate(boilerplate, text->shingles.v[i]))
			sketch[n++] = text->shingles.v[i];
	}
	n += lead_part(text, boilerplate, sketch + n);
	return 1 + set_sort(sketch + 1, n - 1, spare);
}
