/* SPDX-License-Identifier: ISC */
#ifndef MARKUP_ENTITIES_H
#define MARKUP_ENTITIES_H

/* HTML's named character references. */
struct entity {
	char name[32]; /* without & and ; */
	char text[7];  /* UTF-8 */
	char is_bare;  /* also known without its semicolon, as in the nineties */
};

#define ENTITY_BARE_MAX 6 /* the longest name that is known bare: "Agrave" */

extern const struct entity entities[];
/* By their hash, open: the place in `entities` + 1, or 0. */
#define ENTITY_SLOTS 4096
extern const unsigned short entities_slots[ENTITY_SLOTS];

#endif
