# SPDX-License-Identifier: ISC
"""Servers of other kinds for the daemon's tests: proxies, and TLS."""
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading

from harness import Skip, rss, true


class Listener:
    """Each connection is a thread's: its class has `_one`, which is given it."""

    def __init__(self):
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

    def close(self):
        self.socket.close()


class Proxy(Listener):
    """An HTTP proxy, or a SOCKS5 one, that knows one name."""

    def __init__(self, target, socks):
        self.target, self.socks, self.asked = target, socks, []
        super().__init__()

    def _one(self, client):
        with client:
            if self.socks:
                client.recv(2)
                client.recv(8)
                client.sendall(b"\x05\x00")
                kind = client.recv(4)[3]
                true(kind == 3, "the proxy was given no name")
                name = client.recv(client.recv(1)[0]).decode()
                client.recv(2)
                client.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
                self.asked.append(name)
                head = client.recv(65536)
            else:
                head = client.recv(65536)
                self.asked.append(head.split()[1].decode())
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                first, rest = head.split(b"\r\n", 1)
                method, url, version = first.split()
                path = b"/" + url.split(b"/", 3)[3] if b"://" in url else url
                server.sendall(b" ".join([method, path, version]) +
                               b"\r\nConnection: close\r\n" + rest)
                while data := server.recv(65536):
                    client.sendall(data)


def openssl(bench, *arguments):
    if not shutil.which("openssl"):
        raise Skip("no openssl")
    subprocess.run(["openssl", *arguments], cwd=bench.dir, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificate(bench, name="cert", subject="IP:127.0.0.1"):
    """name.pem and name.key, good for `subject`, signed by itself."""
    openssl(bench, "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
            f"{name}.pem", "-days", "2", "-subj", "/CN=x",
            "-addext", f"subjectAltName={subject}")


def expired_certificate(bench, name):
    """The same for 127.0.0.1, of the year 2020."""
    with open(os.path.join(bench.dir, "ca.conf"), "w") as file:
        file.write("[ca]\ndefault_ca = x\n[x]\ndatabase = index\nnew_certs_dir = .\n"
                   "rand_serial = yes\ndefault_md = sha256\npolicy = any\n"
                   "copy_extensions = copy\n[any]\ncommonName = supplied\n")
    with open(os.path.join(bench.dir, "index"), "w"):
        pass
    openssl(bench, "req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
            f"{name}.csr", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1")
    openssl(bench, "ca", "-batch", "-selfsign", "-notext", "-config", "ca.conf",
            "-keyfile", f"{name}.key", "-in", f"{name}.csr", "-out", f"{name}.pem",
            "-startdate", "200101000000Z", "-enddate", "201231000000Z")


class Tls:
    """A server with a certificate of its own; `ask` wants the client's."""

    def __init__(self, bench, ask=None, alpn=None, name="cert", answer=None):
        outer = self
        self.protocols, self.resumed, self.count = [], [], 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(bench.dir, f"{name}.pem"),
                                os.path.join(bench.dir, f"{name}.key"))
        if ask:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(os.path.join(bench.dir, ask))
        if alpn:
            context.set_alpn_protocols(alpn)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, headers, body = (
                    answer(self) if answer else (200, {"ETag": '"x"'}, rss(1)))
                body = body.encode()
                outer.count += 1
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for header in headers.items():
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request, address):
                with context.wrap_socket(request, server_side=True) as secure:
                    outer.protocols.append(secure.selected_alpn_protocol())
                    outer.resumed.append(secure.session_reused)
                    Handler(secure, address, self)

            def handle_error(self, *args):
                pass
        self.http = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.05,),
                         daemon=True).start()
        self.url = f"https://127.0.0.1:{self.http.server_port}/"

    def close(self):
        self.http.shutdown()
        self.http.server_close()
