# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/hash.c src/base/hash.h \
	src/base/heap.c src/base/heap.h \
	src/base/jsonw.c src/base/jsonw.h \
	src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/mailbox.c src/base/mailbox.h \
	src/base/map.c src/base/map.h \
	src/base/nearest.c src/base/nearest.h \
	src/base/unicode.c src/base/unicode.h \
	src/base/url.c src/base/url.h \
	src/base/xalloc.c src/base/xalloc.h
EXTRA_DIST += src/LAYERS src/base/README tests/unit/check.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_base tests/unit/test_mailbox
endif
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_mailbox_SOURCES = tests/unit/test_mailbox.c
