"""How feeds are read: against plain feedparser, against conformance cases and hostile documents, and what a poll costs.

    python bench/feeds.py ../shared/corpus [--write-docs]

Prints every capture that plain feedparser reads otherwise, with the first difference, and every document that was refused
though it has items. `--write-docs` writes the table by format to docs/feeds-conformance.md. The last line is for comparison
between versions. Ends with status 1 when something crashed, hung or was lost in silence.
"""

import csv
import io
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import ZipFile

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))

import feed_polls
import feedparser

from newswire.core.feeds import NotAFeed, UnreadableFeed, parse_feed
from newswire.core.text import plain_text
from newswire.core.urls import normalize_url
from newswire.errors import ChildFailed, ChildKilled
from newswire.records import ParsedFeed
from newswire.steps.child import Child

DOCS = Path(__file__).parent.parent / "docs" / "feeds-conformance.md"
PARSE_FEED = "newswire.core.feeds:parse_feed"
LEFT_OUT = ("are empty", "repeat another one", "older than the newest")
REFUSALS = {"NotAFeed": "not a feed", "UnreadableFeed": "unreadable", "ChildKilled": "killed"}
HANG_S = 10.5  # the child's limit, and a moment to end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one document came to."""

    name: str
    group: str  # its format, or class of badness
    expected: int | None  # entries by plain feedparser; None: nobody says
    kind: str  # parsed, or the name of the exception
    detail: str
    feed: ParsedFeed | None
    seconds: float

    @property
    def verdict(self) -> str:
        """Right; accounted (right with the items that the feed itself says were left out); wrong; refused; crashed."""
        if self.feed is None:
            return "refused" if self.kind in REFUSALS else "crashed"
        if self.expected is None or len(self.feed.entries) == self.expected:
            return "right"
        return "accounted" if len(self.feed.entries) + left_out(self.feed) == self.expected else "wrong"

    @property
    def is_lost(self) -> bool:
        """Fewer entries than there are, without a word."""
        return self.verdict == "wrong" and self.feed is not None and len(self.feed.entries) < (self.expected or 0)


def left_out(feed: ParsedFeed) -> int:
    return sum(int(problem.split()[0]) for problem in feed.problems if problem.endswith(LEFT_OUT))


def main() -> int:
    corpus = Path(sys.argv[1])
    with Child() as child:
        child.warm("newswire.core.feeds")
        real = list(read_all(child, corpus / "feeds" / "real", group="format"))
        cases = list(read_all(child, corpus / "feeds" / "synthetic", group="format"))
        hostile = list(read_all(child, corpus / "bad-input", group="class"))
    differences = list(compare_with_feedparser(corpus / "feeds" / "real"))
    unequal = list(check_pruning(corpus / "feeds" / "real"))
    costs = feed_polls.measure(one_a_host(corpus / "feeds" / "real"))
    tell(real, cases, hostile, differences, unequal, costs)
    if "--write-docs" in sys.argv:
        DOCS.write_text(page(real, cases, hostile, differences), encoding="utf-8")
    everything = [*real, *cases, *hostile]
    bad = [one for one in everything if one.verdict == "crashed" or one.is_lost or one.seconds > HANG_S]
    return 1 if bad or unequal else 0


# --- Reading ---------------------------------------------------------------------------------------------------------


