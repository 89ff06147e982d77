#!/bin/bash
# SPDX-License-Identifier: ISC
# Runs as root under a systemd that has our units installed.  TAP.
n=0 failed=0
ok() { # ok DESCRIPTION COMMAND...
	local what=$1 out
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $n - $what"
	else
		failed=1
		echo "not ok $n - $what"
		printf '%s\n' "$out" | sed 's/^/# /' | tail -20
	fi
}
not() { ! "$@"; }
# Until COMMAND succeeds: events of systemd have no other way to be waited for.
await() {
	local i
	for i in $(seq 300); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	"$@"
}
prop() { systemctl show -p "$1" --value "${2:-gazetted.service}"; }
is() { [ "$1" = "$2" ] || { echo "got '$1', want '$2'"; return 1; }; }
has() { grep -q -- "$2" <<<"$1" || { echo "no '$2' in: $1"; return 1; }; }
socket=/run/gazetted/org.gazetted
say() { timeout 20 gazette call "$@"; }

systemd-sysusers
systemd-tmpfiles --create gazetted.conf
systemctl daemon-reload
ok 'systemd likes the units' systemd-analyze verify gazetted.service gazetted.socket
ok 'the sandbox scores 1.2 or better' \
	systemd-analyze security --offline=true --threshold=12 \
	/lib/systemd/system/gazetted.service

useradd -m reader 2>/dev/null; useradd -m -G gazette member 2>/dev/null
python3 /opt/gazetted-test/server.py /run/feeds.url &
await test -s /run/feeds.url
base=$(cat /run/feeds.url)
mkdir -p /etc/gazetted/gazetted.conf.d
cat >/etc/gazetted/gazetted.conf <<X
[fetch]
allow-private = 127.0.0.0/8
per-host-pause = 50ms
[schedule]
min-interval = 1s
first-interval = 1s
start-spread = 0
unconditional = 1s
[feed good]
url = $base/good
[feed bad]
url = $base/bad
[feed evil]
url = $base/evil
X
systemctl start gazetted.socket
ok 'the socket is there before the service' is "$(stat -c '%a %G' $socket)" '660 gazette'
ok 'a call starts the service' say GetStatus
ok 'it is active' is "$(prop ActiveState)" active
ok 'items arrive' await sh -c 'gazette count --all | grep -qx 4'
ok 'STATUS= has the numbers' await sh -c 'systemctl show -p StatusText gazetted | grep -q "3 feeds"'
ok 'the fetcher has its whole sandbox' not has "$(say GetStatus)" '"sandbox"'
echo "# $(say GetStatus)"
ok 'nobody but the group reaches it' not runuser -u reader -- gazette call GetStatus
ok 'a member of the group writes' has "$(runuser -u member -- gazette call GetStatus)" '"role": *"writer"'
ok 'a member of the group reads the database' runuser -u member -- \
	python3 -c 'import sqlite3; print(sqlite3.connect("file:/var/lib/gazetted/gazetted.db?mode=ro", uri=True).execute("select count(*) from v1_item").fetchone())'
ok 'others do not' not runuser -u reader -- cat /var/lib/gazetted/gazetted.db
ok 'the journal has the feed and its outcome' await sh -c \
	'journalctl -u gazetted GAZETTED_FEED=bad GAZETTED_OUTCOME=not-found GAZETTED_HTTP_STATUS=404 -o cat | grep -q .'
ok 'and a MESSAGE_ID when it fails for the third time' await sh -c \
	'journalctl -u gazetted GAZETTED_FEED=bad -o json | grep -q MESSAGE_ID'

printf '[feed more]\nurl = %s/good?2\n' "$base" >/etc/gazetted/gazetted.conf.d/more.conf
ok 'reload takes a good configuration' systemctl reload gazetted
ok 'it is in force' has "$(gazette feed list)" more
echo 'nonsense = 1' >>/etc/gazetted/gazetted.conf.d/more.conf
ok 'reload refuses a bad one' not systemctl reload gazetted
ok 'the service stays active' is "$(prop ActiveState)" active
ok 'with the old configuration' has "$(gazette feed list)" more
rm /etc/gazetted/gazetted.conf.d/more.conf

ok 'a title gives systemd no orders' is "$(prop NRestarts)" 0
pid=$(prop MainPID)
systemctl kill -s KILL --kill-who=main gazetted
ok 'a killed service comes back' await sh -c "p=\$(systemctl show -p MainPID --value gazetted); [ \$p != 0 ] && [ \$p != $pid ]"
ok 'and answers' await gazette call GetStatus
ok 'a frozen one is restarted by the watchdog' sh -c '
	pid=$(systemctl show -p MainPID --value gazetted)
	kill -STOP $pid
	for i in $(seq 450); do
		[ "$(systemctl show -p MainPID --value gazetted)" = $pid ] || exit 0
		sleep 0.1
	done
	exit 1'
await gazette call GetStatus
start=$(date +%s%N)
systemctl stop gazetted.service
took=$((($(date +%s%N) - start) / 1000000))
echo "# stopped within $took ms"
ok 'it stops within two seconds' test $took -lt 2000
ok 'well' is "$(prop Result)" success
ok 'the socket is still there' test -S $socket
ok 'and starts it again' say GetStatus
ok 'items are there once' is "$(gazette count --all)" 4
kill %1

# One user's own daemon, under a manager of that user's.
useradd -m single 2>/dev/null
run=/run/user/$(id -u single)
install -d -o single "$run"
own() { runuser -u single -- env HOME=/home/single XDG_RUNTIME_DIR="$run" "$@"; }
systemd-run -q --unit=single --uid=single -p Delegate=yes -p Type=notify \
	-E HOME=/home/single -E XDG_RUNTIME_DIR="$run" /lib/systemd/systemd --user
ok 'a user has the socket' own systemctl --user enable -q --now gazetted.socket
ok 'a call starts that daemon' own gazette status
ok 'it is active, for that user' own systemctl --user is-active gazetted.service
ok 'its database is among the state of that user' \
	test -f /home/single/.local/state/gazetted/gazetted.db
ok 'and it stops' own systemctl --user stop gazetted.socket gazetted.service
systemctl stop single
echo "1..$n"
exit $failed
