/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/xalloc.h"

/* What jansson 2.14 takes for one value on a 64-bit machine, malloc's overhead
 * included.  Measured high, so that the sum is never below what is used. */
#define COST_OBJECT 272
#define COST_ARRAY 144
#define COST_VALUE 64
#define COST_MEMBER 80 /* a key's entry, beside its text */

struct wire_object {
	struct wire_object *next, *members; /* handed out; freed with their owner */
	json_t *root;                       /* an object */
	json_t *asked;                      /* the set of keys that were asked for */
	const char *wrong;                  /* first member of a wrong type */
	const char **keys;                  /* in order; made when first walked */
	size_t key_count;
	bool owns_root;
};

/* One pass over the text before the library sees it: how deep it is, and how
 * much its tree will take.  The library has limits for neither that fit us
 * (hooks for its memory are global, and this is not its only user). */
struct survey {
	unsigned depth, deepest;
	size_t cost;
	bool in_string, escaped;
};

static void
survey_byte(struct survey *s, char c)
{
	if (s->in_string) {
		s->cost++;
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == '"')
			s->in_string = false;
		return;
	}
	switch (c) {
	case '"':
		s->in_string = true;
		s->cost += COST_VALUE;
		break;
	case '{':
	case '[':
		s->cost += c == '{' ? COST_OBJECT : COST_ARRAY;
		if (++s->depth > s->deepest)
			s->deepest = s->depth;
		break;
	case '}':
	case ']':
		if (s->depth > 0)
			s->depth--;
		break;
	case ':':
	case ',':
		s->cost += c == ':' ? COST_MEMBER : COST_VALUE;
		break;
	default:
		break;
	}
}

static int
survey(const char *json, size_t size, struct buf *reason)
{
	struct survey s = {0};
	size_t i;

	for (i = 0; i < size; i++)
		survey_byte(&s, json[i]);
	if (s.deepest > LIMIT_MESSAGE_DEPTH) {
		buf_printf(
		    reason, "nested deeper than %d levels", LIMIT_MESSAGE_DEPTH);
		return -EBADMSG;
	}
	if (s.cost > LIMIT_MESSAGE_MEMORY) {
		buf_puts(reason, "too many values in one message");
		return -EBADMSG;
	}
	return 0;
}

static struct wire_object *
wrap(json_t *root, bool owns_root)
{
	struct wire_object *object = xcalloc(1, sizeof(*object));

	object->root = root;
	object->owns_root = owns_root;
	return object;
}

int
wire_object_parse(const char *json, size_t size, struct wire_object **ret_object,
    struct buf *reason)
{
	json_error_t error;
	json_t *root;

	if (survey(json, size, reason) < 0)
		return -EBADMSG;
	root = json_loadb(json, size, JSON_DECODE_ANY, &error);
	if (root == NULL) {
		/* Its texts quote the input; the place is enough. */
		buf_printf(reason, "not JSON: line %d, column %d", error.line,
		    error.column);
		return -EBADMSG;
	}
	if (!json_is_object(root)) {
		json_decref(root);
		buf_puts(reason, "not a JSON object");
		return -EBADMSG;
	}
	*ret_object = wrap(root, true);
	return 0;
}

void
wire_object_free(struct wire_object *object)
{
	struct wire_object *member, *next;

	if (object == NULL)
		return;
	for (member = object->members; member != NULL; member = next) {
		next = member->next;
		wire_object_free(member);
	}
	if (object->owns_root)
		json_decref(object->root);
	json_decref(object->asked);
	free(object->keys);
	free(object);
}

/* The member, noted as asked for; NULL when absent or null. */
static json_t *
ask(struct wire_object *object, const char *key)
{
	json_t *value = json_object_get(object->root, key);

	if (value == NULL)
		return NULL;
	if (object->asked == NULL)
		object->asked = json_object();
	(void)json_object_set_new(object->asked, key, json_true());
	return json_is_null(value) ? NULL : value;
}

static void
note_wrong(struct wire_object *object, const char *key)
{
	if (object->wrong == NULL)
		object->wrong =
		    json_object_iter_key(json_object_iter_at(object->root, key));
}

bool
wire_object_text(struct wire_object *object, const char *key, const char **ret_text)
{
	json_t *value = ask(object, key);

	*ret_text = NULL;
	if (value == NULL)
		return false;
	if (!json_is_string(value)) {
		note_wrong(object, key);
		return false;
	}
	*ret_text = json_string_value(value);
	return true;
}

bool
wire_object_int(struct wire_object *object, const char *key, int64_t *ret_number)
{
	json_t *value = ask(object, key);

	*ret_number = 0;
	if (value == NULL)
		return false;
	if (!json_is_integer(value)) {
		note_wrong(object, key);
		return false;
	}
	*ret_number = json_integer_value(value);
	return true;
}

bool
wire_object_bool(struct wire_object *object, const char *key, bool *ret_value)
{
	json_t *value = ask(object, key);

	*ret_value = false;
	if (value == NULL)
		return false;
	if (!json_is_boolean(value)) {
		note_wrong(object, key);
		return false;
	}
	*ret_value = json_is_true(value);
	return true;
}

