"""How soon news is found at how many polls: our policy and six others, on the same traces.

    python bench/polling.py                                  # synthetic traces, seeded
    python bench/polling.py traces.json                      # a list of {"host", "W", "rate", "ts": [...]}
    python bench/polling.py ../shared/corpus/feeds           # made from the dates of captured feeds

`W` is the number of items in a document, `ts` when items were published: seconds, or any unit that `rate` (items a day)
fits. The others are what feeds.md of the design and their sources say of them, as functions of what they have seen. A ratio
is the mean delay of a peer by ours when both poll equally often: the price of a poll is set so. The last line is for
comparison between versions.
"""

import csv
import json
import math
import random
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import NamedTuple
from zipfile import ZipFile

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

from newswire.core.feeds import NotAFeed, UnreadableFeed
from newswire.core.polling import DEFAULT_PRICE, PollPolicy
from newswire.core.polling.intervals import has_overflowed, interval_s
from newswire.core.polling.rates import observed, seeded
from newswire.errors import ChildFailed, ChildKilled
from newswire.records import ParsedFeed, Rate
from newswire.steps.child import Child

HOUR, DAY = 60.0, 1440.0  # minutes: the unit of everything below
WEEK = 7 * DAY
WARM_UP = 7 * DAY  # history before the first poll, and again before anything is counted
TILED_DAYS = 42
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday


class Trace(NamedTuple):
    """When one feed published, in minutes since a Monday, and how many items its document holds."""

    host: str
    window: int
    times: list[float]


def main() -> int:
    traces = read_traces(Path(sys.argv[1])) if len(sys.argv) > 1 else synthetic(random.Random(7))
    days = sum(trace.times[-1] - trace.times[0] for trace in traces) / DAY
    print(f"{len(traces)} feeds, {sum(len(trace.times) for trace in traces)} items in {days:.0f} days of feeds")
    print(f"{'policy':<28}{'polls/feed/day':>15}{'delay min':>11}{'p95':>8}{'missed':>8}{'ratio':>7}")
    ours = simulate(traces, lambda: Ours(DEFAULT_PRICE))
    show(f"ours, price {DEFAULT_PRICE:g}", ours)
    curve = {price: simulate(traces, lambda price=price: Ours(price)) for price in PRICES}
    for price, outcome in curve.items():
        show(f"ours, price {price:g}", outcome)
    ratios = dict(compare(traces, curve))
    named = " ".join(f"{name}_ratio={ratios[name]:.2f}" for name in ("commafeed", "newsblur", "miniflux"))
    others = " ".join(f"{name}_ratio={ratios[name]:.2f}" for name in ("fixed60", "mediacloud", "aimd"))
    print(f"polling: polls_per_day={ours.polls:.1f} delay_min={ours.delay:.1f} missed={ours.missed} {named} {others}")
    return 0 if min(ratios.values()) > 1 and ours.missed == 0 else 1


def compare(traces: Sequence[Trace], curve: "dict[float, Outcome]") -> "Iterator[tuple[str, float]]":
    """Each peer, and ours at the price that polls as often."""
    for name, policy in PEERS.items():
        peer = simulate(traces, lambda policy=policy: policy)
        price = price_of(peer.polls, curve)
        equal = simulate(traces, lambda price=price: Ours(price))
        ratio = peer.delay / equal.delay
        show(name, peer)
        show(f"  ours, price {price:.3g}", equal, ratio)
        yield name, ratio


def show(name: str, outcome: "Outcome", ratio: float | None = None) -> None:
    shown = "" if ratio is None else f"{ratio:.2f}"
    print(
        f"{name:<28}{outcome.polls:>15.1f}{outcome.delay:>11.1f}{outcome.p95:>8.0f}{outcome.missed:>8}{shown:>7}",
        flush=True,
    )


# --- The simulation --------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What a poller knows after a poll."""

    now: float
    document: list[float]  # the dates in it, oldest first
    new: list[float]
    known: list[float]  # all it ever saw, oldest first
    interval: float | None = None  # the last one; None: this is the first document

    def since(self, minutes: float) -> int:
        """Items published in the last minutes, as far as they were seen."""
        return len(self.known) - bisect_left(self.known, self.now - minutes)


Policy = Callable[[Seen], float]


@dataclass
class Outcome:
    """What a policy came to."""

    feed_days: float = 0
    count: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list)

    @property
    def polls(self) -> float:
        return self.count / self.feed_days

    @property
    def delay(self) -> float:
        return fmean(self.delays)

    @property
    def p95(self) -> float:
        return sorted(self.delays)[int(0.95 * len(self.delays))]


def simulate(traces: Sequence[Trace], policy: Callable[[], Policy]) -> Outcome:
    """Poll every feed over its trace. What was there at the first poll, and a time to learn, are not counted."""
    outcome = Outcome()
    for number, trace in enumerate(traces):
        follow(trace, policy(), outcome, random.Random(number))
    return outcome


