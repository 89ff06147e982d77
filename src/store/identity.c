/* SPDX-License-Identifier: ISC */
#include "store/identity.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "store/items.h"

/* Items that share one alias: more than these are not looked at, so that a feed
 * that gives every item the same id costs no square. */
#define CANDIDATES 32

struct candidate {
	int64_t id;
	bool removed; /* its alias alone is left */
	bool same_title;
	uint64_t url_key, content_hash;
};

struct pass {
	struct tx *tx;
	struct identity *identity;
	struct map *claimed;      /* item id -> anything */
	struct map *guids, *urls; /* hash -> how often in this document */
};

static int some; /* what a map has for a value where only the key counts */

static void
count_up(struct map *map, uint64_t hash)
{
	uintptr_t n = (uintptr_t)map_find_id(map, (int64_t)hash);

	map_put_id(map, (int64_t)hash, (void *)(n + 1));
}

static uintptr_t
count_of(const struct map *map, uint64_t hash)
{
	return (uintptr_t)map_find_id(map, (int64_t)hash);
}

static uint64_t
text_hash(const char *text)
{
	return text != NULL ? hash64(text, strlen(text)) : 0;
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* Pass 0: exact repeats inside the document fold into one. */
static void
fold_repeats(struct identity *identity)
{
	struct map *seen = map_new();
	size_t i;

	for (i = 0; i < identity->count; i++) {
		struct identity_entry *e = &identity->entries[i], *first;
		uint64_t key[4] = {e->guid_hash, e->item->url_key,
		    text_hash(e->item->title), e->item->content_hash};

		first = map_find(seen, key, sizeof(key));
		if (first == NULL) {
			map_put(seen, key, sizeof(key), e);
			continue;
		}
		e->fate = IDENTITY_REPEAT;
		e->repeat_of = (size_t)(first - identity->entries);
		e->settled = true;
	}
	map_free(seen);
}

/* The stored items with this alias, claimed ones included.  *ret_taken: how many
 * of them are claimed; those stand last and are not in the count. */
static int
find_candidates(struct pass *pass, enum alias_kind kind, uint64_t hash,
    const struct item *item, struct candidate *list, size_t *ret_count,
    size_t *ret_taken)
{
	static const char sql[] =
	    "SELECT a.item_id, i.id, i.url_key, i.content_hash, i.title"
	    " FROM item_alias a LEFT JOIN item i ON i.id = a.item_id"
	    " WHERE a.feed_id = ? AND a.kind = ? AND a.hash = ?"
	    " ORDER BY a.item_id DESC LIMIT ?";
	sqlite3_stmt *stmt;
	int r;

	*ret_count = *ret_taken = 0;
	r = db_start(pass->tx->db, sql, &stmt, DB_INT(pass->identity->feed_id),
	    DB_INT(kind), DB_HASH(hash), DB_INT(CANDIDATES));
	while (r >= 0 && (r = db_step(pass->tx->db, stmt)) == 1) {
		struct candidate *c = &list[*ret_count];
		int64_t id = db_int(stmt, 0);

		if (map_find_id(pass->claimed, id) != NULL ||
		    (pass->identity->present != NULL &&
			map_find_id(pass->identity->present, id) != NULL)) {
			(*ret_taken)++;
			continue;
		}
		c->id = id;
		c->removed = sqlite3_column_type(stmt, 1) == SQLITE_NULL;
		c->url_key = (uint64_t)db_int(stmt, 2);
		c->content_hash = (uint64_t)db_int(stmt, 3);
		c->same_title = same_text(db_text(stmt, 4), item->title);
		(*ret_count)++;
	}
	return r;
}

static void
settle(struct pass *pass, struct identity_entry *e, const struct candidate *c)
{
	e->settled = true;
	e->id = c->id;
	e->fate = c->removed ? IDENTITY_REMOVED : IDENTITY_KNOWN;
	e->changed = !c->removed && c->content_hash != e->item->content_hash;
	map_put_id(pass->claimed, c->id, &some);
}

/* How much besides the guid speaks for a candidate. */
static int
corroboration(const struct identity_entry *e, const struct candidate *c)
{
	return 2 * (e->item->url_key != 0 && e->item->url_key == c->url_key) +
	    2 * (e->item->content_hash == c->content_hash) + c->same_title;
}

/* Pass 1: the guid, with something else that agrees; alone only when nothing
 * else in the document or in the store has it. */
static int
match_guid(struct pass *pass, struct identity_entry *e)
{
	struct candidate list[CANDIDATES], *best = NULL;
	size_t count, taken, i;
	int r;

	if (e->guid_hash == 0)
		return 0;
	r = find_candidates(
	    pass, ALIAS_GUID, e->guid_hash, e->item, list, &count, &taken);
	if (r < 0)
		return r;
	for (i = 0; i < count; i++) {
		if (best == NULL ||
		    corroboration(e, &list[i]) > corroboration(e, best))
			best = &list[i];
	}
	if (best != NULL &&
	    (corroboration(e, best) > 0 ||
		(count == 1 && taken == 0 &&
		    count_of(pass->guids, e->guid_hash) == 1)))
		settle(pass, e, best);
	return 0;
}

/* Pass 2: the URL key.  One entry and one item: that one, whatever its title.
 * Several (changelogs, home pages): the title has to agree. */
static int
match_url(struct pass *pass, struct identity_entry *e)
{
	struct candidate list[CANDIDATES];
	size_t count, taken, i;
	int r;

	if (e->item->url_key == 0)
		return 0;
	r = find_candidates(
	    pass, ALIAS_URL, e->item->url_key, e->item, list, &count, &taken);
	if (r < 0)
		return r;
	if (count == 1 && taken == 0 &&
	    count_of(pass->urls, e->item->url_key) == 1) {
		settle(pass, e, &list[0]);
		return 0;
	}
	for (i = 0; i < count; i++) {
		if (list[i].same_title && !list[i].removed) {
			settle(pass, e, &list[i]);
			break;
		}
	}
	return 0;
}

/* Pass 3: the content, of an item that left as this entry came (a site that
 * publishes everything anew), or the only thing that there is to go by. */
static int
match_content(struct pass *pass, struct identity_entry *e)
{
	struct candidate list[CANDIDATES];
	bool anonymous = e->guid_hash == 0 && e->item->url_key == 0;
	size_t count, taken;
	int r;

	if (!items_content_identifies(e->item) ||
	    (!pass->identity->absence && !anonymous))
		return 0;
	r = find_candidates(pass, ALIAS_CONTENT, e->item->content_hash, e->item,
	    list, &count, &taken);
	if (r >= 0 && count > 0 && taken == 0 && (count == 1 || anonymous))
		settle(pass, e, &list[0]);
	return r;
}

static void
count_keys(struct pass *pass)
{
	size_t i;

	for (i = 0; i < pass->identity->count; i++) {
		const struct identity_entry *e = &pass->identity->entries[i];

		if (e->settled)
			continue;
		if (e->guid_hash != 0)
			count_up(pass->guids, e->guid_hash);
		if (e->item->url_key != 0)
			count_up(pass->urls, e->item->url_key);
	}
}

int
identity_match(struct tx *tx, struct identity *identity)
{
	static int (*const passes[])(struct pass *, struct identity_entry *) = {
	    match_guid, match_url, match_content};
	struct pass pass = {.tx = tx, .identity = identity};
	size_t i, n;
	int r = 0;

	for (i = 0; i < identity->count; i++)
		identity->entries[i].guid_hash =
		    text_hash(identity->entries[i].item->guid);
	fold_repeats(identity);
	pass.claimed = map_new();
	pass.guids = map_new();
	pass.urls = map_new();
	count_keys(&pass);
	for (n = 0; r >= 0 && n < sizeof(passes) / sizeof(passes[0]); n++) {
		for (i = 0; r >= 0 && i < identity->count; i++) {
			if (!identity->entries[i].settled)
				r = passes[n](&pass, &identity->entries[i]);
		}
	}
	map_free(pass.claimed);
	map_free(pass.guids);
	map_free(pass.urls);
	return r;
}
