/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SECRETS_H
#define DAEMON_SECRETS_H

/*
 * Credentials, certificates and keys: from names in the settings to bytes in a
 * request, and whether a file has changed since.  Nothing is kept; nothing of
 * their contents ever stands in a reason.  Loop thread.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/outcome.h"
#include "model/request.h"

/* Names, as settings and the store have them. */
struct secrets_names {
	const char *credential;            /* of a file; NULL: none */
	const char *ca_file, *client_cert; /* paths; NULL: none */
};

/* `config`: the configuration's path; credentials/ is beside it.  Fills the
 * request's credential, ca_pem and client_pem (in `arena`).  OUTCOME_OK; or what
 * the attempt ends with, and why. */
enum outcome secrets_fill(const char *config, const struct secrets_names *names,
    struct request *request, struct arena *arena, struct buf *reason);
/* A number that changes when the credential's file does; never 0, also when there
 * is none.  0: `credential` is NULL. */
uint64_t secrets_mark(const char *config, const char *credential);

#endif
