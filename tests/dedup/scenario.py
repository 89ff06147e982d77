# SPDX-License-Identifier: ISC
"""A small newspaper world with known answers, through the real normalise and
store: articles, copies, rewordings, series, round-ups, moves and edits.  The same
answers come however the polls are batched, and after kill -9 at any moment.

DEDUP_KILLS=100 makes that many of the latter (default 3)."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

REPLAY = os.environ.get('REPLAY_DEDUP', 'tests/bench/replay_dedup')
HOUR, DAY = 3600, 86400
START = 1700000000

ARTICLES = {
    'harbour': ('Harbour bridge reopens after nine months of repairs', '''
The old harbour bridge carried its first trains in nine months on Tuesday morning, two weeks later than the engineers had
promised but in time for the summer fair. Inspectors had closed it last autumn after a diver found cracks in three of the
eleven piers. "We could have patched it and hoped," said Marit Olsen, who led the works for the port authority, "but a
bridge that everyone worries about is no bridge." The repairs cost 14 million crowns, most of it for the foundations, and
used stone from the quarry that supplied the first builders in 1907. Ferries that replaced the trains will keep running at
weekends, because passengers asked for them. Shopkeepers on the north shore, who lost a third of their customers, were
handing out coffee at the station by seven. The next inspection is due in five years, and this time the report will be
published within a month.'''),
    'seeds': ('Seed bank finds wheat thought lost since the fifties', '''
A drawer labelled only with a village name has given botanists at the national seed bank a wheat that nobody had grown for
seventy years. The grains, 212 of them in a paper bag, were collected in the hills by a schoolteacher who sent samples of
everything her neighbours planted. Forty germinated. The plants are short, red and late, and in a trial plot last season
they stayed healthy while two modern varieties beside them rusted. Breeders in four countries have asked for seed. The
bank will send ten grains to each, and keep the rest in the vault at minus eighteen degrees. Nobody knows yet how the flour
bakes; the first loaf is planned for the autumn, and the village of the label has been promised a slice. The teacher's
notebooks, which might name the farmer, are being read page by page by her grandson.'''),
    'library': ('City library drops fines and gets its books back', '''
When the city library stopped charging for late books, the director expected empty shelves. A year on, the opposite has
happened: returns are up by a fifth, and 1,800 volumes that had been given up for lost came back through the slot, some of
them thirty years late. Readers who owed money had simply stayed away, a survey found, and took the books they still had
with them. The fines had brought in less than it cost to collect them. Children make up half of the new members. There are
still rules: whoever keeps a book that someone else has asked for can borrow nothing more until it is back. Two
neighbouring towns will do the same from January, and a third is waiting for the figures of a second year before its
council votes.'''),
}

SWAPS = {'morning': 'forenoon', 'promised': 'pledged', 'closed': 'shut', 'found': 'spotted', 'cost': 'swallowed',
         'keep': 'go on', 'asked': 'begged', 'next': 'coming', 'seventy': 'some seventy', 'healthy': 'well',
         'village': 'hamlet', 'charging': 'billing', 'late': 'overdue', 'readers': 'borrowers', 'money': 'cash',
         'inspectors': 'surveyors', 'shopkeepers': 'traders', 'engineers': 'builders', 'everyone': 'everybody',
         'first': 'earliest', 'published': 'made public', 'drawer': 'box', 'breeders': 'growers', 'flour': 'meal',
         'director': 'head', 'volumes': 'titles', 'towns': 'places', 'figures': 'numbers', 'weekends': 'Sundays'}


def text_of(name):
    return ' '.join(ARTICLES[name][1].split())


def reworded(name):
    words = text_of(name).split(' ')
    return ' '.join(SWAPS.get(w.strip('.,;:"').lower(), w) for w in words)


class World:
    def __init__(self):
        self.polls, self.want, self.count = [], {}, 0

    def entry(self, feed, guid, link, title, text, item, story):
        self.count += 1
        name = f'o{self.count:04d}'
        self.want[name] = (item, story)
        return {'id': name, 'feed': feed, 'guid': guid, 'link': link, 'title': title, 'text': text}

    def poll(self, t, feed, *entries):
        self.polls.append((START + t, len(self.polls), [dict(self.entry(feed, *e), t=START + t) for e in entries]))

    def write(self, path):
        with open(path, 'w', encoding='utf-8') as f:
            for _, _, entries in sorted(self.polls, key=lambda p: p[:2]):
                for e in entries:
                    f.write(json.dumps(e) + '\n')


def copies(world):
    """Each article in six feeds: as it is, under its own address with a tracker, cut, under another headline, reworded."""
    for n, (name, (title, _)) in enumerate(ARTICLES.items()):
        text, t = text_of(name), n * 5 * HOUR
        url = f'https://daily.example/2023/{name}'
        world.poll(t, 'https://daily.example/rss', (url, url, title, text, f'{name}-0', name))
        for k, (link, head, body) in enumerate([
                (f'https://www.daily.example/2023/{name}/?utm_source=feed', 'Daily: ' + title, text[:120]),
                (f'https://copy.example/{name}', title, text),
                (f'https://teaser.example/{name}', title, text[:300]),
                (f'https://other.example/{name}', 'What readers should know today', text),
                (f'https://agency.example/{name}', title, reworded(name))], 1):
            world.poll(t + k * HOUR, f'https://feed{k}.example/rss', (f'id-{name}-{k}', link, head, body, f'{name}-{k}', name))


def series(world):
    """The same frame each day: comics, prices, parts of a serial.  And a round-up."""
    frame = ('Share this with your friends and support us on our page so that we can go on drawing for you every day of the '
             'week without advertising, and thank you for reading along since the very first one')
    for n in range(8):
        world.poll(n * DAY, 'https://comic.example/rss', (f'c{n}', f'https://comic.example/{n}', f'Strip {n}: ' +
                   ['The cat', 'Rain', 'A letter', 'Stairs', 'Soup', 'No post', 'Monday', 'Shoes'][n], frame, f'c{n}', f'c{n}'))
        prices = ' '.join(f'{what} closed at {(n + 3) * (k + 17)} after {(n + 2) * (k + 5)} on the day before'
                          for k, what in enumerate(['wheat', 'oats', 'copper', 'zinc', 'cotton', 'sugar', 'cocoa', 'tea']))
        world.poll(n * DAY + 60, 'https://prices.example/rss', (f'p{n}', f'https://prices.example/{n}', 'Prices at the close', prices,
                   f'p{n}', f'p{n}'))
    world.poll(2 * DAY, 'https://weekly.example/rss', ('w', 'https://weekly.example/1', 'The week in short',
               ' '.join(text_of(name)[:330] for name in ARTICLES), 'w', 'w'))


def moves(world):
    """A site that publishes all of it anew under other ids and addresses; an edit; a new date; a guid used again."""
    feed = 'https://moves.example/rss'
    notes = [' '.join(f'{w}{n}' for w in 'note about the small things that we saw on our way to the lake and back home again by the mill and the orchard'.split()) for n in range(5)]
    for t, scheme in ((0, 'http://old.example/?p='), (DAY, 'https://new.example/post/')):
        world.poll(t, feed, *[(f'{scheme}{n}', f'{scheme}{n}', f'Note {n}', notes[n], f'm{n}', f'm{n}') for n in range(5)])
    world.poll(2 * DAY, feed, *[(f'https://new.example/post/{n}', f'https://new.example/post/{n}', f'Note {n}',
               notes[n] + (' with a word more' if n == 2 else ''), f'm{n}', f'm{n}') for n in range(5)])
    feed = 'https://reuse.example/rss'
    world.poll(0, feed, ('1', 'https://reuse.example/a', 'The hill', 'A walk up the hill in the fog', 'r1', 'r1'))
    world.poll(DAY, feed, ('1', 'https://reuse.example/b', 'Soup', 'How to cook leeks for nine people', 'r2', 'r2'))
    feed = 'https://churn.example/rss'
    for k in range(3):
        world.poll(k * DAY, feed, *[(f'{k}-{n}', 'https://churn.example/changes', f'Release {n}', f'What is new in release {n}: fewer bugs',
                   f'x{n}', f'x{n}') for n in range(4)])


def replay(path, *options):
    out = subprocess.run([REPLAY, *options, path], check=True, capture_output=True, text=True).stdout
    return {o['id']: (o['item'], o['story']) for o in map(json.loads, out.splitlines())}


def pairs(clusters, part):
    groups = {}
    for name, value in clusters.items():
        groups.setdefault(value[part], set()).add(name)
    return {frozenset(g) for g in groups.values()}


def wrong(got, want, part):
    return [sorted(g) for g in pairs(got, part) ^ pairs(want, part)]


def killed(path, directory, kills, seconds):
    """Runs that are killed at random until one gets through; each goes on where the last one was."""
    dice, done, round_ = random.Random(1), 0, 0
    while done < kills:
        round_ += 1
        database = os.path.join(directory, f'killed{round_}.db')
        while True:
            child = subprocess.Popen([REPLAY, f'--database={database}', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                out, said = child.communicate(timeout=dice.uniform(0.01, seconds) if done < kills else None)
                if child.returncode != 0:
                    raise SystemExit(f'replay ended with {child.returncode}: {said.decode()}')
                break
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.communicate()
                done += 1
        yield {o['id']: (o['item'], o['story']) for o in map(json.loads, out.splitlines())}
        for end in ('', '-wal', '-shm', '.placed', '.lock'):
            if os.path.exists(database + end):
                os.unlink(database + end)


def main():
    tests = []
    kills = int(os.environ.get('DEDUP_KILLS', '3'))
    with tempfile.TemporaryDirectory(prefix='gazetted-dedup-') as directory:
        if len(sys.argv) > 1:
            path, world = sys.argv[1], None
        else:
            world, path = World(), os.path.join(directory, 'obs.jsonl')
            copies(world)
            series(world)
            moves(world)
            world.write(path)
        began = time.monotonic()
        got = replay(path)
        seconds = max(0.05, time.monotonic() - began)
        if world:
            for part, what in ((0, 'every entry is the item that it should be'), (1, 'every item is in the story that it should be in')):
                tests.append((what, wrong(got, world.want, part)))
        tests.append(('one poll a commit: the same', wrong(replay(path, '--queue=1'), got, 1)))
        bad = []
        for result in killed(path, directory, kills, seconds):
            bad += wrong(result, got, 0) + wrong(result, got, 1)
        tests.append((f'killed {kills} times and resumed: the same', bad))
    print(f'1..{len(tests)}')
    for n, (what, faults) in enumerate(tests, 1):
        print(f'{"not ok" if faults else "ok"} {n} - {what}')
        for fault in faults[:10]:
            print('#', fault)
    return any(faults for _, faults in tests)


if __name__ == '__main__':
    sys.exit(main())
