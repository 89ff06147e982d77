# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/store/copies.c src/store/copies.h \
	src/store/db.c src/store/db.h \
	src/store/doubles.c \
	src/store/edits.c src/store/edits.h \
	src/store/entries.c src/store/entries.h \
	src/store/feeds.c src/store/feeds.h \
	src/store/filter.c src/store/filter.h \
	src/store/hand.c \
	src/store/identity.c src/store/identity.h \
	src/store/index.c src/store/index.h \
	src/store/intake.c src/store/intake.h \
	src/store/items.c src/store/items.h \
	src/store/job.h \
	src/store/marks.c \
	src/store/moves.c src/store/moves.h \
	src/store/naming.c src/store/naming.h \
	src/store/neighbours.c src/store/neighbours.h \
	src/store/options.c src/store/options.h \
	src/store/page.c src/store/page.h \
	src/store/page_events.c src/store/page_feeds.c src/store/page_items.c \
	src/store/page_story.c \
	src/store/place.c src/store/place.h \
	src/store/policy.c src/store/policy.h \
	src/store/reader.c src/store/reader.h \
	src/store/rows.c \
	src/store/schema.c src/store/schema.h \
	src/store/store.c src/store/store.h \
	src/store/story.c src/store/story.h \
	src/store/sync.c \
	src/store/texts.c src/store/texts.h \
	src/store/tx.h \
	src/store/writer.c src/store/writer.h
EXTRA_DIST += src/store/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_store tests/unit/test_store_edits \
	tests/unit/test_store_files tests/unit/test_store_queries \
	tests/unit/test_store_stories
endif
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/storetest.h
tests_unit_test_store_edits_SOURCES = tests/unit/test_store_edits.c \
	tests/unit/storetest.h
tests_unit_test_store_files_SOURCES = tests/unit/test_store_files.c \
	tests/unit/storetest.h
tests_unit_test_store_queries_SOURCES = tests/unit/test_store_queries.c \
	tests/unit/storetest.h
EXTRA_PROGRAMS += tests/bench/bench_store
BENCHES += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c
tests_unit_test_store_stories_SOURCES = tests/unit/test_store_stories.c \
	tests/unit/storetest.h
