/* SPDX-License-Identifier: ISC */
/*
 * The address gate: which addresses a feed may send us to.  One table from the
 * IANA special-purpose registries (IPv4 and IPv6, as of 2025); what stands in a
 * narrower row comes before the block around it.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/fetch.h"

struct address {
	int family;
	unsigned char byte[16]; /* network order; 4 or 16 of them */
	unsigned port;
};

struct range {
	unsigned char net[16];
	unsigned bits;
	bool is_global;
	const char *text, *what;
};

static const struct range ranges4[] = {
    {{0}, 8, false, "0.0.0.0/8", "this machine"},
    {{10}, 8, false, "10.0.0.0/8", "a private network"},
    {{100, 64}, 10, false, "100.64.0.0/10", "a provider's inner network"},
    {{127}, 8, false, "127.0.0.0/8", "this machine"},
    {{169, 254}, 16, false, "169.254.0.0/16", "link-local"},
    {{172, 16}, 12, false, "172.16.0.0/12", "a private network"},
    {{192, 0, 0, 9}, 32, true, "192.0.0.9/32", "PCP anycast"},
    {{192, 0, 0, 10}, 32, true, "192.0.0.10/32", "TURN anycast"},
    {{192, 0, 0}, 24, false, "192.0.0.0/24", "set aside for protocols"},
    {{192, 0, 2}, 24, false, "192.0.2.0/24", "for documentation"},
    {{192, 88, 99}, 24, false, "192.88.99.0/24", "the old 6to4 relay"},
    {{192, 168}, 16, false, "192.168.0.0/16", "a private network"},
    {{198, 18}, 15, false, "198.18.0.0/15", "for benchmarks"},
    {{198, 51, 100}, 24, false, "198.51.100.0/24", "for documentation"},
    {{203, 0, 113}, 24, false, "203.0.113.0/24", "for documentation"},
    {{224}, 4, false, "224.0.0.0/4", "multicast"},
    {{240}, 4, false, "240.0.0.0/4", "reserved"},
};

static const struct range ranges6[] = {
    {{[15] = 1}, 128, false, "::1/128", "this machine"},
    {{0}, 128, false, "::/128", "this machine"},
    {{0x01}, 64, false, "100::/64", "discarded"},
    {{0x20, 0x01, 0, 1, [15] = 1}, 128, true, "2001:1::1/128", "PCP anycast"},
    {{0x20, 0x01, 0, 1, [15] = 2}, 128, true, "2001:1::2/128", "TURN anycast"},
    {{0x20, 0x01, 0, 1, [15] = 3}, 128, true, "2001:1::3/128", "SRP anycast"},
    {{0x20, 0x01, 0, 3}, 32, true, "2001:3::/32", "AMT"},
    {{0x20, 0x01, 0, 4, 0x01, 0x12}, 48, true, "2001:4:112::/48", "AS112"},
    {{0x20, 0x01, 0, 0x20}, 28, true, "2001:20::/28", "ORCHIDv2"},
    {{0x20, 0x01, 0, 0x30}, 28, true, "2001:30::/28", "drone identifiers"},
    {{0x20, 0x01}, 23, false, "2001::/23", "set aside for protocols"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, false, "2001:db8::/32", "for documentation"},
    {{0x3f, 0xff}, 20, false, "3fff::/20", "for documentation"},
    {{0x5f}, 16, false, "5f00::/16", "segment routing"},
    {{0xfc}, 7, false, "fc00::/7", "a private network"},
    {{0xfe, 0x80}, 10, false, "fe80::/10", "link-local"},
    {{0xfe, 0xc0}, 10, false, "fec0::/10", "site-local"},
    {{0xff}, 8, false, "ff00::/8", "multicast"},
    {{0x20}, 3, true, "2000::/3", "global unicast"},
    {{0}, 0, false, "::/0", "not handed out for use"},
};

/* An IPv4 address inside an IPv6 one reaches the IPv4 one's network. */
static const struct road {
	unsigned char net[16];
	unsigned bits, at;
	unsigned char flip; /* Teredo writes the client's address inverted */
	const char *what;
} roads[] = {
    {{[10] = 0xff, 0xff}, 96, 12, 0, "IPv4-mapped"},
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12, 0, "NAT64"},
    {{0x20, 0x02}, 16, 2, 0, "6to4"},
    {{0x20, 0x01, 0, 0}, 32, 4, 0, "Teredo server"},
    {{0x20, 0x01, 0, 0}, 32, 12, 0xff, "Teredo client"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
in_net(const unsigned char *address, const unsigned char *net, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(address, net, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ net[whole]) >> (8 - rest)) == 0;
}

static bool
from_sockaddr(const struct sockaddr *sa, struct address *ret)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	memset(ret, 0, sizeof(*ret));
	ret->family = sa->sa_family;
	if (sa->sa_family == AF_INET) {
		memcpy(ret->byte, &in->sin_addr, 4);
		ret->port = ntohs(in->sin_port);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(ret->byte, &in6->sin6_addr, 16);
		ret->port = ntohs(in6->sin6_port);
		return true;
	}
	return false;
}

