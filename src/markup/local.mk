# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/markup/attribute.c src/markup/attribute.h \
	src/markup/clean.c src/markup/clean.h \
	src/markup/comment.c \
	src/markup/doctype.c \
	src/markup/elements.c src/markup/elements.h \
	src/markup/entities.c src/markup/entities.h \
	src/markup/inside.h \
	src/markup/markup.h \
	src/markup/math.c src/markup/math.h \
	src/markup/mend.c \
	src/markup/page.c \
	src/markup/rawtext.c \
	src/markup/reference.c \
	src/markup/skip.c src/markup/skip.h \
	src/markup/tag.c \
	src/markup/text.c \
	src/markup/token.h src/markup/tokenize.c
EXTRA_DIST += src/markup/README src/markup/entities.py
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_markup tests/unit/test_markup_clean \
	tests/unit/test_markup_text
endif
# Also by hand, on other feeds than tests/corpus: see there.
check_PROGRAMS += tests/unit/markup_judge
tests_unit_test_markup_SOURCES = tests/unit/test_markup.c
tests_unit_test_markup_clean_SOURCES = tests/unit/test_markup_clean.c \
	tests/unit/judge.c tests/unit/judge.h
tests_unit_markup_judge_SOURCES = tests/unit/markup_judge.c \
	tests/unit/judge.c tests/unit/judge.h
tests_unit_test_markup_text_SOURCES = tests/unit/test_markup_text.c
# Run by hand on html5lib's .test files: see the script.
EXTRA_PROGRAMS += tests/unit/markup_tokens
tests_unit_markup_tokens_SOURCES = tests/unit/markup_tokens.c
EXTRA_DIST += tests/unit/markup_html5lib.py
# make bench
EXTRA_PROGRAMS += tests/bench/bench_markup
tests_bench_bench_markup_SOURCES = tests/bench/bench_markup.c
BENCHES += tests/bench/bench_markup
