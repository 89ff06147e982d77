# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/fetch/fetch.h \
	src/fetch/fault.c \
	src/fetch/fetch.c \
	src/fetch/gate.c \
	src/fetch/head.c src/fetch/head.h \
	src/fetch/job.h \
	src/fetch/resolve.c src/fetch/resolve.h \
	src/fetch/setup.c \
	src/fetch/transfer.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_fetch_gate
endif
tests_unit_test_fetch_gate_SOURCES = tests/unit/test_fetch_gate.c
