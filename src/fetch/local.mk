# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/fetch/fetch.h \
	src/fetch/gate.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_fetch_gate
endif
tests_unit_test_fetch_gate_SOURCES = tests/unit/test_fetch_gate.c
