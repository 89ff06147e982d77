/* SPDX-License-Identifier: ISC */
#include "query/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "base/xalloc.h"
#include "query/state.h"
#include "query/text.h"
#include "query/tree.h"

/*
 * Every condition is a fixed text with ? for what the asker wrote, and none is
 * ever NULL: NOT would make that NULL again, and lose rows.
 */
struct writer {
	struct query_sql sql;
	size_t room; /* of sql.values */
	enum query_target target;
	msec_t now;
	struct query_error *error;
};

static void put_node(struct writer *w, const struct node *node);

static void
put(struct writer *w, const char *sql)
{
	buf_puts(&w->sql.where, sql);
}

static struct query_value *
bind(struct writer *w, enum query_value_kind kind)
{
	struct query_value *value;

	if (w->sql.value_count == w->room) {
		w->room = w->room * 2 + 8;
		w->sql.values =
		    xrealloc(w->sql.values, w->room * sizeof(*w->sql.values));
	}
	value = &w->sql.values[w->sql.value_count++];
	*value = (struct query_value){.kind = kind};
	return value;
}

static void
bind_int(struct writer *w, int64_t number)
{
	bind(w, QUERY_INT)->number = number;
}

static void
bind_text(struct writer *w, const char *text)
{
	bind(w, QUERY_TEXT)->text = xstrdup(text);
}

static void
put_int(struct writer *w, const char *sql, int64_t number)
{
	put(w, sql);
	bind_int(w, number);
}

static void
put_text(struct writer *w, const char *sql, const char *text)
{
	put(w, sql);
	bind_text(w, text);
}

/* A node that the full-text index can answer alone. */
static bool
is_indexed(const struct node *node)
{
	const struct node *child;

	if (node->kind == NODE_TERM)
		return tree_is_full_text(node->field) && !node->regex;
	if (node->kind == NODE_NOT)
		return false; /* FTS5's NOT has two sides */
	for (child = node->child; child != NULL; child = child->next) {
		if (!is_indexed(child))
			return false;
	}
	return true;
}

static void
match_node(const struct node *node, struct buf *out)
{
	const struct node *child;

	if (node->kind == NODE_TERM) {
		if (node->field != FIELD_ANY)
			buf_printf(out, "%s : ", tree_field_name(node->field));
		text_phrase(node->text, node->prefix, out);
		return;
	}
	buf_putc(out, '(');
	for (child = node->child; child != NULL; child = child->next) {
		if (child != node->child)
			buf_puts(out, node->kind == NODE_AND ? " AND " : " OR ");
		match_node(child, out);
	}
	buf_putc(out, ')');
}

static void
put_match(struct writer *w, const char *match)
{
	put_text(
	    w, "i.id IN (SELECT rowid FROM item_fts WHERE item_fts MATCH ?)", match);
}

static void
put_indexed(struct writer *w, const struct node *node)
{
	struct buf match = {0};

	match_node(node, &match);
	put_match(w, buf_text(&match));
	buf_done(&match);
}

/* LIKE is caseless for ASCII. */
static void
put_like(struct writer *w, const char *column, const char *part)
{
	struct buf like = {0};

	buf_putc(&like, '%');
	for (; *part != '\0'; part++) {
		if (strchr("%_\\", *part) != NULL)
			buf_putc(&like, '\\');
		buf_putc(&like, *part);
	}
	buf_putc(&like, '%');
	buf_printf(&w->sql.where, "ifnull(%s, '') LIKE ? ESCAPE '\\'", column);
	bind_text(w, buf_text(&like));
	buf_done(&like);
}

/* Feeds have no index, and are few. */
static void
put_feed_words(struct writer *w, const struct node *node)
{
	put(w, "(");
	put_like(w, "coalesce(f.user_title, f.title)", node->text);
	if (node->field == FIELD_ANY) {
		put(w, " OR ");
		put_like(w, "f.name", node->text);
	}
	put(w, ")");
}

static void
put_regex(struct writer *w, const struct node *node)
{
	const char *column = node->field == FIELD_AUTHOR ? "i.author"
	    : node->field == FIELD_TEXT
	    ? "(SELECT x.text FROM item_text x WHERE x.item_id = i.id)"
	    : w->target == QUERY_FEEDS ? "coalesce(f.user_title, f.title)"
				       : "i.title";

	put_text(w, "query_regex(?, ", node->text);
	put(w, column);
	put(w, ")");
}

static void
put_feed(struct writer *w, const struct node *node)
{
	struct buf glob = {0};
	const char *c;

	if (node->number > 0) {
		put_int(w, "f.id = ?", node->number);
	} else if (strpbrk(node->text, "%*") == NULL) {
		put_text(w, "f.name = ?", node->text);
	} else {
		for (c = node->text; *c != '\0'; c++)
			buf_putc(&glob, *c == '%' ? '*' : *c);
		put_text(w, "f.name GLOB ?", buf_text(&glob));
		buf_done(&glob);
	}
}

