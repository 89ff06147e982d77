/* SPDX-License-Identifier: ISC */
/*
 * A small newspaper on loopback: the feeds of articles.txt in RSS 2.0, RSS 1.0,
 * Atom and JSON Feed, with validators, an edit and items that appear while it
 * runs.  For packaging/quickstart and the tests of the daemon.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonw.h"
#include "base/xalloc.h"

enum format { FORMAT_RSS2, FORMAT_RSS1, FORMAT_ATOM, FORMAT_JSON };

static const struct {
	const char *name, *suffix, *type;
} formats[] = {
    [FORMAT_RSS2] = {"rss2", "rss", "application/rss+xml; charset=utf-8"},
    [FORMAT_RSS1] = {"rss1", "rdf", "application/rdf+xml"},
    [FORMAT_ATOM] = {"atom", "atom", "application/atom+xml"},
    [FORMAT_JSON] = {"json", "json", "application/feed+json"},
};

struct article {
	struct article *next; /* the order of articles.txt: newest first */
	char *slug, *title, *link, *by, *subject;
	struct buf body; /* a paragraph a line */
	msec_t age;      /* before the paper opened; negative: appears after it */
	msec_t repeat;   /* a new copy every so often; 0: once */
	unsigned audio_min;
	struct article *edit; /* takes this one's place at its own (negative) age */
};

struct feed {
	struct feed *next;
	char *name, *title, *tags;
	enum format format;
	struct article *articles, **tail;
};

struct paper {
	struct feed *feeds, **tail;
	msec_t opened;
	char host[64];
};

/* One article as it stands in a feed now. */
struct copy {
	const struct article *text;
	char slug[128], title[256], date[CLOCK_TEXT];
	msec_t when;
	bool edited;
};

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "newspaper: %s%s%s\n", what, detail != NULL ? ": " : "",
	    detail != NULL ? detail : "");
	exit(1);
}

/* -- Reading articles.txt ------------------------------------------------------ */

static struct article *
article_new(const char *slug, const char *title)
{
	struct article *article = xcalloc(1, sizeof(*article));

	article->slug = xstrdup(slug);
	article->title = xstrdup(title);
	return article;
}

static void
feed_begin(
    struct paper *paper, const char *name, const char *format, const char *title)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));

	for (feed->format = FORMAT_RSS2;
	    strcmp(formats[feed->format].name, format) != 0; feed->format++) {
		if (feed->format == FORMAT_JSON)
			die("unknown format", format);
	}
	feed->name = xstrdup(name);
	feed->title = xstrdup(title);
	feed->tail = &feed->articles;
	*paper->tail = feed;
	paper->tail = &feed->next;
}

static struct feed *
last_feed(struct paper *paper)
{
	struct feed *feed = paper->feeds;

	if (feed == NULL)
		die("articles.txt: an item before the first @feed", NULL);
	while (feed->next != NULL)
		feed = feed->next;
	return feed;
}

/* @item, @late, @edit and @repeat; the article whose lines follow. */
static struct article *
article_begin(struct feed *feed, const char *how, const char *slug,
    const char *number, const char *title)
{
	struct article *article = article_new(slug, title), *of;
	msec_t amount = atoll(number) * MSEC_PER_SEC;

	article->age = strcmp(how, "@item") == 0 ? amount * 60 : -amount;
	if (strcmp(how, "@repeat") == 0)
		article->repeat = amount;
	if (strcmp(how, "@edit") == 0) {
		for (of = feed->articles; of != NULL; of = of->next) {
			if (strcmp(of->slug, slug) == 0)
				break;
		}
		if (of == NULL)
			die("articles.txt: @edit of an unknown item", slug);
		of->edit = article;
		return article;
	}
	*feed->tail = article;
	feed->tail = &article->next;
	return article;
}

static void
attribute(struct article *article, const char *key, const char *value)
{
	if (strcmp(key, "@link") == 0)
		article->link = xstrdup(value);
	else if (strcmp(key, "@by") == 0)
		article->by = xstrdup(value);
	else if (strcmp(key, "@subject") == 0)
		article->subject = xstrdup(value);
	else if (strcmp(key, "@audio") == 0)
		article->audio_min = (unsigned)atoi(value);
	else
		die("articles.txt: unknown line", key);
}

