# SPDX-License-Identifier: ISC
"""Stories as people see them: listed, explained, put right, undone."""
import contextlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import GAZETTED, contains, equal, refused, run

TEXT = " ".join(f"{a}{b}" for a in ("storm", "bridge", "wheat", "library")
                for b in ("one", "two", "three", "four", "five", "six",
                          "seven", "eight", "nine", "ten", "more", "again",
                          "there", "here", "then", "now", "some", "none",
                          "west", "east"))


def document(title, link, text, guid="1"):
    return (f"<rss version='2.0'><channel><title>T</title><item><title>{title}"
            f"</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
            f"<description>{text}</description></item></channel></rss>")


def gazette(bench, *arguments, status=0):
    done = subprocess.run(
        [GAZETTED.removesuffix("d"), "--socket=" + bench.socket, *arguments], capture_output=True, text=True)
    equal(done.returncode, status, done.stderr)
    return done.stdout + done.stderr


def lines(bench):
    """How many a list has: one a story."""
    return bench.call("CountItems")["total"]


def stored(bench):
    return bench.call("CountItems", **{"all": True})["total"]


def two_feeds(bench, extra=""):
    """The one of feed a comes first."""
    one = bench.server.feed("/a", document("A heading", "https://a.example/1", TEXT))
    two = bench.server.feed("/b", document("Other words", "https://b.example/1", TEXT))
    bench.configure(f"[feed a]\nurl = {one}\n[feed b]\nurl = {two}\n"
                    "enabled = no\n" + extra)
    bench.start()
    bench.until("the first", lambda: stored(bench) == 1)
    bench.configure(f"[feed a]\nurl = {one}\n[feed b]\nurl = {two}\n" + extra)
    bench.call("Reload")
    bench.until("items", lambda: stored(bench) == 2)


def test_one_line(bench):
    """two copies are one line, one of them a duplicate, and the reason is told"""
    two_feeds(bench)
    equal(lines(bench), 1)
    equal(bench.items()[0]["copies"], 1)
    told = bench.client().all("GetStory", id=2)
    equal([m["item"].get("why") for m in told if "item" in m], [None, "copy"])
    out = gazette(bench, "story", "2", "-o", "table")
    contains(out, "began the story")
    contains(out, "copy of item 1: ")
    piped = [line.split("\t") for line in gazette(bench, "story", "2").splitlines()]
    equal([len(fields) for fields in piped], [5, 5])
    equal(piped[0][4], "began the story")
    contains(piped[1][4], "copy of item 1: ")
    contains(gazette(bench, "list", "-o", "table"), "[+1 copy]")
    equal(len(gazette(bench, "list", "story:1").splitlines()), 2)
    refused(lambda: bench.call("GetStory", id=99), "NotFound")


def test_by_hand(bench):
    """split, undo, join and undo"""
    two_feeds(bench)
    contains(gazette(bench, "split", "2"), "Item 2 is a story of its own")
    equal(lines(bench), 2)
    refused(lambda: bench.call("SplitItem", id=2), "Conflict")
    contains(gazette(bench, "undo"), "Restored 1 item.")
    equal(lines(bench), 1)
    gazette(bench, "split", "1")
    contains(gazette(bench, "join", "1", "2"), "Items 1 and 2 are story 1")
    equal(lines(bench), 1)
    contains(gazette(bench, "story", "2", "-o", "table"), "put together by hand")
    gazette(bench, "undo")
    equal(lines(bench), 2)
    gazette(bench, "join", "1", "99", status=4)
    gazette(bench, "split", "one", status=2)


def test_level(bench):
    """level 2 joins by address alone"""
    two_feeds(bench, "[dedup]\nlevel = 2\n")
    equal(lines(bench), 2)


def test_diff(bench):
    """what an edit changed, word by word"""
    two_feeds(bench)
    equal(gazette(bench, "show", "1", "--diff"), "Item 1 was never edited.\n")
    bench.server.feed("/a", document("A heading", "https://a.example/1",
                                     TEXT.replace("wheatone", "barleyone")))
    gazette(bench, "fetch", "--force", "feed:a")
    out = gazette(bench, "show", "1", "--diff")
    contains(out, "revision 1 of 2")
    contains(out, "- " + TEXT[:20])
    contains(out, "+ " + TEXT[:20])
    contains(out, "barleyone")
    out = gazette(bench, "show", "1", "--diff=1", "--color=always")
    contains(out, "\x1b[32mbarleyone")
    gazette(bench, "show", "1", "--diff=7", status=4)
    bench.server.feed("/b", document("Other words", "https://b.example/1",
                                     TEXT + "&lt;p&gt;Corrected since.&lt;/p&gt;"))
    gazette(bench, "fetch", "--force", "feed:b")
    equal(gazette(bench, "show", "2", "--diff").splitlines()[1:], ["+ Corrected since."])


