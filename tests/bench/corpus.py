#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""corpus.py DIR [--feeds N] [--new K]: feeds to measure with, the same for the same seed.

Kinds and sizes follow what real feeds have: WordPress with full texts, RSS with
summaries, Atom, RDF, podcasts, JSON Feed; mean about 70 KB.  --new K puts K new items
on top of each feed and drops as many at its end.  Words are invented.  DIR/feeds.tsv
lists name and file.
"""
import argparse
import gzip
import html
import json
import pathlib
import random

SYLLABLES = ("ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri "
             "flo gru pra ste tri vel mon tar lin ser dan kor").split()
KINDS = (["wordpress"] * 28 + ["summary"] * 30 + ["atom"] * 27 + ["rdf"] * 3 +
         ["podcast"] * 7 + ["json"] * 5)
ITEMS = {"wordpress": 15, "summary": 29, "atom": 20, "rdf": 15, "podcast": 150, "json": 20}
WORDS = {"wordpress": 850, "summary": 45, "atom": 220, "rdf": 60, "podcast": 160, "json": 260}


def vocabulary(seed):
    rnd = random.Random(seed)
    return ["".join(rnd.choices(SYLLABLES, k=rnd.choice((1, 2, 2, 3)))) for _ in range(4000)]


class Item:
    """One item: its text depends on the seed, the feed and the item's number alone."""

    def __init__(self, words, feed, number, kind):
        rnd = random.Random(f"{feed}/{number}")
        self.number = number
        self.title = " ".join(rnd.choices(words, k=rnd.randint(5, 11))).capitalize()
        self.link = f"https://site{feed}.example/{number // 30}/{number}-{rnd.choice(words)}"
        self.author = " ".join(rnd.choices(words, k=2)).title()
        self.tags = rnd.sample(words, 3)
        self.when = number
        size = max(10, int(rnd.lognormvariate(0, 0.5) * WORDS[kind]))
        self.paragraphs = []
        while size > 0:
            take = min(size, rnd.randint(25, 90))
            self.paragraphs.append(" ".join(rnd.choices(words, k=take)).capitalize() + ".")
            size -= take

    def html(self):
        out = []
        for i, text in enumerate(self.paragraphs):
            if i % 5 == 3:
                text = f'<a href="/tag/{self.tags[0]}">{text[:20]}</a>{text[20:]} &amp; more'
            if i % 7 == 5:
                out.append(f'<img src="/img/{self.number}-{i}.jpg" alt="{self.tags[1]}" width="640">')
            out.append(f"<p>{text}</p>")
        return "\n".join(out)

    def rfc822(self):
        return f"Mon, {self.when % 28 + 1:02d} Jun 2026 {self.when % 24:02d}:{self.when % 60:02d}:00 GMT"

    def rfc3339(self):
        return f"2026-06-{self.when % 28 + 1:02d}T{self.when % 24:02d}:{self.when % 60:02d}:00Z"


def rss(feed, items, kind):
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
           ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
           ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
           ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">\n<channel>\n'
           f"<title>Feed {feed}</title>\n<link>https://site{feed}.example/</link>\n"
           "<description>Words</description>\n"]
    for it in items:
        out.append(f"<item>\n<title>{html.escape(it.title)}</title>\n<link>{it.link}</link>\n"
                   f"<dc:creator><![CDATA[{it.author}]]></dc:creator>\n"
                   f"<pubDate>{it.rfc822()}</pubDate>\n" +
                   "".join(f"<category><![CDATA[{t}]]></category>\n" for t in it.tags) +
                   f'<guid isPermaLink="false">https://site{feed}.example/?p={it.number}</guid>\n'
                   f"<description><![CDATA[<p>{it.paragraphs[0]}</p>]]></description>\n")
        if kind == "wordpress":
            out.append(f"<content:encoded><![CDATA[{it.html()}]]></content:encoded>\n")
        if kind == "podcast":
            out.append(f'<enclosure url="https://media.example/{feed}/{it.number}.mp3" '
                       f'length="{it.number * 9999 + 1}" type="audio/mpeg"/>\n'
                       "<itunes:duration>42:10</itunes:duration>\n"
                       f"<itunes:summary>{html.escape(' '.join(it.paragraphs))}</itunes:summary>\n")
        out.append("</item>\n")
    return "".join(out) + "</channel>\n</rss>\n"


