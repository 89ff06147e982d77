# SPDX-License-Identifier: ISC
"""What systemd is told and gives, as far as it can be seen without one."""
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Client, contains, equal, rss, run, true


def test_notify(bench):
    """READY, STATUS of numbers alone, STOPPING; a title cannot give orders"""
    evil = rss(2, title="x&#10;WATCHDOG=trigger&#10;MAINPID=1")
    url = bench.server.feed("/a", evil)
    bench.configure(f"[feed a]\nurl = {url}\n")
    bench.start()
    lines = bench.wait_notify("STATUS=")
    true(all(line.split("=")[0] in ("STATUS", "") for line in lines), str(lines))
    bench.server.wait("/a", 2)
    bench.process.terminate()
    seen = []
    while "STOPPING=1" not in seen:
        seen += bench.notify.recv(4096).decode().split("\n")
    true(not any(line.startswith(("WATCHDOG", "MAINPID")) for line in seen),
         str(seen))
    equal(bench.process.wait(60), 0)


def test_watchdog(bench):
    """the watchdog hears of real progress"""
    bench.configure()
    bench.start(WATCHDOG_USEC="600000")
    for _ in range(3):
        bench.wait_notify("WATCHDOG=1")


def test_passed_socket(bench):
    """a passed socket is served, and its file is left alone"""
    bench.configure()
    path = os.path.join(bench.dir, "passed")
    passed = socket.socket(socket.AF_UNIX)
    passed.bind(path)
    passed.listen()
    code = ("import os, sys\n"
            "os.dup2(int(sys.argv[1]), 3)\n"
            "os.set_inheritable(3, True)\n"
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
            "os.execv(sys.argv[2], sys.argv[2:])\n")
    with open(os.path.join(bench.dir, "log"), "a") as log:
        bench.process = subprocess.Popen(
            [sys.executable, "-c", code, str(passed.fileno()), *bench.argv()],
            stderr=log, pass_fds=[passed.fileno()],
            env={**os.environ, "NOTIFY_SOCKET": os.path.join(bench.dir, "notify")})
    bench.wait_notify("READY=1")
    client = Client(path)
    equal(client.call("GetStatus")["feeds"], 0)
    client.close()
    true(not os.path.exists(bench.socket), "a second socket was made")
    equal(bench.stop(), 0)
    true(os.path.exists(path), "systemd's socket was removed")
    passed.close()


def test_hung_fetcher(bench):
    """a fetcher that stands still is replaced, the service goes on"""
    import signal
    url = bench.server.feed("/a", rss(2))
    bench.configure(f"[feed a]\nurl = {url}\n")
    bench.start()
    bench.server.wait("/a", 1)
    stuck = bench.fetcher()
    os.kill(stuck, signal.SIGSTOP)
    bench.until("a new fetcher", lambda: bench.fetcher() not in (None, stuck))
    count = len(bench.server.of("/a"))
    bench.server.wait("/a", count + 2)
    contains("\n".join(bench.log()), "hung")


def test_deaf_manager(bench):
    """a manager that does not read its messages stops nothing"""
    url = bench.server.feed("/a", rss(2))
    bench.configure(f"[feed a]\nurl = {url}\n")
    bench.start()
    other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.setblocking(False)
    try:  # what its queue holds is for it alone to read
        while True:
            other.sendto(b"STATUS=x", os.path.join(bench.dir, "notify"))
    except BlockingIOError:
        pass
    count = len(bench.server.of("/a"))
    bench.server.wait("/a", count + 10)
    bench.call("GetStatus")
    equal(bench.stop(), 0)
    other.close()


def test_silent(bench):
    """with nothing due the daemon sleeps"""
    bench.configure()
    bench.start()
    bench.call("GetStatus")

    def ticks():
        with open(f"/proc/{bench.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    before, began = ticks(), time.monotonic()
    bench.wait_notify("STATUS=")
    share = (ticks() - before) / os.sysconf("SC_CLK_TCK") / (
        time.monotonic() - began)
    true(share < 0.2, f"{share:.0%} of a CPU for nothing")


run([test_notify, test_watchdog, test_passed_socket, test_hung_fetcher,
     test_deaf_manager, test_silent])
