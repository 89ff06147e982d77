# SPDX-License-Identifier: ISC
"""A feed that kills or hangs the parser: it is named and put aside, the others
are polled.  For builds with --enable-test-hooks."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import TOP, contains, equal, rss, run, true


def has_hooks():
    with open(os.path.join(TOP, "config.h")) as file:
        return "#define WITH_TEST_HOOKS 1" in file.read()


def poisoned(bench, word):
    good = "".join(
        f"[feed g{n}]\nurl = {bench.server.feed(f'/g{n}', rss(2, start=9 * n))}\n"
        for n in range(4))
    state = {"body": rss(1, extra=f"<!-- {word} -->")}
    bench.server.routes["/bad"] = lambda r: (200, {}, state["body"])
    bench.configure(
        f"{good}[feed bad]\nurl = {bench.server.url('/bad')}\n")
    bench.start()
    return state


def check_quarantine(bench, state):
    error = bench.until("quarantine", lambda: len(bench.server.of("/bad")) >= 2
                        and bench.feed("bad")["state"] == "failing"
                        and bench.feed("bad").get("last_error"))
    contains(error, "fetcher")
    contains(bench.call("ExplainFeed", feed="bad", attempts=1)["log"][0]["detail"],
             "not asked again (back-off")
    count = len(bench.server.of("/bad"))
    equal(count, 2)
    for n in range(4):
        before = len(bench.server.of(f"/g{n}"))
        bench.server.wait(f"/g{n}", before + 2)
        equal(bench.feed(f"g{n}")["failures"], 0)
    equal(len(bench.server.of("/bad")), count)
    true(bench.process.poll() is None, "the service died too")
    # It stays put aside over a restart, until someone asks for it.
    equal(bench.stop(), 0)
    bench.start()
    before = len(bench.server.of("/g0"))
    bench.server.wait("/g0", before + 3)
    equal(len(bench.server.of("/bad")), count)
    state["body"] = rss(3, start=100)
    reply = bench.call("Fetch", query="feed:bad", force=True)
    equal((reply["outcome"], reply["new"]), ("ok", 3))
    equal(bench.feed("bad")["state"], "ok")
    bench.server.wait("/bad", count + 3)


def test_abort(bench):
    """a feed that kills the parser twice is quarantined"""
    check_quarantine(bench, poisoned(bench, "gazetted-test-abort"))


def test_hang(bench):
    """a feed that hangs the parser twice is quarantined"""
    check_quarantine(bench, poisoned(bench, "gazetted-test-hang"))


if has_hooks():
    run([test_abort, test_hang])
else:
    print("1..0 # SKIP not a build with --enable-test-hooks")