def rdf(feed, items):
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n'
           '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
           ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://purl.org/rss/1.0/">\n'
           f'<channel rdf:about="https://site{feed}.example/"><title>Feed {feed}</title>'
           f"<link>https://site{feed}.example/</link><description>Words</description></channel>\n"]
    for it in items:
        out.append(f'<item rdf:about="{it.link}"><title>{html.escape(it.title)}</title>'
                   f"<link>{it.link}</link><dc:date>{it.rfc3339()}</dc:date>"
                   f"<description>{html.escape(it.html())}</description></item>\n")
    return "".join(out) + "</rdf:RDF>\n"


def atom(feed, items):
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
           f"<title>Feed {feed}</title>\n<id>https://site{feed}.example/</id>\n"
           f'<link href="https://site{feed}.example/"/>\n<updated>{items[0].rfc3339()}</updated>\n']
    for it in items:
        body = (f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                + "".join(f"<p>{html.escape(p)}</p>" for p in it.paragraphs) + "</div></content>"
                if feed % 4 == 0 else f'<content type="html">{html.escape(it.html())}</content>')
        out.append(f"<entry>\n<title>{html.escape(it.title)}</title>\n"
                   f'<id>tag:site{feed}.example,2026:{it.number}</id>\n<link href="{it.link}"/>\n'
                   f"<published>{it.rfc3339()}</published>\n<updated>{it.rfc3339()}</updated>\n"
                   f"<author><name>{it.author}</name></author>\n{body}\n</entry>\n")
    return "".join(out) + "</feed>\n"


def json_feed(feed, items):
    return json.dumps({
        "version": "https://jsonfeed.org/version/1.1", "title": f"Feed {feed}",
        "home_page_url": f"https://site{feed}.example/",
        "items": [{"id": str(it.number), "url": it.link, "title": it.title, "tags": it.tags,
                   "date_published": it.rfc3339(), "authors": [{"name": it.author}],
                   "content_html": it.html()} for it in items]}, indent=1)


SUFFIX = {"rdf": "rdf", "atom": "atom", "json": "json"}


def document(words, feed, new):
    """(file name, text) of one feed."""
    kind = KINDS[random.Random(feed).randrange(len(KINDS))]
    count = max(3, int(random.Random(-feed - 1).lognormvariate(0, 0.4) * ITEMS[kind]))
    items = [Item(words, feed, n, kind) for n in range(count + new, new, -1)]
    text = (rdf(feed, items) if kind == "rdf" else atom(feed, items) if kind == "atom"
            else json_feed(feed, items) if kind == "json" else rss(feed, items, kind))
    return f"f{feed:05d}.{SUFFIX.get(kind, 'rss')}", text


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("dir", type=pathlib.Path)
    p.add_argument("--feeds", type=int, default=1000)
    p.add_argument("--new", type=int, default=0)
    a = p.parse_args()
    a.dir.mkdir(parents=True, exist_ok=True)
    words = vocabulary(1)
    total = 0
    with open(a.dir / "feeds.tsv", "w") as index:
        for feed in range(a.feeds):
            name, text = document(words, feed, a.new)
            data = text.encode()
            total += len(data)
            (a.dir / name).write_bytes(data)
            (a.dir / (name + ".gz")).write_bytes(gzip.compress(data, 6, mtime=0))
            index.write(f"f{feed:05d}\t{name}\n")
    print(f"{a.feeds} feeds, {total / 1e6:.1f} MB, mean {total / a.feeds / 1e3:.1f} KB")


if __name__ == "__main__":
    main()
