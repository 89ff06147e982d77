/* SPDX-License-Identifier: ISC */
/* Two texts side by side: measured, then judged (DEDUP 5 has the numbers). */
#include <inttypes.h>
#include <string.h>

#include "similar/set.h"

#define HOUR 3600000.0
#define LEAD_SHORT 40 /* first shingles of the shorter text ... */
#define LEAD_LONG 80  /* ... looked for among these of the longer */

/* ------------------------------------------------------------ measuring */

static bool
left_out(const struct similar_pair *pair, uint32_t value)
{
	return (pair->boiler_a != NULL && set_has(pair->boiler_a, value)) ||
	    (pair->boiler_b != NULL && set_has(pair->boiler_b, value));
}

/* Takes the boilerplate of `set` out of the counts; `also` was done before. */
static void
leave_out(const struct similar_pair *pair, const struct similar_set *set,
    const struct similar_set *also, struct similar_measure *m)
{
	uint32_t i;

	for (i = 0; set != NULL && i < set->count; i++) {
		bool in_a, in_b;

		if (also != NULL && set_has(also, set->v[i]))
			continue;
		in_a = set_has(&pair->a->shingles, set->v[i]);
		in_b = set_has(&pair->b->shingles, set->v[i]);
		m->n_a -= in_a;
		m->n_b -= in_b;
		m->shared -= in_a && in_b;
	}
}

static size_t
opening(const struct similar_pair *pair, const struct similar_text *text,
    size_t most, uint32_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < text->lead_count && n < most; i++) {
		if (!left_out(pair, text->lead[i]))
			out[n++] = text->lead[i];
	}
	return n;
}

static double
share_of_lead(const struct similar_pair *pair, bool a_is_short)
{
	uint32_t in_short[LEAD_SHORT], in_long[LEAD_LONG], spare[LEAD_LONG];
	const struct similar_text *s = a_is_short ? pair->a : pair->b;
	const struct similar_text *l = a_is_short ? pair->b : pair->a;
	size_t n = opening(pair, s, LEAD_SHORT, in_short), i, found = 0;
	struct similar_set set = {in_long, 0};

	set.count =
	    (uint32_t)set_sort(in_long, opening(pair, l, LEAD_LONG, in_long), spare);
	for (i = 0; i < n; i++)
		found += set_has(&set, in_short[i]);
	return n > 0 ? (double)found / (double)n : 0;
}

static void
measure_numbers(const struct similar_pair *pair, struct similar_measure *m)
{
	const struct similar_set *a = &pair->a->numbers, *b = &pair->b->numbers;

	m->nm = a->count < b->count ? a->count : b->count;
	m->nc = m->nm > 0 ? (double)set_shared(a, b) / m->nm : 1;
}

void
similar_compare(const struct similar_pair *pair, struct similar_measure *ret)
{
	struct similar_measure m = {0};
	uint32_t all;

	m.n_a = pair->a->shingles.count;
	m.n_b = pair->b->shingles.count;
	m.shared = (uint32_t)set_shared(&pair->a->shingles, &pair->b->shingles);
	leave_out(pair, pair->boiler_a, NULL, &m);
	leave_out(pair, pair->boiler_b, pair->boiler_a, &m);
	m.n = m.n_a < m.n_b ? m.n_a : m.n_b;
	all = m.n_a + m.n_b - m.shared;
	m.c = m.n > 0 ? (double)m.shared / m.n : 0;
	m.j4 = all > 0 ? (double)m.shared / all : 0;
	m.j1 = set_jaccard(&pair->a->words, &pair->b->words);
	m.tt = similar_titles(pair->a, pair->b);
	m.lead = m.shared > 0 ? share_of_lead(pair, m.n_a <= m.n_b) : 0;
	measure_numbers(pair, &m);
	*ret = m;
}

double
similar_titles(const struct similar_text *a, const struct similar_text *b)
{
	if (a->title_hash == 0 || b->title_hash == 0)
		return 0;
	if (a->title_hash == b->title_hash)
		return 1;
	return set_jaccard(&a->trigrams, &b->trigrams);
}

double
similar_containment(const struct similar_text *a, const struct similar_text *b)
{
	size_t n = a->words.count < b->words.count ? a->words.count : b->words.count;

	return n > 0 ? (double)set_shared(&a->words, &b->words) / (double)n : 0;
}

/* ------------------------------------------------------------ judging */

static bool
has_title(const struct similar_text *text)
{
	return text->title_hash != 0;
}

/* "Links for Monday" and "Links for Friday", "1.2" and "1.3", part 1 and 3. */
static bool
is_series(const struct similar_pair *pair, const struct similar_measure *m)
{
	const struct similar_text *a = pair->a, *b = pair->b;

	if (!has_title(a) || !has_title(b))
		return false;
	if (a->title_hash != b->title_hash && a->title_rest == b->title_rest)
		return true;
	return a->title_numbers.count > 0 && b->title_numbers.count > 0 &&
	    set_shared(&a->title_numbers, &b->title_numbers) == 0 && m->tt >= 0.3;
}

/* Prices, scores, results: the same words around other numbers. */
static bool
is_template(const struct similar_measure *m)
{
	return m->nm >= 5 && m->nc < 0.5 && m->j4 < 0.9;
}

