/* SPDX-License-Identifier: ISC */
#ifndef PARSE_DRIVER_H
#define PARSE_DRIVER_H

/* The inside of struct parse: one driver a syntax, one builder for XML. */
#include "parse/builder.h"

struct strict;
struct soup;
struct jsonfeed;
struct page;

struct parse {
	enum parse_how how;
	struct arena *arena;
	bool keep_raw;
	parse_entry_fn *on_entry;
	void *arg;
	struct builder *build; /* XML alone */
	/* XML: the input from the open entry's start on, for its hash and text. */
	struct buf window;
	size_t window_start; /* where in the input the window begins */
	struct strict *strict;
	struct soup *soup;
	struct jsonfeed *json;
	struct page *page;
	struct raw_feed feed; /* JSON and pages */
	const char *fault;
	unsigned long fault_line;
	int error;
};

/* expat */
struct strict *strict_new(struct parse *parse);
void strict_free(struct strict *strict);
int strict_data(struct strict *strict, const char *text, size_t size);
int strict_end(struct strict *strict);
/* parse_note with where expat is. */
void strict_note(struct strict *strict, const char *fault);
/* Bytes that will not be looked at again; 0: it cannot tell just now. */
size_t strict_position(const struct strict *strict);

/* markup's tokenizer */
struct soup *soup_new(struct parse *parse);
void soup_free(struct soup *soup);
int soup_data(struct soup *soup, const char *text, size_t size);
int soup_end(struct soup *soup);
size_t soup_position(const struct soup *soup);

/* jansson */
struct jsonfeed *jsonfeed_new(struct parse *parse);
void jsonfeed_free(struct jsonfeed *json);
int jsonfeed_data(struct jsonfeed *json, const char *text, size_t size);
int jsonfeed_end(struct jsonfeed *json);

/* A page's links to feeds */
struct page *page_new(struct parse *parse);
void page_free(struct page *page);
int page_data(struct page *page, const char *text, size_t size);
int page_end(struct page *page);

/* The first fault stays; `line` 0: unknown. */
void parse_note(struct parse *parse, const char *fault, unsigned long line);

#endif
