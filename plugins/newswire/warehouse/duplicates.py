"""Fingerprints by week, pairs that are alike, and which article repeats which.

What writes fingerprints, pairs and duplicates is called by the one matcher, in its transaction, after `wait_for_turn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeVar

from newswire.core.duplicates import WINDOW_DAYS
from newswire.core.fingerprints import SIGNATURE_VERSION
from newswire.records import (
    ArticleKey,
    ArticleVersion,
    ChangedArticle,
    ComparedArticle,
    DroppedWeeks,
    Duplicate,
    DuplicateLine,
    DuplicatePair,
    Fingerprint,
    GroupMember,
    HotAnchor,
    OpenedWeek,
    PairKey,
    RuleChange,
    RuleVersion,
    SwitchedRule,
)
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import columns, rows, run

T = TypeVar("T")

KEEP_DAYS = 30  # a week of fingerprints nobody wrote to for so long is dropped; it is made again where it is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprinted:
    """A version of an article, its fingerprint, and the agency that its byline names."""

    version: ArticleVersion
    fingerprint: Fingerprint
    agency: str | None


def versions(conn: Conn, article_ids: Sequence[int]) -> list[ArticleVersion]:
    """What is to be fingerprinted of these articles: their current versions, and earlier ones that never were."""
    return _by_rule(conn, "versions", ArticleVersion, keys=list(article_ids))


def wait_for_turn(conn: Conn) -> None:
    """Be the only matcher until the transaction ends."""
    run(conn, "duplicates.plan_matching", whole_tables=True)
    run(conn, "duplicates.lock_groups")
    _run_by_rule(conn, "adopt_rule")


def open_weeks(conn: Conn, days: Iterable[date]) -> list[int]:
    """Have the weeks of these days and of all that is compared with them; returns the articles that are missing there.

    A week is missing where it was dropped long ago; an article of a day near to it is compared with all the same.
    """
    opened = rows(conn, "duplicates.open_weeks", OpenedWeek, days=sorted(set(days)), around=WINDOW_DAYS)
    weeks = [row.week for row in opened]
    return [row.article_id for row in _by_rule(conn, "grouped_in_weeks", ArticleKey, weeks=weeks)] if weeks else []


def save_fingerprints(conn: Conn, made: Sequence[Fingerprinted]) -> None:
    """Store fingerprints of versions; the one of an article's current version is its current one."""
    telling = [one for one in made if one.fingerprint.text_key is not None]
    prints = [one.fingerprint for one in telling]
    _run_by_rule(
        conn,
        "save_fingerprints",
        article_ids=[one.version.article_id for one in telling],
        version_ids=[one.version.version_id for one in telling],
        days=[one.version.day for one in telling],
        source_ids=[one.version.source_id for one in telling],
        ats=[one.version.at for one in telling],
        words=[one.words for one in prints],
        text_keys=[one.text_key for one in prints],
        anchors=[_array(one.anchors) for one in prints],
        sketches=[_array(one.sketch) for one in prints],
        cuts=[one.cut for one in prints],
        titles=[_array(one.title) for one in prints],
        numbers=[_array(one.numbers) for one in prints],
        openings=[_array(one.opening) for one in prints],
    )
    keys = sorted({one.version.article_id for one in made})
    with _by_index(conn):
        _run_by_rule(conn, "mark_current", keys=keys, days=sorted({one.version.day for one in made}))
    _run_by_rule(
        conn,
        "save_text_keys",
        article_ids=[one.version.article_id for one in made],
        version_ids=[one.version.version_id for one in made],
        text_keys=[one.fingerprint.text_key for one in made],
        words=[one.fingerprint.words for one in made],
        agencies=[one.agency for one in made],
    )


def heat(conn: Conn, article_ids: Sequence[int], *, hot_limit: int) -> list[HotAnchor]:
    """Anchors that these articles made hot: more than `hot_limit` versions of their day carry them now."""
    with _by_index(conn):
        return _by_rule(conn, "heat", HotAnchor, keys=list(article_ids), hot_limit=hot_limit)


def drop_pairs(conn: Conn, article_ids: Sequence[int], *, found: Sequence[DuplicatePair]) -> list[PairKey]:
    """Forget the pairs of these articles that were not found this time; returns them."""
    return _by_rule(conn, "drop_pairs", PairKey, keys=list(article_ids), **columns(found, "article_a", "article_b"))


