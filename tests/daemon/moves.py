# SPDX-License-Identifier: ISC
"""Feeds that move, hosts that hold them, whole answers now and then, archives."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import GAZETTE, Server, contains, equal, gazette, refused, rss, run, true

MOVES = "[schedule]\nmove-after = 0\n"


def to(place, status=301):
    return lambda r: (status, {"Location": place}, "")


def feeds(bench, **urls):
    return "".join(f"[feed {name}]\nurl = {url if '://' in url else bench.server.url(url)}\n"
                   for name, url in urls.items())


def moved(bench, name):
    """The details of its feed_moved events."""
    return [detail for detail, in bench.sql(
        "SELECT e.detail FROM v1_event e JOIN v1_feed f ON f.id = e.feed_id"
        f" WHERE f.name = '{name}' AND e.kind = 'feed_moved'")]


def test_permanent(bench):
    """five permanent redirects in a row are a move; a stray one is none"""
    server = bench.server
    for path in ("/new", "/stray", "/mixed-end", "/html-end"):
        server.feed(path, rss(2))
    server.routes["/html-end"] = lambda r: (200, {}, "<!DOCTYPE html><p>portal")
    server.routes["/old"] = to("/new", 308)
    server.routes["/mixed"] = to("/mixed-2")
    server.routes["/mixed-2"] = to("/mixed-end", 302)
    server.routes["/html"] = to("/html-end")
    counts = {"/stray-old": 0}

    def stray(request):
        counts["/stray-old"] += 1
        if counts["/stray-old"] % 3 == 0:
            return 301, {"Location": "/stray"}, ""
        return 200, {"ETag": '"s"'}, rss(2)
    server.routes["/stray-old"] = stray
    bench.configure(MOVES + feeds(bench, old="/old", stray="/stray-old",
                                  mixed="/mixed", html="/html"))
    bench.start()
    bench.until("move", lambda: moved(bench, "old"))
    seen = len(server.of("/old"))
    equal(seen, 5)
    server.wait("/new", seen + 3)
    equal(len(server.of("/old")), 5)
    server.wait("/stray-old", 14)
    server.wait("/mixed", 8)
    for name in ("stray", "mixed", "html"):
        equal(moved(bench, name), [], name)
    contains("\n".join(bench.log()), "gazette feed unmove old")
    # The address is the database's, also after a restart; the file's stands.
    equal(bench.stop(), 0)
    bench.start()
    server.wait("/new", len(server.of("/new")) + 1)
    equal(len(server.of("/old")), 5)
    equal(bench.feed("old")["url"], server.url("/old"))
    true(server.of("/new")[-1].headers.get("If-None-Match"), "no validators")
    # Taken back, it stays.
    bench.call("UndoMove", feed="old")
    server.wait("/old", 5 + 7)
    equal(len(moved(bench, "old")), 2)
    refused(lambda: bench.call("UndoMove", feed="mixed"), "NotFound")


def test_no_content(bench):
    """204 at the new address neither makes a move nor puts one off"""
    server = bench.server
    server.routes["/void"] = to("/void-end")
    server.routes["/void-end"] = 204
    server.routes["/now"] = to("/now-end")
    server.feed("/now-end", rss(2))
    whole = server.routes["/now-end"]

    def some(request):
        if len(server.of("/now-end")) % 3 == 2:
            return 204, {}, ""
        return whole(request)
    server.routes["/now-end"] = some
    bench.configure(MOVES + feeds(bench, void="/void", now="/now"))
    bench.start()
    bench.until("move", lambda: moved(bench, "now"))
    equal(len(server.of("/now")), 7)
    server.wait("/void", 8)
    equal(moved(bench, "void"), [])


def test_confirming(bench):
    """while a move is being confirmed, the feed says so, and can be found"""
    server = bench.server
    server.feed("/new", rss(2))
    server.routes["/old"] = to("/new")
    bench.configure(feeds(bench, old="/old"))
    bench.start()
    server.wait("/old", 6)
    feed = bench.until("state", lambda: bench.feed("old")["state"] == "moved"
                       and bench.feed("old"))
    contains(feed["last_error"], "(5 of 5 sightings)")
    rows = bench.client().all("ListFeeds", query="is:moved")
    equal([row["feed"]["name"] for row in rows], ["old"])
    equal(moved(bench, "old"), [])


def test_merge(bench):
    """a move to an address that another feed has makes one of two"""
    server = bench.server
    server.feed("/new", rss(2))
    server.routes["/old"] = to("/new")
    server.feed("/third", rss(2, start=50))
    bench.configure(MOVES + feeds(bench, new="/new", old="/old"))
    bench.start()
    bench.call("AddFeed", url=server.url("/third"), tags=["linux"],
               options={"name": "third"})
    server.routes["/third"] = to("/new")
    bench.until("moves", lambda: moved(bench, "old") and moved(bench, "third"))
    # The file's stays there and rests; the database's goes into the other.
    count = len(server.of("/old"))
    server.wait("/new", len(server.of("/new")) + 5)
    equal(len(server.of("/old")), count)
    equal(bench.feed("third"), None)
    reasons = bench.call("ExplainFeed", feed="old")["reasons"]
    true(any("feed new has the same address" in line for line in reasons),
         str(reasons))
    # Taken back, both are polled at their own addresses, and keep their items.
    third = len(server.of("/third"))
    for name in ("old", "third"):
        bench.call("UndoMove", feed=name)
    server.wait("/old", count + 7)
    server.wait("/third", third + 7)
    equal(len(bench.items("feed:third")), 4)
    equal([len(moved(bench, name)) for name in ("old", "third")], [2, 2])
    equal(bench.stop(), 0)
    bench.start()
    server.wait("/old", len(server.of("/old")) + 1)
    server.wait("/third", len(server.of("/third")) + 1)


def test_doubles(bench):
    """of two sections with one address one is fetched; two that log in are two"""
    server = bench.server
    for path in ("/one", "/two", "/own"):
        server.feed(path, rss(2))
    one = server.url("/one")
    sections = [feeds(bench, a="/one"),
                feeds(bench, b=one.replace("http", "HTTP") + "#b"),
                feeds(bench, c="/two"),
                "[feed d]\nurl = %s\ncookie = who=d\n" % server.url("/two")]
    bench.configure("".join(sections))
    bench.start()
    for path in ("/one", "/two"):
        server.wait(path, 4)
    contains("\n".join(bench.log()), "feed b asks for the address of feed a (")
    equal(bench.sql("SELECT name FROM v1_feed WHERE last_attempt IS NOT NULL "
                    "ORDER BY name"), [("a",), ("c",), ("d",)])
    reasons = bench.call("ExplainFeed", feed="b")["reasons"]
    true(any("feed a has the same address" in line for line in reasons), str(reasons))
    told = bench.client().all("Fetch", query="feed:b", force=True)[0]
    contains(told["message"], "another feed has the same address")
    true("forcible" not in told, str(told))
    # A feed of the database keeps its address, too; and once is enough to be told.
    bench.call("AddFeed", url=server.url("/own"), options={"name": "own"})
    bench.configure("".join(sections) + feeds(bench, e="/own"))
    reply = bench.call("Reload")
    equal(reply["changed"], ["feed e added"])
    equal(len(reply["warnings"]), 1, str(reply))
    contains(reply["warnings"][0], "feed e asks for the address of feed own, which is")
    equal(bench.call("Reload"), {"changed": [], "warnings": []})
    # Whoever is left is fetched.
    bench.configure("".join(sections[1:]))
    bench.call("Reload")
    bench.until("b", lambda: bench.feed("b").get("last_attempt"))


def only(bench, *names):
    """Until of all feeds these alone are fetched, again and again."""
    def attempts():
        return dict(bench.sql("SELECT name, attempts FROM feed WHERE archived = 0"))

    def wait(count):
        before = attempts()

        def done():
            now = attempts()
            return all(now[name] >= before[name] + count for name in names) and now
        now = bench.until(f"{names}, of {before}", done, 15)
        return {name for name in now if now[name] > before.get(name, 0)}
    wait(2)  # what was on its way ends
    equal(wait(3), set(names))


def test_double_kept(bench):
    """one of two that a move made one is fetched, whatever is read again"""
    server = bench.server
    for path in ("/new", "/more", "/else", "/rests"):
        server.feed(path, rss(2))
    server.routes["/old"] = to("/new")
    server.routes["/to-rest"] = to("/rests")
    config = MOVES + feeds(bench, old="/old", new="/new", goes="/to-rest", more="/more",
                           rests="/rests") + "enabled = no\n"
    bench.configure(config)
    bench.start()
    bench.until("moves", lambda: moved(bench, "old") and moved(bench, "goes"))
    only(bench, "new", "more", "goes")
    bench.configure(config.replace("/more", "/else"))
    bench.call("Reload")
    bench.wait_notify("READY=1")
    only(bench, "new", "more", "goes")
    for number in (signal.SIGTERM, signal.SIGKILL):
        bench.stop(number)
        before = bench.sql("SELECT attempts FROM feed WHERE name = 'old'")
        bench.start()
        only(bench, "new", "more", "goes")
        equal(bench.sql("SELECT attempts FROM feed WHERE name = 'old'"), before)


def test_double_logs_in(bench):
    """a double that gets words of its own to say who it is is fetched itself"""
    bench.server.feed("/one", rss(2))
    config = feeds(bench, a="/one", b="/one")
    bench.configure(config)
    bench.start()
    only(bench, "a")
    bench.configure(config + "cookie = who=b\n")
    bench.call("Reload")
    only(bench, "a", "b")
    bench.configure(config)
    bench.call("Reload")
    only(bench, "a")


def test_double_of_own(bench):
    """what befalls a feed of the database is seen by its doubles in files"""
    server = bench.server
    for path in ("/own", "/first", "/else"):
        server.feed(path, rss(2))
    bench.configure(feeds(bench, first="/first"))
    bench.start()
    bench.call("AddFeed", url=server.url("/own"), options={"name": "own"})
    # The file's is older, and came to the address later.
    bench.configure(feeds(bench, first="/own", b="/own"))
    equal(len(bench.call("Reload")["warnings"]), 2)
    bench.wait_notify("READY=1")
    only(bench, "own")
    gazette(bench, "feed", "pause", "own")
    only(bench, "first")
    told = bench.client().all("Fetch", query="feed:b", force=True)[0]
    contains(told["message"], "another feed has the same address")
    equal(bench.client().all("Fetch", query="feed:first", force=True)[0]["outcome"],
          "unchanged")
    gazette(bench, "feed", "resume", "own")
    only(bench, "own")
    bench.call("SetFeed", feed="own", set={"url": server.url("/else")})
    only(bench, "own", "first")
    bench.configure(feeds(bench, first="/else", b="/own"))
    bench.call("Reload")
    bench.wait_notify("READY=1")
    only(bench, "own", "b")
    gazette(bench, "feed", "rm", "own")
    only(bench, "first", "b")
    bench.stop(signal.SIGKILL)
    bench.start()
    only(bench, "first", "b")


def test_spellings(bench):
    """a fragment, or a scheme and host in capitals, make no other address"""
    server = bench.server
    own = server.url("/own")
    server.feed("/new", rss(2))
    server.routes["/old"] = to("/new#feed")
    server.feed("/own", rss(2, title="own", extra=(
        f'<itunes:new-feed-url xmlns:itunes="http://www.itunes.com/dtds/'
        f'podcast-1.0.dtd">{own}#x</itunes:new-feed-url>')))
    bench.configure(MOVES + feeds(bench, new="/new", old="/old", own="/own"))
    bench.start()
    bench.until("move", lambda: moved(bench, "old"))
    contains(moved(bench, "old")[0], '"merged":')
    for url in (own + "#x", own.replace("http", "HTTP")):
        refused(lambda url=url: bench.call("AddFeed", url=url), "Conflict")
    server.wait("/own", 12)
    equal(moved(bench, "own"), [])
    # Taken back, it stays.
    seen = len(server.of("/old"))
    bench.call("UndoMove", feed="old")
    server.wait("/old", seen + 7)
    equal(len(moved(bench, "old")), 2)


def test_hint(bench):
    """an address that the document names is taken when the same feed is there"""
    server, evil = bench.server, Server()

    def named(path, place):
        server.feed(path, rss(2, title=path, extra=(
            f'<itunes:new-feed-url xmlns:itunes="http://www.itunes.com/dtds/'
            f'podcast-1.0.dtd">{place}</itunes:new-feed-url>')))
    server.feed("/good-new", rss(2, title="renamed"))  # the same guids
    evil.feed("/other", rss(2, start=900, title="Evil"))
    named("/good", server.url("/good-new"))
    named("/dead", server.url("/nothing"))
    named("/evil", evil.url("/other"))
    named("/trap", "http://192.168.77.77/x")
    bench.configure(MOVES + feeds(bench, good="/good", dead="/dead", evil="/evil",
                                  trap="/trap"))
    bench.start()
    bench.until("move", lambda: moved(bench, "good"))
    true(len(server.of("/good")) >= 5, "too early")
    for path in ("/dead", "/evil", "/trap"):
        server.wait(path, 12)
        equal(moved(bench, path[1:]), [], path)
    true(1 <= len(evil.of("/other")) <= 3, f"asked {len(evil.of('/other'))} times")
    evil.close()


def test_revalidate(bench):
    """after a while the whole document is asked for; not from some hosts"""
    server = bench.server
    server.feed("/a", rss(1))
    server.feed("/b", rss(1))
    bench.configure("[schedule]\nrevalidate = 2s\n[fetch]\nno-revalidate = localhost\n"
                    + feeds(bench, a="/a",
                            b=server.url("/b").replace("127.0.0.1", "localhost")))
    bench.start()

    def whole(path):
        return [r for r in server.of(path)[1:] if not r.headers.get("If-None-Match")]
    bench.until("whole", lambda: len(whole("/a")) >= 2)
    times = [r.time for r in whole("/a")]
    true(times[1] - times[0] >= 2, "too often")
    equal(whole("/b"), [])


def test_hold(bench):
    """a 429 holds its host, over a restart, and all its feeds are held"""
    server = bench.server
    server.routes["/busy"] = lambda r: (429, {"Retry-After": "3600"}, "")
    server.feed("/calm", rss(1))
    bench.configure("[fetch]\nper-feed-limits =\n"
                    + feeds(bench, busy="/busy", calm="/calm"))
    bench.start()
    server.wait("/busy", 1)
    bench.until("held", lambda: bench.feed("calm")["state"] == "held")
    count = len(server.of("/calm"))
    rows = bench.client().all("ListFeeds", query="is:held")
    equal(len(rows), 2)
    host, = bench.call("ListHosts")["hosts"]
    equal((host["state"], host["feeds"]), ("held", 2))
    equal(bench.stop(), 0)
    bench.start()
    bench.until("held", lambda: [h["state"] for h in bench.call("ListHosts")["hosts"]
                                 if h["feeds"] == 2] == ["held"])
    reply, = bench.client().all("Fetch", query="feed:calm", force=True)[:1]
    true(reply["retry"] > "2026", str(reply))
    contains(reply["message"], "asked for a pause")
    equal((len(server.of("/busy")), len(server.of("/calm"))), (1, count))


def test_hold_newcomer(bench):
    """a feed that comes to a host that is held is held with it"""
    server = bench.server
    server.routes["/slow"] = lambda r: (429, {"Retry-After": "3600"}, "")
    server.feed("/new", rss(1))
    conf = "[fetch]\nper-feed-limits =\n" + feeds(bench, slow="/slow")
    bench.configure(conf)
    bench.start()
    bench.until("held", lambda: bench.feed("slow")["state"] == "held")
    bench.configure(conf + feeds(bench, new="/new"))
    bench.call("Reload")
    bench.until("held, too", lambda: bench.feed("new")["state"] == "held")
    equal(len(server.of("/new")), 0)


def test_hold_by_archive(bench):
    """a 429 to who only looks into an archive holds the host, over a restart too"""
    server = bench.server
    server.feed("/feed", rss(2, extra='<atom:link xmlns:atom='
                             '"http://www.w3.org/2005/Atom" rel="prev-archive" '
                             'href="/old"/>'))
    server.routes["/old"] = lambda r: (429, {"Retry-After": "3600"}, "")
    bench.configure("[fetch]\nper-feed-limits =\n" + feeds(bench, feed="/feed"))
    bench.start()
    bench.until("poll", lambda: len(bench.items("feed:feed")) == 2)
    bench.client().all("Backfill", feed="feed")
    bench.until("held", lambda: bench.sql("SELECT held FROM feed")[0][0])
    equal(bench.stop(), 0)
    count = len(server.of("/feed"))
    bench.start()
    bench.until("held", lambda: [h["state"] for h in bench.call("ListHosts")["hosts"]]
                == ["held"])
    equal(len(server.of("/feed")), count)


def test_rate(bench):
    """feeds of a rate-group stand in one queue, with its pause"""
    one, two = bench.server, Server()
    one.feed("/a", rss(1))
    two.feed("/b", rss(1))
    bench.configure("[fetch]\nper-host = 2\n[rate slow]\npause = 700ms\n" + "".join(
        f"[feed {n}]\nurl = {u}\nrate-group = slow\n"
        for n, u in (("a", one.url("/a")), ("b", two.url("/b")))))
    bench.start()
    one.wait("/a", 3)
    two.wait("/b", 3)
    times = sorted(r.time for r in one.of("/a")[:3] + two.of("/b")[:3])
    true(all(b - a > 0.6 for a, b in zip(times, times[1:])), str(times))
    host, = bench.call("ListHosts")["hosts"]
    equal((host["host"], host["feeds"]), ("rate slow", 2))
    two.close()


def test_rate_hop(bench):
    """a redirect to the feed's own host stays in its rate group, as a 429 there does"""
    one, two = bench.server, Server()
    one.routes["/a"] = lambda r: (302, {"Location": two.url("/a")}, "")
    one.feed("/b", rss(1))
    two.routes["/a"] = lambda r: (429, {"Retry-After": "3600"}, "")
    bench.configure("[fetch]\nper-feed-limits =\n[rate slow]\npause = 100ms\n" +
                    "".join(f"[feed {n}]\nurl = {one.url('/' + n)}\n"
                            "rate-group = slow\n" for n in ("a", "b")))
    bench.start()
    bench.until("held", lambda: [
        (h["host"], h["state"]) for h in bench.call("ListHosts")["hosts"]
    ] == [("rate slow", "held")])
    two.close()


