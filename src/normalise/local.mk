# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/normalise/date.c src/normalise/normalise.h \
	src/normalise/names.c src/normalise/names.h
EXTRA_DIST += src/normalise/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_normalise_date
endif
tests_unit_test_normalise_date_SOURCES = tests/unit/test_normalise_date.c
