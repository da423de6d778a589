"""What captured feeds and pages came to, held against the counts that came with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newswire.core.urls import address_key
from newswire.records import FeedLine

SYNDICATION = ("rss", "atom", "rdf")
ENOUGH = 0.98  # of the RSS, Atom and RDF feeds have the number of items that came with the captures


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One captured feed: expected and read items."""

    url: str
    file: str
    format: str
    expected: int
    read: int | None
    why: str

    @property
    def agrees(self) -> bool:
        return self.read == self.expected


def outcomes(listing: Mapping[str, Any], feeds: Sequence[FeedLine]) -> list[Outcome]:
    """Every captured feed with what became of it."""
    by_address = {address_key(feed.url): feed for feed in feeds}
    return [_outcome(one, by_address.get(address_key(one["url"]))) for one in listing["feeds"]]


def summary(found: Sequence[Outcome]) -> Iterator[str]:
    """The lines to print about the feeds; the last says whether enough of them agree."""
    read = [outcome for outcome in found if outcome.read is not None]
    causes = Counter(outcome.why for outcome in found if outcome.read is None)
    yield f"feeds read: {len(read)} of {len(found)}; unreadable: {dict(causes.most_common())}"
    yield f"items read: {sum(outcome.read or 0 for outcome in found)}"
    judged = [outcome for outcome in found if outcome.format.startswith(SYNDICATION)]
    yield f"RSS, Atom and RDF feeds with the expected number of items: {_share(judged):.1%} of {len(judged)}"
    for outcome in judged:
        if not outcome.agrees:
            yield f"  {outcome.file}: {outcome.read} instead of {outcome.expected} ({outcome.why})"


def enough(found: Sequence[Outcome]) -> bool:
    """Whether as many feeds agree as should."""
    return _share([outcome for outcome in found if outcome.format.startswith(SYNDICATION)]) >= ENOUGH


def _share(judged: Sequence[Outcome]) -> float:
    return sum(outcome.agrees for outcome in judged) / len(judged) if judged else 0.0


def _outcome(one: Mapping[str, Any], feed: FeedLine | None) -> Outcome:
    detail = feed.last_detail if feed and feed.last_detail else ""
    why = f"{feed.last_outcome}: {detail}".rstrip(": ") if feed else "never polled"
    return Outcome(
        url=one["url"],
        file=one["file"],
        format=one["format"],
        expected=one["entries"],
        read=feed.items if feed else None,
        why=why,
    )
