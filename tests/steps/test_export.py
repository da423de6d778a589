"""Exports: what other programs read is what the warehouse has."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from newswire.core.exports import WRITERS
from newswire.core.feeds import parse_feed
from newswire.errors import ConfigError
from newswire.steps.export import export
from newswire.warehouse.exports import Source, examples

COLUMNS = ("url", "title", "evidence", "language", "at")
ROWS = [
    (
        "https://a.example/1",
        '=HYPERLINK("http://evil.example")',
        "Rare earths & <b>more</b>\x00",
        "en",
        datetime(2026, 11, 25, 8, tzinfo=UTC),
    ),
    ("https://a.example/2", '稀土, "quoted"\nand broken', None, "zh", datetime(2026, 11, 24, tzinfo=UTC)),
]


def written(format_: str, rows=ROWS) -> bytes:
    return b"".join(WRITERS[format_](COLUMNS, rows, "Rare earths"))


def read(document: bytes) -> Any:
    return feedparser.parse(io.BytesIO(document))  # noqa: TID251  as a reader of somebody else would


def test_csv_is_read_back_whole_and_runs_no_formula():
    header, first, second = csv.reader(io.StringIO(written("csv").decode(), newline=""))
    assert header == list(COLUMNS)
    assert first[1] == '\'=HYPERLINK("http://evil.example")'
    assert second[1] == ROWS[1][1]
    assert second[2] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc"])
def test_every_beginning_of_a_formula_is_defused(text):
    [_, row] = csv.reader(io.StringIO(b"".join(WRITERS["csv"](["x"], [[text]], "")).decode(), newline=""))
    assert row == [f"'{text}"]


def test_a_negative_number_stays_a_number():
    assert b"".join(WRITERS["csv"](["x"], [[-1.5]], "")).splitlines()[1] == b"-1.5"


def test_json_lines_are_objects():
    first, second = (json.loads(line) for line in written("jsonl").splitlines())
    assert first["at"] == "2026-11-25T08:00:00+00:00"
    assert second == {
        "url": "https://a.example/2",
        "title": ROWS[1][1],
        "evidence": None,
        "language": "zh",
        "at": "2026-11-24T00:00:00+00:00",
    }


def test_rss_is_read_by_feedparser():
    feed = read(written("rss"))
    assert not feed.bozo
    assert [(entry.link, entry.id) for entry in feed.entries] == [(row[0], row[0]) for row in ROWS]
    assert feed.entries[0].published_parsed[:4] == (2026, 11, 25, 8)
    assert feed.entries[1].title.startswith("稀土")


def test_json_feed_is_read_by_our_own_reader():
    feed = parse_feed(written("json-feed"), url="https://a.example/feed.json", content_type="application/feed+json")
    assert [entry.link for entry in feed.entries] == [row[0] for row in ROWS]
    assert json.loads(written("json-feed", rows=[]))["items"] == []


@pytest.mark.parametrize("format_", ["rss", "json-feed"])
def test_rows_without_an_address_are_no_feed(format_):
    with pytest.raises(ConfigError, match="no url"):
        list(WRITERS[format_](["topic", "title"], [], ""))


def test_parquet_is_opened_by_duckdb_with_the_types_of_the_warehouse(conn, tmp_path):
    import duckdb

    def ask(question: str) -> list:
        return duckdb.sql(question).fetchall()

    conn.execute(
        "INSERT INTO mart.topic_daily SELECT '2026-11-25'::date - n, 'rare-earths', 'en', 'DE', n, n, 1, 0, 0 FROM generate_series(1, 12000) n"
    )
    file = tmp_path / "daily.parquet"
    assert export(conn, Source(kind="mart", name="topic_daily"), to=str(file), format_="parquet") == 12_000
    rows, articles, first = ask(f"SELECT count(*), sum(articles), min(day) FROM '{file}'")[0]
    assert (rows, articles, first) == (12_000, 12_000 * 12_001 // 2, date(2026, 11, 25) - timedelta(days=12_000))
    kinds = dict(ask(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{file}')"))
    assert (kinds["day"], kinds["articles"], kinds["published_at"]) == ("DATE", "BIGINT", "TIMESTAMP WITH TIME ZONE")


def test_a_mart_is_narrowed_by_its_day(conn, tmp_path):
    conn.execute(
        "INSERT INTO mart.topic_daily SELECT '2026-11-25'::date - n, 'rare-earths', 'en', 'DE', n, n, 1, 0, 0 FROM generate_series(1, 10) n"
    )
    source = Source(kind="mart", name="topic_daily", since=date(2026, 11, 20), until=date(2026, 11, 23))
    assert export(conn, source, to=str(tmp_path / "x.csv"), format_="csv") == 3


@pytest.mark.parametrize("name", examples())
def test_every_example_can_be_exported(conn, tmp_path, name):
    export(conn, Source(kind="example", name=name), to=str(tmp_path / "x.jsonl"), format_="jsonl")


def test_a_search_can_be_subscribed_to(conn, tmp_path):
    export(conn, Source(kind="search", name='"rare earths" -china'), to=str(tmp_path / "x.rss"), format_="rss")
    assert not read((tmp_path / "x.rss").read_bytes()).bozo


@pytest.mark.parametrize(
    ("source", "format_", "says"),
    [
        (Source(kind="mart", name="secrets"), "csv", "there is no mart 'secrets'; choose from alert_notices, alerts"),
        (Source(kind="mart", name="articles; DROP TABLE news.feeds"), "csv", "there is no mart"),
        (Source(kind="example", name="../queries/work"), "csv", "there is no example"),
        (Source(kind="table", name="x"), "csv", "no kind of source"),
        (Source(kind="mart", name="articles"), "xlsx", "no format; choose from csv"),
    ],
)
def test_what_is_not_there_is_refused_by_name_and_leaves_no_file(conn, tmp_path, source, format_, says):
    with pytest.raises(ConfigError, match=says):
        export(conn, source, to=str(tmp_path / "x"), format_=format_)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_the_file_that_was_there(conn, tmp_path):
    file = tmp_path / "x.rss"
    file.write_text("as it was")
    with pytest.raises(ConfigError, match="no url"):
        export(conn, Source(kind="mart", name="topic_daily"), to=str(file), format_="rss")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]


def test_an_object_store_gets_the_same_bytes(conn, tmp_path):
    import fsspec

    source = Source(kind="mart", name="queues")
    export(conn, source, to=str(tmp_path / "x.csv"), format_="csv")
    export(conn, source, to="memory://exports/x.csv", format_="csv")
    assert fsspec.filesystem("memory").cat_file("/exports/x.csv") == Path(tmp_path / "x.csv").read_bytes()


def test_an_object_store_keeps_what_was_there_when_an_export_fails(conn):
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe_file("/exports/y.rss", b"as it was")
    with pytest.raises(ConfigError, match="no url"):
        export(conn, Source(kind="mart", name="topic_daily"), to="memory://exports/y.rss", format_="rss")
    assert store.cat_file("/exports/y.rss") == b"as it was"