static void
read_line(struct paper *paper, struct article **article, char *line)
{
	char *key, *word[2], *rest = line;

	if (*line != '@') {
		if (*line != '\0' && *line != '#' && *article != NULL) {
			buf_puts(&(*article)->body, line);
			buf_putc(&(*article)->body, '\n');
		}
		return;
	}
	key = strsep(&rest, " ");
	if (rest == NULL)
		die("articles.txt: nothing behind", key);
	if (strcmp(key, "@tags") == 0) {
		last_feed(paper)->tags = xstrdup(rest);
		return;
	}
	if (strcmp(key, "@feed") != 0 && strcmp(key, "@item") != 0 &&
	    strcmp(key, "@late") != 0 && strcmp(key, "@edit") != 0 &&
	    strcmp(key, "@repeat") != 0) {
		if (*article == NULL)
			die("articles.txt: no item for", key);
		attribute(*article, key, rest);
		return;
	}
	word[0] = strsep(&rest, " ");
	word[1] = strsep(&rest, " ");
	if (rest == NULL)
		die("articles.txt: too short", key);
	if (strcmp(key, "@feed") == 0)
		feed_begin(paper, word[0], word[1], rest);
	else
		*article =
		    article_begin(last_feed(paper), key, word[0], word[1], rest);
}

static void
read_articles(struct paper *paper, const char *file)
{
	struct article *article = NULL;
	char *line = NULL;
	size_t room = 0;
	FILE *f = fopen(file, "re");

	if (f == NULL)
		die(file, strerror(errno));
	paper->tail = &paper->feeds;
	while (getline(&line, &room, f) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		read_line(paper, &article, line);
	}
	free(line);
	fclose(f);
}

/* -- What stands in the paper now ---------------------------------------------- */

static int
newest_first(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;

	return (x->when < y->when) - (x->when > y->when);
}

/* Every article that is out at `now`, newest first; their number. */
static size_t
edition(const struct paper *paper, const struct feed *feed, msec_t now,
    struct copy **ret_copies)
{
	const struct article *article;
	struct copy *copies = NULL, *copy;
	size_t count = 0;
	msec_t since = now - paper->opened, at;
	unsigned n;

	for (article = feed->articles; article != NULL; article = article->next) {
		for (n = 0, at = -article->age; at <= since;
		    at += article->repeat, n++) {
			copies = xrealloc(copies, (count + 1) * sizeof(*copies));
			copy = &copies[count++];
			copy->edited =
			    article->edit != NULL && -article->edit->age <= since;
			copy->text = article;
			copy->when = paper->opened + at;
			clock_format(copy->when, copy->date);
			(void)snprintf(copy->slug, sizeof(copy->slug),
			    article->repeat > 0 ? "%s-%u" : "%s", article->slug,
			    n + 1);
			(void)snprintf(copy->title, sizeof(copy->title),
			    article->repeat > 0 ? "%s, number %u" : "%s",
			    article->title, n + 1);
			if (article->repeat == 0)
				break;
		}
	}
	if (count > 0)
		qsort(copies, count, sizeof(*copies), newest_first);
	/* A reader who slept through a night of bulletins gets the newest. */
	*ret_copies = copies;
	return count > 40 ? 40 : count;
}

static const struct buf *
body_of(const struct copy *copy)
{
	return copy->edited ? &copy->text->edit->body : &copy->text->body;
}

static void
link_of(const struct paper *paper, const struct feed *feed, const struct copy *copy,
    struct buf *out)
{
	if (copy->text->link != NULL)
		buf_puts(out, copy->text->link);
	else
		buf_printf(
		    out, "http://%s/%s/%s", paper->host, feed->name, copy->slug);
}

static void
escaped(struct buf *out, const char *text, size_t size)
{
	for (; size > 0; size--, text++) {
		if (*text == '&')
			buf_puts(out, "&amp;");
		else if (*text == '<')
			buf_puts(out, "&lt;");
		else if (*text == '>')
			buf_puts(out, "&gt;");
		else if (*text == '"')
			buf_puts(out, "&quot;");
		else
			buf_putc(out, *text);
	}
}

static void
element(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, "<%s>", name);
	escaped(out, text, strlen(text));
	buf_printf(out, "</%s>\n", name);
}

/* The paragraphs as HTML; a line that is an address becomes a link. */
static void
html_of(const struct copy *copy, struct buf *out)
{
	const char *line = buf_text(body_of(copy)), *end, *url;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		buf_puts(out, "<p>");
		url = strstr(line, "https://");
		if (url != NULL && url < end) {
			escaped(out, line, (size_t)(url - line));
			buf_puts(out, "<a href=\"");
			escaped(out, url, (size_t)(end - url));
			buf_puts(out, "\">");
			escaped(out, url, (size_t)(end - url));
			buf_puts(out, "</a>");
		} else {
			escaped(out, line, (size_t)(end - line));
		}
		buf_puts(out, "</p>\n");
	}
}

