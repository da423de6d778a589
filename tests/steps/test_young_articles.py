"""A young article is looked at again: changed, unchanged, gone and back, within a budget; and all of it from real answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newswire.app import App
from newswire.settings import Settings
from newswire.steps.recheck import EVERY_MIN
from newswire.warehouse import addresses, work
from newswire.warehouse.connection import connect
from web.faultserver import Faults, running, whole

URL = "https://paper.example/ferry"
LEAD = "The ferry between the islands starts on the first of May, a month earlier than in the years before, its owner says. "
BODY = (
    "Tickets are sold at the harbour and in the shops of both villages, and cost what they have cost for eleven years. "
)
NEWS = "On Friday the owner said that the second boat would follow in June, once its engine has been looked at by the yard. "


def page(title, *paragraphs, headers=('ETag: "1"',), status="200 OK"):
    text = "".join(f"<p>{paragraph * 3}</p>" for paragraph in paragraphs)
    html = f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    return whole(html.encode(), "Content-Type: text/html; charset=utf-8", *headers, status=status)


FIRST = page("Ferry season opens early", LEAD, BODY)
SECOND = page("Ferry season opens early, and a second boat follows", LEAD, NEWS, headers=('ETag: "2"',))
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
GONE = whole(b"no", status="404 Not Found")


@pytest.fixture
def server():
    with running(Faults()) as faults:
        faults.answers["/robots.txt"] = whole(b"User-agent: *\nAllow: /\n")
        yield faults


@pytest.fixture
def conn(warehouse):
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


@pytest.fixture
def app(warehouse, tmp_path, server):
    env = {
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": str(tmp_path),
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{server.port}",
        "NEWSWIRE_HOST_GAP_S": "0",
    }
    with App(Settings.from_env(env)) as running_app:
        yield running_app


@pytest.fixture
def first(app, conn, server):
    """The article as it was published: fetched and read."""
    server.answers["/ferry"] = FIRST
    addresses.ensure(conn, [URL])
    conn.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    come(app)
    [[versions]] = conn.execute("SELECT versions FROM mart.articles").fetchall()
    assert versions == 1


def come(app):
    """What is asked for is fetched and read."""
    return app.drain("fetch", linger_s=0), app.drain("extract", linger_s=0)


def look_again(app, conn, server, answer):
    """The time of the next look comes, and the server answers so."""
    server.answers["/ferry"] = answer
    conn.execute("UPDATE news.addresses SET recheck_at = now() WHERE recheck_at IS NOT NULL")
    asked = app.recheck().seen
    come(app)
    return asked


def column(conn, query):
    return [value for (value,) in conn.execute(query).fetchall()]


# --- Changed ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("first")
def test_a_changed_article_has_two_versions_and_a_readable_difference(app, conn, server):
    assert look_again(app, conn, server, SECOND) == 1
    one, two = conn.execute(
        "SELECT why, is_current, title_before, paragraphs_added, paragraphs_removed, changed_share"
        " FROM mart.revisions ORDER BY version"
    ).fetchall()
    assert one == ("published", False, None, None, None, None)
    assert two[:3] == ("revised", True, "Ferry season opens early")
    [[added], [removed]] = two[3:5]
    assert added.startswith("On Friday the owner said")
    assert removed.startswith("Tickets are sold")
    assert 0.4 < two[5] < 0.6
    assert column(conn, "SELECT revisions FROM news.publishers") == [1]
    assert column(conn, "SELECT count(*) FROM ops.work WHERE stage IN ('group', 'tag')") == [2]


@pytest.mark.usefixtures("first")
def test_a_look_asks_by_the_validators_of_the_page_and_304_changes_nothing(app, conn, server):
    before = column(conn, "SELECT page_id FROM news.pages")
    look_again(app, conn, server, NOT_MODIFIED)
    assert server.seen[-1].headers["if-none-match"] == '"1"'
    assert column(conn, "SELECT outcome FROM ops.fetches ORDER BY at") == ["stored", "unchanged"]
    assert (
        column(conn, "SELECT page_id FROM news.pages")
        == before
        == column(conn, "SELECT page_id FROM ops.fetches ORDER BY at OFFSET 1")
    )
    assert conn.execute("SELECT rechecks, revisions FROM news.publishers").fetchall() == [(1, 0)]
    assert column(conn, "SELECT versions FROM mart.articles") == [1]


@pytest.mark.usefixtures("first")
def test_the_same_bytes_without_validators_are_unchanged_as_well(app, conn, server):
    look_again(app, conn, server, page("Ferry season opens early", LEAD, BODY, headers=()))
    assert column(conn, "SELECT outcome FROM ops.fetches ORDER BY at") == ["stored", "unchanged"]
    assert column(conn, "SELECT etag FROM news.addresses") == [None]


@pytest.mark.usefixtures("first")
def test_other_bytes_with_the_same_text_are_a_page_and_no_version(app, conn, server):
    look_again(app, conn, server, FIRST.replace(b"lang=en", b"lang=EN"))
    assert column(conn, "SELECT count(*) FROM news.pages") == [2]
    assert column(conn, "SELECT versions FROM mart.articles") == [1]
    assert column(conn, "SELECT revisions FROM news.publishers") == [0]


# --- When -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("first")
def test_nothing_is_asked_before_its_time_and_nothing_twice(app, conn, server):
    assert app.recheck().seen == 0
    assert column(conn, "SELECT round(extract(epoch FROM recheck_at - now()) / 60) FROM news.addresses") == [10]
    conn.execute("UPDATE news.addresses SET recheck_at = now()")
    assert [app.recheck().seen, app.recheck().seen] == [1, 0]
    assert column(conn, "SELECT priority FROM ops.work WHERE stage = 'fetch'") == [5]


@pytest.mark.usefixtures("first")
def test_a_budget_of_nothing_turns_it_off(app, conn):
    conn.execute("UPDATE news.addresses SET recheck_at = now()")
    app.settings = replace(app.settings, rechecks_per_minute=0.0)
    assert app.recheck().seen == 0
    assert column(conn, "SELECT count(*) FROM ops.work WHERE stage = 'fetch'") == [0]


def test_no_more_looks_wait_than_the_budget_allows(app, conn, server):
    for number in range(EVERY_MIN + 3):
        server.answers[f"/ferry-{number}"] = page(f"Ferry number {number} sails", LEAD, BODY)
    addresses.ensure(conn, [f"{URL}-{number}" for number in range(EVERY_MIN + 3)])
    conn.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    come(app)
    app.settings = replace(app.settings, rechecks_per_minute=1.0)
    conn.execute("UPDATE news.addresses SET recheck_at = now()")
    assert [app.recheck().seen, app.recheck().seen] == [EVERY_MIN, 0]
    app.drain("fetch", linger_s=0)
    assert app.recheck().seen == 3


@pytest.mark.usefixtures("first")
def test_a_look_that_is_days_late_is_left_out(app, conn):
    conn.execute("UPDATE news.addresses SET recheck_at = now() - interval '3 days'")
    assert app.recheck().seen == 0
    assert column(conn, "SELECT recheck_at FROM news.addresses") == [None]


@pytest.mark.usefixtures("first")
def test_of_all_addresses_of_an_article_one_is_looked_at(app, conn, server):
    server.answers["/short"] = whole(b"moved", "Location: /ferry", status="301 Moved")
    addresses.ensure(conn, ["https://paper.example/short"])
    [[short]] = conn.execute("SELECT address_id FROM news.addresses WHERE url LIKE '%/short'").fetchall()
    work.ask(conn, "fetch", [short], lanes=["paper.example"])
    come(app)
    assert column(conn, "SELECT count(*) FROM mart.articles") == [1]
    conn.execute("UPDATE news.addresses SET recheck_at = now()")
    assert app.recheck().seen == 1


# --- Gone -------------------------------------------------------------------------------------------------------------


def a_day_passes(conn):
    conn.execute("UPDATE news.addresses SET gone_first_at = gone_first_at - interval '1 day'")


@pytest.mark.usefixtures("first")
def test_an_article_that_is_taken_down_stays_and_says_since_when_it_is_gone(app, conn, server):
    for _ in range(2):
        look_again(app, conn, server, GONE)
        assert column(conn, "SELECT gone_since FROM mart.articles") == [None]
    a_day_passes(conn)
    look_again(app, conn, server, GONE)
    [[gone_since, text]] = conn.execute("SELECT gone_since, text FROM mart.articles").fetchall()
    assert (datetime.now(UTC) - gone_since).days == 1
    assert text.startswith("The ferry between the islands")
    assert app.check().failed == 0


@pytest.mark.usefixtures("first")
def test_an_article_that_comes_back_is_not_gone_any_more(app, conn, server):
    conn.execute(
        "UPDATE news.addresses SET gone_answers = 3, gone_first_at = now() - interval '7 days', gone_since = now() - interval '7 days'"
    )
    look_again(app, conn, server, SECOND)
    assert conn.execute("SELECT gone_since, versions FROM mart.articles").fetchall() == [(None, 2)]


@pytest.mark.usefixtures("first")
def test_a_server_that_is_down_takes_no_article_down(app, conn, server):
    a_day = whole(b"", "Retry-After: 1", status="503 Slow Down")
    look_again(app, conn, server, a_day)
    assert conn.execute("SELECT gone_answers, gone_since FROM news.addresses").fetchall() == [(0, None)]
    assert column(conn, "SELECT versions FROM mart.articles") == [1]


# --- The host ---------------------------------------------------------------------------------------------------------


def test_the_crawl_delay_of_a_host_holds_for_every_other_worker(app, conn, server):
    server.answers["/robots.txt"] = whole(b"User-agent: *\nCrawl-delay: 1\n")
    server.answers["/ferry"] = FIRST
    addresses.ensure(conn, [URL])
    conn.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    app.drain("fetch", linger_s=0)
    [wait] = column(conn, "SELECT extract(epoch FROM next_request_at - now()) FROM ops.hosts")
    assert 0 < wait <= 1


# --- Read anew --------------------------------------------------------------------------------------------------------


def test_a_new_extractor_changes_only_what_differs_and_never_asks_the_web(app, conn, server):
    """What an older extractor made: one text that it read otherwise, one that it read as today's does."""
    server.answers |= {"/ferry": FIRST, "/harbour": page("Harbour gets its crane", LEAD, NEWS)}
    addresses.ensure(conn, [URL, "https://paper.example/harbour"])
    conn.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    come(app)
    app.drain("group", linger_s=0)
    app.drain("tag", linger_s=0)
    conn.execute("UPDATE news.article_versions SET extractor = 'older-0'")
    conn.execute(
        "UPDATE news.article_versions SET text = 'Follow us!' || E'\\n' || text, content_sha256 = sha256('older')"
        " WHERE title LIKE 'Ferry%'"
    )
    asked = len(server.seen)
    [day] = column(conn, "SELECT DISTINCT day FROM news.articles")
    preview = app.rebuild_stage("extract", day, force=False, dry_run=True)
    report = app.rebuild_stage("extract", day, force=False)
    assert (
        (report.seen, report.changed, report.unchanged)
        == (preview.seen, preview.changed, preview.unchanged)
        == (2, 1, 1)
    )
    assert len(server.seen) == asked
    revisions = conn.execute(
        "SELECT title, version, why, paragraphs_removed FROM mart.revisions ORDER BY title, version"
    )
    assert revisions.fetchall() == [
        ("Ferry season opens early", 1, "published", None),
        ("Ferry season opens early", 2, "read anew", ["Follow us!"]),
        ("Harbour gets its crane", 1, "published", None),
    ]
    assert [app.rebuild_stage(stage, day, force=False).seen for stage in ("extract", "group", "tag")] == [0, 1, 1]
    assert column(conn, "SELECT revisions FROM news.publishers") == [0]  # the publisher changed nothing