def test_backfill(bench):
    """archives are walked when asked for: each page once, a hundred at most"""
    server = bench.server

    def page(path, first, before=None, rel="prev-archive"):
        link = (f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{rel}" '
                f'href="{before}"/>' if before else "")
        server.feed(path, rss(2, start=first, extra=link))
    page("/feed", 100, "/page1")
    page("/page1", 98, "/page2")
    page("/page2", 96, "/page3", "next")
    page("/page3", 94, "/page1")
    page("/long", 1, "/long0")
    for n in range(120):
        page(f"/long{n}", 1000 + 2 * n, f"/long{n + 1}")
    bench.configure(feeds(bench, feed="/feed", long="/long")
                    + "interval = 1h\n")
    bench.start()
    bench.until("poll", lambda: len(bench.items("feed:feed")) == 2)
    equal(len(server.of("/page1")), 0)
    replies = bench.client().all("Backfill", feed="feed")
    equal([r.get("new") for r in replies], [0, 2, 2, 2, 6])
    contains(replies[-1]["message"], "circle")
    equal([len(server.of(f"/page{n}")) for n in (1, 2, 3)], [1, 1, 1])
    equal(len(bench.items("feed:feed")), 8)
    last = bench.client().all("Backfill", feed="long")[-1]
    equal(last["pages"], 100)
    contains(last["message"], "there are more")
    equal(sum(len(server.of(f"/long{n}")) for n in range(121)), 99)
    refused(lambda: bench.call("Backfill", feed="none"), "NotFound")


