# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += src/cli/parse.c src/cli/parse.h
