# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/wire/batch.c \
	src/wire/codec.c src/wire/codec.h \
	src/wire/frame.c src/wire/frame.h \
	src/wire/object.c \
	src/wire/request.c \
	src/wire/wire.h
EXTRA_DIST += src/wire/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_wire
endif
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c
