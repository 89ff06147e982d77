# SPDX-License-Identifier: ISC
"""What a user does with gazette, while the sample newspaper is polled."""
import contextlib
import json
import os
import pty
import re
import select
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, TOP, contains, equal, rss, run, true

GAZETTE = os.environ.get("GAZETTE", os.path.join(TOP, "gazette"))
NEWSPAPER = os.path.join(TOP, "tests", "newspaper", "newspaper")
ARTICLES = os.path.join(os.environ.get("top_srcdir", "."), "tests",
                        "newspaper", "articles.txt")
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


class User:
    """Runs gazette, with a home of its own."""

    def __init__(self, bench):
        self.bench = bench
        self.env = {**os.environ, "GAZETTE_SOCKET": bench.socket,
                    "HOME": bench.dir, "TZ": "UTC", "LC_ALL": "C.UTF-8",
                    "NO_COLOR": "1"}

    def run(self, *words, code=0, stdin=None):
        """stdout and stderr of one run, which must exit with `code`."""
        done = subprocess.run([GAZETTE, *words], env=self.env, input=stdin,
                              capture_output=True, timeout=PATIENCE, check=False)
        out = done.stdout.decode("utf-8")
        said = done.stderr.decode("utf-8")
        equal(done.returncode, code, f"gazette {' '.join(words)}: {out}{said}")
        return out, said

    def out(self, *words, **options):
        return self.run(*words, **options)[0]

    def lines(self, *words, **options):
        return self.out(*words, **options).splitlines()

    def said(self, *words, **options):
        return self.run(*words, **options)[1]

    def json(self, *words):
        return [json.loads(line) for line in self.lines(*words, "--json")]

    def on_terminal(self, *words):
        """What reaches a terminal of 80 columns."""
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [GAZETTE, "--no-pager", *words], env={**self.env, "COLUMNS": "80"},
            stdin=child, stdout=child, stderr=child)
        os.close(child)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            while select.select([parent], [], [], PATIENCE)[0]:
                part = os.read(parent, 65536)
                if not part:
                    break
                seen += part
        os.close(parent)
        equal(process.wait(PATIENCE), 0, seen.decode(errors="replace"))
        return seen


@contextlib.contextmanager
def newspaper(bench, text=""):
    """The paper and the daemon that reads it; yields the user."""
    os.mkdir(bench.conf + ".d")
    paper = subprocess.Popen(
        [NEWSPAPER, f"--config={bench.conf}.d/newspaper.conf", ARTICLES],
        stdout=subprocess.PIPE, text=True)
    try:
        true(paper.stdout.readline().startswith("127.0.0.1:"), "no address")
        bench.configure(text)
        bench.start()
        user = User(bench)
        bench.until("sixty items", lambda: len(bench.items()) >= 60)
        yield user
    finally:
        paper.kill()
        paper.wait()
        paper.stdout.close()


def test_reading(bench):
    """list, count and show of the newspaper; the syndicated link is one story"""
    with newspaper(bench) as user:
        bench.until("every feed", lambda: all(
            row["feed"].get("last_success")
            for row in bench.client().all("ListFeeds")))
        names = {line.split("\t")[0] for line in user.lines("feed", "list")}
        equal(len(names), 10)
        counted = dict(reversed(line.split("\t"))
                       for line in user.lines("count", "--all", "--by=feed"))
        equal(set(counted), names)
        true(int(user.out("count", "--all")) >= 66, "too few items")

        # The article, and the link blog that points at it with tracking words.
        story = [item for item in user.json("list", "--all", "tag:ai", "or",
                                            "tag:links")
                 if "openai-open-weight" in item["url"]]
        equal({item["feed"] for item in story}, {"fortune-desk", "signal-noise"})
        equal(len({item["story"] for item in story}), 1)
        equal(sorted(item["duplicate"] for item in story), [False, True])
        lead = next(item for item in story if not item["duplicate"])
        equal((lead["id"], lead["copies"], len(lead["feeds"])),
              (lead["story"], 1, 2))
        true(not re.search("utm_|[?]", lead["url"]), f"tracked: {lead['url']}")
        shown = user.lines("list", f"story:{lead['id']}", "-o", "short")
        equal(len(shown), 2, "the story's items")
        equal(len([line for line in user.lines("list", "-o", "short")
                   if line.split("\t")[0] in {str(i["id"]) for i in story}]), 1)
        contains(user.out("list", "-o", "table", f"id:{lead['id']}"), "[+1 copy]")
        text = user.out("show", str(lead["id"]))
        true(text.startswith(lead["title"] + "\n"), text)
        contains(text, lead["url"])
        contains(user.out("show", str(lead["id"]), "--html"), "<p>")
        contains(user.out("show", "--raw", str(lead["id"])), lead["title"][:5])


