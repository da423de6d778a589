"""Topic definitions in force, and the tags they give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from newswire.records import ArticleText, ChangedArticle, TopicInForce, TopicMatch, TopicProblem
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """One article, looked at by all topics in scope, with what they found."""

    article: ArticleText
    matches: tuple[TopicMatch, ...]


def offer(conn: Conn, *, slug: str, name: str, parent: str | None, definition: str, sha256: bytes) -> None:
    """Put a definition in force; the same content again is the version that is there."""
    with conn.transaction():
        [topic] = rows(
            conn,
            "topics.offer",
            TopicInForce,
            slug=slug,
            name=name,
            parent=parent,
            definition=definition,
            sha256=sha256,
        )
        run(conn, "topics.put_in_force", topic_id=topic.topic_id, topic_version_id=topic.topic_version_id)


def report_problem(conn: Conn, *, slug: str, problem: str) -> None:
    """Leave word of a file that cannot be used; the version in force stays."""
    run(conn, "topics.report_problem", slug=slug, problem=problem)


def in_force(conn: Conn) -> list[TopicInForce]:
    """The definitions that tag articles now, by slug."""
    return rows(conn, "topics.in_force", TopicInForce)


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

    `definitions_sha256` is None when the scope is only some topics: then nothing is said of the others. Returns the
    articles for which something changed.
    """
    by_slug = {topic.slug: topic for topic in scope}
    tags = [(item.article, match, by_slug[match.topic]) for item in tagged for match in item.matches]
    looked_at = [item.article.article_id for item in tagged]
    parameters = {
        "looked_at": looked_at,
        "scope": [topic.topic_id for topic in scope],
        "article_ids": [article.article_id for article, _, _ in tags],
        "topic_ids": [topic.topic_id for _, _, topic in tags],
        "topic_version_ids": [topic.topic_version_id for _, _, topic in tags],
        "version_ids": [article.version_id for article, _, _ in tags],
        "levels": [match.level for _, match, _ in tags],
        "scores": [match.score for _, match, _ in tags],
        "evidences": [_evidence(match) for _, match, _ in tags],
    }
    run(conn, "topics.keep_history", **parameters)
    changed = rows(conn, "topics.replace", ChangedArticle, engine=engine, **parameters)
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


def _evidence(match: TopicMatch) -> str:
    return json.dumps([asdict(evidence) for evidence in match.evidence], ensure_ascii=False)
