# SPDX-License-Identifier: ISC
"""When the next request is due, after every kind of answer: a table.  One poll of
each feed; the times are read from the database, nothing is waited for."""
import datetime
import os
import re
import socket
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, contains, equal, gazette, rss, run, true

HOUR, DAY = 3600, 86400
CONF = """
[fetch]
allow-private = 127.0.0.0/8
per-host-pause = 0
[schedule]
start-spread = 0
manual-min = 0
learn-after = 0
"""
TAGGED = {"ETag": '"t"'}
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def times(bench, name):
    """Its last attempt and the next one; None before the first."""
    rows = bench.sql("SELECT last_attempt, next_fetch FROM v1_feed "
                     f"WHERE name = '{name}' AND last_attempt IS NOT NULL")
    return tuple(seconds(text) for text in rows[0]) if rows else None


def wait_of(bench, name):
    last, due = bench.until(name, lambda: times(bench, name))
    return due - last


def fetch(bench, name):
    """One more poll, by hand: what came of it."""
    client = bench.client()
    reply = client.all("Fetch", query=f"feed:{name}", force=True)[0]
    client.close()
    bench.clients.remove(client)
    return reply


def reasons(bench, name):
    return "\n".join(bench.call("ExplainFeed", feed=name)["reasons"])


def always(status, headers, body=""):
    return lambda request: (status, {**TAGGED, **headers}, body)


def ok(headers=None, extra="", body=None):
    return always(200, headers or {}, body or rss(2, extra=extra))


def dated(gap, count=20):
    """A feed with an item each `gap` seconds until now."""
    items = "".join(
        f"<item><title>{n}</title><guid>urn:{gap}:{n}</guid><pubDate>" +
        time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(
            time.time() - 60 - n * gap)) + "</pubDate></item>"
        for n in range(count))
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"


def period(name, frequency=None):
    return (f"<sy:updatePeriod {SY}>{name}</sy:updatePeriod>" +
            (f"<sy:updateFrequency {SY}>{frequency}</sy:updateFrequency>"
             if frequency else ""))


OLD = {"Date": "Thu, 01 Jan 2015 10:00:00 GMT"}  # a server whose clock is off

