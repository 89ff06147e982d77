/* SPDX-License-Identifier: ISC */
#include "store/identity.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "store/copies.h"
#include "store/items.h"

/* Items that share one alias: more than these are not looked at, so that a feed
 * that gives every item the same id costs no square. */
#define CANDIDATES 32
/* DEDUP 3 */
#define NUMBER_DIGITS 6 /* fewer may be a date or a page */
#define TITLES_AGREE 0.3
#define WORDS_AGREE 0.5
#define WORDS_AGREE_UNTITLED 0.3
#define SHARED_URL_WORDS 0.6
#define SHARED_URL_WORDS_UNTITLED 0.9

struct candidate {
	int64_t id;
	bool removed;  /* its aliases alone are left */
	bool kept_key; /* removed: and one of them is this entry's other key */
	bool same_title, same_guid, untitled;
	bool same_number; /* the guid's stands in both addresses */
	uint64_t url_key, content_hash;
};

struct candidates {
	struct candidate list[CANDIDATES];
	size_t count;
	size_t taken; /* more have the alias, and are claimed or still there */
};

struct pass {
	struct tx *tx;
	struct identity *identity;
	struct map *claimed;      /* item id -> anything */
	struct map *guids, *urls; /* hash -> how often in this document */
};

static int some; /* what a map has for a value where only the key counts */

/* ------------------------------------------------------------ helpers */

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

