/* SPDX-License-Identifier: ISC */
/*
 * Every text of feeds, made clean: judged by gumbo, and made clean once more, which
 * must change nothing.  `make check` does this for tests/corpus; by hand for other
 * files and folders: `markup_judge [--write=FOLDER] PATH ..` writes each clean text
 * into a file of its own, for a browser to look at.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/url.h"
#include "document/document.h"
#include "markup/markup.h"
#include "tests/unit/judge.h"

#define CORPUS TEST_SRCDIR "/tests/corpus"
#define BASE "https://feed.example/a/b"

static unsigned files, texts, faults;
static const char *folder; /* to write into, or NULL */

static void
write_out(const struct buf *html)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%06u.html", folder, texts);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(html->data, 1, html->len, file) != html->len) {
		perror(path);
		exit(2);
	}
	fclose(file);
}

static void
tell(const char *what, const char *path, const struct buf *html)
{
	faults++;
	printf("# %s: %s in %.*s\n", path, what, (int)strcspn(html->data, "\n"),
	    html->data);
}

/* Whatever its feed says it is: as HTML it must be harmless, too. */
static void
judge_text(const char *path, const struct text *text)
{
	struct buf html = {0}, again = {0};
	const char *fault;

	if (text->value == NULL || text->size == 0)
		return;
	markup_clean(text->value, text->size, BASE, url_resolve, &html);
	if (html.len > 0) {
		fault = judge(html.data, html.len);
		if (fault != NULL)
			tell(fault, path, &html);
		markup_clean(html.data, html.len, BASE, url_resolve, &again);
		if (strcmp(buf_text(&again), html.data) != 0)
			tell("not clean yet", path, &html);
		if (folder != NULL)
			write_out(&html);
	}
	texts++;
	buf_done(&html);
	buf_done(&again);
}

static void
judge_common(const char *path, const struct common *c)
{
	judge_text(path, &c->title);
	judge_text(path, &c->subtitle);
	judge_text(path, &c->summary);
	judge_text(path, &c->rights);
	judge_text(path, &c->info);
}

static void
judge_document(const char *path, struct document *d)
{
	const struct raw_entry *entry;
	size_t i;

	(void)document_end(d);
	judge_common(path, &document_feed(d)->c);
	for (i = 0; i < document_entry_count(d); i++) {
		entry = document_entry(d, i);
		judge_common(path, &entry->c);
		judge_text(path, &entry->content);
		judge_text(path, &entry->media.title);
		judge_text(path, &entry->media.description);
	}
}

static int
judge_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const struct document_options options = {
	    .url = BASE, .max_items = LIMIT_ITEMS};
	struct document *d;
	char piece[65536];
	FILE *file;
	size_t n;

	(void)st;
	(void)ftw;
	if (type != FTW_F || (file = fopen(path, "rb")) == NULL)
		return 0;
	d = document_new(&options);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0 &&
	    document_data(d, piece, n))
		;
	fclose(file);
	judge_document(path, d);
	document_free(d);
	files++;
	return 0;
}

int
main(int argc, char **argv)
{
	int i = 1;

	if (i < argc && strncmp(argv[i], "--write=", 8) == 0)
		folder = argv[i++] + 8;
	puts("1..1");
	if (i == argc && nftw(CORPUS, judge_file, 16, FTW_PHYS) != 0)
		perror(CORPUS);
	for (; i < argc; i++) {
		if (nftw(argv[i], judge_file, 16, FTW_PHYS) != 0)
			perror(argv[i]);
	}
	printf("%s 1 - %u texts of %u files are clean, %u are not\n",
	    faults == 0 && texts > 0 ? "ok" : "not ok", texts - faults, files,
	    faults);
	return faults == 0 && texts > 0 ? 0 : 1;
}