/* The source: the feed's server, or whom the item links to. */
static void
put_host(struct writer *w, const char *host)
{
	put_text(w, "(query_host(f.url, ?)", host);
	put_text(w,
	    w->target == QUERY_FEEDS ? " OR query_host(f.site, ?))"
				     : " OR query_host(i.url, ?))",
	    host);
}

static void
put_url(struct writer *w, const char *part)
{
	put(w, "(");
	put_like(w, w->target == QUERY_FEEDS ? "f.url" : "i.url", part);
	put(w, " OR ");
	put_like(w, w->target == QUERY_FEEDS ? "f.site" : "i.link", part);
	put(w, ")");
}

/* The tag, or with a slash behind it the tag and all below: up to the character
 * behind '/'. */
static void
put_tag_test(struct writer *w, const char *tag)
{
	size_t size = strlen(tag);
	char *bound;

	if (tag[size - 1] != '/') {
		put_text(w, "tag = ?)", tag);
		return;
	}
	bound = xasprintf("%.*s", (int)size - 1, tag);
	put_text(w, "tag = ?", bound);
	put_text(w, " OR tag > ?", tag);
	free(bound);
	bound = xasprintf("%.*s0", (int)size - 1, tag);
	put_text(w, " AND tag < ?)", bound);
	free(bound);
}

static void
put_tag(struct writer *w, const char *tag)
{
	if (w->target == QUERY_ITEMS) {
		put(w, "(i.id IN (SELECT item_id FROM item_tag WHERE ");
		put_tag_test(w, tag);
		put(w, " OR ");
	}
	put(w, "f.id IN (SELECT feed_id FROM feed_tag WHERE ");
	put_tag_test(w, tag);
	if (w->target == QUERY_ITEMS)
		put(w, ")");
}

static int
refuse(struct writer *w, const struct node *node, const char *what)
{
	w->error->position = node->position;
	(void)snprintf(w->error->message, sizeof(w->error->message),
	    "%s%s%s is asked of %s here; %s", tree_field_name(node->field),
	    node->field == FIELD_IS ? ":" : "",
	    node->field == FIELD_IS ? node->text : "",
	    w->target == QUERY_FEEDS ? "feeds" : "items",
	    what); /* a long one is cut */
	return -EINVAL;
}

static void
put_state(struct writer *w, const struct node *node)
{
	const struct state *state = state_find(node->text, w->target);

	put(w, state->sql);
	if (state->time != STATE_TIMELESS)
		bind_int(w,
		    state->time == STATE_DAY_AGO ? w->now - MSEC_PER_DAY : w->now);
}

static void
put_range(struct writer *w, const struct node *node)
{
	const char *column = node->field == FIELD_SEEN ? "i.seen"
	    : node->field == FIELD_PUB                 ? "i.published"
						       : "i.updated";
	msec_t first, last;

	range_resolve(&node->range, w->now, &first, &last);
	/* 0 and NULL are no date at all. */
	buf_printf(&w->sql.where, "(ifnull(%s, 0) <> 0", column);
	if (first != INT64_MIN) {
		buf_printf(&w->sql.where, " AND %s >= ?", column);
		bind_int(w, first);
	}
	if (last != INT64_MAX) {
		buf_printf(&w->sql.where, " AND %s <= ?", column);
		bind_int(w, last);
	}
	put(w, ")");
}

static void
put_data(struct writer *w, const char *text)
{
	const char *equals = strchr(text, '=');
	char *key = equals == NULL ? xstrdup(text)
				   : xasprintf("%.*s", (int)(equals - text), text);

	put_text(w,
	    "EXISTS (SELECT 1 FROM item_data d WHERE d.item_id = i.id AND "
	    "d.key = ?",
	    key);
	if (equals != NULL)
		put_text(w, " AND d.value = ?", equals + 1);
	put(w, ")");
	free(key);
}

static void
put_item_term(struct writer *w, const struct node *node)
{
	switch (node->field) {
	case FIELD_ANY:
	case FIELD_TITLE:
	case FIELD_TEXT:
	case FIELD_AUTHOR:
		put_indexed(w, node);
		break;
	case FIELD_HAS:
		put(w, state_content_sql(node->text));
		break;
	case FIELD_SEEN:
	case FIELD_PUB:
	case FIELD_UPD:
		put_range(w, node);
		break;
	case FIELD_ID:
		put_int(w, "i.id = ?", node->number);
		break;
	case FIELD_KEY:
		put_text(w, "i.key = ?", node->text);
		break;
	case FIELD_STORY:
		put_int(w, "i.story_id = ?", node->number);
		break;
	case FIELD_DATA:
		put_data(w, node->text);
		break;
	default: /* those of both targets; the rest is never in a tree */
		break;
	}
}

static void
put_term(struct writer *w, const struct node *node)
{
	if (node->regex)
		put_regex(w, node);
	else if (node->field == FIELD_FEED)
		put_feed(w, node);
	else if (node->field == FIELD_HOST)
		put_host(w, node->text);
	else if (node->field == FIELD_URL)
		put_url(w, node->text);
	else if (node->field == FIELD_TAG)
		put_tag(w, node->text);
	else if (node->field == FIELD_IS)
		put_state(w, node);
	else if (w->target == QUERY_ITEMS)
		put_item_term(w, node);
	else if (node->field == FIELD_ID)
		put_int(w, "f.id = ?", node->number);
	else
		put_feed_words(w, node);
}

