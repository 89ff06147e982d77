# SPDX-License-Identifier: ISC
"""gazette parse, which needs no daemon: one document, many, and what is none."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import PATIENCE, TOP, contains, equal, run

GAZETTE = os.environ.get("GAZETTE", os.path.join(TOP, "gazette"))
FEED = b"<rss version='2.0'><channel><title>%s</title></channel></rss>"


def parse(*args, stdin=b""):
    """Exit status, the objects printed, what was said."""
    done = subprocess.run([GAZETTE, "parse", "--json", *args], input=stdin,
                          capture_output=True, timeout=PATIENCE)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines, done.stderr.decode()


def put(bench, name, data):
    path = os.path.join(bench.dir, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def test_one(bench):
    """one document: 0 a feed, 1 none, 2 cannot be read"""
    status, lines, _ = parse(put(bench, "a", FEED % b"A"))
    equal((status, lines[0]["title"]), (0, "A"))
    status, lines, _ = parse("-", stdin=b"<p>no feed")
    equal((status, lines[0]["format"], lines[0]["items"]), (1, "unknown", []))
    status, lines, said = parse(os.path.join(bench.dir, "nowhere"))
    equal((status, lines), (2, []))
    contains(said, "nowhere: No such file")
    status, lines, said = parse(bench.dir)
    equal((status, lines), (2, []))
    contains(said, "Is a directory")


def test_hostile(bench):
    """what is no feed, or meant to hurt, is told in one sentence"""
    rss = b"<rss version='2.0'><channel><title>T</title>"
    json1 = b'{"version":"https://jsonfeed.org/version/1.1","items":'
    entities = b"".join(b"<!ENTITY %c '&%c;&%c;'>" % (c, c - 1, c - 1)
                        for c in range(ord("b"), ord("z")))
    for data, word in (
            (b"", "empty"),
            (b"<!DOCTYPE html><title>404</title>", "an HTML page"),
            (b"GIF89a" + bytes(1000), "a GIF image"),
            (b"PK\3\4" + bytes(1000), "a zip archive"),
            (b"<?xml version='1.0'?>\n<note/>", "<note>"),
            (b"hello", "neither XML, JSON nor HTML"),
            (rss + b"<a>" * 10000, "nesting is too deep (line 1, column "),
            (rss + b"<item " + b" ".join(b"a%d='1'" % i for i in range(2000)) +
             b"/>", "too many attributes (line 1, column "),
            (rss + b"<item a='" + b"x" * 3000000, "a tag is too long (line 1"),
            (b"<!DOCTYPE rss [<!ENTITY a 'ha'>" + entities + b"]>" + rss + b"&y;",
             "an entity refers to another one (line 1, column "),
            (b"[" * 1000000, "this JSON is no feed"),
            (json1 + b"[" * 1000000, "cut off"),
            (json1 + b"[" + b"[]," * 3000000 + b"[]]}", "too large"),
            (rss + b"\n<item><title>a & b</title></item>", "a bare &"),
            (rss + b"\n<item><title>a &nbsp; b", "&nbsp;"),
            (rss + b"<item><title>a\n</titel>",
             "</titel> is not the end of the element that is open (line 2, "),
            (rss + b"\n<title>caf\xc3\xa9 \xe9</title>",
             "not utf-8 (line 2, column 13)")):
        status, lines, _ = parse("-", stdin=data)
        equal(len(lines), 1)
        contains(lines[0]["bozo_reason"], word)
        equal(status, 1 if lines[0]["format"] == "unknown" else 0)


def test_endless(bench):
    """of a stream without end no more is read than a document may have"""
    with open("/dev/zero", "rb") as zero:
        done = subprocess.run([GAZETTE, "parse", "--json", "-"], stdin=zero,
                              capture_output=True, timeout=PATIENCE)
    equal(done.returncode, 1)
    contains(json.loads(done.stdout)["bozo_reason"], "more than 33554432 bytes")


def test_batch(bench):
    """many documents: a line for a line, in order, also for the impossible"""
    a = put(bench, "a", FEED % b"A")
    b = put(bench, "b", FEED % b"caf\xe9 \xd6")
    asked = [{"file": a}, {"file": a + "?"}, "x", {"url": "http://a.example/"},
             {"file": a, "base": "x"}, {"file": "-"},
             {"file": b, "content_type": "text/xml; charset=iso-8859-2"},
             {"file": b, "content_language": None, "url": 7}, {"file": a},
             {"file": put(bench, "j", b'{"items":[],"title":"J",'
                          b'"version":"https://jsonfeed.org/version/1.1"}')}]
    asked.insert(0, asked[-1])  # JSON has memory of its own
    stdin = b"".join(json.dumps(one).encode() + b"\n" for one in asked)
    status, lines, said = parse("--batch", stdin=stdin)
    equal(status, 2)
    equal([line.get("title") for line in lines],
          ["J", "A", None, None, None, None, None, "café Ö", None, "A", "J"])
    equal([line["format"] for line in lines],
          ["json1.1", "rss2.0"] + ["unknown"] * 5 +
          ["rss2.0", "unknown", "rss2.0", "json1.1"])
    for line, word in ((2, "No such file"), (3, "request 4: "),
                       (4, '"file" is missing'), (5, '"base"'),
                       (6, "standard input"), (8, '"url"')):
        contains(lines[line]["bozo_reason"], word)
        contains(said, word)
    equal(parse("--batch", stdin=b'{"file":"%s"}' % a.encode())[0], 0)
    equal(parse("--batch"), (0, [], ""))


def test_batch_usage(bench):
    """with --batch each request says these itself"""
    for args in (("x",), ("--url=http://a.example/",), ("--content-type=text/xml",)):
        status, lines, said = parse("--batch", *args)
        equal((status, lines), (2, []))
        contains(said, "usage: ")


run([test_one, test_hostile, test_endless, test_batch, test_batch_usage])
