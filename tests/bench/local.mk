# SPDX-License-Identifier: ISC
# Not built by default; `make bench` builds and runs them.
EXTRA_PROGRAMS += tests/bench/floor
tests_bench_floor_SOURCES = tests/bench/floor.c
if HAVE_OPENSSL
EXTRA_PROGRAMS += tests/bench/floor_tls
FLOORS = tests/bench/floor tests/bench/floor_tls
else
FLOORS = tests/bench/floor
endif
tests_bench_floor_tls_SOURCES = tests/bench/floor_tls.c
tests_bench_floor_tls_CFLAGS = $(AM_CFLAGS) $(OPENSSL_CFLAGS)
tests_bench_floor_tls_LDADD = $(LIBS_ALL) $(OPENSSL_LIBS)
EXTRA_DIST += tests/bench/corpus.py tests/bench/poll.py tests/bench/tls.py \
	tests/bench/coldstart.py
# Also run by tests: see tests/dedup.
noinst_PROGRAMS += tests/bench/replay_dedup
tests_bench_replay_dedup_SOURCES = tests/bench/replay_dedup.c
tests_bench_replay_dedup_LDADD = $(LIBS_ALL)
EXTRA_PROGRAMS += tests/bench/bench_dedup
tests_bench_bench_dedup_SOURCES = tests/bench/bench_dedup.c
tests_bench_bench_dedup_LDADD = $(LIBS_ALL)
BENCHES += tests/bench/bench_dedup
EXTRA_PROGRAMS += tests/bench/bench_schedule
tests_bench_bench_schedule_SOURCES = tests/bench/bench_schedule.c
tests_bench_bench_schedule_LDADD = $(LIBS_ALL)
BENCHES += tests/bench/bench_schedule
EXTRA_PROGRAMS += tests/bench/bench_growth
tests_bench_bench_growth_SOURCES = tests/bench/bench_growth.c
tests_bench_bench_growth_LDADD = $(LIBS_ALL)
BENCHES += tests/bench/bench_growth
