# SPDX-License-Identifier: ISC
"""gazette feed probe: an address is asked once, told about, and nothing is kept."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, gazette, refused, rss, run, true


def probe(bench, url, *words, code=0):
    return json.loads(gazette(bench, "feed", "probe", url, *words, "--json",
                              code=code))


def nothing_kept(bench):
    equal(bench.call("GetStatus")["feeds"], 0, "feeds")
    equal(bench.items(), [], "items")


def start(bench):
    bench.configure()
    bench.start()
    return bench.server


def test_feed(bench):
    """a good feed: one request, its header and document, no warning"""
    server = start(bench)
    dated = rss(3).replace("</item>", "<pubDate>Mon, 02 Nov 2026 15:04:05 GMT"
                           "</pubDate></item>")
    url = server.feed("/f", dated, etag='"one"', **{
        "Cache-Control": "public, max-age=900",
        "Last-Modified": "Mon, 02 Nov 2026 15:04:05 GMT"})
    told = probe(bench, url)
    equal((told["v"], told["url"], told["hops"], told["answered"]),
          (1, url, [], url))
    equal((told["outcome"], told["status"], told["bytes"]),
          ("ok", 200, len(dated)))
    equal(told["http"], {
        "content_type": "application/rss+xml",
        "cache_control": "public, max-age=900", "etag": '"one"',
        "last_modified": "Mon, 02 Nov 2026 15:04:05 GMT", "max_age_s": 900})
    equal(told["document"], {
        "format": "rss2.0", "encoding": "utf-8", "size": len(dated),
        "bozo": False, "title": "A feed", "site": "http://site.example/",
        "items": 3, "dated": 3, "newest": "2026-11-02T15:04:05.000Z",
        "oldest": "2026-11-02T15:04:05.000Z"})
    equal(told["warnings"], [], "warnings")
    equal(len(server.of("/f")), 1)
    lines = gazette(bench, "feed", "probe", url).splitlines()
    equal(lines[0], f"  200  {url}")
    for line in ['validators   ETag "one", Last-Modified Mon, 02 Nov 2026 15:04:05'
                 ' GMT', "caching      public, max-age=900, good for 15m",
                 f"format       rss2.0, utf-8, {len(dated)} bytes",
                 "title        A feed"]:
        true(line in lines, f"{line!r} is not in {lines}")
    nothing_kept(bench)


def test_redirects(bench):
    """each redirect is told; when all are for good, where they lead"""
    server = start(bench)
    url = server.feed("/f", rss(1))
    server.routes["/a"] = lambda r: (301, {"Location": "/b"}, "")
    server.routes["/b"] = lambda r: (308, {"Location": "/f"}, "")
    server.routes["/t"] = lambda r: (302, {"Location": "/b"}, "")
    told = probe(bench, server.url("/a"))
    equal([(hop["status"], hop["url"], hop["location"]) for hop in told["hops"]],
          [(301, server.url("/a"), server.url("/b")),
           (308, server.url("/b"), url)])
    equal((told["answered"], told["moved"]), (url, url))
    contains(gazette(bench, "feed", "probe", server.url("/a")),
             f"It has moved for good: subscribe to {url}.")
    told = probe(bench, server.url("/t"))
    equal([hop["status"] for hop in told["hops"]], [302, 308])
    true("moved" not in told, "a 302 is no move for good")
    nothing_kept(bench)


def test_warnings(bench):
    """what a publisher could make better is said in words"""
    server = start(bench)
    body = ('<rss version="2.0"><channel><link>http://site.example/</link>'
            "<description>D & D</description>"
            "<item><title>1</title><link>/1</link><guid>g</guid>"
            "<pubDate>yesterday</pubDate></item>"
            "<item><title>2</title><guid isPermaLink='false'>g</guid>"
            "<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate></item>"
            "<item><description> </description></item>"
            "</channel></rss>" + " " * 20000)
    server.routes["/f"] = lambda r: (200, {"Content-Type": "text/plain"}, body)
    told = probe(bench, server.url("/f"))
    equal(told["document"]["bozo"], True)
    said = "\n".join(told["warnings"])
    for part in ["sent as text/plain; application/rss+xml is",
                 "neither ETag nor Last-Modified", "sent uncompressed",
                 "It is damaged", "no title", "1 of 3 items: no id.",
                 '1 of 3 items: the id of another one, such as "g".',
                 "2 of 3 items: no link.",
                 '1 of 3 items: a relative link, such as "/1".',
                 "1 of 3 items: neither title nor text.",
                 "1 of 3 items: no date.",
                 '1 of 3 items: a date that cannot be read, such as "yesterday". '
                 "Write it as Mon, 02 Nov 2026 15:04:05 GMT.",
                 "1 of 3 items: a date in the future"]:
        contains(said, part)
    text = gazette(bench, "feed", "probe", server.url("/f"))
    for line in told["warnings"]:
        contains(text, f"  - {line}\n")


def test_no_feed(bench):
    """pages, errors and refused addresses: exit 1, and the reason"""
    server = start(bench)
    server.routes["/p"] = lambda r: (
        200, {"Content-Type": "text/html"}, "<!doctype html><title>P</title>"
        '<link rel="alternate" type="application/rss+xml" title="News" href="f">'
        '<link rel="alternate" type="application/atom+xml" href="/g">')
    told = probe(bench, server.url("/p"), code=1)
    equal(told["outcome"], "not-a-feed")
    equal(told["candidates"], [{"url": server.url("/f"), "title": "News"},
                               {"url": server.url("/g")}])
    contains(gazette(bench, "feed", "probe", server.url("/p"), code=1),
             f"  - {server.url('/f')}  News\n")
    told = probe(bench, server.url("/missing"), code=1)
    equal((told["outcome"], told["status"]), ("not-found", 404))
    told = probe(bench, "http://10.0.0.1/", code=1)
    equal(told["outcome"], "forbidden-address")
    contains(told["message"], "private network")
    text = gazette(bench, "feed", "probe", "http://10.0.0.1/", code=1)
    true("bytes" not in text, f"nothing came: {text}")
    true("status" not in told and "http" not in told, f"{told}")
    nothing_kept(bench)


def test_manners(bench):
    """a host that asked for a pause gets it; settings of the request are sent"""
    bench.configure("[fetch]\nper-feed-limits =\n")
    bench.start()
    server = bench.server
    url = server.feed("/f", rss(1))
    gazette(bench, "feed", "probe", url, "user-agent=probe/1")
    equal(server.of("/f")[0].headers["User-Agent"], "probe/1")
    contains(gazette(bench, "feed", "probe", url, "user-agnet=x", code=2),
             "did you mean user-agent?")
    contains(gazette(bench, "feed", "probe", url, "insecure=yes", code=2),
             "insecure")
    contains(gazette(bench, "feed", "probe", "ftp://x/", code=2), "http://")
    contains(gazette(bench, "feed", "probe", code=2), "usage")
    contains(gazette(bench, "feed", "probe", url, "-o", "tsv", code=2), "--json")
    server.routes["/busy"] = lambda r: (429, {"Retry-After": "3600"}, "")
    equal(probe(bench, server.url("/busy"), code=1)["outcome"], "throttled")
    count = len(server.requests)
    failed = refused(lambda: bench.call("ProbeFeed", url=server.url("/busy")),
                     "Busy")
    true(failed.parameters["retry_after"] > 3000, f"{failed}")
    equal(len(server.requests), count, "requests")


def test_again(bench):
    """--again: a second request with the validators, and whether they work"""
    server = start(bench)
    url = server.feed("/f", rss(1), etag='"one"')
    told = probe(bench, url, "--again")
    equal((told["status"], told["revalidated"]), (200, True))
    equal([r.headers.get("If-None-Match") for r in server.of("/f")],
          [None, '"one"'])
    contains(gazette(bench, "feed", "probe", url, "--again"),
             'validators   ETag "one": asked again, 304\n')
    server.routes["/deaf"] = lambda r: (
        200, {"ETag": '"x"', "Content-Type": "text/xml"}, rss(1))
    server.routes["/to"] = lambda r: (302, {"Location": "/deaf"}, "")
    told = probe(bench, server.url("/to"), "--again")
    equal((told["revalidated"], len(told["hops"])), (False, 1))
    equal([len(server.of("/to")), len(server.of("/deaf"))], [1, 2])
    contains(gazette(bench, "feed", "probe", server.url("/to"), "--again"),
             "  - Its validators do not work")
    server.routes["/none"] = lambda r: (200, {}, rss(1))
    true("revalidated" not in probe(bench, server.url("/none"), "--again"),
         "there is nothing to ask again with")
    equal(len(server.of("/none")), 1)
    nothing_kept(bench)


def test_gone(bench):
    """a client that goes away takes its probe along"""
    server = start(bench)

    def slowly(request):
        started.append(request)

        def body():
            yield b"<rss version='2.0'>"
            while not done:
                yield b"    "
                bench.server.changed.acquire()
                bench.server.changed.wait(0.05)
                bench.server.changed.release()
        return 200, {}, body()
    started, done = [], []
    server.routes["/slow"] = slowly
    client = bench.client()
    client.send("ProbeFeed", url=server.url("/slow"))
    server.wait("/slow", 1)
    client.close()
    bench.clients.remove(client)
    url = server.feed("/f", rss(1))
    equal(bench.call("ProbeFeed", url=url)["outcome"], "ok")
    done.append(True)
    nothing_kept(bench)


run([test_feed, test_redirects, test_warnings, test_no_feed, test_manners,
     test_again, test_gone])
