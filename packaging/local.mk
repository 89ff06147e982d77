# SPDX-License-Identifier: ISC
EXTRA_DIST += packaging/quickstart \
	packaging/systemd/gazetted.service.in \
	packaging/systemd/gazetted.socket.in \
	packaging/systemd/gazetted-user.service.in \
	packaging/systemd/gazetted-user.socket \
	packaging/systemd/gazetted.sysusers \
	packaging/systemd/gazetted.tmpfiles \
	packaging/systemd/gazetted.catalog

UNITS = packaging/systemd/gazetted.service packaging/systemd/gazetted.socket \
	packaging/systemd/gazetted-user.service
CLEANFILES += $(UNITS)
all-local: $(UNITS)

# The paths are known at make's time, not at configure's.
UNIT_SED = sed -e 's|@bindir[@]|$(bindir)|g' -e 's|@runstatedir[@]|/run|g'
packaging/systemd/gazetted.service: packaging/systemd/gazetted.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(UNIT_SED) \
		$(top_srcdir)/packaging/systemd/gazetted.service.in >$@
packaging/systemd/gazetted.socket: packaging/systemd/gazetted.socket.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(UNIT_SED) \
		$(top_srcdir)/packaging/systemd/gazetted.socket.in >$@
packaging/systemd/gazetted-user.service: \
		packaging/systemd/gazetted-user.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(UNIT_SED) \
		$(top_srcdir)/packaging/systemd/gazetted-user.service.in >$@

# Names change on the way: a unit of the user's has the system's name.
install-data-local: $(UNITS)
if WITH_SYSTEM_UNITS
	$(MKDIR_P) '$(DESTDIR)$(systemunitdir)' '$(DESTDIR)$(prefix)/lib/sysusers.d' \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d' \
		'$(DESTDIR)$(prefix)/lib/systemd/catalog'
	$(INSTALL_DATA) packaging/systemd/gazetted.service \
		packaging/systemd/gazetted.socket '$(DESTDIR)$(systemunitdir)'
	$(INSTALL_DATA) $(top_srcdir)/packaging/systemd/gazetted.sysusers \
		'$(DESTDIR)$(prefix)/lib/sysusers.d/gazetted.conf'
	$(INSTALL_DATA) $(top_srcdir)/packaging/systemd/gazetted.tmpfiles \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d/gazetted.conf'
	$(INSTALL_DATA) $(top_srcdir)/packaging/systemd/gazetted.catalog \
		'$(DESTDIR)$(prefix)/lib/systemd/catalog/gazetted.catalog'
endif
if WITH_USER_UNITS
	$(MKDIR_P) '$(DESTDIR)$(userunitdir)'
	$(INSTALL_DATA) packaging/systemd/gazetted-user.service \
		'$(DESTDIR)$(userunitdir)/gazetted.service'
	$(INSTALL_DATA) $(top_srcdir)/packaging/systemd/gazetted-user.socket \
		'$(DESTDIR)$(userunitdir)/gazetted.socket'
endif

uninstall-local:
	rm -f '$(DESTDIR)$(systemunitdir)/gazetted.service' \
		'$(DESTDIR)$(systemunitdir)/gazetted.socket' \
		'$(DESTDIR)$(userunitdir)/gazetted.service' \
		'$(DESTDIR)$(userunitdir)/gazetted.socket' \
		'$(DESTDIR)$(prefix)/lib/sysusers.d/gazetted.conf' \
		'$(DESTDIR)$(prefix)/lib/tmpfiles.d/gazetted.conf' \
		'$(DESTDIR)$(prefix)/lib/systemd/catalog/gazetted.catalog'
