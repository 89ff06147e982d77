# SPDX-License-Identifier: ISC
"""Publishers that mean harm: what they send hurts their own feed alone."""
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import contains, equal, rss, run


class Raw:
    """Answers every request with the bytes that its path stands for, and hangs up."""

    def __init__(self, answers):
        self.answers = answers
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client):
        with client:
            client.sendall(self.answers[client.recv(65536).split()[1].decode()])

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self):
        self.socket.close()


def feeds(**urls):
    return "".join(f"[feed {name}]\nurl = {url}\n" for name, url in urls.items())


def test_status_lines(bench):
    """status lines that are none, and 101, fail the feed, not the fetcher"""
    body = rss(1).encode()
    rest = b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answers = {"/blanks": b"HTTP/1.1  200 OK" + rest,
               "/tab": b"HTTP/1.1 \t200 OK" + rest,
               "/lower": b"http/1.1 200 OK" + rest,
               "/switch": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + body,
               "/empty": b"HTTP/1.1  204 No Content\r\n\r\n"}
    raw = Raw(answers)
    bench.configure(feeds(**{path[1:]: raw.url(path) for path in answers}))
    bench.start()
    fetcher = bench.fetcher()
    for path in answers:
        feed = bench.until(path, lambda name=path[1:]: bench.feed(name).get(
            "last_error") and bench.feed(name))
        contains(feed["last_error"], "not an HTTP answer")
    equal(bench.fetcher(), fetcher, "the fetcher")
    raw.close()


run([test_status_lines])
