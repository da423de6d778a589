"""CSV (RFC 4180): a line a feed, for spreadsheets. The first line names the columns; only `url` must be there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from newswire.core.feed_lists.said import LIST_MARK, subscription
from newswire.errors import ConfigError
from newswire.records import ReadList, Subscription

COLUMNS = (
    "url",
    "title",
    "publisher",
    "domain",
    "country",
    "language",
    "kind",
    "groups",
    "tags",
    "owner",
    "note",
    "connection",
)
_OTHER_NAMES = {"lang": "language", "xmlurl": "url", "feed": "url", "feed_url": "url", "group": "groups", "tag": "tags"}
_DELIMITERS = (",", ";", "\t")  # spreadsheets write any of them, by country
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by spreadsheets (OWASP, CSV Injection)
_COVER = "'"  # before such a cell: then it is text


def read_csv(document: bytes, *, name: str) -> ReadList:
    """The feeds of a table; columns that are not known are left out. Raises ConfigError, `name:line: problem; mend`."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name}:{line}: not UTF-8; save the file as CSV in UTF-8") from error
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        columns = _columns(next(table, []), name)
        return _read(((table.line_num, cells) for cells in table), columns, name)
    except csv.Error as error:
        raise ConfigError(f"{name}:{table.line_num}: {error}; mend the quotes of that line") from error


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _columns(header: Sequence[str], name: str) -> list[str]:
    given = [cell.strip().lower() for cell in header]
    columns = [_OTHER_NAMES.get(cell, cell) for cell in given]
    if "url" not in columns:
        raise ConfigError(
            f"{name}:1: there is no column `url`; name the columns in the first line: {', '.join(COLUMNS)}"
        )
    return columns


def _read(lines: Iterable[tuple[int, list[str]]], columns: Sequence[str], name: str) -> ReadList:
    found: list[Subscription] = []
    problems: list[str] = []
    for number, cells in lines:
        said = dict(zip(columns, map(_uncovered, cells), strict=False))
        try:
            found += [subscription(said)] if any(said.values()) else []
        except ValueError as error:
            problems.append(f"{name}:{number}: {error}")
    return ReadList(subscriptions=tuple(found), problems=tuple(problems))


def write_csv(subscriptions: Sequence[Subscription]) -> str:
    """A table of feeds in which no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_covered(_text(getattr(one, column))) for column in COLUMNS] for one in subscriptions)
    return out.getvalue()


def _text(value: str | Sequence[str] | None) -> str:
    return (value or "") if isinstance(value, str | None) else LIST_MARK.join(value)


def _covered(cell: str) -> str:
    return _COVER + cell if _is_formula(cell) else cell


def _uncovered(cell: str) -> str:
    return cell[1:] if cell.startswith(_COVER) and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    """Also one that is covered, once or more: so a cell that is written is read back as it was."""
    return cell.lstrip(_COVER).startswith(_FORMULA)
