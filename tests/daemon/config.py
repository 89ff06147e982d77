# SPDX-License-Identifier: ISC
"""Configuration, places and what is refused at the start."""
import os
import signal
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (as_other_user, contains, equal, refused, rss, run,
                     true)


def test_check(bench):
    """--check tells every fault with its line, and exits 1"""
    bench.configure("[feed a]\nurl = http://127.0.0.1/a\n", "")
    equal(bench.spawn("--check"), (0, ""))
    bench.configure("[fetch]\ntimeoot = 5s\n[feed b]\nurl = ftp://x/\n", "")
    code, said = bench.spawn("--check")
    equal(code, 1)
    contains(said, f"{bench.conf}:2: ")
    contains(said, "timeout")
    contains(said, f"{bench.conf}:4: ")
    true(not os.path.exists(bench.db), "--check made a database")


def test_usage(bench):
    """the command line: version, help, and what is not understood"""
    bench.configure()
    code, said = bench.spawn("--version")
    equal(code, 0)
    contains(said, "gazetted ")
    equal(bench.spawn("--help")[0], 0)
    equal(bench.spawn("--frobnicate")[0], 64)
    equal(bench.spawn("--log-level=loud")[0], 64)
    equal(bench.spawn("surplus")[0], 64)
    equal(bench.spawn("--check", "--once")[0], 64)


def test_faulty(bench):
    """a faulty configuration is exit 78, and a missing one too"""
    bench.configure("[feed a]\nurl = nonsense\n")
    code, said = bench.spawn()
    equal(code, 78)
    contains(said, ":12: ")
    os.unlink(bench.conf)
    equal(bench.spawn()[0], 78)


def test_reload(bench):
    """SIGHUP: feeds come, change and go; a follower stays; faults change nothing"""
    server = bench.server
    a, b = server.feed("/a", rss(2)), server.feed("/b", rss(1))
    bench.configure(f"[feed a]\nurl = {a}\n[feed old]\nurl = {server.url('/old')}\n")
    server.feed("/old", rss(1))
    bench.start()
    server.wait("/old", 1)
    bench.until("old", lambda: bench.items("feed:old"))
    follower = bench.client()
    # From a cursor: the signal may be there before the call is.
    follower.send("Follow", more=True, cursor=bench.call("GetStatus")["head"],
                  kinds=["feed_added"])
    fetcher = bench.fetcher()

    bench.configure(f"[feed a]\nurl = {a}\ntags = x y\n[feed b]\nurl = {b}\n")
    bench.process.send_signal(signal.SIGHUP)
    bench.wait_notify("RELOADING=1")
    bench.wait_notify("READY=1")
    server.wait("/b", 1)
    # The command line's log level stands, and the fetcher with all that it knows.
    bench.until("debug", lambda: any("debug: feed b:" in n for n in bench.log()))
    equal(bench.fetcher(), fetcher)
    while True:
        event = follower.reply()["parameters"]["event"]
        if event["kind"] == "feed_added":
            break
    equal(event["feed"]["name"], "b")
    equal(bench.feed("a")["tags"], ["x", "y"])
    equal(bench.feed("old"), None)
    equal(len(bench.items("feed:old")), 1)  # archived: its items stay
    count = len(server.of("/old"))

    bench.configure(f"[feed a]\nurl = {a}\n[feed c]\nurl = {b}\nunknown = 1\n")
    bench.process.send_signal(signal.SIGHUP)
    bench.wait_notify("READY=1")
    failed = refused(lambda: bench.call("Reload"), "BadConfig")
    contains(failed.parameters["faults"][0], f"{bench.conf}:15: ")
    equal(bench.feed("a")["tags"], ["x", "y"])
    equal(bench.feed("c"), None)
    before = len(server.of("/b"))
    server.wait("/b", before + 2)
    equal(len(server.of("/old")), count)  # polled no more

    bench.configure(f"[feed a]\nurl = {a}\n")
    reply = bench.call("Reload")
    true(any("b" in line for line in reply["changed"]), f"changed: {reply}")
    equal(bench.feed("b"), None)
    bench.configure(f"[feed a]\nurl = {a}\n[fetch]\nuser-agent = x/1\n"
                    "max-items = 7\n[rate slow]\npause = 1s\n")
    equal(bench.call("Reload")["changed"],
          ["[fetch] changed: max-items user-agent", "[rate slow] added"])
    bench.configure(f"[feed a]\nurl = {a}\n[fetch]\nuser-agent = y/1\n"
                    "max-items = 7\n[rate slow]\npause = 2s\n")
    equal(bench.call("Reload")["changed"],
          ["[fetch] changed: user-agent", "[rate slow] changed: pause"])
    equal(bench.call("Reload")["changed"], [])


