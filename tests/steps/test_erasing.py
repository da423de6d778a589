"""What is erased is nowhere any more, does not come back, and leaves a warehouse in which all adds up."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from test_flow import drain_all, poll_again, settings, subscribe

from newswire import cli
from newswire.app import App
from newswire.errors import ConfigError
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import Erased, Erasure, Rebuild
from newswire.warehouse import addresses
from newswire.warehouse.connection import Conn, connect
from steps.paper import BODY, FIRST, LEAD, SECOND, URL, bring, come, look_again, page

RARE = "zwetschgenwasser"
TEXTS = """
    SELECT format('%I.%I', col.table_schema, col.table_name), col.column_name
    FROM information_schema.columns AS col
    JOIN information_schema.tables AS tab USING (table_schema, table_name)
    WHERE col.table_schema IN ('news', 'ops', 'mart') AND tab.table_type = 'BASE TABLE'
        AND (col.data_type IN ('text', 'json', 'jsonb', 'bytea', 'tsvector') OR col.udt_name = '_text')
    ORDER BY 1, 2
"""


def said_in(conn: Conn, word: str) -> list[str]:
    """Every column of the warehouse in which a word stands, in clear or as bytes."""
    return [
        f"{table}.{column}"
        for table, column in conn.execute(TEXTS).fetchall()
        if conn.execute(
            f'SELECT EXISTS (SELECT FROM {table} WHERE "{column}"::text ILIKE %s OR "{column}"::text LIKE %s)',
            [f"%{word}%", f"%{word.encode().hex()}%"],
        ).fetchone()
        == (True,)
    ]


def archived_in(folder: Path, word: str) -> list[str]:
    """Every file of the archive in which a word stands."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and word.encode() in gzip.decompress(path.read_bytes()).lower()
    ]


def erasure(**scope) -> Erasure:
    return Erasure(asked_by="Ada", why="the author asked for it", **scope)


# --- One article, word by word ----------------------------------------------------------------------------------------


@pytest.fixture
def story(app, committed, server):
    """An article with a rare word in title, text and address, beside another one in the same archive file."""
    story = page(f"The {RARE} season opens early", LEAD, BODY, f"Nobody drinks {RARE} at the harbour, says the owner. ")
    server.answers |= {f"/{RARE}": story, "/other": SECOND}
    url = f"https://paper.example/{RARE}"
    bring(app, committed, url, "https://paper.example/other")
    for stage in ("group", "tag", "publish"):
        app.drain(stage, linger_s=0)
    return url


def test_no_column_and_no_archive_file_says_a_word_of_an_erased_article(app, committed, tmp_path, story):
    [other] = committed.execute("SELECT text FROM mart.articles WHERE url LIKE '%other'").fetchone()
    day = committed.execute("SELECT min(day) FROM news.articles").fetchone()[0]
    app.rebuild(Rebuild(stage="extract", day=day))
    committed.execute(
        "UPDATE ops.rebuilds SET changes = jsonb_build_array(jsonb_build_object('subject', %s::text, 'after', %s::text))",
        [story, RARE],
    )
    assert "news.article_versions.text" in said_in(committed, RARE)
    assert len(archived_in(tmp_path, RARE)) == 1
    assert app.erase(erasure(article=story), dry_run=False) == Erased(articles=1, addresses=1, pages=1)
    assert said_in(committed, RARE) == []
    assert archived_in(tmp_path, RARE) == []
    assert app.verify_archive().problems == ()
    assert committed.execute("SELECT text FROM mart.articles").fetchall() == [(other,)]
    drain_all_but_the_web(app)
    assert app.check(whole=True).outcomes == {}


def drain_all_but_the_web(app: App) -> None:
    for stage in ("extract", "group", "tag", "publish"):
        app.drain(stage, linger_s=0.1)


def test_a_dry_run_counts_and_changes_nothing(app, committed, tmp_path, story):
    files = sorted(tmp_path.rglob("*.warc.gz"))
    assert app.erase(erasure(article=story), dry_run=True).articles == 1
    assert committed.execute("SELECT count(*) FROM mart.articles").fetchone() == (2,)
    assert committed.execute("SELECT count(*) FROM ops.erasures").fetchone() == (0,)
    assert sorted(tmp_path.rglob("*.warc.gz")) == files


