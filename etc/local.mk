# SPDX-License-Identifier: ISC
gazettedconfdir = $(sysconfdir)/gazetted
dist_gazettedconf_DATA = etc/gazetted.conf
examplesdir = $(docdir)/examples
dist_examples_SCRIPTS = etc/examples/follow.py etc/examples/follow.sh
