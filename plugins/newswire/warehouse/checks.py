"""Checks of the warehouse: one question a file in `sql/checks/`; healthy is zero rows.

The first line of a file is its header, `-- error: why` or `-- warning: why`. A dear question says how often it is asked:
`-- error hourly: why`; the others are asked each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, LiteralString, cast

from newswire.errors import ConfigError
from newswire.records import AskedCheck, WrongCheck
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run, sql_folder

_HEADER = re.compile(
    r"\A-- (?P<severity>error|warning)(?: (?P<every>hourly|daily))?: (?P<why>.+)\n",
    re.MULTILINE,
)
_EVERY_S = {None: 0, "hourly": 3600, "daily": 86_400}
_EARLY_S = 60  # a run starts some seconds earlier or later than the last: that must not cost the question its turn
_SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to the warehouse, asked at most every `every_s` seconds (0: each time)."""

    name: str
    severity: Literal["error", "warning"]
    every_s: int
    why: str
    text: LiteralString


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: no row is healthy; the first rows are the sample."""

    check: Check
    rows: int
    sample: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        sample = "; ".join(", ".join(f"{key}={value}" for key, value in row.items()) for row in self.sample)
        return f"{self.check.severity} {self.check.name}: {self.rows} x {self.check.why} ({sample})"


def all_checks() -> list[Check]:
    """Every check, by file name. Raises ConfigError for a file without its header."""
    return [_read(path) for path in sorted((sql_folder() / "checks").glob("*.sql"))]


def due(conn: Conn, checks: Sequence[Check]) -> list[Check]:
    """Those whose time has come: never asked, or not within their interval."""
    ago_s = {asked.name: asked.ago_s for asked in rows(conn, "checks.asked", AskedCheck)}
    return [check for check in checks if ago_s.get(check.name, float("inf")) >= check.every_s - _EARLY_S]


def know(conn: Conn, *, late_s: float, setting_problems: Sequence[str]) -> None:
    """Tell the session what checks compare with and the warehouse cannot know: the settings."""
    run(conn, "checks.know", late_s=str(late_s), setting_problems=json.dumps(setting_problems))


def wrong(conn: Conn) -> list[WrongCheck]:
    """The checks that found something when they were last asked, errors first."""
    return rows(conn, "checks.wrong", WrongCheck)


def ask(conn: Conn, checks: Sequence[Check]) -> list[Finding]:
    """Run checks in one read-only snapshot; one finding each, in their order."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [_ask(conn, check) for check in checks]


def record(conn: Conn, findings: Sequence[Finding]) -> None:
    """Keep what was found (`mart.checks`), and forget the checks whose files are gone."""
    with conn.transaction():
        run(conn, "checks.forget", names=[check.name for check in all_checks()])
        run(
            conn,
            "checks.record",
            names=[finding.check.name for finding in findings],
            severities=[finding.check.severity for finding in findings],
            whys=[finding.check.why for finding in findings],
            rows=[finding.rows for finding in findings],
            samples=[json.dumps(finding.sample, default=str, ensure_ascii=False) for finding in findings],
        )


def _ask(conn: Conn, check: Check) -> Finding:
    cursor = conn.execute(check.text)
    found = cursor.fetchall()
    names = [column.name for column in cursor.description or ()]
    sample = tuple(dict(zip(names, row, strict=True)) for row in found[:_SAMPLE])
    return Finding(check=check, rows=len(found), sample=sample)


def _read(path: Path) -> Check:
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise ConfigError(f"{path.name}: the first line must be `-- error: why`, `-- warning hourly: why` or the like")
    return Check(
        name=path.stem,
        severity=cast("Literal['error', 'warning']", header["severity"]),
        every_s=_EVERY_S[header["every"]],
        why=header["why"],
        text=text,
    )
