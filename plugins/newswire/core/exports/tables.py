"""Rows as tables: CSV for spreadsheets, JSON Lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

# A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection): an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]], _title: str = "") -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with a header; texts that a spreadsheet would run are defused. Lists and objects become JSON."""
    line = io.StringIO()
    writer = csv.writer(line)
    yield _written(writer, line, columns)
    for row in rows:
        yield _written(writer, line, [_cell(value) for value in row])


def json_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]], _title: str = "") -> Iterator[bytes]:
    """One JSON object a line, in UTF-8; instants as ISO 8601."""
    for row in rows:
        yield json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=said).encode() + b"\n"


def said(value: object) -> str:
    """A value that JSON has no form for."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=said)
    return said(value) if isinstance(value, date) else value


def _written(writer: Any, line: io.StringIO, row: Sequence[object]) -> bytes:
    writer.writerow(row)
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text.encode()
