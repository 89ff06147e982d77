/* SPDX-License-Identifier: ISC */
#ifndef STORE_TEXTS_H
#define STORE_TEXTS_H

/*
 * Stored items' texts, ready to compare: made from the row when asked for, and
 * the last used ones kept.  Writer thread.
 */
#include "similar/similar.h"
#include "store/tx.h"

struct texts;

struct ready_text {
	int64_t id;
	struct similar_text *text;
	struct similar_set boilerplate; /* as it was settled when the item arrived */
	/* texts.c's */
	struct ready_text *older, *newer;
	bool held;
};

struct texts *texts_new(void);
void texts_free(struct texts *texts);
/* What an item says: the longer of its texts. */
const char *texts_body(const char *text, const char *summary);
struct similar_maker *texts_maker(struct texts *texts);
/* *ret_text NULL: there is no such item.  Good until the next texts_trim. */
int texts_find(struct texts *texts, struct tx *tx, int64_t id,
    const struct ready_text **ret_text);
/* `text` is the cache's from here on, and good until texts_release: a document's
 * own are compared with each other.  `boilerplate` is copied. */
void texts_put(struct texts *texts, int64_t id, struct similar_text *text,
    const struct similar_set *boilerplate);
void texts_release(struct texts *texts);
void texts_drop(struct texts *texts, int64_t id);
/* Between two items: forgets the longest unused beyond LIMIT_TEXTS_BYTES. */
void texts_trim(struct texts *texts);
void texts_clear(struct texts *texts);

#endif