def test_edit(bench):
    """the edit becomes revision 2, told to those who follow updates"""
    with newspaper(bench) as user:
        def edited():
            return [item for item in bench.items("feed:fortune-desk")
                    if item["revision"] == 2]
        item = bench.until("the edit", edited)[0]
        contains(item["url"], "openai-open-weight")
        equal([i["id"] for i in user.json("list", "--all", "is:updated")],
              [item["id"]])
        contains(user.out("show", str(item["id"])), "Correction:")
        equal(bench.sql("SELECT count(*) FROM v1_revision WHERE item_id = "
                        f"{item['id']}"), [(2,)])
        events = user.json("follow", "--kinds=updated", "--from=beginning",
                           "--until-caught-up", f"id:{item['id']}")
        equal([(event["kind"], event["item"]["revision"]) for event in events],
              [("item_updated", 2)])


def test_formats(bench):
    """short, tsv, ndjson and json are what the contract says, to the byte"""
    title = "Tab\there, \\back & <b>bold</b>"
    body = rss(1, title="F").replace(
        "<title>Item 1</title>",
        "<title>Tab&#9;here, \\back &amp; &lt;b&gt;bold&lt;/b&gt;</title>")
    url = bench.server.feed("/f", body)
    bench.configure(f"[feed f]\nurl = {url}\ntags = x y\n")
    bench.start()
    bench.until("the item", lambda: bench.items())
    user = User(bench)
    one = bench.items()[0]
    seen, shown = one["seen"], one["title"]
    true(re.fullmatch(INSTANT, seen), seen)
    true("\t" not in shown and "\\back" in shown, f"{shown!r} of {title!r}")
    equal(user.out("list"), f"1\t{seen}\tf\t{shown}\n")
    equal(user.out("list", "-o", "short"), user.out("list"))
    equal(user.out("list", "-o", "tsv"),
          "id\tseen\tfeed\ttitle\turl\ttags\tread\tstarred\n"
          f"1\t{seen}\tf\t" + shown.replace("\\", "\\\\") +
          "\thttp://site.example/1\tx y\tfalse\tfalse\n")
    line = user.out("list", "-o", "ndjson")
    equal(user.out("list", "--json"), line)
    equal((line.count("\n"), line[:13]), (1, '{"v":1,"id":1'))
    item = json.loads(line)
    equal(item, one)
    for key, kind in [("key", str), ("feed", str), ("feed_id", int),
                      ("feeds", list), ("story", int), ("copies", int),
                      ("url", str), ("link", str), ("tags", list),
                      ("read", bool), ("hidden", bool), ("duplicate", bool),
                      ("date_source", str), ("summary", str), ("guid", str),
                      ("enclosures", list), ("revision", int), ("data", dict)]:
        true(type(item[key]) is kind, f"{key}: {item.get(key)!r}")
    equal(json.loads(user.out("list", "-o", "json")), [one])
    equal(json.loads(user.out("list", "-o", "json", "title:nothing")), [])
    equal(json.loads(user.out("list", "--json", "--fields=id,url")),
          {"v": 1, "id": 1, "url": "http://site.example/1"})
    equal(user.out("list", "-o", "tsv", "--fields=id,feed"), "id\tfeed\n1\tf\n")
    contains(json.loads(user.out("list", "--json", "--fields=text"))["text"],
             "Text of item 1")
    feed = user.out("feed", "list")
    true(re.fullmatch(f"f\tok\t{INSTANT}\t0\t{re.escape(url)}\n", feed), feed)
    equal(user.out("count", "--by=tag"), "1\tx\n1\ty\n")
    event = json.loads(user.out("follow", "--json", "--from=beginning",
                                "--until-caught-up"))
    equal((event["v"], event["kind"], event["item"]), (1, "item_new", one))


