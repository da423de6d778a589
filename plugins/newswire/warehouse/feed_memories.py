"""What each feed's last document gave, item by item."""

from __future__ import annotations

from collections.abc import Mapping

from newswire.records import FeedMemory, ParsedFeed
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import columns, rows, run


def recall(conn: Conn, feed_id: int) -> FeedMemory | None:
    """What a feed's next document may be compared with; None: it is to be read whole."""
    return next(iter(rows(conn, "feed_memories.recall", FeedMemory, feed_id=feed_id)), None)


def remember(conn: Conn, read: Mapping[int, ParsedFeed]) -> None:
    """Keep what these documents gave, by feed; one that gives nothing to remember leaves what is there."""
    memories = {feed_id: feed.memory for feed_id, feed in read.items() if feed.memory}
    if not memories:
        return
    run(
        conn,
        "feed_memories.remember",
        feed_ids=list(memories),
        contexts=[memory.context for memory in memories.values()],
        **columns(list(memories.values()), "item_digests", "entry_keys"),
        pruned_ids=[feed_id for feed_id, feed in read.items() if feed.known],
    )
