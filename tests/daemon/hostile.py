# SPDX-License-Identifier: ISC
"""Publishers that mean harm: what they send hurts their own feed alone."""
import itertools
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import DEFAULTS, contains, equal, refused, rss, run, true
from servers import Listener


class Raw(Listener):
    """Answers every request with the bytes that its path stands for, and hangs up."""

    def __init__(self, answers):
        self.answers = answers
        super().__init__()

    def _one(self, client):
        with client:
            client.sendall(self.answers[client.recv(65536).split()[1].decode()])

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


def feeds(**urls):
    return "".join(f"[feed {name}]\nurl = {url}\n" for name, url in urls.items())


def test_status_lines(bench):
    """status lines that are none, and 101, fail the feed, not the fetcher"""
    body = rss(1).encode()
    rest = b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answers = {"/blanks": b"HTTP/1.1  200 OK" + rest,
               "/tab": b"HTTP/1.1 \t200 OK" + rest,
               "/lower": b"http/1.1 200 OK" + rest,
               "/switch": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + body,
               "/empty": b"HTTP/1.1  204 No Content\r\n\r\n"}
    raw = Raw(answers)
    bench.configure(feeds(**{path[1:]: raw.url(path) for path in answers}))
    bench.start()
    fetcher = bench.fetcher()
    for path in answers:
        feed = bench.until(path, lambda name=path[1:]: bench.feed(name).get(
            "last_error") and bench.feed(name))
        contains(feed["last_error"], "not an HTTP answer")
    equal(bench.fetcher(), fetcher, "the fetcher")
    raw.close()


def archive(number, before):
    return rss(1, number, extra='<a:link xmlns:a="http://www.w3.org/2005/Atom" '
               f'rel="prev-archive" href="{before}"/>')


GROUP = DEFAULTS.replace("per-host-pause = 0", "per-feed-limits =")


def grouped(bench, *names):
    return "[rate G]\npause = 300ms\n" + "".join(
        f"[feed {n}]\nurl = {bench.server.url('/' + n)}\nrate-group = G\n"
        f"interval = 1h\n" for n in names)


def test_group_pause(bench):
    """a redirect within a host keeps to the pause of the feed's rate group"""
    server = bench.server
    for n in range(3):
        server.routes[f"/from{n}"] = lambda _, n=n: (302, {"Location": f"/to{n}"}, "")
        server.feed(f"/to{n}", rss(1))
    bench.configure(grouped(bench, "from0", "from1", "from2"), GROUP)
    bench.start()
    for n in range(3):
        server.wait(f"/to{n}", 1)
    gaps = [b.time - a.time for a, b in zip(server.requests, server.requests[1:])]
    true(min(gaps) > 0.25, f"{gaps} in {[r.path for r in server.requests]}")


def quiet(bench):
    """A host is held, and nothing is asked for in a second and a half."""
    bench.until("hold", lambda: any(
        h["state"] == "held" for h in bench.call("ListHosts")["hosts"]))
    asked = len(bench.server.requests)
    time.sleep(1.5)
    equal([r.path for r in bench.server.requests[asked:]], [], "requests in the hold")


BUSY = (429, {"Retry-After": "3600"}, "")


def test_group_hold(bench):
    """a 429 behind a redirect within a host holds the feed's rate group"""
    server = bench.server
    server.routes["/old"] = lambda _: (302, {"Location": "/busy"}, "")
    server.routes["/busy"] = lambda _: BUSY
    server.feed("/good", rss(1))
    bench.configure(grouped(bench, "old", "good").replace("1h", "500ms"), GROUP)
    bench.start()
    server.wait("/busy", 1)
    quiet(bench)


def test_group_errand(bench):
    """a 429 to an archive's page holds the feed's rate group"""
    server = bench.server
    server.feed("/good", archive(1, "/page"))
    server.routes["/page"] = lambda _: BUSY
    bench.configure(grouped(bench, "good").replace("1h", "500ms"), GROUP)
    bench.start()
    server.wait("/good", 1)
    client = bench.client()
    client.send("Backfill", more=True, feed="good")
    server.wait("/page", 1)
    quiet(bench)