def test_cursor_file(bench):
    """follow with a cursor file misses nothing and repeats nothing"""
    state = {"body": rss(2)}
    bench.server.routes["/a"] = lambda r: (200, {}, state["body"])
    bench.configure(f"[feed a]\nurl = {bench.server.url('/a')}\n")
    bench.start()
    bench.until("items", lambda: len(bench.items()) == 2)
    user, cursor = User(bench), os.path.join(bench.dir, "cursor")
    follow = ["follow", f"--cursor-file={cursor}", "--until-caught-up"]

    def titles():
        return [line.split("\t")[3] for line in user.lines(*follow)]
    equal(titles(), ["Item 1", "Item 2"])
    with open(cursor) as file:
        true(re.fullmatch(r"g1\.[0-9a-f]{8}\.\d+\n?", file.read()), "cursor")
    equal(titles(), [])
    state["body"] = rss(4)
    bench.until("items", lambda: len(bench.items()) == 4)
    equal(titles(), ["Item 3", "Item 4"])

    # A live follower writes it behind each line.
    state["body"] = rss(4)
    live = subprocess.Popen([GAZETTE, "follow", f"--cursor-file={cursor}"],
                            env=user.env, stdout=subprocess.PIPE, text=True)
    state["body"] = rss(5)
    contains(live.stdout.readline(), "Item 5")
    live.terminate()
    live.wait(PATIENCE)
    live.stdout.close()
    true(titles() in ([], ["Item 5"]), "at least once, and no more")
    with open(cursor, "w") as file:
        file.write("g1.00000000.5\n")
    contains(user.said(*follow, code=2), "another database")
    with open(cursor, "w") as file:
        file.write("rubbish\n")
    contains(user.said(*follow, code=2), "cursor")


def test_changes(bench):
    """mark, tag and undo: by query, by id, from a pipe"""
    url = bench.server.feed("/a", rss(5))
    bench.configure(f"[feed a]\nurl = {url}\n")
    bench.start()
    bench.until("items", lambda: len(bench.items()) == 5)
    user = User(bench)

    def count(*query):
        return int(user.out("count", *query))
    said = user.out("mark", "read", "title:'Item 1' or title:'Item 2'")
    token = re.fullmatch(r"Marked 2 items read. Undo: gazette undo (u\w+)\n",
                         said)
    true(token, said)
    equal(count("is:unread"), 3)
    contains(user.out("mark", "star", "3", "4"), "2 items")
    equal(count("is:starred"), 2)
    equal(user.out("undo", token[1]), "Restored 2 items.\n")
    equal((count("is:unread"), count("is:starred")), (5, 2))
    user.run("mark", "read", "-", stdin=user.out("list", "is:starred").encode())
    equal(count("is:read"), 2)
    user.run("mark", "hide", "5")
    equal((count(), count("--all"), count("is:hidden")), (4, 5, 1))
    user.run("mark", "unhide", "5")
    user.run("tag", "+sec/linux", "+b", "--", "1", "2")
    equal((count("tag:sec/"), count("tag:b")), (2, 2))
    user.run("tag", "-b", "id:1")
    equal(count("tag:b"), 1)
    equal(user.out("undo"), "Restored 1 item.\n")
    equal(count("tag:b"), 2)
    user.run("mark", "read", "--dry-run", "tag:b")
    equal(count("tag:b", "is:unread"), 2)
    contains(user.said("mark", "read", "feed:a", "nope:1", code=2), "nope")
    contains(user.said("tag", "+no tag!", "1", code=2), "tag")
    contains(user.said("undo", "u999", code=4), "u999")


