/* SPDX-License-Identifier: ISC */
#ifndef BASE_URL_H
#define BASE_URL_H

/*
 * URLs, by curl's URL API: what is resolved here is parsed as what is dialled.
 * Any thread.
 */
#include <stdbool.h>

#include "base/buf.h"

/* `ref` against `base` (RFC 3986 section 5.3), appended to `out`.  White space
 * at the ends goes, CR LF TAB inside go, other characters outside ASCII and
 * blanks stay as they are.  A `ref` that is absolute already needs no base.
 * 0; -EINVAL when neither gives an absolute URL (nothing appended). */
int url_resolve(const char *base, const char *ref, struct buf *out);

/* True for an absolute http or https URL with a host. */
bool url_is_http(const char *url);

/* "scheme://host:port", lower case, the port always there.  0, or -EINVAL. */
int url_origin(const char *url, struct buf *out);
/* The host in lower case, without brackets or a trailing dot.  0, or -EINVAL. */
int url_host(const char *url, struct buf *out);
/* The host and port as `url_host` gives it, ":", and the number. */
int url_host_port(const char *url, struct buf *out);
/* The URL without user and password, otherwise byte for byte as it was. */
int url_without_userinfo(const char *url, struct buf *out);
/* What a server is asked for, to compare: the scheme and host in lower case, without
 * user and password, the scheme's own port and the fragment, and never without a path;
 * otherwise as it was, and all of it when it is no address. */
void url_asked(const char *url, struct buf *out);

#endif
