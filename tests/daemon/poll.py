# SPDX-License-Identifier: ISC
"""Feeds that are polled: what arrives, and what the server sees of it."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, rss, run, true


def test_item(bench):
    """a poll brings items, the second one asks with the same validators"""
    url = bench.server.feed("/a", rss(3), etag='W/"odd,one"',
                            **{"Last-Modified": "Mon, 2 Nov 2026 10:00:00 GMT"})
    bench.configure(f"[feed a]\nurl = {url}\ntags = x\n")
    bench.start()
    requests = bench.server.wait("/a", 3)
    equal(requests[0].headers.get("If-None-Match"), None)
    for request in requests[1:]:
        equal(request.headers.get("If-None-Match"), 'W/"odd,one"')
        equal(request.headers.get("If-Modified-Since"),
              "Mon, 2 Nov 2026 10:00:00 GMT")
        equal(request.headers.get("Cookie"), None)
    contains(requests[0].headers["User-Agent"], "gazetted/")
    items = bench.items()
    equal([item["title"] for item in items], ["Item 3", "Item 2", "Item 1"])
    equal(items[0]["tags"], ["x"])
    feed = bench.feed("a")
    equal((feed["state"], feed["title"], feed["items"]), ("ok", "A feed", 3))


def test_follow(bench):
    """a new item is a live event for those who follow"""
    state = {"body": rss(1)}
    bench.server.routes["/a"] = lambda r: (200, {}, state["body"])
    bench.configure(f"[feed a]\nurl = {bench.server.url('/a')}\n")
    bench.start()
    client = bench.client()
    events = client.events(**{"from": "beginning"}, fields=["text"])
    event = next(e for e in events if e["kind"] == "item_new")
    item = event["item"]
    equal(item["title"], "Item 1")
    contains(item["text"], "Text of item 1")
    state["body"] = rss(2)
    event = next(e for e in events if e["kind"] == "item_new")
    equal(event["item"]["title"], "Item 2")
    # From that cursor on, nothing comes twice.
    other = bench.client().events(cursor=event["cursor"], until_caught_up=True)
    equal(next(other)["kind"], "caught_up")


def test_restart(bench):
    """a restart keeps the schedule and the validators"""
    url = bench.server.feed("/a", rss(2))
    slow = bench.server.feed("/b", rss(2))
    bench.configure(f"[feed a]\nurl = {url}\n"
                    f"[feed b]\nurl = {slow}\ninterval = 1h\n")
    bench.start()
    bench.server.wait("/a", 2)
    bench.server.wait("/b", 1)
    bench.until("b", lambda: bench.feed("b").get("last_success"))
    due = bench.feed("b")["next_fetch"]
    equal(bench.stop(), 0)
    before = len(bench.server.of("/a"))
    bench.start()
    after = bench.server.wait("/a", before + 2)
    true(after[before].headers.get("If-None-Match"), "unconditional after restart")
    equal(bench.feed("b")["next_fetch"], due)
    equal(len(bench.server.of("/b")), 1)


def test_redirects(bench):
    """redirects are followed by hand, and end where they must"""
    server = bench.server
    final = server.feed("/end", rss(1))

    def to(place):
        return lambda r: (302, {"Location": place, "ETag": '"hop"'}, "")
    server.routes.update({"/one": to("/two"), "/two": to(final),
                          "/loop": to("/loop2"), "/loop2": to("/loop"),
                          "/file": to("file:///etc/passwd")})
    for n in range(8):
        server.routes[f"/chain{n}"] = to(f"/chain{n + 1}")
    bench.configure("".join(
        f"[feed {name}]\nurl = {server.url(path)}\n" for name, path in [
            ("good", "/one"), ("loop", "/loop"), ("file", "/file"),
            ("chain", "/chain0")]))
    bench.start()
    server.wait("/end", 2)
    true(server.of("/end")[1].headers.get("If-None-Match"), "no validator")
    true(server.of("/end")[1].headers["If-None-Match"] != '"hop"', "a hop's tag")
    equal([r.headers.get("If-None-Match") for r in server.of("/two")[:2]],
          [None, None])
    for name, word in [("loop", "circle"), ("file", "no http"),
                       ("chain", "more than 5")]:
        error = bench.until(name, lambda: bench.feed(name).get("last_error"))
        contains(error, word)
    equal(len(server.of("/chain6")), 0)
    equal(bench.feed("good")["url"], server.url("/one"))


def test_bad_documents(bench):
    """what is no feed is said, and harms nothing that was stored"""
    server = bench.server
    state = {"page": rss(2), "cut": rss(3)}
    whole = rss(40)
    server.routes["/page"] = lambda r: (
        200, {"Content-Type": "text/html"}, state["page"])

    def cut(request):
        if state["cut"]:
            return 200, {"ETag": '"whole"'}, state["cut"]
        return 200, {"ETag": '"cut"', "Content-Length": str(len(whole))}, iter(
            [whole[:2000].encode()])
    server.routes["/cut"] = cut
    server.routes["/empty"] = lambda r: (200, {}, "")
    bench.configure("".join(
        f"[feed {n}]\nurl = {server.url('/' + n)}\n" for n in
        ["page", "cut", "empty"]))
    bench.start()
    bench.until("items", lambda: len(bench.items()) == 5)
    state.update(page="<!DOCTYPE html><title>Moved</title><p>Sorry", cut=None)
    error = bench.until("page", lambda: bench.feed("page").get("last_error"))
    true(error, "no error")
    error = bench.until("cut", lambda: bench.feed("cut").get("last_error"))
    true(error, "no error")
    error = bench.until("empty", lambda: bench.feed("empty").get("last_error"))
    contains(error.lower(), "empty")
    # Nothing of the half transfer is kept, and its ETag is never sent.
    equal(len(bench.items("feed:cut")), 3)
    equal(len(bench.items("feed:page")), 2)
    for request in server.of("/cut"):
        true(request.headers.get("If-None-Match") != '"cut"', "a half's ETag")


def test_huge(bench):
    """a feed of 100 MB is given up early; the others go on"""
    sent = {"bytes": 0}  # of the first attempt
    attempts = []

    def huge(request):
        attempts.append(request)
        first = len(attempts) == 1

        def body():
            yield b'<?xml version="1.0"?><rss version="2.0"><channel>'
            for n in range(1600):
                part = (f"<item><title>{n}</title><guid>{n}</guid><description>"
                        + "x" * 65000 + "</description></item>").encode()
                sent["bytes"] += len(part) * first
                yield part
        return 200, {}, body()
    bench.server.routes["/huge"] = huge
    good = bench.server.feed("/good", rss(2))
    bench.configure(f"[feed huge]\nurl = {bench.server.url('/huge')}\n"
                    f"[feed good]\nurl = {good}\n")
    bench.start()
    error = bench.until("huge", lambda: bench.feed("huge").get("last_error"))
    contains(error, "max-body")
    true(sent["bytes"] < 60 << 20, f"read {sent['bytes']} bytes of it")
    equal(len(bench.items("feed:good")), 2)


run([test_item, test_follow, test_restart, test_redirects, test_bad_documents,
     test_huge])
