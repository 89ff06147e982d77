/* SPDX-License-Identifier: ISC */
#include "fetch/head.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/url.h"
#include "base/xalloc.h"

/* Enough for every kept field; libcurl stops headers at 300 KB in all. */
#define HEAD_ARENA (64u << 10)
#define FIELD_BYTES 8192 /* a Link or Cache-Control line worth reading */
#define TYPE_BYTES 256   /* Content-Type, Content-Language */
/* Ages and waits stop growing here; what uses them has tighter caps. */
#define SECONDS_MAX (10 * 365 * INT64_C(86400))

enum field {
	FIELD_ETAG,
	FIELD_LAST_MODIFIED,
	FIELD_CACHE_CONTROL,
	FIELD_AGE,
	FIELD_EXPIRES,
	FIELD_DATE,
	FIELD_RETRY_AFTER,
	FIELD_LOCATION,
	FIELD_LINK,
	FIELD_CONTENT_TYPE,
	FIELD_CONTENT_LANGUAGE,
	FIELD_CONTENT_LENGTH,
	FIELD_CONTENT_ENCODING,
	FIELD_CF_MITIGATED,
	FIELD_IM,
	FIELD_COUNT
};

static const char *const names[FIELD_COUNT] = {
    [FIELD_ETAG] = "etag",
    [FIELD_LAST_MODIFIED] = "last-modified",
    [FIELD_CACHE_CONTROL] = "cache-control",
    [FIELD_AGE] = "age",
    [FIELD_EXPIRES] = "expires",
    [FIELD_DATE] = "date",
    [FIELD_RETRY_AFTER] = "retry-after",
    [FIELD_LOCATION] = "location",
    [FIELD_LINK] = "link",
    [FIELD_CONTENT_TYPE] = "content-type",
    [FIELD_CONTENT_LANGUAGE] = "content-language",
    [FIELD_CONTENT_LENGTH] = "content-length",
    [FIELD_CONTENT_ENCODING] = "content-encoding",
    [FIELD_CF_MITIGATED] = "cf-mitigated",
    [FIELD_IM] = "im",
};

struct head {
	struct arena *arena;
	int status;
	bool complete;   /* what follows are trailers */
	enum field last; /* of the line before; FIELD_COUNT: not kept */
	char *field[FIELD_COUNT];
	struct fetch_head read;
};

struct head *
head_new(void)
{
	struct head *head = xcalloc(1, sizeof(*head));

	head->arena = arena_new(HEAD_ARENA);
	head->last = FIELD_COUNT;
	return head;
}

void
head_free(struct head *head)
{
	if (head == NULL)
		return;
	arena_free(head->arena);
	free(head);
}

int
head_status(const struct head *head)
{
	return head->status;
}

/* -- Collecting --------------------------------------------------------------- */

static bool
is_list(enum field field)
{
	return field == FIELD_CACHE_CONTROL || field == FIELD_LINK ||
	    field == FIELD_IM;
}

/* The first one holds; of a list the parts are joined. */
static void
keep(struct head *head, enum field field, const char *value, size_t size)
{
	char **slot = &head->field[field];

	if (size > FIELD_BYTES || memchr(value, '\0', size) != NULL)
		return;
	if (*slot == NULL)
		*slot = arena_dup(head->arena, value, size);
	else if (is_list(field) && strlen(*slot) + size < FIELD_BYTES)
		*slot =
		    arena_printf(head->arena, "%s, %.*s", *slot, (int)size, value);
}

static enum field
field_of(const char *name, size_t size)
{
	int i;

	for (i = 0; i < FIELD_COUNT; i++) {
		if (strlen(names[i]) == size &&
		    strncasecmp(names[i], name, size) == 0)
			break;
	}
	return (enum field)i;
}

static void
start(struct head *head, const char *line, size_t size)
{
	const char *p = memchr(line, ' ', size), *end = line + size;

	memset(head->field, 0, sizeof(head->field));
	head->status = 0;
	if (p == NULL)
		return;
	for (p++; p < end && *p >= '0' && *p <= '9' && head->status < 1000; p++)
		head->status = head->status * 10 + (*p - '0');
}

