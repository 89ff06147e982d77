# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/schedule/hop.c src/schedule/hop.h \
	src/schedule/move.c src/schedule/move.h \
	src/schedule/host.c src/schedule/host.h \
	src/schedule/offline.c src/schedule/offline.h \
	src/schedule/plan.c src/schedule/plan.h \
	src/schedule/questions.c \
	src/schedule/queue.c src/schedule/queue.h \
	src/schedule/result.c \
	src/schedule/schedule.c src/schedule/schedule.h
EXTRA_DIST += src/schedule/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_schedule tests/unit/test_plan \
	tests/unit/test_hold tests/unit/test_hop tests/unit/test_year
endif
tests_unit_test_schedule_SOURCES = tests/unit/test_schedule.c \
	tests/unit/scheduletest.h
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c \
	tests/unit/scheduletest.h
tests_unit_test_hold_SOURCES = tests/unit/test_hold.c \
	tests/unit/scheduletest.h
tests_unit_test_hop_SOURCES = tests/unit/test_hop.c \
	tests/unit/scheduletest.h
tests_unit_test_year_SOURCES = tests/unit/test_year.c
