# SPDX-License-Identifier: ISC
"""What a feed says of an item reaches the socket and the views, each in its place."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import equal, gazette, run, true

PODCAST = """<?xml version="1.0"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:podcast="https://podcastindex.org/namespace/1.0"
 xmlns:psc="http://podlove.org/simple-chapters"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>The &amp; Show</title><link>https://show.example/</link>
<description>About things</description><language>en_GB</language>
<itunes:author>The Makers</itunes:author>
<itunes:image href="https://show.example/cover.jpg"/>
<item><title>Episode &lt;b&gt;3&lt;/b&gt;</title><guid>show-3</guid>
<link>https://show.example/3</link>
<pubDate>Mon, 02 Nov 2026 15:04:05 GMT</pubDate>
<description>Short</description>
<content:encoded><![CDATA[<p onclick="x()">Long <script>bad()</script><b>text</b>
</p>]]></content:encoded>
<itunes:author>Ann</itunes:author><itunes:duration>1:02:05</itunes:duration>
<itunes:episode>3</itunes:episode><itunes:season>2</itunes:season>
<itunes:episodeType>full</itunes:episodeType><itunes:explicit>clean</itunes:explicit>
<itunes:image href="https://show.example/3.jpg"/>
<itunes:keywords>one, two</itunes:keywords>
<enclosure url="https://show.example/3.mp3" type="audio/mpeg" length="1234"/>
<podcast:transcript url="https://show.example/3.vtt" type="text/vtt"/>
<podcast:person role="guest" href="https://bo.example/">Bo</podcast:person>
<psc:chapters><psc:chapter start="00:01:30.5" title="Start"/></psc:chapters>
<comments>https://show.example/3#talk</comments></item>
</channel></rss>"""

MEDIA = """<?xml version="1.0"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:georss="http://www.georss.org/georss">
<channel><title>Films</title><link>https://films.example/</link>
<image><url>/logo.png</url><title>L</title><link>/</link></image>
<item><title>A film</title><guid isPermaLink="false">f1</guid>
<link>https://films.example/1</link><category domain="d">Drama</category>
<media:group>
<media:content url="https://films.example/1.mp4" type="video/mp4" medium="video"
 fileSize="5000" duration="90" width="1920" height="1080"/>
<media:content url="https://films.example/1-small.mp4" type="video/mp4"
 width="640" height="360"/>
<media:thumbnail url="https://films.example/1.jpg" width="120" height="90"/>
<media:description type="plain">What happens</media:description>
<media:credit role="director">Cy</media:credit>
<media:rating scheme="urn:mpaa">pg</media:rating></media:group>
<slash:comments>7</slash:comments>
<wfw:commentRss>https://films.example/1/talk</wfw:commentRss>
<georss:point>48.2 16.4</georss:point></item></channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://a.example/b/"
 xmlns:thr="http://purl.org/syndication/thread/1.0">
<title>Blog</title><subtitle>Unter uns</subtitle><id>urn:feed</id>
<updated>2026-11-02T15:04:05Z</updated><link href="."/>
<link rel="self" href="feed"/><icon>i.ico</icon><logo>l.png</logo>
<author><name>Dora</name><email>d@a.example</email></author>
<entry><title type="html">Eins &amp;amp; zwei</title><id>urn:e1</id>
<link href="1"/><link rel="enclosure" href="1.pdf" type="application/pdf" length="9"
 title="Druck"/><link rel="via" href="https://via.example/"/>
<link rel="replies" href="1/antworten"/>
<published>2026-11-01T10:00:00+01:00</published>
<updated>2026-11-02T15:04:05Z</updated>
<category term="x" label="Iks"/><rights>frei</rights>
<summary>Kurz</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Siehe
 <a href="2" style="color:red">zwei</a></p></div></content></entry>