def test_backfill_again(bench):
    """a feed that was just added can be walked, but not again and again"""
    server = bench.server
    server.feed("/feed", rss(2, extra='<atom:link xmlns:atom='
                             '"http://www.w3.org/2005/Atom" rel="prev-archive" '
                             'href="/old"/>'))
    server.feed("/old", rss(2, start=10))
    server.routes["/busy"] = lambda r: (429, {"Retry-After": "3600"}, "")
    bench.configure("[fetch]\nper-feed-limits =\n[schedule]\nmanual-min = 1h\n")
    bench.start()
    bench.call("AddFeed", url=server.url("/feed"),
               options={"name": "feed", "interval": "1h"})
    replies = bench.client().all("Backfill", feed="feed")
    equal([r["new"] for r in replies], [0, 2, 2])
    again, = bench.client().all("Backfill", feed="feed")
    contains(again["message"], "not asked again so soon: in 59m")
    true(again["retry"] > "2026" and "held" not in again, str(again))
    fetch, = bench.client().all("Fetch", query="feed:feed")[:1]
    equal(fetch["message"].split(":")[0], again["message"].split(":")[0])
    done = subprocess.run([GAZETTE, f"--socket={bench.socket}", "feed", "backfill",
                           "feed"], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stdout), (75, ""))
    contains(done.stderr, "feed: not asked again so soon: in 59m")
    equal((len(server.of("/feed")), len(server.of("/old"))), (2, 1))
    # A hold is kept, whoever heard of it.
    bench.call("AddFeed", url=server.url("/more"), options={"name": "more"})
    bench.call("AddFeed", url=server.url("/busy"), options={"name": "busy"})
    count = len(server.of("/more"))
    held, = bench.client().all("Backfill", feed="more")
    contains(held["message"], "its server asked for a pause: in ")
    equal((held["held"], len(server.of("/more"))), (True, count))


