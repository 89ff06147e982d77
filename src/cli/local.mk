# SPDX-License-Identifier: ISC
# The client's files but main.c, in the library like all code that tests link.
libgazetted_a_SOURCES += \
	src/cli/client.c src/cli/client.h \
	src/cli/diff.c src/cli/diff.h \
	src/cli/help.c src/cli/help.h \
	src/cli/options.c src/cli/options.h \
	src/cli/output.c src/cli/output.h \
	src/cli/parse.c src/cli/parse.h \
	src/cli/status.h \
	src/cli/term.c src/cli/term.h \
	src/cli/verbs.h \
	src/cli/verbs_change.c \
	src/cli/verbs_diff.c \
	src/cli/verbs_feeds.c \
	src/cli/verbs_follow.c \
	src/cli/verbs_items.c \
	src/cli/verbs_polling.c \
	src/cli/verbs_probe.c \
	src/cli/verbs_service.c \
	src/cli/verbs_story.c \
	src/cli/zone.c src/cli/zone.h
EXTRA_DIST += src/cli/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_cli
endif
tests_unit_test_cli_SOURCES = tests/unit/test_cli.c
