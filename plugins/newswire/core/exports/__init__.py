"""Exports: rows of the warehouse as CSV, JSON Lines, RSS 2.0 or JSON Feed 1.1, written as they come.

Each writer takes the names of the columns and any number of rows and yields bytes: memory does not grow with the rows.
Parquet, which needs a file to write into, stands in `steps/export.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from newswire.core.exports.feeds import json_feed, rss
from newswire.core.exports.tables import csv_lines, json_lines

Row = Sequence[Any]
Writer = Callable[[Sequence[str], Iterable[Row], str], Iterator[bytes]]

__all__ = ["WRITERS", "Row", "Writer"]

# By format; the last argument is the title of what is exported.
WRITERS: Mapping[str, Writer] = MappingProxyType(
    {"csv": csv_lines, "jsonl": json_lines, "rss": rss, "json-feed": json_feed}
)
