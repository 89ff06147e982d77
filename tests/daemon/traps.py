# SPDX-License-Identifier: ISC
"""A thousand spellings of this machine, in addresses and in redirects: nothing ever
connects to a listener that nobody may reach."""
import http.server
import itertools
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import equal, run, true


class Trap:
    """Counts connections to a port of this machine, on both families."""

    def __init__(self):
        self.count, self.sockets = 0, []
        first = socket.create_server(("127.0.0.1", 0))
        self.port = first.getsockname()[1]
        self.sockets.append(first)
        try:
            self.sockets.append(socket.create_server(
                ("::1", self.port), family=socket.AF_INET6))
        except OSError:
            pass  # no IPv6 here
        for one in self.sockets:
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one):
        while True:
            try:
                client, _ = one.accept()
            except OSError:
                return
            self.count += 1
            client.close()

    def close(self):
        for one in self.sockets:
            one.close()


def parts(number):
    """A number as WHATWG's and C's readers take it."""
    return [str(number), hex(number), "0x%08x" % number, "0%o" % number,
            "0000%o" % number, hex(number).upper().replace("X", "x")]


def spellings():
    """Hosts that are 127.0.0.1, or lead there."""
    yield from ["localhost", "LOCALHOST", "localhost.", "0", "0.0.0.0", "127.1",
                "127.0.1", "127.0.0.1.", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]"]
    for whole in parts(0x7F000001):
        yield whole
    for a, rest in itertools.product(parts(127), parts(1)):
        yield f"{a}.{rest}"
    for a, b, c, d in itertools.product(parts(127), parts(0)[:3], parts(0)[:2],
                                        parts(1)):
        yield f"{a}.{b}.{c}.{d}"
    for a, b, rest in itertools.product(parts(127), parts(0), parts(1)):
        yield f"{a}.{b}.{rest}"
    for prefix in ("::ffff:", "::FFFF:", "0:0:0:0:0:ffff:", "::", "64:ff9b::",
                   "64:ff9b:1::", "::ffff:0:"):
        for v4 in ("127.0.0.1", "7f00:1", "7f00:0001", "7F00:1"):
            yield f"[{prefix}{v4}]"
    for v6 in ("2002:7f00:1::", "2002:7f00:0001::1", "2001:0:7f00:1::",
               "fe80::1", "fc00::1", "::ffff:0.0.0.0"):
        yield f"[{v6}]"
    for n in range(2, 120):  # all of the block, and none of it the trap's friend
        yield f"127.0.0.{n + 1}"
        yield "%d" % (0x7F000000 + n * 65536 + 1)


def test_traps(bench):
    """no spelling of a closed address is dialled, by itself or by a redirect"""
    trap = Trap()
    hosts = list(dict.fromkeys(spellings()))

    class Leads(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            host = hosts[int(self.path[1:])]
            self.send_response(302)
            self.send_header("Location", f"http://{host}:{trap.port}/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass
    leads = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Leads)
    leads.daemon_threads = True
    threading.Thread(target=leads.serve_forever, args=(0.05,), daemon=True).start()
    text = ("[fetch]\nallow-private = 127.0.0.2/32\nper-host-pause = 0\n"
            "per-host = 16\ntimeout = 5s\n[schedule]\nmin-interval = 1h\n")
    for n, host in enumerate(hosts):
        text += f"[feed d{n}]\nurl = http://{host}:{trap.port}/{n}\n"
        text += (f"[feed r{n}]\nurl = "
                 f"http://127.0.0.2:{leads.server_port}/{n}\n")
    true(2 * len(hosts) >= 1000, f"only {2 * len(hosts)} spellings")
    bench.configure(text, defaults="")
    code, said = bench.spawn("--once", "--log-level=warning")
    equal(code, 3, said[-2000:])
    equal(trap.count, 0, "connections to the trap")
    asked = bench.sql("SELECT outcome, count(*) FROM v1_fetch GROUP BY 1")
    true(sum(n for _, n in asked) == 2 * len(hosts), str(asked))
    true(not {o for o, _ in asked} & {"ok", "unchanged", "transfer", "timeout"},
         str(asked))
    print(f"# {asked}", flush=True)
    leads.shutdown()
    leads.server_close()
    trap.close()


run([test_traps])