def test_who_asked_and_why_is_logged_and_what_was_erased_is_not(app, committed, story):
    app.erase(erasure(article=story), dry_run=False)
    logged = "SELECT asked_by, why, scope, articles, pages, finished_at IS NOT NULL FROM mart.erasures"
    assert committed.execute(logged).fetchall() == [
        ("Ada", "the author asked for it", {"article": "by its address"}, 1, 1, True)
    ]
    with pytest.raises(ConfigError, match="nothing is left to erase"):
        app.erase(erasure(article=story), dry_run=False)


def test_an_erased_address_is_never_asked_for_again(app, committed, story):
    app.erase(erasure(article=story), dry_run=False)
    addresses.ensure(committed, [story])
    committed.execute("SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses")
    fetched, _ = come(app)
    assert fetched.outcomes == {"unchanged": 1}  # the other one
    assert committed.execute("SELECT count(*) FROM ops.dead_letters").fetchone() == (0,)
    assert said_in(committed, RARE) == []


def test_an_import_of_another_archive_does_not_bring_it_back(app, committed, tmp_path, tmp_path_factory, story):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(tmp_path, elsewhere)
    app.erase(erasure(article=story), dry_run=False)
    assert app.import_warc(str(elsewhere)).failed == 0
    drain_all_but_the_web(app)
    assert (said_in(committed, RARE), archived_in(tmp_path, RARE)) == ([], [])
    assert app.check(whole=True).failed == 0


def test_another_address_of_an_erased_article_is_erased_when_it_turns_up(app, committed, tmp_path, server, story):
    app.erase(erasure(article=story), dry_run=False)
    canonical = f'<link rel="canonical" href="{story}">'
    server.answers["/again"] = page(f"The {RARE} season", LEAD, BODY, f"About {RARE}. " * 9, head=canonical)
    bring(app, committed, "https://paper.example/again")
    assert committed.execute("SELECT count(*) FROM mart.articles").fetchone() == (1,)
    assert app.check(whole=True).failed == 0
    assert (said_in(committed, RARE), archived_in(tmp_path, RARE)) == ([], [])


def test_earlier_versions_go_with_the_article(app, committed, tmp_path, server):
    server.answers["/ferry"] = FIRST
    bring(app, committed, URL)
    look_again(app, committed, server, SECOND)
    assert "news.article_versions.text" in said_in(committed, "second boat")
    assert "news.article_versions.text" in said_in(committed, "eleven years")
    app.erase(erasure(article=URL), dry_run=False)
    assert list(tmp_path.rglob("*.warc.gz")) == []  # no page of these files is kept
    assert (said_in(committed, "second boat"), said_in(committed, "eleven years")) == ([], [])


# --- A whole newsroom -------------------------------------------------------------------------------------------------


@pytest.fixture
def newsroom():
    with running_newsroom(Newsroom(publications()), over_s=3600) as running:
        running.publish()
        yield running


@pytest.fixture
def filled(warehouse, tmp_path, newsroom):
    with App(settings(warehouse, tmp_path, newsroom.port)) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        drain_all(app)
        yield app, conn


def test_polling_and_fetching_again_does_not_bring_it_back(filled, tmp_path):
    app, conn = filled
    [original] = conn.execute("SELECT original_url FROM mart.duplicates LIMIT 1").fetchone()
    copies = "SELECT count(*) FROM mart.duplicates"
    assert conn.execute(copies).fetchone() == (3,)
    [feeds] = conn.execute("SELECT count(*) FROM news.feeds").fetchone()
    [before] = conn.execute("SELECT count(*) FROM mart.articles").fetchone()
    app.erase(erasure(article=original), dry_run=False)
    conn.execute("DELETE FROM news.feed_memories")  # every item is read as if for the first time
    conn.execute("UPDATE news.feeds SET etag = NULL, last_modified = NULL, body_sha256 = NULL")
    poll_again(conn)
    assert drain_all(app)["poll"].seen == feeds
    assert said_in(conn, original) == []
    assert conn.execute("SELECT count(*) FROM mart.articles").fetchone() == (before - 1,)
    assert conn.execute(copies).fetchone() == (2,)  # one of the copies is the original now
    report = app.check(whole=True)
    assert (report.failed, report.outcomes) == (0, {})
    assert app.verify_archive().problems == ()