bool
head_line(struct head *head, const char *line, size_t size)
{
	const char *colon;
	enum field field;

	if (head->complete)
		return false;
	/* A folded line: nobody sends them in earnest, and a stump is worse than
	 * nothing: as an ETag it would never match. */
	if (size > 0 && (*line == ' ' || *line == '\t')) {
		if (head->last != FIELD_COUNT)
			head->field[head->last] = NULL;
		return false;
	}
	head->last = FIELD_COUNT;
	while (size > 0 &&
	    (line[size - 1] == '\r' || line[size - 1] == '\n' ||
		line[size - 1] == ' ' || line[size - 1] == '\t'))
		size--;
	if (size > 5 && strncmp(line, "HTTP/", 5) == 0) {
		start(head, line, size);
		return false;
	}
	if (size == 0) {
		head->complete = head->status >= 200;
		return head->complete;
	}
	colon = memchr(line, ':', size);
	if (colon == NULL)
		return false;
	field = field_of(line, (size_t)(colon - line));
	if (field == FIELD_COUNT)
		return false;
	head->last = field;
	size -= (size_t)(colon + 1 - line);
	for (line = colon + 1; size > 0 && (*line == ' ' || *line == '\t'); line++)
		size--;
	keep(head, field, line, size);
	return false;
}

/* -- Reading ------------------------------------------------------------------ */

/* Digits alone, saturated.  -1: not a number. */
static int64_t
parse_digits(const char *text)
{
	int64_t number = 0;

	if (*text == '\0')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (*text - '0');
		if (number > SECONDS_MAX)
			number = SECONDS_MAX;
	}
	return *text == '\0' ? number : -1;
}

static int
two_digits(const char *text)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -1;
	return (text[0] - '0') * 10 + (text[1] - '0');
}

/* The one form that servers may send, "Sun, 06 Nov 1994 08:49:37 GMT": libcurl's
 * reader of all forms costs a sixth of a whole 304.  0: not of this form. */
static msec_t
parse_fixed_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int day, century, year, hour, minute, second;
	const char *month;
	char name[4];

	if (strlen(text) != 29 || text[3] != ',' || text[4] != ' ' ||
	    text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
	    text[19] != ':' || text[22] != ':' || strcmp(text + 25, " GMT") != 0)
		return 0;
	memcpy(name, text + 8, 3);
	name[3] = '\0';
	month = strstr(months, name);
	day = two_digits(text + 5);
	century = two_digits(text + 12);
	year = two_digits(text + 14);
	hour = two_digits(text + 17);
	minute = two_digits(text + 20);
	second = two_digits(text + 23);
	if (month == NULL || (month - months) % 3 != 0 || day < 1 || day > 31 ||
	    century < 0 || year < 0 || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 60)
		return 0;
	return clock_days_from_civil(century * 100 + year,
		   (unsigned)((month - months) / 3 + 1), (unsigned)day) *
	    MSEC_PER_DAY +
	    hour * MSEC_PER_HOUR + minute * MSEC_PER_MIN + second * MSEC_PER_SEC;
}

/* 0: no date, or one before 1970 or past the year 9999. */
static msec_t
parse_date(const char *text)
{
	msec_t date;
	time_t seconds;

	if (text == NULL)
		return 0;
	date = parse_fixed_date(text);
	if (date == 0) {
		seconds = curl_getdate(text, NULL);
		if (seconds < 0 || seconds >= INT64_C(253402300800))
			return 0;
		date = (msec_t)seconds * MSEC_PER_SEC;
	}
	return date > 0 ? date : 0;
}

int64_t
head_content_length(const struct head *head)
{
	const char *text = head->field[FIELD_CONTENT_LENGTH];
	int64_t number = 0;

	if (text == NULL || *text == '\0')
		return -1;
	for (; *text >= '0' && *text <= '9' && number < INT64_MAX / 100; text++)
		number = number * 10 + (*text - '0');
	return number;
}

/* An opaque tag goes back byte for byte, so every byte of it must be one that a
 * header may carry: RFC 9110's etagc, with the quotes or without. */
static const char *
fit_etag(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (text == NULL || *text == '\0' || strlen(text) > LIMIT_ETAG_BYTES)
		return NULL;
	for (; *p != '\0'; p++) {
		if (*p <= ' ' || *p == 0x7f)
			return NULL;
	}
	return text;
}

static const char *
fit_last_modified(const char *text)
{
	const char *p;

	if (text == NULL || *text == '\0' ||
	    strlen(text) > LIMIT_LAST_MODIFIED_BYTES)
		return NULL;
	for (p = text; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			return NULL;
	}
	return text;
}

