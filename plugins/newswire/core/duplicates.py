"""Which articles repeat which. The answer is a function of the set of articles, not of the order they came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from itertools import groupby

from newswire.records import Candidate, Duplicate

_UNDATED = datetime.max.replace(tzinfo=UTC)


def group_copies(candidates: Sequence[Candidate]) -> tuple[Duplicate, ...]:
    """Link every article to the original of its text: the candidate with the same digest that was published first.

    All candidates of a digest must be given; they may come in any order and return in the order of their addresses.

    Neither the database's numbers nor `first_seen_at` decide, because both depend on when which feed was polled: the same
    articles imported in another order would have other originals. What decides is what the publishers wrote: the date of
    publication, then the normalised address. A claimed date can be wrong, and the reason says that it was claimed.
    """
    by_text = sorted(candidates, key=lambda candidate: candidate.text_sha256)
    groups = (list(group) for _, group in groupby(by_text, key=lambda candidate: candidate.text_sha256))
    copies = ((copy, min(group, key=_order)) for group in groups for copy in group)
    duplicates = [(copy, original) for copy, original in copies if copy is not original]
    return tuple(_duplicate(copy, original) for copy, original in sorted(duplicates, key=lambda pair: pair[0].url))


def _order(candidate: Candidate) -> tuple[date, bool, datetime, str]:
    """The total order of copies: published first, undated last, then by address (unique to an article).

    Midnight stands for a day without its hour (`core/dates.py`): such an article is not put before those of the day that
    name their hour.
    """
    moment = (candidate.published_at or _UNDATED).astimezone(UTC)
    return moment.date(), moment.time() == time(), moment, candidate.url


def _duplicate(copy: Candidate, original: Candidate) -> Duplicate:
    return Duplicate(
        article_id=copy.article_id, original_id=original.article_id, kind="exact", reason=_reason(copy, original)
    )


def _reason(copy: Candidate, original: Candidate) -> str:
    """What proves the copy, for people: the same text, and why the other one counts as the original."""
    if original.published_at is None:
        return f"same text as {original.url}; neither is dated"
    if copy.published_at is None:
        return f"same text as {original.url}, published {_written(original.published_at)}; this one is undated"
    return f"same text as {original.url}, published {_written(original.published_at)}; this one {_written(copy.published_at)}"


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