/* The first paragraph as plain text. */
static void
summary_of(const struct copy *copy, struct buf *out)
{
	const char *text = buf_text(body_of(copy));

	buf_add(out, text, strcspn(text, "\n"));
}

static void
rfc822(msec_t when, char text[64])
{
	time_t seconds = (time_t)(when / MSEC_PER_SEC);
	struct tm tm;

	(void)strftime(
	    text, 64, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &tm));
}

/* -- The four formats ----------------------------------------------------------- */

static void
rss2_item(const struct paper *paper, const struct feed *feed,
    const struct copy *copy, struct buf *out)
{
	struct buf text = {0};
	char date[64];

	rfc822(copy->when, date);
	buf_puts(out, "<item>\n");
	element(out, "title", copy->title);
	link_of(paper, feed, copy, &text);
	element(out, "link", buf_text(&text));
	buf_printf(out, "<guid isPermaLink=\"false\">%s/%s</guid>\n", feed->name,
	    copy->slug);
	element(out, "pubDate", date);
	element(out, "dc:creator", copy->text->by);
	element(out, "category", copy->text->subject);
	buf_reset(&text);
	summary_of(copy, &text);
	element(out, "description", buf_text(&text));
	buf_puts(out, "<content:encoded><![CDATA[");
	html_of(copy, out);
	buf_puts(out, "]]></content:encoded>\n");
	if (copy->text->audio_min > 0) {
		buf_printf(out,
		    "<enclosure url=\"http://%s/%s/%s.ogg\" type=\"audio/ogg\" "
		    "length=\"%u\"/>\n<itunes:duration>%u:00</itunes:duration>\n",
		    paper->host, feed->name, copy->slug,
		    copy->text->audio_min * 720000, copy->text->audio_min);
	}
	buf_puts(out, "</item>\n");
	buf_done(&text);
}

static void
rss2(const struct paper *paper, const struct feed *feed, const struct copy *copies,
    size_t count, struct buf *out)
{
	size_t i;

	buf_puts(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
	    "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	    "xmlns:itunes=\"http://www.itunes.com/dtds/"
	    "podcast-1.0.dtd\">\n<channel>\n");
	element(out, "title", feed->title);
	buf_printf(out, "<link>http://%s/%s/</link>\n", paper->host, feed->name);
	element(out, "description", "A sample feed that gazetted brings along");
	buf_puts(out, "<language>en</language>\n");
	for (i = 0; i < count; i++)
		rss2_item(paper, feed, &copies[i], out);
	buf_puts(out, "</channel>\n</rss>\n");
}

static void
rss1(const struct paper *paper, const struct feed *feed, const struct copy *copies,
    size_t count, struct buf *out)
{
	struct buf text = {0};
	size_t i;

	buf_puts(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF "
	    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	    "xmlns=\"http://purl.org/rss/1.0/\">\n");
	buf_printf(
	    out, "<channel rdf:about=\"http://%s/%s/\">\n", paper->host, feed->name);
	element(out, "title", feed->title);
	buf_printf(out, "<link>http://%s/%s/</link>\n", paper->host, feed->name);
	element(out, "description", "A sample feed that gazetted brings along");
	buf_puts(out, "</channel>\n");
	for (i = 0; i < count; i++) {
		buf_reset(&text);
		link_of(paper, feed, &copies[i], &text);
		buf_puts(out, "<item rdf:about=\"");
		escaped(out, text.data, text.len);
		buf_puts(out, "\">\n");
		element(out, "title", copies[i].title);
		element(out, "link", buf_text(&text));
		element(out, "dc:date", copies[i].date);
		buf_reset(&text);
		html_of(&copies[i], &text);
		element(out, "description", buf_text(&text));
		buf_puts(out, "</item>\n");
	}
	buf_puts(out, "</rdf:RDF>\n");
	buf_done(&text);
}

