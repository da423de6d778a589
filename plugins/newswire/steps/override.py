"""A person's word on an article and a topic: it wins over the rules in all marts and outlives every re-tagging."""

from __future__ import annotations

from collections.abc import Sequence

from newswire.errors import ConfigError
from newswire.warehouse import articles, marts, topic_overrides, topics
from newswire.warehouse.connection import Conn


def say(
    conn: Conn,
    article: str,
    topic: str,
    *,
    applies: bool | None,
    said_by: str,
    note: str | None,
    publish_delay_s: float,
) -> None:
    """Say that a topic applies to an article (its number or an address) or not; None takes back what was said.

    Raises ConfigError naming what is not there.
    """
    found = articles.named(conn, article)
    with conn.transaction():
        if not topic_overrides.say(conn, found.article_id, topic, applies=applies, said_by=said_by, note=note):
            raise ConfigError(_nothing_said(article, topic, [one.slug for one in topics.in_force(conn)]))
        marts.touch(conn, [found.day], delay_s=publish_delay_s)


def _nothing_said(article: str, topic: str, known: Sequence[str]) -> str:
    if topic in known:
        return f"nobody has said anything of {article} and {topic}; there is nothing to take back"
    return f"no topic is called {topic}; choose from {', '.join(known)}"
