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

_TRUST = ("exact", "tz_assumed", "date_only")  # best first
_DAY_CHARS = 8  # 20240131; a year or a month alone is no day
_AHEAD = timedelta(days=1)  # a publisher's clock or zone may run before ours


def read_published(tree: HtmlElement, claims: PageClaims, *, url: str, fetched_at: datetime) -> datetime | None:
    """The moment of publication in UTC; midnight UTC where only a day is known, None where nothing can be read.

    The first kind of place that holds a date counts: what the page claims, the times it marks up, its address, its lines. A date after `fetched_at` is none.
    """
    for written in (claims.published, _marked_times(tree), _days_of(url), _shown_day(tree)):
        if (moment := _best(written, fetched_at)) is not None:
            return moment
    return None


def _best(written: Iterable[str], fetched_at: datetime) -> datetime | None:
    """The most exact of the dates as written that is not in the future; the first of equals."""
    readings = [read_date(raw) for raw in written if len(raw) >= _DAY_CHARS]
    known = [(moment, quality) for moment, quality in readings if moment and moment <= fetched_at + _AHEAD]
    return min(known, key=lambda reading: _TRUST.index(reading[1]), default=(None,))[0]


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