static bool
is_same_feed_copy(const struct similar_pair *pair, const struct similar_measure *m)
{
	bool untitled = !has_title(pair->a) && !has_title(pair->b);

	return m->n >= 40 && m->j4 >= 0.85 && m->nc >= 0.9 &&
	    (m->tt >= 0.5 || untitled || (m->n >= 100 && pair->apart <= 24 * HOUR));
}

static bool
is_short_copy(const struct similar_pair *pair, const struct similar_measure *m)
{
	bool untitled = !has_title(pair->a) || !has_title(pair->b);

	if (m->c >= 0.55 && m->tt >= 0.35)
		return true;
	return m->c >= 0.8 && m->lead >= 0.7 &&
	    pair->apart <= (untitled ? 72 : 36) * HOUR;
}

static bool
is_title_copy(const struct similar_pair *pair)
{
	return has_title(pair->a) && pair->a->title_hash == pair->b->title_hash &&
	    pair->a->title_weight >= 7 * SIMILAR_WORD && pair->apart <= 72 * HOUR;
}

static bool
is_copy(const struct similar_pair *pair, const struct similar_measure *m)
{
	if (m->n >= 60)
		return m->c >= 0.5 &&
		    (m->j4 >= 0.15 || m->tt >= 0.3 || m->lead >= 0.5);
	if (m->n >= 20)
		return is_short_copy(pair, m);
	if (m->n >= 8)
		return m->c >= 0.75 && m->tt >= 0.6;
	return is_title_copy(pair);
}

/* Numbers are often written anew (1.2 million, a dozen): TRIED has the figures. */
static bool
is_rework(const struct similar_measure *m)
{
	if (m->n < 60 || m->shared < 20 || (m->nm >= 3 && m->nc < 0.6))
		return false;
	if (m->c >= 0.10 && m->j1 >= 0.48 && (m->tt >= 0.25 || m->c >= 0.2))
		return true;
	return m->c >= 0.2 && m->tt >= 0.4 && m->j1 >= 0.4;
}

enum similar_verdict
similar_decide(const struct similar_pair *pair, const struct similar_measure *m)
{
	if (is_series(pair, m) || is_template(m))
		return SIMILAR_NO;
	if (pair->same_feed)
		return is_same_feed_copy(pair, m) ? SIMILAR_COPY : SIMILAR_NO;
	if (is_copy(pair, m))
		return SIMILAR_COPY;
	return is_rework(m) ? SIMILAR_REWORK : SIMILAR_NO;
}

double
similar_score(enum similar_verdict verdict, const struct similar_measure *m)
{
	double weight = m->n < 50 ? m->n / 50.0 : 1;

	return (verdict == SIMILAR_COPY ? 1 : 0.5) + m->c * weight + 0.3 * m->tt;
}

bool
similar_is_part(const struct similar_measure *m, enum similar_verdict verdict)
{
	uint32_t longer = m->n_a > m->n_b ? m->n_a : m->n_b;

	return (verdict == SIMILAR_COPY || m->c >= 0.75) && m->n >= 8 && m->n < 60 &&
	    m->n * 3 <= longer;
}

bool
similar_cover(const struct similar_text *text, const struct similar_text *other,
    uint8_t *covered)
{
	const struct similar_set *a = &text->shingles, *b = &other->shingles;
	uint32_t i = 0, j = 0, fresh = 0, all = 0;

	while (i < a->count && j < b->count) {
		if (a->v[i] < b->v[j]) {
			i++;
		} else if (a->v[i] > b->v[j]) {
			j++;
		} else {
			all++;
			fresh += covered[i] == 0;
			covered[i++] = 1;
			j++;
		}
	}
	return fresh >= SIMILAR_DIGEST_NEW && fresh * 2 > all;
}

bool
similar_is_digest(size_t part_stories, size_t shared_stories)
{
	return part_stories >= SIMILAR_DIGEST_PARTS ||
	    (part_stories == 1 && shared_stories >= SIMILAR_DIGEST_STORIES);
}

static bool
same_numbers(const struct similar_set *a, const struct similar_set *b)
{
	return a->count == b->count &&
	    (a->count == 0 || memcmp(a->v, b->v, a->count * sizeof(*a->v)) == 0);
}

bool
similar_is_significant(const struct similar_text *was, const struct similar_text *is)
{
	if (has_title(was) != has_title(is) ||
	    (has_title(was) && similar_titles(was, is) < 0.6))
		return true;
	if (!same_numbers(&was->title_numbers, &is->title_numbers))
		return true;
	if (was->shingles.count == 0 && is->shingles.count == 0)
		return set_jaccard(&was->words, &is->words) < 0.6;
	return set_jaccard(&was->shingles, &is->shingles) < 0.8;
}

/* ------------------------------------------------------------ in words */

static void
apart_in_words(msec_t apart, struct buf *out)
{
	int64_t minutes = apart / 60000, hours = apart / 3600000;

	if (hours >= 48)
		buf_printf(out, "%" PRId64 " d apart", hours / 24);
	else if (minutes >= 90)
		buf_printf(out, "%" PRId64 " h apart", (minutes + 30) / 60);
	else
		buf_printf(out, "%" PRId64 " min apart", minutes);
}

void
similar_words(const struct similar_pair *pair, const struct similar_measure *m,
    struct buf *out)
{
	if (m->n > 0)
		buf_printf(out, "%u of %u phrases shared, ", m->shared, m->n);
	if (has_title(pair->a) && has_title(pair->b))
		buf_printf(out, "title %.2f, ", m->tt);
	apart_in_words(pair->apart, out);
}