/* The IPv4 address that `from` carries along `road`. */
static bool
travel(const struct address *from, const struct road *road, struct address *ret)
{
	unsigned i;

	if (from->family != AF_INET6 || !in_net(from->byte, road->net, road->bits))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->family = AF_INET;
	ret->port = from->port;
	for (i = 0; i < 4; i++)
		ret->byte[i] = from->byte[road->at + i] ^ road->flip;
	return true;
}

/* -- What the configuration allows -------------------------------------------- */

static bool
parse_address(const char *text, struct address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	return inet_pton(ret->family, text, ret->byte) == 1;
}

/* ADDRESS or ADDRESS/BITS. */
static bool
matches_net(char *token, const struct address *address)
{
	char *slash = strchr(token, '/'), *end;
	unsigned long bits;
	struct address net;

	if (slash != NULL)
		*slash = '\0';
	if (!parse_address(token, &net) || net.family != address->family)
		return false;
	bits = net.family == AF_INET ? 32 : 128;
	if (slash != NULL) {
		unsigned long asked = strtoul(slash + 1, &end, 10);

		if (end == slash + 1 || *end != '\0' || asked > bits)
			return false;
		bits = asked;
	}
	return in_net(address->byte, net.byte, (unsigned)bits);
}

/* HOST:PORT: the name as the URL has it, or the very address. */
static bool
matches_host_port(char *token, const struct address *address, const char *host)
{
	char *colon = strrchr(token, ':'), *end;
	size_t size;
	struct address exact;

	if (colon == NULL || strtoul(colon + 1, &end, 10) != address->port ||
	    end == colon + 1 || *end != '\0')
		return false;
	*colon = '\0';
	size = strlen(token);
	if (size > 2 && token[0] == '[' && token[size - 1] == ']') {
		token[size - 1] = '\0';
		token++;
	}
	if (host != NULL && strcasecmp(token, host) == 0)
		return true;
	return parse_address(token, &exact) && exact.family == address->family &&
	    memcmp(exact.byte, address->byte, sizeof(exact.byte)) == 0;
}

static bool
is_allowed(const struct address *address, const char *host, const char *allow)
{
	char token[300]; /* a host name has at most 253 characters */
	char again[300];
	size_t size;

	if (allow == NULL)
		return false;
	for (; *allow != '\0'; allow += size) {
		allow += strspn(allow, " \t,");
		size = strcspn(allow, " \t,");
		if (size == 0 || size >= sizeof(token))
			continue;
		memcpy(token, allow, size);
		token[size] = '\0';
		memcpy(again, token, size + 1);
		if (strcmp(token, "yes") == 0 || matches_net(token, address) ||
		    matches_host_port(again, address, host))
			return true;
	}
	return false;
}

/* -- The verdict -------------------------------------------------------------- */

static const struct range *
range_of(const struct address *address)
{
	const struct range *ranges = address->family == AF_INET ? ranges4 : ranges6;
	size_t count = address->family == AF_INET ? COUNT(ranges4) : COUNT(ranges6);
	size_t i;

	for (i = 0; i < count; i++) {
		if (in_net(address->byte, ranges[i].net, ranges[i].bits))
			return &ranges[i];
	}
	return NULL; /* IPv4 that no row names: global */
}

static void
explain(const struct address *address, const char *road, const struct range *range,
    struct buf *reason)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(address->family, address->byte, text, sizeof(text));
	buf_printf(reason, "%s", text);
	if (road != NULL)
		buf_printf(reason, " (by its %s part)", road);
	buf_printf(reason,
	    " is not a public address (%s: %s); allow-private can "
	    "let it through",
	    range->text, range->what);
}

/* `ret_range` is set when the answer is no. */
static bool
is_public(const struct address *address, const struct range **ret_range)
{
	const struct range *range = range_of(address);

	if (range == NULL || range->is_global)
		return true;
	*ret_range = range;
	return false;
}

bool
fetch_gate(const struct sockaddr *sockaddr, const char *host, const char *allow,
    struct buf *reason)
{
	const struct range *range = NULL;
	struct address address, inner;
	bool travelled = false;
	size_t i;

	if (!from_sockaddr(sockaddr, &address)) {
		buf_puts(reason, "neither an IPv4 nor an IPv6 address");
		return false;
	}
	if (is_allowed(&address, host, allow))
		return true;
	for (i = 0; i < COUNT(roads); i++) {
		if (!travel(&address, &roads[i], &inner))
			continue;
		travelled = true;
		if (!is_public(&inner, &range) && !is_allowed(&inner, host, allow)) {
			explain(&address, roads[i].what, range, reason);
			return false;
		}
	}
	if (travelled || is_public(&address, &range))
		return true;
	explain(&address, NULL, range, reason);
	return false;
}
