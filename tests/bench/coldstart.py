#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""coldstart.py [--feeds N] [--hosts N]: a first start with many feeds, all due at once.

Servers on loopback count what is under way, in all and at each host, while a client
asks GetStatus again and again; each answer is some tens of milliseconds late. Prints the
most that was under way beside the caps, and how long a control request waited.
"""
import argparse
import asyncio
import multiprocessing
import pathlib
import random
import socket
import sys
import tempfile
import time

from poll import Daemon

CAP, PER_HOST = 64, 1
PORTS = 2


def document(number):
    items = "".join(
        f"<item><guid>f{number}-{n}</guid><title>Feed {number}, entry {n}</title>"
        f"<link>http://example.org/{number}/{n}</link><description>What there is to say "
        f"of it in {number * n} words.</description></item>" for n in range(20))
    return f"<rss version='2.0'><channel><title>f{number}</title>{items}</channel></rss>"


class Servers:
    def __init__(self):
        self.live = self.most = self.most_of_host = self.requests = 0
        self.hosts = {}

    async def answer(self, reader, writer):
        host = writer.get_extra_info("sockname")[:2]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.begin(host)
                await asyncio.sleep(random.uniform(0.005, 0.05))
                body = document(int(head.split()[1][1:])).encode()
                self.end(host)
                writer.write(b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: %d\r\n\r\n%s"
                             % (len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    def begin(self, host):
        self.live += 1
        self.hosts[host] = self.hosts.get(host, 0) + 1
        self.most = max(self.most, self.live)
        self.most_of_host = max(self.most_of_host, self.hosts[host])
        self.requests += 1

    def end(self, host):
        self.live -= 1
        self.hosts[host] -= 1


def serve(addresses, ready, over, result):
    async def run():
        servers = Servers()
        ports = []
        for address in addresses:
            server = await asyncio.start_server(servers.answer, address, 0)
            ports.append(server.sockets[0].getsockname()[:2])
        ready.put(ports)
        while not over.is_set():
            await asyncio.sleep(0.2)
        result.put((servers.most, servers.most_of_host, servers.requests))
    asyncio.run(run())


def ask(path, over, result):
    """GetStatus, each 5 ms, on one connection: seconds that each took, from the first
    answer on, with which the daemon is there."""
    waits = []
    call = b'{"method":"org.gazetted.GetStatus"}\0'
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        while not over.is_set():
            start = time.monotonic()
            s.sendall(call)
            while not s.recv(65536).endswith(b"\0"):
                pass
            waits.append(time.monotonic() - start)
            time.sleep(0.005)
    result.put(waits[1:])


def run(top, feeds, hosts):
    context = multiprocessing.get_context("fork")
    ready, served, asked = (context.Queue() for _ in range(3))
    over = context.Event()
    addresses = [f"127.0.{1 + i // PORTS // 250}.{1 + i // PORTS % 250}"
                 for i in range(hosts)]
    server = context.Process(target=serve, args=(addresses, ready, over, served))
    server.start()
    listening = ready.get()
    with open(top / "gazetted.conf", "w") as f:
        f.write("[fetch]\nallow-private = 127.0.0.0/8\nper-host-pause = 0\n"
                f"concurrency = {CAP}\nper-host = {PER_HOST}\n"
                "[schedule]\nstart-spread = 0\n[daemon]\nlog-level = warning\n")
        for i in range(feeds):
            address, port = listening[i % hosts]
            f.write(f"[feed f{i}]\nurl = http://{address}:{port}/{i}\n")
    daemon = Daemon(top)
    while not daemon.socket.exists():
        time.sleep(0.01)
    start = time.monotonic()
    client = context.Process(target=ask, args=(daemon.socket, over, asked))
    client.start()
    while daemon.attempted() < feeds:
        if daemon.process.poll() is not None:
            sys.exit((top / "gazetted.log").read_text())
        time.sleep(0.2)
    seconds, peak = time.monotonic() - start, daemon.peak()
    over.set()
    waits = sorted(asked.get())
    most, most_of_host, requests = served.get()
    items = daemon.gazette("count", "--all").stdout.strip()
    daemon.stop()
    client.join()
    server.join()
    print(f"cold start of {feeds} feeds on {hosts} hosts: {seconds:.1f} s, {requests} "
          f"requests, {items} items, peak {peak:.0f} MB (RSS)")
    print(f"under way at most: {most} of {CAP} allowed; at one host {most_of_host} of "
          f"{PER_HOST}")
    print(f"GetStatus: {len(waits)} calls, half within {waits[len(waits) // 2] * 1e3:.1f} "
          f"ms, 99 % within {waits[len(waits) * 99 // 100] * 1e3:.1f} ms, the slowest "
          f"{waits[-1] * 1e3:.1f} ms")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--feeds", type=int, default=5000)
    p.add_argument("--hosts", type=int, default=500)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as top:
        run(pathlib.Path(top), a.feeds, a.hosts)


if __name__ == "__main__":
    main()
