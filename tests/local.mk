# SPDX-License-Identifier: ISC
check_SCRIPTS += tests/layers tests/man.sh
EXTRA_DIST += tests/layers tests/man.sh tests/tap
include $(top_srcdir)/tests/newspaper/local.mk
include $(top_srcdir)/tests/bench/local.mk
include $(top_srcdir)/tests/dedup/local.mk
include $(top_srcdir)/tests/daemon/local.mk
