# SPDX-License-Identifier: ISC
"""What changes while feeds are on their way, or wait for their turn."""
import os
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import DEFAULTS, PATIENCE, Server, contains, equal, rss, run, true

SLOW = DEFAULTS.replace("first-interval = 200ms", "first-interval = 1h").replace(
    "unconditional = 200ms", "unconditional = 1h")


class Busy:
    """A server with one feed, /busy, that is being answered until free()."""

    def __init__(self):
        self.server, self.gate = Server(), threading.Event()
        self.begun = threading.Event()
        self.server.routes["/busy"] = self._answer
        self.url, self.wait = self.server.url, self.server.wait

    def _answer(self, request):
        self.begun.set()
        self.gate.wait(PATIENCE)
        return 200, {}, rss(1)

    def free(self):
        self.gate.set()

    def close(self):
        self.free()
        self.server.close()


def feed(name, url, *lines):
    return "\n".join([f"[feed {name}]", f"url = {url}", *lines, ""])


def reload(bench, *feeds):
    bench.configure("".join(feeds), SLOW)
    bench.call("Reload")


def reload_and_read(bench, *feeds):
    """The plans are read after the answer: when a new one is fetched, all are known."""
    reload(bench, *feeds, feed("late", bench.server.feed("/late", rss(1))))
    bench.until("late", lambda: bench.feed("late").get("last_success"))


def redirected_to(busy):
    """A server whose /from leads to where a request has to wait."""
    server = Server()
    server.routes["/from"] = lambda r: (302, {"Location": busy.url("/to")}, "")
    busy.server.feed("/to", rss(2))
    return server


def test_asked(bench):
    """who asked for a feed is answered, also when a reload gives it another queue"""
    busy = Busy()
    busy.server.feed("/a", rss(2))
    slow = feed("busy", busy.url("/busy"))
    bench.configure(slow, SLOW)
    bench.start()
    true(busy.begun.wait(PATIENCE), "it was not asked")
    reload_and_read(bench, slow, feed("a", busy.url("/a"), "enabled = no"))
    client = bench.client()
    client.send("Fetch", more=True, query="feed:a")
    bench.until("asked", lambda: any(
        h["due"] == 1 for h in bench.call("ListHosts")["hosts"]))
    reload(bench, slow, feed("a", busy.url("/a"), "enabled = no",
                             "rate-group = own"))
    equal(client.reply()["parameters"]["new"], 2)
    busy.close()


def hop_survives(bench, change):
    """`change` is made to the feed while its redirect waits for its turn."""
    busy = Busy()
    first, second = redirected_to(busy), redirected_to(busy)
    slow = feed("busy", busy.url("/busy"))
    bench.configure(slow, SLOW)
    bench.start()
    true(busy.begun.wait(PATIENCE), "it was not asked")
    reload(bench, slow, feed("r", first.url("/from")))
    first.wait("/from", 1)
    bench.until("hop", lambda: any(
        h["due"] == 1 for h in bench.call("ListHosts")["hosts"]))
    server, lines = change(first, second)
    reload(bench, slow, feed("r", server.url("/from"), *lines))
    busy.free()
    busy.wait("/to", 1)
    bench.until("r", lambda: bench.feed("r")["items"] == 2)
    asked = len(server.of("/from"))
    bench.call("Fetch", query="feed:r", force=True)
    equal(len(server.of("/from")), asked + 1)
    for other in (first, second, busy):
        other.close()


def test_hop_group(bench):
    """a redirect that waits for its turn goes on when its feed gets another queue"""
    hop_survives(bench, lambda first, second: (first, ["rate-group = own"]))


def test_hop_address(bench):
    """a redirect that waits for its turn is begun anew at its feed's new address"""
    hop_survives(bench, lambda first, second: (second, []))


def start_asked(bench, busy):
    """Somebody who asked for feed a, which is on its way, and the section of feed mark:
    when that one has been told of, a is waited for."""
    mark = feed("mark", bench.server.feed("/mark", rss(1)))
    bench.configure(feed("a", busy.url("/busy")) + mark, SLOW)
    bench.start()
    true(busy.begun.wait(PATIENCE), "it was not asked")
    client = bench.client()
    client.send("Fetch", more=True, query="feed:a or feed:mark", force=True)
    equal(client.reply()["parameters"]["feed"]["name"], "mark")
    return client, mark


def test_edited(bench):
    """an answer of the address that a feed had says nothing of its new one"""
    busy = Busy()
    busy.server.feed("/new", rss(3))
    client, mark = start_asked(bench, busy)
    reload_and_read(bench, feed("a", busy.url("/new")), mark)
    busy.free()
    reply = client.reply()["parameters"]
    equal((reply["outcome"], reply["new"], reply["feed"]["items"]), ("ok", 3, 3))
    busy.close()


def test_taken_out(bench):
    """who waits for a feed that is taken out is told so"""
    busy = Busy()
    client, mark = start_asked(bench, busy)
    reload_and_read(bench, mark)
    busy.free()
    contains(client.reply()["parameters"]["message"], "taken out")
    busy.close()


def test_hung_up(bench):
    """who hangs up is told nothing, also while the database is locked"""
    url = bench.server.feed("/a", rss(1))
    bench.configure(feed("a", url), SLOW)
    bench.start()
    bench.until("a", lambda: bench.feed("a").get("last_success"))
    lock = sqlite3.connect(bench.db, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    clients = []
    for count in (2, 3):  # the second while the first is being stored
        clients.append(bench.client())
        clients[-1].send("Fetch", more=True, query="feed:a", force=True)
        bench.server.wait("/a", count)
        bench.until("stored", lambda: bench.call("GetStatus")["inflight"] == 0)
    clients[0].close()
    for _ in range(3):  # turns of its loop, in which it sees that
        bench.call("GetStatus")
    lock.execute("ROLLBACK")
    lock.close()
    equal(clients[1].reply()["parameters"]["outcome"], "unchanged")
    equal(bench.process.poll(), None)


run([test_asked, test_hop_group, test_hop_address, test_edited,
     test_taken_out, test_hung_up])
