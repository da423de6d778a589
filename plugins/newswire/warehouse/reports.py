"""What people are shown: progress, lists, delays."""

from __future__ import annotations

from datetime import datetime

from newswire.records import ArticleLine, DelaySummary, FeedLine, LastError, NamedCount, Progress, SightingLine
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows


def progress(conn: Conn) -> Progress:
    """How far everything has come."""
    return rows(conn, "reports.progress", Progress)[0]


def articles(conn: Conn) -> list[ArticleLine]:
    """Every article with its tags, oldest first."""
    return rows(conn, "reports.articles", ArticleLine)


def outcomes(conn: Conn) -> list[SightingLine]:
    """What became of every entry."""
    return rows(conn, "reports.outcomes", SightingLine)


def delays(conn: Conn, *, since: datetime | None = None) -> DelaySummary:
    """Publication to row, over articles first seen since an instant; None: in the last 24 hours, by the database's clock."""
    return rows(conn, "reports.delays", DelaySummary, since=since)[0]


def last_errors(conn: Conn, *, limit: int = 5) -> list[LastError]:
    """The latest failures, newest first."""
    return rows(conn, "reports.last_errors", LastError, limit=limit)


def feeds(conn: Conn) -> list[FeedLine]:
    """Every feed with the outcome of its last poll."""
    return rows(conn, "reports.feed_outcomes", FeedLine)


def counts(conn: Conn) -> list[NamedCount]:
    """Dead letters by cause, pages by outcome, tags by topic: what a run came to."""
    return rows(conn, "reports.counts", NamedCount)
