"""A day that is rebuilt a second time is looked at and left alone: the server counts no row that was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from test_flow import settings

from newswire.app import App
from newswire.records import Rebuild
from newswire.settings import Settings
from newswire.warehouse.connection import Conn, connect

WRITTEN = """
    SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del
    FROM pg_stat_user_tables
    WHERE schemaname IN ('news', 'mart')
    ORDER BY 1
"""


@pytest.mark.parametrize("force", [True, False])
def test_the_second_rebuild_of_a_day_writes_no_row_of_facts_or_marts(at_work, archive_at_work, force):
    rebuilding = settings(at_work, archive_at_work, port=1)  # nothing is asked of the web
    with connect(at_work.dsn(), name="test") as conn:
        days = [day for (day,) in conn.execute("SELECT DISTINCT day FROM news.articles ORDER BY day")]
        rebuild(rebuilding, days, force=force)
        before = written(conn)
        rebuild(rebuilding, days, force=force)
        after = written(conn)
    assert {name: (after[name], before[name]) for name in after if after[name] != before[name]} == {}


def rebuild(rebuilding: Settings, days: Sequence[date], *, force: bool) -> None:
    """Rebuild days; the sessions report what they wrote when they end."""
    with App(rebuilding) as app:
        for day in days:
            for stage in ("extract", "group", "tag", "publish"):
                assert app.rebuild(Rebuild(stage=stage, day=day, force=force)).report.failed == 0


def written(conn: Conn) -> dict[str, list[int]]:
    """Rows inserted, updated and deleted so far, by table."""
    conn.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
    return {name: counts for name, *counts in conn.execute(WRITTEN)}
