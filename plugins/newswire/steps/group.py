"""Group articles: which of them repeat another. The answer depends on the set of articles alone, not on their arrival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.duplicates import group_copies
from newswire.core.fingerprints import FINGERPRINT_VERSION, text_digest
from newswire.records import ArticleText, Batch, Done, StepReport, Verdict
from newswire.steps import stories
from newswire.warehouse import articles, duplicates, marts, work
from newswire.warehouse.connection import Conn

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprinted:
    """One article with the digest of its normalised text; None where the text is too short to prove copying."""

    article: ArticleText
    text_sha256: bytes | None
    verdict: Verdict


def group(conn: Conn, batch: Batch, *, publish_delay_s: float) -> StepReport:
    """Fingerprint these articles and decide every group they are in, or were in, anew."""
    found = articles.texts(conn, batch.keys)
    results = [
        Fingerprinted(
            article=article,
            text_sha256=text_digest(article.title, article.text),
            verdict=Done(key=article.article_id),
        )
        for article in found
    ]
    missing = set(batch.keys) - {article.article_id for article in found}
    return work.drop(conn, batch, sorted(missing)) + work.settle(
        conn, batch, results, lambda conn, some: _write(conn, some, publish_delay_s=publish_delay_s)
    )


def _write(conn: Conn, results: Sequence[Fingerprinted], *, publish_delay_s: float) -> StepReport:
    duplicates.lock_groups(conn)
    digests = duplicates.save_fingerprints(
        conn, [(result.article, result.text_sha256) for result in results], version=FINGERPRINT_VERSION
    )
    candidates = duplicates.candidates(conn, digests)
    copies = group_copies(candidates)
    looked_at = {candidate.article_id for candidate in candidates} | {r.article.article_id for r in results}
    changed = duplicates.replace(conn, sorted(looked_at), copies, version=FINGERPRINT_VERSION)
    stories.place(conn, {result.article.article_id for result in results} | set(changed))
    marts.touch(conn, articles.days(conn, changed), delay_s=publish_delay_s)
    return StepReport(
        seen=len(results),
        changed=len(changed),
        unchanged=max(len(results) - len(changed), 0),
        outcomes={"copies": len(copies)},
    )