def documents(corpus: Path) -> Iterator[tuple[dict[str, str], bytes]]:
    """Every document of `corpus`.zip with its row in `corpus`.csv."""
    with ZipFile(f"{corpus}.zip") as archive, Path(f"{corpus}.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield row, archive.read(row["file"])


def url_of(row: dict[str, str]) -> str:
    return f"https://{row.get('host', '').strip(':') or 'example.com'}/feed"


def read_all(child: Child, corpus: Path, *, group: str) -> Iterator[Outcome]:
    for row, body in documents(corpus):
        expected = int(row["entries"] or 0) if "entries" in row else None
        started = time.perf_counter()
        kind, detail, feed = read(child, body, url_of(row))
        seconds = time.perf_counter() - started
        yield Outcome(
            name=row["file"],
            group=row[group],
            expected=expected,
            kind=kind,
            detail=detail,
            feed=feed,
            seconds=seconds,
        )


def read(child: Child, body: bytes, url: str) -> tuple[str, str, ParsedFeed | None]:
    try:
        return "parsed", "", child.call(PARSE_FEED, body, url=url)
    except (NotAFeed, UnreadableFeed, ChildKilled, ChildFailed) as error:
        return type(error).__name__, str(error), None


# --- Against plain feedparser ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first entry of a capture that plain feedparser reads otherwise."""

    name: str
    what: str  # number, guid, link or title
    ours: str
    theirs: str


Plain = tuple[str, str, str]  # guid, link, title
NAMES = ("guid", "link", "title")


def compare_with_feedparser(corpus: Path) -> Iterator[Difference]:
    for row, body in documents(corpus):
        if row["format"].startswith(("rss", "atom")):
            feed = parse_feed(body, url=url_of(row))
            if difference := first_difference(row["file"], feed, their_entries(body, url_of(row))):
                yield difference


def our_entries(feed: ParsedFeed) -> list[Plain]:
    return [(entry.guid or "", link_of(entry.link), entry.title or "") for entry in feed.entries]


def their_entries(body: bytes, url: str) -> list[Plain]:
    """As feedparser gives them when it is told the address, in plain text; the publisher's link before a counting detour."""
    parsed = feedparser.parse(  # noqa: TID251 - what is compared with
        io.BytesIO(body), response_headers={"content-location": url}, sanitize_html=False, resolve_relative_uris=False
    )
    return [their_entry(entry) for entry in parsed.entries]


def their_entry(entry: feedparser.FeedParserDict) -> Plain:
    guid, link, title = (dict.get(entry, key) or "" for key in ("id", "link", "title"))
    link = dict.get(entry, "feedburner_origlink") or link
    return " ".join(guid.split()), link_of(link), " ".join(plain_text(title).split())[:1000].rstrip()


def link_of(link: str | None) -> str:
    try:
        return normalize_url(link or "")
    except ValueError:
        return ""


def first_difference(name: str, feed: ParsedFeed, theirs: list[Plain]) -> Difference | None:
    """Items that we leave out and count may be missing between ours; nothing else may."""
    ours, missing = our_entries(feed), left_out(feed)
    if len(ours) + missing != len(theirs):
        return Difference(name=name, what="number", ours=str(len(ours)), theirs=str(len(theirs)))
    at = 0
    for our in ours:
        while missing and theirs[at] != our:
            at, missing = at + 1, missing - 1
        for what, one, other in zip(NAMES, our, theirs[at], strict=True):
            if one != other:
                return Difference(name=name, what=what, ours=one, theirs=other)
        at += 1
    return None


# --- Pruning ---------------------------------------------------------------------------------------------------------


def check_pruning(corpus: Path) -> Iterator[str]:
    """Names of captures that read differently when all but two items, or every other one, are known."""
    for row, body in documents(corpus):
        whole = parse_feed(body, url=url_of(row))
        memory = whole.memory
        if memory is None:
            continue
        digests = [memory.item_digests[at : at + 16] for at in range(0, len(memory.item_digests), 16)]
        keys = [memory.entry_keys[at : at + 32] for at in range(0, len(memory.entry_keys), 32)]
        for part in (slice(2, None), slice(0, None, 2)):
            some = replace(memory, item_digests=b"".join(digests[part]), entry_keys=b"".join(keys[part]))
            pruned = parse_feed(body, url=url_of(row), memory=some)
            known = set(keys[part]) if pruned.known else set()
            entries = tuple(entry for entry in whole.entries if entry.entry_key not in known)
            if replace(pruned, known=0) != replace(whole, entries=entries):
                yield row["file"]


def one_a_host(corpus: Path) -> Iterator[bytes]:
    hosts = set()
    for row, body in documents(corpus):
        if row["format"].startswith(("rss", "atom")) and row["host"] not in hosts and len(body) < 600_000:
            hosts.add(row["host"])
            yield body


# --- Telling ---------------------------------------------------------------------------------------------------------


def tell(  # noqa: PLR0917
    real: list[Outcome],
    cases: list[Outcome],
    hostile: list[Outcome],
    differences: list[Difference],
    unequal: list[str],
    costs: feed_polls.Costs,
) -> None:
    for difference in differences:
        print(
            f"{difference.what:>8}  {difference.name}  {difference.ours[:60]!r}, feedparser: {difference.theirs[:60]!r}"
        )
    everything = [*real, *cases, *hostile]
    for one in everything:
        if (
            one.verdict in {"wrong", "crashed"}
            or one.kind == "ChildKilled"
            or (one.verdict == "refused" and one.expected)
        ):
            print(f"{one.verdict:>8}  {one.group}  {one.name}  {one.detail}  expected {one.expected}")
    for name in unequal:
        print(f" pruning  {name}")
    slowest = max(everything, key=lambda one: one.seconds)
    print(f"slowest document: {slowest.seconds:.2f} s, {slowest.name}, {slowest.kind}")
    print(
        f"CPU ms a poll over TLS, without the database: 304 {costs.not_modified:.2f}, same body {costs.same_body:.2f},"
        f" pruned ({feed_polls.NEWEST} new) {costs.pruned:.2f}, whole {costs.whole:.2f};"
        f" at {feed_polls.FRESH:.0%} fresh {costs.polls_per_core_s:.0f} polls a second and core"
    )
    verdicts, bad = Counter(one.verdict for one in real), Counter(one.kind for one in hostile)
    case_verdicts = Counter(one.verdict for one in cases)
    compared = sum(one.group.startswith(("rss", "atom")) for one in real)
    print(
        f"feeds: read={len(real)} equal={verdicts['right']} accounted={verdicts['accounted']} wrong={verdicts['wrong']}"
        f" feedparser_same={compared - len(differences)}/{compared} pruning_unequal={len(unequal)}"
        f" cases={len(cases)} cases_right={case_verdicts['right'] + case_verdicts['accounted']}"
        f" cases_refused={case_verdicts['refused']} cases_wrong={case_verdicts['wrong']}"
        f" hostile={len(hostile)} parsed={bad['parsed']} not_a_feed={bad['NotAFeed']} refused={bad['UnreadableFeed']}"
        f" killed={bad['ChildKilled']} crashed={sum(one.verdict == 'crashed' for one in everything)}"
        f" lost={sum(one.is_lost for one in everything)} hangs={sum(one.seconds > HANG_S for one in everything)}"
        f" ms_feed={1000 * sum(one.seconds for one in real) / len(real):.1f} pruned_ms={costs.pruned:.2f}"
        f" polls_per_core_s={costs.polls_per_core_s:.0f}"
    )


PAGE = """# Feeds: conformance

Written by `make bench-feeds CORPUS=folder WRITE=1`. Every document is read in the child process that the poller uses, which has
10 seconds and 1 GB for each: {killed} of them needed more. *Right*: as many entries as the corpus expects, which is what
plain feedparser finds (for JSON Feed and sitemaps: what the document lists). *Right, and says what it left out*: the same with
the items that are empty, or repeat another one; the feed's `problems` count them. *Refused*: no feed comes of it, and the cause
is kept. Of hostile documents nobody says how many entries they have: any feed is right.

## Captures of real feeds

{real}

Compared entry by entry with plain feedparser (identity, normalised link, plain title): {same} of {compared} captures are the
same, these differ in their first entry that does:

{differences}

## Conformance cases of public parsers

{cases}

## Hostile documents

{hostile}
"""


def page(real: list[Outcome], cases: list[Outcome], hostile: list[Outcome], differences: list[Difference]) -> str:
    compared = sum(one.group.startswith(("rss", "atom")) for one in real)
    killed = sum(one.kind == "ChildKilled" for one in (*real, *cases, *hostile))
    return PAGE.format(
        killed=killed or "none",
        real=table(real, "format"),
        cases=table(cases, "format"),
        hostile=table(hostile, "class"),
        differences=difference_table(differences),
        same=compared - len(differences),
        compared=compared,
    )


@dataclass(slots=True)
class Line:
    """One group of documents, counted."""

    verdicts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)


