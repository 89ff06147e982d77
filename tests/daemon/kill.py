# SPDX-License-Identifier: ISC
"""kill -9, of the service and of the fetcher, while feeds are polled: every item
is there once, and no validator is ahead of its items."""
import os
import random
import signal
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, Skip, equal, rss, run, true

# Few here, so that every run has some; by hand, for instance 50 of 100 feeds.
FEEDS = int(os.environ.get("GAZETTED_TEST_FEEDS", "20"))
KILLS = int(os.environ.get("GAZETTED_TEST_KILLS", "8"))


class Papers:
    """Feeds that grow by one item at each answer of 200, up to a number."""

    def __init__(self, bench, most):
        self.bench, self.most = bench, most
        self.count = [0] * FEEDS
        self.lock = threading.Lock()
        self.grown = threading.Condition(self.lock)
        for n in range(FEEDS):
            bench.server.routes[f"/{n}"] = lambda r, n=n: self.answer(r, n)
        bench.configure("".join(
            f"[feed f{n}]\nurl = {bench.server.url(f'/{n}')}\n"
            for n in range(FEEDS)))

    def answer(self, request, n):
        with self.lock:
            tag = request.headers.get("If-None-Match")
            full = self.count[n] == self.most
            if full and tag == f'"{self.most}"':
                return 304, {"ETag": tag}, ""
            if not full:
                self.count[n] += 1
                self.grown.notify_all()
            count = self.count[n]
        # Guids differ from feed to feed, or they would be one story.
        body = rss(count).replace("urn:item:", f"urn:{n}:").replace(
            "http://site.example/", f"http://site{n}.example/")
        return 200, {"ETag": f'"{count}"'}, body

    def wait_grown(self, by):
        """Until `by` more items were published (or there are no more)."""
        with self.lock:
            goal = min(sum(self.count) + by, FEEDS * self.most)
            true(self.grown.wait_for(lambda: sum(self.count) >= goal, 60),
                 f"only {sum(self.count)} items were fetched")

    def check(self):
        """All of it is stored, once; and validators never were ahead."""
        def whole():
            return self.bench.call("CountItems", all=True)["total"] >= (
                FEEDS * self.most)
        self.bench.until("every item", whole, PATIENCE * (1 + FEEDS // 20))
        rows = self.bench.sql(
            "SELECT feed, guid, count(*) FROM v1_item GROUP BY 1, 2")
        equal(len(rows), FEEDS * self.most, "different items")
        equal([row for row in rows if row[2] != 1], [], "stored twice")
        equal(self.bench.sql("PRAGMA integrity_check"), [("ok",)])


def test_kill_service(bench):
    """the service is killed at random moments"""
    papers = Papers(bench, 8 + KILLS // 2)
    dice = random.Random(7)
    for _ in range(KILLS):
        bench.start()
        papers.wait_grown(dice.randrange(1, FEEDS))
        equal(bench.process.poll(), None, "ended by itself")
        bench.process.kill()
        bench.process.wait()
        # What a validator in the database promises is in the database.
        for name, tag, count in bench.sql(
                "SELECT f.name, f.etag, count(i.id) FROM feed f LEFT JOIN item i"
                " ON i.feed_id = f.id GROUP BY f.id"):
            if tag is not None:
                equal(count, int(tag.strip('"')), f"items of {name} at {tag}")
    bench.start()
    papers.check()
    equal(bench.stop(), 0)


def test_kill_fetcher(bench):
    """the fetcher is killed at random moments; nobody is blamed or cut off"""
    most = 8 + KILLS // 2
    papers = Papers(bench, most)
    dice = random.Random(8)
    bench.start()
    follower = bench.client()
    follower.send("Follow", more=True, all=True, **{"from": "beginning"})
    for _ in range(max(3, KILLS // 2)):
        papers.wait_grown(dice.randrange(1, FEEDS))
        before = bench.fetcher()
        if before is None:
            raise Skip("no child is seen")
        os.kill(before, signal.SIGKILL)
        bench.until("another fetcher", lambda: bench.fetcher() not in (None, before))
    papers.check()
    seen = 0
    while seen < FEEDS * most:
        seen += follower.reply()["parameters"]["event"]["kind"] == "item_new"
    true(bench.process.poll() is None, "the service is down")


def test_stop(bench):
    """SIGTERM at random moments ends within two seconds, and loses nothing"""
    import time
    papers = Papers(bench, 10)
    dice = random.Random(9)
    for _ in range(5):
        bench.start()
        papers.wait_grown(dice.randrange(1, FEEDS))
        equal(bench.process.poll(), None, "ended by itself")
        began = time.monotonic()
        equal(bench.stop(), 0)
        took = time.monotonic() - began
        # A machine that is busy with other tests is slow: the figure is told.
        print(f"# stopped within {took:.2f} s")
        true(took < 20, f"took {took:.1f} s to stop")
    bench.start()
    papers.check()


run([test_kill_service, test_kill_fetcher, test_stop])