/* The array `key`, if each of its elements is of `type`. */
static json_t *
ask_array(struct wire_object *object, const char *key, json_type type)
{
	json_t *value = ask(object, key), *element;
	size_t i;

	if (value == NULL)
		return NULL;
	if (!json_is_array(value)) {
		note_wrong(object, key);
		return NULL;
	}
	json_array_foreach(value, i, element)
	{
		if (json_typeof(element) != type) {
			note_wrong(object, key);
			return NULL;
		}
	}
	return value;
}

bool
wire_object_texts(struct wire_object *object, const char *key, struct arena *arena,
    const char *const **ret_list, size_t *ret_count)
{
	json_t *array = ask_array(object, key, JSON_STRING), *element;
	const char **list;
	size_t i;

	*ret_list = NULL;
	*ret_count = 0;
	if (array == NULL)
		return false;
	list = arena_alloc(arena, json_array_size(array) * sizeof(*list));
	if (list == NULL) {
		note_wrong(object, key);
		return false;
	}
	json_array_foreach(array, i, element)
	{
		list[i] = json_string_value(element);
	}
	*ret_list = list;
	*ret_count = json_array_size(array);
	return true;
}

bool
wire_object_ints(struct wire_object *object, const char *key, struct arena *arena,
    const int64_t **ret_list, size_t *ret_count)
{
	json_t *array = ask_array(object, key, JSON_INTEGER), *element;
	int64_t *list;
	size_t i;

	*ret_list = NULL;
	*ret_count = 0;
	if (array == NULL)
		return false;
	list = arena_alloc(arena, json_array_size(array) * sizeof(*list));
	if (list == NULL) {
		note_wrong(object, key);
		return false;
	}
	json_array_foreach(array, i, element)
	{
		list[i] = json_integer_value(element);
	}
	*ret_list = list;
	*ret_count = json_array_size(array);
	return true;
}

static struct wire_object *
lend(struct wire_object *object, json_t *value)
{
	struct wire_object *member = wrap(value, false);

	member->next = object->members;
	object->members = member;
	return member;
}

bool
wire_object_object(
    struct wire_object *object, const char *key, struct wire_object **ret_member)
{
	json_t *value = ask(object, key);

	*ret_member = NULL;
	if (value == NULL)
		return false;
	if (!json_is_object(value)) {
		note_wrong(object, key);
		return false;
	}
	*ret_member = lend(object, value);
	return true;
}

bool
wire_object_element(struct wire_object *object, const char *key, size_t index,
    struct wire_object **ret_member)
{
	json_t *value = ask(object, key), *element;

	*ret_member = NULL;
	if (value == NULL)
		return false;
	if (!json_is_array(value)) {
		note_wrong(object, key);
		return false;
	}
	element = json_array_get(value, index);
	if (element == NULL)
		return false;
	if (!json_is_object(element)) {
		note_wrong(object, key);
		return false;
	}
	*ret_member = lend(object, element);
	return true;
}

/* The library leaves DEL and C1 as they are and knows integers and reals apart;
 * so does jsonw, which escapes them (CLI 3). */
static void
write_value(struct jsonw *w, const char *key, const json_t *value)
{
	const json_t *element;
	const char *name;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		jsonw_object(w, key);
		for (void *at = json_object_iter((json_t *)(uintptr_t)value);
		    at != NULL;
		    at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
			name = json_object_iter_key(at);
			write_value(w, name, json_object_iter_value(at));
		}
		jsonw_close(w);
		break;
	case JSON_ARRAY:
		jsonw_array(w, key);
		json_array_foreach(value, i, element)
		{
			write_value(w, NULL, element);
		}
		jsonw_close(w);
		break;
	case JSON_STRING:
		jsonw_textn(
		    w, key, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		jsonw_int(w, key, json_integer_value(value));
		break;
	case JSON_REAL:
		jsonw_double(w, key, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		jsonw_bool(w, key, json_is_true(value));
		break;
	case JSON_NULL:
		jsonw_null(w, key);
		break;
	}
}

bool
wire_object_json(struct wire_object *object, const char *key, struct buf *out)
{
	json_t *value = ask(object, key);
	struct jsonw w;

	if (value == NULL)
		return false;
	jsonw_init(&w, out);
	write_value(&w, NULL, value);
	return true;
}

const char *
wire_object_key(struct wire_object *object, size_t index)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	if (object->keys == NULL) {
		object->key_count = json_object_size(object->root);
		object->keys = xcalloc(object->key_count + 1, sizeof(*object->keys));
		json_object_foreach(object->root, key, value)
		{
			object->keys[i++] = key;
		}
	}
	return index < object->key_count ? object->keys[index] : NULL;
}

const char *
wire_object_own_fault(struct wire_object *object)
{
	const char *key;
	json_t *value;

	if (object->wrong != NULL)
		return object->wrong;
	json_object_foreach(object->root, key, value)
	{
		if (json_object_get(object->asked, key) == NULL)
			return key;
	}
	return NULL;
}

const char *
wire_object_fault(struct wire_object *object)
{
	const char *fault = wire_object_own_fault(object);
	struct wire_object *member;

	for (member = object->members; fault == NULL && member != NULL;
	    member = member->next)
		fault = wire_object_fault(member);
	return fault;
}
