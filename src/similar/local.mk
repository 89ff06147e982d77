# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/similar/dated.c src/similar/dated.h \
	src/similar/decide.c \
	src/similar/index.c src/similar/index.h \
	src/similar/set.c src/similar/set.h \
	src/similar/similar.h \
	src/similar/sketch.c \
	src/similar/text.c \
	src/similar/words.c src/similar/words.h
EXTRA_DIST += src/similar/README src/similar/TRIED
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_similar
endif
tests_unit_test_similar_SOURCES = tests/unit/test_similar.c
