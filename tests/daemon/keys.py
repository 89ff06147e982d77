# SPDX-License-Identifier: ISC
"""The keys of [fetch] and of feeds, each against a server that needs it."""
import base64
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import Proxy, Tls, certificate, openssl
from harness import PATIENCE, Server, contains, equal, rss, run, true

SECRET = "s3cret-of-the-test"


def conf(**sections):
    """[fetch] keys as fetch="..." and feeds as name=(url, lines)."""
    text = f"[fetch]\n{sections.pop('fetch', '')}\n"
    for name, (url, lines) in sections.items():
        text += f"[feed {name}]\nurl = {url}\n{lines}\n"
    return text


def credential(bench, name, text, mode=0o600):
    path = os.path.join(bench.dir, "credentials", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w") as file:
        file.write(text)
    os.chmod(path + ".new", mode)
    os.rename(path + ".new", path)


def needs(header, value, body):
    """A path that is refused without this header."""
    def answer(request):
        if request.headers.get(header) != value:
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, "no"
        return 200, {"ETag": '"x"', "Content-Type": "application/rss+xml"}, body
    return answer


def no_secret_told(bench, *secrets):
    """Not in the log, not in the database, not in what is told over the socket."""
    told = "\n".join(bench.log())
    for root, _, files in os.walk(os.path.dirname(bench.db)):
        for name in files:
            if name == "gazetted.db.lock":
                continue
            with open(os.path.join(root, name), "rb") as file:
                told += file.read().decode("latin1")
    client = bench.client()
    told += str(client.all("ListFeeds", query=""))
    told += str(client.call("ListHosts"))
    for row in client.all("ListFeeds", query=""):
        told += str(client.call("ExplainFeed", feed=row["feed"]["name"]))
    for secret in secrets:
        true(secret not in told, "a secret was told")


def test_headers(bench):
    """user-agent, header, cookie: one feed's own, and for all"""
    server = bench.server
    for path in ("/a", "/b"):
        server.feed(path, rss(1))
    bench.configure(conf(
        fetch="user-agent = all/1\nheader = X-All: yes\ncookie = all=1\n",
        a=(server.url("/a"), ""),
        b=(server.url("/b"), "user-agent = own/2\nheader = X-One: 1\n"
           "header = X-Two: 2\ncookie = own=2\n")))
    bench.start()
    a, b = server.wait("/a", 1)[0].headers, server.wait("/b", 1)[0].headers
    equal((a["User-Agent"], a["X-All"], a["Cookie"]), ("all/1", "yes", "all=1"))
    equal((b["User-Agent"], b["X-One"], b["X-Two"], b["X-All"], b["Cookie"]),
          ("own/2", "1", "2", None, "own=2"))


def test_credentials(bench):
    """credentials of every form go out at once, and nowhere else"""
    server, other = bench.server, Server()
    basic = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()
    server.routes["/basic"] = needs("Authorization", basic, rss(1))
    server.routes["/bearer"] = needs("Authorization", f"Bearer {SECRET}", rss(1))
    server.routes["/line"] = needs("X-Key", SECRET, rss(1))
    server.routes["/all"] = needs("Authorization", f"Bearer all-{SECRET}", rss(1))
    server.routes["/system"] = needs(
        "Authorization", f"Bearer system-{SECRET}", rss(1))
    server.routes["/away"] = lambda r: (
        302, {"Location": other.url("/there")}, "")
    other.feed("/there", rss(1))
    credential(bench, "basic", f"me:{SECRET}\n")
    credential(bench, "bearer", f"Bearer {SECRET}\n")
    credential(bench, "line", f"X-Key: {SECRET}\n")
    credential(bench, "all", f"Bearer all-{SECRET}\n")
    credential(bench, "system", "Bearer not-this-one\n")
    system = os.path.join(bench.dir, "system")
    os.mkdir(system)
    with open(os.path.join(system, "system"), "w") as file:
        file.write(f"Bearer system-{SECRET}\n")
    feeds = {n: (server.url("/" + n), f"credential = {n}")
             for n in ("basic", "bearer", "line", "system")}
    feeds["all"] = (server.url("/all"), "")
    feeds["away"] = (server.url("/away"), "credential = basic\n"
                     "header = X-Own: 1\ncookie = c=1")
    bench.configure(conf(fetch="credential = all\n", **feeds))
    bench.start(CREDENTIALS_DIRECTORY=system)
    for name in ("basic", "bearer", "line", "all", "system"):
        server.wait("/" + name, 1)
        bench.until(name, lambda n=name: bench.feed(n)["items"] == 1)
        equal(len([r for r in server.of("/" + name)[:1]
                   if r.headers.get("Authorization") or r.headers.get("X-Key")]), 1)
    there = other.wait("/there", 1)[0].headers
    equal([there.get(h) for h in ("Authorization", "X-Own", "Cookie")],
          [None, None, None])
    equal(server.of("/away")[0].headers["Authorization"], basic)
    no_secret_told(bench, SECRET, base64.b64encode(SECRET.encode()).decode()[:12])
    other.close()


def test_refused(bench):
    """a refused credential is tried again as soon as its file changes"""
    server = bench.server
    for path in ("/a", "/added"):
        server.routes[path] = needs("Authorization", f"Bearer {SECRET}", rss(1))
    credential(bench, "tok", "Bearer old\n")
    bench.configure(conf(
        fetch="", a=(server.url("/a"), "credential = tok\nmin-interval = 1h"),
        open=(server.url("/open"), "credential = loose"),
        none=(server.url("/none"), "credential = missing"),
        folder=(server.url("/folder"), "credential = folder")))
    os.makedirs(os.path.join(bench.dir, "credentials", "folder"))
    credential(bench, "loose", f"Bearer {SECRET}\n", 0o644)
    bench.start()
    error = bench.until("a", lambda: bench.feed("a").get("last_error"))
    contains(error, "401")
    bench.call("AddFeed", url=server.url("/added"), options={
        "name": "added", "credential": "tok", "min-interval": "1h"})
    contains(bench.until("open", lambda: bench.feed("open").get("last_error")),
             "chmod 600")
    contains(bench.until("none", lambda: bench.feed("none").get("last_error")),
             "credentials/")
    equal(bench.until("folder", lambda: bench.feed("folder").get("last_error")),
          "credential folder: not a file")
    equal((len(server.of("/open")), len(server.of("/none"))), (0, 0))
    credential(bench, "tok", f"Bearer {SECRET}\n")
    bench.until("a", lambda: bench.feed("a")["items"] == 1)
    equal(len(server.of("/a")), 2)
    bench.until("added", lambda: bench.feed("added")["items"] == 1)
    contains("\n".join(bench.log()), "feed added: its credential has changed")
    no_secret_told(bench, SECRET)


def test_malformed(bench):
    """a credential that is none is mended as soon as its file changes"""
    server = bench.server
    texts = {"word": "nonsense\n", "empty": ""}
    feeds = {}
    for name, text in texts.items():
        server.routes["/" + name] = needs(
            "Authorization", f"Bearer {SECRET}", rss(1))
        credential(bench, name, text)
        feeds[name] = (server.url("/" + name),
                       f"credential = {name}\nmin-interval = 1h")
    bench.configure(conf(fetch="", **feeds))
    bench.start()
    for name in texts:
        contains(bench.until(name, lambda n=name: bench.feed(n).get("last_error")),
                 "neither user:password")
        equal(bench.call("ExplainFeed", feed=name)["log"][-1]["outcome"], "auth")
        equal(len(server.of("/" + name)), 0)
        credential(bench, name, f"Bearer {SECRET}\n")
        bench.until(name, lambda n=name: bench.feed(n)["items"] == 1)
        equal(len(server.of("/" + name)), 1)
    no_secret_told(bench, SECRET)


def test_proxies(bench):
    """proxy over HTTP and SOCKS, no-proxy; never the environment's"""
    server = bench.server
    for path in ("/web", "/socks", "/direct"):
        server.feed(path, rss(1))
    web, socks = Proxy(server.port, False), Proxy(server.port, True)
    bench.configure(conf(
        fetch=f"proxy = http://127.0.0.1:{web.port}\nno-proxy = 127.0.0.1",
        web=("http://site.invalid/web", ""),
        socks=("http://site.invalid/socks",
               f"proxy = socks5://127.0.0.1:{socks.port}"),
        direct=(server.url("/direct"), "")))
    trap = "http://127.0.0.1:9"
    bench.start(http_proxy=trap, HTTP_PROXY=trap, all_proxy=trap)
    for path in ("/web", "/socks", "/direct"):
        server.wait(path, 1)
        bench.until(path, lambda n=path[1:]: bench.feed(n)["items"] == 1)
    equal(web.asked[0], "http://site.invalid/web")
    equal(socks.asked[0], "site.invalid")
    true(not any("direct" in url for url in web.asked), "no-proxy was not heeded")
    web.close()
    socks.close()


def test_tls(bench):
    """ca-file, client-cert, insecure and http-version against TLS servers"""
    certificate(bench)
    openssl(bench, "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", "own.key", "-out",
            "own.crt", "-days", "2", "-subj", "/CN=client")
    with open(os.path.join(bench.dir, "own.pem"), "w") as file:
        for name in ("own.crt", "own.key"):
            with open(os.path.join(bench.dir, name)) as part:
                file.write(part.read())
    plain, asks = Tls(bench), Tls(bench, ask="own.crt")
    both = Tls(bench, alpn=["h2", "http/1.1"])
    ca = f"ca-file = {bench.dir}/cert.pem"
    bench.configure(conf(
        ca=(plain.url + "ca", ca), nobody=(plain.url + "nobody", ""),
        any=(plain.url + "any", "insecure = yes"),
        client=(asks.url + "c", f"{ca}\nclient-cert = {bench.dir}/own.pem"),
        nameless=(asks.url + "n", ca),
        lost=(plain.url + "l", f"ca-file = {bench.dir}/nowhere.pem"),
        old=(both.url, f"{ca}\nhttp-version = 1.1")))
    bench.start()
    for name in ("ca", "any", "client", "old"):
        bench.until(name, lambda n=name: bench.feed(n)["items"] == 1)
    error = bench.until("nobody", lambda: bench.feed("nobody").get("last_error"))
    contains(error, "127.0.0.1")
    contains(error.lower(), "certificate")
    # What libcurl hears of it depends on who is first.
    error = bench.until("nameless", lambda: bench.feed("nameless").get("last_error"))
    true("client certificate" in error or "the connection" in error, error)
    contains(bench.until("lost", lambda: bench.feed("lost").get("last_error")),
             "ca-file")
    true(all(p in (None, "http/1.1") for p in both.protocols), str(both.protocols))
    with open(bench.conf, encoding="utf-8") as file:
        text = file.read()
    # For all feeds, from [fetch]; and HTTP/2 is offered without the key.
    bench.configure(text.replace(
        "[fetch]\n\n", f"[fetch]\nca-file = {bench.dir}/cert.pem\n").replace(
            "http-version = 1.1", ""), defaults="")
    bench.call("Reload")
    bench.until("nobody", lambda: bench.feed("nobody")["items"] == 1)
    bench.until("h2", lambda: "h2" in both.protocols)
    with open(bench.conf, encoding="utf-8") as file:
        text = file.read()
    bench.configure(text.replace("[fetch]\nca-file = " + bench.dir + "/cert.pem",
                                 "[fetch]\nca-file = /nowhere.pem"), defaults="")
    bench.call("Reload")
    error = bench.until("none", lambda: bench.feed("nobody").get("last_error"))
    contains(error, "ca-file: ")
    contains(error, "/nowhere.pem")
    for server in (plain, asks, both):
        server.close()


def test_own_no(bench):
    """a feed's own 'no' counts against a 'yes' for all"""
    certificate(bench)
    tls = Tls(bench)
    open_feed = bench.server.feed("/private", rss(1))
    bench.configure(conf(
        fetch="insecure = yes\n", all=(tls.url + "all", ""),
        own=(tls.url + "own", "insecure = no"),
        private=(open_feed, "allow-private = no")))
    bench.start()
    bench.until("all", lambda: bench.feed("all")["items"] == 1)
    contains(bench.until("own", lambda: bench.feed("own").get("last_error")).lower(),
             "certificate")
    contains(bench.until("private", lambda: bench.feed("private").get("last_error")),
             "not a public address")
    tls.close()


def test_bounds(bench):
    """timeout, max-body, max-items and allow-private of one feed"""
    server = bench.server
    stop = threading.Event()

    def slow(request):
        def body():
            yield rss(3).encode()[:40]
            stop.wait(PATIENCE)
        return 200, {}, body()
    server.routes["/slow"] = slow
    for path in ("/big", "/many", "/private"):
        server.feed(path, rss(50))
    bench.configure(conf(
        slow=(server.url("/slow"), "timeout = 1s"),
        big=(server.url("/big"), "max-body = 2K"),
        many=(server.url("/many"), "max-items = 7"),
        private=(server.url("/private"), "allow-private = 10.0.0.0/8")))
    bench.start()
    for name, word in (("slow", "within 1 s"), ("big", "max-body"),
                       ("private", "not a public address")):
        contains(bench.until(name, lambda n=name: bench.feed(n).get("last_error")),
                 word)
    bench.until("many", lambda: bench.feed("many")["items"] == 7)
    equal(len(server.of("/private")), 0)
    stop.set()


run([test_headers, test_credentials, test_refused, test_malformed, test_proxies,
     test_tls, test_own_no, test_bounds])
