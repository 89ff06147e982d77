/* SPDX-License-Identifier: ISC */
#include "model/item.h"

const char *
date_source_name(enum date_source source)
{
	static const char *const names[] = {
	    "seen", "header", "updated", "published"};

	return names[source];
}
