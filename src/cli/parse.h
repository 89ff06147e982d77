/* SPDX-License-Identifier: ISC */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

/* `gazette parse`: a feed document as JSON, without the daemon.  argv[0] is the
 * verb.  The exit status: 0 a feed, 1 none, 2 usage or an unreadable file. */
int cli_parse(int argc, char **argv);

#endif
