# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/wire/batch.c \
	src/wire/codec.c src/wire/codec.h \
	src/wire/cursor.c \
	src/wire/frame.c src/wire/frame.h \
	src/wire/json.c \
	src/wire/object.c \
	src/wire/request.c \
	src/wire/wire.h
nodist_libgazetted_a_SOURCES += src/wire/interface.c
wire_interfaces = $(top_srcdir)/src/wire/org.gazetted.varlink \
	$(top_srcdir)/src/wire/org.varlink.service.varlink
EXTRA_DIST += src/wire/README src/wire/interface.awk \
	src/wire/org.gazetted.varlink src/wire/org.varlink.service.varlink
CLEANFILES += src/wire/interface.c
src/wire/interface.c: $(top_srcdir)/src/wire/interface.awk $(wire_interfaces)
	$(AM_V_GEN)$(MKDIR_P) src/wire && \
	$(AWK) -f $(top_srcdir)/src/wire/interface.awk $(wire_interfaces) >$@.tmp && \
	mv $@.tmp $@
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_wire
endif
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c
