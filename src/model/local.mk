# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/model/batch.c src/model/batch.h src/model/choice.h \
	src/model/entry.c src/model/entry.h \
	src/model/feed.c src/model/feed.h \
	src/model/item.c src/model/item.h \
	src/model/outcome.c src/model/outcome.h \
	src/model/request.h src/model/settings.h src/model/edit.h
EXTRA_DIST += src/model/README
