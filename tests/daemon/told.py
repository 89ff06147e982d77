# SPDX-License-Identifier: ISC
"""What the feed's log and the daemon's own tell of an attempt."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, rss, run


def last(bench, name):
    """Its last attempt, when there is one."""
    log = bench.call("ExplainFeed", feed=name, attempts=1)["log"]
    return log[0] if log else None


def poll(bench, name):
    bench.call("Fetch", query=f"feed:{name}", force=True)
    return last(bench, name)


def test_bytes(bench):
    """what a chain of redirects brought is counted once, also when it is refused"""
    server, body = bench.server, rss(2)
    server.routes["/to"] = lambda r: (200, {}, body)
    server.routes["/fine"] = lambda r: (302, {"Location": "/to"}, "x" * 100)
    server.routes["/bad"] = lambda r: (302, {"Location": "ftp://x/y"}, "x" * 100)
    bench.configure("".join(
        f"[feed {n}]\nurl = {server.url('/' + n)}\ninterval = 1h\n"
        for n in ("fine", "bad")))
    bench.start()
    equal(bench.until("fine", lambda: last(bench, "fine"))["bytes"],
          100 + len(body))
    equal(bench.until("bad", lambda: last(bench, "bad"))["bytes"], 100)


def test_rules(bench):
    """the log names the rules that had a say, each with its time"""
    server = bench.server
    server.feed("/ttl", rss(2, extra="<ttl>1</ttl>"))
    server.routes["/gone"] = 410
    bench.configure(f"[feed ttl]\nurl = {server.url('/ttl')}\ninterval = 1h\n"
                    f"[feed quick]\nurl = {server.url('/ttl')}?q\n"
                    f"[feed gone]\nurl = {server.url('/gone')}\n"
                    "[schedule]\ngone-after = 100ms\n")
    server.routes["/ttl?q"] = server.routes["/ttl"]
    bench.start()
    detail = bench.until("ttl", lambda: last(bench, "ttl"))["detail"]
    equal(detail.split(" (")[1], "interval 1h 00m)")
    detail = bench.until("quick", lambda: last(bench, "quick"))["detail"]
    equal(detail.split(" (")[1], "interval 200 ms, ttl 1m)")
    bench.until("gone", lambda: bench.feed("gone")["state"] == "gone")
    equal(last(bench, "gone")["detail"].split("; ")[-1], "not asked again (gone)")
    contains("\n".join(bench.call("ExplainFeed", feed="gone")["reasons"]),
             "gazette fetch feed:gone tries it again")



def test_auth(bench):
    """that a feed wants credentials is told once, also after other failures"""
    state = {"status": 500}
    bench.server.routes["/a"] = lambda r: (state["status"], {}, "")
    bench.configure(f"[feed a]\nurl = {bench.server.url('/a')}\ninterval = 1h\n")
    bench.start()
    bench.until("a", lambda: last(bench, "a"))
    for state["status"] in (401, 200, 401, 401):
        poll(bench, "a")
    told = [line for line in bench.log() if "feed a: 401" in line]
    equal([line.split(":")[0] for line in told], ["warning", "warning", "info"])


run([test_bytes, test_rules, test_auth])
