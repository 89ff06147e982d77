/* SPDX-License-Identifier: ISC */
#include "config/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/ini.h"
#include "config/valid.h"
#include "model/choice.h"

static int
expected(struct buf *reason, const char *what)
{
	buf_puts(reason, what);
	return -EINVAL;
}

static int
read_bool(const char *value, bool *ret_value, struct buf *reason)
{
	static const struct {
		const char *name;
		bool value;
	} names[] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false},
	    {"on", true}, {"off", false}, {"1", true}, {"0", false}};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i].name) == 0) {
			*ret_value = names[i].value;
			return 0;
		}
	}
	return expected(reason, "write yes or no");
}

static int
read_digits(const char *value, int64_t *ret_number)
{
	int64_t number = 0;

	if (*value == '\0')
		return -EINVAL;
	for (; isdigit((unsigned char)*value); value++) {
		number = number * 10 + (*value - '0');
		if (number > INT64_C(1) << 50)
			return -EINVAL;
	}
	*ret_number = number;
	return *value == '\0' ? 0 : -EINVAL;
}

static int
read_number(const struct value_rule *rule, const char *value, int64_t *ret_number,
    struct buf *reason)
{
	int64_t number;

	if (read_digits(value, &number) < 0 || number < rule->low ||
	    number > rule->high) {
		buf_printf(reason, "write a whole number from %lld to %lld",
		    (long long)rule->low, (long long)rule->high);
		return -EINVAL;
	}
	*ret_number = number;
	return 0;
}

static void
print_size(int64_t size, struct buf *out)
{
	static const char units[] = "BKMG";
	size_t i = 0;

	while (size % 1024 == 0 && size > 0 && units[i + 1] != '\0') {
		size /= 1024;
		i++;
	}
	buf_printf(out, "%lld%c", (long long)size, units[i]);
}

/* Digits, and K, M or G: powers of 1024. */
static int
read_size(const struct value_rule *rule, const char *value, int64_t *ret_size,
    struct buf *reason)
{
	size_t length = strspn(value, "0123456789");
	const char *unit = value + length;
	char digits[20];
	int64_t size = -1, factor = 1;

	if (strcmp(unit, "K") == 0 || strcmp(unit, "k") == 0)
		factor = 1024;
	else if (strcmp(unit, "M") == 0)
		factor = 1024 * 1024;
	else if (strcmp(unit, "G") == 0)
		factor = 1024 * 1024 * 1024;
	else if (*unit != '\0' && strcmp(unit, "B") != 0)
		length = 0;
	if (length > 0 && length < sizeof(digits)) {
		memcpy(digits, value, length);
		digits[length] = '\0';
		if (read_digits(digits, &size) < 0 || size > INT64_MAX / factor)
			size = -1;
		else
			size *= factor;
	}
	if (size < rule->low || size > rule->high) {
		buf_puts(reason, "write a size such as 16M (K, M, G), from ");
		print_size(rule->low, reason);
		buf_puts(reason, " to ");
		print_size(rule->high, reason);
		return -EINVAL;
	}
	*ret_size = size;
	return 0;
}

static int
read_duration(const struct value_rule *rule, const char *value, msec_t *ret_duration,
    struct buf *reason)
{
	char low[CLOCK_TEXT], high[CLOCK_TEXT];
	msec_t duration;
	int r = clock_duration_parse(value, &duration);

	if (r == -EINVAL) {
		if (rule->kind == VALUE_INTERVAL)
			buf_puts(reason, "write learn, or ");
		else
			buf_puts(reason, "write ");
		return expected(
		    reason, "a duration such as 200ms, 90s, 15min, 1h or 7d");
	}
	if (r < 0 || duration < rule->low || duration > rule->high) {
		buf_printf(reason, "it can be from %s to %s",
		    clock_duration_format(rule->low, low),
		    clock_duration_format(rule->high, high));
		return -EINVAL;
	}
	*ret_duration = duration;
	return 0;
}

static int
read_until(const char *value, msec_t *ret_wall, struct buf *reason)
{
	struct buf day = {0};
	int r;

	buf_puts(&day, value);
	if (strlen(value) == 10)
		buf_puts(&day, "T00:00:00Z");
	r = clock_parse(day.data, ret_wall);
	buf_done(&day);
	if (r < 0)
		return expected(
		    reason, "write a day such as 2027-01-31, or a time in RFC 3339");
	return 0;
}

static int
read_level(const char *value, enum log_level *ret_level, struct buf *reason)
{
	if (log_level_parse(value, ret_level) < 0)
		return expected(reason, "write error, warning, info or debug");
	return 0;
}

/* `text` behind what *field has, with `between`. */
static int
append_text(
    const char **field, const char *between, const char *text, struct arena *arena)
{
	const char *joined = *field == NULL || **field == '\0'
	    ? arena_strdup(arena, text)
	    : arena_printf(arena, "%s%s%s", *field, between, text);

	if (joined == NULL)
		return -ENOMEM;
	*field = joined;
	return 0;
}

static bool
is_switch(const char *text)
{
	return text != NULL && (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0);
}

static int
set_text(const struct value_rule *rule, const char *text, const char **field,
    struct arena *arena)
{
	const char *between = NULL;

	if (rule->kind == VALUE_HEADER)
		between = "\n";
	else if (rule->kind == VALUE_HOSTS ||
	    (rule->kind == VALUE_PRIVATE && !is_switch(text) && !is_switch(*field)))
		between = " ";
	if (between == NULL)
		*field = NULL; /* it replaces */
	return append_text(field, between, text, arena);
}