def test_feeds(bench):
    """feed add, set, pause, resume, rm, explain, log; fetch; reload"""
    server = bench.server
    state = {"body": rss(3)}
    server.routes["/a"] = lambda r: (200, {}, state["body"])
    server.feed("/file", rss(1, start=50))
    bench.configure("[feed file]\nurl = " + server.url("/file") + "\n")
    bench.start()
    user = User(bench)
    said = user.out("feed", "add", server.url("/a"), "+t", "--name=mine",
                    "--interval=1h")
    true(re.match(r'Added feed 2 "mine" \(tags: t\)\. 3 items, next fetch in ',
                  said), said)
    contains(user.said("feed", "add", server.url("/a"), code=2), "mine")
    contains(user.out("feed", "add", server.url("/none"), "--name=gone", code=3),
             "could not be read yet")
    contains(user.said("feed", "add", server.url("/none2"), "--strict", code=4),
             "404")
    equal(bench.feed("none2"), None)
    state["body"] = rss(4)
    equal(user.out("fetch", "feed:mine"), "mine: 1 new, 0 updated\n")
    contains(user.out("fetch", "--force", "feed:gone", code=3), "gone: ")
    contains(user.out("hosts"), "1 host, none held")
    user.run("feed", "set", "mine", "title=My feed", "tags=a b")
    feed = bench.feed("mine")
    equal((feed["title"], feed["tags"]), ("My feed", ["a", "b"]))
    contains(user.said("feed", "set", "mine", "frobs=1", code=2), "frobs")
    contains(user.said("feed", "set", "mine", "interval=soon", code=2), "soon")
    contains(user.said("feed", "set", "file", "title=x", code=2),
             f"{bench.conf}:11")
    user.run("feed", "pause", "mine")
    equal(bench.feed("mine")["state"], "paused")
    contains(user.out("feed", "list", "is:paused"), "mine\tpaused")
    user.run("feed", "resume", "mine")
    equal(bench.feed("mine")["state"], "ok")
    contains(user.out("feed", "explain", "mine"), "next fetch ")
    contains(user.out("feed", "log", "gone"), "404")
    for line in user.on_terminal("feed", "log", "gone").decode().splitlines():
        true(len(line) <= 80, line)
        true(line.endswith("\u2026"), "not cut")
    contains(user.on_terminal("feed", "log", "--full", "gone").decode(),
             "back-off")
    contains(user.out("feed", "explain", "gone"), ": 404 from 127.0.0.1: not found")
    true("last attempt" not in user.out("feed", "explain", "mine"), "it was good")
    explained = user.json("feed", "explain", "mine")[0]
    equal((explained["v"], explained["log"][0]["v"]), (1, 1))
    equal([(h["v"], h["state"]) for h in user.json("hosts")], [(1, "ok")])
    true(explained["next_fetch"] and explained["reasons"], str(explained))
    equal(json.loads(user.out("feed", "explain", "mine", "-o", "json")), explained)
    attempts = user.json("feed", "log", "gone")
    equal((attempts[-1]["outcome"], attempts[-1]["status"]), ("not-found", 404))
    equal(json.loads(user.out("feed", "log", "gone", "-o", "json")), attempts)
    user.run("feed", "explain", "mine", "-o", "tsv", code=2)
    user.run("feed", "log", "mine", "--json", "--fields=time", code=2)
    for words in (["feed", "explain", "mine"], ["feed", "log", "mine"],
                  ["hosts", "--all"]):
        equal(user.run(*words, "-q"), ("", ""))
    for verb in (["set", "zz", "title=x"], ["rm", "zz"], ["pause", "zz"],
                 ["explain", "zz"], ["log", "zz"]):
        contains(user.said("feed", *verb, code=4), "zz")
    contains(user.said("fetch", "feed:zz", code=4), "zz")
    equal(user.out("feed", "rm", "mine"),
          "Removed mine; its 4 items stay in the archive.\n")
    equal(bench.feed("mine"), None)
    equal(int(user.out("count", "feed:mine")), 4)

    with open(bench.conf, "a") as file:
        file.write(f"[feed more]\nurl = {server.url('/file')}\nenabled = no\n")
    contains(user.out("reload"), "more")
    with open(bench.conf, "a") as file:
        file.write("[fetch]\ntimeoot = 3s\n")
    said = user.said("reload", code=2)
    contains(said, "timeoot")
    true(re.search(rf"{re.escape(bench.conf)}:\d+: ", said), said)


