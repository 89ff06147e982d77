/* SPDX-License-Identifier: ISC */
/* From a qualified name to the rows of the element table that it may mean. */
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "base/unicode.h"
#include "parse/builder.h"

/* FNV-1a over the lower-case name: names are short, and a collision in the
 * tolerant run only closes a stranger's element early. */
uint32_t
name_hash(const char *name, size_t size)
{
	uint32_t hash = 2166136261u;
	unsigned char c;

	for (size_t i = 0; i < size; i++) {
		c = (unsigned char)name[i];
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		hash = (hash ^ c) * 16777619u;
	}
	return hash;
}

/* Over twice the table's rows. */
static const struct element *table_slots[BUILDER_SLOTS];

static void
table_init(void)
{
	uint32_t at;

	for (size_t i = 0; i < elements_count; i++) {
		at = name_hash(elements[i].name, strlen(elements[i].name)) +
		    elements[i].ns * 31u;
		while (table_slots[at % BUILDER_SLOTS] != NULL)
			at++;
		table_slots[at % BUILDER_SLOTS] = &elements[i];
	}
}

void
name_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, table_init);
}

/* The first row of that name.  Rows of one name lie one behind the other, so
 * that the rest follow it in the table. */
static const struct element *
table_find(enum ns ns, const char *local, size_t size)
{
	const struct element *e;
	uint32_t at = name_hash(local, size) + ns * 31u;

	for (; (e = table_slots[at % BUILDER_SLOTS]) != NULL; at++)
		if (e->ns == ns && strncasecmp(e->name, local, size) == 0 &&
		    e->name[size] == '\0')
			return e;
	return NULL;
}

static bool
is_core_ns(enum ns ns)
{
	return ns == NS_NONE || (ns >= NS_CORE && ns <= NS_ATOM10);
}

int
name_shown(const char *qname)
{
	return (int)unicode_cut(qname, strlen(qname), 60);
}

/* RSS and Atom elements are one table, however they were named.  A default
 * namespace declared on the root hides nothing (FORMATS 22). */
static void
read_name(struct builder *b, const char *qname, struct name_cache *ret)
{
	size_t prefix, size;
	const char *local = ns_local(qname, &prefix, &size);
	unsigned depth;
	enum ns ns = ns_find(&b->scope, qname, prefix, &depth);

	if (depth == 0 && prefix > 0 && ns != NS_XML && b->undeclared == NULL)
		b->undeclared = arena_printf(b->arena,
		    "xml: the prefix of <%.*s> is not declared", name_shown(qname),
		    qname);
	ret->is_atom = ns == NS_ATOM03 || ns == NS_ATOM10;
	if (is_core_ns(ns) || (prefix == 0 && depth <= 1)) {
		if (!ret->is_atom && ns < NS_CORE)
			ret->is_atom = b->is_atom;
		ns = NS_CORE;
	}
	ret->ns = ns;
	ret->first = table_find(ns, local, size);
}

/* Where in the cache to begin; a feed has some twenty names. */
static unsigned
name_key(const char *qname, size_t size)
{
	return (unsigned)size + 7u * (unsigned char)qname[0] +
	    3u * (unsigned char)qname[size / 2] +
	    31u * (unsigned char)qname[size > 0 ? size - 1 : 0];
}

#define NAME_TRIES 4

const struct name_cache *
name_find(struct builder *b, const char *qname)
{
	size_t size = strlen(qname);
	unsigned at = name_key(qname, size), i;
	struct name_cache *c = &b->cache[at % BUILDER_CACHE];

	for (i = 0; i < NAME_TRIES; i++) {
		c = &b->cache[(at + i) % BUILDER_CACHE];
		if (c->generation != b->scope.generation)
			break;
		if (strcmp(c->name, qname) == 0)
			return c;
	}
	read_name(b, qname, c);
	c->hash = name_hash(qname, size);
	c->generation = b->scope.generation;
	if (size < sizeof(c->name))
		memcpy(c->name, qname, size + 1);
	else
		c->generation = 0; /* too long to be kept */
	return c;
}

const struct element *
name_element(const struct element *first, unsigned inside)
{
	const struct element *e = first;

	if (e == NULL)
		return NULL;
	if (e->where & inside)
		return e;
	for (e++; e < elements + elements_count && e->ns == first->ns &&
	    strcmp(e->name, first->name) == 0;
	    e++)
		if (e->where & inside)
			return e;
	return NULL;
}