def test_page(bench):
    """a page in a feed's place leads to its one feed, once"""
    server = bench.server

    def page(*links):
        return lambda r: (200, {"Content-Type": "text/html"}, (
            "<!DOCTYPE html><html><head><title>t</title>" + "".join(
                f'<link rel="alternate" type="application/rss+xml" href="{link}">'
                for link in links) + "</head><body>b</body></html>"))
    server.feed("/real", rss(3))
    server.feed("/calm", rss(2, extra="<ttl>720</ttl>"),
                **{"Cache-Control": "max-age=80000"})
    server.routes["/calm-page"] = page("calm")
    server.routes["/page"] = page("real")
    server.routes["/two"] = page("real", "other")
    bench.configure("[schedule]\nrevalidate = 1s\nmax-interval = 2d\n"
                    + feeds(bench, page="/page", two="/two", calm="/calm-page"))
    bench.start()
    bench.until("items", lambda: len(bench.items("feed:page")) == 3)
    server.wait("/real", 3)
    equal(len(server.of("/page")), 1)
    # It is a poll like any: what was said counts, and it is asked anew some day.
    bench.until("whole", lambda: [r for r in server.of("/real")[1:]
                                  if not r.headers.get("If-None-Match")])
    reasons = bench.call("ExplainFeed", feed="calm")["reasons"]
    true(any("max-age" in line for line in reasons), str(reasons))
    true(not any("back-off" in line for line in reasons), str(reasons))
    equal((len(server.of("/calm-page")), len(server.of("/calm"))), (1, 1))
    contains(bench.until("two", lambda: bench.feed("two").get("last_error")),
             "links to a feed at")
    equal(len(server.of("/other")), 0)


run([test_permanent, test_no_content, test_confirming, test_merge, test_doubles,
     test_double_kept, test_double_logs_in, test_double_of_own,
     test_spellings, test_hint, test_revalidate, test_hold, test_hold_newcomer,
     test_hold_by_archive, test_rate, test_rate_hop, test_backfill,
     test_backfill_again, test_page])
