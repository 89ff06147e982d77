# SPDX-License-Identifier: ISC
gazettedconfdir = $(sysconfdir)/gazetted
dist_gazettedconf_DATA = etc/gazetted.conf
