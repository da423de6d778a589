"""Why an article has its topics, and what a topic lacks: nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.topics import Matcher, Topic, read_topic
from newswire.core.topics.explaining import Explanation
from newswire.core.topics.suggesting import Sample, Suggestion, almost, suggestions
from newswire.errors import ConfigError
from newswire.records import ArticleText, OverrideLine
from newswire.warehouse import articles, topic_overrides, topics
from newswire.warehouse.connection import Conn

NEWEST = 5000  # articles that suggestions are drawn from: some days of a few hundred feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What a topic might lack: terms that separate, and what people said otherwise than the rules."""

    terms: tuple[Suggestion, ...]
    tagged: int
    near_misses: int
    disagreements: tuple[OverrideLine, ...]


def explain(conn: Conn, article: str, *, only: Sequence[str] = ()) -> tuple[ArticleText, tuple[Explanation, ...]]:
    """What the topics in force find in an article (its number or an address).

    Raises ConfigError for an article or a topic that is not there.
    """
    [text] = articles.texts(conn, [articles.named(conn, article).article_id])
    every = _in_force(conn)
    chosen = [_called(slug, every) for slug in only] or every
    return text, Matcher(chosen).explain(text)


def suggest(conn: Conn, slug: str) -> Suggested:
    """What separates the newest articles of a topic from those that come close, people's words first.

    Raises ConfigError for an unknown topic.
    """
    every = _in_force(conn)
    topic = _called(slug, every)
    said = topic_overrides.of_topic(conn, slug)
    samples = [
        Sample(language=line.language, title=line.title, text=line.text, applies=line.applies) for line in said
    ] + _samples(topic, articles.newest(conn, limit=NEWEST), skip={line.article_id for line in said})
    return Suggested(
        terms=tuple(suggestions(topic, samples)),
        tagged=sum(sample.applies for sample in samples),
        near_misses=sum(not sample.applies for sample in samples),
        disagreements=tuple(line for line in said if line.applies != (line.level is not None)),
    )


def _samples(topic: Topic, newest: Sequence[ArticleText], *, skip: set[int]) -> list[Sample]:
    tags, comes_close = Matcher([topic]), Matcher([almost(topic)])
    samples = []
    for article in newest:
        if article.article_id not in skip and comes_close.match(article):
            applies = bool(tags.match(article))
            samples.append(Sample(language=article.language, title=article.title, text=article.text, applies=applies))
    return samples


def _called(slug: str, every: Sequence[Topic]) -> Topic:
    """The topic of this name. Raises ConfigError where none is in force under it."""
    for topic in every:
        if topic.id == slug:
            return topic
    if not every:
        raise ConfigError("no topic is in force yet; the first articles that are tagged put config/topics in force")
    raise ConfigError(f"no topic is called {slug}; choose from {', '.join(topic.id for topic in every)}")


def _in_force(conn: Conn) -> list[Topic]:
    return [read_topic(topic.definition, path=f"{topic.slug}.yaml") for topic in topics.in_force(conn)]
