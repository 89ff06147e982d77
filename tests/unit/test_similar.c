/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"
#include "similar/dated.h"
#include "similar/index.h"
#include "similar/set.h"
#include "similar/similar.h"
#include "similar/words.h"

#define HOUR ((msec_t)3600 * 1000)

static struct similar_maker *maker;

static struct similar_text *
make(const char *title, const char *body)
{
	return similar_make(maker, title, body);
}

/* `count` words, from number `first` on: texts with what numbers they have in
 * common in common. */
static char *
words(unsigned first, unsigned count)
{
	struct buf b = {0};
	unsigned i;

	for (i = first; i < first + count; i++)
		buf_printf(&b, "%c%c%c%c ", 'a' + (char)(i % 26),
		    'a' + (char)(i / 26 % 26), 'a' + (char)(i / 676 % 26),
		    'a' + (char)(i % 23));
	return buf_steal(&b);
}

static enum similar_verdict
judge(const struct similar_text *a, const struct similar_text *b, msec_t apart,
    bool same_feed, struct similar_measure *m)
{
	struct similar_pair pair = {a, b, NULL, NULL, apart, same_feed};

	similar_compare(&pair, m);
	return similar_decide(&pair, m);
}

static enum similar_verdict
judge_texts(const char *title_a, const char *a, const char *title_b, const char *b,
    msec_t apart, bool same_feed)
{
	struct similar_text *x = make(title_a, a), *y = make(title_b, b);
	struct similar_measure m;
	enum similar_verdict verdict = judge(x, y, apart, same_feed, &m);

	assert_int_equal(
	    judge(y, x, apart, same_feed, &m), verdict); /* either way */
	free(x);
	free(y);
	return verdict;
}

/* ------------------------------------------------------------ words */

static size_t
count_words(const char *text)
{
	struct words list = {0};
	size_t count;

	words_read(&list, text, strlen(text));
	count = list.count;
	words_done(&list);
	return count;
}

static void
test_words(void **state)
{
	static const struct {
		const char *a, *b;
	} same[] = {{"Hello", "hello"}, {"don't", "dont"},
	    {"don\xE2\x80\x99t", "dont"}, {"caf\xC3\xA9", "CAFE"},
	    {"\xC3\x9C"
	     "ber",
		"uber"},
	    {"1,000", "1000"},
	    {"Stra\xC3\x9F"
	     "e",
		"strasse"},
	    {"\xEF\xBC\x91\xEF\xBC\xA1", "1a"}};
	static const struct {
		const char *text;
		size_t count;
	} counts[] = {{"", 0}, {" - ,. ", 0}, {"one two", 2}, {"1.2 rc", 2},
	    {"end. Next", 2}, {"a,b", 2}, {"version 1.", 2},
	    {"\xE4\xB8\xAD\xE6\x96\x87", 2},   /* two Han */
	    {"\xEC\x95\x88\xEB\x85\x95 x", 2}, /* a Hangul word */
	    {"\xE0\xB8\xAA\xE0\xB8\xB1\xE0\xB8\x9A",
		2}, /* Thai: the vowel is a mark */
	    {"\xFF\xFE"
	     "bad utf8 \xC3",
		2}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(words_hash(same[i].a) == words_hash(same[i].b));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (count_words(counts[i].text) != counts[i].count)
			print_message("# %s\n", counts[i].text);
		assert_int_equal(count_words(counts[i].text), counts[i].count);
	}
	assert_true(words_hash("1.2") != words_hash("1.3"));
}

static void
test_dated(void **state)
{
	(void)state;
	assert_true(dated_has(words_hash("Monday")));
	assert_true(dated_has(words_hash("f\xC3\xA9vrier")));
	assert_true(dated_has(words_hash("M\xC3\xA4rz")));
	assert_true(dated_has(words_hash("zweiter")));
	assert_false(dated_has(words_hash("openssl")));
}

static void
test_sets(void **state)
{
	uint32_t v[500], spare[500], few[] = {7, 3, 7, 1};
	struct similar_set a, b;
	size_t i, n;

	(void)state;
	assert_int_equal(set_sort(few, 4, spare), 3);
	assert_int_equal(few[0], 1);
	for (i = 0; i < 500; i++)
		v[i] = (uint32_t)((i % 250) * 2654435761u);
	n = set_sort(v, 500, spare);
	assert_int_equal(n, 250);
	for (i = 1; i < n; i++)
		assert_true(v[i - 1] < v[i]);
	a = (struct similar_set){v, (uint32_t)n};
	b = (struct similar_set){v + 100, (uint32_t)n - 100};
	assert_int_equal(set_shared(&a, &b), 150);
	assert_true(set_has(&a, v[3]) && !set_has(&b, v[3]));
	assert_int_equal(set_sort(v, 0, spare), 0);
}

