/* SPDX-License-Identifier: ISC */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * Every limit on what a stranger may make us hold or do, with the reason for
 * its number.  What a configuration can set is a default here.
 */

/* Documents (FORMATS 16, THREATS 2 to 6, 13) */
#define LIMIT_BODY_BYTES (32u << 20)  /* a 26 MB podcast exists; decoded bytes */
#define LIMIT_JSON_BYTES (8u << 20)   /* read whole; the largest real one has 2 MB */
#define LIMIT_BODY_RATIO 200          /* decoded to sent, past LIMIT_RATIO_FREE */
#define LIMIT_RATIO_FREE (1u << 20)   /* small feeds of one repeated item pass */
#define LIMIT_DEPTH 256               /* elements; deepest real feed: 23 */
#define LIMIT_JSON_DEPTH 64           /* of one item */
#define LIMIT_JSON_MEMORY (64u << 20) /* a library's tree: 8 MB of "[]," takes 400 */
#define LIMIT_ATTRIBUTES 1000         /* of one element */
#define LIMIT_TOKEN_BYTES (1u << 20)  /* one tag, comment or attribute value */
#define LIMIT_TEXT_BYTES \
	(4u << 20) /* one element's text: whole books are published */
#define LIMIT_HTML_BYTES (8u << 20) /* cleaned: links grow when resolved */
#define LIMIT_RESOLVED 10000        /* links of one item: 4 us each; the rest go */
#define LIMIT_ITEMS 10000           /* read of one document */
#define LIMIT_ITEMS_KEPT 1000       /* max-items: the newest (POLLING 53) */
#define LIMIT_ENTITY_BYTES 1024     /* one internal entity's value */
#define LIMIT_ENTITIES 256          /* declared in one document */
#define LIMIT_ENTITY_OUTPUT (1u << 20) /* of expansion in one document */
#define LIMIT_LIST 1000 /* links, categories, enclosures of one entry */
/* One document's entries: their texts, and each as the feed had it; so twice
 * max-body, and room for what lies between. */
#define LIMIT_ARENA_BYTES (96u << 20)
#define LIMIT_SUMMARY_CHARS 500 /* CONTRACT 5 */
#define LIMIT_TITLE_BYTES 4096  /* shown in lists; a 16 MB title is an attack */

/* Transfers (POLLING's numbers, THREATS 8 to 10) */
#define LIMIT_IN_FLIGHT_BYTES \
	(32u << 20)                  /* bodies and arenas of all jobs together */
#define LIMIT_HELD_FREE (256u << 10) /* of one job, that need not stand still */
#define LIMIT_LEADERS 8  /* that go on beyond their share of the memory */
#define LIMIT_LEAD_SEC 5 /* in which it gets on when others wait for its memory */
#define LIMIT_HOPS 5     /* redirects of one chain */
#define LIMIT_BACKFILL_PAGES 100 /* of archives, at one request (POLLING 79) */
#define LIMIT_ETAG_BYTES 1024    /* longer: stored as none */
#define LIMIT_LAST_MODIFIED_BYTES 64
#define LIMIT_URL_BYTES 8192         /* longer ones are refused, as servers do */
#define LIMIT_RESOLVERS 8            /* getaddrinfo threads */
#define LIMIT_RESOLVERS_PER_DOMAIN 2 /* a dead name server holds no more */
#define LIMIT_WAITS 1024 /* feeds for a name, or their turn to dial: 13 KB each */
/* A look-up that took so long and failed got no answer at all. */
#define LIMIT_RESOLVER_HANG_MSEC (3 * 1000)
#define LIMIT_ADDRESSES 64           /* kept of one name */
#define LIMIT_NAMES_KEPT 4096        /* names whose addresses are remembered ... */
#define LIMIT_NAME_MSEC (300 * 1000) /* ... so long (POLLING 71) */
/* No such host, or no answer: the feeds of one host ask once, and a probe that
 * comes a little later (POLLING 43) asks anew. */