static void
atom_entry(const struct paper *paper, const struct feed *feed,
    const struct copy *copy, struct buf *out)
{
	struct buf text = {0};

	buf_printf(out, "<entry>\n<id>tag:newspaper.example,2026:%s/%s</id>\n",
	    feed->name, copy->slug);
	element(out, "title", copy->title);
	link_of(paper, feed, copy, &text);
	buf_puts(out, "<link rel=\"alternate\" type=\"text/html\" href=\"");
	escaped(out, text.data, text.len);
	buf_puts(out, "\"/>\n");
	element(out, "published", copy->date);
	element(out, "updated", copy->date);
	if (copy->text->by != NULL) {
		buf_puts(out, "<author>");
		element(out, "name", copy->text->by);
		buf_puts(out, "</author>\n");
	}
	if (copy->text->subject != NULL)
		buf_printf(out, "<category term=\"%s\"/>\n", copy->text->subject);
	buf_reset(&text);
	html_of(copy, &text);
	buf_puts(out, "<content type=\"html\">");
	escaped(out, text.data, text.len);
	buf_puts(out, "</content>\n</entry>\n");
	buf_done(&text);
}

static void
atom(const struct paper *paper, const struct feed *feed, const struct copy *copies,
    size_t count, struct buf *out)
{
	size_t i;

	buf_puts(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
	buf_printf(out, "<id>tag:newspaper.example,2026:%s</id>\n", feed->name);
	element(out, "title", feed->title);
	buf_printf(out, "<link rel=\"self\" href=\"http://%s/feeds/%s.atom\"/>\n",
	    paper->host, feed->name);
	buf_printf(out, "<link href=\"http://%s/%s/\"/>\n", paper->host, feed->name);
	if (count > 0)
		element(out, "updated", copies[0].date);
	for (i = 0; i < count; i++)
		atom_entry(paper, feed, &copies[i], out);
	buf_puts(out, "</feed>\n");
}

static void
json_item(const struct paper *paper, const struct feed *feed,
    const struct copy *copy, struct jsonw *w)
{
	struct buf text = {0};

	jsonw_object(w, NULL);
	buf_printf(&text, "%s/%s", feed->name, copy->slug);
	jsonw_text(w, "id", buf_text(&text));
	buf_reset(&text);
	link_of(paper, feed, copy, &text);
	jsonw_text(w, "url", buf_text(&text));
	jsonw_text(w, "title", copy->title);
	jsonw_text(w, "date_published", copy->date);
	if (copy->text->by != NULL) {
		jsonw_array(w, "authors");
		jsonw_object(w, NULL);
		jsonw_text(w, "name", copy->text->by);
		jsonw_close(w);
		jsonw_close(w);
	}
	if (copy->text->subject != NULL) {
		jsonw_array(w, "tags");
		jsonw_text(w, NULL, copy->text->subject);
		jsonw_close(w);
	}
	buf_reset(&text);
	html_of(copy, &text);
	jsonw_text(w, "content_html", buf_text(&text));
	jsonw_close(w);
	buf_done(&text);
}

static void
json(const struct paper *paper, const struct feed *feed, const struct copy *copies,
    size_t count, struct buf *out)
{
	struct buf url = {0};
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "version", "https://jsonfeed.org/version/1.1");
	jsonw_text(&w, "title", feed->title);
	buf_printf(&url, "http://%s/%s/", paper->host, feed->name);
	jsonw_text(&w, "home_page_url", buf_text(&url));
	buf_reset(&url);
	buf_printf(&url, "http://%s/feeds/%s.json", paper->host, feed->name);
	jsonw_text(&w, "feed_url", buf_text(&url));
	jsonw_array(&w, "items");
	for (i = 0; i < count; i++)
		json_item(paper, feed, &copies[i], &w);
	jsonw_close(&w);
	jsonw_close(&w);
	buf_done(&url);
}

/* -- Serving --------------------------------------------------------------------- */

static void
answer(struct evhttp_request *request, const struct paper *paper,
    const struct feed *feed)
{
	static void (*const write[])(const struct paper *, const struct feed *,
	    const struct copy *, size_t, struct buf *) = {rss2, rss1, atom, json};
	struct evkeyvalq *head = evhttp_request_get_output_headers(request);
	const char *sent = evhttp_find_header(
	    evhttp_request_get_input_headers(request), "If-None-Match");
	struct copy *copies;
	struct buf body = {0};
	char etag[24];
	size_t count;

	count = edition(paper, feed, clock_wall(), &copies);
	write[feed->format](paper, feed, copies, count, &body);
	free(copies);
	(void)snprintf(
	    etag, sizeof(etag), "\"%016" PRIx64 "\"", hash64(body.data, body.len));
	evhttp_add_header(head, "ETag", etag);
	evhttp_add_header(head, "Content-Type", formats[feed->format].type);
	if (sent != NULL && strcmp(sent, etag) == 0) {
		evhttp_send_reply(request, HTTP_NOTMODIFIED, NULL, NULL);
	} else {
		evbuffer_add(
		    evhttp_request_get_output_buffer(request), body.data, body.len);
		evhttp_send_reply(request, HTTP_OK, NULL, NULL);
	}
	buf_done(&body);
}