const struct similar_text *
identity_text(struct tx *tx, struct identity_entry *entry)
{
	if (entry->text == NULL)
		entry->text = copies_make_text(tx->copies, entry->item);
	return entry->text;
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

static bool
is_taken(const struct pass *pass, int64_t id)
{
	const struct map *present = pass->identity->present;

	return map_find_id(pass->claimed, id) != NULL ||
	    (present != NULL && map_find_id(present, id) != NULL);
}

/* The last number of a guid, when it is long enough to be an article's own. */
static size_t
guid_number(const char *guid, const char **ret_digits)
{
	size_t end = strlen(guid), start;

	while (end > 0 && (guid[end - 1] < '0' || guid[end - 1] > '9'))
		end--;
	for (start = end;
	    start > 0 && guid[start - 1] >= '0' && guid[start - 1] <= '9';)
		start--;
	*ret_digits = guid + start;
	return end - start >= NUMBER_DIGITS ? end - start : 0;
}

static bool
has_number(const char *url, const char *digits, size_t size)
{
	for (; url != NULL && *url != '\0'; url += strspn(url, "0123456789")) {
		url += strcspn(url, "0123456789");
		if (strspn(url, "0123456789") == size &&
		    memcmp(url, digits, size) == 0)
			return true;
	}
	return false;
}

/* A site that gives an article another slug keeps its number: live articles. */
static bool
share_number(const struct item *item, const char *link)
{
	const char *digits;
	size_t size = item->guid != NULL ? guid_number(item->guid, &digits) : 0;

	return size > 0 && has_number(item->link, digits, size) &&
	    has_number(link, digits, size);
}

static void
read_candidate(
    sqlite3_stmt *stmt, const struct item *item, int64_t id, struct candidate *c)
{
	c->id = id;
	c->removed = sqlite3_column_type(stmt, 1) == SQLITE_NULL;
	c->url_key = (uint64_t)db_int(stmt, 2);
	c->content_hash = (uint64_t)db_int(stmt, 3);
	c->same_title = !c->removed && same_text(db_text(stmt, 4), item->title);
	c->untitled = db_text(stmt, 4) == NULL && item->title == NULL;
	c->same_guid = same_text(db_text(stmt, 5), item->guid);
	c->kept_key = db_int(stmt, 6) != 0;
	c->same_number = !c->removed && share_number(item, db_text(stmt, 7));
}

/* The stored items with this alias, newest first. */
static int
find_candidates(struct pass *pass, enum alias_kind kind, uint64_t hash,
    const struct item *item, struct candidates *ret)
{
	static const char sql[] =
	    "SELECT a.item_id, i.id, i.url_key, i.content_hash, i.title, i.guid,"
	    " CASE WHEN i.id IS NOT NULL THEN 0 ELSE"
	    " EXISTS (SELECT 1 FROM item_alias b WHERE b.feed_id = ?1"
	    "  AND b.kind = 2 AND b.hash = ?5 AND b.item_id = a.item_id)"
	    " OR EXISTS (SELECT 1 FROM item_alias b WHERE b.feed_id = ?1"
	    "  AND b.kind = 3 AND b.hash = ?6 AND b.item_id = a.item_id)"
	    " OR EXISTS (SELECT 1 FROM item_alias b WHERE b.feed_id = ?1"
	    "  AND b.kind = 4 AND b.hash = ?7 AND b.item_id = a.item_id) END,"
	    " i.link"
	    " FROM item_alias a LEFT JOIN item i ON i.id = a.item_id"
	    " WHERE a.feed_id = ?1 AND a.kind = ?2 AND a.hash = ?3"
	    " ORDER BY a.item_id DESC LIMIT ?4";
	sqlite3_stmt *stmt;
	int r;

	ret->count = ret->taken = 0;
	r = db_start(pass->tx->db, sql, &stmt, DB_INT(pass->identity->feed_id),
	    DB_INT(kind), DB_HASH(hash), DB_INT(CANDIDATES), DB_HASH(item->url_key),
	    DB_HASH(item->content_hash), DB_HASH(text_hash(item->title)));
	while (r >= 0 && (r = db_step(pass->tx->db, stmt)) == 1) {
		int64_t id = db_int(stmt, 0);

		if (is_taken(pass, id))
			ret->taken++;
		else
			read_candidate(stmt, item, id, &ret->list[ret->count++]);
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
	e->moved = !c->removed &&
	    (c->url_key != e->item->url_key ||
		(!c->same_guid && e->item->guid != NULL));
	pass->identity->churned +=
	    !c->removed && !c->same_guid && e->item->guid != NULL;
	map_put_id(pass->claimed, c->id, &some);
}

/* ------------------------------------------------------------ pass 1 */

static int
texts_agree(struct pass *pass, struct identity_entry *e, const struct candidate *c,
    bool *ret_agree)
{
	const struct similar_text *mine, *theirs;
	double words;
	int r = copies_text(pass->tx, c->id, &theirs);

	*ret_agree = false;
	if (r < 0 || theirs == NULL)
		return r;
	mine = identity_text(pass->tx, e);
	words = similar_containment(mine, theirs);
	*ret_agree = similar_titles(mine, theirs) >= TITLES_AGREE ||
	    words >= (c->untitled ? WORDS_AGREE_UNTITLED : WORDS_AGREE);
	copies_rest(pass->tx);
	return 0;
}

/* How much besides the guid speaks for a candidate, without its text. */
static int
evidence(const struct identity_entry *e, const struct candidate *c)
{
	if (c->removed)
		return c->kept_key;
	return 4 * (e->item->url_key != 0 && e->item->url_key == c->url_key) +
	    2 * (e->item->content_hash == c->content_hash) +
	    (c->same_title && !c->untitled) + c->same_number;
}

static bool
urls_conflict(const struct identity_entry *e, const struct candidate *c)
{
	return c->url_key != 0 && e->item->url_key != 0 &&
	    c->url_key != e->item->url_key;
}

/* Nothing else in the document or in the store has this guid. */
static bool
is_only(const struct pass *pass, const struct identity_entry *e,
    const struct candidates *found)
{
	return found->count == 1 && found->taken == 0 &&
	    count_of(pass->guids, e->guid_hash) == 1 &&
	    !urls_conflict(e, &found->list[0]) &&
	    (!found->list[0].removed || e->item->url_key == 0);
}

static int
choose_by_guid(struct pass *pass, struct identity_entry *e,
    const struct candidates *found, const struct candidate **ret_best)
{
	const struct candidate *best = NULL;
	bool agree = false;
	size_t i;
	int r = 0;

	for (i = 0; i < found->count; i++) {
		if (best == NULL || evidence(e, &found->list[i]) > evidence(e, best))
			best = &found->list[i];
	}
	*ret_best = best;
	if (best == NULL || evidence(e, best) > 0 || is_only(pass, e, found))
		return 0;
	*ret_best = NULL;
	for (i = 0; r >= 0 && i < found->count && !agree; i++) {
		r = texts_agree(pass, e, &found->list[i], &agree);
		if (agree)
			*ret_best = &found->list[i];
	}
	return r;
}

/* The guid and the address, or the guid and the content: before others, so that
 * an entry that is merely alike takes nothing from the one that is the same. */
static int
match_guid_surely(struct pass *pass, struct identity_entry *e)
{
	struct candidates found;
	const struct candidate *best = NULL;
	size_t i;
	int r;

	if (e->guid_hash == 0)
		return 0;
	r = find_candidates(pass, ALIAS_GUID, e->guid_hash, e->item, &found);
	for (i = 0; r >= 0 && i < found.count; i++) {
		const struct candidate *c = &found.list[i];

		if (!c->removed && evidence(e, c) >= 2 &&
		    (best == NULL || evidence(e, c) > evidence(e, best)))
			best = c;
	}
	if (best != NULL)
		settle(pass, e, best);
	return r;
}

/* The guid, with something else that agrees; alone only when nothing else in the
 * document or in the store has it. */
static int
match_guid(struct pass *pass, struct identity_entry *e)
{
	struct candidates found;
	const struct candidate *best = NULL;
	int r;

	if (e->guid_hash == 0)
		return 0;
	r = find_candidates(pass, ALIAS_GUID, e->guid_hash, e->item, &found);
	if (r >= 0)
		r = choose_by_guid(pass, e, &found, &best);
	if (r < 0)
		return r;
	if (best != NULL)
		settle(pass, e, best);
	else if (found.count + found.taken > 0)
		pass->identity->reused++;
	return 0;
}

/* ------------------------------------------------------------ pass 2 */

/* An address that several have (changelogs, home pages). */
static int
match_shared_url(
    struct pass *pass, struct identity_entry *e, const struct candidates *found)
{
	const struct similar_text *theirs;
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < found->count && !e->settled; i++) {
		const struct candidate *c = &found->list[i];

		if (!c->removed && c->content_hash == e->item->content_hash)
			settle(pass, e, c);
	}
	for (i = 0; r >= 0 && i < found->count && !e->settled; i++) {
		const struct candidate *c = &found->list[i];

		if (c->removed || !c->same_title)
			continue;
		r = copies_text(pass->tx, c->id, &theirs);
		if (r >= 0 && theirs != NULL &&
		    similar_containment(identity_text(pass->tx, e), theirs) >=
			(c->untitled ? SHARED_URL_WORDS_UNTITLED : SHARED_URL_WORDS))
			settle(pass, e, c);
		copies_rest(pass->tx);
	}
	return r;
}

/* Unchanged, of more items than are looked at one by one. */
static int
match_same_content(struct pass *pass, struct identity_entry *e)
{
	struct candidates found;
	size_t i;
	int r;

	if (!items_content_identifies(e->item))
		return 0;
	r = find_candidates(
	    pass, ALIAS_CONTENT, e->item->content_hash, e->item, &found);
	for (i = 0; r >= 0 && i < found.count && !e->settled; i++) {
		if (!found.list[i].removed &&
		    found.list[i].url_key == e->item->url_key)
			settle(pass, e, &found.list[i]);
	}
	return r;
}

/* One entry and one item with the address: that one, whatever its title. */
static int
match_url(struct pass *pass, struct identity_entry *e)
{
	struct candidates found;
	int r;

	if (e->item->url_key == 0)
		return 0;
	r = find_candidates(pass, ALIAS_URL, e->item->url_key, e->item, &found);
	if (r < 0)
		return r;
	if (found.count == 1 && found.taken == 0 &&
	    count_of(pass->urls, e->item->url_key) == 1) {
		settle(pass, e, &found.list[0]);
		return 0;
	}
	r = match_shared_url(pass, e, &found);
	if (r >= 0 && !e->settled && found.count + found.taken == CANDIDATES)
		r = match_same_content(pass, e);
	return r;
}

/* ------------------------------------------------------------ pass 3 */

/* Of an entry without guid and address: an item that has neither, too; what else
 * has its content may be another entry's. */
static const struct candidate *
find_anonymous(const struct candidates *found)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		if (found->list[i].same_guid && found->list[i].url_key == 0)
			return &found->list[i];
	}
	return found->count > 0 && found->taken == 0 ? &found->list[0] : NULL;
}

