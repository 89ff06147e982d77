#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tls.py [--feeds N]: what a new TLS connection costs the fetcher.

nginx answers 304 on loopback and closes each connection; it lets sessions be resumed
on one port and not on the other. Beside the floor of the same run: bare OpenSSL with
its trust store loaded once (tests/bench/floor_tls.c), and the system's bundle of
authorities beside the test's own in the trust store of both.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from poll import BUILD, HOSTS, Daemon, fetch_all, free_port

BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
FEED = """<rss version="2.0"><channel><title>f</title>
<item><guid>1</guid><title>t</title></item></channel></rss>"""


def openssl(top, *arguments, text=None):
    subprocess.run(["openssl", *arguments], cwd=top, check=True, text=True, input=text,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_chain(top):
    """P-256 below P-384 below RSA-4096, as public servers have it."""
    (top / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\n")
    names = ",".join(f"IP:127.0.1.{i + 1}" for i in range(HOSTS))
    (top / "leaf.ext").write_text(f"subjectAltName={names}\n")
    openssl(top, "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-keyout", "root.key",
            "-out", "root.pem", "-days", "2", "-subj", "/CN=root")
    for name, curve, signer, extensions in (("middle", "P-384", "root", "ca.ext"),
                                            ("leaf", "P-256", "middle", "leaf.ext")):
        openssl(top, "req", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}",
                "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={name}")
        openssl(top, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem",
                "-CAkey", f"{signer}.key", "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", f"{name}.pem")
    (top / "chain.pem").write_text((top / "leaf.pem").read_text() +
                                   (top / "middle.pem").read_text())
    (top / "ca.pem").write_text((BUNDLE.read_text() if BUNDLE.exists() else "") +
                                (top / "root.pem").read_text())


def start_nginx(top, ports):
    servers = "".join(f"""
  server {{
    {' '.join(f'listen 127.0.1.{i + 1}:{port} ssl;' for i in range(HOSTS))}
    ssl_certificate {top}/chain.pem; ssl_certificate_key {top}/leaf.key;
    ssl_protocols TLSv1.3; ssl_session_tickets {tickets}; ssl_session_cache off;
    root {top}/www; etag on;
  }}""" for port, tickets in ports)
    (top / "nginx.conf").write_text(f"""
worker_processes 1; pid {top}/nginx.pid; error_log {top}/nginx.err; daemon off;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_timeout 0;
  types {{ application/rss+xml rss; }}
  client_body_temp_path {top}/t1; proxy_temp_path {top}/t2; fastcgi_temp_path {top}/t3;
  uwsgi_temp_path {top}/t4; scgi_temp_path {top}/t5;
  {servers}
}}
""")
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    return subprocess.Popen(["nginx", "-p", str(top), "-c", str(top / "nginx.conf")] +
                            user, stderr=subprocess.DEVNULL)


def measure(top, port, feeds):
    """The fetcher's CPU in an unchanged poll, microseconds a feed."""
    with open(top / "gazetted.conf", "w") as f:
        f.write("[fetch]\nallow-private = 127.0.1.0/24\nper-host-pause = 0\n"
                f"concurrency = 64\nca-file = {top}/ca.pem\n"
                "[schedule]\nstart-spread = 0\nmanual-min = 0\ninterval = 1d\n"
                "first-interval = 1d\nmin-interval = 1d\n[daemon]\nlog-level = error\n")
        for i in range(feeds):
            f.write(f"[feed f{i}]\n"
                    f"url = https://127.0.1.{i % HOSTS + 1}:{port}/f.rss?{i}\n")
    for old in top.glob("bench.db*"):
        old.unlink()
    daemon = Daemon(top)
    try:
        while daemon.attempted() < feeds:
            if daemon.process.poll() is not None:
                sys.exit((top / "gazetted.log").read_text())
            time.sleep(0.05)
        before = daemon.each()[-1]
        for _ in range(3):
            fetch_all(daemon)
        return (daemon.each()[-1] - before) / 3 / feeds * 1e6
    finally:
        daemon.stop()


def run(top, feeds):
    make_chain(top)
    (top / "www").mkdir()
    (top / "www/f.rss").write_text(FEED)
    ports = [(free_port(), "off"), (free_port(), "on")]
    nginx = start_nginx(top, ports)
    try:
        time.sleep(0.5)
        for (port, _), what in zip(ports, ("full", "resumed")):
            text = subprocess.run(
                [BUILD / "tests/bench/floor_tls", "127.0.1.1", str(port),
                 top / "ca.pem"], check=True, capture_output=True, text=True).stdout
            floor = next(l for l in text.splitlines() if l.startswith(what))
            cost = measure(top, port, feeds)
            print(f"{'new TLS connection, ' + what:28} {cost:8.0f} us of the fetcher's"
                  f"   {cost / float(floor.split()[1]):6.2f} x bare OpenSSL ({floor})")
    finally:
        nginx.terminate()
        nginx.wait()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--feeds", type=int, default=1000)
    a = p.parse_args()
    for program, package in (("nginx", "nginx-light"), ("openssl", "openssl")):
        if shutil.which(program) is None:
            print(f"tls.py: {program} is not installed ({package}): nothing measured")
            return
    if not (BUILD / "tests/bench/floor_tls").exists():
        print("tls.py: built without libssl-dev: nothing measured")
        return
    with tempfile.TemporaryDirectory() as top:
        run(pathlib.Path(top), a.feeds)


if __name__ == "__main__":
    main()
