/* SPDX-License-Identifier: ISC */
#include "store/edits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
edits_refuse(struct edits *edits, int error, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	edits->result->message = arena_strdup(edits->arena, text);
	return error;
}

static void __attribute__((format(printf, 3, 0)))
add_note(struct edits *edits, bool warns, const char *format, va_list args)
{
	struct edit_result *result = edits->result;
	size_t n = result->note_count;
	struct edit_note *list = (struct edit_note *)result->notes;
	char text[512];

	vsnprintf(text, sizeof(text), format, args);
	/* Doubles at 8, 16, 32, ...; a full arena ends the list, not the edit. */
	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) {
		list =
		    arena_alloc(edits->arena, (n == 0 ? 8 : 2 * n) * sizeof(*list));
		if (list == NULL)
			return;
		if (n > 0)
			memcpy(list, result->notes, n * sizeof(*list));
		result->notes = list;
	}
	list[n].warns = warns;
	list[n].text = arena_strdup(edits->arena, text);
	if (list[n].text != NULL)
		result->note_count++;
}

void
edits_note(struct edits *edits, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_note(edits, false, format, args);
	va_end(args);
}

void
edits_warn(struct edits *edits, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_note(edits, true, format, args);
	va_end(args);
}

int
edits_begin_undo(struct edits *edits, int64_t *ret_undo)
{
	static const char sql[] = "INSERT INTO undo(uid, time) VALUES(?, ?)";
	int r = db_run(
	    edits->tx->db, sql, DB_INT(edits->edit->uid), DB_INT(edits->tx->now));

	*ret_undo = db_last_id(edits->tx->db);
	edits->result->undo = arena_printf(edits->arena, "u%" PRIx64, *ret_undo);
	return r;
}

/* Some change which of the feeds with one address is fetched; an added one has an
 * address of its own. */
static bool
is_of_feeds(enum edit_kind kind)
{
	return kind == EDIT_SYNC_FEEDS || kind == EDIT_SET_FEED ||
	    kind == EDIT_REMOVE_FEED || kind == EDIT_MOVE || kind == EDIT_UNDO_MOVE;
}

int
edits_run(struct edits *edits)
{
	static int (*const parts[])(struct edits *) = {
	    [EDIT_SYNC_FEEDS] = sync_feeds,
	    [EDIT_ADD_FEED] = feeds_add,
	    [EDIT_SET_FEED] = feeds_set,
	    [EDIT_REMOVE_FEED] = feeds_remove,
	    [EDIT_MODIFY_ITEMS] = marks_modify,
	    [EDIT_UNDO] = marks_undo,
	    [EDIT_QUARANTINE] = feeds_quarantine,
	    [EDIT_FORGIVE] = feeds_forgive,
	    [EDIT_HOLD] = moves_hold,
	    [EDIT_SPLIT_ITEM] = hand_split,
	    [EDIT_JOIN_ITEMS] = hand_join,
	    [EDIT_MOVE] = moves_adopt,
	    [EDIT_UNDO_MOVE] = moves_undo,
	};
	int r;

	*edits->result =
	    (struct edit_result){.position = -1, .feed_id = edits->edit->feed_id};
	r = parts[edits->edit->kind](edits);
	if (r >= 0 && is_of_feeds(edits->edit->kind))
		r = doubles_sync(edits);
	return r;
}
