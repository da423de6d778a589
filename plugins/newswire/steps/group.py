"""Group articles: which of them are one piece of writing. The answer depends on the set of articles alone, not on their arrival.

What makes it so: comparing is symmetric and sees only two articles and the hot anchors; whichever of two comes second finds
the other; hot anchors only become more, and pairs that hang on them go when they do; one matcher at a time decides all it has
anew, with everybody who was or is in a group with it; what changes meanwhile is asked for again (the mark of its work row); and
ties go by address, never by a number of the database. tests/warehouse/test_arrival_order.py shuffles all of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from newswire.core.agencies import agency_in
from newswire.core.duplicates import HOT_LIMIT, compare, group_copies
from newswire.core.fingerprints import fingerprint
from newswire.records import ArticleVersion, Batch, Done, DuplicatePair, PairKey, StepReport, Verdict
from newswire.steps import stories
from newswire.warehouse import articles, duplicates, marts, work
from newswire.warehouse.connection import Conn
from newswire.warehouse.duplicates import Fingerprinted

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An article with the fingerprints of its versions that are new, or current."""

    article_id: int
    made: tuple[Fingerprinted, ...]
    verdict: Verdict


def group(conn: Conn, batch: Batch, *, publish_delay_s: float, hot_limit: int = HOT_LIMIT) -> StepReport:
    """Fingerprint these articles, find what each is like, and decide every group they are in, or were in, anew."""
    results = list(_read(conn, batch.keys))
    missing = set(batch.keys) - {result.article_id for result in results}
    with conn.transaction():
        # The turn comes first: whoever waits for it must not keep others from asking for the rows of its batch.
        duplicates.wait_for_turn(conn)
        return work.drop(conn, batch, sorted(missing)) + work.settle(
            conn,
            batch,
            results,
            lambda conn, some: _write(conn, some, publish_delay_s=publish_delay_s, hot_limit=hot_limit),
        )


def _read(conn: Conn, article_ids: Sequence[int]) -> Iterator[Read]:
    found = duplicates.versions(conn, article_ids)
    for article_id, some in groupby(found, key=lambda version: version.article_id):
        made = tuple(_fingerprinted(version) for version in some)
        yield Read(article_id=article_id, made=made, verdict=Done(key=article_id))


def _fingerprinted(version: ArticleVersion) -> Fingerprinted:
    return Fingerprinted(
        version=version,
        fingerprint=fingerprint(version.title, version.text, source_id=version.source_id, at=version.at),
        agency=agency_in(version.authors),
    )


def _write(conn: Conn, results: Sequence[Read], *, publish_delay_s: float, hot_limit: int) -> StepReport:
    keys = [result.article_id for result in results]
    _save_fingerprints(conn, results)
    touched, pairs = _find_pairs(conn, keys, hot_limit=hot_limit)
    changed, copies = _regroup(conn, touched)
    stories.place(conn, set(keys) | set(changed))
    marts.touch(conn, articles.days(conn, changed), delay_s=publish_delay_s)
    return StepReport(
        seen=len(results),
        changed=len(changed),
        unchanged=max(len(results) - len(changed), 0),
        outcomes={"pairs": pairs, "copies": copies},
    )


def _save_fingerprints(conn: Conn, results: Sequence[Read]) -> None:
    """Of these articles, and of all others of a week that had been dropped and is needed again."""
    made = [one for result in results for one in result.made]
    missing = duplicates.open_weeks(conn, {one.version.day for one in made})
    for start in range(0, len(missing), BATCH):
        again = _read(conn, missing[start : start + BATCH])
        duplicates.save_fingerprints(conn, [one for result in again for one in result.made])
    duplicates.save_fingerprints(conn, made)


def _find_pairs(conn: Conn, keys: Sequence[int], *, hot_limit: int) -> tuple[list[int], int]:
    """Find the pairs of these articles anew; returns every article whose pairs may have changed."""
    gone = duplicates.drop_hot_pairs(conn, duplicates.heat(conn, keys, hot_limit=hot_limit))
    found = _compare(conn, duplicates.candidates(conn, keys))
    gone += duplicates.drop_pairs(conn, keys, found=found)
    duplicates.save_pairs(conn, found)
    return sorted({*keys, *_ends(gone), *_ends(found)}), len(found)


def _ends(pairs: Iterable[PairKey | DuplicatePair]) -> set[int]:
    return {end for pair in pairs for end in (pair.article_a, pair.article_b)}


def _compare(conn: Conn, candidates: Sequence[PairKey]) -> list[DuplicatePair]:
    prints = duplicates.fingerprints(conn, _ends(candidates))
    judged = ((pair, compare(prints[pair.article_a], prints[pair.article_b])) for pair in candidates)
    return [
        DuplicatePair(
            article_a=pair.article_a,
            article_b=pair.article_b,
            kind=likeness.kind,
            containment=likeness.containment,
            jaccard=likeness.jaccard,
            title_share=likeness.title_share,
            numbers=likeness.numbers,
            numbers_alike=likeness.numbers_alike,
        )
        for pair, likeness in judged
        if likeness is not None
    ]


def _regroup(conn: Conn, touched: Sequence[int]) -> tuple[list[int], int]:
    """Decide the groups of these articles anew; returns the articles for which something changed, and the copies there are."""
    members = duplicates.members(conn, touched)
    keys = [member.article_id for member in members]
    copies = group_copies(members, duplicates.pairs_of(conn, keys))
    return duplicates.replace(conn, keys, copies), len(copies)
