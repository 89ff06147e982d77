/* SPDX-License-Identifier: ISC */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

/*
 * A feed document as its format had it, precedence decided, nothing cleaned:
 * what parse hands to normalise and `gazette parse` prints.  PARSE.md names
 * each member and its source element.  All strings are UTF-8 without NUL, lie
 * in the document's arena, and are NULL when absent.  Link-like strings are as
 * published; `base` is what they resolve against.  Dates are text as published.
 * Lists are in document order.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum document_kind {
	KIND_UNKNOWN,
	KIND_RSS090,
	KIND_RSS091,
	KIND_RSS092,
	KIND_RSS093,
	KIND_RSS094,
	KIND_RSS10,
	KIND_RSS11,
	KIND_RSS20,
	KIND_RSS, /* no version, or an odd one */
	KIND_ATOM03,
	KIND_ATOM10,
	KIND_ATOM,
	KIND_JSON10,
	KIND_JSON11,
	KIND_CDF,
	KIND_HTML, /* a page: no items, perhaps links to feeds */
	KIND_COUNT
};

/* What decode's first look says a document is written in. */
enum document_syntax { SYNTAX_XML, SYNTAX_JSON, SYNTAX_HTML, SYNTAX_OTHER };

enum text_type { TEXT_PLAIN, TEXT_HTML, TEXT_XHTML, TEXT_OTHER };

struct text {
	const char *value; /* NULL: the element is not there */
	size_t size;       /* bytes of value */
	enum text_type type;
	const char *media_type; /* with TEXT_OTHER */
	const char *lang, *base;
};

struct link {
	struct link *next;
	const char *rel, *href, *type, *title, *hreflang, *base;
	int64_t length; /* -1: unknown */
};

struct person {
	struct person *next;
	const char *name, *email, *uri, *avatar;
};

struct category {
	struct category *next;
	const char *term, *scheme, *label;
};

struct enclosure {
	struct enclosure *next;
	const char *url, *type, *title, *base;
	const char
	    *medium;    /* image, audio, video, document, executable (Media RSS) */
	int64_t length; /* bytes; -1: unknown */
	double duration_s;     /* -1: unknown */
	int32_t width, height; /* pixels; 0: unknown */
};

struct image {
	const char *url, *title, *link, *description, *base;
	int32_t width, height; /* 0: unknown */
};

struct thumbnail {
	struct thumbnail *next;
	const char *url, *width, *height, *time, *base; /* numbers as published */
};

struct media_content {
	struct media_content *next;
	const char *url, *type, *medium, *expression, *base;
	const char *length, *duration, *width, *height; /* as published */
};

struct media_credit {
	struct media_credit *next;
	const char *role, *scheme, *name;
};

struct media {
	bool present;
	struct text title, description;
	struct thumbnail *thumbnails;
	struct media_content *contents;
	struct media_credit *credits;
	const char *player, *keywords, *base;
	const char *rating, *rating_scheme;
	const char *license_name, *license_href, *license_type;
	const char *restriction, *restriction_relationship, *restriction_type;
};

struct itunes {
	bool present;
	const char *author, *block, *explicit_, *duration, *episode, *season,
	    *episode_type, *title, *subtitle, *summary, *type, *new_feed_url;
};

struct transcript {
	struct transcript *next;
	const char *url, *type, *language, *rel;
};

struct podcast_person {
	struct podcast_person *next;
	const char *name, *role, *group, *href, *img;
};

struct podcast {
	bool present;
	const char *guid, *chapters_url, *chapters_type;
	struct transcript *transcripts;
	struct podcast_person *persons;
};

struct chapter {
	struct chapter *next;
	const char *start, *title, *href,
	    *image; /* start: normal play time, as published */
};

/* Coordinates as published: georss:point text, W3C lat/long joined, GML. */
struct geo {
	const char *type; /* Point, LineString, Polygon or Box; NULL: none */
	const char *coordinates, *srs;
	bool longitude_first; /* GML with a srs that says so */
};

struct reply {
	struct reply *next;
	const char *ref, *href, *type, *source;
};

struct generator {
	const char *name, *uri, *version;
};

struct cloud {
	const char *domain, *port, *path, *register_procedure, *protocol;
};

/* What a feed, an entry and an entry's source have in common. */
struct common {
	struct text title, subtitle, summary, rights, info;
	const char *base; /* xml:base in force at the element, resolved; or NULL */
	const char *id, *language, *link, *link_base;
	struct link *links;
	const char *updated, *published, *created, *expired;
	struct person *authors, *contributors, *publisher;
	struct category *categories;
	struct image image;
	const char *icon, *license;
	struct itunes itunes;
	struct podcast podcast;
	struct geo geo;
	struct generator generator;
};

struct raw_feed {
	struct common
	    c; /* subtitle: description, tagline; summary: itunes:summary */
	enum document_kind kind;
	const char *self, *next, *prev_archive, *new_url;
	struct link *hubs; /* href alone */
	/* POLLING's hints, as published */
	const char *ttl, *update_period, *update_frequency, *update_base;
	const char *skip_hours, *skip_days; /* blank-separated */
	struct cloud cloud;
	bool has_cloud, complete, archive;
};

struct raw_entry {
	struct common c;   /* summary: description, atom:summary; subtitle: itunes */
	uint64_t raw_hash; /* XXH3 of the entry's decoded bytes: "did it change?" */
	unsigned index;    /* 0-based place in the document */
	bool complete;     /* its end was seen */
	bool id_is_permalink;
	struct text content;
	const char *content_src;
	const char *original_link; /* feedburner:origLink: the better link */
	struct enclosure *enclosures;
	const char *comments, *comments_feed, *comments_count;
	struct common *source; /* RSS source, atom:source */
	struct media media;
	struct chapter *chapters;
	struct reply *in_reply_to;
	const char *raw; /* the entry's decoded markup or JSON, NULL when not kept */
	size_t raw_size;
};

/* "rss2.0", "atom1.0", ...: PARSE.md's `format`; "unknown" for pages too. */
const char *document_kind_name(enum document_kind kind);

#endif
