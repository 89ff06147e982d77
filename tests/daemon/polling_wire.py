# SPDX-License-Identifier: ISC
"""Manners on the wire: what is asked, of whom, with which headers; bodies that are
odd but good, and answers that would lead astray or never end."""
import http.server
import os
import socket
import sys
import threading
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, contains, equal, rss, run, true
from servers import Tls, certificate, expired_certificate


def feeds(bench, more="", **urls):
    return "".join(f"[feed {name}]\nurl = "
                   f"{url if '://' in url else bench.server.url(url)}\n{more}"
                   for name, url in urls.items())


def error_of(bench, name):
    return bench.until(name, lambda: bench.feed(name).get("last_error"))


class Raw:
    """A server that keeps every request line and header as it came."""

    def __init__(self):
        outer = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                outer.seen.append((self.command, self.path,
                                   [name.lower() for name in self.headers]))
                body = rss(2, extra="<image><url>/icon.png</url><link>/</link></image>"
                           ).encode()
                self.send_response(200)
                for name, value in (("Set-Cookie", "a=b; Path=/"), ("ETag", '"x"'),
                                    ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
            do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = answer

            def log_message(self, *args):
                pass
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


# May be sent; everything else in a request of ours needs a reason.
PLAIN = {"host", "user-agent", "accept", "accept-encoding", "if-none-match",
         "if-modified-since", "a-im"}


def test_request(bench):
    """GET alone, the address byte for byte, no cookies, Referer or cache headers"""
    raw = Raw()
    odd = "/A;b=1/%7e%2F//./c?x=%C3%A9&&y=a+b&z#part"
    bench.configure(feeds(bench, odd=f"http://127.0.0.1:{raw.port}{odd}"))
    bench.start()
    added = bench.call("AddFeed", url=f"http://127.0.0.1:{raw.port}/added")
    equal(added["outcome"], "ok")
    bench.until("more", lambda: len(raw.seen) > 6)
    paths = {path for _, path, _ in raw.seen}
    equal(paths, {odd.split("#")[0], "/added"})
    equal({command for command, _, _ in raw.seen}, {"GET"})
    equal(set().union(*(headers for _, _, headers in raw.seen)) - PLAIN, set())
    raw.close()


def test_kinds(bench):
    """what a document is, its first bytes say, not its type"""
    server = bench.server
    json = ('{"version":"https://jsonfeed.org/version/1.1","title":"t","items":'
            '[{"id":"1","content_text":"x"}]}')
    types = {"html": "text/html", "plain": "text/plain", "none": None,
             "binary": "application/octet-stream", "xml": "text/xml; charset=x",
             "odd": "image/png", "junk": ";;;", "json": "application/json"}
    for name, kind in types.items():
        headers = {"Content-Type": kind} if kind else {}
        server.routes["/" + name] = lambda r, h=headers: (200, h, rss(1))
        server.routes["/j" + name] = lambda r, h=headers: (200, h, json)
    names = [*types, *("j" + name for name in types)]
    bench.configure(feeds(bench, **{n: "/" + n for n in names}))
    bench.start()
    for name in names:
        bench.until(name, lambda n=name: bench.feed(n)["items"] == 1)


def test_entities(bench):
    """a DOCTYPE, entities and a bomb of them make no request and no harm"""
    server = bench.server
    trap = server.url("/trap")

    def with_doctype(subset, text):
        return rss(1).replace('<rss', f'<!DOCTYPE rss {subset}><rss', 1).replace(
            "Item 1", f"Item {text}")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    server.routes.update({path: lambda r, b=body: (200, {"ETag": '"x"'}, b)
                          for path, body in {
        "/dtd": with_doctype(f'SYSTEM "{trap}/d.dtd"', "1"),
        "/public": with_doctype(f'PUBLIC "-//x//y" "{trap}/p.dtd"', "1"),
        "/entity": with_doctype(f'[<!ENTITY e SYSTEM "{trap}/e">]', "&e;"),
        "/file": with_doctype('[<!ENTITY e SYSTEM "file:///etc/passwd">]', "&e;"),
        "/param": with_doctype(f'[<!ENTITY % p SYSTEM "{trap}/p">%p;]', "1"),
        "/known": with_doctype('[<!ENTITY name "Example">]', "&name;"),
        "/laughs": with_doctype(f'[<!ENTITY l0 "ha">{laughs}]', "&l11;"),
        "/deep": rss(1).replace("Text of", "<x>" * 100000 + "Text of"),
        "/sheet": f'<?xml version="1.0"?><?xml-stylesheet href="{trap}/s.xsl"?>'
                  + rss(1).split("?>", 1)[1]}.items()})
    names = ["dtd", "public", "entity", "file", "param", "known", "laughs", "deep",
             "sheet"]
    bench.configure(feeds(bench, **{n: "/" + n for n in names}))
    bench.start()
    for name in names:
        server.wait("/" + name, 2)
    titles = {name: [i["title"] for i in bench.items(f"feed:{name}")] for name in names}
    for name in ("dtd", "public", "sheet"):
        equal(titles[name], ["Item 1"], name)
    equal(titles["known"], ["Item Example"])
    for name in ("laughs", "deep"):
        print(f"# {name}: {error_of(bench, name)}", flush=True)
    true(not any("root:" in t for ts in titles.values() for t in ts), str(titles))
    equal([r.path for r in server.requests if r.path.startswith("/trap")], [])


def test_downgrade(bench):
    """https never leads to http, and no such address is adopted"""
    certificate(bench)
    plain = bench.server
    plain.feed("/plain", rss(1))
    tls = Tls(bench, answer=lambda r: (301, {"Location": plain.url("/plain")}, ""))
    bench.configure("[schedule]\nmove-after = 0\n" + feeds(
        bench, f"ca-file = {bench.dir}/cert.pem\n", a=tls.url))
    bench.start()
    contains(error_of(bench, "a"), "from https to http")
    bench.until("six", lambda: tls.count >= 6)
    equal((plain.of("/plain"), bench.feed("a")["url"]), ([], tls.url))
    tls.close()


def test_certificates(bench):
    """a bad certificate is refused by name and reason; nothing is asked inside"""
    certificate(bench)
    certificate(bench, "wrong", "DNS:elsewhere.example")
    expired_certificate(bench, "old")
    unknown, wrong, old = (Tls(bench, name=n) for n in ("cert", "wrong", "old"))
    ca = "ca-file = " + bench.dir
    bench.configure(f"[feed unknown]\nurl = {unknown.url}\n"
                    f"[feed wrong]\nurl = {wrong.url}\n{ca}/wrong.pem\n"
                    f"[feed old]\nurl = {old.url}\n{ca}/old.pem\n"
                    f"[feed plain]\nurl = https://127.0.0.1:{bench.server.port}/f\n")
    bench.start()
    for name, word in (("unknown", "self-signed"), ("wrong", "127.0.0.1"),
                       ("old", "expired"), ("plain", "is it an http:// address?")):
        error = error_of(bench, name)
        print(f"# {name}: {error}", flush=True)
        contains(error, "127.0.0.1")
        contains(error.lower().replace("self signed", "self-signed"), word)
    equal([s.count for s in (unknown, wrong, old)], [0, 0, 0])
    for server in (unknown, wrong, old):
        server.close()


def test_sessions(bench):
    """a new connection to a server that is known resumes its TLS session"""
    certificate(bench)
    servers = [Tls(bench, answer=lambda _: (200, {"Connection": "close"}, rss(1)))
               for _ in range(12)]
    bench.configure(f"[fetch]\nca-file = {bench.dir}/cert.pem\n" + "".join(
        f"[feed f{n}]\nurl = {s.url}\n" for n, s in enumerate(servers)))
    bench.start()
    bench.until("three polls", lambda: min(s.count for s in servers) >= 3)
    for server in servers:
        equal(server.resumed[:3], [False, True, True])
        server.close()


def test_mute(bench):
    """who accepts and then says nothing is no dead host, and is told as what it is"""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        bench.configure(feeds(bench, "timeout = 1s\n",
                              tls="https://127.0.0.1:%d/" % mute.getsockname()[1],
                              plain="http://127.0.0.1:%d/" % mute.getsockname()[1]))
        bench.start()
        contains(error_of(bench, "tls"), "no TLS handshake within 1 s")
        contains(error_of(bench, "plain"), "no answer from 127.0.0.1")
        equal(bench.sql("SELECT DISTINCT outcome FROM v1_fetch"), [("timeout",)])


def test_elsewhere(bench):
    """secrets stay at the feed's origin; a user in a Location is nobody's"""
    server, other = bench.server, Server()
    os.mkdir(os.path.join(bench.dir, "credentials"))
    path = os.path.join(bench.dir, "credentials", "me")
    with open(path, "w") as file:
        file.write("me:secret\n")
    os.chmod(path, 0o600)
    there = other.url("/there").replace("//", "//eve:word@")
    server.routes["/away"] = lambda r: (302, {"Location": there}, "")
    server.routes["/near"] = lambda r: (302, {"Location": "/here"}, "")
    server.routes["/back"] = lambda r: (302, {"Location": other.url("/again")}, "")
    other.routes["/again"] = lambda r: (302, {"Location": server.url("/end")}, "")
    for one, path in ((other, "/there"), (server, "/here"), (server, "/end")):
        one.feed(path, rss(1))
    bench.configure(feeds(bench, "credential = me\ncookie = c=1\nheader = X-Own: 1\n",
                          away="/away", near="/near", back="/back"))
    bench.start()
    secret = ("Authorization", "Cookie", "X-Own", "Referer")
    for one, path in ((other, "/there"), (other, "/again")):
        headers = one.wait(path, 1)[0].headers
        equal([headers.get(h) for h in secret], [None] * 4, path)
    headers = server.wait("/here", 1)[0].headers
    true(headers["Authorization"] and headers["Cookie"] and headers["X-Own"], "lost")
    server.wait("/end", 1)
    other.close()


def test_challenge(bench):
    """a bot check is named, and met with the one agent that we have"""
    page = ("<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
            "<body>Checking your browser</body></html>")
    html = {"Content-Type": "text/html; charset=UTF-8"}
    server = bench.server
    server.routes.update({
        "/header": lambda r: (403, {"cf-mitigated": "challenge", **html,
                                    "Set-Cookie": "cf=1"}, page),
        "/text": lambda r: (503, {"Server-Timing": "x", **html}, page),
        "/whole": lambda r: (200, {"cf-mitigated": "challenge", **html}, page)})
    bench.configure(feeds(bench, header="/header", text="/text", whole="/whole"))
    bench.start()
    for name in ("header", "text", "whole"):
        print(f"# {name}: {error_of(bench, name)}", flush=True)
        contains(error_of(bench, name), "bot check")
    equal({row[0] for row in bench.sql("SELECT outcome FROM v1_fetch")}, {"challenge"})
    agents = {r.headers["User-Agent"] for r in server.wait("/header", 3)}
    equal(len(agents), 1)
    true(agents.pop().startswith("gazetted/"), "in disguise")
    equal({r.headers.get("Cookie") for r in server.of("/header")}, {None})


def resident(pid):
    """The most that it ever had, in MB."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmHWM:")) / 1024


def bombs():
    """A GB of spaces, as gzip and as zlib: blocks that stand alone, a thousand times."""
    for wbits, name in ((31, "gzip"), (15, "deflate")):
        packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
        head = packer.compress(b"<?xml version='1.0'?>") + packer.flush(
            zlib.Z_FULL_FLUSH)
        block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
        again = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
        yield name, head + block + again * 1022


def test_endless(bench):
    """drips, bombs and a thousand redirects end soon, and delay nobody else"""
    server, stop = bench.server, threading.Event()

    def drip(request):
        def body():
            yield rss(3).encode()[:100]
            while not stop.wait(0.05):
                yield b" "
        return 200, {"ETag": '"drip"'}, body()
    server.routes["/drip"] = drip
    for name, body in bombs():
        server.routes["/" + name] = lambda r, n=name, b=body: (
            200, {"Content-Encoding": n, "ETag": '"bomb"'}, b)
    for n in range(1000):
        server.routes[f"/hop{n}"] = lambda r, n=n: (
            302, {"Location": f"/hop{n + 1}"}, "")
    good = Server()
    good.feed("/good", rss(1))
    bench.configure(feeds(bench, "timeout = 2s\n", drip="/drip", gzip="/gzip",
                          deflate="/deflate", hops="/hop0", good=good.url("/good")))
    bench.start()
    for name, words in (("drip", "within 2 s"), ("gzip", "200 times its size"),
                        ("deflate", "200 times its size"), ("hops", "more than 5")):
        contains(error_of(bench, name), words)
    true(len(good.wait("/good", 3)) >= 3, "the good feed waits")
    equal(len(server.of("/hop6")), 0)
    for name in ("drip", "gzip", "deflate"):
        for request in server.wait("/" + name, 2):
            equal(request.headers.get("If-None-Match"), None, name)
    most = resident(bench.fetcher())
    print(f"# the fetcher had at most {most:.0f} MB", flush=True)
    true(most < 400, f"{most} MB")  # with a sanitizer's shadow; a GB would be seen
    stop.set()
    good.close()


def large(items):
    """A document, piece by piece, of so many items of 100 KB, new ones each time."""
    yield b'<rss version="2.0"><channel><title>x</title>'
    for n in range(items):
        text = os.urandom(8).hex().encode()
        yield (b"<item><guid>%s-%d</guid><description>" % (text, n)
               + text * 6400 + b"</description></item>")


def test_big_drip(bench):
    """one that sends much and then drips holds up no other, large or small"""
    good, evil, huge = Server(), Server(), Server()
    sent, grown, stop = threading.Event(), threading.Event(), threading.Event()

    def drip():
        yield from large(240)
        sent.set()
        while not stop.wait(0.25):
            yield b" " * 200

    def whole(items):
        yield from large(items)
        yield b"</channel></rss>"
    evil.routes["/"] = lambda request: (200, {}, drip())
    good.routes["/small"] = lambda request: (200, {}, rss(3))
    good.routes["/large"] = lambda request: (200, {}, whole(20))
    huge.routes["/"] = lambda request: (
        200, {}, whole(220) if grown.is_set() else rss(1))
    bench.configure(feeds(bench, "timeout = 10m\nmax-body = 32M\n",
                          small=good.url("/small"), large=good.url("/large"),
                          evil=evil.url("/"), huge=huge.url("/")))
    bench.start()
    bench.until("the most of it", sent.is_set)
    for path in ("/small", "/large"):
        before = len(good.of(path))
        bench.until("the others' polls", lambda: len(good.of(path)) >= before + 5)
    equal(bench.sql("SELECT count(*) FROM v1_fetch a JOIN v1_feed f ON f.id = a.feed_id "
                    "WHERE f.name = 'evil'"), [(0,)])
    grown.set()
    contains(error_of(bench, "evil"), "while others waited for the memory")
    bench.until("a second large one", lambda: bench.sql(
        "SELECT max(bytes) > 20000000 FROM v1_fetch a JOIN v1_feed f "
        "ON f.id = a.feed_id WHERE f.name = 'huge' AND a.outcome = 'ok'") == [(1,)])
    stop.set()
    for server in (good, evil, huge):
        server.close()


def test_giants(bench):
    """many giants at once take little more memory than one alone"""
    servers = [Server() for _ in range(12)]

    def giant(request):
        yield from large(120)
        yield b"</channel></rss>"
    for server in servers:
        server.routes["/"] = lambda request: (200, {}, giant(request))

    def most(count):
        bench.configure("[schedule]\nmin-interval = 1h\nfirst-interval = 1h\n" + feeds(
            bench, "timeout = 10m\nmax-body = 32M\n",
            **{f"g{n}": server.url("/") for n, server in enumerate(servers[:count])}))
        if bench.process:
            bench.call("Reload")
        else:
            # What was freed counts as let go.
            bench.start(ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "")
                        + ":quarantine_size_mb=8")
        for n in range(1, count + 1):
            bench.until(f"{n} giants", lambda: bench.sql(
                "SELECT count(*) FROM v1_fetch WHERE outcome = 'ok'") >= [(n,)])
        return resident(bench.fetcher())
    one, many = most(1), most(len(servers))
    print(f"# one: {one:.0f} MB, {len(servers)}: {many:.0f} MB", flush=True)
    true(many < 1.8 * one, f"{many} MB, after {one} MB")
    for server in servers:
        server.close()


run([test_request, test_kinds, test_entities, test_downgrade, test_certificates, test_sessions,
     test_mute, test_elsewhere, test_challenge, test_endless, test_big_drip,
     test_giants])
