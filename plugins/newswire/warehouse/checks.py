"""Checks of the warehouse: one question a file in `sql/checks/`; healthy is zero rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, LiteralString, cast

from newswire.errors import ConfigError
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import sql_folder

_HEADER = re.compile(r"\A-- (?P<severity>error|warning): (?P<why>.+)\n", re.MULTILINE)
_SAMPLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to the warehouse."""

    name: str
    severity: Literal["error", "warning"]
    why: str
    text: LiteralString


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that is not healthy: how many rows it found, and the first of them."""

    check: Check
    rows: int
    sample: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        sample = "; ".join(", ".join(f"{key}={value}" for key, value in row.items()) for row in self.sample)
        return f"{self.check.severity} {self.check.name}: {self.rows} x {self.check.why} ({sample})"


def all_checks() -> list[Check]:
    """Every check, by file name. Raises ConfigError for a file without its header."""
    return [_read(path) for path in sorted((sql_folder() / "checks").glob("*.sql"))]


def ask(conn: Conn, checks: Sequence[Check]) -> list[Finding]:
    """Run checks in one read-only snapshot; returns those that found something."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [finding for check in checks if (finding := _ask(conn, check))]


def _ask(conn: Conn, check: Check) -> Finding | None:
    cursor = conn.execute(check.text)
    rows = cursor.fetchall()
    names = [column.name for column in cursor.description or ()]
    sample = tuple(dict(zip(names, row, strict=True)) for row in rows[:_SAMPLE])
    return Finding(check=check, rows=len(rows), sample=sample) if rows else None


def _read(path: Path) -> Check:
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise ConfigError(f"{path.name}: the first line must be `-- error: why` or `-- warning: why`")
    severity = cast("Literal['error', 'warning']", header["severity"])
    return Check(name=path.stem, severity=severity, why=header["why"], text=text)