/* ------------------------------------------------------------ texts */

static void
test_text(void **state)
{
	struct similar_text *t;

	(void)state;
	/* The title at the start of the text is not said twice. */
	t = make("One two three", "One two three four five six seven");
	assert_int_equal(t->shingles.count, 1);
	assert_int_equal(t->words.count, 7);
	free(t);
	t = make(NULL, "one two three");
	assert_int_equal(t->shingles.count, 0);
	assert_int_equal(t->title_hash, 0);
	free(t);
	/* Six characters are one shingle. */
	t = make(NULL,
	    "\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89\xE5\x9B\x9B"
	    "\xE4\xBA\x94\xE5\x85\xAD\xE4\xB8\x83");
	assert_int_equal(t->shingles.count, 2);
	assert_int_equal(t->words.count, 6); /* pairs */
	free(t);
	t = make("Part 1 of 3", "it rose 5 per cent to 1,000 in 2026");
	assert_int_equal(t->title_numbers.count, 2);
	assert_int_equal(t->numbers.count, 5);
	free(t);
	t = make(NULL, NULL);
	assert_int_equal(t->words.count, 0);
	free(t);
}

static void
test_sketch(void **state)
{
	char *text = words(0, 200);
	struct similar_text *t = make("A title of five words", text);
	struct similar_set none = {NULL, 0};
	uint32_t sketch[SIMILAR_SKETCH];
	size_t n = similar_sketch(t, &none, sketch), i;

	(void)state;
	assert_true(n > 1 + SIMILAR_SKETCH_ALL && n <= SIMILAR_SKETCH);
	assert_true(sketch[0] == t->title_hash);
	for (i = 2; i < n; i++)
		assert_true(sketch[i - 1] < sketch[i]);
	/* All of it boilerplate: nothing to be found by but the title. */
	assert_int_equal(similar_sketch(t, &t->shingles, sketch), 1);
	free(t);
	t = make("Short title", text);
	(void)similar_sketch(t, &none, sketch);
	assert_int_equal(sketch[0], 0);
	free(t);
	free(text);
}

static void
test_boilerplate(void **state)
{
	const char *frame = "listen to this article and share it with friends";
	struct similar_text *t[4];
	const struct similar_text *others[3];
	struct similar_set set;
	uint32_t room[200];
	struct buf b = {0};
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		char *own = words(1000 * (unsigned)(i + 1), 40);

		buf_reset(&b);
		buf_printf(&b, "%s %s", frame, own);
		t[i] = make(NULL, buf_text(&b));
		if (i > 0)
			others[i - 1] = t[i];
		free(own);
	}
	similar_boilerplate(t[0], others, 3, room, &set);
	assert_int_equal(set.count, 6); /* nine words: six shingles */
	similar_boilerplate(t[0], others, 2, room, &set);
	assert_int_equal(set.count, 0); /* twice is no custom yet */
	for (i = 0; i < 4; i++)
		free(t[i]);
	buf_done(&b);
}

/* What both leave out counts for neither. */
static void
test_left_out(void **state)
{
	char *text = words(0, 80), *other = words(40, 80);
	struct similar_text *a = make(NULL, text), *b = make(NULL, other);
	struct similar_set half = {a->shingles.v, a->shingles.count};
	struct similar_pair pair = {a, b, NULL, NULL, 0, false};
	struct similar_measure m;

	(void)state;
	similar_compare(&pair, &m);
	assert_int_equal(m.shared, 37);
	assert_int_equal(m.n, 77);
	pair.boiler_a = &half; /* all of a */
	similar_compare(&pair, &m);
	assert_int_equal(m.shared, 0);
	assert_int_equal(m.n_a, 0);
	assert_int_equal(m.n_b, 40);
	pair.boiler_b = &half; /* the same once more changes nothing */
	similar_compare(&pair, &m);
	assert_int_equal(m.n_b, 40);
	free(a);
	free(b);
	free(text);
	free(other);
}

/* ------------------------------------------------------------ verdicts */