def test_log(bench):
    """the columns of a feed's log stand below one another, whatever came"""
    server = bench.server
    server.feed("/a", rss(3))
    bench.configure(f"[feed a]\nurl = {server.url('/a')}\ninterval = 1h\n"
                    "max-body = 9M\n")
    bench.start()
    bench.until("the items", lambda: bench.items())
    user = User(bench)
    for answer in ((302, {"Location": "http://10.1.2.3/"}, ""), (404, {}, ""),
                   (200, {}, "<!DOCTYPE html>" + 800009 * "<p>text</p>")):
        server.routes["/a"] = lambda r, answer=answer: answer
        user.run("fetch", code=3)
    log = user.lines("feed", "log", "a")
    equal([line.split()[2] for line in log],
          ["not-a-feed", "not-found", "forbidden-address", "ok"])
    for mark in (" B  ", r"\.\d\ds  "):
        equal(len({re.search(mark, line).start() for line in log}), 1,
              "\n".join(log))


def test_soon(bench):
    """a fetch that comes too soon says that nothing was asked"""
    url = bench.server.feed("/a", rss(1))
    bench.configure(f"[schedule]\nmanual-min = 1h\n[feed a]\nurl = {url}\n"
                    "interval = 1h\nmin-interval = 1h\n")
    bench.start()
    bench.until("the item", lambda: bench.items())
    user = User(bench)
    out, said = user.run("fetch")
    contains(out, "a: not asked again so soon: in ")
    contains(said, "0 feeds asked")
    contains(said, "1 left out; --force asks 1 of them")
    equal(user.run("fetch", "-q"), ("", ""))
    contains(user.said("fetch", "--force"), "1 feed asked")


def test_too_soon_for_force(bench):
    """--force is not advised where it would not help"""
    server = bench.server
    server.feed("http://feeds.example.org/a", rss(1))
    bench.configure("[schedule]\nmanual-min = 1h\n[feed a]\n"
                    f"url = http://feeds.example.org/a\nproxy = {server.url('')}\n"
                    "interval = 1h\nmin-interval = 1h\n")
    bench.start()
    bench.until("the item", lambda: bench.items())
    user = User(bench)
    out, said = user.run("fetch")
    contains(out, "a: not asked again so soon: in ")
    true(said.endswith("1 left out.\n"), said)
    out, said = user.run("fetch", "--force")
    contains(out, "a: not asked again so soon: in ")
    true(said.endswith("1 left out.\n"), said)
    equal(len(server.requests), 1)