/* What the index can answer of an "and" it answers in one go. */
static void
put_and(struct writer *w, const struct node *node)
{
	struct buf match = {0};
	const struct node *child;
	bool first = true;

	put(w, "(");
	for (child = node->child; child != NULL; child = child->next) {
		if (w->target == QUERY_ITEMS && is_indexed(child)) {
			if (match.len > 0)
				buf_puts(&match, " AND ");
			match_node(child, &match);
			continue;
		}
		if (!first)
			put(w, " AND ");
		put_node(w, child);
		first = false;
	}
	if (match.len > 0) {
		if (!first)
			put(w, " AND ");
		put_match(w, buf_text(&match));
	}
	put(w, ")");
	buf_done(&match);
}

static void
put_or(struct writer *w, const struct node *node)
{
	const struct node *child;

	put(w, "(");
	for (child = node->child; child != NULL; child = child->next) {
		if (child != node->child)
			put(w, " OR ");
		put_node(w, child);
	}
	put(w, ")");
}

static void
put_node(struct writer *w, const struct node *node)
{
	if (w->target == QUERY_ITEMS && is_indexed(node)) {
		put_indexed(w, node);
		return;
	}
	switch (node->kind) {
	case NODE_TERM:
		put_term(w, node);
		break;
	case NODE_NOT:
		put(w, "NOT (");
		put_node(w, node->child);
		put(w, ")");
		break;
	case NODE_AND:
		put_and(w, node);
		break;
	case NODE_OR:
		put_or(w, node);
		break;
	}
}

static bool
is_of_feeds(enum field field)
{
	return field <= FIELD_TITLE || (field >= FIELD_FEED && field <= FIELD_IS) ||
	    field == FIELD_ID;
}

/* Whether every term can be asked of the target. */
static int
check(struct writer *w, const struct node *node)
{
	const struct node *child;

	for (child = node->child; child != NULL; child = child->next) {
		if (check(w, child) < 0)
			return -EINVAL;
	}
	if (node->kind != NODE_TERM)
		return 0;
	if (node->field == FIELD_IS && state_find(node->text, w->target) == NULL)
		return refuse(w, node,
		    w->target == QUERY_FEEDS
			? "feeds are " STATE_FEED_NAMES
			: "items are " STATE_ITEM_NAMES
			  " (the states of feeds: gazette feed list)");
	if (w->target == QUERY_FEEDS && !is_of_feeds(node->field))
		return refuse(
		    w, node, "feeds have words, title feed host url tag is id");
	return 0;
}

/* A row is in the scope too when a term that lifts it matches the row. */
static void
put_lifts(
    struct writer *w, const struct node *node, bool positive, const char *state)
{
	const struct node *child;

	if (node->kind == NODE_TERM) {
		if (positive &&
		    (node->field == FIELD_ID || node->field == FIELD_STORY ||
			(node->field == FIELD_IS &&
			    strcmp(node->text, state) == 0))) {
			put(w, " OR ");
			put_term(w, node);
		}
		return;
	}
	for (child = node->child; child != NULL; child = child->next)
		put_lifts(w, child, positive != (node->kind == NODE_NOT), state);
}

static void
put_scope(
    struct writer *w, const struct node *root, const char *column, const char *state)
{
	buf_printf(&w->sql.where, " AND (%s = 0", column);
	if (root != NULL)
		put_lifts(w, root, true, state);
	put(w, ")");
}

int
query_to_sql(const struct query *query, enum query_target target, bool all,
    msec_t now, struct query_sql *ret_sql, struct query_error *reterr)
{
	struct writer w = {.target = target, .now = now, .error = reterr};

	if (query->root != NULL && check(&w, query->root) < 0)
		return -EINVAL;
	if (query->root != NULL)
		put_node(&w, query->root);
	else
		put(&w, "1");
	if (!all && target == QUERY_ITEMS) {
		put_scope(&w, query->root, "i.hidden", "hidden");
		put_scope(&w, query->root, "i.duplicate", "duplicate");
	} else if (!all) {
		put_scope(&w, query->root, "f.archived", "archived");
	}
	*ret_sql = w.sql;
	return 0;
}

void
query_sql_done(struct query_sql *sql)
{
	size_t i;

	for (i = 0; i < sql->value_count; i++)
		free((char *)(uintptr_t)sql->values[i].text); /* ours: bind_text */
	free(sql->values);
	buf_done(&sql->where);
	*sql = (struct query_sql){0};
}

bool
query_host_matches(const char *url, const char *host)
{
	struct buf of = {0};
	size_t size = strlen(host);
	bool same = false;

	if (url_host(url, &of) == 0 && of.len >= size)
		same = strcasecmp(of.data + of.len - size, host) == 0 &&
		    (of.len == size || of.data[of.len - size - 1] == '.');
	buf_done(&of);
	return same;
}
