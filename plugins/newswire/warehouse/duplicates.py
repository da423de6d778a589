"""Fingerprints, and which article repeats which."""

from __future__ import annotations

from collections.abc import Sequence

from newswire.records import ArticleText, Candidate, ChangedArticle, ChangedText, Duplicate
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def save_fingerprints(
    conn: Conn, fingerprints: Sequence[tuple[ArticleText, bytes | None]], *, version: str
) -> list[bytes]:
    """Store the text digests of articles (None: too short to prove copying); returns the digests that came or went."""
    changed = rows(
        conn,
        "duplicates.save_fingerprints",
        ChangedText,
        article_ids=[article.article_id for article, _ in fingerprints],
        version_ids=[article.version_id for article, _ in fingerprints],
        text_sha256s=[digest for _, digest in fingerprints],
        fingerprint_version=version,
    )
    return [bytes(row.text_sha256) for row in changed]


def lock_groups(conn: Conn) -> None:
    """Be the only one to decide on groups until the transaction ends."""
    run(conn, "duplicates.lock_groups")


def candidates(conn: Conn, digests: Sequence[bytes]) -> list[Candidate]:
    """All articles whose text has one of these digests."""
    return rows(conn, "duplicates.candidates", Candidate, digests=list(digests))


def replace(conn: Conn, looked_at: Sequence[int], duplicates: Sequence[Duplicate], *, version: str) -> list[int]:
    """Replace what is said of the articles looked at; returns those for which something changed."""
    changed = rows(
        conn,
        "duplicates.replace",
        ChangedArticle,
        looked_at=list(looked_at),
        article_ids=[duplicate.article_id for duplicate in duplicates],
        original_ids=[duplicate.original_id for duplicate in duplicates],
        kinds=[duplicate.kind for duplicate in duplicates],
        reasons=[duplicate.reason for duplicate in duplicates],
        fingerprint_version=version,
    )
    return [row.article_id for row in changed]
