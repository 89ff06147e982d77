/* SPDX-License-Identifier: ISC */
#include "query/lex.h"
#include "query/tree.h"

struct printer {
	struct buf *out;
	msec_t now;
	range_day_start_fn *day_start; /* NULL: days stay days */
	void *arg;
};

/* "word%" and "two words*": a % counts outside quotes alone, a * in both. */
static void
print_words(struct printer *p, const struct node *node)
{
	struct buf starred = {0};

	if (!node->prefix) {
		if (lex_needs_quotes(node->text))
			lex_quote(node->text, p->out);
		else
			buf_puts(p->out, node->text);
		return;
	}
	if (lex_needs_quotes(node->text)) {
		buf_puts(&starred, node->text);
		buf_putc(&starred, '*');
		lex_quote(starred.data, p->out);
		buf_done(&starred);
		return;
	}
	buf_printf(p->out, "%s%%", node->text);
}

static void
print_range(struct printer *p, const struct node *node)
{
	struct range range = node->range;

	if (p->day_start != NULL)
		range = range_fix(&range, p->now, p->day_start, p->arg);
	buf_puts(p->out, range.before ? "before" : tree_field_name(node->field));
	buf_putc(p->out, ':');
	range_print(&range, p->out);
}

static void
print_term(struct printer *p, const struct node *node)
{
	if (tree_is_range(node->field)) {
		print_range(p, node);
		return;
	}
	if (node->field != FIELD_ANY) {
		buf_puts(p->out, tree_field_name(node->field));
		buf_putc(p->out, node->regex ? '~' : ':');
	}
	if (tree_is_full_text(node->field) && !node->regex)
		print_words(p, node);
	else if (lex_needs_quotes(node->text))
		lex_quote(node->text, p->out);
	else
		buf_puts(p->out, node->text);
}

static void print_node(struct printer *p, const struct node *node);

static void
print_child(struct printer *p, const struct node *node, bool group)
{
	if (group)
		buf_puts(p->out, "[ ");
	print_node(p, node);
	if (group)
		buf_puts(p->out, " ]");
}

static void
print_node(struct printer *p, const struct node *node)
{
	const struct node *child;

	switch (node->kind) {
	case NODE_TERM:
		print_term(p, node);
		return;
	case NODE_NOT:
		buf_puts(p->out, "not ");
		print_child(p, node->child, node->child->kind != NODE_TERM);
		return;
	case NODE_AND:
	case NODE_OR:
		for (child = node->child; child != NULL; child = child->next) {
			if (child != node->child)
				buf_puts(
				    p->out, node->kind == NODE_OR ? " or " : " ");
			print_child(p, child,
			    node->kind == NODE_AND && child->kind == NODE_OR);
		}
		return;
	}
}

void
query_print(const struct query *query, struct buf *out)
{
	struct printer p = {.out = out};

	if (query->root != NULL)
		print_node(&p, query->root);
}

void
query_print_instants(const struct query *query, msec_t now,
    msec_t (*day_start)(int64_t year, unsigned month, unsigned day, void *arg),
    void *arg, struct buf *out)
{
	struct printer p = {
	    .out = out, .now = now, .day_start = day_start, .arg = arg};

	if (query->root != NULL)
		print_node(&p, query->root);
}
