"""What is not kept any longer: months of logs, archived pages, texts."""

from __future__ import annotations

from collections.abc import Mapping

from newswire.records import ArticleKey, EntryKey, LogMonth, Retention, StoredPage
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

BATCH = 1_000


def old_months(conn: Conn, keep_months: int, *, drop: bool) -> list[str]:
    """The months of the logs that are over for so long; dropped where that is wanted."""
    name = "retention.drop_months" if drop else "retention.old_months"
    return [month.name for month in rows(conn, name, LogMonth, keep_months=keep_months)]


def old_pages(conn: Conn, retention: Retention) -> list[StoredPage]:
    """The next pages that no rule keeps, file by file."""
    return rows(
        conn, "retention.old_pages", StoredPage, **_rules(retention.days("pages_days"), retention.least("pages_days"))
    )


def empty_texts(conn: Conn, retention: Retention) -> set[int]:
    """Empty the next texts that no rule keeps; returns their articles."""
    found = rows(
        conn, "retention.empty_texts", ArticleKey, **_rules(retention.days("text_days"), retention.least("text_days"))
    )
    emptied = {row.article_id for row in found}
    run(conn, "retention.index_emptied", keys=sorted(emptied))
    return emptied


def empty_entries(conn: Conn, retention: Retention) -> int:
    """Empty the next entries whose text no rule keeps; returns how many."""
    rules = _rules(retention.days("text_days"), retention.least("text_days"))
    return len(rows(conn, "retention.empty_entries", EntryKey, **rules))


def _rules(days: Mapping[str | None, int | None], least: int | None) -> dict[str, object]:
    """Rules by group as parameters; None stands for all other groups."""
    groups = [name for name in days if name is not None]
    return {
        "groups": groups,
        "days": [days[name] for name in groups],
        "otherwise": days[None],
        "least": least,
        "limit": BATCH,
    }
