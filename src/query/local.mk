# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/query/lex.c src/query/lex.h \
	src/query/print.c \
	src/query/query.c src/query/query.h \
	src/query/range.c src/query/range.h \
	src/query/regex.c \
	src/query/sql.c \
	src/query/state.c src/query/state.h \
	src/query/term.c src/query/term.h \
	src/query/text.c src/query/text.h \
	src/query/tree.c src/query/tree.h
EXTRA_DIST += src/query/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_query
endif
tests_unit_test_query_SOURCES = tests/unit/test_query.c