/* Media types and languages are ASCII; anything else is as good as absent. */
static const char *
fit_type(const char *text)
{
	const char *p;

	if (text == NULL || *text == '\0' || strlen(text) > TYPE_BYTES)
		return NULL;
	for (p = text; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			return NULL;
	}
	return text;
}

/* The value of directive `name` in a comma-separated list, copied to `value`,
 * quotes off.  False: it is not there. */
static bool
directive(const char *list, const char *name, char *value, size_t room)
{
	size_t length = strlen(name), size;

	for (; *list != '\0'; list += size) {
		list += strspn(list, ", \t");
		size = strcspn(list, ",");
		if (strncasecmp(list, name, length) != 0)
			continue;
		if (size > length && list[length] == '=') {
			const char *p = list + length + 1;
			size_t n = strcspn(p, ", \t");

			if (n >= 2 && p[0] == '"' && p[n - 1] == '"') {
				p++;
				n -= 2;
			}
			if (n >= room)
				n = room - 1;
			memcpy(value, p, n);
			value[n] = '\0';
			return true;
		}
	}
	return false;
}

/* RFC 9111, 4.2: max-age, else Expires - Date; less what it has aged already. */
static void
read_freshness(struct head *head, msec_t now)
{
	struct fetch_head *read = &head->read;
	const char *control = head->field[FIELD_CACHE_CONTROL];
	const char *age_text = head->field[FIELD_AGE];
	int64_t seconds = -1, age = -1;
	msec_t expires;
	char value[32];

	if (control != NULL && directive(control, "max-age", value, sizeof(value)))
		seconds = parse_digits(value);
	if (seconds < 0) {
		expires = parse_date(head->field[FIELD_EXPIRES]);
		if (expires > 0)
			expires -= read->date != 0 ? read->date : now;
		if (expires <= 0)
			return;
		seconds = expires / MSEC_PER_SEC;
		if (seconds > SECONDS_MAX)
			seconds = SECONDS_MAX;
	}
	if (age_text != NULL)
		age = parse_digits(age_text);
	if (age > 0)
		seconds = seconds > age ? seconds - age : 0;
	read->hints.has_max_age = true;
	read->hints.max_age = seconds * MSEC_PER_SEC;
}

/* Seconds or a date; a date counts from the server's clock when that is not
 * ours (POLLING 34).  -1: neither. */
static msec_t
read_retry_after(const struct head *head, msec_t now)
{
	const char *text = head->field[FIELD_RETRY_AFTER];
	int64_t seconds;
	msec_t until, from = now;

	if (text == NULL)
		return 0;
	seconds = parse_digits(text);
	if (seconds >= 0)
		return seconds > 0 ? seconds * MSEC_PER_SEC : RETRY_NOW;
	if (strpbrk(text, ":") == NULL) /* every form of an HTTP date has a time */
		return -1;
	until = parse_date(text);
	if (until == 0)
		return -1;
	if (head->read.date != 0 && llabs(head->read.date - now) > MSEC_PER_MIN)
		from = head->read.date;
	return until > from ? until - from : RETRY_NOW;
}

/* Raw bytes beyond ASCII that are not UTF-8 would not survive the way to the
 * database; as %XX they mean the same to the server. */
static void
escape_bytes(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			buf_printf(out, "%%%02X", (unsigned char)*text);
		else if ((unsigned char)*text > ' ' && *text != 0x7f)
			buf_putc(out, *text);
		else if (*text == ' ')
			buf_puts(out, "%20");
	}
}

/* `ref` as an absolute URL without user and password, or NULL. */
static const char *
read_url(struct head *head, const char *base, const char *ref)
{
	struct buf clean = {0}, absolute = {0}, bare = {0};
	const char *url = NULL;

	if (!unicode_is_valid(ref, strlen(ref))) {
		escape_bytes(ref, &clean);
		ref = buf_text(&clean);
	}
	if (url_resolve(base, ref, &absolute) == 0) {
		if (url_without_userinfo(absolute.data, &bare) != 0)
			buf_puts(
			    &bare, absolute.data); /* no "://": mailto: and such */
		if (bare.len <= LIMIT_URL_BYTES)
			url = arena_dup(head->arena, buf_text(&bare), bare.len);
	}
	buf_done(&clean);
	buf_done(&absolute);
	buf_done(&bare);
	return url;
}

