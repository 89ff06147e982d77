/* SPDX-License-Identifier: ISC */
/*
 * The elements that are open while HTML is made clean, and what is misnested among
 * them.
 */
#include "markup/inside.h"

static void
put_end_tag(struct buf *out, enum element element)
{
	buf_add(out, "</", 2);
	buf_puts(out, element_name(element));
	buf_putc(out, '>');
}

void
mend_push(struct clean *c, enum element element, size_t start, bool is_again)
{
	c->tag[c->depth] = (struct tag){start, c->out->len, is_again};
	c->stack[c->depth++] = (uint8_t)element;
	c->open[element]++;
}

void
mend_pop(struct clean *c)
{
	enum element element = c->stack[--c->depth];
	const struct tag *tag = &c->tag[c->depth];

	c->open[element]--;
	if (element == ELEMENT_MATH && c->open[ELEMENT_MATH] == 0) {
		markup_set_foreign(c->markup, false);
		skip_after_math(&c->skip);
	}
	if (tag->is_again && tag->end == c->out->len) {
		c->out->len = tag->start;
		c->out->data[tag->start] = '\0';
	} else {
		put_end_tag(c->out, element);
	}
	if (c->has_unwritten) {
		memset(c->unwritten, 0, sizeof(c->unwritten));
		c->has_unwritten = false;
	}
}

void
mend_pop_to(struct clean *c, size_t depth)
{
	while (c->depth > depth)
		mend_pop(c);
}

/* ---- what is misnested ---- */

/*
 * </b> where <b> is not the innermost: as HTML's adoption agency has it, what else
 * is formatted stays so behind it, and blocks that began in the b are taken out of
 * it.  That writes bytes a second time, or moves them: more of these than a few for
 * each byte of output, and elements are only closed.
 */
#define MEND_FREE 4096
#define MEND_PER_BYTE 4

static bool
may_spend(struct clean *c, size_t bytes)
{
	c->spent += bytes;
	return c->spent <= MEND_FREE + MEND_PER_BYTE * (c->out->len - c->start);
}

static bool
is_format(const struct clean *c, size_t i)
{
	return (element_flags(c->stack[i]) & ELEMENT_FORMAT) != 0;
}

/* Pops down to `depth`, and opens again what was formatting above `from`. */
static void
reopen(struct clean *c, size_t depth, size_t from)
{
	uint8_t again[LIMIT_DEPTH];
	size_t size[LIMIT_DEPTH], count = 0, at = 0, i, start;
	struct buf tags = {0};

	for (i = from; i < c->depth; i++) {
		size[count] = c->tag[i].end - c->tag[i].start;
		if (!is_format(c, i) || !may_spend(c, size[count]))
			continue;
		buf_add(&tags, c->out->data + c->tag[i].start, size[count]);
		again[count++] = c->stack[i];
	}
	mend_pop_to(c, depth);
	for (i = 0; i < count; i++) {
		start = c->out->len;
		buf_add(c->out, tags.data + at, size[i]);
		mend_push(c, again[i], start, true);
		at += size[i];
	}
	buf_done(&tags);
}

/* In place of what `out` holds from `start` to `end`. */
static void
splice(struct buf *out, size_t start, size_t end, const struct buf *new)
{
	size_t tail = out->len - end;

	(void)buf_room(out, new->len);
	memmove(out->data + start + new->len, out->data + end, tail);
	memcpy(out->data + start, new->data, new->len);
	out->len = start + new->len + tail;
	out->data[out->len] = '\0';
}

/* Whether nothing stands between the start tags of `i` and `block`. */
static bool
is_bare(const struct clean *c, size_t i, size_t block)
{
	for (; i < block; i++) {
		if (c->tag[i].end != c->tag[i + 1].start)
			return false;
	}
	return true;
}

/*
 * <b>..<i><p>.. becomes <b>..<i></i></b><i><p><b>..: the element at `i` goes on
 * inside of the one at `block` alone.  False: that would cost too much.
 */
