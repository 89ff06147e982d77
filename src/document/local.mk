# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/document/document.c src/document/document.h \
	src/document/inside.h \
	src/document/items.c \
	src/document/write.c
EXTRA_DIST += src/document/README