def test_second(bench):
    """a second daemon, on the same database or the same socket, is exit 75"""
    bench.configure()
    bench.start()
    code, said = bench.spawn()
    equal(code, 75)
    contains(said, bench.db)
    own, bench.db = bench.db, os.path.join(bench.dir, "other.db")
    code, said = bench.spawn()
    equal(code, 75)
    contains(said, bench.socket)
    bench.db = own
    equal(bench.call("GetStatus")["feeds"], 0)


def test_stale_socket(bench):
    """a socket file that a dead daemon left is replaced; another file is not"""
    bench.configure()
    bench.start()
    bench.process.kill()
    bench.process.wait()
    true(os.path.exists(bench.socket), "no file was left")
    bench.start()
    mode = os.stat(bench.socket).st_mode & 0o777
    equal(oct(mode), oct(0o660))
    equal(oct(os.stat(os.path.dirname(bench.socket)).st_mode & 0o777), oct(0o750))
    equal(bench.stop(), 0)
    true(not os.path.exists(bench.socket), "the socket file stays behind")
    with open(bench.socket, "w") as file:
        file.write("precious")
    code, said = bench.spawn()
    equal(code, 75)
    contains(said, "no socket")
    with open(bench.socket) as file:
        equal(file.read(), "precious")


def test_newer_schema(bench):
    """a newer schema is exit 78 and stays untouched; no database of ours is 74"""
    bench.configure()
    bench.start()
    equal(bench.stop(), 0)
    with sqlite3.connect(bench.db) as db:
        db.execute("PRAGMA user_version = 4711")
    db.close()
    code, said = bench.spawn()
    equal(code, 78)
    contains(said, "newer")
    equal(bench.sql("PRAGMA user_version"), [(4711,)])
    os.unlink(bench.db)
    with open(bench.db, "w") as file:
        file.write("This is no database. " * 1000)
    code, said = bench.spawn()
    equal(code, 74)
    contains(said, bench.db)


def test_read_only(bench):
    """a state directory that may not be written is exit 74, in words"""
    bench.configure()
    os.mkdir(os.path.dirname(bench.db), 0o755)
    os.chmod(bench.dir, 0o755)
    os.chmod(bench.conf, 0o644)

    def try_it():
        code, said = bench.spawn()
        print("# " + said.strip().replace("\n", "\n# "), flush=True)
        return code if bench.db in said or "state" in said else 98
    if os.geteuid() != 0:
        os.chmod(os.path.dirname(bench.db), 0o555)
    equal(as_other_user(try_it), 74)


def test_environment(bench):
    """systemd's directories win over the user's"""
    import subprocess
    from harness import GAZETTED, PATIENCE
    os.mkdir(os.path.join(bench.dir, "c"))
    with open(os.path.join(bench.dir, "c", "gazetted.conf"), "w") as file:
        file.write("[fetch]\nnonsense = 1\n")
    done = subprocess.run(
        [GAZETTED, "--check"], stderr=subprocess.PIPE, text=True, check=False,
        timeout=PATIENCE, env={**os.environ, "CONFIGURATION_DIRECTORY":
                               os.path.join(bench.dir, "c")})
    equal(done.returncode, 1)
    contains(done.stderr, os.path.join(bench.dir, "c", "gazetted.conf") + ":2")


run([test_check, test_usage, test_faulty, test_reload, test_second,
     test_stale_socket, test_newer_schema, test_read_only, test_environment])