def test_archive_circle(bench):
    """an archive that comes back under another spelling is not read again"""
    server = bench.server
    host = f"127.0.0.1:{server.port}"
    for name, before in (("fragment", "/page#again"),
                         ("scheme", f"HTTP://{host}/page"),
                         ("user", f"http://me:x@{host}/page"),
                         ("end of a redirect", "/page")):
        server.feed("/feed", archive(1, "/page"))
        if "redirect" in name:
            server.feed("/feed", archive(1, "/gate"))
            server.routes["/gate"] = lambda _: (302, {"Location": "/page"}, "")
        server.feed("/page", archive(2, before))
        bench.configure(feeds(x=server.url("/feed")) + "interval = 1h\n")
        bench.start()
        server.wait("/feed", 1)
        said = bench.client().all("Backfill", feed="x")
        contains(str(said[-1]), "circle")
        equal(len(server.of("/page")), 1, name)
        equal(bench.stop(), 0)
        os.unlink(bench.db)
        del server.requests[:]


def test_fragment_circle(bench):
    """a redirect to the same address with a fragment is a circle at once"""
    server = bench.server
    server.routes["/feed"] = lambda _: (302, {"Location": "#again"}, "")
    bench.configure(feeds(x=server.url("/feed")) + "interval = 1h\n")
    bench.start()
    feed = bench.until("an error", lambda: bench.feed("x").get("last_error") and
                       bench.feed("x"))
    contains(feed["last_error"], "circle")
    equal(len(server.of("/feed")), 1, "requests")


def test_feigned_outage(bench):
    """a feed whose redirects name ever new dead hosts is no outage"""
    server, turns = bench.server, itertools.count(1)

    def evil(_):
        turn = next(turns)
        if turn % 2 == 0:  # its failures never grow
            return 200, {}, rss(1)
        return 302, {"Location": f"http://127.66.0.{turn % 250}:9/"}, ""
    server.routes["/evil"] = evil
    bench.configure(feeds(evil=server.url("/evil")))
    bench.start()
    server.wait("/evil", 50)
    equal(bench.call("GetStatus")["online"], True, "online")


def page(href):
    return 200, {"Content-Type": "text/html"}, (
        '<!DOCTYPE html><html><head><link rel="alternate" '
        f'type="application/rss+xml" href="{href}"></head>')


def test_user_in_link(bench):
    """user and password in a page's link to a feed are not taken over"""
    server = bench.server
    for name in ("one", "two"):
        server.feed(f"/{name}", rss(1))
        server.routes[f"/page-{name}"] = lambda _, n=name: page(
            f"http://me:x@127.0.0.1:{server.port}/{n}")
    bench.configure(feeds(one=server.url("/page-one")))
    bench.start()
    bench.call("AddFeed", url=server.url("/page-two"))
    for request in server.wait("/one", 3) + server.wait("/two", 3):
        true("Authorization" not in request.headers, "credentials of a link")
    equal(bench.sql("SELECT coalesce(fetch_url, url) FROM feed ORDER BY id"),
          [(server.url("/one"),), (server.url("/two"),)])


def test_user_in_hint(bench):
    """nor are those of the new address that a document names"""
    server, turns = bench.server, itertools.count()
    server.routes["/old"] = lambda _: (200, {}, rss(1, extra=(
        '<itunes:new-feed-url xmlns:itunes='
        '"http://www.itunes.com/dtds/podcast-1.0.dtd">'
        f"http://me:x@127.0.0.1:{server.port}/new</itunes:new-feed-url>"
        f"<generator>{next(turns)}</generator>")))
    server.feed("/new", rss(1))
    bench.configure("[schedule]\nmove-after = 0\n" + feeds(x=server.url("/old")))
    bench.start()
    for request in server.wait("/new", 3):
        true("Authorization" not in request.headers, "credentials of a hint")
    equal(bench.sql("SELECT fetch_url FROM feed"), [(server.url("/new"),)])


def test_page_of_itself(bench):
    """a page that links to itself as its feed is asked for once"""
    server = bench.server
    server.routes["/page"] = lambda _: page("#feed")
    server.routes["/more"] = lambda _: page("/more")
    bench.configure(feeds(page=server.url("/page")) + "interval = 1h\n")
    bench.start()
    bench.until("an error", lambda: bench.feed("page").get("last_error"))
    refused(lambda: bench.call("AddFeed", url=server.url("/more")), "NotFound")
    equal([r.path for r in server.requests], ["/page", "/more"])


run([test_status_lines, test_group_pause, test_group_hold,
     test_group_errand, test_archive_circle, test_fragment_circle,
     test_feigned_outage, test_user_in_link,
     test_user_in_hint, test_page_of_itself])
