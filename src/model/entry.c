/* SPDX-License-Identifier: ISC */
#include "model/entry.h"

const char *
document_kind_name(enum document_kind kind)
{
	static const char *const names[KIND_COUNT] = {
	    [KIND_UNKNOWN] = "unknown",
	    [KIND_RSS090] = "rss0.90",
	    [KIND_RSS091] = "rss0.91",
	    [KIND_RSS092] = "rss0.92",
	    [KIND_RSS093] = "rss0.93",
	    [KIND_RSS094] = "rss0.94",
	    [KIND_RSS10] = "rss1.0",
	    [KIND_RSS11] = "rss1.1",
	    [KIND_RSS20] = "rss2.0",
	    [KIND_RSS] = "rss",
	    [KIND_ATOM03] = "atom0.3",
	    [KIND_ATOM10] = "atom1.0",
	    [KIND_ATOM] = "atom",
	    [KIND_JSON10] = "json1.0",
	    [KIND_JSON11] = "json1.1",
	    [KIND_CDF] = "cdf",
	    [KIND_HTML] = "unknown",
	};

	return names[kind];
}
