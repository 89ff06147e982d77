/* SPDX-License-Identifier: ISC */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "fetch/fetch.h"

static bool
gate(const char *text, unsigned short port, const char *host, const char *allow,
    struct buf *reason)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *in = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;

	if (strchr(text, ':') != NULL) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
	}
	return fetch_gate((struct sockaddr *)&storage, host, allow, reason);
}

/* Both edges of every block, and what lies just outside of it. */
static void
edges(void **state)
{
	static const struct {
		const char *address;
		bool is_open;
	} table[] = {
	    {"0.0.0.0", false},
	    {"0.255.255.255", false},
	    {"1.0.0.0", true},
	    {"9.255.255.255", true},
	    {"10.0.0.0", false},
	    {"10.255.255.255", false},
	    {"11.0.0.0", true},
	    {"100.63.255.255", true},
	    {"100.64.0.0", false},
	    {"100.127.255.255", false},
	    {"100.128.0.0", true},
	    {"126.255.255.255", true},
	    {"127.0.0.0", false},
	    {"127.0.0.1", false},
	    {"127.255.255.255", false},
	    {"128.0.0.0", true},
	    {"169.253.255.255", true},
	    {"169.254.0.0", false},
	    {"169.254.169.254", false},
	    {"169.254.255.255", false},
	    {"169.255.0.0", true},
	    {"172.15.255.255", true},
	    {"172.16.0.0", false},
	    {"172.31.255.255", false},
	    {"172.32.0.0", true},
	    {"191.255.255.255", true},
	    {"192.0.0.0", false},
	    {"192.0.0.8", false},
	    {"192.0.0.9", true},
	    {"192.0.0.10", true},
	    {"192.0.0.11", false},
	    {"192.0.0.170", false},
	    {"192.0.0.255", false},
	    {"192.0.1.0", true},
	    {"192.0.1.255", true},
	    {"192.0.2.0", false},
	    {"192.0.2.255", false},
	    {"192.0.3.0", true},
	    {"192.31.196.1", true},
	    {"192.52.193.1", true},
	    {"192.88.98.255", true},
	    {"192.88.99.0", false},
	    {"192.88.99.255", false},
	    {"192.88.100.0", true},
	    {"192.167.255.255", true},
	    {"192.168.0.0", false},
	    {"192.168.255.255", false},
	    {"192.169.0.0", true},
	    {"192.175.48.1", true},
	    {"198.17.255.255", true},
	    {"198.18.0.0", false},
	    {"198.19.255.255", false},
	    {"198.20.0.0", true},
	    {"198.51.99.255", true},
	    {"198.51.100.0", false},
	    {"198.51.100.255", false},
	    {"198.51.101.0", true},
	    {"203.0.112.255", true},
	    {"203.0.113.0", false},
	    {"203.0.113.255", false},
	    {"203.0.114.0", true},
	    {"223.255.255.255", true},
	    {"224.0.0.0", false},
	    {"239.255.255.255", false},
	    {"240.0.0.0", false},
	    {"255.255.255.254", false},
	    {"255.255.255.255", false},

	    {"::", false},
	    {"::1", false},
	    {"::2", false},
	    {"::7f00:1", false},
	    {"::8.8.8.8", false},
	    {"100::", false},
	    {"100::1", false},
	    {"100:0:0:1::1", false},
	    {"200::1", false},
	    {"1fff:ffff::1", false},
	    {"2000::", true},
	    {"2001:1::1", true},
	    {"2001:1::2", true},
	    {"2001:1::3", true},
	    {"2001:1::4", false},
	    {"2001:2::1", false},
	    {"2001:2:0:ffff::1", false},
	    {"2001:3::1", true},
	    {"2001:4:111::1", false},
	    {"2001:4:112::1", true},
	    {"2001:4:113::1", false},
	    {"2001:10::1", false},
	    {"2001:1f::1", false},
	    {"2001:20::1", true},
	    {"2001:2f:ffff::1", true},
	    {"2001:30::1", true},
	    {"2001:40::1", false},
	    {"2001:1ff:ffff::1", false},
	    {"2001:200::1", true},
	    {"2001:db7:ffff::1", true},
	    {"2001:db8::", false},
	    {"2001:db8:ffff::1", false},
	    {"2001:db9::1", true},
	    {"2606:4700::1111", true},
	    {"2620:4f:8000::1", true},
	    {"3ffe::1", true},
	    {"3fff::1", false},
	    {"3fff:fff:ffff::1", false},
	    {"3fff:1000::1", true},
	    {"4000::1", false},
	    {"5f00::1", false},
	    {"fbff::1", false},
	    {"fc00::1", false},
	    {"fdff:ffff::1", false},
	    {"fe7f::1", false},
	    {"fe80::1", false},
	    {"febf::1", false},
	    {"fec0::1", false},
	    {"feff::1", false},
	    {"ff00::1", false},
	    {"ff02::1", false},
	    {"ffff::1", false},

	    /* IPv4 inside IPv6: as the IPv4 address itself. */
	    {"::ffff:127.0.0.1", false},
	    {"::ffff:10.0.0.1", false},
	    {"::ffff:8.8.8.8", true},
	    {"::ffff:0:127.0.0.1", false},
	    {"64:ff9b::127.0.0.1", false},
	    {"64:ff9b::192.168.1.1", false},
	    {"64:ff9b::169.254.169.254", false},
	    {"64:ff9b::8.8.8.8", true},
	    {"64:ff9b::1:8.8.8.8", false},
	    {"64:ff9b:1::8.8.8.8", false},
	    {"2002:7f00:1::1", false},
	    {"2002:a00:1::", false},
	    {"2002:c0a8:101::1", false},
	    {"2002:808:808::1", true},
	    /* Teredo: the server plain, the client inverted. */
	    {"2001:0:808:808:0:0:f7f7:f7f7", true},
	    {"2001:0:808:808:0:0:80ff:fffe", false},
	    {"2001:0:7f00:1:0:0:f7f7:f7f7", false},
	    {"2001:0:a00:1:0:0:3f57:fefe", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf reason = {0};
		bool is_open =
		    gate(table[i].address, 80, "example.org", "no", &reason);

		if (is_open != table[i].is_open)
			fail_msg("%s: %s", table[i].address, buf_text(&reason));
		/* A refusal says which address and which rule. */
		assert_int_equal(reason.len > 0, !is_open);
		if (!is_open)
			assert_non_null(strchr(reason.data, '/'));
		buf_done(&reason);
	}
}

static void
allow_list(void **state)
{
	static const struct {
		const char *address, *host, *allow;
		unsigned short port;
		bool is_open;
	} table[] = {
	    {"127.0.0.1", "localhost", "yes", 80, true},
	    {"127.0.0.1", "localhost", "no", 80, false},
	    {"127.0.0.1", "localhost", "", 80, false},
	    {"127.0.0.1", "localhost", NULL, 80, false},
	    {"127.0.0.1", "localhost", "localhost:80", 80, true},
	    {"127.0.0.1", "LocalHost", "localhost:80", 80, true},
	    {"127.0.0.1", "localhost", "localhost:80", 81, false},
	    {"127.0.0.1", "evil.example", "localhost:80", 80, false},
	    {"127.0.0.1", "xlocalhost", "localhost:80", 80, false},
	    {"10.1.2.3", "nas", "10.1.0.0/16 nas:80", 443, true},
	    {"10.2.2.3", "nas", "10.1.0.0/16 nas:80", 80, true},
	    {"10.2.2.3", "nas", "10.1.0.0/16 nas:80", 443, false},
	    {"10.2.2.3", "nas", "10.1.0.0/16\tnas:443", 443, true},
	    {"10.0.255.255", "x", "10.1.0.0/16", 80, false},
	    {"10.2.0.0", "x", "10.1.0.0/16", 80, false},
	    {"10.1.2.3", "x", "10.1.2.3", 80, true},
	    {"10.1.2.4", "x", "10.1.2.3", 80, false},
	    {"10.1.2.3", "x", "10.1.2.3:8080", 8080, true},
	    {"10.1.2.3", "x", "10.1.2.3:8080", 80, false},
	    {"10.1.2.3", "x", "0.0.0.0/0", 80, true},
	    {"10.1.2.3", "x", "10.1.2.3/33", 80, false},
	    {"10.1.2.3", "x", "10.1.2.3/", 80, false},
	    {"10.1.2.3", "x", "10.1.2.3/x", 80, false},
	    {"::1", "x", "[::1]:8080", 8080, true},
	    {"::1", "x", "[::1]:8080", 80, false},
	    {"::1", "x", "::1/128", 80, true},
	    {"fd12::1", "x", "fd00::/8", 80, true},
	    {"fe80::1", "x", "fd00::/8", 80, false},
	    {"10.1.2.3", "x", "::/0", 80, false},
	    /* A rule for the IPv4 network holds for roads to it, too. */
	    {"::ffff:10.1.2.3", "x", "10.0.0.0/8", 80, true},
	    {"64:ff9b::10.1.2.3", "x", "10.0.0.0/8", 80, true},
	    {"64:ff9b::10.1.2.3", "x", "192.168.0.0/16", 80, false},
	    {"8.8.8.8", "x", "10.0.0.0/8", 80, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf reason = {0};
		bool is_open = gate(table[i].address, table[i].port, table[i].host,
		    table[i].allow, &reason);

		if (is_open != table[i].is_open)
			fail_msg("%s under %s: %s", table[i].address, table[i].allow,
			    buf_text(&reason));
		buf_done(&reason);
	}
}

static void
other_families(void **state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct buf reason = {0};

	(void)state;
	assert_false(fetch_gate((struct sockaddr *)&un, "x", "yes", &reason));
	assert_true(reason.len > 0);
	buf_done(&reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges),
	    cmocka_unit_test(allow_list),
	    cmocka_unit_test(other_families),
	};

	return CHECK_RUN(tests);
}
