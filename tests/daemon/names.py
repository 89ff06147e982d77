# SPDX-License-Identifier: ISC
"""What name servers answer, in a network namespace of its own: closed addresses
behind names and redirects, answers that change, and a server that is silent.

In there every address is this machine's, so one listener sees each connection and
to which address it was meant: a closed one is a trap, a public one gets a feed."""
import collections
import contextlib
import functools
import http.server
import ipaddress
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, equal, rss, run, true

INSIDE = "GAZETTED_TEST_NAMESPACE"
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1")


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def enter():
    """Starts this program again, in namespaces where names are ours to answer."""
    if os.geteuid() != 0:
        skip("needs root")
    if not shutil.which("unshare") or not shutil.which("ip"):
        skip("needs unshare and ip (util-linux, iproute2)")
    with tempfile.NamedTemporaryFile("w", prefix="gazetted-resolv-") as resolv:
        resolv.write("nameserver 127.0.0.1\noptions timeout:5 attempts:1\n")
        resolv.flush()
        os.chmod(resolv.name, 0o644)
        script = (f"mount --bind {resolv.name} /etc/resolv.conf && ip link set lo up"
                  f" && ip addr add {PUBLIC[0]}/32 dev lo"
                  " && ip route add local 0.0.0.0/0 dev lo")
        if subprocess.run(["unshare", "-n", "-m", "sh", "-c", script],
                          capture_output=True, check=False).returncode != 0:
            skip("network namespaces cannot be made here")
        script += (f"; ip addr add {PUBLIC[1]}/128 dev lo nodad 2>/dev/null"
                   "; ip -6 route add local ::/0 dev lo 2>/dev/null; exec \"$@\"")
        sys.exit(subprocess.run(
            ["unshare", "-n", "-m", "sh", "-c", script, "sh", sys.executable,
             os.path.abspath(__file__)], env={**os.environ, INSIDE: "1"},
            check=False).returncode)


class Names:
    """A name server for .test: `answers` has lists of addresses by name, or
    functions that give them.  When it is `silent` it answers nothing, and for
    names that are `mute` never; each answer comes after `delay` seconds."""

    def __init__(self):
        self.answers, self.asked = {}, collections.Counter()
        self.silent, self.mute, self.delay = False, set(), 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.socket.settimeout(0.1)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.ends.is_set():
            try:
                query, peer = self.socket.recvfrom(4096)
            except socket.timeout:
                continue
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
                at += 1 + query[at]
            name = ".".join(labels)
            kind, = struct.unpack("!H", query[at + 1:at + 3])
            self.asked[name] += 1
            if self.silent or name in self.mute:
                continue
            found = self.answers.get(name)
            known = found is not None
            found = found(kind) if callable(found) else found or []
            family = {1: 4, 28: 6}.get(kind)
            records = [ipaddress.ip_address(a).packed for a in found
                       if ipaddress.ip_address(a).version == family]
            head = query[:2] + struct.pack(
                "!HHHHH", 0x8580 | (0 if known else 3), 1, len(records), 0, 0)
            body = b"".join(struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(r)) + r
                            for r in records)
            self._send(head + query[12:at + 5] + body, peer)

    def _send(self, answer, peer):
        if self.delay == 0:
            self.socket.sendto(answer, peer)
            return

        def later():
            with contextlib.suppress(OSError):  # it is closed by now
                self.socket.sendto(answer, peer)
        threading.Timer(self.delay, later).start()

    def close(self):
        self.ends.set()
        self.thread.join()
        self.socket.close()


class Everywhere:
    """Every address of the world, on one port: those in PUBLIC give feeds and
    redirects (/to/HOST leads there), any other is a trap."""

    def __init__(self):
        self.trapped, self.served = collections.Counter(), collections.Counter()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.served[self.headers["Host"].split(":")[0]] += 1
                body = b"" if self.path.startswith("/to/") else rss(1).encode()
                self.send_response(302 if self.path.startswith("/to/") else 200)
                if self.path.startswith("/to/"):
                    self.send_header("Location",
                                     f"http://{self.path[4:]}:{outer.port}/")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512
            address_family = socket.AF_INET6

            def server_bind(self):
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                super().server_bind()

            def verify_request(self, request, client):
                meant = request.getsockname()[0].replace("::ffff:", "")
                if meant not in PUBLIC:
                    outer.trapped[meant] += 1
                return meant in PUBLIC

            def handle_error(self, *args):
                pass
        self.http = Server(("::", 0), Handler)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def inside(test):
    """The test with a name server and the world; both end with it."""
    @functools.wraps(test)
    def with_them(bench):
        with contextlib.closing(Names()) as names, \
                contextlib.closing(Everywhere()) as world:
            test(bench, names, world)
    return with_them


