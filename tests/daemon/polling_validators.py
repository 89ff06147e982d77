# SPDX-License-Identifier: ISC
"""What is sent back to a server, and what a bad answer leaves untouched."""
import gzip
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, rss, run, true


def feeds(bench, *names, more=""):
    return "".join(f"[feed {name}]\nurl = {bench.server.url('/' + name)}\n{more}"
                   for name in names)


def tags(requests):
    return [r.headers.get("If-None-Match") for r in requests]


def dates(requests):
    return [r.headers.get("If-Modified-Since") for r in requests]


def in_turn(*answers):
    """A route that gives each answer once, and then the last one again and again."""
    count = [0]

    def answer(_):
        count[0] += 1
        return answers[min(count[0], len(answers)) - 1]
    return answer


def test_opaque(bench):
    """weak, unquoted, suffixed, long and odd ETags come back byte for byte"""
    forms = {"weak": 'W/"x"', "bare": "x-y.z", "suffix": '"x-gzip"', "empty": '""',
             "lower": 'w/"x"', "comma": '"a,b";c', "long": f'"{"e" * 1000}"',
             "latin": '"caf\xe9"'}
    for name, tag in forms.items():
        bench.server.routes["/" + name] = in_turn((200, {"ETag": tag}, rss(1)))
    bench.server.routes["/huge"] = in_turn((200, {"ETag": f'"{"e" * 1100}"'}, rss(1)))
    bench.configure(feeds(bench, *forms, "huge"))
    bench.start()
    for name, tag in forms.items():
        equal(tags(bench.server.wait("/" + name, 3))[:3], [None, tag, tag], name)
    equal(tags(bench.server.wait("/huge", 3))[:3], [None] * 3, "cut, or too long")


def test_pair(bench):
    """ETag and Last-Modified are a pair of one answer; the newest answer's"""
    old, new = "Mon, 2 Nov 2026 10:00:00 GMT", "Tue, 3 Nov 2026 10:00:00 GMT"
    bench.server.routes.update({
        "/both": in_turn((200, {"ETag": '"1"', "Last-Modified": old}, rss(1)),
                         (200, {"ETag": '"2"', "Last-Modified": new}, rss(2))),
        # Half of a pair is not kept with half of another.
        "/half": in_turn((200, {"ETag": '"1"', "Last-Modified": old}, rss(1)),
                         (200, {"Last-Modified": new}, rss(2)),
                         (200, {"ETag": '"3"'}, rss(3))),
        "/lost": in_turn((200, {"ETag": '"1"', "Last-Modified": old}, rss(1)),
                         (200, {}, rss(2))),
        # An unchanged body under new validators brings these.
        "/same": in_turn((200, {"ETag": '"1"'}, rss(1)), (200, {"ETag": '"2"'}, rss(1)),
                         (200, {"ETag": '"3"'}, rss(1)), (200, {}, rss(1))),
    })
    bench.configure(feeds(bench, "both", "half", "lost", "same"))
    bench.start()
    wait = bench.server.wait
    both, half, lost = wait("/both", 4), wait("/half", 4), wait("/lost", 4)
    equal(list(zip(tags(both), dates(both)))[:4],
          [(None, None), ('"1"', old), ('"2"', new), ('"2"', new)])
    equal(list(zip(tags(half), dates(half)))[:4],
          [(None, None), ('"1"', old), (None, new), ('"3"', None)])
    equal(list(zip(tags(lost), dates(lost)))[:4],
          [(None, None), ('"1"', old), (None, None), (None, None)])
    equal(tags(wait("/same", 5))[:5], [None, '"1"', '"2"', '"3"', None])


def test_not_modified(bench):
    """a 304 replaces what it brings and keeps what it does not"""
    date = "Mon, 2 Nov 2026 10:00:00 GMT"
    bench.server.routes.update({
        "/new": in_turn((200, {"ETag": '"1"', "Last-Modified": date}, rss(1)),
                        (304, {"ETag": '"2"'}, "")),
        "/bare": in_turn((200, {"ETag": '"1"', "Last-Modified": date}, rss(1)),
                         (304, {}, ""))})
    bench.configure(feeds(bench, "new", "bare"))
    bench.start()
    new, bare = bench.server.wait("/new", 4), bench.server.wait("/bare", 4)
    equal(tags(new)[:4], [None, '"1"', '"2"', '"2"'])
    equal(dates(new)[:4], [None] + [date] * 3)
    equal(tags(bare)[:4], [None] + ['"1"'] * 3)


