"""A young article is looked at again: changed, unchanged, gone and back, within a budget; and all of it from real answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newswire.records import Rebuild
from newswire.warehouse import addresses, work
from steps.paper import BODY, FIRST, GONE, LEAD, NEWS, NOT_MODIFIED, SECOND, URL, bring, come, look_again, page
from web.faultserver import whole


@pytest.fixture
def first(app, committed, server):
    """The article as it was published: fetched and read."""
    server.answers["/ferry"] = FIRST
    bring(app, committed, URL)
    [[versions]] = committed.execute("SELECT versions FROM mart.articles").fetchall()
    assert versions == 1


def column(committed, query):
    return [value for (value,) in committed.execute(query).fetchall()]


# --- Changed ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("first")
def test_a_changed_article_has_two_versions_and_a_readable_difference(app, committed, server):
    assert look_again(app, committed, server, SECOND) == 1
    one, two = committed.execute(
        "SELECT why, is_current, title_before, paragraphs_added, paragraphs_removed, changed_share"
        " FROM mart.revisions ORDER BY version"
    ).fetchall()
    assert one == ("published", False, None, None, None, None)
    assert two[:3] == ("revised", True, "Ferry season opens early")
    [[added], [removed]] = two[3:5]
    assert added.startswith("On Friday the owner said")
    assert removed.startswith("Tickets are sold")
    assert 0.4 < two[5] < 0.6
    assert column(committed, "SELECT revisions FROM news.publishers") == [1]
    assert column(committed, "SELECT count(*) FROM ops.work WHERE stage IN ('group', 'tag')") == [2]


@pytest.mark.usefixtures("first")
def test_a_look_asks_by_the_validators_of_the_page_and_304_changes_nothing(app, committed, server):
    before = column(committed, "SELECT page_id FROM news.pages")
    look_again(app, committed, server, NOT_MODIFIED)
    assert server.seen[-1].headers["if-none-match"] == '"1"'
    assert column(committed, "SELECT outcome FROM ops.fetches ORDER BY at") == ["stored", "unchanged"]
    assert (
        column(committed, "SELECT page_id FROM news.pages")
        == before
        == column(committed, "SELECT page_id FROM ops.fetches ORDER BY at OFFSET 1")
    )
    assert committed.execute("SELECT rechecks, revisions FROM news.publishers").fetchall() == [(1, 0)]
    assert column(committed, "SELECT versions FROM mart.articles") == [1]


@pytest.mark.usefixtures("first")
def test_the_same_bytes_without_validators_are_unchanged_as_well(app, committed, server):
    look_again(app, committed, server, page("Ferry season opens early", LEAD, BODY, headers=()))
    assert column(committed, "SELECT outcome FROM ops.fetches ORDER BY at") == ["stored", "unchanged"]
    assert column(committed, "SELECT etag FROM news.addresses") == [None]


@pytest.mark.usefixtures("first")
def test_other_bytes_with_the_same_text_are_a_page_and_no_version(app, committed, server):
    look_again(app, committed, server, FIRST.replace(b"lang=en", b"lang=EN"))
    assert column(committed, "SELECT count(*) FROM news.pages") == [2]
    assert column(committed, "SELECT versions FROM mart.articles") == [1]
    assert column(committed, "SELECT revisions FROM news.publishers") == [0]


@pytest.mark.usefixtures("first")
def test_an_article_that_is_put_back_says_again_what_it_said_at_first(app, committed, server):
    """The bytes are known, yet not those of the last look; a rebuild reads the page that was seen last, and finds the same."""
    look_again(app, committed, server, SECOND)
    look_again(app, committed, server, FIRST)
    current = "SELECT title FROM mart.articles"
    assert column(committed, current) == ["Ferry season opens early"]
    assert column(committed, "SELECT outcome FROM ops.fetches ORDER BY at") == ["stored", "stored", "returned"]
    assert column(committed, "SELECT versions FROM mart.articles") == [2]
    [day] = column(committed, "SELECT day FROM news.articles")
    assert app.rebuild(Rebuild(stage="extract", day=day)).report.changed == 0
    assert column(committed, current) == ["Ferry season opens early"]


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.usefixtures("first")
def test_of_two_addresses_of_an_article_the_one_that_was_seen_last_speaks_also_in_a_rebuild(
    app, committed, server, monkeypatch, batch
):
    own = '<link rel="canonical" href="https://paper.example/ferry">'
    server.answers["/other"] = page("Ferry season opens early", LEAD, BODY, head=own)
    bring(app, committed, "https://paper.example/other")
    assert column(committed, "SELECT count(*) FROM news.addresses WHERE article_id IS NOT NULL") == [2]
    title = "Ferry season opens early, and a second boat follows"
    server.answers["/ferry"] = SECOND
    work.ask(
        committed, "fetch", column(committed, "SELECT min(address_id) FROM news.addresses"), lanes=["paper.example"]
    )
    come(app)
    assert column(committed, "SELECT title FROM mart.articles") == [title]
    monkeypatch.setattr("newswire.steps.rebuild._BATCH", batch)
    [day] = column(committed, "SELECT day FROM news.articles")
    app.rebuild(Rebuild(stage="extract", day=day))
    assert column(committed, "SELECT title FROM mart.articles") == [title]


# --- When -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("first")
def test_nothing_is_asked_before_its_time_and_nothing_twice(app, committed, server):
    assert app.recheck().seen == 0
    assert column(committed, "SELECT round(extract(epoch FROM recheck_at - now()) / 60) FROM news.addresses") == [10]
    committed.execute("UPDATE news.addresses SET recheck_at = now()")
    assert [app.recheck().seen, app.recheck().seen] == [1, 0]
    assert column(committed, "SELECT priority FROM ops.work WHERE stage = 'fetch'") == [5]


@pytest.mark.usefixtures("first")
def test_a_budget_of_nothing_turns_it_off(app, committed):
    committed.execute("UPDATE news.addresses SET recheck_at = now()")
    app.settings = replace(app.settings, rechecks_per_minute=0.0)
    assert app.recheck().seen == 0
    assert column(committed, "SELECT count(*) FROM ops.work WHERE stage = 'fetch'") == [0]


def test_no_more_looks_wait_than_the_budget_allows(app, committed, server):
    for number in range(8):
        server.answers[f"/ferry-{number}"] = page(f"Ferry number {number} sails", LEAD, BODY)
    bring(app, committed, *(f"{URL}-{number}" for number in range(8)))
    app.settings = replace(app.settings, rechecks_per_minute=1.0, recheck_every_min=5)
    committed.execute("UPDATE news.addresses SET recheck_at = now()")
    assert [app.recheck().seen, app.recheck().seen] == [5, 0]
    app.drain("fetch", linger_s=0)
    assert app.recheck().seen == 3


@pytest.mark.usefixtures("first")
def test_a_look_that_is_days_late_is_left_out(app, committed):
    committed.execute("UPDATE news.addresses SET recheck_at = now() - interval '3 days'")
    assert app.recheck().seen == 0
    assert column(committed, "SELECT recheck_at FROM news.addresses") == [None]


@pytest.mark.usefixtures("first")
def test_of_all_addresses_of_an_article_one_is_looked_at(app, committed, server):
    server.answers["/short"] = whole(b"moved", "Location: /ferry", status="301 Moved")
    addresses.ensure(committed, ["https://paper.example/short"])
    [[short]] = committed.execute("SELECT address_id FROM news.addresses WHERE url LIKE '%/short'").fetchall()
    work.ask(committed, "fetch", [short], lanes=["paper.example"])
    come(app)
    assert column(committed, "SELECT count(*) FROM mart.articles") == [1]
    committed.execute("UPDATE news.addresses SET recheck_at = now()")
    assert app.recheck().seen == 1


# --- Gone -------------------------------------------------------------------------------------------------------------


def a_day_passes(committed):
    committed.execute("UPDATE news.addresses SET gone_first_at = gone_first_at - interval '1 day'")


@pytest.mark.usefixtures("first")
def test_an_article_that_is_taken_down_stays_and_says_since_when_it_is_gone(app, committed, server):
    for _ in range(2):
        look_again(app, committed, server, GONE)
        assert column(committed, "SELECT gone_since FROM mart.articles") == [None]
    a_day_passes(committed)
    look_again(app, committed, server, GONE)
    [[gone_since, text]] = committed.execute("SELECT gone_since, text FROM mart.articles").fetchall()
    assert (datetime.now(UTC) - gone_since).days == 1
    assert text.startswith("The ferry between the islands")
    assert app.check().failed == 0


@pytest.mark.usefixtures("first")
def test_an_article_that_comes_back_is_not_gone_any_more(app, committed, server):
    committed.execute(
        "UPDATE news.addresses SET gone_answers = 3, gone_first_at = now() - interval '7 days', gone_since = now() - interval '7 days'"
    )
    look_again(app, committed, server, SECOND)
    assert committed.execute("SELECT gone_since, versions FROM mart.articles").fetchall() == [(None, 2)]


@pytest.mark.usefixtures("first")
def test_a_server_that_is_down_takes_no_article_down(app, committed, server):
    a_day = whole(b"", "Retry-After: 1", status="503 Slow Down")
    look_again(app, committed, server, a_day)
    assert committed.execute("SELECT gone_answers, gone_since FROM news.addresses").fetchall() == [(0, None)]
    assert column(committed, "SELECT versions FROM mart.articles") == [1]


# --- The host ---------------------------------------------------------------------------------------------------------


def test_the_crawl_delay_of_a_host_holds_for_every_other_worker(app, committed, server):
    server.answers["/robots.txt"] = whole(b"User-agent: *\nCrawl-delay: 1\n")
    server.answers["/ferry"] = FIRST
    addresses.ensure(committed, [URL])
    committed.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    app.drain("fetch", linger_s=0)
    [wait] = column(committed, "SELECT extract(epoch FROM next_request_at - now()) FROM ops.hosts")
    assert 0 < wait <= 1


@pytest.mark.usefixtures("first")
def test_a_worker_knows_the_robots_txt_that_another_one_read(app, committed, server):
    look_again(app, committed, server, SECOND)  # each drain is a web of its own
    assert server.paths().count("/robots.txt") == 1
    assert committed.execute("SELECT site, status FROM ops.robots").fetchall() == [("https://paper.example", 200)]
    committed.execute("UPDATE ops.robots SET read_at = now() - interval '25 hours'")
    look_again(app, committed, server, NOT_MODIFIED)
    assert server.paths().count("/robots.txt") == 2


def test_a_robots_txt_that_could_not_be_read_is_kept_by_nobody(app, committed, server):
    server.answers["/robots.txt"] = whole(b"", status="503 Slow Down")
    bring(app, committed, URL)
    assert committed.execute("SELECT count(*) FROM ops.robots").fetchone() == (0,)


# --- Read anew --------------------------------------------------------------------------------------------------------


def test_a_new_extractor_changes_only_what_differs_and_never_asks_the_web(app, committed, server):
    """What an older extractor made: one text that it read otherwise, one that it read as today's does."""
    server.answers |= {"/ferry": FIRST, "/harbour": page("Harbour gets its crane", LEAD, NEWS)}
    bring(app, committed, URL, "https://paper.example/harbour")
    app.drain("group", linger_s=0)
    app.drain("tag", linger_s=0)
    committed.execute("UPDATE news.article_versions SET extractor = 'older-0'")
    committed.execute(
        "UPDATE news.article_versions SET text = 'Follow us!' || E'\\n' || text, content_sha256 = sha256('older')"
        " WHERE title LIKE 'Ferry%'"
    )
    asked = len(server.seen)
    [day] = column(committed, "SELECT DISTINCT day FROM news.articles")
    preview = app.rebuild(Rebuild(stage="extract", day=day, force=False, dry_run=True)).report
    report = app.rebuild(Rebuild(stage="extract", day=day, force=False)).report
    assert (
        (report.seen, report.changed, report.unchanged)
        == (preview.seen, preview.changed, preview.unchanged)
        == (2, 1, 1)
    )
    assert len(server.seen) == asked
    revisions = committed.execute(
        "SELECT title, version, why, paragraphs_removed FROM mart.revisions ORDER BY title, version"
    )
    assert revisions.fetchall() == [
        ("Ferry season opens early", 1, "published", None),
        ("Ferry season opens early", 2, "read anew", ["Follow us!"]),
        ("Harbour gets its crane", 1, "published", None),
    ]
    assert [
        app.rebuild(Rebuild(stage=stage, day=day, force=False)).report.seen for stage in ("extract", "group", "tag")
    ] == [0, 1, 1]
    assert column(committed, "SELECT revisions FROM news.publishers") == [0]  # the publisher changed nothing
