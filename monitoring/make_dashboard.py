"""Writes `monitoring/grafana/dashboard.json`: a panel is a line here, and forty lines there."""

# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCE = {"type": "grafana-postgresql-datasource", "uid": "newswire"}
WIDE, HALF, HIGH = 24, 12, 8

# Title, width, kind of panel, unit, question.
PANELS = (
    ("From publication to tagged row", HALF, "timeseries", "s", "SELECT hour AS time, median_s, p95_s FROM mart.delays_by_hour WHERE $__timeFilter(hour) ORDER BY 1"),
    ("Where the time goes (medians)", HALF, "timeseries", "s", "SELECT hour AS time, poll_s, fetch_s, extract_s, tag_s FROM mart.delays_by_hour WHERE $__timeFilter(hour) ORDER BY 1"),
    ("Queues now", HALF, "table", "short", "SELECT stage, due, leased, waiting, oldest_due_s, dead FROM mart.queues"),
    ("Checks that found something", HALF, "table", "short", "SELECT severity, name, rows, wrong_since, why FROM mart.checks WHERE state = 'wrong' ORDER BY severity, wrong_since"),
    ("Work a minute, by stage", HALF, "timeseries", "short", "SELECT minute AS time, stage AS metric, sum(count)::float AS value FROM mart.outcomes_by_minute WHERE $__timeFilter(minute) GROUP BY 1, 2 ORDER BY 1"),
    ("Polls and fetches, by outcome", HALF, "timeseries", "short", "SELECT minute AS time, stage || ' ' || outcome AS metric, count::float AS value FROM mart.outcomes_by_minute WHERE $__timeFilter(minute) AND stage IN ('poll', 'fetch') ORDER BY 1"),
    ("Dead letters, by cause", HALF, "table", "short", "SELECT stage, cause, count(*) AS letters, max(last_at) AS last FROM mart.dead_letters GROUP BY stage, cause ORDER BY letters DESC"),
    ("Feeds in trouble", HALF, "table", "short", "SELECT url, state, why FROM mart.feed_health WHERE state NOT IN ('healthy', 'paused') LIMIT 100"),
)  # fmt: skip


def dashboard() -> dict[str, Any]:
    return {
        "uid": "newswire",
        "title": "Newswire",
        "schemaVersion": 39,
        "timezone": "utc",
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, panel: tuple[str, int, str, str, str]) -> dict[str, Any]:
    title, width, kind, unit, question = panel
    target = {
        "refId": "A",
        "datasource": SOURCE,
        "rawQuery": True,
        "format": "time_series" if kind == "timeseries" else "table",
        "rawSql": question,
    }
    return {
        "id": number + 1,
        "title": title,
        "type": kind,
        "datasource": SOURCE,
        "gridPos": {"x": number * width % WIDE, "y": number * width // WIDE * HIGH, "w": width, "h": HIGH},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "targets": [target],
    }


if __name__ == "__main__":
    file = Path(__file__).parent / "grafana" / "dashboard.json"
    file.write_text(json.dumps(dashboard(), indent=2) + "\n", encoding="utf-8")
