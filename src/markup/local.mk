# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/markup/comment.c \
	src/markup/doctype.c \
	src/markup/entities.c src/markup/entities.h \
	src/markup/markup.h \
	src/markup/rawtext.c \
	src/markup/reference.c \
	src/markup/tag.c \
	src/markup/token.h src/markup/tokenize.c
EXTRA_DIST += src/markup/README src/markup/entities.py
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_markup
endif
tests_unit_test_markup_SOURCES = tests/unit/test_markup.c
# Run by hand on html5lib's .test files: see the script.
EXTRA_PROGRAMS += tests/unit/markup_tokens
tests_unit_markup_tokens_SOURCES = tests/unit/markup_tokens.c
EXTRA_DIST += tests/unit/markup_html5lib.py