#define LIMIT_NAME_FAILED_MSEC (2 * 1000)
#define LIMIT_CONNECT_MSEC (10 * 1000)    /* to a connection, TLS included */
#define LIMIT_FIRST_BYTE_MSEC (30 * 1000) /* to the answer's first byte */
#define LIMIT_LOW_SPEED_BYTES 100         /* a second, over ... */
#define LIMIT_LOW_SPEED_SEC 20            /* ... so long: a drip, given up */
#define LIMIT_SESSIONS 512 /* servers whose TLS sessions are kept: 20 KB each ... */
#define LIMIT_SESSION_MSEC (48 * 3600 * 1000) /* ... so long after the last use */
#define LIMIT_IDLE_CONNECTION_SEC 30          /* kept for the next request */
#define LIMIT_PER_ADDRESS 4 /* requests at once to one address, whatever its names */
#define LIMIT_CREDENTIAL_BYTES 16384 /* a token of 8 KiB is a long one */
#define LIMIT_PEM_BYTES (1u << 20)   /* the system's whole bundle has 200 KiB */

/* The fetcher: one document at its largest (body, raw entries, batch, frame) beside
 * what else may be in flight; beyond it is a fault, and the process ends. */
#define LIMIT_FETCHER_DATA (768u << 20)
#define LIMIT_ERROR_BODY (64u << 10) /* read of an error page, to keep the line */
#define LIMIT_OUT_BYTES (1u << 20)   /* unsent; then the network is not read */
#define LIMIT_SLICE_USEC 10000       /* of one turn of the loop */

/* Control socket (SOCKET 4) */
#define LIMIT_REQUEST_BYTES (64u << 10)
#define LIMIT_REQUEST_BYTES_WRITER (1u << 20)
#define LIMIT_QUERY_BYTES 1024
#define LIMIT_QUERY_TERMS 64
#define LIMIT_QUERY_DEPTH 64 /* groups: more brackets than terms mean nothing */
#define LIMIT_QUERY_ARENA \
	(512u << 10)       /* the tree of LIMIT_QUERY_BYTES takes 100 K */
#define LIMIT_TAG_BYTES 64 /* people type them */
#define LIMIT_MESSAGE_DEPTH 32
#define LIMIT_MESSAGE_MEMORY \
	(64u << 20) /* its tree; the most of a 1 MiB request: "{},{}," */
#define LIMIT_CLIENTS 128
#define LIMIT_CLIENTS_PER_UID 32
#define LIMIT_CLIENTS_RESERVED 4       /* kept for admins */
#define LIMIT_PIPELINED 64             /* calls */
#define LIMIT_OUTPUT_LOW (32u << 10)   /* read the next rows below this ... */
#define LIMIT_OUTPUT_HIGH (256u << 10) /* ... and stop above this */
#define LIMIT_IDLE_MSEC (10 * 60 * 1000)
#define LIMIT_STALL_MSEC (60 * 1000) /* a listing that nobody reads */
#define LIMIT_PAGE_ROWS 1000        /* so that no read transaction outlives a page */
#define LIMIT_PAGE_BYTES (1u << 20) /* nor a page with texts more than this */
#define LIMIT_PAGE_MSEC 5000        /* then Busy */

/* Regular expressions (THREATS 40) */
#define LIMIT_REGEX_BYTES 1024
#define LIMIT_REGEX_NESTING 50 /* groups in groups; people write 3 */
#define LIMIT_REGEX_MATCH 100000
#define LIMIT_REGEX_HEAP_KIB 8192

/* Between the two processes, and to the store */
#define LIMIT_FRAME_BYTES (96u << 20) /* a batch: raw, html and text of 32 MiB */
#define LIMIT_STORE_QUEUE 64          /* batches; then the socketpair is not read */

/* Near duplicates (DEDUP 5) */
#define LIMIT_SIMILAR_BYTES (128u << 10) /* of a text: a book is told by its start */
#define LIMIT_POSTINGS 30   /* items with one phrase: more, and it says nothing */
#define LIMIT_CANDIDATES 64 /* compared with one new item */
#define LIMIT_TEXTS_BYTES (8u << 20) /* of texts made ready to compare, kept */

/* Configuration: its writer is trusted, its mistakes are not */
#define LIMIT_CONFIG_LINE 65536       /* bytes of one line */
#define LIMIT_CONFIG_FILE (64u << 20) /* 100,000 feeds take 15 MB */
#define LIMIT_CONFIG_FILES 10000      /* drop-ins */
#define LIMIT_CONFIG_FAULTS 1000      /* told of; more are one mistake repeated */
#define LIMIT_CONFIG_LIST 100         /* tags of one feed, lines of one list */
#define LIMIT_CONFIG_BODY (64u << 20) /* max-body: a frame carries text of it too */
#define LIMIT_CONFIG_ARENA (1u << 30) /* settings of LIMIT_CONFIG_FILE, many times */
#define LIMIT_NAME_BYTES 64           /* a feed's: people type it */

#endif
