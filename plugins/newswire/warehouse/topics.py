"""Topic definitions in force, and the tags they give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields

from newswire.records import (
    ArticleText,
    ChangedArticle,
    DefinitionsDigest,
    Evidence,
    OfferedVersion,
    TopicFile,
    TopicInForce,
    TopicMatch,
    TopicProblem,
)
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_EVIDENCE = tuple(
    field.name for field in fields(Evidence)
)  # flat, so that `asdict`, which copies deeply, is not needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """One article, looked at by all topics in scope, with what they found."""

    article: ArticleText
    matches: tuple[TopicMatch, ...]


def offer(
    conn: Conn, *, slug: str, name: str, parent: str | None, definition: str, sha256: bytes, file_sha256: bytes
) -> None:
    """Store what a file says as a version of its topic; the same content again is the version that is there."""
    with conn.transaction():
        [version] = rows(
            conn,
            "topics.offer",
            OfferedVersion,
            slug=slug,
            name=name,
            parent=parent,
            definition=definition,
            sha256=sha256,
            file_sha256=file_sha256,
        )
        run(conn, "topics.set_offered", topic_id=version.topic_id, topic_version_id=version.topic_version_id)


def report_problem(conn: Conn, *, slug: str, problem: str, file_sha256: bytes) -> None:
    """Leave word of a file that cannot be used; what it offered before, and the version in force, stay."""
    run(conn, "topics.report_problem", slug=slug, problem=problem, file_sha256=file_sha256)


def withdraw_others(conn: Conn, slugs: Sequence[str]) -> None:
    """The topics whose files are gone offer nothing any more."""
    run(conn, "topics.withdraw", slugs=list(slugs))


def files(conn: Conn) -> dict[str, bytes]:
    """The topic files as they were last read: slug and digest."""
    return {file.slug: file.file_sha256 for file in rows(conn, "topics.files", TopicFile)}


def hold_in_force(conn: Conn) -> bytes:
    """Keep what is in force as it is until the transaction ends; returns the digest of all of it."""
    run(conn, "topics.hold_in_force")
    return in_force_digest(conn)


def in_force_digest(conn: Conn) -> bytes:
    """One digest of all definitions in force."""
    return rows(conn, "topics.in_force_digest", DefinitionsDigest)[0].sha256


def in_force(conn: Conn) -> list[TopicInForce]:
    """The definitions that tag articles now, by slug."""
    return rows(conn, "topics.in_force", TopicInForce)


def offered(conn: Conn) -> list[TopicInForce]:
    """The definitions that the files offer, by slug: what will be in force once everything is released."""
    return rows(conn, "topics.offered", TopicInForce)


def problems(conn: Conn) -> list[TopicProblem]:
    """Topic files that cannot be used."""
    return rows(conn, "topics.problems", TopicProblem)


def replace(
    conn: Conn,
    tagged: Sequence[Tagged],
    scope: Sequence[TopicInForce],
    *,
    engine: str,
    definitions_sha256: bytes | None,
) -> list[int]:
    """Make the tags of these articles under the topics in scope exactly these, the former ones kept as history.

    `definitions_sha256` is None when the scope is only some topics: then nothing is said of the others. With all topics
    in scope, the tags of those that are no longer in force go too. Returns the articles for which something changed.
    """
    by_slug = {topic.slug: topic for topic in scope}
    tags = [(item.article, match, by_slug[match.topic]) for item in tagged for match in item.matches]
    looked_at = [item.article.article_id for item in tagged]
    changed = rows(
        conn,
        "topics.replace",
        ChangedArticle,
        looked_at=looked_at,
        scope=[topic.topic_id for topic in scope],
        whole=definitions_sha256 is not None,
        article_ids=[article.article_id for article, _, _ in tags],
        topic_ids=[topic.topic_id for _, _, topic in tags],
        topic_version_ids=[topic.topic_version_id for _, _, topic in tags],
        version_ids=[article.version_id for article, _, _ in tags],
        levels=[match.level for _, match, _ in tags],
        scores=[match.score for _, match, _ in tags],
        evidences=[evidence_json(match) for _, match, _ in tags],
        engine=engine,
    )
    if definitions_sha256 is not None:
        run(
            conn,
            "topics.record_taggings",
            looked_at=looked_at,
            looked_version_ids=[item.article.version_id for item in tagged],
            definitions_sha256=definitions_sha256,
            engine=engine,
        )
    return [row.article_id for row in changed]


def evidence_json(match: TopicMatch) -> str:
    """Evidence as it is stored."""
    return json.dumps([_spelled(evidence) for evidence in match.evidence], ensure_ascii=False)


def _spelled(evidence: Evidence) -> dict[str, object]:
    return {name: getattr(evidence, name) for name in _EVIDENCE}
