# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/decode/convert.c \
	src/decode/decode.c src/decode/decode.h \
	src/decode/guess.c src/decode/guess.h \
	src/decode/inside.h \
	src/decode/label.c src/decode/label.h \
	src/decode/syntax.c src/decode/syntax.h \
	src/decode/table.c src/decode/table.h \
	src/decode/utf8.c src/decode/utf8.h
EXTRA_DIST += src/decode/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_decode
endif
tests_unit_test_decode_SOURCES = tests/unit/test_decode.c
