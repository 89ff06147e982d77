# SPDX-License-Identifier: ISC
check_SCRIPTS += tests/dedup/scenario.py
EXTRA_DIST += tests/dedup/scenario.py