def in_terminal(bench, *arguments):
    """What is printed to one, with a less that tells its options."""
    with open(os.path.join(bench.dir, "less"), "w") as file:
        os.chmod(file.name, 0o755)
        file.write("#!/bin/sh\necho \"less $*\"\ncat\n")
    env = {k: v for k, v in os.environ.items() if not k.endswith("PAGER")}
    env["PATH"] = bench.dir + ":" + env["PATH"]
    master, slave = os.openpty()
    process = subprocess.Popen(
        [GAZETTED.removesuffix("d"), "--socket=" + bench.socket, *arguments],
        stdin=subprocess.DEVNULL, stdout=slave, env=env)
    os.close(slave)
    out = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while data := os.read(master, 65536):
            out += data
    os.close(master)
    equal(process.wait(), 0)
    return out.decode()


def test_pager(bench):
    """a table is cut at the edge of the terminal, a text is not"""
    two_feeds(bench)
    bench.server.feed("/a", document("A heading", "https://a.example/1", OTHER))
    gazette(bench, "fetch", "--force", "feed:a")
    contains(in_terminal(bench, "list"), "less -FRSXMK")
    contains(in_terminal(bench, "show", "1"), "less -FRXMK")
    contains(in_terminal(bench, "show", "1", "--diff"), "less -FRXMK")


OTHER = TEXT.replace("e", "o")

# What stays when everything else of an entry changes, and whether it is the same item
# then: guid, link, title, text.
KEPT = [("auto", "guid", False), ("auto", "link", True), ("guid", "guid", True),
        ("guid", "link", False), ("link", "link", True), ("link", "guid", False),
        ("title", "title", True), ("title", "guid", False),
        ("content", "title text", True), ("content", "guid link", False)]


def test_identity(bench):
    """identity: the key that stays decides, each value as configured"""
    first = {"title": "A heading", "link": "https://a.example/1", "text": TEXT, "guid": "1"}
    later = {"title": "No name", "link": "https://a.example/2", "text": OTHER, "guid": "2"}
    text = "[dedup]\nlevel = 1\n"
    for n, (value, _, _) in enumerate(KEPT):
        url = bench.server.feed(f"/{n}", document(**first))
        text += f"[feed f{n}]\nurl = {url}\nidentity = {value}\n"
    bench.configure(text)
    bench.start()
    bench.until("items", lambda: stored(bench) == len(KEPT))
    for n, (_, kept, _) in enumerate(KEPT):
        bench.server.feed(f"/{n}", document(**{**later, **{k: first[k] for k in kept.split()}}))
    gazette(bench, "fetch", "--force")
    for n, (value, kept, same) in enumerate(KEPT):
        equal(len(bench.items(f"feed:f{n}")), 1 if same else 2, f"identity = {value}, {kept} kept")


def test_edits(bench):
    """edits: what becomes unread, and what is kept, each value as configured"""
    small, great = TEXT.replace("wheatone", "barleyone"), OTHER
    want = {"silent": (False, False, 2), "significant": (False, True, 2),
            "unread": (True, True, 2), "ignore": (False, False, 1)}
    text = "[dedup]\nlevel = 1\n"
    for value in want:
        for size in ("small", "great"):
            url = bench.server.feed(f"/{value}-{size}", document("A heading", "https://a.example/1", TEXT))
            text += f"[feed {value}-{size}]\nurl = {url}\nedits = {value}\n"
    bench.configure(text)
    bench.start()
    bench.until("items", lambda: stored(bench) == 8)
    gazette(bench, "mark", "read", "is:unread")
    for value in want:
        bench.server.feed(f"/{value}-small", document("A heading", "https://a.example/1", small))
        bench.server.feed(f"/{value}-great", document("A heading", "https://a.example/1", great))
    gazette(bench, "fetch", "--force")
    for value, (by_small, by_great, revision) in want.items():
        for size, unread in (("small", by_small), ("great", by_great)):
            item, = bench.items(f"feed:{value}-{size}")
            equal((not item["read"], item["revision"]), (unread, revision), f"edits = {value}, a {size} one")


run([test_one_line, test_by_hand, test_level, test_diff, test_pager, test_identity, test_edits])
