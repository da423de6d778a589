"""Tag articles with the topics in force, with the proof of each tag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.topics import ENGINE_VERSION, Matcher, read_topic
from newswire.records import ArticleText, Batch, Done, StepReport, TopicInForce, TopicMatch, Verdict
from newswire.warehouse import articles, marts, topics, work
from newswire.warehouse.connection import Conn

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The definitions that tag now, compiled once."""

    topics: tuple[TopicInForce, ...]
    matcher: Matcher
    sha256: bytes  # of all that are in force, also of those that were not chosen
    whole: bool  # all topics in force, not a selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One article with what the topics found in it."""

    article: ArticleText
    matches: tuple[TopicMatch, ...]
    verdict: Verdict


class Tagger:
    """The topics in force (`only`: these; empty: all), compiled anew whenever a release came between two batches."""

    def __init__(self, conn: Conn, *, only: Sequence[str] = ()) -> None:
        self._only = only
        self.definitions = _compiled(conn, only, topics.in_force_digest(conn))

    def tag(self, conn: Conn, batch: Batch, *, publish_delay_s: float) -> StepReport:
        """Match these articles; their tags are exactly what is found now, the former ones kept as history.

        No release comes between matching and writing, so that nothing is tagged with what is no longer in force.
        """
        with conn.transaction():
            in_force = topics.hold_in_force(conn)
            if in_force != self.definitions.sha256:
                self.definitions = _compiled(conn, self._only, in_force)
            return _tag(conn, batch, self.definitions, publish_delay_s)


def _compiled(conn: Conn, only: Sequence[str], sha256: bytes) -> Definitions:
    every = topics.in_force(conn)
    chosen = tuple(topic for topic in every if not only or topic.slug in only)
    return Definitions(
        topics=chosen,
        matcher=Matcher([read_topic(topic.definition, path=f"{topic.slug}.yaml") for topic in chosen]),
        sha256=sha256,
        whole=len(chosen) == len(every),
    )


def _tag(conn: Conn, batch: Batch, by: Definitions, publish_delay_s: float) -> StepReport:
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
