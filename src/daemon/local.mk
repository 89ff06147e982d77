# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/daemon/commands.c src/daemon/commands.h \
	src/daemon/candidates.c src/daemon/candidates.h \
	src/daemon/commands_add.c \
	src/daemon/commands_edit.c \
	src/daemon/commands_fetch.c \
	src/daemon/commands_follow.c \
	src/daemon/commands_list.c \
	src/daemon/commands_status.c \
	src/daemon/daemon.h \
	src/daemon/attempt.c src/daemon/attempt.h \
	src/daemon/moves.c src/daemon/moves.h \
	src/daemon/secrets.c src/daemon/secrets.h \
	src/daemon/commands_backfill.c \
	src/daemon/commands_hosts.c \
	src/daemon/commands_probe.c \
	src/daemon/listener.c src/daemon/listener.h \
	src/daemon/lookout.c src/daemon/lookout.h \
	src/daemon/pipeline.c src/daemon/pipeline.h \
	src/daemon/pipeline_asked.c src/daemon/pipeline_inside.h \
	src/daemon/pipeline_lost.c \
	src/daemon/pipeline_result.c \
	src/daemon/places.c src/daemon/places.h \
	src/daemon/plans.c src/daemon/plans.h \
	src/daemon/reload.c \
	src/daemon/report.c src/daemon/report.h \
	src/daemon/service.c src/daemon/service.h \
	src/daemon/sites.c src/daemon/sites.h \
	src/daemon/supervisor.c src/daemon/supervisor.h \
	src/daemon/worker.c src/daemon/worker.h
EXTRA_DIST += src/daemon/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_sites
endif
tests_unit_test_sites_SOURCES = tests/unit/test_sites.c
