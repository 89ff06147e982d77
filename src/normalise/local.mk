# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/normalise/normalise.h \
	src/normalise/date.c \
	src/normalise/entry.c \
	src/normalise/hints.c \
	src/normalise/meta.c src/normalise/meta.h \
	src/normalise/names.c src/normalise/names.h \
	src/normalise/place.c src/normalise/place.h \
	src/normalise/rare.c \
	src/normalise/text.c \
	src/normalise/url.c \
	src/normalise/urlparts.c src/normalise/urlparts.h \
	src/normalise/urlrules.c src/normalise/urlrules.h \
	src/normalise/urlsites.c src/normalise/urlsites.h \
	src/normalise/urltrack.c src/normalise/urltrack.h
EXTRA_DIST += src/normalise/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_normalise tests/unit/test_normalise_date tests/unit/test_normalise_url
endif
tests_unit_test_normalise_SOURCES = tests/unit/test_normalise.c
tests_unit_test_normalise_LDADD = $(LDADD) -lm
tests_unit_test_normalise_date_SOURCES = tests/unit/test_normalise_date.c
tests_unit_test_normalise_url_SOURCES = tests/unit/test_normalise_url.c

# Keys of the URLs on stdin, one a line: for trying rules, and for scorers.
noinst_PROGRAMS += tests/unit/urlkey
tests_unit_urlkey_SOURCES = tests/unit/urlkey.c
tests_unit_urlkey_LDADD = $(LIBS_ALL)