/* The content, of an item that left as this entry came (a site that publishes
 * everything anew), or the only thing that there is to go by. */
static int
match_content(struct pass *pass, struct identity_entry *e)
{
	bool anonymous = e->guid_hash == 0 && e->item->url_key == 0;
	const struct candidate *best = NULL;
	struct candidates found;
	int r;

	if (!items_content_identifies(e->item) ||
	    (!pass->identity->absence && !anonymous))
		return 0;
	r = find_candidates(
	    pass, ALIAS_CONTENT, e->item->content_hash, e->item, &found);
	if (r >= 0 && anonymous)
		best = find_anonymous(&found);
	else if (r >= 0 && found.count == 1 && found.taken == 0)
		best = &found.list[0];
	if (best != NULL)
		settle(pass, e, best);
	return r;
}

/* ------------------------------------------------------------ one key alone */

static uint64_t
key_of(const struct identity_entry *e, enum alias_kind kind)
{
	switch (kind) {
	case ALIAS_GUID:
		return e->guid_hash;
	case ALIAS_URL:
		return e->item->url_key;
	case ALIAS_TITLE:
		return text_hash(e->item->title);
	case ALIAS_CONTENT:
		break;
	}
	return e->item->content_hash;
}

/* The key that decides; the next one for entries that do not have it. */
static int
match_alone(struct pass *pass, struct identity_entry *e)
{
	static const enum alias_kind orders[][3] = {
	    [POLICY_GUID] = {ALIAS_GUID, ALIAS_URL, ALIAS_CONTENT},
	    [POLICY_LINK] = {ALIAS_URL, ALIAS_GUID, ALIAS_CONTENT},
	    [POLICY_TITLE] = {ALIAS_TITLE, ALIAS_GUID, ALIAS_CONTENT},
	    [POLICY_CONTENT] = {ALIAS_CONTENT, ALIAS_CONTENT, ALIAS_CONTENT},
	    [POLICY_PLAIN] = {ALIAS_GUID, ALIAS_URL, ALIAS_CONTENT}};
	const enum alias_kind *order = orders[pass->identity->by];
	struct candidates found;
	size_t i = 0;
	int r;

	while (i < 2 && key_of(e, order[i]) == 0)
		i++;
	r = find_candidates(pass, order[i], key_of(e, order[i]), e->item, &found);
	if (r >= 0 && found.count > 0)
		settle(pass, e, &found.list[0]);
	return r;
}