def closed_addresses():
    """Both ends of every closed block, and some between; and the IPv6 addresses that
    lead to such an IPv4 one."""
    dice = random.Random(74)
    v4, v6 = [], []
    for block in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
                  "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.2.0/24",
                  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
                  "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"):
        net = ipaddress.ip_network(block)
        v4 += [net[0], net[-1], net[1]]
        v4 += [net[dice.randrange(net.num_addresses)] for _ in range(9)]
    for block in ("::/96", "100::/64", "2001:2::/48", "2001:10::/28", "2001:db8::/32",
                  "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "fc00::/7", "fe80::/10",
                  "fec0::/10", "ff00::/8", "4000::/3", "::ffff:0:0:0/96"):
        net = ipaddress.ip_network(block)
        v6 += [net[0], net[-1], net[1]]
        v6 += [net[dice.randrange(net.num_addresses)] for _ in range(9)]
    for low in (int(a) for a in v4):
        v6 += [ipaddress.ip_address(n) for n in (
            0xFFFF << 32 | low, 0x64FF9B << 96 | low, 0x2002 << 112 | low << 80 | 1,
            0x20010000 << 96 | low << 64, 0x20010000 << 96 | 0x08080808 << 64
            | (low ^ 0xFFFFFFFF))]
    return list(dict.fromkeys(str(a) for a in v4 + v6))


CONF = """[fetch]
per-host-pause = 0
per-host = 16
concurrency = 64
[schedule]
start-spread = 0
min-interval = 200ms
first-interval = 200ms
unconditional = 200ms
"""


