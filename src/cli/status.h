/* SPDX-License-Identifier: ISC */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

/* Exit statuses of gazette (CLI 3): a frozen interface. */
enum status {
	STATUS_OK = 0,
	STATUS_NO_MATCH = 1,
	STATUS_USAGE = 2,
	STATUS_PARTIAL = 3,
	STATUS_NOT_FOUND = 4,
	STATUS_PERMISSION = 5,
	STATUS_UNREACHABLE = 69,
	STATUS_BUSY = 75,
	STATUS_PROTOCOL = 76,
	STATUS_INTERRUPTED = 130
};

#endif