def table(outcomes: list[Outcome], what: str) -> str:
    lines: dict[str, Line] = defaultdict(Line)
    for one in outcomes:
        for line in (lines[one.group], lines["**all**"]):
            line.verdicts[one.verdict] += 1
            if one.feed is None:
                line.causes[REFUSALS.get(one.kind, one.kind)] += 1
    lines["**all**"] = lines.pop("**all**")
    head = f"| {what} | documents | right | right, and says what it left out | wrong | refused | causes |\n|---|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {name} | {line.verdicts.total()} | {line.verdicts['right']} | {line.verdicts['accounted']} |"
        f" {line.verdicts['wrong']} | {line.verdicts['refused']} |"
        f" {', '.join(f'{cause} {count}' for cause, count in line.causes.most_common())} |"
        for name, line in lines.items()
    )


def difference_table(differences: list[Difference]) -> str:
    head = "| capture | what | here | feedparser |\n|---|---|---|---|\n"
    return head + "\n".join(
        f"| {difference.name} | {difference.what} | {cell(difference.ours)} | {cell(difference.theirs)} |"
        for difference in differences
    )


def cell(text: str) -> str:
    return f"`{text[:80]}`".replace("|", "\\|") if text else "nothing"


if __name__ == "__main__":
    sys.exit(main())
