# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/config/build.c src/config/build.h \
	src/config/changes.c \
	src/config/config.c src/config/config.h \
	src/config/cross.c \
	src/config/ini.c src/config/ini.h \
	src/config/keys.c src/config/keys.h \
	src/config/valid.c src/config/valid.h \
	src/config/value.c src/config/value.h
EXTRA_DIST += src/config/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_config
endif
tests_unit_test_config_SOURCES = tests/unit/test_config.c
