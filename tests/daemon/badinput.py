# SPDX-License-Identifier: ISC
"""Places that are not ours, and a full disk: told in words, nothing lost."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, Skip, as_other_user, contains, equal, rss, run, true


def refused_to_other(bench, code, *words):
    """Another user starts the daemon here, which says each of `words`."""
    os.chmod(bench.dir, 0o755)
    os.chmod(bench.conf, 0o644)

    def try_it():
        got, said = bench.spawn()
        print("# " + said.strip().replace("\n", "\n# "), flush=True)
        return got if all(word in said for word in words) else 98
    equal(as_other_user(try_it), code)


def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root")


def make_database(bench):
    bench.configure()
    bench.start()
    equal(bench.stop(), 0)


def test_unreadable(bench):
    """a database that may not be read is exit 74, by name and uid"""
    need_root()
    make_database(bench)
    for name in os.listdir(os.path.dirname(bench.db)):
        os.chmod(os.path.join(os.path.dirname(bench.db), name), 0o600)
    os.chmod(os.path.dirname(bench.db), 0o777)
    os.unlink(bench.db + ".lock")
    refused_to_other(bench, 74, bench.db + ":", "permission denied for uid 65534")
    equal(bench.sql("SELECT count(*) FROM v1_feed"), [(0,)])


def test_unwritable(bench):
    """a database that may only be read is exit 74 too, not a start"""
    need_root()
    make_database(bench)
    for name in os.listdir(os.path.dirname(bench.db)):
        os.chmod(os.path.join(os.path.dirname(bench.db), name), 0o644)
    os.chmod(os.path.dirname(bench.db), 0o777)
    os.unlink(bench.db + ".lock")
    refused_to_other(bench, 74, bench.db + ":", "permission denied for uid 65534")


def test_socket_place(bench):
    """a socket that cannot be made is told by its path"""
    need_root()
    bench.configure()
    os.mkdir(os.path.join(bench.dir, "own"), 0o777)
    os.chmod(os.path.join(bench.dir, "own"), 0o777)
    bench.db = os.path.join(bench.dir, "own", "gazetted.db")
    os.mkdir(os.path.dirname(bench.socket), 0o755)
    refused_to_other(bench, 75, bench.socket, "ermission denied")


def test_long_path(bench):
    """a socket's path that is too long is told, with the limit"""
    bench.configure()
    bench.socket = os.path.join(bench.dir, "x" * 120)
    code, said = bench.spawn()
    equal(code, 75)
    contains(said, "107")


def test_unreadable_config(bench):
    """a configuration that may not be read is exit 78"""
    need_root()
    bench.configure()
    os.chmod(bench.dir, 0o755)
    os.chmod(bench.conf, 0o600)

    def try_it():
        code, said = bench.spawn()
        return code if bench.conf + ": cannot be read" in said else 98
    equal(as_other_user(try_it), 78)


def in_namespace(bench, *command):
    done = subprocess.run(
        ["nsenter", f"--mount=/proc/{bench.process.pid}/ns/mnt", *command],
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


def test_full_disk(bench):
    """a full disk loses nothing: the items are complete when there is room"""
    need_root()
    if shutil.which("unshare") is None or subprocess.run(
            ["unshare", "-m", "true"], capture_output=True,
            check=False).returncode != 0:
        raise Skip("mount namespaces cannot be made here")
    state = os.path.dirname(bench.db)
    os.mkdir(state)
    bench.prefix = ["unshare", "-m", "sh", "-c",
                    f'mount -t tmpfs -o size=1M none {state} && exec "$@"', "sh"]
    big = rss(60).replace("Text of item", "word " * 6000 + "Text of item")
    url = bench.server.feed("/big", big)
    small = bench.server.feed("/small", rss(2, start=900))
    bench.configure(f"[feed big]\nurl = {url}\n[feed small]\nurl = {small}\n")
    bench.start()
    trouble = bench.until("trouble", lambda: bench.call("GetStatus").get("trouble"))
    contains(trouble, "the disk is full")
    true(any(state in line and "full" in line for line in bench.log()),
         "the log does not say which file")
    bench.server.wait("/big", 2)
    true(len(bench.items("feed:big")) == 0, "half a feed was stored")
    for request in bench.server.of("/big"):
        equal(request.headers.get("If-None-Match"), None, "a validator too early")
    in_namespace(bench, "mount", "-o", "remount,size=64M", state)
    bench.until("all items", lambda: len(bench.items("feed:big")) == 60)
    bench.until("the others", lambda: len(bench.items("feed:small")) == 2)
    equal(len({item["guid"] for item in bench.items()}), 62)
    equal(bench.call("GetStatus").get("trouble"), None)
    equal(bench.stop(), 0)


run([test_unreadable, test_unwritable, test_socket_place, test_long_path,
     test_unreadable_config, test_full_disk])
