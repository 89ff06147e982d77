/* SPDX-License-Identifier: ISC */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

/*
 * One job for the fetcher: one HTTP request, or a document that was brought.
 * Strings are the caller's or the frame's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"
#include "model/batch.h"
#include "model/choice.h"

struct request {
	int64_t job, feed_id;
	const char *feed;             /* name, for log lines and blame */
	const char *url;              /* absolute, http or https */
	struct validators validators; /* sent only when validators.url equals url */
	struct hash128 body_hash;     /* of the last good body; zero: none */
	const uint64_t *known;        /* raw hashes last committed for this feed */
	size_t known_count;
	msec_t timeout;
	int64_t max_body; /* decoded bytes */
	uint32_t max_items;
	const char *
	    allow_private; /* "no", "yes", or CIDRs and host:ports, blank-separated */
	/* NULL: the default. */
	const char *user_agent, *header, *cookie, *proxy, *no_proxy, *http_version;
	/* Secrets and files as bytes; only for this origin. */
	const char *credential, *ca_pem, *client_pem;
	enum choice insecure;
	bool want_candidates; /* an HTML page: look for links to feeds */
	bool want_raw;        /* keep struct item's raw */
	bool want_report;     /* say what the answer and its document are like */
	const char *document; /* a body that needs no request (ImportItems) */
	size_t document_size;
	const char *content_type; /* of `document` */
};

#endif
