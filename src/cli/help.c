/* SPDX-License-Identifier: ISC */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

static const char overview[] =
    "gazette - ask gazetted, the feed aggregator\n"
    "\n"
    "  gazette list is:unread tag:ai since:1d    what is new about it\n"
    "  gazette show 58211                        one item as text\n"
    "  gazette follow title:openssl              as it is published\n"
    "  gazette feed add https://lwn.net +linux   one more feed\n"
    "  gazette mark read feed:lwn before:1d      and gazette undo\n"
    "\n"
    "Items\n"
    "  list [QUERY]              newest arrival first\n"
    "  show ID.. | QUERY         the text of items\n"
    "  count [QUERY] [--by=KEY]  numbers\n"
    "  follow [QUERY]            what happens from now on\n"
    "  mark HOW QUERY|ID..|-     read, unread, star, unstar, hide, unhide\n"
    "  tag +A -B QUERY|ID..|-    tags\n"
    "  story ID                  the items of a story, and why each is in it\n"
    "  split ITEM                it is no copy; join ITEM ITEM: these are one\n"
    "  undo [TOKEN]              the last change\n"
    "Feeds\n"
    "  feed list|add|rm|set|pause|resume|explain|log|backfill|unmove\n"
    "  fetch [QUERY]             poll now\n"
    "The daemon\n"
    "  status                    how it is\n"
    "  hosts                     whom it waits for\n"
    "  reload                    read its configuration again\n"
    "  call METHOD [JSON]        one call on its socket\n"
    "  introspect [INTERFACE]    what can be called\n"
    "Without the daemon\n"
    "  parse --json FILE         a feed document as JSON\n"
    "\n"
    "Options of all: --socket=PATH --utc --color=auto|always|never --no-pager -q\n"
    "Help: gazette VERB --help, gazette(1), gazette-query(7), gazetted(8)\n";

#define OUTPUT_HELP                                                              \
	"  -o FORMAT        table (on a terminal), short (in a pipe), ndjson, "  \
	"json, tsv\n"                                                            \
	"  --json           the same as -o ndjson\n"                             \
	"  --fields=A,B     only these members, in json, ndjson and tsv; text, " \
	"html and\n"                                                             \
	"                   raw only when they are asked for here\n"             \
	"  --full           do not cut titles;  --no-legend  no first and last " \
	"line\n"

