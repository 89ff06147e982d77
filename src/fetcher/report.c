/* SPDX-License-Identifier: ISC */
/* What a probe is told of an answer: its header, its document, what is amiss. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/jsonw.h"
#include "document/document.h"
#include "fetcher/process.h"

#define WORTH_PACKING 16384 /* bytes: below that gzip saves no round trip */

/* The application/rss+xml of `type`, whatever its parameters. */
static bool
is_type(const char *type, const char *name)
{
	size_t size = strcspn(type, "; \t");

	return size == strlen(name) && strncasecmp(type, name, size) == 0;
}

/* What the document should be sent as; NULL: what it is sent as will do. */
static const char *
better_type(enum document_kind kind, const char *type)
{
	static const char *const xml[] = {"application/rss+xml",
	    "application/atom+xml", "application/rdf+xml", "application/xml",
	    "text/xml", NULL};
	static const char *const json[] = {
	    "application/feed+json", "application/json", NULL};
	bool is_json = kind == KIND_JSON10 || kind == KIND_JSON11;
	bool is_atom =
	    kind == KIND_ATOM || kind == KIND_ATOM03 || kind == KIND_ATOM10;
	const char *const *fit;

	for (fit = is_json ? json : xml; type != NULL && *fit != NULL; fit++) {
		if (is_type(type, *fit))
			return NULL;
	}
	return is_json ? "application/feed+json"
	    : is_atom  ? "application/atom+xml"
		       : "application/rss+xml";
}

static void
put_http(const struct task *task, struct jsonw *w)
{
	const struct fetch_head *head = &task->head;

	jsonw_object(w, "http");
	jsonw_text(w, "content_type", head->content_type);
	jsonw_text(w, "content_encoding", head->content_coding);
	jsonw_text(w, "cache_control", head->cache_control);
	jsonw_text(w, "etag", head->validators.etag);
	jsonw_text(w, "last_modified", head->validators.last_modified);
	if (head->hints.has_max_age)
		jsonw_int(w, "max_age_s", head->hints.max_age / MSEC_PER_SEC);
	if (head->hints.retry_after > 0)
		jsonw_int(
		    w, "retry_after_s", head->hints.retry_after / MSEC_PER_SEC);
	jsonw_close(w);
}

static void
warn_of_http(const struct task *task, enum document_kind kind, struct jsonw *w)
{
	const struct fetch_head *head = &task->head;
	const char *type = better_type(kind, head->content_type);
	struct buf line = {0};

	if (type != NULL) {
		buf_printf(&line, "It is sent as %s; %s is what it is.",
		    head->content_type != NULL ? head->content_type
					       : "nothing in particular",
		    type);
		jsonw_text(w, NULL, line.data);
		buf_reset(&line);
	}
	if (!head->hints.has_validators)
		jsonw_text(w, NULL,
		    "It has neither ETag nor Last-Modified: each poll transfers "
		    "all of it.");
	if (head->content_coding == NULL && task->decoded >= WORTH_PACKING) {
		buf_printf(&line,
		    "Its %" PRId64 " bytes are sent uncompressed, though gzip was "
		    "offered.",
		    task->decoded);
		jsonw_text(w, NULL, line.data);
	}
	buf_done(&line);
}

void
report_put(const struct task *task, const struct batch *batch, struct buf *out)
{
	bool is_feed = batch->kind != KIND_UNKNOWN && batch->kind != KIND_HTML;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	if (task->has_head)
		put_http(task, &w);
	if (task->document != NULL) {
		jsonw_object(&w, "document");
		document_report(task->document, &w);
		jsonw_close(&w);
	}
	jsonw_array(&w, "warnings");
	if (task->has_head && is_feed)
		warn_of_http(task, batch->kind, &w);
	if (task->document != NULL)
		document_warnings(task->document, &w);
	jsonw_close(&w);
	jsonw_close(&w);
}
