/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "parse/handle.h"

/* ---- persons ---- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Part of a text, trimmed and without the brackets or quotes around it. */
static const char *
part(struct arena *arena, const char *text, size_t size)
{
	while (size > 0 && (is_space(text[0]) || text[0] == '(' || text[0] == '"')) {
		text++;
		size--;
	}
	while (size > 0 &&
	    (is_space(text[size - 1]) || text[size - 1] == ')' ||
		text[size - 1] == '"' || text[size - 1] == ','))
		size--;
	return size > 0 ? arena_dup(arena, text, size) : NULL;
}

static bool
is_address_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("._%+-!#$&'*/=?^`{|}~", c) != NULL);
}

/* The first e-mail address of a text: where it starts, how long it is; 0: none. */
static size_t
find_address(const char *text, size_t *ret_start)
{
	const char *at, *start, *end;

	for (at = strchr(text, '@'); at != NULL; at = strchr(at + 1, '@')) {
		start = at;
		while (start > text && is_address_char(start[-1]))
			start--;
		end = at + 1;
		while (is_address_char(*end))
			end++;
		while (end > at + 1 && strchr("._-", end[-1]) != NULL)
			end--;
		if (start == at || memchr(at, '.', (size_t)(end - at)) == NULL)
			continue;
		*ret_start = (size_t)(start - text);
		return (size_t)(end - start);
	}
	return 0;
}

struct person *
people_parse(struct arena *arena, const char *text)
{
	struct person *person;
	size_t start = 0, size, after, before, length = strlen(text);

	person = arena_alloc(arena, sizeof(*person));
	if (person == NULL)
		return NULL;
	/* A whole book as an author is a name, not a search for addresses. */
	size = length <= 1024 ? find_address(text, &start) : 0;
	if (size == 0) {
		person->name = arena_dup(arena, text, length);
		return person;
	}
	before = start;
	after = start + size;
	if (before >= 7 && strncasecmp(text + before - 7, "mailto:", 7) == 0)
		before -= 7;
	while (before > 0 && strchr("<([ \t\r\n", text[before - 1]) != NULL)
		before--;
	while (text[after] != '\0' && strchr(">)] \t\r\n", text[after]) != NULL)
		after++;
	person->email = arena_dup(arena, text + start, size);
	person->name = part(arena, text, before);
	if (person->name == NULL)
		person->name = part(arena, text + after, length - after);
	return person;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

#define PERSONS_COMPARED 32 /* doubles among the first few are what occurs */

void
people_add(struct builder *b, struct person **list, struct person *person)
{
	struct person *node;
	unsigned n = 0;

	if (person == NULL)
		return;
	for (node = *list; node != NULL && n < PERSONS_COMPARED;
	    node = node->next, n++)
		if (is_same(node->name, person->name) &&
		    is_same(node->email, person->email) &&
		    is_same(node->uri, person->uri))
			return;
	node = list_add(b->level, b->arena, list, sizeof(*node));
	if (node == NULL)
		return;
	node->name = person->name;
	node->email = person->email;
	node->uri = person->uri;
	node->avatar = person->avatar;
}

void
handle_start_person(struct builder *b, struct frame *f, const char *const *atts)
{
	(void)f;
	(void)atts;
	b->person = arena_alloc(b->arena, sizeof(*b->person));
}

/* The elements of a person, or free text. */
static struct person *
person_of(struct builder *b, const char *value, size_t size)
{
	struct person *p = b->person, *parts;

	b->person = NULL;
	if (p == NULL)
		return NULL;
	if (p->name == NULL && p->email == NULL && p->uri == NULL)
		return size > 0 ? people_parse(b->arena, value) : NULL;
	if (p->name != NULL && p->email == NULL && strchr(p->name, '@') != NULL) {
		parts = people_parse(b->arena, p->name);
		if (parts != NULL && parts->email != NULL) {
			p->name = parts->name;
			p->email = parts->email;
		}
	}
	return p;
}

void
handle_end_author(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	people_add(b, &b->level->c->authors, person_of(b, value, size));
}

void
handle_end_contributor(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	people_add(b, &b->level->c->contributors, person_of(b, value, size));
}

void
handle_end_publisher(struct builder *b, struct frame *f, char *value, size_t size)
{
	struct person *person = person_of(b, value, size);

	if (person != NULL &&
	    prefer(b->level, offsetof(struct common, publisher), f->element->rank,
		false))
		b->level->c->publisher = person;
}

void
handle_end_creator(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0)
		people_add(b, &b->level->c->authors, people_parse(b->arena, value));
}

