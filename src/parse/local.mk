# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/parse/builder.c src/parse/builder.h \
	src/parse/construct.c \
	src/parse/driver.h \
	src/parse/elements.c \
	src/parse/geo.c \
	src/parse/handle.c src/parse/handle.h \
	src/parse/jsonfeed.c src/parse/jsonfeed.h \
	src/parse/jsoncut.c src/parse/jsoncut.h \
	src/parse/jsonitem.c \
	src/parse/link.c \
	src/parse/media.c \
	src/parse/module.c \
	src/parse/name.c \
	src/parse/ns.c src/parse/ns.h \
	src/parse/page.c \
	src/parse/parse.c src/parse/parse.h \
	src/parse/people.c \
	src/parse/prefer.c src/parse/prefer.h \
	src/parse/root.c \
	src/parse/rssjson.c \
	src/parse/soup.c \
	src/parse/strict.c
EXTRA_DIST += src/parse/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_parse
endif
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c
# make bench
EXTRA_PROGRAMS += tests/bench/bench_parse
tests_bench_bench_parse_SOURCES = tests/bench/bench_parse.c
BENCHES += tests/bench/bench_parse