def test_exit_codes(bench):
    """the exit codes of the client"""
    url = bench.server.feed("/a", rss(1))
    bench.configure(f"[feed a]\nurl = {url}\n")
    bench.start()
    bench.until("the item", lambda: bench.items())
    user = User(bench)
    user.run("count", "-q", "title:item")
    user.run("count", "-q", "title:nothing", code=1)
    user.run("mark", "read", "title:nothing", code=1)
    said = user.said("list", "is:unread", "frobs:5", code=2)
    contains(said, "  is:unread frobs:5\n            ^\n")
    for words in (["list", "[ a"], ["list", "-o", "nope"], ["frobnicate"],
                  ["list", "--frobnicate"], ["list", "-o", "mbox"], ["doctor"],
                  ["feed", "edit", "x"], ["list", "title~'('"],
                  ["list", "query:x"], ["status", "x"], ["hosts", "x"],
                  ["reload", "now"], ["introspect", "org.gazetted", "x"],
                  ["undo", "u1", "u2"]):
        true(user.said(*words, code=2).startswith("gazette"), f"{words}")
    contains(user.said("lisst", code=2), "list")
    contains(user.said("show", "4711", code=4), "4711")
    user.run("call", "Frobnicate", code=76)
    contains(user.said("call", "TestRules", code=76), "not available")
    user.run("list", "--json", "--format-version=9", code=76)
    contains(user.said("--socket=/nonexistent/sock", "list", code=69),
             "/nonexistent/sock")
    equal(bench.stop(), 0)
    contains(user.said("list", code=69), bench.socket)


HOSTILE = ("\x1b]52;c;cm0gLXJm\x07 \x1b[2J\x9b31m \u009d0;t\u009c "
           "a\u202eb\u2066c\u2028d \x00e\r\n\tf\x7f")


def test_hostile(bench):
    """titles that would drive a terminal reach it as visible text"""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": HOSTILE,
            "items": [{"id": "1", "title": HOSTILE, "url": "http://x.example/1",
                       "content_text": HOSTILE, "tags": [HOSTILE],
                       "authors": [{"name": HOSTILE}]}]}
    bench.server.routes["/h"] = lambda r: (
        200, {"Content-Type": "application/feed+json"}, json.dumps(feed))
    xml = rss(1, start=2).replace(
        "Item 2", "&#x9b;31m &#x9d;0;t&#x9c; &#x202e;x&#x2066;y&#x85; end")
    bench.server.routes["/x"] = lambda r: (200, {}, xml)
    bench.server.routes["/e"] = lambda r: (
        200, {"Content-Type": "text/html\x1b[31m"}, "<p>\x1b[31m no feed")
    bench.configure("".join(
        f"[feed {n}]\nurl = {bench.server.url('/' + n)}\n" for n in "hxe"))
    bench.start()
    bench.until("the items", lambda: len(bench.items()) == 2)
    bench.until("the failure", lambda: bench.feed("e").get("last_error"))
    user = User(bench)
    ids = [str(item["id"]) for item in bench.items()]
    for words in (["list"], ["list", "--full"], ["show", *ids], ["show", ids[0],
                  "--links"], ["feed", "list"], ["feed", "list", "--full"],
                  ["feed", "log", "e"], ["feed", "explain", "e"], ["status"],
                  ["list", "-o", "tsv"], ["list", "--json"], ["list", "-o", "json"],
                  ["follow", "--from=beginning", "--until-caught-up"],
                  ["follow", "--from=beginning", "--until-caught-up", "--json"]):
        seen = user.on_terminal(*words).decode("utf-8")
        # JSON escapes the controls alone (CLI 3); the rest is for programs.
        bad = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
        if "json" not in words[-1]:
            bad += "\u2028-\u202e\u2066-\u2069"
        equal(re.findall(f"[{bad}]", seen), [], f"{words}: {seen!r}")
        true("\r" not in seen.replace("\r\n", ""), f"{words}: a lone CR")
    contains(user.out("list"), "\\u202e")
    for line in bench.log():
        true(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", line), repr(line))


run([test_reading, test_edit, test_formats, test_cursor_file, test_changes,
     test_feeds, test_log, test_soon, test_too_soon_for_force, test_exit_codes, test_hostile])
