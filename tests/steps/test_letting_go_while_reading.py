"""Retention takes pages and texts away beside a rebuild: what comes of it is what would have come of one after the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_erasing_while_reading import GOES, STAYS, read_while

from newswire.archive import Archive
from newswire.records import ArchiveRef, KeepingRule, Page, Retained, Retention
from newswire.steps import retain
from newswire.warehouse import pages
from newswire.warehouse.connection import Conn, connect
from steps.paper import BODY, LEAD, SECOND, bring, page

A_MONTH = Retention(logs_months=None, otherwise=KeepingRule(pages_days=30, text_days=30))
PAGES_ONLY = Retention(logs_months=None, otherwise=KeepingRule(pages_days=30, text_days=None))
SAID = "In a sentence: the ferry starts early, says its publisher."
FERRY = page("Ferry season opens early", LEAD, BODY, head=f'<meta name="description" content="{SAID}">')


class InterruptedLater(Archive):
    """An archive in which something happens between a reader's read and whatever he makes of it."""

    def __init__(self, url: str, happens: Callable[[], object]) -> None:
        super().__init__(url)
        self._happens = happens

    def read(self, ref: ArchiveRef) -> Page:
        found = super().read(ref)
        self._happens()
        return found


@pytest.fixture
def two(app, committed, server) -> Conn:
    """Two articles of one archive file, which another extractor has read."""
    server.answers |= {"/stays": FERRY, "/goes": SECOND}
    bring(app, committed, STAYS, GOES)
    for stage in ("group", "tag", "publish"):
        app.drain(stage, linger_s=0.1)
    committed.execute("UPDATE news.article_versions SET extractor = 'another', language = 'xx'")
    return committed


def age(conn: Conn, url: str) -> None:
    """Forty days older than it was."""
    conn.execute("UPDATE news.articles SET at = at - interval '40 days', day = day - 40 WHERE url = %s", [url])
    conn.execute("UPDATE news.pages SET fetched_at = fetched_at - interval '40 days' WHERE final_url = %s", [url])


def version(conn: Conn) -> tuple:
    """What the article that stays says: its language (xx: it was not read again), whether it has text, standfirst and page."""
    return conn.execute(
        "SELECT version.language, version.text <> '', version.standfirst, version.page_id IS NOT NULL"
        " FROM news.articles AS article JOIN news.article_versions AS version ON version.version_id = current_version_id"
        " WHERE url = %s",
        [STAYS],
    ).fetchone()


def test_a_page_is_read_whose_neighbour_goes_under_the_reader(app, two, tmp_path):
    age(two, GOES)
    report = read_while(two, tmp_path, lambda: retain.retain(two, app.archive, A_MONTH, dry_run=False))
    assert (report.changed + report.unchanged, report.failed) == (1, 0)
    assert version(two) == ("en", True, SAID, True)


def test_a_page_that_goes_before_it_is_read_is_left_out(app, two, tmp_path):
    age(two, STAYS)
    report = read_while(two, tmp_path, lambda: retain.retain(two, app.archive, PAGES_ONLY, dry_run=False))
    assert (report.skipped, report.failed, report.outcomes) == (1, 0, {})
    assert version(two) == ("xx", True, SAID, False)


def test_a_page_that_goes_after_it_was_read_takes_nothing_of_its_article_away(app, two, tmp_path, warehouse):
    age(two, STAYS)
    with connect(warehouse.dsn(), name="beside") as beside:
        happens = lambda: retain.retain(beside, app.archive, PAGES_ONLY, dry_run=False)  # noqa: E731
        report = read_while(two, tmp_path, happens, InterruptedLater)
    assert (report.changed + report.unchanged, report.failed) == (1, 0)
    assert version(two) == ("en", True, SAID, False)


def test_a_text_that_goes_while_its_page_is_read_stays_away_with_all_it_said(app, two, tmp_path):
    age(two, STAYS)
    report = read_while(
        two, tmp_path, lambda: retain.retain(two, app.archive, A_MONTH, dry_run=False), InterruptedLater
    )
    assert report.failed == 0
    assert version(two)[1:] == (False, None, False)
    assert retain.retain(two, app.archive, A_MONTH, dry_run=False) == Retained()


def test_a_page_whose_article_is_being_written_goes_the_next_time(app, two, warehouse):
    age(two, STAYS)
    [page_id] = two.execute("SELECT page_id FROM news.pages WHERE final_url = %s", [STAYS]).fetchone()
    with connect(warehouse.dsn(), name="writer") as writer, writer.transaction():
        assert pages.hold(writer, [page_id]) == {page_id}
        assert retain.retain(two, app.archive, PAGES_ONLY, dry_run=False).pages == 0
    assert retain.retain(two, app.archive, PAGES_ONLY, dry_run=False).pages == 1
    assert pages.hold(two, [page_id]) == set()