def follow(trace: Trace, policy: Policy, outcome: Outcome, rng: random.Random) -> None:
    times, end = trace.times, trace.times[-1]
    warm_up = min(WARM_UP, (end - times[0]) / 4)
    now = times[0] + warm_up + rng.random() * HOUR
    count_from = now + warm_up
    read = bisect_right(times, now)  # items up to here were there to be seen
    seen = Seen(now=now, document=times[max(0, read - trace.window) : read], new=[], known=times[:read])
    while True:
        seen.interval = policy(seen)
        now += seen.interval
        if now > end:
            break
        upto = bisect_right(times, now)
        oldest = max(read, upto - trace.window)
        seen.now, seen.new = now, times[oldest:upto]
        seen.document = times[max(0, upto - trace.window) : upto]
        seen.known += seen.new
        if now >= count_from:
            outcome.count += 1
            outcome.missed += sum(time >= count_from for time in times[read:oldest])
            outcome.delays += [now - time for time in seen.new if time >= count_from]
        read = upto
    outcome.feed_days += (end - count_from) / DAY


# --- Ours ------------------------------------------------------------------------------------------------------------

PRICES = (0.3, 1.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


class Ours:
    """The interval policy of the library, with nothing else: no hints, no failures."""

    def __init__(self, price: float) -> None:
        self._policy = PollPolicy(price=price)
        self._rng = random.Random(1)
        self._rate: Rate | None = None

    def __call__(self, seen: Seen) -> float:
        now, dates = moment(seen.now), [moment(time) for time in seen.new]
        overflowed = seen.interval is not None and has_overflowed(new=len(dates), items=len(seen.document))
        if self._rate is None:
            self._rate = seeded([moment(time) for time in seen.document], now=now)
        else:
            self._rate = observed(self._rate, new=len(dates), moments=dates, now=now, overflowed=overflowed)
        seconds = interval_s(
            self._rate, window_items=len(seen.document), now=now, policy=self._policy, overflowed=overflowed
        )
        return max(seconds, self._policy.floor_s) / 60 * (0.9 + 0.2 * self._rng.random())


def moment(minutes: float) -> datetime:
    return EPOCH + timedelta(minutes=minutes)


def price_of(polls: float, curve: dict[float, Outcome]) -> float:
    """The price at which ours polls so often, between the two neighbours on the curve; beyond its ends by its slope."""
    points = sorted((math.log(outcome.polls), math.log(price)) for price, outcome in curve.items())
    place = min(max(bisect_left(points, (math.log(polls), 0.0)), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[place - 1], points[place]
    return math.exp(y0 + (math.log(polls) - x0) * (y1 - y0) / max(x1 - x0, 1e-9))


# --- The others ------------------------------------------------------------------------------------------------------


def fixed_60(_: Seen) -> float:
    """What most readers do."""
    return HOUR


def commafeed(seen: Seen) -> float:
    """Half the mean distance of the entries, 5 minutes to an hour; longer for feeds that are silent for a week or more."""
    dates = seen.document
    if not dates:
        return 4 * HOUR
    silent = seen.now - dates[-1]
    for days, interval in ((30, 4 * HOUR), (14, 2 * HOUR), (7, HOUR)):
        if silent >= days * DAY:
            return interval
    mean = (dates[-1] - dates[0]) / (len(dates) - 1) if len(dates) > 1 else 4 * HOUR
    return min(max(mean / 2, 5), HOUR)


def miniflux(seen: Seen) -> float:
    """Entry frequency: a week by the entries of the last week, 5 minutes to a day."""
    count = seen.since(WEEK)
    return min(max(WEEK / count, 5), DAY) if count else DAY


def newsblur(seen: Seen) -> float:
    """For one subscriber: an hour from one story a day on, up to half a day for less, a day for none in a month."""
    per_day = seen.since(30 * DAY) / min(30, max((seen.now - seen.known[0]) / DAY, 1)) if seen.known else 0
    if per_day >= 1:
        return HOUR
    return max(HOUR, 12 * HOUR * (1 - per_day)) if per_day else DAY


def mediacloud(seen: Seen) -> float:
    """Six hours, ten minutes more after silence, ten less with news, an hour less when the window was nearly all new."""
    if seen.interval is None:
        return 6 * HOUR
    share = len(seen.new) / max(len(seen.document), 1)
    step = 10 if not seen.new else -60 if share > 0.9 else -10 if share > 0.5 else 0
    return min(max(seen.interval + step, 10), DAY)


def aimd(seen: Seen) -> float:
    """StormCrawler's adaptive scheduler as news-crawl sets it: half as long again without news, a fifth less with."""
    if seen.interval is None:
        return 90
    return min(max(seen.interval * (0.8 if seen.new else 1.5), 90), 7 * DAY)


PEERS: dict[str, Policy] = {
    "fixed60": fixed_60,
    "commafeed": commafeed,
    "newsblur": newsblur,
    "miniflux": miniflux,
    "mediacloud": mediacloud,
    "aimd": aimd,
}

# --- Traces ----------------------------------------------------------------------------------------------------------


def read_traces(path: Path) -> list[Trace]:
    if path.is_dir():
        return captured(path)
    found = (as_trace(trace) for trace in json.loads(path.read_text()))
    return [trace for trace in found if len(trace.times) > 1 and trace.times[-1] > trace.times[0]]


UNITS = {
    1 / 60: 1e6,
    1.0: 3000,
    HOUR: 100,
    DAY: 0,
}  # minutes in a unit, and the last number of a trace of weeks exceeds


def as_trace(trace: dict) -> Trace:
    """In minutes since a Monday, whatever the unit: the one in which the trace has the rate it says, else the likeliest."""
    times = sorted(float(time) for time in trace["ts"])
    if times[-1] > 1e8:  # since 1970, which began on a Thursday
        unit = 1 / 60_000 if times[-1] > 1e11 else 1 / 60
        return Trace(str(trace.get("host")), int(trace["W"]), [time * unit - 4 * DAY for time in times])
    likely = next(unit for unit, above in UNITS.items() if times[-1] > above or unit == DAY)
    expected = float(trace.get("rate") or 0) * (times[-1] - times[0]) / DAY
    misfits = {unit: abs(math.log(len(times) / (expected * unit))) for unit in UNITS} if expected else {}
    fitting = min(misfits, key=misfits.__getitem__, default=likely)
    unit = fitting if misfits.get(fitting, 9) < math.log(3) else likely
    return Trace(str(trace.get("host")), int(trace["W"]), [time * unit for time in times])


def synthetic(rng: random.Random, *, feeds: int = 80, days: int = 42) -> list[Trace]:
    """Feeds as they are: few of them bring most, by day and on working days, alone or in batches, some at wire speed."""
    made = []
    for number in range(feeds):
        wire = number % 16 == 0
        per_day = rng.uniform(100, 600) if wire else min(math.exp(rng.gauss(1.2, 1.5)), 100.0)
        window = rng.choice([10, 20, 50, 100] if wire else [10, 15, 20, 25, 30, 50, 100])
        times = published(rng, per_day, days, nights=rng.uniform(0.02, 0.8), weekends=rng.uniform(0.1, 1))
        if len(times) > 3:
            made.append(Trace(f"host{number // 2}.example", window, times))
    return made


def published(rng: random.Random, per_day: float, days: int, *, nights: float, weekends: float) -> list[float]:
    """A Poisson process with the hours of an office somewhere; a third of all feeds publish in batches."""
    offset, batch = rng.choice([-8, -5, 0, 1, 2, 3, 5.5, 8, 9]) * HOUR, rng.choice([1, 1, 4])
    mean = (5 + 2 * weekends) / 7 * (13 + 11 * nights) / 24
    times, now = [], 0.0
    while now < days * DAY:
        now += rng.expovariate(per_day / batch / DAY / mean)
        local = now + offset
        awake = 1.0 if 7 * HOUR <= local % DAY < 20 * HOUR else nights
        working = 1.0 if local % WEEK < 5 * DAY else weekends
        if rng.random() < awake * working:
            times += [now + rng.random() * 3 for _ in range(batch)] if batch > 1 else [now]
    return sorted(times)


def captured(folder: Path) -> list[Trace]:
    """The dates of captured feeds, repeated by whole weeks or days for six weeks, each repeat a little different."""
    rng = random.Random(7)
    made = []
    with ZipFile(folder / "real.zip") as documents, Child() as child, (folder / "real.csv").open() as table:
        for row in csv.DictReader(table):
            dates = dated(child, documents.read(row["file"]), row["host"])
            if len(dates) >= 5 and dates[-1] - dates[0] > HOUR and len(dates) / (dates[-1] - dates[0]) > 0.05 / DAY:
                made.append(Trace(row["host"], len(dates), tiled(dates, rng)))
    return made


def dated(child: Child, body: bytes, host: str) -> list[float]:
    """When the items of a document were published, to the minute."""
    try:
        feed: ParsedFeed = child.call("newswire.core.feeds:parse_feed", body, url=f"https://{host or 'a.example'}/feed")
    except (NotAFeed, UnreadableFeed, ChildFailed, ChildKilled):
        return []
    moments = {entry.published_at for entry in feed.entries if entry.published_at and entry.date_quality == "exact"}
    return sorted((moment - EPOCH).total_seconds() / 60 for moment in moments)


def tiled(dates: Sequence[float], rng: random.Random) -> list[float]:
    """Whole weeks of what spans more than five days, whole days of what spans most of one, else as it comes."""
    span = (dates[-1] - dates[0]) * len(dates) / (len(dates) - 1)
    unit = WEEK if span > 5 * DAY else DAY if span > DAY / 2 else span
    period = math.ceil(span / unit - 1e-6) * unit
    start = dates[0] % WEEK
    repeats = range(math.ceil(TILED_DAYS * DAY / period) + 1)
    moved = (start + date - dates[0] + turn * period + rng.gauss(0, 20) for turn in repeats for date in dates)
    return sorted(time for time in moved if 0 <= time <= start + TILED_DAYS * DAY)


if __name__ == "__main__":
    sys.exit(main())