/* ------------------------------------------------------------ the passes */

static void
count_keys(struct pass *pass)
{
	struct identity *identity = pass->identity;
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
	for (i = 0; i < identity->count; i++)
		identity->entries[i].shares_url =
		    count_of(pass->urls, identity->entries[i].item->url_key) > 1;
}

typedef int pass_fn(struct pass *pass, struct identity_entry *e);

static int
run_pass(struct pass *pass, pass_fn *fn)
{
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < pass->identity->count; i++) {
		if (!pass->identity->entries[i].settled)
			r = fn(pass, &pass->identity->entries[i]);
	}
	tx_alive(pass->tx);
	return r;
}

int
identity_match(struct tx *tx, struct identity *identity)
{
	struct pass pass = {.tx = tx, .identity = identity};
	size_t i;
	int r;

	for (i = 0; i < identity->count; i++)
		identity->entries[i].guid_hash =
		    text_hash(identity->entries[i].item->guid);
	fold_repeats(identity);
	pass.claimed = map_new();
	pass.guids = map_new();
	pass.urls = map_new();
	count_keys(&pass);
	if (identity->by != POLICY_AUTO) {
		r = run_pass(&pass, match_alone);
	} else {
		r = run_pass(&pass, match_guid_surely);
		if (r >= 0)
			r = run_pass(&pass, match_guid);
		if (r >= 0)
			r = run_pass(&pass, match_url);
		if (r >= 0)
			r = run_pass(&pass, match_content);
	}
	map_free(pass.claimed);
	map_free(pass.guids);
	map_free(pass.urls);
	return r;
}