def test_another_feed_that_brings_an_erased_address_says_nothing_of_it(filled):
    app, conn = filled
    [entry_id, word] = conn.execute(
        "SELECT entry_id, title FROM news.entries JOIN news.addresses USING (address_id) WHERE article_id IS NOT NULL LIMIT 1"
    ).fetchone()
    [url] = conn.execute(
        "SELECT url FROM news.addresses JOIN news.entries USING (address_id) WHERE entry_id = %s", [entry_id]
    ).fetchone()
    app.erase(erasure(article=url), dry_run=False)
    conn.execute("UPDATE news.entries SET title = %s WHERE entry_id = %s", [word, entry_id])
    conn.execute(
        "INSERT INTO news.entries (feed_id, entry_key, address_id, guid, title, authors, date_quality, content_sha256)"
        " SELECT max(feed.feed_id), 'x', max(entry.address_id), 'g', %s, '{A}', 'exact', 'x'"
        " FROM news.feeds AS feed, news.entries AS entry WHERE entry.entry_id = %s",
        [word, entry_id],
    )
    silent = "SELECT count(*), count(title), count(guid) FROM news.entries WHERE erasure_id IS NOT NULL"
    [entries, titles, guids] = conn.execute(silent).fetchone()
    assert (entries >= 2, titles, guids) == (True, 0, 0)


def test_a_publisher_goes_with_all_its_entries_and_the_rest_adds_up(filled, tmp_path):
    app, conn = filled
    [domain, articles] = conn.execute(
        "SELECT domain, count(*) FROM mart.articles GROUP BY domain ORDER BY 2 DESC LIMIT 1"
    ).fetchone()
    erased = app.erase(erasure(publisher=domain), dry_run=False)
    assert (erased.articles, erased.entries >= articles) == (articles, True)
    assert conn.execute("SELECT count(*) FROM mart.articles WHERE domain = %s", [domain]).fetchone() == (0,)
    drain_all(app)
    report = app.check(whole=True)
    assert (report.failed, report.outcomes) == (0, {})
    assert app.verify_archive().problems == ()
    assert archived_in(tmp_path, f"https://{domain}/") == []


def test_a_range_of_days_goes_and_no_other_day(filled):
    app, conn = filled
    [day] = conn.execute("SELECT min(day) FROM news.articles").fetchone()
    [others] = conn.execute("SELECT count(*) FROM news.articles WHERE day <> %s", [day]).fetchone()
    app.erase(erasure(since=day, until=day), dry_run=False)
    assert conn.execute("SELECT count(*) FROM news.articles").fetchone() == (others,)


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "give --article URL, --publisher DOMAIN"),
        (["--since", "2026-11-01"], "both ends"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "comes after"),
        (["--article", "https://a.example/x", "--publisher", "a.example"], "stands alone"),
        (["--article", "no address"], "give the whole address of the article"),
        (["--publisher", "a.example", "--why", " "], "--why is empty"),
    ],
)
def test_a_command_that_is_not_clear_erases_nothing_and_says_why(arguments, problem, capsys):
    assert cli.main(["erase", "--why", "law", *arguments]) == 1
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(("sure", "comes_to"), [([], (1, 1)), (["--dry-run"], (0, 1)), (["--yes"], (0, 0))])
def test_a_command_erases_only_what_somebody_is_sure_of(filled, monkeypatch, capsys, sure, comes_to):
    app, conn = filled
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", app.settings.warehouse)
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", app.settings.archive)
    [url] = conn.execute("SELECT min(url) FROM news.articles").fetchone()
    code = cli.main(["erase", "--article", url, "--why", "law", *sure])
    [left] = conn.execute("SELECT count(*) FROM news.articles WHERE url = %s", [url]).fetchone()
    assert (code, left) == comes_to
    told = capsys.readouterr()
    assert told.out.startswith("erased: 1 articles" if sure == ["--yes"] else "would be erased: 1 articles")
    assert ("add --yes to erase it for good" in told.err) == (not sure)
