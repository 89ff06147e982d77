# SPDX-License-Identifier: ISC
"""--once: polls what is due, commits, and exits."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, rss, run, true


def test_all(bench):
    """a new database: every feed, however many on one host, then exit 0"""
    feeds = [(f"f{n}", bench.server.feed(f"/{n}", rss(2, start=10 * n)))
             for n in range(12)]
    bench.configure("[schedule]\nstart-spread = 10min\n[fetch]\n"
                    "per-host-pause = 10ms\n" + "".join(
                        f"[feed {name}]\nurl = {url}\n" for name, url in feeds))
    code, said = bench.spawn("--once")
    equal(code, 0, said)
    equal(bench.sql("SELECT count(*) FROM v1_item"), [(24,)])
    equal(bench.sql("SELECT count(*) FROM v1_feed WHERE last_success IS NULL"),
          [(0,)])
    true(not os.path.exists(bench.socket), "--once made a socket")


def test_failed(bench):
    """some feeds fail: exit 3, the others are stored"""
    good = bench.server.feed("/good", rss(2))
    bench.configure(f"[feed good]\nurl = {good}\n"
                    f"[feed bad]\nurl = {bench.server.url('/bad')}\n")
    code, said = bench.spawn("--once")
    equal(code, 3)
    contains(said, "feed bad: ")
    equal(bench.sql("SELECT count(*) FROM v1_item"), [(2,)])


def test_due(bench):
    """the second run asks what is due alone"""
    a, b = bench.server.feed("/a", rss(1)), bench.server.feed("/b", rss(1))
    bench.configure(f"[feed a]\nurl = {a}\n[feed b]\nurl = {b}\ninterval = 1h\n")
    equal(bench.spawn("--once")[0], 0)
    equal((len(bench.server.of("/a")), len(bench.server.of("/b"))), (1, 1))
    # It is due when the database says so: no need to wait for it here.
    rows = bench.sql("SELECT name FROM v1_feed WHERE next_fetch <"
                     " strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 minute')")
    equal(rows, [("a",)])
    while bench.sql("SELECT count(*) FROM v1_feed WHERE next_fetch <"
                    " strftime('%Y-%m-%dT%H:%M:%fZ', 'now')") == [(0,)]:
        pass
    equal(bench.spawn("--once")[0], 0)
    equal((len(bench.server.of("/a")), len(bench.server.of("/b"))), (2, 1))


def test_none(bench):
    """no feeds: exit 0 at once"""
    bench.configure()
    equal(bench.spawn("--once")[0], 0)


run([test_all, test_failed, test_due, test_none])