# Feeds by name: the answer, the wait, by how much more or less (in tenths of it),
# and a word of the reasons.
UP, BOTH = (0, 1.002), (1, 1.002)
CASES = {
    "plain": (ok(), HOUR, UP, "the first one"),
    # 13 to 17: freshness
    "age": (ok({"Cache-Control": "max-age=10800", "Age": "3600"}), 2 * HOUR, UP,
            "max-age"),
    "shared": (ok({"Cache-Control": "s-maxage=10800"}), HOUR, UP, "the first one"),
    "expires": (ok({**OLD, "Expires": "Thu, 01 Jan 2015 13:00:00 GMT"}), 3 * HOUR,
                UP, "max-age"),
    "age-wins": (ok({**OLD, "Cache-Control": "max-age=7200",
                     "Expires": "Thu, 01 Jan 2015 18:00:00 GMT"}), 2 * HOUR, UP,
                 "max-age"),
    "past": (ok({**OLD, "Expires": "Thu, 01 Jan 2015 09:00:00 GMT"}), HOUR, UP,
             "the first one"),
    "expires-0": (ok({"Expires": "0"}), HOUR, UP, "the first one"),
    "expires-1": (ok({"Expires": "-1"}), HOUR, UP, "the first one"),
    "no-store": (ok({"Cache-Control": "no-store"}), HOUR, UP, "the first one"),
    "no-cache": (ok({"Cache-Control": "no-cache, private", "Pragma": "no-cache"}),
                 HOUR, UP, "the first one"),
    "max-age-0": (ok({"Cache-Control": "max-age=0, must-revalidate"}), HOUR, UP,
                  "the first one"),
    "ttl-0": (ok(extra="<ttl>0</ttl>"), HOUR, UP, "the first one"),
    "year": (ok({"Cache-Control": "max-age=31536000"}), DAY, UP, "cut to"),
    "overflow": (ok({"Cache-Control": "max-age=73786976294838206464"}), DAY, UP,
                 "cut to"),
    "ttl-huge": (ok(extra="<ttl>99999999999999999999</ttl>"), DAY, UP, "cut to"),
    "stale": (ok({"Cache-Control":
                  "stale-while-revalidate=86400, stale-if-error=604800"}), HOUR, UP,
              "the first one"),
    # 18, 20, 21: what the document says, and how it behaves
    "ttl": (ok(extra="<ttl>120</ttl>"), 2 * HOUR, UP, "ttl"),
    "most": (ok({"Cache-Control": "max-age=7200"}, extra="<ttl>180</ttl>"), 3 * HOUR,
             UP, "ttl"),
    "sy-daily": (ok(extra=period("daily")), DAY, UP, "sy:period"),
    "sy-four": (ok(extra=period("daily", 4)), 6 * HOUR, UP, "sy:period"),
    "sy-hourly": (ok(extra=period("hourly")), HOUR, UP, "the first one"),
    "sy-often": (ok(extra=period("hourly", 60)), HOUR, UP, "the first one"),
    "sy-yearly": (ok(extra=period("yearly")), DAY, UP, "cut to"),
    "sy-junk": (ok(extra=period("fortnightly", -3)), HOUR, UP, "the first one"),
    "four-hours": (ok(body=dated(4 * HOUR)), 2 * HOUR, UP, "learnt"),
    "quick": (ok(body=dated(60)), 15 * 60, UP, "learnt"),
    "dead": (ok(body=dated(90 * DAY)), DAY, UP, "learnt"),
    "bare": (lambda r: (200, {}, rss(1)), 6 * HOUR, UP, "neither ETag"),
    # 27 to 31: failures
    "s404": (always(404, {}), 2 * HOUR, BOTH, "back-off"),
    "s403": (always(403, {}), 2 * HOUR, BOTH, "back-off"),
    "s451": (always(451, {}), 2 * HOUR, BOTH, "back-off"),
    "s410": (always(410, {}), DAY, UP, "once more"),
    "s401": (always(401, {"WWW-Authenticate": 'Digest realm="x", nonce="y"'}),
            2 * HOUR, BOTH, "back-off"),
    "s400": (always(400, {}), 2 * HOUR, BOTH, "back-off"),
    "s500": (always(500, {}), 2 * HOUR, BOTH, "back-off"),
    "s504": (always(504, {}), 2 * HOUR, BOTH, "back-off"),
    "s599": (always(599, {}), 2 * HOUR, BOTH, "back-off"),
    "s204": (always(204, {}), HOUR, UP, "the first one"),
    # 33 to 38: Retry-After
    "s429": (always(429, {}), 2 * HOUR, UP, "throttled"),
    "s429-s": (always(429, {"Retry-After": "10800"}), 3 * HOUR, UP, "retry-after"),
    "s429-date": (always(429, {**OLD, "Retry-After":
                              "Thu, 01 Jan 2015 15:00:00 GMT"}), 5 * HOUR, UP,
                 "retry-after"),
    "s429-short": (always(429, {"Retry-After": "1"}), 15 * 60, UP, "retry-after"),
    "s429-0": (always(429, {"Retry-After": "0"}), HOUR, UP, "the first one"),
    "s429-minus": (always(429, {"Retry-After": "-5"}), 2 * HOUR, UP, "throttled"),
    "s429-soon": (always(429, {"Retry-After": "soon"}), 2 * HOUR, UP, "throttled"),
    "s429-float": (always(429, {"Retry-After": "1e30"}), 2 * HOUR, UP, "throttled"),
    "s429-blank": (always(429, {"Retry-After": " "}), 2 * HOUR, UP, "throttled"),
    "s429-past": (always(429, {**OLD, "Retry-After":
                              "Thu, 01 Jan 2015 09:00:00 GMT"}), None, None, ""),
    "s429-decade": (always(429, {"Retry-After": "315360000"}), 7 * DAY, UP, "cut to"),
    "s429-digits": (always(429, {"Retry-After": "9" * 40}), 7 * DAY, UP, "cut to"),
    "s503": (always(503, {}), 2 * HOUR, BOTH, "back-off"),
    "s503-s": (always(503, {"Retry-After": "10800"}), 3 * HOUR, UP, "retry-after"),
    "s503-date": (always(503, {**OLD, "Retry-After":
                              "Thu, 01 Jan 2015 15:00:00 GMT"}), 5 * HOUR, UP,
                 "retry-after"),
    "s503-soon": (always(503, {"Retry-After": "soon"}), 2 * HOUR, BOTH, "back-off"),
}


