#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""poll.py [--feeds N] [--keep DIR]: what whole polls cost, per feed.

Makes a corpus, serves it with nginx on loopback, and measures the CPU of both
processes of the real daemon over a cold poll, an unchanged one (304s) and one that
brings a new item in each feed, beside the floor of the same run: bare expat, bare
libcurl, and a client of nothing but epoll (tests/bench/floor.c).  Resident memory is
the sum of both processes' PSS.
"""
import argparse
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
HOSTS = 50
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_nginx(top, port):
    conf = top / "nginx.conf"
    listens = "\n".join(f"    listen 127.0.1.{i + 1}:{port};" for i in range(HOSTS))
    conf.write_text(f"""
worker_processes 1; pid {top}/nginx.pid; error_log {top}/nginx.err; daemon off;
events {{ worker_connections 2048; }}
http {{
  access_log {top}/access.log; keepalive_timeout 60; keepalive_requests 100000;
  types {{ application/rss+xml rss; application/atom+xml atom; application/rdf+xml rdf;
           application/feed+json json; }}
  client_body_temp_path {top}/t1; proxy_temp_path {top}/t2; fastcgi_temp_path {top}/t3;
  uwsgi_temp_path {top}/t4; scgi_temp_path {top}/t5;
  server {{
{listens}
    root {top}/www; gzip_static on; etag on;
  }}
}}
""")
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    return subprocess.Popen(["nginx", "-p", str(top), "-c", str(conf)] + user,
                            stderr=subprocess.DEVNULL)


def write_config(top, port):
    feeds = [line.split("\t") for line in (top / "www/feeds.tsv").read_text().splitlines()]
    with open(top / "gazetted.conf", "w") as f:
        f.write("[fetch]\nallow-private = 127.0.1.0/24\nper-host-pause = 0\n"
                "concurrency = 64\n[schedule]\nstart-spread = 0\nmanual-min = 0\n"
                "interval = 1d\nfirst-interval = 1d\nmin-interval = 1d\n[daemon]\nlog-level = error\n")
        for i, (name, file) in enumerate(feeds):
            f.write(f"[feed {name}]\nurl = http://127.0.1.{i % HOSTS + 1}:{port}/{file}\n")
    return len(feeds)


class Daemon:
    def __init__(self, top):
        self.top = top
        self.socket = top / "socket"
        self.process = subprocess.Popen(
            [BUILD / "gazetted", f"--config={top}/gazetted.conf",
             f"--database={top}/bench.db", f"--socket={self.socket}"],
            stderr=open(top / "gazetted.log", "w"))

    def pids(self):
        kids = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid] + [int(p) for p in kids.read_text().split()]

    def cpu(self):
        """User and system seconds of both processes so far."""
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def each(self):
        """The same, of the service and of the fetcher."""
        parts = []
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            parts.append((int(fields[11]) + int(fields[12])) / TICKS)
        return parts

    def memory(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total / 1024

    def peak(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1])
        return total / 1024

    def gazette(self, *args):
        return subprocess.run([BUILD / "gazette", f"--socket={self.socket}", *args],
                              capture_output=True, text=True)

    def attempted(self):
        try:
            with sqlite3.connect(f"file:{self.top}/bench.db?mode=ro", uri=True) as db:
                return db.execute("select count(*) from v1_feed "
                                  "where last_attempt is not null").fetchone()[0]
        except sqlite3.Error:
            return 0

    def stop(self):
        self.process.terminate()
        self.process.wait()


def line(what, seconds, cpu, feeds, floor, floor_name):
    each = cpu / feeds * 1e6
    print(f"{what:28} {each:8.0f} us a feed   {each / floor:6.1f} x {floor_name}"
          f"   ({feeds / seconds:6.0f} feeds/s on the wall)")


def fetch_all(daemon):
    cpu, start = daemon.cpu(), time.monotonic()
    done = daemon.gazette("fetch", "--force", "-q")
    if done.returncode != 0:
        sys.exit(f"gazette fetch: {done.stderr}")
    seconds = time.monotonic() - start
    time.sleep(0.5)  # the store's last commit is part of the cost
    return seconds, daemon.cpu() - cpu


def statuses(top):
    counts = {}
    for request in (top / "access.log").read_text().splitlines():
        status = request.split('" ')[1].split()[0]
        counts[status] = counts.get(status, 0) + 1
    return counts


def run(top, feeds):
    port = free_port()
    corpus = [sys.executable, HERE / "corpus.py", top / "www", "--feeds", str(feeds)]
    print(subprocess.run(corpus, check=True, capture_output=True, text=True).stdout, end="")
    nginx = start_nginx(top, port)
    daemon = None
    try:
        write_config(top, port)
        time.sleep(0.5)
        first = (top / "www/feeds.tsv").read_text().split()[1]
        text = subprocess.run([BUILD / "tests/bench/floor", top / "www",
                               f"http://127.0.1.1:{port}/{first}"],
                              check=True, capture_output=True, text=True).stdout
        print("floor: " + "; ".join(text.splitlines()))
        expat = float(text.splitlines()[0].split()[1])
        curl = float(text.splitlines()[1].split()[1])
        epoll = float(text.splitlines()[2].split()[1])
        (top / "access.log").write_text("")
        start = time.monotonic()
        daemon = Daemon(top)
        while daemon.attempted() < feeds:
            if daemon.process.poll() is not None:
                sys.exit((top / "gazetted.log").read_text())
            time.sleep(0.05)
        seconds = time.monotonic() - start
        time.sleep(0.5)
        line("cold poll", seconds, daemon.cpu(), feeds, expat, "bare expat")
        peak = daemon.peak()
        items = daemon.gazette("count", "--all").stdout.strip()
        before = daemon.each()
        seconds, cpu = fetch_all(daemon)
        fetcher = daemon.each()[-1] - before[-1]
        line("unchanged poll (304)", seconds, cpu, feeds, curl, "bare libcurl")
        line("  of it the fetcher's", seconds, fetcher, feeds, epoll, "a bare epoll client")
        subprocess.run(corpus + ["--new", "1"], check=True, capture_output=True)
        seconds, cpu = fetch_all(daemon)
        line("one new item a feed", seconds, cpu, feeds, expat, "bare expat")
        time.sleep(1)
        after = daemon.gazette("count", "--all").stdout.strip()
        size = sum(p.stat().st_size for p in top.glob("bench.db*")) / 1e6
        print(f"memory of both processes: idle {daemon.memory():.1f} MB (PSS), "
              f"peak at the cold poll {peak:.1f} MB (RSS); database {size:.0f} MB")
        print(f"items: {items}, then {after}; answers of nginx: {statuses(top)}")
    finally:
        if daemon is not None:
            daemon.stop()
        nginx.terminate()
        nginx.wait()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--feeds", type=int, default=1000)
    p.add_argument("--keep", type=pathlib.Path, help="work there, and leave it")
    a = p.parse_args()
    if shutil.which("nginx") is None:
        print("poll.py: nginx is not installed (nginx-light): nothing measured")
        return
    if a.keep:
        a.keep.mkdir(parents=True, exist_ok=True)
        run(a.keep.resolve(), a.feeds)
    else:
        with tempfile.TemporaryDirectory() as top:
            run(pathlib.Path(top), a.feeds)


if __name__ == "__main__":
    main()