static int
list_add(struct value_list *list, const char *text, struct arena *arena)
{
	const char **items = arena_alloc(arena, (list->count + 1) * sizeof(*items));
	size_t i;

	if (items == NULL)
		return -ENOMEM;
	for (i = 0; i < list->count; i++)
		items[i] = list->items[i];
	items[i] = arena_strdup(arena, text);
	if (items[i] == NULL)
		return -ENOMEM;
	list->items = items;
	list->count++;
	return 0;
}

static bool
list_has(const struct value_list *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], text) == 0)
			return true;
	}
	return false;
}

static int
add_tags(struct value_list *list, const char *value, struct arena *arena)
{
	char *copy = arena_strdup(arena, value), *tag, *rest;

	if (copy == NULL)
		return -ENOMEM;
	for (tag = strtok_r(copy, " \t", &rest); tag != NULL;
	    tag = strtok_r(NULL, " \t", &rest)) {
		if (!list_has(list, tag) && list_add(list, tag, arena) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* By memcpy: the structs have the pair as two fields, not as a value_list. */
static int
read_list(const struct value_rule *rule, const char *value, void *field,
    struct arena *arena, struct buf *reason)
{
	struct value_list list;
	int r;

	memcpy(&list, field, sizeof(list));
	r = rule->kind == VALUE_TAGS ? add_tags(&list, value, arena)
				     : list_add(&list, value, arena);
	if (r < 0 || list.count > LIMIT_CONFIG_LIST) {
		buf_printf(reason, "too many: at most %d", LIMIT_CONFIG_LIST);
		return -EINVAL;
	}
	memcpy(field, &list, sizeof(list));
	return 0;
}

static int
read_text(const struct value_rule *rule, const char *value, const char **field,
    struct arena *arena, struct buf *reason)
{
	struct buf text = {0};
	int r;

	/* A query's quotes are its own. */
	if (rule->kind == VALUE_QUERY || rule->kind == VALUE_ACTIONS)
		buf_puts(&text, value);
	else
		ini_unquote(value, &text);
	r = valid_text(rule->kind, rule->words, buf_text(&text), reason);
	if (r == 0 && set_text(rule, buf_text(&text), field, arena) < 0)
		r = expected(reason, "it is too long");
	buf_done(&text);
	return r;
}

static int
read_small(const struct value_rule *rule, const char *value, void *field,
    struct buf *reason)
{
	int64_t number;
	int r = read_number(rule, value, &number, reason);

	if (r < 0)
		return r;
	if (rule->kind == VALUE_LEVEL)
		*(int *)field = (int)number;
	else
		*(uint32_t *)field = (uint32_t)number;
	return 0;
}

static int
read_switch(const struct value_rule *rule, const char *value, void *field,
    struct buf *reason)
{
	bool yes;
	int r = read_bool(value, &yes, reason);

	if (r < 0)
		return r;
	if (rule->kind == VALUE_NOT)
		*(bool *)field = !yes;
	else
		*(enum choice *)field = yes ? CHOICE_YES : CHOICE_NO;
	return 0;
}

int
value_read(const struct value_rule *rule, const char *value, void *field,
    struct arena *arena, struct buf *reason)
{
	int r;

	switch (rule->kind) {
	case VALUE_CHOICE:
	case VALUE_NOT:
		return read_switch(rule, value, field, reason);
	case VALUE_NUMBER:
	case VALUE_LEVEL:
		return read_small(rule, value, field, reason);
	case VALUE_SIZE:
		return read_size(rule, value, field, reason);
	case VALUE_INTERVAL:
		if (strcmp(value, "learn") == 0) {
			*(msec_t *)field = 0;
			return 0;
		}
		return read_duration(rule, value, field, reason);
	case VALUE_DURATION:
		return read_duration(rule, value, field, reason);
	case VALUE_UNTIL:
		return read_until(value, field, reason);
	case VALUE_LOG_LEVEL:
		return read_level(value, field, reason);
	case VALUE_TAGS:
	case VALUE_KEEP:
		r = valid_text(rule->kind, NULL, value, reason);
		return r < 0 ? r : read_list(rule, value, field, arena, reason);
	default:
		return read_text(rule, value, field, arena, reason);
	}
}

size_t
value_size(enum value_kind kind)
{
	switch (kind) {
	case VALUE_CHOICE:
		return sizeof(enum choice);
	case VALUE_NOT:
		return sizeof(bool);
	case VALUE_NUMBER:
		return sizeof(uint32_t);
	case VALUE_LEVEL:
		return sizeof(int);
	case VALUE_SIZE:
		return sizeof(int64_t);
	case VALUE_DURATION:
	case VALUE_INTERVAL:
	case VALUE_UNTIL:
		return sizeof(msec_t);
	case VALUE_LOG_LEVEL:
		return sizeof(enum log_level);
	case VALUE_TAGS:
	case VALUE_KEEP:
		return sizeof(struct value_list);
	default:
		return sizeof(const char *);
	}
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_same_list(const struct value_list *a, const struct value_list *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++) {
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	}
	return a->count == b->count;
}

bool
value_is_same(enum value_kind kind, const void *a, const void *b)
{
	if (kind == VALUE_TAGS || kind == VALUE_KEEP)
		return is_same_list(a, b);
	if (kind >= VALUE_TEXT && kind < VALUE_TAGS)
		return is_same_text(
		    *(const char *const *)a, *(const char *const *)b);
	return memcmp(a, b, value_size(kind)) == 0;
}