static void
test_copies(void **state)
{
	char *text = words(0, 200), *half = words(0, 100), *other = words(5000, 200);
	char *lead = words(0, 40), *shifted = words(150, 200);

	(void)state;
	assert_int_equal(
	    judge_texts("A", text, "B", text, HOUR, false), SIMILAR_COPY);
	assert_int_equal(
	    judge_texts("A", text, "B", half, HOUR, false), SIMILAR_COPY);
	assert_int_equal(
	    judge_texts("A", text, "A", other, HOUR, false), SIMILAR_NO);
	assert_int_equal(
	    judge_texts("A", text, "B", shifted, HOUR, false), SIMILAR_NO);
	/* An opening: under another title only for a day and a half. */
	assert_int_equal(
	    judge_texts("Alpha beta", text, "Gamma delta", lead, 36 * HOUR, false),
	    SIMILAR_COPY);
	assert_int_equal(
	    judge_texts("Alpha beta", text, "Gamma delta", lead, 37 * HOUR, false),
	    SIMILAR_NO);
	assert_int_equal(
	    judge_texts(NULL, text, "Gamma delta", lead, 72 * HOUR, false),
	    SIMILAR_COPY);
	assert_int_equal(
	    judge_texts("Alpha beta", text, "Alpha beta", lead, 100 * HOUR, false),
	    SIMILAR_COPY);
	free(text);
	free(half);
	free(other);
	free(lead);
	free(shifted);
}

static void
test_titles_alone(void **state)
{
	const char *seven = "Seven words are enough for a title";

	(void)state;
	assert_int_equal(
	    judge_texts(seven, NULL, seven, NULL, 72 * HOUR, false), SIMILAR_COPY);
	assert_int_equal(
	    judge_texts(seven, NULL, seven, NULL, 73 * HOUR, false), SIMILAR_NO);
	assert_int_equal(
	    judge_texts(seven, NULL, seven, NULL, HOUR, true), SIMILAR_NO);
	assert_int_equal(
	    judge_texts("Daily links", NULL, "Daily links", NULL, HOUR, false),
	    SIMILAR_NO);
}

static void
test_series(void **state)
{
	static const struct {
		const char *a, *b;
		enum similar_verdict verdict;
	} pairs[] = {
	    {"Links for Monday", "Links for Tuesday", SIMILAR_NO},
	    {"Menu of 12 March", "Menu of 13 March", SIMILAR_NO},
	    {"Version 1.2 of the tool released", "Version 1.3 of the tool released",
		SIMILAR_NO},
	    {"A long read, part 1", "A long read, part 3", SIMILAR_NO},
	    {"A long read, first part", "A long read, second part", SIMILAR_NO},
	    {"The same title", "The same title", SIMILAR_COPY},
	    {"Company earns 5 billion", "Quarter: company earns 5 billion",
		SIMILAR_COPY},
	};
	char *text = words(0, 200);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_int_equal(
		    judge_texts(pairs[i].a, text, pairs[i].b, text, HOUR, false),
		    pairs[i].verdict);
	free(text);
}

/* Prices around which the same words stand every day. */
static void
test_template(void **state)
{
	struct buf a = {0}, b = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 30; i++) {
		buf_printf(&a, "shares of company c%c closed the day at %u ",
		    'a' + (char)(i % 26), 100 + i);
		buf_printf(&b, "shares of company c%c closed the day at %u ",
		    'a' + (char)(i % 26), 900 + i);
	}
	assert_int_equal(
	    judge_texts("Close", buf_text(&a), "Close", buf_text(&b), HOUR, false),
	    SIMILAR_NO);
	buf_done(&a);
	buf_done(&b);
}

static void
test_same_feed(void **state)
{
	char *text = words(0, 120), *cut = words(0, 100), *much = words(0, 60);

	(void)state;
	assert_int_equal(judge_texts("Alpha", text, "Alpha", text, 90 * HOUR, true),
	    SIMILAR_COPY);
	assert_int_equal(judge_texts("Alpha", text, "Other", text, 24 * HOUR, true),
	    SIMILAR_COPY);
	assert_int_equal(
	    judge_texts("Alpha", text, "Other", text, 25 * HOUR, true), SIMILAR_NO);
	assert_int_equal(
	    judge_texts("Alpha", text, "Alpha", cut, HOUR, true), SIMILAR_NO);
	assert_int_equal(
	    judge_texts("Alpha", text, "Alpha", much, HOUR, true), SIMILAR_NO);
	free(text);
	free(cut);
	free(much);
}