@inside
def test_answers(bench, names, world):
    """a thousand closed addresses behind names, and behind redirects to names"""
    closed = closed_addresses()
    names.answers["good.test"] = [PUBLIC[0]]
    text = f"[feed good]\nurl = http://good.test:{world.port}/\n"
    for n, address in enumerate(closed):
        names.answers[f"n{n}.test"] = [address]
        text += (f"[feed d{n}]\nurl = http://n{n}.test:{world.port}/\n"
                 f"[feed r{n}]\nurl = http://good.test:{world.port}/to/n{n}.test\n")
        literal = f"[{address}]" if ":" in address else address
        text += f"[feed l{n}]\nurl = http://{literal}:{world.port}/\n"
    true(len(closed) >= 1000, f"only {len(closed)}")
    bench.configure(CONF.replace("200ms", "1h") + text, defaults="")
    code, said = bench.spawn("--once", "--log-level=warning")
    equal(code, 3, said[-2000:])
    equal(dict(world.trapped), {}, "connections to closed addresses")
    outcomes = dict(bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1"))
    print(f"# {len(closed)} addresses, three roads to each: {outcomes}", flush=True)
    equal(outcomes.pop("ok"), 1)
    equal(sum(outcomes.values()), 3 * len(closed))
    equal(set(outcomes), {"forbidden-address"})


@inside
def test_rebinding(bench, names, world):
    """answers that change between two look-ups, or mix both kinds, open nothing"""
    turns = collections.Counter()

    def changing(name, first, later):
        def answer(kind):
            turns[name, kind] += 1
            return first if turns[name, kind] % 2 else later
        return answer
    closed = ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "192.168.1.1",
              "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1"]
    feeds = {}
    for n, address in enumerate(closed * 5):
        name = f"c{n}.test"
        names.answers[name] = changing(name, [PUBLIC[0]], [address])
        feeds[f"c{n}"] = name
        name = f"m{n}.test"  # both at once, the closed one first or last
        names.answers[name] = ([address, PUBLIC[0]] if n % 2 else
                               [PUBLIC[0], address])
        feeds[f"m{n}"] = name
    bench.configure(CONF + "".join(
        f"[feed {feed}]\nurl = http://{name}:{world.port}/\n"
        for feed, name in feeds.items()), defaults="")
    for turn in range(1, 11):  # each has a new fetcher, which remembers no answer
        bench.start()
        bench.until("look-ups", lambda n=turn: min(
            turns[f"c{i}.test", kind] for i in range(40) for kind in (1, 28)) >= n)
        bench.until("polls", lambda n=turn: bench.sql(
            "SELECT min(n) FROM (SELECT count(*) n FROM v1_fetch GROUP BY feed_id)"
        )[0][0] >= n)
        equal(bench.stop(), 0)
    polls = dict(bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1"))
    print(f"# {sum(turns.values())} look-ups, {polls}", flush=True)
    equal(dict(world.trapped), {}, "connections to closed addresses")
    true(min(turns.values()) >= 10, "an answer was kept")
    true(polls["ok"] + polls.get("unchanged", 0) > 100, str(polls))
    true(polls["forbidden-address"] > 100, str(polls))


@contextlib.contextmanager
def instead_of(path, text):
    """In our namespace that file has this text."""
    with tempfile.NamedTemporaryFile("w", prefix="gazetted-etc-") as file:
        file.write(text)
        file.flush()
        os.chmod(file.name, 0o644)
        subprocess.run(["mount", "--bind", file.name, path], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", path], check=True)


LOCAL = "127.0.0.1 localhost\n" + "".join(
    f"{PUBLIC[0]} local{n}.test\n" for n in range(5))


def threads_of(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("Threads:"))


DEAD = 500


@inside
def test_silent(bench, names, world):
    """a name server that never answers delays no feed that needs it not"""
    names.answers["known.test"] = [PUBLIC[0]]
    text = (f"[feed address]\nurl = http://{PUBLIC[0]}:{world.port}/\n"
            "min-interval = 200ms\n"
            f"[feed known]\nurl = http://known.test:{world.port}/\n")
    for n in range(DEAD):
        text += f"[feed x{n}]\nurl = http://x{n}-dead.test:{world.port}/\ntimeout = 8s\n"
    bench.configure(CONF + text, defaults="")
    bench.start()
    bench.until("the name", lambda: world.served["known.test"] >= 1)
    before = len(bench.sql("SELECT 1 FROM v1_fetch WHERE outcome LIKE 'dns%'"))
    names.silent = True
    world.served.clear()
    client, slowest, threads, seen = bench.client(), 0, 0, []
    deadline = time.monotonic() + PATIENCE
    # Until dead names have failed, and the others were fetched all the while.
    while time.monotonic() < deadline:
        begun = time.monotonic()
        client.call("GetStatus")
        slowest = max(slowest, time.monotonic() - begun)
        threads = max(threads, threads_of(bench.fetcher()),
                      threads_of(bench.process.pid))
        seen.append(dict(world.served))
        failed = len(bench.sql("SELECT 1 FROM v1_fetch WHERE outcome LIKE 'dns%' "
                               "OR outcome = 'timeout'")) - before
        if failed >= 20 and min(world.served["known.test"], world.served[PUBLIC[0]]) >= 20:
            break
        time.sleep(0.02)
    print(f"# {failed} look-ups failed meanwhile; {world.served}; at most {threads} "
          f"threads; slowest answer {slowest * 1000:.1f} ms", flush=True)
    true(failed >= 20, f"{failed} look-ups failed")
    true(min(world.served["known.test"], world.served[PUBLIC[0]]) >= 20,
         f"{world.served}")
    true(threads < 20, f"{threads} threads")


@inside
def test_all_at_once(bench, names, world):
    """names that nobody answers for take no place, even when all are due at once"""
    names.silent = True
    text = "".join(f"[feed x{n}]\nurl = http://x{n}-dead.test:{world.port}/\n"
                   for n in range(DEAD))
    for n in range(5):
        text += (f"[feed address{n}]\nurl = http://{PUBLIC[0]}:{world.port}/{n}\n"
                 f"[feed local{n}]\nurl = http://local{n}.test:{world.port}/\n")
    with instead_of("/etc/hosts", LOCAL):
        bench.configure(CONF.replace("200ms", "1h") + text, defaults="")
        code, said = bench.spawn("--once", "--log-level=warning")
    equal(code, 3, said[-2000:])
    order = [row[0] for row in bench.sql(
        "SELECT f.name FROM fetch_log a JOIN feed f ON f.id = a.feed_id "
        "ORDER BY a.time")]
    equal(len(order), DEAD + 10)
    fine = {row[0] for row in bench.sql(
        "SELECT f.name FROM fetch_log a JOIN feed f ON f.id = a.feed_id "
        "WHERE a.outcome = 'ok'")}
    equal(fine, {f"{kind}{n}" for kind in ("address", "local") for n in range(5)})
    # The dead ones are known to be dead after seconds, in which the others are done.
    equal(set(order[:10]), fine, "what was done first")


@inside
def test_few_dead(bench, names, world):
    """some domains that nobody answers for fail no other, also below the same suffix"""
    def answer(kind):
        return [PUBLIC[0]]
    text = ""
    for n in range(100):
        names.answers[f"good{n}.co.test"] = answer
        text += f"[feed g{n}]\nurl = http://good{n}.co.test:{world.port}/\n"
    names.mute = {f"dead{n}.{rest}" for n in range(12)
                  for rest in ("co.test", f"n{n}.test")}
    text += "".join(f"[feed {n.split('.')[0]}{len(n)}]\nurl = http://{n}:{world.port}/\n"
                    for n in sorted(names.mute))
    bench.configure(CONF.replace("200ms", "1h") + text, defaults="")
    code, said = bench.spawn("--once", "--log-level=warning")
    equal(code, 3, said[-2000:])
    equal(dict(bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1"))["ok"],
          100, said[-2000:])


@inside
def test_hosts_last(bench, names, world):
    """names of a hosts file that is asked last wait for the name server like any other"""
    names.silent = True
    bench.configure(CONF.replace("200ms", "1h") + "".join(
        f"[feed l{n}]\nurl = http://local{n}.test:{world.port}/\n" for n in range(5)),
        defaults="")
    with instead_of("/etc/hosts", LOCAL), \
            instead_of("/etc/nsswitch.conf", "hosts: dns [TRYAGAIN=continue] files\n"):
        code, said = bench.spawn("--once", "--log-level=warning")
    equal(dict(bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1")),
          {"ok": 5}, said[-2000:])
    equal(code, 0)


@inside
def test_killed(bench, names, world):
    """who only waited for a name when the fetcher was killed is no suspect"""
    names.silent = True
    text = f"[feed address]\nurl = http://{PUBLIC[0]}:{world.port}/\n"
    for n in range(DEAD):
        text += (f"[feed x{n}]\nurl = http://x{n}-dead.test:{world.port}/\n"
                 "min-interval = 1h\n")
    bench.configure(CONF + text, defaults="")
    bench.start()
    bench.until("look-ups", lambda: len(names.asked) >= 8)
    old = bench.fetcher()
    os.kill(old, signal.SIGKILL)
    bench.until("another fetcher", lambda: bench.fetcher() not in (None, old))
    world.served.clear()
    bench.until("its polls", lambda: world.served[PUBLIC[0]] >= 20)


@inside
def test_slow(bench, names, world):
    """a slow name server makes nobody's time run out who only waits in line for it"""
    names.delay = 1
    text = ""
    for n in range(64):
        names.answers[f"x{n}-slow.test"] = [PUBLIC[0]]
        text += (f"[feed x{n}]\nurl = http://x{n}-slow.test:{world.port}/\n"
                 "timeout = 5s\n")
    bench.configure(CONF.replace("200ms", "1h") + text, defaults="")
    code, said = bench.spawn("--once", "--log-level=warning")
    equal(dict(bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1")),
          {"ok": 64}, said[-2000:])
    equal(code, 0)


if INSIDE not in os.environ:
    enter()
run([test_answers, test_rebinding, test_silent, test_all_at_once,
     test_few_dead, test_hosts_last, test_killed, test_slow])
