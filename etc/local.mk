# SPDX-License-Identifier: ISC
examplesdir = $(docdir)/examples
dist_examples_SCRIPTS = etc/examples/follow.py etc/examples/follow.sh