static bool
has_word(const char *list, size_t size, const char *word)
{
	size_t length = strlen(word), n;

	for (; size > 0; list += n, size -= n) {
		for (n = 0; n < size && strchr(" \t\",", list[n]) != NULL; n++)
			;
		list += n;
		size -= n;
		for (n = 0; n < size && strchr(" \t\",", list[n]) == NULL; n++)
			;
		if (n == length && strncasecmp(list, word, n) == 0)
			return true;
	}
	return false;
}

/* The rel parameter among `params` (`; a=b; rel="x y"`): where, and how long. */
static const char *
find_rel(const char *params, size_t size, size_t *ret_size)
{
	const char *end = params + size, *p = params, *name, *value;
	size_t name_size;

	while (p < end) {
		p += strspn(p, "; \t");
		name = p;
		while (p < end && strchr("=; \t", *p) == NULL)
			p++;
		name_size = (size_t)(p - name);
		while (p < end && strchr("= \t", *p) != NULL)
			p++;
		value = p;
		if (p < end && *p == '"') {
			value = ++p;
			while (p < end && *p != '"')
				p++;
		} else {
			while (p < end && *p != ';')
				p++;
		}
		*ret_size = (size_t)(p - value);
		if (name_size == 3 && strncasecmp(name, "rel", 3) == 0)
			return value;
		if (p < end)
			p++;
	}
	return NULL;
}

/* Where one link of a Link header ends: a comma outside of <> and quotes. */
static size_t
link_size(const char *text)
{
	bool quoted = false, angled = false;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == '"' && !angled)
			quoted = !quoted;
		else if (text[i] == '<' && !quoted)
			angled = true;
		else if (text[i] == '>')
			angled = false;
		else if (text[i] == ',' && !quoted && !angled)
			break;
	}
	return i;
}

static void
read_links(struct head *head, const char *url)
{
	const char *text = head->field[FIELD_LINK], *close, *rel;
	size_t size, rel_size;
	char *target;

	for (; text != NULL && *text != '\0'; text += size) {
		text += strspn(text, ", \t");
		size = link_size(text);
		close = memchr(text, '>', size);
		if (*text != '<' || close == NULL)
			continue;
		rel = find_rel(
		    close + 1, size - (size_t)(close + 1 - text), &rel_size);
		if (rel == NULL)
			continue;
		target =
		    arena_dup(head->arena, text + 1, (size_t)(close - text - 1));
		if (target == NULL)
			return;
		if (head->read.link_hub == NULL && has_word(rel, rel_size, "hub"))
			head->read.link_hub = read_url(head, url, target);
		if (head->read.link_self == NULL && has_word(rel, rel_size, "self"))
			head->read.link_self = read_url(head, url, target);
	}
}

const struct fetch_head *
head_read(struct head *head, const char *url, msec_t now)
{
	struct fetch_head *read = &head->read;
	char **field = head->field;

	memset(read, 0, sizeof(*read));
	read->status = head->status;
	read->url = url;
	read->content_type = fit_type(field[FIELD_CONTENT_TYPE]);
	read->content_language = fit_type(field[FIELD_CONTENT_LANGUAGE]);
	read->content_coding = fit_type(field[FIELD_CONTENT_ENCODING]);
	read->cache_control = fit_type(field[FIELD_CACHE_CONTROL]);
	read->validators.etag = fit_etag(field[FIELD_ETAG]);
	read->validators.last_modified =
	    fit_last_modified(field[FIELD_LAST_MODIFIED]);
	read->validators.url = url;
	read->date = parse_date(field[FIELD_DATE]);
	read->last_modified_time = parse_date(field[FIELD_LAST_MODIFIED]);
	read_freshness(head, now);
	read->hints.retry_after = read_retry_after(head, now);
	read->hints.has_validators =
	    read->validators.etag != NULL || read->validators.last_modified != NULL;
	if (head->status >= 300 && head->status < 400 &&
	    field[FIELD_LOCATION] != NULL)
		read->location = read_url(head, url, field[FIELD_LOCATION]);
	read_links(head, url);
	read->challenge = field[FIELD_CF_MITIGATED] != NULL;
	read->is_delta = head->status == 226 && field[FIELD_IM] != NULL &&
	    has_word(field[FIELD_IM], strlen(field[FIELD_IM]), "feed");
	return read;
}
