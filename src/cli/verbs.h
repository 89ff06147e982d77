/* SPDX-License-Identifier: ISC */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

/*
 * The verbs of gazette (CLI 1): each is given its taken-apart command line and
 * returns the exit status.
 */
#include "cli/options.h"

/* verbs_items.c */
int verbs_list(const struct options *options);
int verbs_show(const struct options *options);
int verbs_count(const struct options *options);
/* verbs_diff.c: show --diff */
int verbs_diff(const struct options *options);
/* verbs_story.c */
int verbs_story(const struct options *options);
int verbs_split(const struct options *options);
int verbs_join(const struct options *options);
/* verbs_change.c */
int verbs_mark(const struct options *options);
int verbs_tag(const struct options *options);
int verbs_undo(const struct options *options);
/* verbs_follow.c */
int verbs_follow(const struct options *options);
/* verbs_feeds.c */
int verbs_feed(const struct options *options);
/* verbs_polling.c */
int verbs_fetch(const struct options *options);
int verbs_feed_explain(const struct options *options);
int verbs_feed_log(const struct options *options);
int verbs_feed_backfill(const struct options *options);
int verbs_feed_unmove(const struct options *options);
/* verbs_probe.c: feed probe */
int verbs_feed_probe(const struct options *options);
/* verbs_service.c */
int verbs_status(const struct options *options);
int verbs_home(const struct options *options); /* gazette alone */
int verbs_hosts(const struct options *options);
int verbs_reload(const struct options *options);
int verbs_call(const struct options *options);
int verbs_introspect(const struct options *options);

/* For all of them: the query of the arguments from `first` on, its days turned into
 * instants of the user's zone.  0, or an exit status after a caret in its text. */
struct buf;
int verbs_query(const struct options *options, size_t first, struct buf *out);
/* A number from -n; `fallback` when it was not given; -1 after an error message. */
long verbs_limit(const struct options *options, long fallback);

#endif
