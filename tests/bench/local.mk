# SPDX-License-Identifier: ISC
# Not built by default; `make bench` builds and runs them.
EXTRA_PROGRAMS += tests/bench/floor
tests_bench_floor_SOURCES = tests/bench/floor.c
EXTRA_DIST += tests/bench/corpus.py tests/bench/poll.py
# Also run by tests: see tests/dedup.
noinst_PROGRAMS += tests/bench/replay_dedup
tests_bench_replay_dedup_SOURCES = tests/bench/replay_dedup.c
tests_bench_replay_dedup_LDADD = $(LIBS_ALL)
