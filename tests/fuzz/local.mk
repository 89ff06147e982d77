# SPDX-License-Identifier: ISC
# Fuzz targets.  As a rule replay.c is their main(): `make check` runs each over
# its seeds in tests/fuzz/seeds/NAME (fuzz_NAME finds them by its own name).
# With --enable-fuzzers (clang) libFuzzer is their main(), and they are run by
# hand: tests/fuzz/fuzz_markup WORKDIR SEEDS.
#
# A new one: three lines as below, and its seeds.
fuzz_targets =
if WITH_FUZZERS
noinst_PROGRAMS += $(fuzz_targets)
fuzz_main =
fuzz_link = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_targets)
fuzz_main = tests/fuzz/replay.c
fuzz_link = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/seeds tests/fuzz/replay.c

fuzz_targets += tests/fuzz/fuzz_markup
tests_fuzz_fuzz_markup_SOURCES = tests/fuzz/fuzz_markup.c $(fuzz_main)
tests_fuzz_fuzz_markup_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_decode tests/fuzz/fuzz_date tests/fuzz/fuzz_url
tests_fuzz_fuzz_decode_SOURCES = tests/fuzz/fuzz_decode.c $(fuzz_main)
tests_fuzz_fuzz_decode_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_date_SOURCES = tests/fuzz/fuzz_date.c $(fuzz_main)
tests_fuzz_fuzz_date_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c $(fuzz_main)
tests_fuzz_fuzz_url_LDFLAGS = $(fuzz_link)
fuzz_targets += tests/fuzz/fuzz_query
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c $(fuzz_main)
tests_fuzz_fuzz_query_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_main)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_link)
fuzz_targets += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c $(fuzz_main)
tests_fuzz_fuzz_wire_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_ctl
tests_fuzz_fuzz_ctl_SOURCES = tests/fuzz/fuzz_ctl.c $(fuzz_main)
tests_fuzz_fuzz_ctl_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_xml
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c $(fuzz_main)
tests_fuzz_fuzz_xml_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(fuzz_main)
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_link)

fuzz_targets += tests/fuzz/fuzz_dedup
tests_fuzz_fuzz_dedup_SOURCES = tests/fuzz/fuzz_dedup.c $(fuzz_main)
tests_fuzz_fuzz_dedup_LDFLAGS = $(fuzz_link)
