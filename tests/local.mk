# SPDX-License-Identifier: ISC
check_SCRIPTS += tests/layers
EXTRA_DIST += tests/layers
include $(top_srcdir)/tests/newspaper/local.mk
include $(top_srcdir)/tests/bench/local.mk
