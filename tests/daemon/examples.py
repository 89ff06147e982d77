# SPDX-License-Identifier: ISC
"""The examples of etc/examples and gazetted-socket(7), run as they are printed."""
import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, TOP, Skip, contains, equal, rss, run, true

SOURCE = os.environ.get("top_srcdir", os.path.join(TOP, ".."))


def printed(word):
    """The example of the man page that has `word` in it, as a reader sees it."""
    with open(os.path.join(SOURCE, "man", "gazetted-socket.7")) as file:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", file.read(),
                            re.M | re.S)
    text = next(block for block in blocks if word in block)
    for roff, plain in [("\\(aq", "'"), ("\\(dq", '"'), ("\\&", ""),
                        ("\\-", "-"), ("\\e", "\\")]:
        text = text.replace(roff, plain)
    return text


def follows(bench, argv, want):
    """Starts a follower; each item that arrives from then on is a line."""
    state = {"count": 1}
    bench.server.routes["/a"] = lambda r: (200, {}, rss(state["count"]))
    bench.configure(f"[feed a]\nurl = {bench.server.url('/a')}\ntags = cve\n")
    bench.start()
    bench.until("the first", lambda: bench.items())
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        # Until it listens the items pass it by; then come more.
        bench.server.routes["/a"] = lambda r: (
            200, {}, rss(state.update(count=state["count"] + 1) or state["count"]))
        line = process.stdout.readline()
        true(re.fullmatch(want, line), repr(line))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def example(name, bench):
    return [os.path.join(SOURCE, "etc", "examples", name), bench.socket]


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f"no {program} on this machine")


LINE = r"g1\.[0-9a-f]{8}\.\d+[ \t]Item \d+\n"


def test_python(bench):
    """follow.py prints what arrives"""
    follows(bench, [sys.executable, *example("follow.py", bench), "tag:cve"], LINE)


def test_python_error(bench):
    """follow.py says why the daemon refuses"""
    bench.configure()
    bench.start()
    done = subprocess.run([sys.executable, *example("follow.py", bench), "no:x"],
                          capture_output=True, text=True, timeout=PATIENCE,
                          check=False)
    equal(done.returncode, 1)
    contains(done.stderr, "org.gazetted.BadQuery")


def test_shell(bench):
    """follow.sh prints what arrives"""
    need("bash", "curl", "jq")
    follows(bench, ["bash", *example("follow.sh", bench), "tag:cve"], LINE)


def test_man_python(bench):
    """the Python of the man page works as printed"""
    text = printed("import json, socket").replace(
        "/run/gazetted/org.gazetted", bench.socket)
    follows(bench, [sys.executable, "-u", "-c", text], LINE)


def test_man_shell(bench):
    """the shell line of the man page works as printed"""
    need("bash", "curl", "jq")
    text = printed("curl -sN").replace("/run/gazetted/org.gazetted", bench.socket)
    follows(bench, ["bash", "-c", text], LINE)


run([test_python, test_python_error, test_shell, test_man_python, test_man_shell])
