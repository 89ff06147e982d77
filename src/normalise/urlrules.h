/* SPDX-License-Identifier: ISC */
#ifndef NORMALISE_URLRULES_H
#define NORMALISE_URLRULES_H

/* The tables behind URL keys: facts about sites, no code.  Any thread. */
#include <stdbool.h>
#include <stddef.h>

extern const char *const urlrules_names[];
extern const size_t urlrules_name_count;
extern const char *const urlrules_prefixes[]; /* ends with NULL */

struct urlrules_value {
	const char *name;
	enum {
		VALUE_IS,     /* exactly `value` */
		VALUE_STARTS, /* with `value` */
		VALUE_HOST,   /* a host name: a dot in it and no slash */
		VALUE_ANY
	} how;
	const char *value;
};
extern const struct urlrules_value urlrules_values[];
extern const size_t urlrules_value_count;

/* The last in a table of these has no host, start or name. */
struct urlrules_host {
	const char *host;
	enum { URLRULES_THESE, URLRULES_ALL_BUT } how;
	const char *names; /* blanks around each; "q*": starts with q */
};
extern const struct urlrules_host urlrules_hosts[];

struct urlrules_fragment {
	const char *start;
	bool word; /* a word of its own: no letter or digit may follow */
};
extern const struct urlrules_fragment urlrules_fragments[];

#define URLRULES_REST "?"
struct urlrules_redirect {
	const char *host, *path, *parameter;
};
extern const struct urlrules_redirect urlrules_redirects[];

extern const char *const urlrules_indexes[];
extern const size_t urlrules_index_count;

#endif
