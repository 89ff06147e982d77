# SPDX-License-Identifier: ISC
noinst_PROGRAMS += tests/newspaper/newspaper
tests_newspaper_newspaper_SOURCES = tests/newspaper/newspaper.c
EXTRA_DIST += tests/newspaper/articles.txt