static bool
sink(struct clean *c, size_t i, size_t block)
{
	const struct tag moved = c->tag[i], last = c->tag[block];
	enum element element = c->stack[i];
	size_t from = is_bare(c, i, block) ? moved.start : last.start, k, size;
	struct buf new = {0};

	if (!may_spend(c, c->out->len - moved.start))
		return false;
	if (from == last.start) {
		for (k = block; k > i; k--)
			put_end_tag(&new, c->stack[k - 1]);
	}
	for (k = i; k < block; k++) { /* each moves down by one */
		c->stack[k] = c->stack[k + 1];
		size = c->tag[k + 1].end - c->tag[k + 1].start;
		buf_add(&new, c->out->data + c->tag[k + 1].start, size);
		c->tag[k] = (struct tag){
		    from + new.len - size, from + new.len, c->tag[k + 1].is_again};
	}
	buf_add(&new, c->out->data + moved.start, moved.end - moved.start);
	c->stack[block] = (uint8_t)element;
	c->tag[block] = (struct tag){
	    from + new.len - (moved.end - moved.start), from + new.len, true};
	for (k = block + 1; k < c->depth; k++) {
		c->tag[k].start += from + new.len - last.end;
		c->tag[k].end += from + new.len - last.end;
	}
	splice(c->out, from, last.end, &new);
	buf_done(&new);
	return true;
}

/* The one around `i` would end before the block, were they next to each other. */
static bool
keeps_apart(const struct clean *c, size_t i, size_t block)
{
	enum element around;

	if (i == 0 || block != i + 1)
		return false;
	around = c->stack[i - 1];
	return around == ELEMENT_P ||
	    (element_flags(around) & element_flags(c->stack[block]) &
		ELEMENT_HEADING) != 0;
}

void
mend_close_format(struct clean *c, size_t i)
{
	size_t block = i + 1;

	while (block < c->depth) {
		if ((element_flags(c->stack[block]) & ELEMENT_BLOCK) != 0) {
			if (keeps_apart(c, i, block) || !sink(c, i, block)) {
				mend_pop_to(c, i);
				return;
			}
			i = block;
		}
		block++;
	}
	reopen(c, i, i + 1);
}

/* ---- what is cut off ---- */

/*
 * <p><b>..</p><p>..: the b is still open in the second paragraph, as HTML's list of
 * active formatting elements has it.  It is opened again when something comes that
 * it is for.  What one unclosed tag can write is bounded by what was read.
 */
void
mend_forget_all(struct clean *c)
{
	c->lost_count = 0;
	buf_reset(&c->lost);
}

static void
lose(struct clean *c, size_t i)
{
	size_t size = c->tag[i].end - c->tag[i].start;

	if (c->lost_count == MEND_LOST)
		return;
	buf_add(&c->lost, c->out->data + c->tag[i].start, size);
	c->lost_size[c->lost_count] = size;
	c->lost_element[c->lost_count++] = c->stack[i];
}

void
mend_cut_to(struct clean *c, size_t depth)
{
	size_t i;

	for (i = depth + 1; i < c->depth; i++) {
		if (is_format(c, i))
			lose(c, i);
	}
	for (i = depth; i < c->depth; i++) {
		if (is_in(SET(CELL), c->stack[i]))
			mend_forget_all(c);
	}
	mend_pop_to(c, depth);
}

static bool
may_recover(struct clean *c, size_t size)
{
	c->recovered += size;
	return c->depth < LIMIT_DEPTH &&
	    c->recovered <= MEND_FREE + MEND_PER_BYTE * markup_token_end(c->markup);
}

void
mend_recover(struct clean *c)
{
	size_t i, at = 0, start;

	if (c->lost_count == 0)
		return;
	for (i = 0; i < c->lost_count; at += c->lost_size[i++]) {
		if (!may_recover(c, c->lost_size[i]))
			break;
		start = c->out->len;
		buf_add(c->out, c->lost.data + at, c->lost_size[i]);
		mend_push(c, c->lost_element[i], start, true);
	}
	mend_forget_all(c);
}

bool
mend_forget(struct clean *c, enum element element)
{
	size_t i, k, at = 0;

	for (i = c->lost_count; i > 0 && c->lost_element[i - 1] != element; i--)
		;
	if (i == 0)
		return false;
	for (k = 0; k < i; k++)
		at += c->lost_size[k];
	memmove(c->lost.data + at - c->lost_size[i - 1], c->lost.data + at,
	    c->lost.len - at + 1);
	c->lost.len -= c->lost_size[i - 1];
	c->lost_count--;
	for (k = i - 1; k < c->lost_count; k++) {
		c->lost_size[k] = c->lost_size[k + 1];
		c->lost_element[k] = c->lost_element[k + 1];
	}
	return true;
}
