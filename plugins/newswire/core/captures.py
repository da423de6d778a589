"""Captures of another archive: which of them are pages that somebody wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from newswire.core.pages import page_fetch
from newswire.core.urls import is_address, registrable_domain
from newswire.records import Days, Fetch, WarcRecord

# CC-NEWS-20261105123456-00042.warc.gz: when the file was begun. It holds captures of the hours behind that.
_BEGUN = re.compile(r"(?<!\d)(?P<day>(?:19|20)\d{6})\d{6}(?!\d)")
_DAY = r"\d{4}-\d{2}-\d{2}"
_PART = re.compile(rf"(?:(?P<since>{_DAY})(?: to (?P<until>{_DAY}))?)?(?: of |^)?(?P<domains>[^ ]+)?")
_LASTS = timedelta(days=2)  # more than a crawl keeps a file open


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which captures are imported."""

    days: Days | None = None  # None: of whatever day
    domains: frozenset[str] = frozenset()  # of publishers; none: of all

    def __str__(self) -> str:
        parts = [str(self.days) if self.days else "", ",".join(sorted(self.domains))]
        return " of ".join(part for part in parts if part) or "all"

    @classmethod
    def read(cls, part: str) -> Self:
        """What `str` wrote."""
        found = _PART.fullmatch(part)
        if part == "all" or found is None:
            return cls()
        since, until, domains = found["since"], found["until"] or found["since"], found["domains"]
        return cls(
            days=Days(since=date.fromisoformat(since), until=date.fromisoformat(until)) if since else None,
            domains=frozenset(domains.split(",") if domains else ()),
        )


def may_hold(url: str, wanted: Wanted) -> bool:
    """Whether a file can hold captures of the wanted days, by the time in its name."""
    begun = _BEGUN.search(url.rpartition("/")[2])
    if wanted.days is None or begun is None:
        return True
    try:
        day = datetime.strptime(begun["day"], "%Y%m%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        return True
    return day <= wanted.days.until and wanted.days.since <= day + _LASTS


def capture(record: WarcRecord, *wanted: Wanted) -> Fetch | str:
    """A capture as the fetch of its page; a word where it is none, or none that any of these imports wanted."""
    response, captured_at = record.response, record.captured_at
    if response is None or captured_at is None:
        return record.outcome
    if not is_address(response.url):
        return "bad_url"
    if not any(_is_wanted(response.url, captured_at.date(), one) for one in wanted):
        return "not_asked_for"
    fetch = page_fetch(response, now=captured_at)
    return fetch if fetch.outcome == "stored" else fetch.cause or fetch.outcome


def _is_wanted(url: str, day: date, wanted: Wanted) -> bool:
    return (wanted.days is None or day in wanted.days) and (
        not wanted.domains or registrable_domain(url) in wanted.domains
    )