def test_addresses(bench):
    """validators go to the address that they came from, and to no other"""
    server = bench.server
    server.routes["/moving"] = in_turn(
        (302, {"Location": "/first", "ETag": '"hop"'}, ""),
        (302, {"Location": "/first"}, ""), (302, {"Location": "/second"}, ""))
    server.feed("/first", rss(1), etag='"first"')
    server.feed("/second", rss(1), etag='"second"')
    server.feed("/edited", rss(1), etag='"edited"')
    server.feed("/after", rss(1), etag='"after"')
    bench.configure(feeds(bench, "moving"))
    bench.start()
    second = server.wait("/second", 2)
    equal(tags(server.of("/first")), [None, '"first"'])
    equal(tags(second)[:2], [None, '"second"'])
    equal(set(tags(server.of("/moving"))), {None})
    name = bench.call("AddFeed", url=server.url("/edited"))["feed"]["name"]
    equal(tags(server.wait("/edited", 2))[1], '"edited"')
    bench.call("SetFeed", feed=name, set={"url": server.url("/after")})
    equal(tags(server.wait("/after", 2))[:2], [None, '"after"'])


def bomb():
    return gzip.compress(b"<rss>" + b" " * (48 << 20), 9)


def broken():
    """Answers that are no feed for a reason of the wire: by name, and the outcome's
    words; each carries an ETag that must not come back."""
    whole = rss(40).encode()
    return {
        "coding": ({"Content-Encoding": "rot13"}, whole, "unreadable compression"),
        "no-gzip": ({"Content-Encoding": "gzip"}, whole, "unreadable compression"),
        "bomb": ({"Content-Encoding": "gzip"}, bomb(), "unpack"),
        "short": ({"Content-Length": str(len(whole))}, [whole[:3000]], "before the end"),
        "chunk": ({"Transfer-Encoding": "chunked"},
                  [b"fff0\r\n" + whole[:3000]], "before the end"),
        "chunk-end": ({"Transfer-Encoding": "chunked"},
                      [b"%x\r\n" % len(whole) + whole + b"\r\n"], "before the end"),
        "empty": ({}, b"", "mpty"),
        "blank": ({}, b" \n", "neither XML"),
        "page": ({"Content-Type": "text/html"}, b"<!DOCTYPE html><p>Sorry", "HTML page"),
        "over": ({"Content-Length": str(40 << 20)}, [whole], "max-body"),
        "part": (206, whole[:2000], "206"),
        "headers": ({f"X-{n}": "h" * 6000 for n in range(11)}, whole, None),
        "one-header": ({"X-Long": "h" * 65536}, whole, None),
        "many-headers": ({f"X-{n}": "h" * 6000 for n in range(60)}, whole, "header"),
    }


def good_then(status, headers, body):
    """A good answer once, then this one; a list is sent as it stands."""
    count = [0]

    def answer(_):
        count[0] += 1
        if count[0] == 1:
            return 200, {"ETag": '"good"'}, rss(3)
        return status, headers, body if isinstance(body, bytes) else iter(body)
    return answer


def test_broken(bench):
    """bodies that are cut, lie, unpack to a flood or are none leave all as it was"""
    kinds = broken()
    for name, (headers, body, _) in kinds.items():
        status = headers if isinstance(headers, int) else 200
        bad = {"ETag": '"bad"', **(headers if isinstance(headers, dict) else {})}
        bench.server.routes["/" + name] = good_then(
            status, bad, body)
    bench.configure(feeds(bench, *kinds))
    bench.start()
    for name, (_, _, words) in kinds.items():
        if words is None:
            continue  # a good document, for all its headers
        error = bench.until(name, lambda n=name: bench.feed(n).get("last_error"))
        print(f"# {name}: {error}", flush=True)
        contains(error, words)
        after = bench.server.wait("/" + name, 3)
        equal(tags(after)[:3], [None, '"good"', '"good"'], name)
        true('"bad"' not in tags(after), name)
        feed = bench.feed(name)
        equal((feed["items"], feed["title"]), (3, "A feed"), name)
        reasons = bench.call("ExplainFeed", feed=name)["reasons"]
        true(any(line.startswith("back-off") for line in reasons), str(reasons))
    for name in ("headers", "one-header"):
        equal(tags(bench.server.wait("/" + name, 3))[2], '"bad"', name)


run([test_opaque, test_pair, test_not_modified, test_addresses, test_broken])