<entry><title>Zwei</title><id>urn:e2</id><link href="2"/>
<updated>2026-11-02T15:04:05Z</updated>
<author><name>Emil</name><uri>https://emil.example/</uri></author>
<contributor><name>Fritz</name></contributor>
<thr:in-reply-to ref="urn:e1" href="1"/>
<content>Text &amp; mehr</content></entry></feed>"""

JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "J",
    "description": "sub", "home_page_url": "https://j.example/",
    "icon": "https://j.example/icon.png",
    "favicon": "https://j.example/f.ico", "language": "fr",
    "authors": [{"name": "Gus", "url": "https://gus.example/"}],
    "items": [{
        "id": 9007199254740993, "url": "https://j.example/1",
        "external_url": "https://other.example/", "title": "One",
        "content_html": "<p>Hi <img src='/i.png' onerror='x()'></p>",
        "summary": "s", "image": "https://j.example/1.png",
        "date_published": "2026-11-01T10:00:00Z",
        "date_modified": "2026-11-02T10:00:00Z", "tags": ["t1", "t2"],
        "attachments": [{"url": "https://j.example/1.m4a",
                         "mime_type": "audio/mp4", "title": "Listen",
                         "size_in_bytes": 77, "duration_in_seconds": 61.5}]}]})


def read(bench, body):
    """The feed, and its items with all their texts, by guid."""
    bench.configure()
    bench.start()
    url = bench.server.feed("/f", body)
    feed = bench.call("AddFeed", url=url, options={"name": "f"})["feed"]
    items = bench.items(fields=["text", "html", "raw"])
    for item in items:  # GetItem has the same
        equal(bench.call("GetItem", id=item["id"],
                         fields=["text", "html", "raw"])["item"], item)
    return feed, {item["guid"]: item for item in items}


def has(got, **wanted):
    for key, value in wanted.items():
        equal(got.get(key), value, key)


def row(bench, sql):
    rows = bench.sql(sql)
    equal(len(rows), 1, sql)
    return rows[0]


def test_podcast(bench):
    """a podcast: file, length, episode, people, chapters, transcript"""
    feed, items = read(bench, PODCAST)
    has(feed, title="The & Show", subtitle="About things",
        site="https://show.example/", image="https://show.example/cover.jpg",
        lang="en-GB", format="rss2.0")
    item = items["show-3"]
    has(item, title="Episode 3", link="https://show.example/3",
        url="https://show.example/3", author="Ann", lang="en-GB",
        published="2026-11-02T15:04:05.000Z", date_source="published",
        summary="Short", text="Long text", categories=["one", "two"],
        image="https://show.example/3.jpg",
        comments="https://show.example/3#talk",
        enclosures=[{"url": "https://show.example/3.mp3", "type": "audio/mpeg",
                     "length": 1234, "duration_s": 3725.0}])
    equal(item["html"], "<p>Long <b>text</b>\n</p>")
    true(item["raw"].startswith("<item>") and "bad()" in item["raw"],
         "raw is not as the feed had it")
    has(item["meta"], itunes={
        "author": "Ann", "explicit": False, "duration_s": 3725, "episode": 3,
        "season": 2, "episode_type": "full"},
        podcast={"transcripts": [{"url": "https://show.example/3.vtt",
                                  "type": "text/vtt"}],
                 "persons": [{"name": "Bo", "role": "guest",
                              "href": "https://bo.example/"}]},
        chapters=[{"start_s": 90.5, "title": "Start"}])
    equal(row(bench, "SELECT url, type, length, duration_s FROM v1_enclosure"),
          ("https://show.example/3.mp3", "audio/mpeg", 1234, 3725.0))
    equal(row(bench, "SELECT meta ->> '$.itunes.episode', comments, image, link"
                     " FROM v1_item"),
          (3, "https://show.example/3#talk", "https://show.example/3.jpg",
           "https://show.example/3"))
    equal(row(bench, "SELECT format, subtitle, lang, image, site FROM v1_feed"),
          ("rss2.0", "About things", "en-GB", "https://show.example/cover.jpg",
           "https://show.example/"))
    shown = gazette(bench, "show", str(item["id"]))
    for line in ("Enclosure https://show.example/3.mp3 "
                 "(audio/mpeg, 1h 02m, 1.2 kB)\n",
                 "Comments  https://show.example/3#talk\n"):
        true(line in shown, f"{line!r} is not in {shown}")
    text, html, raw = row(bench, "SELECT text, html, raw FROM v1_item")
    equal((text, html, raw), (item["text"], item["html"], item["raw"]))


def test_media(bench):
    """Media RSS: files with their sizes, thumbnails, credits, place, comments"""
    feed, items = read(bench, MEDIA)
    has(feed, image=bench.server.url("/logo.png"), site="https://films.example/")
    item = items["f1"]
    has(item, categories=["Drama"], image="https://films.example/1.jpg",
        enclosures=[
            {"url": "https://films.example/1.mp4", "type": "video/mp4",
             "length": 5000, "medium": "video", "duration_s": 90.0,
             "width": 1920, "height": 1080},
            {"url": "https://films.example/1-small.mp4", "type": "video/mp4",
             "width": 640, "height": 360}])
    meta = item["meta"]
    has(meta, comments_count=7, comments_feed="https://films.example/1/talk",
        geo={"type": "Point", "coordinates": [16.4, 48.2]})
    has(meta["media"], description="What happens",
        thumbnails=[{"url": "https://films.example/1.jpg", "width": 120,
                     "height": 90}],
        credits=[{"role": "director", "name": "Cy"}],
        rating={"value": "pg", "scheme": "urn:mpaa"})
    equal(bench.sql("SELECT n, medium, width, height FROM v1_enclosure"
                    " ORDER BY n"),
          [(0, "video", 1920, 1080), (1, None, 640, 360)])
    equal(row(bench, "SELECT term FROM v1_item_category"), ("Drama",))


def test_atom(bench):
    """Atom: languages, bases, persons from entry and feed, links, replies"""
    feed, items = read(bench, ATOM)
    has(feed, title="Blog", subtitle="Unter uns", lang="de", format="atom1.0",
        site="https://a.example/b/", image="https://a.example/b/l.png",
        icon="https://a.example/b/i.ico")
    item = items["urn:e1"]
    has(item, title="Eins & zwei", link="https://a.example/b/1", lang="de",
        author="Dora", summary="Kurz", text="Siehe zwei",
        published="2026-11-01T09:00:00.000Z",
        updated="2026-11-02T15:04:05.000Z", categories=["x"],
        enclosures=[{"url": "https://a.example/b/1.pdf",
                     "type": "application/pdf", "length": 9, "title": "Druck"}])
    true('<a href="https://a.example/b/2"' in item["html"], item["html"])
    true("style" not in item["html"], item["html"])
    has(item["meta"], rights="frei",
        links=[{"rel": "via", "href": "https://via.example/"}])
    item = items["urn:e2"]
    has(item, author="Emil", text="Text & mehr")
    has(item["meta"], authors=[{"name": "Emil", "uri": "https://emil.example/"}],
        contributors=[{"name": "Fritz"}],
        in_reply_to={"ref": "urn:e1", "href": "https://a.example/b/1"})


def test_json(bench):
    """JSON Feed: a number for an id, attachments, the feed's author, pictures"""
    feed, items = read(bench, JSON)
    has(feed, title="J", subtitle="sub", lang="fr", format="json1.1",
        site="https://j.example/", image="https://j.example/icon.png",
        icon="https://j.example/f.ico")
    item = items["9007199254740993"]
    has(item, title="One", url="https://j.example/1", author="Gus", lang="fr",
        categories=["t1", "t2"], summary="s", text="Hi",
        image="https://j.example/1.png",
        published="2026-11-01T10:00:00.000Z",
        updated="2026-11-02T10:00:00.000Z",
        enclosures=[{"url": "https://j.example/1.m4a", "type": "audio/mp4",
                     "title": "Listen", "length": 77, "duration_s": 61.5}])
    true("onerror" not in item["html"] and "https://" not in item["html"] and
         bench.server.url("/i.png") in item["html"], item["html"])
    has(item["meta"], links=[{"rel": "related", "href": "https://other.example/"}])
    equal(json.loads(item["raw"])["id"], 9007199254740993)


run([test_podcast, test_media, test_atom, test_json])
