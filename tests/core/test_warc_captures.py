"""Which captures of another archive are pages that somebody wants."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from newswire.core.captures import Wanted, capture, may_hold
from newswire.records import Days, Fetch, HttpResponse, WarcRecord

DAYS = Days(since=date(2026, 11, 10), until=date(2026, 11, 12))


def record(
    url: str = "https://paper.example/a", *, status: int = 200, body: bytes = b"<html><p>News</p></html>", day: int = 11
) -> WarcRecord:
    response = HttpResponse(
        url=url, status=status, headers=(("Content-Type", "text/html"),), body=body, wire_bytes=1, seconds=0
    )
    at = datetime(2026, 11, day, tzinfo=UTC)
    return WarcRecord(offset=0, end=1, outcome="page", response=response, captured_at=at)


def test_a_page_is_taken():
    assert isinstance(capture(record(), Wanted(days=DAYS, domains=frozenset({"paper.example"}))), Fetch)
    assert isinstance(capture(record(), Wanted()), Fetch)


@pytest.mark.parametrize(
    ("one", "wanted", "why"),
    [
        (record(day=13), Wanted(days=DAYS), "not_asked_for"),
        (record(), Wanted(domains=frozenset({"other.example"})), "not_asked_for"),
        (record("ftp://paper.example/a"), Wanted(), "bad_url"),
        (record(status=404), Wanted(), "gone"),
        (record(status=301), Wanted(), "http_status"),
        (record(body=b"%PDF-1.7 \x00"), Wanted(), "not_html"),
        (WarcRecord(offset=0, end=1, outcome="request"), Wanted(), "request"),
    ],
)
def test_what_is_no_page_or_not_wanted_has_a_word_for_it(one: WarcRecord, wanted: Wanted, why: str):
    assert capture(one, wanted) == why


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("CC-NEWS-20261109230000-00042.warc.gz", True),  # it was open for hours
        ("CC-NEWS-20261112000000-00001.warc.gz", True),
        ("CC-NEWS-20261113000001-00001.warc.gz", False),
        ("CC-NEWS-20261101000000-00001.warc.gz", False),
        ("mine.warc.gz", True),
        ("x-20269999000000.warc.gz", True),
    ],
)
def test_the_name_of_a_file_says_whether_it_can_hold_the_days(name: str, may):
    assert may_hold(f"file:///archive/{name}", Wanted(days=DAYS)) is may
    assert may_hold(f"file:///archive/{name}", Wanted())


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(days=DAYS),
        Wanted(days=Days(since=DAYS.since, until=DAYS.since)),
        Wanted(domains=frozenset({"paper.example"})),
        Wanted(days=DAYS, domains=frozenset({"paper.example", "other.example"})),
    ],
    ids=str,
)
def test_what_was_asked_for_is_read_from_its_words(wanted):
    assert Wanted.read(str(wanted)) == wanted


def test_a_capture_is_wanted_when_one_of_several_imports_wants_it():
    others = Wanted(days=DAYS, domains=frozenset({"other.example"}))
    assert capture(record(), others) == "not_asked_for"
    assert isinstance(capture(record(), others, Wanted(domains=frozenset({"paper.example"}))), Fetch)
