"""WARC files become pages of ours, and the articles are those that fetching would have given."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_flow import drain_all, settings, subscribe

from databases import copied
from newswire import warc_files
from newswire.app import App
from newswire.core.articles import extract_article
from newswire.core.captures import Wanted
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import BULK, ArchiveRef, Article, Days, Page
from newswire.steps.import_warc import import_warc
from newswire.warehouse.connection import Conn, connect
from warc_writing import Captured, write_warc

CAPTURED_AT = datetime(2026, 11, 11, 8, tzinfo=UTC)


@pytest.fixture
def conn(warehouse) -> Iterator[Conn]:
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


@pytest.fixture
def app(warehouse, tmp_path) -> Iterator[App]:
    with App(settings(warehouse, tmp_path / "archive", port=9)) as opened:
        yield opened


@pytest.fixture
def warcs(tmp_path: Path) -> Path:
    return tmp_path / "CC-NEWS"


def page(n: int, at: datetime = CAPTURED_AT, words: str = "") -> Captured:
    """A page with an article; each of its sentences is its own."""
    text = "".join(
        f"<p>Sentence {n}.{i}{words} tells of the harbour and of its {n * i + 7} ships in some detail.</p>"
        for i in range(8)
    )
    body = f"<html><head><title>Harbour news {n}</title></head><body><article><h1>Harbour news {n}</h1>{text}</article></body></html>"
    return Captured(f"https://paper.example/news/{n}", body.encode(), at=at)


def count(conn: Conn, of: str) -> int:
    return conn.execute(f"SELECT count(*) FROM {of}").fetchone()[0]


ARTICLES = "SELECT url, title, text, language FROM mart.articles ORDER BY url"


@pytest.fixture
def fetched(postgres, template, tmp_path) -> Iterator[tuple[list[tuple], list[Captured]]]:
    """The articles of the sample publications, as fetched into a warehouse of their own, and the pages they were made of."""
    with (
        copied(postgres, template) as other,
        running_newsroom(Newsroom(publications())) as newsroom,
        App(settings(other, tmp_path / "live", newsroom.port)) as live,
        connect(other.dsn(), name="live") as conn,
    ):
        subscribe(conn, newsroom)
        drain_all(live)
        of_pages = "SELECT url FROM mart.articles WHERE text_source = 'page'"
        articles = conn.execute(f"SELECT * FROM ({ARTICLES}) AS article WHERE url IN ({of_pages})").fetchall()
        pages = conn.execute(PAGES).fetchall()
        yield articles, [_captured(live, page_) for page_ in pages]


def test_an_import_gives_the_same_articles_as_fetching(conn, app, warcs, fetched):
    articles, captures = fetched
    write_warc(warcs / "a.warc.gz", captures)
    report = app.import_warc(str(warcs))
    assert (report.seen, report.changed, report.failed) == (len(captures), len(captures), 0)
    assert conn.execute("SELECT DISTINCT stage, priority FROM ops.work").fetchall() == [("extract", BULK)]
    drain_all(app)
    assert conn.execute(ARTICLES).fetchall() == articles
    assert len(articles) > 50
    assert conn.execute("SELECT DISTINCT seen_by FROM mart.articles").fetchall() == [("archive",)]
    assert app.check().failed == 0


PAGES = "SELECT final_url, archive_path, archive_offset, archive_length, body_sha256, content_type, fetched_at FROM news.pages"


def _captured(app: App, row: tuple) -> Captured:
    url, path, offset, length, digest, content_type, at = row
    body = app.archive.read(ArchiveRef(path=path, offset=offset, length=length, body_sha256=digest)).body
    return Captured(url, body, at=at, headers=(("Content-Type", content_type),))


def test_a_page_counts_for_the_time_of_its_capture(conn, app, warcs):
    write_warc(warcs / "a.warc.gz", [page(1)])
    app.import_warc(str(warcs))
    drain_all(app)
    assert conn.execute("SELECT day, first_seen_at, seen_by FROM mart.articles").fetchall() == [
        (CAPTURED_AT.date(), CAPTURED_AT, "archive")
    ]
    assert conn.execute("SELECT fetched_at, seen_by FROM news.pages").fetchall() == [(CAPTURED_AT, "archive")]


def test_the_same_file_again_under_any_name_changes_nothing(conn, app, warcs):
    write_warc(warcs / "a.warc.gz", [page(n) for n in range(5)])
    app.import_warc(str(warcs))
    drain_all(app)
    facts = [conn.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in ("news.pages", "news.articles")]
    assert app.import_warc(str(warcs)).outcomes == {"files": 1, "files_done_before": 1}
    assert app.import_warc(str(warcs), again=True).changed == 0
    (warcs / "b.warc.gz").write_bytes((warcs / "a.warc.gz").read_bytes())
    report = app.import_warc(str(warcs))
    assert (report.seen, report.changed, report.unchanged) == (5, 0, 5)
    assert count(conn, "ops.work WHERE stage <> 'poll'") == 0
    assert facts == [
        conn.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in ("news.pages", "news.articles")
    ]


def test_an_import_that_was_stopped_goes_on_where_it_was(conn, warehouse, tmp_path, warcs):
    write_warc(warcs / "a.warc.gz", [page(n) for n in range(450)], with_requests=False)
    looks = iter([False, False, True])
    with App(settings(warehouse, tmp_path / "archive", port=9)) as app:
        report = import_warc(
            conn, warc_files.find(str(warcs)), Wanted(), archive=app.archive, stopping=lambda: next(looks, True)
        )
        assert (report.seen, report.outcomes["not_finished"]) == (199, 1)  # the first record tells of the file
        [(place, done)] = conn.execute("SELECT next_offset, finished_at FROM ops.warc_files").fetchall()
        assert (place > 0, done) == (True, None)
        report = app.import_warc(str(warcs))
    assert (report.seen, report.changed) == (251, 251)
    assert count(conn, "news.pages") == 450


def test_a_broken_record_is_a_dead_letter_and_the_rest_goes_on(conn, app, warcs):
    path = warcs / "a.warc.gz"
    places = write_warc(path, [page(n) for n in range(3)], with_requests=False)
    good = path.read_bytes()
    path.write_bytes(good[: places[1] + 30] + bytes(40) + good[places[1] + 70 :])
    report = app.import_warc(str(path))
    assert (report.seen, report.changed, report.failed) == (2, 2, 1)
    [(cause, subject)] = conn.execute("SELECT cause, subject FROM mart.dead_letters WHERE stage = 'import'").fetchall()
    assert (cause, subject) == ("unreadable", f"file://{path} at {places[1]}")
    path.write_bytes(good)
    report = app.import_warc(str(path), again=True)
    assert (report.changed, report.failed) == (1, 0)
    assert count(conn, "ops.dead_letters") == 0


def damaged(path: Path, captures: list[Captured], number: int) -> bytes:
    """Write a file of which one record cannot be read; returns it as it should be."""
    places = write_warc(path, captures, with_requests=False)
    good = path.read_bytes()
    path.write_bytes(good[: places[number] + 30] + bytes(40) + good[places[number] + 70 :])
    return good


def letters(conn: Conn) -> list[tuple]:
    return conn.execute("SELECT cause, attempts, replay FROM mart.dead_letters WHERE stage = 'import'").fetchall()


def test_a_record_is_replayed_at_its_place_once_its_file_is_mended(conn, app, warcs):
    path = warcs / "a.warc.gz"
    warcs.mkdir()
    good = damaged(path, [page(n) for n in range(3)], 1)
    app.import_warc(str(path))
    assert letters(conn) == [("unreadable", 1, "newswire replay import --cause unreadable")]
    report = app.replay(["import"])  # nothing has changed
    assert (report.changed, report.failed, letters(conn)[0][1]) == (0, 1, 2)
    path.write_bytes(good)
    assert app.replay(["import"], cause="truncated").seen == 0
    assert app.replay(["import"], cause="unreadable", dry_run=True).outcomes == {"import unreadable": 1}
    assert len(letters(conn)) == 1
    report = app.replay()  # of every stage
    assert (report.seen, report.changed, report.outcomes) == (1, 1, {"import unreadable": 1})
    assert letters(conn) == []
    assert count(conn, "news.pages") == 3
    assert conn.execute("SELECT count(*), min(priority) FROM ops.work WHERE stage = 'extract'").fetchone() == (3, BULK)


def test_a_replayed_record_that_no_import_asked_for_is_not_taken(conn, app, warcs):
    path = warcs / "a.warc.gz"
    warcs.mkdir()
    captures = [page(0), page(1, at=CAPTURED_AT + timedelta(days=1)), page(2)]
    good = damaged(path, captures, 1)
    app.import_warc(
        str(path), days=Days(since=CAPTURED_AT.date(), until=CAPTURED_AT.date()), publishers=["paper.example"]
    )
    path.write_bytes(good)
    report = app.replay(["import"])
    assert (report.changed, report.outcomes["not_asked_for"]) == (0, 1)
    assert (letters(conn), count(conn, "news.pages")) == ([], 2)


def test_records_of_a_file_that_is_not_there_stay_dead_letters_and_others_are_replayed(conn, app, warcs):
    warcs.mkdir()
    good = {name: damaged(warcs / f"{name}.warc.gz", [page(ord(name))], 0) for name in ("a", "b")}
    app.import_warc(str(warcs))
    (warcs / "a.warc.gz").unlink()
    (warcs / "b.warc.gz").write_bytes(good["b"])
    report = app.replay(["import"])
    assert (report.changed, report.failed, report.outcomes["file_missing"]) == (1, 1, 1)
    assert letters(conn) == [("unreadable", 1, "newswire replay import --cause unreadable")]


def test_a_row_that_the_warehouse_refuses_is_a_dead_letter_and_the_rest_goes_on(conn, app, warcs):
    odd = Captured("https://paper.example/odd", page(9).body, headers=(("Content-Type", "text/html; x=\0"),))
    write_warc(warcs / "a.warc.gz", [page(1), odd, page(2)], with_requests=False)
    report = app.import_warc(str(warcs))
    assert (report.seen, report.changed, report.failed) == (3, 2, 1)
    assert conn.execute("SELECT cause FROM mart.dead_letters WHERE stage = 'import'").fetchall() == [("bad_row",)]


def test_only_captures_of_the_days_and_publishers_are_taken(conn, app, warcs):
    other = Captured("https://other.example/x", page(7).body)
    write_warc(warcs / "a.warc.gz", [page(1), page(2, at=CAPTURED_AT + timedelta(days=1)), other])
    day = Days(since=CAPTURED_AT.date(), until=CAPTURED_AT.date())
    report = app.import_warc(str(warcs), days=day, publishers=["paper.example"])
    assert (report.seen, report.outcomes["not_asked_for"]) == (1, 2)
    assert app.import_warc(str(warcs), days=day).changed == 1  # another part of the same file
    assert app.import_warc(str(warcs)).changed == 1


def test_a_dry_run_counts_and_writes_nothing(conn, app, warcs):
    write_warc(warcs / "a.warc.gz", [page(1)])
    report = app.import_warc(str(warcs), dry_run=True)
    assert (report.seen, report.skipped) == (1, 2)
    assert count(conn, "ops.warc_files") + count(conn, "news.addresses") == 0


def test_a_page_that_was_fetched_later_stays_the_newest(conn, app, warcs):
    write_warc(warcs / "new.warc.gz", [page(1, words=" later")])
    app.import_warc(str(warcs))
    drain_all(app)
    write_warc(warcs / "old.warc.gz", [page(1, at=CAPTURED_AT - timedelta(days=30))])
    assert app.import_warc(str(warcs)).changed == 1
    assert count(conn, "ops.work WHERE stage <> 'poll'") == 0
    [(text, versions)] = conn.execute("SELECT text, versions FROM mart.articles").fetchall()
    assert ("later" in text, versions) == (True, 1)


@pytest.mark.corpus
def test_captured_pages_of_the_corpus_give_the_articles_that_fetching_gives(conn, app, warcs, corpus):
    """The same bytes by two ways: through the archive of fetches, and through a WARC file."""
    lines = gzip.decompress((corpus / "pages" / "fundus.jsonl.gz").read_bytes()).splitlines()[:40]
    documents = [json.loads(line) for line in lines]
    captures = [Captured(f"https://corpus.example/{n}", one["html"].encode()) for n, one in enumerate(documents)]
    write_warc(warcs / "a.warc.gz", captures)
    report = app.import_warc(str(warcs))
    assert report.failed == 0
    drain_all(app)
    found = dict(conn.execute("SELECT url, text FROM mart.articles").fetchall())
    for capture in captures:
        read = extract_article(
            Page(url=capture.url, content_type="text/html; charset=utf-8", body=capture.body, fetched_at=capture.at)
        )
        if isinstance(read, Article):
            assert found[read.url] == read.text
    assert len(found) > 20
