# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/document/document.c src/document/document.h \
	src/document/inside.h \
	src/document/items.c \
	src/document/report.c \
	src/document/write.c
EXTRA_DIST += src/document/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_corpus tests/unit/test_document
endif
tests_unit_test_corpus_SOURCES = tests/unit/test_corpus.c
tests_unit_test_document_SOURCES = tests/unit/test_document.c
EXTRA_DIST += tests/corpus