def configure(bench, names, more="", own=""):
    bench.configure(more + "".join(
        f"[feed {n}]\nurl = {bench.server.url('/' + n)}\n{own}" for n in names),
        defaults=CONF)


def test_table(bench):
    """after each kind of answer the next request is due when it should"""
    for name, (answer, *_) in CASES.items():
        bench.server.routes["/" + name] = answer
    configure(bench, CASES)
    bench.start()
    wrong, waits = [], []
    for name, (_, wait, (less, more), word) in (
            (n, c) for n, c in CASES.items() if c[1]):
        got = wait_of(bench, name)
        least = wait * (1 - less / 10) - 1
        most = wait * 1.1 + 4
        if not least <= got <= most or word not in reasons(bench, name):
            wrong.append(f"{name}: {got:.0f} s, not {wait} s, for\n"
                         + reasons(bench, name))
        if wait == HOUR:
            waits.append(got)
        true(abs(times(bench, name)[1] % 900) >= 1, f"{name}: on the quarter hour")
    true(not wrong, "\n".join(wrong))
    true(15 * 60 <= wait_of(bench, "s429-past") <= 2.2 * HOUR, "a date that is past")
    true(len({round(w) for w in waits}) > len(waits) // 2, f"in step: {waits}")
    # Once each, whatever the answer was: no second try.
    equal({n: len(bench.server.of("/" + n)) for n in CASES if
           len(bench.server.of("/" + n)) != 1}, {})


def skipping(what, unit, values):
    return f"<{what}>" + "".join(f"<{unit}>{v}</{unit}>" for v in values) + f"</{what}>"


def test_skipped(bench):
    """skipHours and skipDays move what is due to their end; all of them mean nothing"""
    now = datetime.datetime.now(datetime.timezone.utc)
    hour, day = (now.hour + 5) % 24, (now + datetime.timedelta(2)).strftime("%A")
    days = [(now + datetime.timedelta(n)).strftime("%A") for n in range(7)]
    server = bench.server
    server.routes["/hours"] = ok(extra=skipping(
        "skipHours", "hour", [h for h in range(24) if h != hour]))
    server.routes["/days"] = ok(extra=skipping(
        "skipDays", "day", [d for d in days if d != day]))
    server.routes["/all"] = ok(
        extra=skipping("skipHours", "hour", range(24)))
    server.routes["/week"] = ok(extra=skipping("skipDays", "day", days))
    configure(bench, ("hours", "days", "all", "week"))
    bench.start()

    def due(name):
        wait_of(bench, name)
        return datetime.datetime.fromtimestamp(times(bench, name)[1],
                                               datetime.timezone.utc)
    equal(due("hours").hour, hour)
    equal(due("days").strftime("%A"), day)
    for name in ("all", "week"):
        true(wait_of(bench, name) <= 1.1 * HOUR + 4, name)


def test_again(bench):
    """what the next answers change: 304s, successes after failures, new items"""
    server = bench.server

    def turns(*answers):
        count = [0]

        def answer(request):
            count[0] += 1
            return answers[min(count[0], len(answers)) - 1]
        return answer
    fresh = {**TAGGED, "Cache-Control": "max-age=14400"}
    server.routes.update({
        "/on-304": turns((200, TAGGED, rss(1)), (304, fresh, "")),
        "/kept": turns((200, fresh, rss(1)), (304, {}, "")),
        "/well": turns((500, {}, ""), (500, {}, ""), (500, {}, ""),
                       (200, TAGGED, rss(1))),
        "/no-store": turns((200, {**TAGGED, "Cache-Control": "no-store"}, rss(1))),
        "/busy": turns((200, TAGGED, dated(16 * HOUR)),
                       (200, {"ETag": '"2"'}, dated(16 * HOUR, 21)),
                       (304, {}, "")),
    })
    names = ("on-304", "kept", "well", "no-store", "busy")
    configure(bench, names)
    bench.start()
    for name in names:
        wait_of(bench, name)
    fetch(bench, "on-304")
    fetch(bench, "kept")
    for name in ("on-304", "kept"):
        true(4 * HOUR <= wait_of(bench, name) <= 4.4 * HOUR + 4, name)
    equal(bench.feed("well")["failures"], 1)
    for most, wait in ((2, 4 * HOUR), (3, 8 * HOUR)):
        fetch(bench, "well")
        equal(bench.feed("well")["failures"], most)
        true(0.9 * wait - 1 <= wait_of(bench, "well") <= 1.1 * wait + 4, "back-off")
    equal(bench.feed("well")["state"], "failing")
    fetch(bench, "well")
    equal((bench.feed("well")["state"], bench.feed("well").get("failures", 0)),
          ("ok", 0))
    true(HOUR <= wait_of(bench, "well") <= 1.1 * HOUR + 4, "not reset at once")
    fetch(bench, "no-store")
    equal(server.of("/no-store")[1].headers.get("If-None-Match"), '"t"')
    fetch(bench, "busy")
    contains(reasons(bench, "busy"), "halved")
    true(4 * HOUR - 1 <= wait_of(bench, "busy") <= 4.4 * HOUR + 4, "not halved")
    fetch(bench, "busy")
    true(8 * HOUR - 1 <= wait_of(bench, "busy") <= 8.8 * HOUR + 4, "halved for ever")


def test_slower(bench):
    """a 429 that lasts makes the waits longer and longer"""
    bench.server.routes["/a"] = 429
    bench.configure("[schedule]\nthrottle-wait = 500ms\nmax-interval = 1h\n"
                    f"[feed a]\nurl = {bench.server.url('/a')}\n")
    bench.start()
    seen = [r.time for r in bench.server.wait("/a", 4)]
    for gap, least in zip((b - a for a, b in zip(seen, seen[1:])), (0.5, 1, 2)):
        true(gap >= 0.9 * least, f"{seen}")


def test_whole_host(bench):
    """a 403 where several feeds come from holds the host; a 503 holds its feed"""
    server, other = bench.server, Server()
    for path in ("/calm",):
        server.feed(path, rss(1))
        other.feed(path, rss(1))
    server.routes["/closed"] = 403
    other.routes["/busy"] = always(503, {"Retry-After": "7200"})
    bench.configure("[fetch]\nper-feed-limits =\n" + "".join(
        f"[feed {n}]\nurl = {u}\n" for n, u in (
            ("closed", server.url("/closed")), ("calm", server.url("/calm")),
            ("busy", other.url("/busy")), ("free", other.url("/calm")))),
        defaults=CONF)
    bench.start()
    for name in ("closed", "calm", "busy", "free"):
        wait_of(bench, name)
    states = bench.until("held", lambda: [
        bench.feed(n)["state"] for n in ("closed", "calm")] == ["held", "held"])
    true(states, "the host is not held")
    equal(bench.feed("free")["state"], "ok")
    equal({h["state"] for h in bench.call("ListHosts")["hosts"]
           if str(other.port) in h["host"]} & {"held"}, set())
    equal(fetch(bench, "free").get("outcome"), "unchanged")
    said = gazette(bench, "fetch", "feed:calm")
    contains(said, "calm: its server asked for a pause: in ")
    contains(said, "1 left out.")
    other.close()


def test_edited(bench):
    """an edited item is no new one: no sooner for that, and is:stale as before"""
    text = ["first"]
    bench.server.routes["/f"] = lambda r: (
        200, {"ETag": f'"{text[0]}"'}, rss(2).replace("Text", text[0]))
    bench.configure(f"[feed f]\nurl = {bench.server.url('/f')}\n", defaults=CONF)
    bench.start()
    wait_of(bench, "f")
    newest = bench.sql("SELECT last_new FROM feed")
    text[0] = "second"
    equal(fetch(bench, "f").get("updated"), 2)
    equal(bench.sql("SELECT last_new FROM feed"), newest)
    quiet = wait_of(bench, "f")
    true("halved" not in reasons(bench, "f"), reasons(bench, "f"))
    line = bench.call("ExplainFeed", feed="f")["log"][0]["detail"]
    true(re.fullmatch(r"2 changed; next in 1h \d\dm \(interval 1h 00m\)", line), line)
    due, = bench.sql("SELECT next_due FROM feed")[0]
    true(abs(due / 1000 - seconds(bench.call("ExplainFeed", feed="f")["next_fetch"])) < 1,
         "the schedule and the database do not agree")
    bench.server.routes["/f"] = ok(body=rss(3))
    equal(fetch(bench, "f").get("new"), 1)
    true(bench.sql("SELECT last_new FROM feed") > newest, "a new one is not noted")
    contains(reasons(bench, "f"), "halved")
    line = bench.call("ExplainFeed", feed="f")["log"][0]["detail"]
    true(re.search(r"new or changed; .*, new items \d+m( \d+s)?\)$", line), line)
    true(wait_of(bench, "f") < 0.7 * quiet, "not halved")


def test_start(bench):
    """a first start spreads its requests, and a restart asks nobody early"""
    names = [f"f{n}" for n in range(60)]
    for name in names:
        bench.server.feed("/" + name, rss(1))
    configure(bench, names, more="[schedule]\nstart-spread = 10min\n")
    begun = time.time()
    bench.start()
    # A fifth of a second for each of them, and nobody waits longer.
    bench.until("plans", lambda: bench.call(
        "ExplainFeed", feed=names[0]).get("next_fetch"))
    dues = [seconds(due) for due in (bench.call("ExplainFeed", feed=n).get("next_fetch")
                                     for n in names)
            if due and seconds(due) < begun + 60]
    true(len(dues) > 30 and max(dues) <= time.time() + 12.5, f"{dues}")
    for name in names[:3]:
        wait_of(bench, name)
    equal(bench.stop(), 0)
    kept = {n: t for n in names if (t := times(bench, n))}
    asked = {n: len(bench.server.of("/" + n)) for n in kept}
    bench.start()
    bench.until("the rest", lambda: len(bench.sql(
        "SELECT 1 FROM v1_feed WHERE last_attempt IS NOT NULL")) == len(names))
    equal({n: len(bench.server.of("/" + n)) for n in kept}, asked)
    equal({n: times(bench, n) for n in kept}, kept)


def hold(port):
    """Nobody listens there, and nobody else gets it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", port))
    return holder


def test_start_spread(bench):
    """what became due meanwhile is spread over start-spread, no longer"""
    url = bench.server.feed("/a", rss(1))
    bench.configure(f"[feed a]\nurl = {url}\ninterval = 1h\n")
    bench.start()
    bench.until("a", lambda: bench.feed("a").get("last_success"))
    bench.stop()
    with sqlite3.connect(bench.db) as db:
        db.execute("UPDATE feed SET next_due = 1")
    db.close()
    bench.start()
    bench.server.wait("/a", 2)


def test_outage(bench):
    """an outage is nobody's failure: the near host goes on, the others come back"""
    body = rss(1)
    far = [Server() for _ in range(5)]
    for server in [bench.server, *far]:
        server.routes["/f"] = always(200, {"Connection": "close"}, body)
    bench.configure("[schedule]\nmax-interval = 1s\n" + "".join(
        f"[feed f{n}]\nurl = {server.url('/f')}\n"
        for n, server in enumerate([bench.server, *far])))
    bench.start()
    for server in far:
        server.wait("/f", 2)
    holders = [hold(server.port) for server in far]
    for server in far:
        server.close()
    bench.until("offline", lambda: not bench.call("GetStatus")["online"])
    bench.until("no blame", lambda: bench.sql(
        "SELECT sum(failures), count(failing_since) FROM feed") == [(0, 0)])
    equal(bench.client().all("ListFeeds", query="is:failing"), [])
    said = gazette(bench, "fetch", "feed:f1", code=3)  # but no success either
    contains(said, "f1: ")
    contains(said, "1 failed")
    bench.server.wait("/f", len(bench.server.of("/f")) + 2)
    far = [Server(server.port) for server in far]
    for server in far:
        server.routes["/f"] = always(200, {"Connection": "close"}, body)
    for server in far:
        server.wait("/f", 2)
    true(bench.call("GetStatus")["online"], "still offline")
    bench.until("no failure", lambda: bench.sql(
        "SELECT sum(failures) FROM feed") == [(0,)])
    for closing in [*far, *holders]:
        closing.close()


run([test_table, test_skipped, test_again, test_slower, test_whole_host, test_edited,
     test_start, test_start_spread, test_outage])
