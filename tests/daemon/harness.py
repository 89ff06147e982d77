# SPDX-License-Identifier: ISC
"""What the daemon's black-box tests stand on: TAP, a scripted HTTP server, the
daemon itself, and a client of its socket.  Everything waits for events; the one
limit of time, PATIENCE, is only there so that a failure ends."""
import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

PATIENCE = 60
TOP = os.path.abspath(os.environ.get("top_builddir", "build"))
GAZETTED = os.environ.get("GAZETTED", os.path.join(TOP, "gazetted"))
GAZETTE = os.environ.get("GAZETTE", os.path.join(TOP, "gazette"))


# -- TAP -----------------------------------------------------------------------

class Skip(Exception):
    pass


def run(tests):
    """Runs functions of one argument (a Bench); one TAP line each."""
    print(f"1..{len(tests)}", flush=True)
    failed = False
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).split("\n")[0].rstrip(".")
        bench = None
        try:
            with Bench() as bench:
                test(bench)
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:  # a test may fail in any way
            failed = True
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            for line in (bench.log() if bench else [])[-40:]:
                print(f"# log: {line}", flush=True)
    sys.exit(1 if failed else 0)


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


# -- Feeds ---------------------------------------------------------------------

def rss(count, start=1, title="A feed", extra=""):
    items = "".join(
        f"<item><title>Item {n}</title><guid>urn:item:{n}</guid>"
        f"<link>http://site.example/{n}</link>"
        f"<description>Text of item {n}, long enough to be told from others."
        f"</description></item>"
        for n in range(start + count - 1, start - 1, -1))
    return (f'<?xml version="1.0"?><rss version="2.0"><channel>'
            f"<title>{title}</title><link>http://site.example/</link>{extra}"
            f"<description>d</description>{items}</channel></rss>")


# -- The server ----------------------------------------------------------------

class Request:
    def __init__(self, path, headers):
        self.path, self.headers, self.time = path, headers, time.monotonic()


class Server:
    """Answers each path by a function of the Request that returns (status,
    headers, body); body is str, bytes, or an iterator of bytes.  A number in
    place of a function is a status."""

    def __init__(self, port=0):
        self.routes = {}
        self.requests = []
        self.changed = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer._answer(self)

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128
            allow_reuse_port = True  # a test may hold the port meanwhile

            def handle_error(self, *args):
                pass  # a client that hung up is what some tests are about

        self.http = Quiet(("127.0.0.1", port), Handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.05,),
                         daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def feed(self, path, body, etag=None, **headers):
        """A document with validators that answers 304."""
        tag = etag or f'"{abs(hash(body))}"'

        def answer(request):
            if request.headers.get("If-None-Match") == tag:
                return 304, {"ETag": tag}, ""
            return 200, {"ETag": tag, "Content-Type": "application/rss+xml",
                         **headers}, body
        self.routes[path] = answer
        return self.url(path)

    def _answer(self, handler):
        request = Request(handler.path, handler.headers)
        route = self.routes.get(handler.path, 404)
        status, headers, body = (
            (route, {}, "") if isinstance(route, int) else route(request))
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        if isinstance(body, str):
            body = body.encode()
        if "Date" in headers:  # a clock of the test's own
            handler.send_response_only(status)
        else:
            handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if isinstance(body, bytes):
            if "Content-Length" not in headers:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        else:
            handler.send_header("Connection", "close")
            handler.end_headers()
            with contextlib.suppress(OSError):
                for part in body:
                    handler.wfile.write(part)
            handler.close_connection = True

    def of(self, path):
        return [r for r in self.requests if r.path == path]

    def wait(self, path, count):
        """Until `path` was asked for `count` times."""
        with self.changed:
            if not self.changed.wait_for(
                    lambda: len(self.of(path)) >= count, PATIENCE):
                raise AssertionError(
                    f"{path} was asked {len(self.of(path))} times, not {count}")
        return self.of(path)


# -- The client ----------------------------------------------------------------

class Failed(Exception):
    def __init__(self, reply):
        super().__init__(json.dumps(reply))
        self.error = reply["error"]
        self.parameters = reply.get("parameters", {})


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def close(self):
        self.lines.close()
        self.socket.close()

    def send(self, method, more=False, **parameters):
        message = {"method": method if "." in method else f"org.gazetted.{method}",
                   "parameters": parameters}
        if more:
            message["more"] = True
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def reply(self):
        line = self.lines.readline()
        if not line:
            raise EOFError("the daemon closed the connection")
        reply = json.loads(line)
        if "error" in reply:
            raise Failed(reply)
        return reply

    def call(self, method, **parameters):
        self.send(method, **parameters)
        return self.reply()["parameters"]

    def all(self, method, **parameters):
        """The parameters of every reply, empty ones left out."""
        self.send(method, more=True, **parameters)
        replies = []
        while True:
            reply = self.reply()
            if reply.get("parameters"):
                replies.append(reply["parameters"])
            if not reply.get("continues"):
                return replies

    def events(self, **parameters):
        self.send("Follow", more=True, **parameters)
        while True:
            yield self.reply()["parameters"]["event"]


