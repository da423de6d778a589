"""Tag articles with the topics in force, with the proof of each tag."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.topics import ENGINE_VERSION, Matcher, read_topic
from newswire.records import ArticleText, Batch, Done, StepReport, TopicInForce, TopicMatch, Verdict
from newswire.warehouse import articles, marts, topics, work
from newswire.warehouse.connection import Conn

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The definitions that tag now, compiled once; the digest names them all."""

    topics: tuple[TopicInForce, ...]
    matcher: Matcher
    sha256: bytes
    whole: bool  # all topics in force, not a selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One article with what the topics found in it."""

    article: ArticleText
    matches: tuple[TopicMatch, ...]
    verdict: Verdict


def definitions(conn: Conn, *, only: Sequence[str] = ()) -> Definitions:
    """Compile the definitions in force (`only`: these topics; empty: all)."""
    every = topics.in_force(conn)
    chosen = tuple(topic for topic in every if not only or topic.slug in only)
    return Definitions(
        topics=chosen,
        matcher=Matcher([read_topic(topic.definition, path=f"{topic.slug}.yaml") for topic in chosen]),
        sha256=hashlib.sha256(b"".join(bytes(topic.sha256) for topic in chosen)).digest(),
        whole=len(chosen) == len(every),
    )


def tag(conn: Conn, batch: Batch, *, by: Definitions, publish_delay_s: float) -> StepReport:
    """Match these articles; their tags are exactly what is found now, the former ones kept as history."""
    found = articles.texts(conn, batch.keys)
    results = [
        Matched(article=article, matches=by.matcher.match(article), verdict=Done(key=article.article_id))
        for article in found
    ]
    missing = set(batch.keys) - {article.article_id for article in found}
    return work.drop(conn, batch, sorted(missing)) + work.settle(
        conn, batch, results, lambda conn, some: _write(conn, some, by, publish_delay_s)
    )


def _write(conn: Conn, results: Sequence[Matched], by: Definitions, publish_delay_s: float) -> StepReport:
    changed = set(
        topics.replace(
            conn,
            [topics.Tagged(article=result.article, matches=result.matches) for result in results],
            by.topics,
            engine=ENGINE_VERSION,
            definitions_sha256=by.sha256 if by.whole else None,
        )
    )
    marts.touch(conn, {r.article.day for r in results if r.article.article_id in changed}, delay_s=publish_delay_s)
    found = [f"{match.topic} {match.level}" for result in results for match in result.matches]
    return StepReport(
        seen=len(results),
        changed=len(changed),
        unchanged=len(results) - len(changed),
        outcomes={name: found.count(name) for name in sorted(set(found))},
    )
