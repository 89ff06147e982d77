# SPDX-License-Identifier: ISC
"""The methods of the control socket."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, refused, rss, run, true


def one_feed(bench, count=3, **options):
    url = bench.server.feed("/a", rss(count))
    bench.configure(f"[feed a]\nurl = {url}\ntags = x\n" + "".join(
        f"{key} = {value}\n" for key, value in options.items()))
    bench.start()
    bench.until("items", lambda: len(bench.items()) == count)


def test_malformed(bench):
    """what is no request gets an error, and the next client its answer"""
    bench.configure()
    bench.start()
    for junk in [b"{}\n", b"nonsense\n", b"[1,2]\n", b'{"method":5}\n',
                 b'{"method":"org.gazetted.GetStatus","parameters":[]}\n',
                 b"\xff\xfe\x00\n", b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"\n",
                 b"x" * 3000000]:
        client = bench.client()
        try:
            client.socket.sendall(junk)
            line = client.lines.readline()
        except (BrokenPipeError, ConnectionResetError):
            continue
        true(line == "" or "error" in json.loads(line), f"{junk[:20]}: {line}")
    equal(bench.call("GetStatus")["role"], "admin")


def test_unknown(bench):
    """unknown methods, members, fields, feeds and items are named"""
    one_feed(bench)
    refused(lambda: bench.call("org.gazetted.Frobnicate"), "MethodNotFound")
    refused(lambda: bench.call("TestRules"), "MethodNotImplemented")
    refused(lambda: bench.call("ListConsumers"), "MethodNotImplemented")
    failed = refused(lambda: bench.call("GetStatus", nonsense=1),
                     "InvalidParameter")
    equal(failed.parameters["parameter"], "nonsense")
    failed = refused(lambda: bench.items("is:unread frobs:5"), "BadQuery")
    equal(failed.parameters["position"], 10)
    refused(lambda: bench.call("GetItem", id=4711), "NotFound")
    refused(lambda: bench.call("SetFeed", feed="zz", set={"title": "t"}),
            "NotFound")
    refused(lambda: bench.call("RemoveFeed", feed="zz"), "NotFound")
    refused(lambda: bench.call("ExplainFeed", feed="zz"), "NotFound")
    refused(lambda: bench.call("Fetch", query="feed:zz"), "NotFound")
    refused(lambda: bench.call("Follow", **{"from": "now"}), "ExpectedMore")
    client = bench.client()
    refused(lambda: client.all("Follow", consumer="me"), "InvalidParameter")
    refused(lambda: client.all("Follow", cursor="rubbish"), "BadCursor")
    refused(lambda: client.all("Follow", cursor="g1.00000000.1"),
            "ForeignCursor")
    head = bench.call("GetStatus")["head"]
    refused(lambda: client.all("Follow", cursor=head + "0000"), "BadCursor")
    refused(lambda: client.all("Follow", **{"from": "now"}, cursor=head),
            "InvalidParameter")


def test_service_interface(bench):
    """org.varlink.service tells what there is"""
    bench.configure()
    bench.start()
    info = bench.call("org.varlink.service.GetInfo")
    contains(info["interfaces"], "org.gazetted")
    text = bench.call("org.varlink.service.GetInterfaceDescription",
                      interface="org.gazetted")["description"]
    contains(text, "method ListItems")


def test_pages(bench):
    """a long listing comes in pages, and none twice"""
    one_feed(bench, count=950)
    items = bench.items()
    equal(len(items), 950)
    equal(len({item["id"] for item in items}), 950)
    true(all(a["id"] > b["id"] for a, b in zip(items, items[1:])), "the order")
    client = bench.client()
    rows = client.all("ListItems", limit=300, all=True)
    equal(len(rows), 301)
    rest = client.all("ListItems", after=rows[-1]["next"], all=True)
    equal(len([row for row in rest if "item" in row]), 650)
    equal(client.all("ListItems", order="oldest", limit=1)[0]["item"]["id"],
          min(item["id"] for item in items))
    one = client.call("ListItems", all=True)
    equal((one["item"]["id"], "next" in one), (items[0]["id"], True))
    html = client.all("ListItems", fields=["html", "text"], limit=50)
    true(all(row["item"].get("text") for row in html if "item" in row), "text")


def test_modify(bench):
    """marks, tags, their undo, and what a dry run says"""
    one_feed(bench)
    client = bench.client()
    equal(client.call("CountItems", query="is:unread"), {"total": 3})
    reply = client.call("ModifyItems", query="", add=["read", "t1"],
                        dry_run=True)
    equal(reply["matched"], 3)
    equal(client.call("CountItems", query="is:unread"), {"total": 3})
    reply = client.call("ModifyItems", query="is:unread", add=["read", "t1"])
    equal((reply["matched"], reply["changed"]), (3, 3))
    equal(client.call("CountItems", query="is:unread"), {"total": 0})
    equal(client.call("CountItems", query="tag:t1", group_by="feed"),
          {"total": 3, "groups": {"a": 3}})
    equal(client.call("GetStatus")["unread"], 0)
    item = client.call("GetItem", id=bench.items()[0]["id"])["item"]
    equal((item["read"], item["tags"]), (True, ["t1", "x"]))
    equal(client.call("Undo", token=reply["undo"])["changed"], 3)
    equal(client.call("CountItems", query="is:unread"), {"total": 3})
    ids = [item["id"] for item in bench.items()]
    equal(client.call("ModifyItems", ids=ids[:2], add=["starred"])["changed"], 2)
    equal(client.call("ModifyItems", ids=ids[:1], remove=["starred"])["changed"],
          1)
    equal(client.call("CountItems", query="is:starred"), {"total": 1})
    refused(lambda: client.call("ModifyItems", ids=ids), "InvalidParameter")
    refused(lambda: client.call("ModifyItems", query="nope:1", add=["t"]),
            "BadQuery")
    refused(lambda: client.call("ModifyItems", ids=ids, add=["no tag!"]),
            "InvalidParameter")


def test_add(bench):
    """AddFeed: one request, which is the first poll"""
    bench.configure()
    bench.start()
    server = bench.server
    server.routes["/new"] = lambda r: (200, {"ETag": '"1"'}, rss(4))
    client = bench.client()
    reply = client.call("AddFeed", url=server.url("/new"), tags=["t"],
                        options={"name": "n", "interval": "1h"})
    equal((reply["new"], reply["feed"]["items"], reply["feed"]["tags"]),
          (4, 4, ["t"]))
    equal((reply["feed"]["name"], reply["feed"]["title"]), ("n", "A feed"))
    equal(len(server.of("/new")), 1)
    true(reply["feed"]["next_fetch"], "no next fetch")
    refused(lambda: client.call("AddFeed", url=server.url("/new")), "Conflict")
    refused(lambda: client.call("AddFeed", url=server.url("/other"),
                                options={"name": "n"}), "Conflict")
    equal((len(server.of("/new")), len(server.of("/other"))), (1, 0))
    refused(lambda: client.call("AddFeed", url="ftp://x/y"), "InvalidParameter")
    refused(lambda: client.call("AddFeed", url=server.url("/x"),
                                options={"insecure": "yes"}), "InvalidParameter")
    refused(lambda: client.call("AddFeed", url=server.url("/x"),
                                options={"interval": "soon"}), "InvalidParameter")
    equal(client.call("GetStatus")["feeds"], 1)


def test_add_unreachable(bench):
    """a feed that cannot be reached is added all the same, and it is said"""
    bench.configure()
    bench.start()
    reply = bench.call("AddFeed", url=bench.server.url("/missing"))
    equal(reply["outcome"], "not-found")
    equal(reply["feed"]["failures"], 1)
    true(reply["message"], "no reason")
    equal(bench.call("GetStatus")["feeds"], 1)


def test_add_page(bench):
    """AddFeed of a page: one feed is taken, several are told, none is refused"""
    bench.configure()
    bench.start()
    server, client = bench.server, bench.client()

    def page(*links):
        head = "".join(f'<link rel="alternate" type="application/rss+xml" '
                       f'title="{title}" href="{href}">' for title, href in links)
        return lambda r: (200, {"Content-Type": "text/html"},
                          f"<!doctype html><html><head><title>P</title>{head}"
                          f"</head><body><p>Hello</body></html>")
    server.routes["/"] = page(("Feed", "/f.xml"))
    server.routes["/two"] = page(("One", "1.xml"), ("Two", "/2.xml"))
    server.routes["/none"] = page()
    server.feed("/f.xml", rss(2))
    reply = client.call("AddFeed", url=server.url("/two"))
    equal(reply, {"candidates": [
        {"url": server.url("/1.xml"), "title": "One"},
        {"url": server.url("/2.xml"), "title": "Two"}]})
    reply = client.call("AddFeed", url=server.url("/"), dry_run=True)
    equal(reply["candidates"][0]["url"], server.url("/f.xml"))
    equal(client.call("GetStatus")["feeds"], 0)
    failed = refused(lambda: client.call("AddFeed", url=server.url("/none")),
                     "NotFound")
    contains(failed.parameters["what"], "page")
    refused(lambda: client.call("AddFeed", url=server.url("/"), discover=False),
            "NotFound")
    equal(client.call("GetStatus")["feeds"], 0)
    reply = client.call("AddFeed", url=server.url("/"))
    equal((reply["feed"]["url"], reply["feed"]["items"]),
          (server.url("/f.xml"), 2))


def test_add_last_resorts(bench):
    """pages without a link in their head: links in the text, then what is known"""
    bench.configure()
    bench.start()
    server, client = bench.server, bench.client()

    def page(body):
        return lambda r: (200, {"Content-Type": "text/html"},
                          f"<!doctype html><title>P</title><body>{body}")
    url = server.feed("/blog/feed.xml", rss(2))
    server.feed("/@ann.rss", rss(1))
    server.routes["/blog/"] = page('<a href="/about">x</a><a href="feed.xml">RSS</a>')
    server.routes["/old/"] = page(f'<a href="feed:{url}">RSS</a>')
    server.routes["/older/"] = page(
        f'<a href="feed:{url.removeprefix("http:")}">RSS</a>')
    server.routes["/@ann"] = page('<div id="mastodon"></div>')
    server.routes["/@bob/1"] = page("")
    for path in ("/old/", "/older/"):
        reply = client.call("AddFeed", url=server.url(path), dry_run=True)
        equal(reply["candidates"][0]["url"], url, path)
    reply = client.call("AddFeed", url=server.url("/blog/"))
    equal((reply["feed"]["url"], reply["feed"]["items"]), (url, 2))
    reply = client.call("AddFeed", url=server.url("/@ann"))
    equal((reply["feed"]["url"], reply["feed"]["items"]),
          (server.url("/@ann.rss"), 1))
    refused(lambda: client.call("AddFeed", url=server.url("/@bob/1")), "NotFound")
    equal(len(server.of("/@ann")), 1)
    # Which of a repository's feeds is meant is told without asking for its page.
    reply = client.call("AddFeed", url="https://github.com/o/r")
    equal([c["title"] for c in reply["candidates"]],
          ["Releases", "Tags", "Commits"])
    equal(client.call("GetStatus")["feeds"], 2)


def test_set_remove(bench):
    """SetFeed and RemoveFeed: feeds of the database change, those of files do not"""
    one_feed(bench)
    server, client = bench.server, bench.client()
    server.feed("/n", rss(2))
    client.call("AddFeed", url=server.url("/n"), options={"name": "n"})
    feed = client.call("SetFeed", feed="n", set={
        "title": "My title", "tags": "p q", "interval": "2h"})["feed"]
    equal((feed["title"], feed["tags"]), ("My title", ["p", "q"]))
    feed = client.call("SetFeed", feed="n", set={"enabled": "no"})["feed"]
    equal(feed["state"], "paused")
    count = len(server.of("/n"))
    server.wait("/a", len(server.of("/a")) + 3)
    equal(len(server.of("/n")), count)
    client.call("SetFeed", feed="n", set={"enabled": "yes"}, unset=["title"])
    equal(bench.feed("n")["title"], "A feed")
    failed = refused(lambda: client.call("SetFeed", feed="a",
                                         set={"title": "t"}), "Conflict")
    contains(failed.parameters["message"], bench.conf)
    refused(lambda: client.call("RemoveFeed", feed="a"), "Conflict")
    equal(client.call("RemoveFeed", feed="n")["archived"], 2)
    equal(bench.feed("n"), None)
    equal(len(bench.items()), 5)


def test_fetch(bench):
    """Fetch: one reply a feed, the manual floor is kept and said"""
    url = bench.server.feed("/a", rss(2))
    bench.configure(f"[feed a]\nurl = {url}\ninterval = 1h\n"
                    f"[feed b]\nurl = {bench.server.url('/b')}\ninterval = 1h\n"
                    f"[schedule]\nmanual-min = 1h\n")
    bench.start()
    bench.until("a", lambda: bench.feed("a").get("last_success"))
    bench.until("b", lambda: bench.feed("b").get("last_error"))
    client = bench.client()
    rows = client.all("Fetch", query="feed:a")
    contains(rows[0]["message"], "not asked again so soon")
    true("retry" in rows[0], "no time")
    equal(len(bench.server.of("/a")), 1)
    rows = client.all("Fetch", force=True)
    outcomes = {row["feed"]["name"]: row["outcome"] for row in rows
                if "feed" in row}
    equal(outcomes, {"a": "unchanged", "b": "not-found"})
    reply = client.call("Fetch", query="feed:a", force=True)
    equal((reply["outcome"], reply["status"]), ("unchanged", 304))


def test_explain(bench):
    """ExplainFeed: reasons in words, and the log"""
    one_feed(bench, interval="1h")
    reply = bench.call("ExplainFeed", feed="a")
    contains("\n".join(reply["reasons"]), "set for this feed")
    equal(reply["log"][-1]["outcome"], "ok")
    equal(len(bench.call("ExplainFeed", feed="a", attempts=1)["log"]), 1)


def test_slow_reader(bench):
    """a client that does not read delays nobody, and loses nothing"""
    one_feed(bench, count=900)
    slow = bench.client()
    slow.send("Follow", more=True, **{"from": "beginning"},
              fields=["html", "text", "raw"])
    lister = bench.client()
    lister.send("ListItems", more=True, all=True)
    for _ in range(20):
        bench.call("GetStatus")
    seen = 0
    while seen < 900:
        seen += slow.reply()["parameters"]["event"]["kind"] == "item_new"
    rows = 0
    while lister.reply().get("continues"):
        rows += 1
    equal(rows, 900)


run([test_malformed, test_unknown, test_service_interface, test_pages,
     test_modify, test_add, test_add_unreachable, test_add_page,
     test_add_last_resorts,
     test_set_remove, test_fetch, test_explain, test_slow_reader])
