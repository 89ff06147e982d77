#!/bin/bash
# SPDX-License-Identifier: ISC
# New items as they arrive: follow.sh [SOCKET [QUERY]], for instance tag:cve
# curl is the raw socket client that every machine has; jq reads the replies.
set -eu
socket=${1:-/run/gazetted/org.gazetted}
query=${2:-}

call=$(jq -nc --arg query "$query" '{
	method: "org.gazetted.Follow",
	more: true,
	parameters: ({from: "now"} + if $query == "" then {} else {$query} end)
}')
# The message ends with a newline, and so do the replies.  "-T ." is what lets
# curl go on receiving while it has nothing to send.
coproc curl -sN -T . --unix-socket "$socket" telnet://gazetted 2>/dev/null
printf '%s\n' "$call" >&"${COPROC[1]}"
jq --unbuffered -r '
	if .error then "\(.error): \(.parameters)\n" | halt_error(2)
	else .parameters.event | select(.item) | [.cursor, .item.title] | @tsv
	end' <&"${COPROC[0]}"