void
handle_end_person_name(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (b->person != NULL && b->person->name == NULL && size > 0)
		b->person->name = arena_dup(b->arena, value, size);
}

void
handle_end_person_email(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 7 && strncasecmp(value, "mailto:", 7) == 0) {
		value += 7;
		size -= 7;
	}
	if (b->person != NULL && b->person->email == NULL && size > 0)
		b->person->email = arena_dup(b->arena, value, size);
}

void
handle_end_person_uri(struct builder *b, struct frame *f, char *value, size_t size)
{
	if (b->person != NULL && b->person->uri == NULL && size > 0)
		b->person->uri = builder_link(b, f, value);
}

/* ---- subjects ---- */

static uint32_t
category_hash(const char *term, const char *scheme, const char *label)
{
	uint32_t hash = 2166136261u;
	const char *parts[] = {term, scheme, label};

	for (size_t i = 0; i < 3; i++) {
		for (const char *c = parts[i]; c != NULL && *c != '\0'; c++)
			hash = (hash ^ (unsigned char)*c) * 16777619u;
		hash = (hash ^ 0xff) * 16777619u;
	}
	return hash;
}

/* Doubles are dropped (FORMATS 47). */
static bool
is_double(struct level *level, uint32_t hash, const char *term, const char *scheme,
    const char *label)
{
	bool maybe = false;

	for (unsigned i = 0; i < level->seen_count; i++)
		maybe |= level->seen[i] == hash;
	if (!maybe)
		return false;
	for (struct category *c = level->c->categories; c != NULL; c = c->next)
		if (is_same(c->term, term) && is_same(c->scheme, scheme) &&
		    is_same(c->label, label))
			return true;
	return false;
}

void
people_category(
    struct builder *b, const char *term, const char *scheme, const char *label)
{
	struct level *level = b->level;
	uint32_t hash = category_hash(term, scheme, label);
	struct category *c;

	if (level->seen_count == LIMIT_LIST)
		return;
	if ((term == NULL && label == NULL) ||
	    is_double(level, hash, term, scheme, label))
		return;
	c = list_add(level, b->arena, &level->c->categories, sizeof(*c));
	if (c == NULL)
		return;
	c->term = term;
	c->scheme = scheme;
	c->label = label;
	level->seen[level->seen_count++] = hash;
}

void
people_categories(struct builder *b, const char *list, const char *scheme)
{
	const char *comma;
	size_t size;

	for (;; list = comma + 1) {
		comma = strchr(list, ',');
		size = comma != NULL ? (size_t)(comma - list) : strlen(list);
		people_category(b, builder_dup(b, arena_dup(b->arena, list, size)),
		    scheme, NULL);
		if (comma == NULL || b->level->seen_count == LIMIT_LIST)
			return;
	}
}

void
handle_start_category(struct builder *b, struct frame *f, const char *const *atts)
{
	f->held[HELD_A] = builder_att_dup(b, atts, "term");
	f->held[HELD_B] = builder_att_dup(b, atts, "scheme");
	if (f->held[HELD_B] == NULL)
		f->held[HELD_B] = builder_att_dup(b, atts, "domain");
	f->held[HELD_C] = builder_att_dup(b, atts, "label");
}

void
handle_end_category(struct builder *b, struct frame *f, char *value, size_t size)
{
	const char *term = f->held[HELD_A];

	if (term == NULL && size > 0)
		term = arena_dup(b->arena, value, size);
	people_category(b, term, f->held[HELD_B], f->held[HELD_C]);
}

void
handle_end_subject(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0)
		people_category(b, arena_dup(b->arena, value, size), NULL, NULL);
}

void
handle_start_itunes_category(
    struct builder *b, struct frame *f, const char *const *atts)
{
	(void)f;
	people_category(b, builder_att_dup(b, atts, "text"), ITUNES_SCHEME, NULL);
}

void
handle_end_keywords(struct builder *b, struct frame *f, char *value, size_t size)
{
	(void)f;
	if (size > 0)
		people_categories(b, value, ITUNES_SCHEME);
}
