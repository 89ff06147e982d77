# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/fetcher/answer.c src/fetcher/answer.h \
	src/fetcher/budget.c src/fetcher/budget.h \
	src/fetcher/fetcher.c src/fetcher/fetcher.h \
	src/fetcher/landlock.c \
	src/fetcher/process.h \
	src/fetcher/report.c \
	src/fetcher/sandbox.c src/fetcher/sandbox.h \
	src/fetcher/spawn.c \
	src/fetcher/syscalls.c \
	src/fetcher/task.c
EXTRA_DIST += src/fetcher/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_answer tests/unit/test_fetcher \
	tests/unit/test_fetcher_walls
endif
tests_unit_test_answer_SOURCES = tests/unit/test_answer.c
FETCHERTEST = tests/unit/fetchertest.h tests/unit/httpd.c tests/unit/httpd.h
tests_unit_test_fetcher_SOURCES = tests/unit/test_fetcher.c $(FETCHERTEST)
tests_unit_test_fetcher_walls_SOURCES = tests/unit/test_fetcher_walls.c \
	$(FETCHERTEST)