static void
on_request(struct evhttp_request *request, void *arg)
{
	const struct paper *paper = arg;
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const struct feed *feed;
	char wanted[256];

	for (feed = paper->feeds; feed != NULL; feed = feed->next) {
		(void)snprintf(wanted, sizeof(wanted), "/feeds/%s.%s", feed->name,
		    formats[feed->format].suffix);
		if (path != NULL && strcmp(path, wanted) == 0) {
			answer(request, paper, feed);
			return;
		}
	}
	evhttp_send_error(request, HTTP_NOTFOUND, NULL);
}

/* What gazetted needs to know of the paper: a drop-in for its configuration. */
static void
write_config(const struct paper *paper, const char *file)
{
	const struct feed *feed;
	FILE *f = fopen(file, "we");

	if (f == NULL)
		die(file, strerror(errno));
	fputs("# The sample newspaper; written anew at each start.\n"
	      "[schedule]\nstart-spread = 0\n\n"
	      "[rate 127.0.0.1]\npause = 50ms\n",
	    f);
	for (feed = paper->feeds; feed != NULL; feed = feed->next) {
		fprintf(f,
		    "\n[feed %s]\nurl = http://%s/feeds/%s.%s\n%s%s\n"
		    "interval = 2s\nmin-interval = 2s\nallow-private = %s\n",
		    feed->name, paper->host, feed->name,
		    formats[feed->format].suffix,
		    feed->tags != NULL ? "tags = " : "",
		    feed->tags != NULL ? feed->tags : "", paper->host);
	}
	if (fclose(f) != 0)
		die(file, strerror(errno));
}

static void
paper_done(struct paper *paper)
{
	struct article *article, *edit;
	struct feed *feed;

	while ((feed = paper->feeds) != NULL) {
		while ((article = feed->articles) != NULL) {
			feed->articles = article->next;
			edit = article->edit;
			for (; article != NULL; article = edit, edit = NULL) {
				free(article->slug);
				free(article->title);
				free(article->link);
				free(article->by);
				free(article->subject);
				buf_done(&article->body);
				free(article);
			}
		}
		paper->feeds = feed->next;
		free(feed->name);
		free(feed->title);
		free(feed->tags);
		free(feed);
	}
}

static void
on_signal(evutil_socket_t signal_number, short what, void *arg)
{
	(void)signal_number;
	(void)what;
	event_base_loopbreak(arg);
}

static void
listen_on(struct paper *paper, struct evhttp *http, uint16_t port)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", port);
	if (bound == NULL ||
	    getsockname(evhttp_bound_socket_get_fd(bound),
		(struct sockaddr *)&address, &size) < 0)
		die("cannot listen on 127.0.0.1", strerror(errno));
	(void)snprintf(paper->host, sizeof(paper->host), "127.0.0.1:%u",
	    ntohs(address.sin_port));
}

static const char usage[] =
    "usage: newspaper [--port=N] [--config=FILE] ARTICLES\n"
    "Serves the feeds of ARTICLES on 127.0.0.1 and prints its address.\n"
    "  --port=N       listen there (default: a port that the kernel picks)\n"
    "  --config=FILE  write a drop-in for gazetted.conf that subscribes to them\n";

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"port", required_argument, NULL, 'p'},
	    {"config", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	const char *config = NULL;
	struct paper paper = {0};
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct event *ends[2];
	int c, port = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			port = atoi(optarg);
		else if (c == 'c')
			config = optarg;
		else {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 64;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 64;
	}
	read_articles(&paper, argv[optind]);
	paper.opened = clock_wall();
	listen_on(&paper, http, (uint16_t)port);
	evhttp_set_gencb(http, on_request, &paper);
	if (config != NULL)
		write_config(&paper, config);
	printf("%s\n", paper.host);
	fflush(stdout);
	ends[0] = evsignal_new(base, SIGTERM, on_signal, base);
	ends[1] = evsignal_new(base, SIGINT, on_signal, base);
	event_add(ends[0], NULL);
	event_add(ends[1], NULL);
	event_base_dispatch(base);
	event_free(ends[0]);
	event_free(ends[1]);
	evhttp_free(http);
	event_base_free(base);
	paper_done(&paper);
	return 0;
}
