# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/fetch/fetch.h \
	src/fetch/fault.c \
	src/fetch/fetch.c \
	src/fetch/gate.c \
	src/fetch/head.c src/fetch/head.h \
	src/fetch/hosts.c src/fetch/hosts.h \
	src/fetch/job.h \
	src/fetch/place.c \
	src/fetch/resolve.c src/fetch/resolve.h \
	src/fetch/sessions.c src/fetch/sessions.h \
	src/fetch/setup.c \
	src/fetch/transfer.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_fetch_gate tests/unit/test_fetch \
	tests/unit/test_fetch_road
endif
tests_unit_test_fetch_gate_SOURCES = tests/unit/test_fetch_gate.c
FETCHTEST = tests/unit/fetchtest.c tests/unit/fetchtest.h \
	tests/unit/httpd.c tests/unit/httpd.h
tests_unit_test_fetch_SOURCES = tests/unit/test_fetch.c $(FETCHTEST)
tests_unit_test_fetch_road_SOURCES = tests/unit/test_fetch_road.c $(FETCHTEST)
EXTRA_DIST += src/fetch/README
