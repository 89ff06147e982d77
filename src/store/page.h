/* SPDX-License-Identifier: ISC */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

/*
 * One page of an answer, inside one read transaction.  Reader threads.  Each of
 * the functions below returns 0 or -errno; rows go out through page_add.
 */
#include "store/db.h"
#include "store/filter.h"
#include "store/store.h"

struct page {
	struct db *db;
	const struct store_spec *spec;
	store_encode_fn *encode;
	void *encode_arg;
	struct buf *out;
	struct store_end *end; /* message: page_refuse */
	char *message;         /* malloced, or NULL */
	unsigned limit;
	msec_t now; /* wall */
};

void page_add(struct page *page, const struct row *row);
/* No more rows: as many as asked for, or as many bytes as are good to hold. */
bool page_is_full(const struct page *page);
/* Sets the message, returns `error`. */
int page_refuse(struct page *page, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* filter_init with the fault told. */
int page_filter(
    struct page *page, enum query_target target, bool all, struct filter *filter);

int page_items(struct page *page);
int page_story(struct page *page);
int page_count(struct page *page);
int page_events(struct page *page);
int page_feeds(struct page *page);
int page_plans(struct page *page);
int page_request(struct page *page);
int page_attempts(struct page *page);
int page_status(struct page *page);

/* One item's row and one feed's, for events too.  1: `row` is filled, and lives
 * until rows_done; 0: there is none. */
struct rows {
	sqlite3_stmt *item, *texts, *feed;
	struct item_row item_row;
	struct feed_row feed_row;
};
int rows_item(struct page *page, struct rows *rows, int64_t id, unsigned fields);
int rows_feed(struct page *page, struct rows *rows, int64_t id);
void rows_done(struct rows *rows);

#endif
