"""What people say of an article and a topic: it wins over the rules, and is kept with who and when."""

from __future__ import annotations

from newswire.records import OverrideLine
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def say(conn: Conn, article_id: int, topic: str, *, applies: bool | None, said_by: str, note: str | None) -> bool:
    """Say that the topic applies or not, in place of what was said before; None takes it back.

    Returns False where there is no such topic, or nothing to take back.
    """
    with conn.transaction():
        ended = run(conn, "topic_overrides.take_back", article_id=article_id, topic=topic)
        if applies is None:
            return ended > 0
        said = run(
            conn,
            "topic_overrides.say",
            article_id=article_id,
            topic=topic,
            applies=applies,
            said_by=said_by,
            note=note or None,
        )
        return said > 0


def of_topic(conn: Conn, topic: str) -> list[OverrideLine]:
    """What people say of articles and this topic, the newest first, with what the rules say."""
    return rows(conn, "topic_overrides.of_topic", OverrideLine, topic=topic)