/* Every fifth word another: few shingles stay, most words do. */
static void
test_rework(void **state)
{
	struct buf a = {0}, b = {0};
	struct similar_text *x, *y;
	struct similar_measure m;
	unsigned i;

	(void)state;
	for (i = 0; i < 300; i++) {
		char *word = words(i, 1), *new = words(i + 9000, 1);

		buf_puts(&a, word);
		buf_puts(&b, i % 5 == 0 && i % 30 != 0 ? new : word);
		free(word);
		free(new);
	}
	x = make("Minister resigns over report", buf_text(&a));
	y = make("Minister steps down over report", buf_text(&b));
	assert_int_equal(judge(x, y, HOUR, false, &m), SIMILAR_REWORK);
	assert_true(m.c > 0.1 && m.c < 0.5);
	free(x);
	y->title_hash = 0;
	free(y);
	buf_done(&a);
	buf_done(&b);
}

static void
test_significant(void **state)
{
	static const struct {
		const char *title_a, *a, *title_b, *b;
		bool significant;
	} edits[] = {
	    {"Title", "one two three four five six", "Title",
		"one two three four five six", false},
	    {"A title with a tpyo", "text", "A title with a typo", "text", false},
	    {"A title", "text", "Quite another heading", "text", true},
	    {"Two dead", "text", NULL, "text", true},
	    {"2 dead in crash", "text", "3 dead in crash", "text", true},
	    {"T", "short text", "T", "other words", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct similar_text *a = make(edits[i].title_a, edits[i].a);
		struct similar_text *b = make(edits[i].title_b, edits[i].b);

		assert_int_equal(similar_is_significant(a, b), edits[i].significant);
		free(a);
		free(b);
	}
}

/* A round-up shares other phrases with each; copies and frames the same ones. */
static void
test_cover(void **state)
{
	char *all = words(0, 120), *one = words(0, 40), *two = words(60, 40);
	struct similar_text *t = make(NULL, all), *a = make(NULL, one),
			    *b = make(NULL, two);
	uint8_t covered[200] = {0};

	(void)state;
	assert_true(similar_cover(t, a, covered));
	assert_true(similar_cover(t, b, covered));
	assert_false(similar_cover(t, a, covered));
	assert_false(similar_is_digest(1, 3));
	assert_true(similar_is_digest(2, 2));
	assert_true(similar_is_digest(1, 4));
	assert_false(similar_is_digest(0, 4));
	free(t);
	free(a);
	free(b);
	free(all);
	free(one);
	free(two);
}

static void
test_reason(void **state)
{
	char *text = words(0, 103);
	struct similar_text *a = make("Same title", text);
	struct similar_pair pair = {a, a, NULL, NULL, 2 * HOUR, false};
	struct similar_measure m;
	struct buf out = {0};

	(void)state;
	similar_compare(&pair, &m);
	similar_words(&pair, &m, &out);
	assert_string_equal(
	    buf_text(&out), "100 of 100 phrases shared, title 1.00, 2 h apart");
	buf_done(&out);
	free(a);
	free(text);
}

/* ------------------------------------------------------------ the index */

static void
test_index(void **state)
{
	struct similar_index *index = similar_index_new();
	struct similar_hit hits[8];
	const uint32_t one[] = {9, 1, 2, 3}, two[] = {0, 2, 3, 4}, far[] = {0, 7, 8};

	(void)state;
	similar_index_put(index, 1, 100, false, one, 4);
	similar_index_put(index, 2, 200, true, two, 4);
	similar_index_put(index, 3, 300, false, far, 3);
	assert_int_equal(similar_index_find(index, one, 4, 99, hits, 8), 2);
	assert_int_equal(hits[0].id, 1);
	assert_int_equal(hits[0].shared, 3);
	assert_true(hits[0].title && !hits[1].title && hits[1].digest);
	assert_int_equal(similar_index_find(index, one, 4, 1, hits, 8), 1);
	/* Put again is put anew. */
	similar_index_put(index, 2, 400, false, far, 3);
	assert_int_equal(similar_index_count(index), 3);
	assert_int_equal(similar_index_find(index, two, 4, 99, hits, 8), 1);
	similar_index_expire(index, 350);
	assert_int_equal(similar_index_count(index), 1);
	assert_int_equal(similar_index_find(index, far, 3, 99, hits, 8), 1);
	assert_int_equal(hits[0].id, 2);
	similar_index_drop(index, 2);
	similar_index_drop(index, 2);
	assert_int_equal(similar_index_find(index, far, 3, 99, hits, 8), 0);
	similar_index_free(index);
}

/* What many have says nothing; when they are gone it says something again. */
static void
test_index_common(void **state)
{
	struct similar_index *index = similar_index_new();
	struct similar_hit hits[LIMIT_POSTINGS + 8];
	uint32_t sketch[] = {0, 1, 2};
	int64_t i;

	(void)state;
	for (i = 1; i <= LIMIT_POSTINGS + 1; i++)
		similar_index_put(index, i, i, false, sketch, 3);
	assert_int_equal(similar_index_find(index, sketch, 3, 0, hits, 8), 0);
	similar_index_expire(index, 2);
	assert_int_equal(similar_index_find(index, sketch, 3, 0, hits, 8), 8);
	assert_int_equal(hits[0].id, 2);
	similar_index_free(index);
}

/* Thousands in, out and over again against a plain table. */
static void
test_index_random(void **state)
{
	enum { ITEMS = 400 };
	static uint32_t kept[ITEMS][6];
	static bool there[ITEMS];
	struct similar_index *index = similar_index_new();
	uint64_t seed = 88172645463325252u;
	unsigned round, i, k, j;

	(void)state;
	for (round = 0; round < 20000; round++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		i = (unsigned)(seed % ITEMS);
		if (seed >> 32 & 1) {
			similar_index_drop(index, i + 1);
			there[i] = false;
			continue;
		}
		kept[i][0] = 0;
		for (k = 1; k < 6; k++)
			kept[i][k] = (uint32_t)((seed >> (k * 9)) % 300 * 6 + k);
		similar_index_put(index, i + 1, round, false, kept[i], 6);
		there[i] = true;
	}
	for (i = 0; i < ITEMS; i++) {
		struct similar_hit hits[64];
		size_t n = there[i]
		    ? similar_index_find(index, kept[i], 6, i + 1, hits, 64)
		    : 0,
		       want = 0;

		for (j = 0; there[i] && j < ITEMS; j++) {
			unsigned shared = 0;

			for (k = 1; k < 6; k++)
				shared += there[j] && kept[i][k] == kept[j][k];
			want += j != i && shared >= 2;
		}
		assert_int_equal(n, want);
	}
	assert_true(similar_index_bytes(index) < 400000);
	similar_index_free(index);
}

/* ------------------------------------------------------------ hostile texts */

static void
test_hostile(void **state)
{
	size_t size = 16u << 20, i;
	char *huge = xmalloc(size + 1);
	struct similar_text *a, *b;
	struct similar_measure m;

	(void)state;
	memset(huge, 'x', size); /* one word of 16 MB */
	huge[size] = '\0';
	a = make(huge, huge);
	assert_int_equal(a->words.count, 1);
	for (i = 0; i < size; i += 2) /* a million equal shingles */
		huge[i] = ' ';
	b = make(huge, huge);
	assert_true(b->shingles.count <= 1);
	assert_true(b->words.count == 1);
	assert_int_equal(judge(a, b, 0, false, &m), SIMILAR_NO);
	free(a);
	free(b);
	for (i = 0; i < size; i++) /* no UTF-8 at all */
		huge[i] = (char)(0x80 | (i * 7 & 0x7F));
	a = make(huge, huge);
	assert_int_equal(judge(a, a, 0, false, &m), SIMILAR_NO);
	free(a);
	free(huge);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_dated),
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_sketch),
	    cmocka_unit_test(test_boilerplate),
	    cmocka_unit_test(test_left_out),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_titles_alone),
	    cmocka_unit_test(test_series),
	    cmocka_unit_test(test_template),
	    cmocka_unit_test(test_same_feed),
	    cmocka_unit_test(test_rework),
	    cmocka_unit_test(test_significant),
	    cmocka_unit_test(test_cover),
	    cmocka_unit_test(test_reason),
	    cmocka_unit_test(test_index),
	    cmocka_unit_test(test_index_common),
	    cmocka_unit_test(test_index_random),
	    cmocka_unit_test(test_hostile),
	};
	int r;

	maker = similar_maker_new();
	r = CHECK_RUN(tests);
	similar_maker_free(maker);
	return r;
}
