/* SPDX-License-Identifier: ISC */
/* The feeds that follow from a page's address. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "daemon/sites.h"

typedef void find_fn(
    const char *url, struct arena *arena, struct candidates *ret_found);

static void
check(find_fn *find, const char *url, const char *want)
{
	struct arena *arena = arena_new(1 << 16);
	struct candidates found;
	struct buf got = {0};
	size_t i;

	find(url, arena, &found);
	for (i = 0; i < found.count; i++)
		buf_printf(&got, "%s%s", i > 0 ? " " : "", found.url[i]);
	if (strcmp(buf_text(&got), want) != 0)
		fail_msg("%s: %s, not %s", url, buf_text(&got), want);
	buf_done(&got);
	arena_free(arena);
}

#define YOUTUBE "https://www.youtube.com/feeds/videos.xml"

static void
test_youtube(void **state)
{
	(void)state;
	check(sites_feeds, "https://www.youtube.com/channel/UCa-b_c",
	    YOUTUBE "?channel_id=UCa-b_c");
	check(sites_feeds, "http://m.youtube.com/channel/UCabc/videos?view=0",
	    YOUTUBE "?channel_id=UCabc");
	check(sites_feeds, "https://youtube.com/user/NAME/", YOUTUBE "?user=NAME");
	check(sites_feeds, "https://www.youtube.com/playlist?a=b&list=PLx_1#t",
	    YOUTUBE "?playlist_id=PLx_1");
	/* These pages link to their feeds. */
	check(sites_feeds, "https://www.youtube.com/@handle", "");
	check(sites_feeds, "https://www.youtube.com/watch?v=x&list=PL1", "");
	check(sites_feeds, YOUTUBE "?channel_id=UCabc", "");
	check(sites_feeds, "https://www.youtube.com/channel/", "");
	check(sites_feeds, "https://www.youtube.com/channel/a%26b", "");
	check(sites_feeds, "https://www.youtube.com/playlist?list=", "");
	check(sites_feeds, "https://notyoutube.com/channel/UCabc", "");
	check(sites_feeds, "https://youtube.com.example/channel/UCabc", "");
}

static void
test_github(void **state)
{
	(void)state;
	check(sites_feeds, "https://github.com/torvalds",
	    "https://github.com/torvalds.atom");
	check(sites_feeds, "https://github.com/o/r/",
	    "https://github.com/o/r/releases.atom "
	    "https://github.com/o/r/tags.atom "
	    "https://github.com/o/r/commits.atom");
	check(sites_feeds, "https://www.github.com/o/r.js/releases?page=2",
	    "https://github.com/o/r.js/releases.atom");
	check(sites_feeds, "https://github.com/o/r/tags",
	    "https://github.com/o/r/tags.atom");
	check(sites_feeds, "https://github.com/o/r/commits",
	    "https://github.com/o/r/commits.atom");
	check(sites_feeds, "https://github.com/o/r/commits/main/",
	    "https://github.com/o/r/commits/main.atom");
	check(sites_feeds, "https://github.com/o/r/tree/dev",
	    "https://github.com/o/r/commits/dev.atom");
	check(sites_feeds, "https://github.com/o/r/issues", "");
	check(sites_feeds, "https://github.com/o/r/releases.atom", "");
	check(sites_feeds, "https://github.com/o.atom", "");
	check(sites_feeds, "https://github.com/", "");
	check(sites_feeds, "https://github.com", "");
	check(sites_feeds, "https://github.com/features/actions", "");
	check(sites_feeds, "https://github.com/orgs/o/repositories", "");
	check(sites_feeds, "https://gist.github.com/o/r", "");
}

static void
test_reddit(void **state)
{
	(void)state;
	check(sites_feeds, "https://www.reddit.com/r/linux",
	    "https://www.reddit.com/r/linux/.rss");
	check(sites_feeds, "https://old.reddit.com/r/linux/new/?limit=5",
	    "https://www.reddit.com/r/linux/new/.rss");
	check(sites_feeds, "https://reddit.com/u/spez",
	    "https://www.reddit.com/user/spez/.rss");
	check(sites_feeds, "https://www.reddit.com/r/a/comments/1x/title/",
	    "https://www.reddit.com/r/a/comments/1x/title/.rss");
	check(sites_feeds, "https://www.reddit.com/r/linux/.rss", "");
	check(sites_feeds, "https://www.reddit.com/r/linux.rss", "");
	check(sites_feeds, "https://www.reddit.com/", "");
	check(sites_feeds, "https://www.reddit.com/wiki/x", "");
	check(sites_feeds, "https://www.reddit.com/r/a/b/c/d/e/f/g/h/i/j", "");
}

static void
test_mastodon(void **state)
{
	(void)state;
	check(sites_guess, "https://mastodon.example/@ann",
	    "https://mastodon.example/@ann.rss");
	check(sites_guess, "http://m.example:8080/@ann/?x=1#y",
	    "http://m.example:8080/@ann.rss");
	check(sites_guess, "https://mastodon.example/@ann.rss", "");
	check(sites_guess, "https://mastodon.example/@ann/1234", "");
	check(sites_guess, "https://mastodon.example/@", "");
	check(sites_guess, "https://mastodon.example/ann", "");
	check(sites_guess, "ftp://mastodon.example/@ann", "");
	check(sites_feeds, "https://mastodon.example/@ann", "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_youtube),
	    cmocka_unit_test(test_github),
	    cmocka_unit_test(test_reddit),
	    cmocka_unit_test(test_mastodon),
	};

	return CHECK_RUN(tests);
}
