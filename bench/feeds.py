"""How feeds are read: entries against the counts of real captures, hostile documents against the child, speed.

    python bench/feeds.py ../shared/corpus

Prints every capture whose count differs, with why, and every hostile document that had to be killed. The last line is for
comparison between versions. Ends with status 1 when an outcome is not one of the four that may be.
"""

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

from newswire.core.feeds import NotAFeed, UnreadableFeed
from newswire.errors import ChildFailed, ChildKilled
from newswire.records import ParsedFeed
from newswire.steps.child import Child

PARSE_FEED = "newswire.core.feeds:parse_feed"
LEFT_OUT = ("are empty", "repeat another one", "older than the newest")


class Outcome(NamedTuple):
    """What one document came to."""

    name: str
    kind: str  # parsed, or the name of the exception
    detail: str
    feed: ParsedFeed | None
    seconds: float


def main() -> int:
    corpus = Path(sys.argv[1])
    with Child() as child:
        child.warm("newswire.core.feeds")
        real = read_real(child, corpus / "feeds")
        hostile = read_hostile(child, corpus)
    print(f"feeds: {real} {hostile}")
    return 0 if "crashed=0" in hostile else 1


# --- Real captures ---------------------------------------------------------------------------------------------------


def read_real(child: Child, folder: Path) -> str:
    """Compare the entries of every capture with the count that plain feedparser gives."""
    verdicts: Counter[str] = Counter()
    syndication: Counter[str] = Counter()
    mb = seconds = 0.0
    with ZipFile(folder / "real.zip") as documents:
        for row in rows(folder / "real.csv"):
            body = documents.read(row["file"])
            outcome = read(child, row["file"], body, f"https://{row['host'].strip(':') or 'example.com'}/feed")
            verdict = compare(outcome, int(row["entries"]))
            verdicts[verdict] += 1
            syndication[verdict] += row["format"].startswith(("rss", "atom"))
            mb, seconds = mb + len(body) / 1e6, seconds + outcome.seconds
            if verdict != "equal":
                print(f"{verdict:>10}  {row['format']:<8} {row['file']}  {explain(outcome, row['entries'])}")
    total = sum(syndication.values())
    accounted = syndication["equal"] + syndication["accounted"]
    return (
        f"read={sum(verdicts.values())} equal={verdicts['equal']} accounted={verdicts['accounted']}"
        f" more={verdicts['more']} fewer={verdicts['fewer']} unreadable={verdicts['unreadable']}"
        f" syndication_equal={syndication['equal'] / total:.4f} syndication_accounted={accounted / total:.4f}"
        f" mb_s={mb / seconds:.2f} ms_feed={1000 * seconds / sum(verdicts.values()):.1f}"
    )


def compare(outcome: Outcome, expected: int) -> str:
    """Equal; accounted (equal with the empty and repeated items that the feed itself counts); more; fewer; unreadable."""
    if outcome.feed is None:
        return "unreadable"
    entries = len(outcome.feed.entries)
    if entries == expected:
        return "equal"
    if entries + left_out(outcome.feed) == expected:
        return "accounted"
    return "more" if entries > expected else "fewer"


def left_out(feed: ParsedFeed) -> int:
    return sum(int(problem.split()[0]) for problem in feed.problems if problem.endswith(LEFT_OUT))


def explain(outcome: Outcome, expected: str) -> str:
    if outcome.feed is None:
        return f"{outcome.kind}: {outcome.detail}"
    return f"{len(outcome.feed.entries)} entries, expected {expected}; {'; '.join(outcome.feed.problems)}"


# --- Hostile documents -----------------------------------------------------------------------------------------------


def read_hostile(child: Child, corpus: Path) -> str:
    """Every bad document must come to a feed, a refusal or a killed child; anything else counts as a crash."""
    kinds: Counter[str] = Counter()
    slowest = Outcome("", "", "", None, 0.0)
    with ZipFile(corpus / "bad-input.zip") as documents:
        for row in rows(corpus / "bad-input.csv"):
            outcome = read(child, row["file"], documents.read(row["file"]), "https://example.com/feed")
            kinds[outcome.kind] += 1
            slowest = max(slowest, outcome, key=lambda each: each.seconds)
            if outcome.kind not in {"parsed", "NotAFeed", "UnreadableFeed"}:
                print(f"{outcome.kind:>13}  {row['file']}  {outcome.detail}")
    print(f"slowest hostile document: {slowest.seconds:.2f} s, {slowest.name}, {slowest.kind}")
    crashed = sum(count for kind, count in kinds.items() if kind not in ALLOWED)
    return (
        f"hostile={sum(kinds.values())} parsed={kinds['parsed']} not_a_feed={kinds['NotAFeed']}"
        f" refused={kinds['UnreadableFeed']} killed={kinds['ChildKilled']} crashed={crashed}"
    )


ALLOWED = frozenset({"parsed", "NotAFeed", "UnreadableFeed", "ChildKilled"})


# --- Both ------------------------------------------------------------------------------------------------------------


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read(child: Child, name: str, body: bytes, url: str) -> Outcome:
    started = time.perf_counter()
    try:
        feed = child.call(PARSE_FEED, body, url=url)
    except (NotAFeed, UnreadableFeed, ChildKilled, ChildFailed) as error:
        return Outcome(name, type(error).__name__, str(error), None, time.perf_counter() - started)
    return Outcome(name, "parsed", "", feed, time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
