"""When an article was published, as far as its page says.

Readers of dates in free text (htmldate, dateutil, dateparser) fill what is missing from today's date, so the same page would
be read differently tomorrow. Here only `core/dates.py` reads, which knows no today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from lxml.html import HtmlElement

from newswire.core.articles.claims import PageClaims
from newswire.core.articles.queries import text_query
from newswire.core.dates import read_date
from newswire.records import Dated, DatePrecision, DateSource

_PRECISION: dict[str, DatePrecision] = {"exact": "instant", "tz_assumed": "local", "date_only": "day"}  # best first
_DAY_CHARS = 8  # 20240131; a year or a month alone is no day
_AHEAD = timedelta(days=1)  # a publisher's clock or zone may run before ours


def read_published(tree: HtmlElement, claims: PageClaims, *, url: str, fetched_at: datetime) -> Dated | None:
    """The moment of publication in UTC; midnight UTC where only a day is known, None where nothing can be read.

    The first kind of place that holds a date counts: what the page claims, the times it marks up, its address, its lines.
    A date after `fetched_at` is none.
    """
    places: tuple[tuple[Written, ...], ...] = (
        (("structured_data", claims.published), ("meta", claims.published_meta)),
        (("marked_time", _marked_times(tree)),),
        (("address", _days_of(url)),),
        (("text", _shown_day(tree)),),
    )
    return next((date for place in places if (date := _best(place, fetched_at)) is not None), None)


def read_modified(claims: PageClaims, *, published: Dated | None, fetched_at: datetime) -> datetime | None:
    """When the page says that it was last changed; None where that is before its publication, or not said."""
    claimed = _best((("structured_data", claims.modified),), fetched_at)
    if claimed is None or claimed.precision == "day" or (published is not None and claimed.at < published.at):
        return None
    return claimed.at


def reconcile(page: Dated | None, feed: Dated | None) -> tuple[Dated | None, bool]:
    """The date to believe of what page and feed say, and whether they contradict each other.

    Within a day they mean the same moment: the page's if it is whole (feeds often print the last change), else the feed's.
    Farther apart, what the page claims of itself is believed, but no date found in its lines or address.
    """
    if page is None or feed is None:
        return page or feed, False
    if abs(page.at - feed.at) <= _SAME:
        return page if _rank(page) <= _rank(feed) else feed, False
    return page if page.source in _CLAIMED else feed, True


_SAME = timedelta(days=1)  # a day without its zone is that far from its instant
_CLAIMED = frozenset({"structured_data", "meta"})


def _rank(date: Dated) -> int:
    return list(_PRECISION.values()).index(date.precision)


def dated(source: DateSource, moment: datetime | None, quality: str) -> Dated | None:
    """A moment with where it comes from, if it was written well enough to be one."""
    precision = _PRECISION.get(quality)
    return Dated(at=moment, source=source, precision=precision) if moment is not None and precision else None


Written = tuple[DateSource, Iterable[str]]


def _best(place: Iterable[Written], fetched_at: datetime) -> Dated | None:
    """The most exact of the dates as written that is not in the future; the first of equals."""
    readings = [dated(source, *read_date(raw)) for source, raws in place for raw in raws if len(raw) >= _DAY_CHARS]
    known = [date for date in readings if date and date.at <= fetched_at + _AHEAD]
    return min(known, key=_rank, default=None)


_MAX_TIMES = 20


def _marked_times(tree: HtmlElement) -> Iterator[str]:
    """What the first `time` element states, or the first that is marked as publication."""
    elements = list(islice(tree.iterfind(".//time[@datetime]"), _MAX_TIMES))
    elements.sort(key=lambda element: "published" not in (element.get("itemprop") or "").lower())
    yield from (element.get("datetime", "") for element in elements[:1])


_DAY_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d\d)[/._-]?(0[1-9]|1[0-2])[/._-]?(0[1-9]|[12]\d|3[01])(?!\d)")


def _days_of(url: str) -> Iterator[str]:
    return ("-".join(found.groups()) for found in _DAY_IN_ADDRESS.finditer(url))


# A headline can name any day; scripts and comments are no text.
_SHORT_TEXTS = text_query(
    "//body//text()[string-length() <= 200][contains(., '20') or contains(., '19')]"
    "[not(ancestor::h1 or parent::script or parent::style)]"
)
_DATE_LINE_CHARS = 80
_MAX_TEXTS = 1_000


def _shown_day(tree: HtmlElement) -> Iterator[str]:
    """The day in the first short line of the page that names one: on news pages it stands under the headline.

    Only the day: what else stands in such a line may be its time, another date, or anything.
    """
    texts = (" ".join(text.split()) for text in _SHORT_TEXTS(tree)[:_MAX_TEXTS])
    moments = (read_date(text)[0] for text in texts if len(text) <= _DATE_LINE_CHARS and _YEAR.search(text))
    yield from (moment.date().isoformat() for moment in islice(filter(None, moments), 1))


_YEAR = re.compile(r"(?<!\d)(?:199[5-9]|20\d\d)(?!\d)")  # what is older is no news page