def refused(function, error):
    """The Failed that `function` must raise, with this error name."""
    try:
        function()
    except Failed as failed:
        equal(failed.error.split(".")[-1], error, str(failed))
        return failed
    raise AssertionError(f"no {error}")


# -- The daemon ----------------------------------------------------------------

DEFAULTS = """
[fetch]
allow-private = 127.0.0.0/8
per-host-pause = 0
[schedule]
min-interval = 200ms
first-interval = 200ms
unconditional = 200ms
start-spread = 0
manual-min = 0
"""


class Bench:
    """A directory with a server and a daemon; all of it goes at the end."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="gazetted-test-")
        self.conf = os.path.join(self.dir, "gazetted.conf")
        self.db = os.path.join(self.dir, "state", "gazetted.db")
        self.socket = os.path.join(self.dir, "run", "org.gazetted")
        self.server = Server()
        self.process = None
        self.prefix = []  # what starts the daemon, if not we
        self.others, self.clients = [], []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(self.dir, "notify"))
        self.notify.settimeout(PATIENCE)
        return self

    def __exit__(self, *exc):
        for client in self.clients:
            client.close()
        for process in [self.process, *self.others]:
            if process and process.poll() is None:
                process.kill()
            if process:
                process.wait()
        self.server.close()
        self.notify.close()
        if exc[0] is None:
            self._check_log()
        self._last_log = self.log()
        shutil.rmtree(self.dir, ignore_errors=True)

    def _check_log(self):
        for line in self.log():
            true("ERROR: " not in line and "runtime error" not in line,
                 f"a sanitizer says: {line}")

    def log(self):
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(self.dir, "log"), errors="replace") as file:
                return file.read().splitlines()
        return getattr(self, "_last_log", [])

    def configure(self, text="", defaults=DEFAULTS):
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(defaults + text)

    def argv(self, *more):
        return [GAZETTED, f"--config={self.conf}", f"--database={self.db}",
                f"--socket={self.socket}", *more]

    def spawn(self, *more, **options):
        """Another run of the program: its exit status and what it said."""
        done = subprocess.run(self.argv(*more), stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True,
                              timeout=PATIENCE, check=False, **options)
        return done.returncode, done.stdout + done.stderr

    def start(self, *more, **environment):
        """Starts the daemon, and returns when it says that it is ready."""
        env = {**os.environ, "NOTIFY_SOCKET": os.path.join(self.dir, "notify"),
               **environment}
        with open(os.path.join(self.dir, "log"), "a") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *self.argv("--log-level=debug", *more)],
                stderr=log, env=env)
        self.wait_notify("READY=1")

    def wait_notify(self, wanted):
        """The lines of the notification that has `wanted`."""
        deadline = time.monotonic() + PATIENCE
        self.notify.settimeout(0.2)
        while time.monotonic() < deadline:
            try:
                lines = self.notify.recv(4096).decode().split("\n")
            except socket.timeout:
                if self.process.poll() is not None:
                    raise AssertionError(
                        f"ended with {self.process.returncode}") from None
                continue
            if any(line.startswith(wanted) for line in lines):
                return lines
        raise AssertionError(f"no {wanted} in {PATIENCE} s")

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def client(self):
        client = Client(self.socket)
        self.clients.append(client)
        return client

    def call(self, method, **parameters):
        client = Client(self.socket)
        try:
            return client.call(method, **parameters)
        finally:
            client.close()

    def feed(self, name):
        client = Client(self.socket)
        try:
            rows = client.all("ListFeeds", query=f"feed:{name}")
        finally:
            client.close()
        return rows[0]["feed"] if rows else None

    def items(self, query="", **parameters):
        client = Client(self.socket)
        try:
            return [row["item"] for row in client.all(
                "ListItems", query=query, all=True, **parameters) if "item" in row]
        finally:
            client.close()

    def until(self, what, function, patience=PATIENCE):
        """Polls the daemon after each event of its feeds, until function() is
        true: what it returned."""
        client = self.client()
        client.send("Follow", more=True, **{"from": "now"}, heartbeat=1, kinds=[
            "item_new", "item_updated", "feed_failing", "feed_recovered",
            "feed_changed", "feed_added", "feed_removed"])
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            value = function()
            if value:
                client.close()  # one user has so many, and no more
                self.clients.remove(client)
                return value
            client.reply()
        raise AssertionError(f"waited in vain: {what}")

    def fetcher(self):
        """The process id of the daemon's child."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        try:
            with open(path) as file:
                children = file.read().split()
        except FileNotFoundError:
            raise Skip("this kernel does not list children") from None
        return int(children[0]) if children else None

    def sql(self, statement):
        with contextlib.closing(
                sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as db:
            return db.execute(statement).fetchall()


def as_other_user(function):
    """Runs it in a child that is nobody (we may be root); its exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os._exit(function())
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# -- The client that users have -------------------------------------------------

def gazette(bench, *words, code=0):
    """What it prints; it must exit with `code`."""
    env = {**os.environ, "GAZETTE_SOCKET": bench.socket, "HOME": bench.dir,
           "TZ": "UTC", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run([GAZETTE, *words], env=env, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr
