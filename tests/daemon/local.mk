# SPDX-License-Identifier: ISC
DAEMON_TESTS = tests/daemon/badinput.py tests/daemon/config.py \
	tests/daemon/control.py tests/daemon/crash.py tests/daemon/examples.py tests/daemon/fields.py \
	tests/daemon/flight.py tests/daemon/hostile.py \
	tests/daemon/keys.py tests/daemon/kill.py tests/daemon/moves.py \
	tests/daemon/names.py tests/daemon/newspaper.py tests/daemon/once.py tests/daemon/poll.py \
	tests/daemon/polling_schedule.py tests/daemon/polling_validators.py \
	tests/daemon/polling_wire.py \
	tests/daemon/probe.py \
	tests/daemon/service.py tests/daemon/stories.py tests/daemon/told.py tests/daemon/traps.py
DAEMON_TESTS += tests/daemon/parse.py
check_SCRIPTS += $(DAEMON_TESTS)
EXTRA_DIST += $(DAEMON_TESTS) tests/daemon/harness.py tests/daemon/servers.py \
	tests/daemon/python \
	tests/systemd/run tests/systemd/units.sh tests/systemd/server.py \
	tests/polling/README tests/polling/extra.conf