static const struct {
	const char *verb, *text;
} pages[] = {
    {"list",
	"gazette list [QUERY]: items, newest arrival first\n\n"
	"  gazette list is:unread tag:linux since:2d\n"
	"  gazette list --json title:openssl | jq -r .url\n"
	"  gazette list [ feed:lwn or feed:kernel ] -title:sponsored\n\n"
	"  -n N             at most N (50 on a terminal, all in a pipe)\n"
	"  -a, --all        hidden items and copies of other items too\n"
	"  -r, --reverse    oldest arrival first\n" OUTPUT_HELP
	"Exit: 0, also when nothing matches; 1 with -q and no match; 2 bad query\n"},
    {"show",
	"gazette show ID.. | QUERY: items as text\n\n"
	"  gazette show 58211\n"
	"  gazette show -n1 feed:lwn\n\n"
	"  -n N             at most N of a query (100)\n"
	"  --html           the sanitised HTML instead of the text\n"
	"  --raw            what the publisher sent; to a file or pipe only\n"
	"  --links          the link as published, too\n"
	"  --diff [REV]     what its last edit changed, or all since revision "
	"REV\n" OUTPUT_HELP},
    {"story",
	"gazette story ID: the items that tell the same, and why each is one of "
	"them\n\n"
	"  gazette story 57001\n\n"
	"ID is an item's, or the story's own.\n" OUTPUT_HELP},
    {"split",
	"gazette split ITEM: the item leaves its story, and stays apart\n\n"
	"  gazette split 58207\n\n"
	"It is never joined to those items again. gazette undo takes it back.\n"},
    {"join",
	"gazette join ITEM ITEM: their two stories are one from now on\n\n"
	"  gazette join 57001 58207\n\n"
	"gazette undo takes it back.\n"},
    {"count",
	"gazette count [QUERY]: how many items\n\n"
	"  gazette count is:unread --by=feed | head\n\n"
	"  --by=KEY         feed, tag, host or day: a line COUNT TAB KEY each\n"
	"  -a, --all        hidden items and copies too\n"
	"  -q               print nothing; exit 0 when there are any, else 1\n"},
    {"follow",
	"gazette follow [QUERY]: new items as they are published, until Ctrl-C\n\n"
	"  gazette follow tag:security\n"
	"  gazette follow --json --cursor-file=$HOME/.seen | while read -r event; "
	"do ...\n\n"
	"  -n N             the last N first\n"
	"  --kinds=A,B      new (default), updated, state, joined, split, removed, "
	"feed, all\n"
	"  --from=WHERE     now (default), beginning, -N, or a time (RFC 3339)\n"
	"  --cursor=C       strictly after this cursor\n"
	"  --cursor-file=F  go on behind the cursor in F (none yet: from the "
	"beginning),\n"
	"                   and keep it there: nothing is missed, nothing comes "
	"twice\n"
	"                   unless this command dies between printing and writing\n"
	"  --until-caught-up  end where it would begin to wait\n"
	"  -a, --all        hidden items and copies too\n" OUTPUT_HELP
	"With --json a line is an Event; short with --kinds has the kind as 5th "
	"field.\n"},
    {"mark",
	"gazette mark read|unread|star|unstar|hide|unhide QUERY|ID..|-\n\n"
	"  gazette mark read feed:kernel before:1d\n"
	"  gazette list title:foo | gazette mark star -\n\n"
	"  --dry-run        say how many, change nothing\n"
	"  -y, --yes        do not ask before more than 500 items\n"
	"  -a, --all        hidden items and copies too\n"},
    {"tag",
	"gazette tag +NEW -OLD [--] QUERY|ID..|-\n\n"
	"  gazette tag +todo -later title:kernel\n\n"
	"Tags are letters, digits, '.', '_', '-' and '/'.\n"
	"  --dry-run  -y, --yes  -a, --all   as for gazette mark\n"},
    {"undo",
	"gazette undo [TOKEN]: take back the last change, or that one\n\n"
	"Changes are those of mark, tag, split and join.\n"},
    {"feed",
	"gazette feed VERB: the feeds\n\n"
	"  gazette feed add https://lwn.net +linux\n"
	"  gazette feed list is:failing\n\n"
	"  list [QUERY]               all, or those that match\n"
	"  add URL [+TAG ..]          a feed, or a page that links to one\n"
	"      --name=N --title=T --interval=1h  --strict  refuse what cannot be "
	"read\n"
	"      --dry-run                         look, do not add\n"
	"  rm NAME.. [--purge]        archive it (--purge: its items go too)\n"
	"  set NAME KEY=VALUE ..      settings as in gazetted.conf(5); empty "
	"unsets\n"
	"  pause NAME.., resume NAME..\n"
	"  explain NAME               when it is fetched next, and why then\n"
	"  log NAME [-n N]            the last attempts\n"
	"  probe URL [KEY=VALUE ..]   what it answers, and what could be better "
	"there;\n"
	"                             nothing is kept. Exit: 1 when it is no "
	"feed\n"
	"      --again                           and once more, with its "
	"validators\n"
	"  backfill NAME              read its archives, at most 100 pages\n"
	"  unmove NAME                back to its own address, to stay "
	"there\n\n" OUTPUT_HELP
	"A feed of a configuration file is changed there. In a pipe, list prints\n"
	"name, state, last_success, failures, url.\n"},
    {"fetch",
	"gazette fetch [QUERY]: poll now, and wait for the result\n\n"
	"  gazette fetch feed:lwn\n\n"
	"  --force          also those polled less than manual-min ago; never one "
	"whose\n"
	"                   host asked us to wait\n"
	"Exit: 3 when some failed\n"},
    {"status", "gazette status: version, feeds, items, trouble\n"},
    {"hosts",
	"gazette hosts [--all] [--json]: the queues of hosts and rate groups\n\n"
	"Those that are held after a 429, that do not answer, or whose feeds wait "
	"for\n"
	"their turn: how many feeds it has, how many are due, the pause after each\n"
	"request, and when the next may start.\n\n"
	"  -a, --all        the others too\n"
	"  --json           all of them, one JSON object a line\n"},
    {"reload",
	"gazette reload: read the configuration again, and say what changed\n\n"
	"A faulty one is refused as a whole, with file and line; the old one "
	"stays.\n"},
    {"call",
	"gazette call [--more] METHOD [JSON]: one call on the control socket\n\n"
	"  gazette call GetStatus | jq .head\n"
	"  gazette call --more ListFeeds '{\"query\":\"tag:linux\"}'\n\n"
	"A METHOD without an interface is org.gazetted's. Each reply is a line.\n"},
    {"introspect", "gazette introspect [INTERFACE]: its methods (org.gazetted)\n"},
    {"parse",
	"gazette parse --json [--content-type=T] [--url=U] [--content-language=L]\n"
	"              [--sanitize|--no-sanitize] FILE\n"
	"gazette parse --json --batch [--sanitize|--no-sanitize] < REQUESTS\n\n"
	"A feed document as one JSON object; FILE - is standard input.  A line of\n"
	"REQUESTS is "
	"{\"file\":F,\"content_type\":T,\"url\":U,\"content_language\":L},\n"
	"of which only the file must be there; each is answered by one line.\n"
	"Exit: 0 a feed, 1 no feed in it, 2 usage or unreadable file\n"},
    {"help", "gazette help [VERB]\n"},
};

void
help_print(const char *verb)
{
	size_t i;

	if (verb == NULL) {
		fputs(overview, stdout);
		return;
	}
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(pages[i].verb, verb) == 0)
			fputs(pages[i].text, stdout);
	}
}
