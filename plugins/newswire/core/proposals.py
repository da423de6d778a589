"""Which feeds of a site are worth a person's time, what speaks for them, and how that is said."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from newswire.core.markdown import plain
from newswire.records import Entry, FeedProposal, FoundFeed, ParsedFeed, Proposed

MOST_OF_A_SITE = 8  # a person compares a handful; the best come first
_ASLEEP = timedelta(days=30)
_MOSTLY = 0.5
_SAMPLES = 3
_MATCHED = 50  # items whose topics are looked for

TopicsOf = Callable[[Entry], Iterable[str]]


def worth_proposing(feeds: Sequence[FoundFeed], *, topics_of: TopicsOf, now: datetime) -> tuple[FeedProposal, ...]:
    """The feeds of a site that are alive, best first as discovery ranked them. `topics_of` says which topics apply to an item."""
    read = ((feed, feed.look.parsed) for feed in feeds)
    alive = (_proposal(feed, parsed, topics_of) for feed, parsed in read if parsed and _is_alive(parsed, now))
    return tuple(islice(alive, MOST_OF_A_SITE))


def _is_alive(parsed: ParsedFeed, now: datetime) -> bool:
    """Whether it brought anything lately. One without dates may have."""
    newest = _newest_at(parsed)
    return bool(parsed.entries) and (newest is None or now - newest < _ASLEEP)


def _proposal(feed: FoundFeed, parsed: ParsedFeed, topics_of: TopicsOf) -> FeedProposal:
    hits = Counter(topic for entry in parsed.entries[:_MATCHED] for topic in topics_of(entry))
    return FeedProposal(
        url=feed.look.moved_to or feed.look.url,
        found=feed.candidate.why,
        format=parsed.format,
        title=parsed.title,
        language=parsed.language,
        items=len(parsed.entries),
        newest_at=_newest_at(parsed),
        items_a_day=feed.items_a_day,
        own_links=feed.own_links,
        topics=tuple(f"{topic} {count}" for topic, count in sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))),
        samples=tuple(entry.title for entry in _newest_first(parsed.entries) if entry.title)[:_SAMPLES],
        offer_sha256=_offer(feed, parsed),
    )


def _offer(feed: FoundFeed, parsed: ParsedFeed) -> bytes:
    """What is another offer when it changes. Not what changes by itself: items, dates, how many a day."""
    told = (parsed.title or "", parsed.language or "", "own" if feed.own_links >= _MOSTLY else "of others")
    return hashlib.sha256("\n".join(told).encode()).digest()


def _newest_at(parsed: ParsedFeed) -> datetime | None:
    return max((entry.published_at for entry in parsed.entries if entry.published_at), default=None)


def _newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """By date; those without one last, in their order."""
    return sorted(entries, key=lambda entry: -entry.published_at.timestamp() if entry.published_at else 0.0)


# --- In words --------------------------------------------------------------------------------------------------------


def question(proposed: Proposed) -> str:
    """What a person is asked, in one line."""
    return f"Subscribe to feeds of {proposed.site.domain}? {len(proposed.feeds)} found"


def in_lines(proposed: Proposed) -> Iterator[str]:
    """What looking at a site came to, for a log."""
    outcome = proposed.problem or f"{len(proposed.feeds)} feeds to decide about"
    yield f"{proposed.site.domain} ({proposed.site.reason}): {outcome}"
    yield from (f"  {feed.url}" for feed in proposed.feeds)


def as_markdown(proposed: Proposed) -> str:
    """For the person who decides: why this site, and what each feed is."""
    return "\n".join([f"Looked at because {plain(proposed.site.reason)}.", *_feeds(proposed.feeds)])


def _feeds(feeds: Iterable[FeedProposal]) -> Iterator[str]:
    for feed in feeds:
        yield f"\n**{plain(feed.title or 'Without a title')}** · `{feed.url.replace('`', '%60')}`\n"
        yield f"- {'; '.join(_facts(feed))}"
        yield f"- topics: {', '.join(map(plain, feed.topics)) or 'none in force applies to what it has now'}"
        yield from (f"- “{plain(title)}”" for title in feed.samples)


def _facts(feed: FeedProposal) -> Iterator[str]:
    yield f"{feed.format}, {feed.items} items"
    yield f"newest {feed.newest_at:%Y-%m-%d %H:%M} UTC" if feed.newest_at else "no dates"
    yield "too few dates to tell how often" if feed.items_a_day is None else f"about {feed.items_a_day:.1f} a day"
    yield f"language {plain(feed.language or 'not declared')}"
    yield f"{feed.own_links:.0%} of its links lead to the site"
    yield plain(feed.found)
