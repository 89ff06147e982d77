#!/bin/sh
# SPDX-License-Identifier: ISC
# Every man page is clean under mandoc's lint.  TAP output.
pages=$(ls "${top_srcdir:-.}"/man/*.[1-9])
if ! command -v mandoc >/dev/null; then
	echo "1..0 # SKIP mandoc is not installed"
	exit 0
fi
echo "1..$(echo "$pages" | wc -l)"
n=0
for page in $pages; do
	n=$((n + 1))
	# Pages of other packages, and ours while not installed, are no fault.
	found=$(mandoc -T lint -W style "$page" | grep -v 'referenced manual not found')
	if [ -z "$found" ]; then
		echo "ok $n - $(basename "$page")"
	else
		echo "not ok $n - $(basename "$page")"
		echo "$found" | sed 's/^/# /'
	fi
done
