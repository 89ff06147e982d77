# SPDX-License-Identifier: ISC
libgazetted_a_SOURCES += \
	src/control/call.c \
	src/control/client.c src/control/client.h \
	src/control/control.c src/control/control.h \
	src/control/message.c src/control/message.h \
	src/control/peer.c src/control/peer.h \
	src/control/service.c
EXTRA_DIST += src/control/README
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_control
endif
tests_unit_test_control_SOURCES = tests/unit/test_control.c
