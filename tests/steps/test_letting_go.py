"""What is not kept goes when its time has come, and no sooner; what is kept can still be read, found and told apart."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from test_erasing import archived_in, said_in

from databases import OWNER
from newswire import cli
from newswire.errors import ConfigError
from newswire.records import KeepingRule, Rebuild, Retained, Retention
from newswire.steps import retain
from newswire.warehouse.connection import connect
from steps.paper import BODY, LEAD, SECOND, bring, page

RARE = "zwetschgenwasser"
OLD, NEW = "https://paper.example/old", "https://paper.example/new"
A_MONTH = Retention(logs_months=None, otherwise=KeepingRule(pages_days=30, text_days=30))


@pytest.fixture
def two(app, committed, server):
    """Two articles of one archive file; the first one is forty days old."""
    server.answers |= {
        "/old": page(f"{RARE} opens early", LEAD, BODY, "It is distilled of quinces in Gurgltal. "),
        "/new": SECOND,
    }
    bring(app, committed, OLD, NEW)
    committed.execute("UPDATE news.articles SET at = at - interval '40 days', day = day - 40 WHERE url = %s", [OLD])
    committed.execute("UPDATE news.pages SET fetched_at = fetched_at - interval '40 days' WHERE final_url = %s", [OLD])
    for stage in ("group", "tag", "publish"):
        app.drain(stage, linger_s=0.1)
    return app, committed


def texts(conn) -> dict[str, tuple[str, bool]]:
    return {url: (title, text != "") for url, title, text in conn.execute("SELECT url, title, text FROM mart.articles")}


def test_pages_and_texts_go_by_their_days_and_titles_stay(two, tmp_path):
    app, conn = two
    assert len(archived_in(tmp_path, "gurgltal")) == 1
    gone = retain.retain(conn, app.archive, A_MONTH, dry_run=False)
    assert gone == Retained(pages=1, texts=1)
    assert archived_in(tmp_path, "gurgltal") == []
    assert app.check(whole=True).failed == 0  # features for stories go after 30 days
    assert said_in(conn, "gurgltal") == []
    assert texts(conn)[OLD] == (f"{RARE} opens early", False)
    assert texts(conn)[NEW][1] is True
    assert app.verify_archive().problems == ()
    found = conn.execute("SELECT url FROM mart.search_articles(%s)", [RARE]).fetchall()
    assert found == [(OLD,)]
    assert retain.retain(conn, app.archive, A_MONTH, dry_run=False) == Retained()


def test_a_file_of_which_nothing_is_kept_goes_whole(two, tmp_path):
    app, conn = two
    conn.execute("UPDATE news.pages SET fetched_at = now() - interval '31 days'")
    retain.retain(conn, app.archive, A_MONTH, dry_run=False)
    assert list(tmp_path.rglob("*.warc.gz")) == []


def test_a_dry_run_counts_the_same_and_lets_nothing_go(two, tmp_path):
    app, conn = two
    assert retain.retain(conn, app.archive, A_MONTH, dry_run=True) == Retained(pages=1, texts=1)
    assert len(archived_in(tmp_path, "gurgltal")) == 1
    assert all(there for _, there in texts(conn).values())


def test_by_default_everything_is_kept(two):
    app, conn = two
    conn.execute("UPDATE news.pages SET fetched_at = now() - interval '30 years'")
    assert app.retain(dry_run=False) == Retained()


def test_what_was_emptied_is_not_judged_again(two):
    app, conn = two
    retain.retain(conn, app.archive, A_MONTH, dry_run=False)
    keys = "SELECT article_id, version_id, text_key FROM news.text_keys ORDER BY 1"
    before = conn.execute(keys).fetchall()
    [day] = conn.execute("SELECT day FROM mart.articles WHERE url = %s", [OLD]).fetchone()
    for stage in ("extract", "group", "tag"):
        assert app.rebuild(Rebuild(stage=stage, day=day)).report.seen == 0
    conn.execute(
        "SELECT ops.ask('group', array_agg(article_id)), ops.ask('tag', array_agg(article_id)) FROM news.articles"
    )
    app.drain("group", linger_s=0)
    app.drain("tag", linger_s=0)
    assert conn.execute(keys).fetchall() == before


def test_a_page_that_was_captured_later_does_not_bring_its_text_back(two):
    app, conn = two
    conn.execute("UPDATE news.pages SET fetched_at = now()")
    assert retain.retain(conn, app.archive, A_MONTH, dry_run=False) == Retained(texts=1)
    [day] = conn.execute("SELECT day FROM mart.articles WHERE url = %s", [OLD]).fetchone()
    assert app.rebuild(Rebuild(stage="extract", day=day)).report.seen == 0
    assert texts(conn)[OLD][1] is False


def test_the_longest_rule_of_all_feeds_that_brought_it_counts(committed):
    ask = "SELECT ops.days_of_groups(%s, '{Agencies,Papers,Papers/Local}', '{90,NULL,7}', 30)"
    for mine, days in (
        ([], 30),
        (["Elsewhere"], 30),
        (["Agencies"], 90),
        (["Agencies/Asia"], 90),
        (["Agencies", "Papers"], None),
        (["Agencyship"], 30),
    ):
        assert committed.execute(ask, [mine]).fetchone() == (days,), mine


def test_months_of_logs_go_when_they_ended_long_enough_ago(app, committed, warehouse):
    with connect(warehouse.dsn(OWNER), name="test") as owner:
        for month in ("2020_01", "2020_02"):
            first = month.replace("_", "-") + "-01"
            owner.execute(
                f"CREATE TABLE ops.polls_{month} PARTITION OF ops.polls"
                f" FOR VALUES FROM ('{first}') TO (timestamptz '{first}' + interval '1 month')"
            )
    months = ("polls_2020_01", "polls_2020_02")
    made = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ops.polls'::regclass"
    [before] = committed.execute(made).fetchone()
    assert retain.retain(committed, app.archive, Retention(logs_months=10_000), dry_run=False).months == ()
    assert retain.retain(committed, app.archive, Retention(), dry_run=True).months == months
    assert committed.execute(made).fetchone() == (before,)
    assert retain.retain(committed, app.archive, Retention(), dry_run=False).months == months
    assert committed.execute(made).fetchone() == (before - 2,)  # this month and those ahead stay


def test_the_command_says_what_would_go(app, monkeypatch, capsys):
    monkeypatch.setattr("newswire.app.running", lambda: nullcontext(app))
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", "as the app")
    assert cli.main(["retention", "--dry-run"]) == 0
    assert (
        capsys.readouterr().out == "would go: 0 months of logs, 0 archived pages, texts of 0 articles and 0 entries\n"
    )


def test_a_broken_file_lets_nothing_go_and_is_named_with_its_line(tmp_path):
    (tmp_path / "retention.yaml").write_text("logs_months: 13\ndefault: all\ngroups: {}\n")
    with pytest.raises(ConfigError, match=r"retention.yaml:2: default is no mapping"):
        retain.rules(tmp_path)