def drop_hot_pairs(conn: Conn, hot: Sequence[HotAnchor]) -> list[PairKey]:
    """Forget the pairs that these anchors, hot now, have left with too little in common; returns them."""
    if not hot:
        return []
    with _by_index(conn):
        return _by_rule(conn, "drop_hot_pairs", PairKey, **columns(hot, "day", "anchor"), window_days=WINDOW_DAYS)


def candidates(conn: Conn, article_ids: Sequence[int]) -> list[PairKey]:
    """Pairs to compare: one of these articles and any other that shares two cool anchors with it."""
    with _by_index(conn):
        return _by_rule(conn, "candidates", PairKey, keys=list(article_ids), window_days=WINDOW_DAYS)


def fingerprints(conn: Conn, article_ids: Iterable[int]) -> dict[int, Fingerprint]:
    """The current fingerprints of these articles."""
    keys = sorted(set(article_ids))
    return dict(zip(keys, _by_rule(conn, "fingerprints", Fingerprint, keys=keys), strict=True))


def save_pairs(conn: Conn, pairs: Sequence[DuplicatePair]) -> None:
    """Store what was found alike."""
    names = ("article_a", "article_b", "kind", "containment", "jaccard", "title_share", "numbers", "numbers_alike")
    _run_by_rule(conn, "save_pairs", **columns(pairs, *names))


def members(conn: Conn, article_ids: Sequence[int]) -> list[GroupMember]:
    """All articles that belong with these, now or by what was decided before."""
    with _by_index(conn):
        return _by_rule(conn, "members", GroupMember, keys=list(article_ids))


def pairs_of(conn: Conn, article_ids: Sequence[int]) -> list[DuplicatePair]:
    """The pairs among the members of whole groups."""
    return _by_rule(conn, "pairs_of", DuplicatePair, keys=list(article_ids))


def replace(conn: Conn, looked_at: Sequence[int], duplicates: Sequence[Duplicate]) -> list[int]:
    """Replace what is said of the articles looked at; returns those for which something changed."""
    decided = columns(duplicates, *(field.name for field in fields(Duplicate)))
    return [row.article_id for row in _by_rule(conn, "replace", ChangedArticle, looked_at=list(looked_at), **decided)]


def drop_weeks(conn: Conn) -> int:
    """Drop the weeks of fingerprints that nobody needs; returns how many."""
    return rows(conn, "duplicates.drop_weeks", DroppedWeeks, keep_days=KEEP_DAYS)[0].dropped


def compared(conn: Conn, article_id: int) -> ComparedArticle:
    """What comparing shows of an article."""
    [found] = rows(conn, "duplicates.compared", ComparedArticle, article_id=article_id)
    return found


def around(conn: Conn, article_id: int) -> list[DuplicateLine]:
    """The copies of the group that an article is in."""
    return rows(conn, "duplicates.around", DuplicateLine, article_id=article_id)


def rule_versions(conn: Conn) -> list[RuleVersion]:
    """Every version of the rule that has grouped anything."""
    return rows(conn, "duplicates.rule_versions", RuleVersion)


def rule_changes(conn: Conn, *, won: bool) -> list[RuleChange]:
    """Copies that the newest version of the rule wins (or loses) against the one in force."""
    return rows(conn, "duplicates.rule_changes", RuleChange, won=won)


def switch_rule(conn: Conn, signature: str) -> bool:
    """Put a version in force; False: it has grouped nothing."""
    return bool(rows(conn, "duplicates.switch_rule", SwitchedRule, signature=signature))


def _by_rule(conn: Conn, query: str, record: type[T], /, **parameters: object) -> list[T]:
    """A query about what this version of the rule has found: two versions never meet."""
    return rows(conn, f"duplicates.{query}", record, signature=SIGNATURE_VERSION, **parameters)


def _run_by_rule(conn: Conn, query: str, /, **parameters: object) -> None:
    run(conn, f"duplicates.{query}", signature=SIGNATURE_VERSION, **parameters)


@contextmanager
def _by_index(conn: Conn) -> Iterator[None]:
    """Read tables by their indexes only, whatever the statistics say: those of a busy table are always late."""
    run(conn, "duplicates.plan_matching", whole_tables=False)
    yield
    run(conn, "duplicates.plan_matching", whole_tables=True)


def _array(numbers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
