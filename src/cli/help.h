/* SPDX-License-Identifier: ISC */
#ifndef CLI_HELP_H
#define CLI_HELP_H

/* To stdout: the overview (NULL) or one verb's page, examples first. */
void help_print(const char *verb);

#endif
