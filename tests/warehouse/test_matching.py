"""How grouping asks the warehouse: by which plans, in which weeks, under which rule."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from copies import BEGINNING, Piece, Press, Text, publish
from databases import PASSWORD, Warehouse, make_empty
from newswire.core.fingerprints import SIGNATURE_VERSION
from newswire.core.stories import WINDOW
from newswire.runtime.databases import OWNER
from newswire.steps.draining import Batches, drain
from newswire.steps.group import group
from newswire.warehouse import admin, duplicates
from newswire.warehouse.checks import all_checks, ask
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.migrate import migrate
from newswire.warehouse.queries import queries, sql_folder


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[Conn]:
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


@pytest.fixture
def owner(warehouse: Warehouse) -> Iterator[Conn]:
    address = warehouse.postgres.url(database=warehouse.database, role=OWNER, password=PASSWORD)
    with connect(address, name="owner") as connection:
        yield connection


@pytest.fixture
def filler(warehouse: Warehouse) -> Iterator[Conn]:
    """Fills tables without what they refer to."""
    with admin.superuser(warehouse.postgres.url(database=warehouse.database)) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def rows_found(conn: Conn, name: str) -> int:
    """How many rows a check finds."""
    [finding] = ask(conn, [check for check in all_checks() if check.name == name])
    return finding.rows


def group_all(conn: Conn) -> None:
    drain(Batches("group", conn, partial(group, publish_delay_s=0), limit=500), conn, linger_s=0, cap_s=60)


def piece(name: str, *texts: Text, days: float = 0) -> Piece:
    return Piece(f"https://{name}.example/1", BEGINNING + timedelta(days=days), texts)


STORY = Press(1).original()
LONGER = Text(STORY.title, STORY.text + " " + Press(2).original().text)


def copies(conn: Conn) -> list[tuple]:
    return conn.execute("SELECT url, original_url, kind FROM mart.duplicates ORDER BY url").fetchall()


# --- Plans -----------------------------------------------------------------------------------------------------------


def plan(conn: Conn, name: str, **parameters: object) -> str:
    with conn.transaction():
        duplicates.wait_for_turn(conn)
        with duplicates._by_index(conn):
            lines = conn.execute("EXPLAIN " + queries()[name].text, {"signature": SIGNATURE_VERSION, **parameters})
            return "\n".join(line for (line,) in lines)


@pytest.mark.parametrize(
    "statistics", ["empty", "stored and never analysed", "analysed", "analysed while it was empty"]
)
@pytest.mark.parametrize("query", ["candidates", "heat"])
def test_candidates_come_by_the_index_of_anchors_whatever_the_statistics(conn, owner, statistics, query):
    if statistics == "analysed while it was empty":
        owner.execute("SELECT ops.open_weeks(ARRAY[%s::date], 7)", [BEGINNING])
        owner.execute("ANALYZE news.fingerprints")
    if statistics != "empty":
        press = Press(4, days=2)
        publish(conn, [(one, 0) for one in press.pieces(400)])
        group_all(conn)
    if statistics == "analysed":
        owner.execute("ANALYZE")
    owner.execute("SELECT ops.open_weeks(ARRAY[%s::date], 7)", [BEGINNING])
    shown = plan(conn, f"duplicates.{query}", keys=list(range(500)), window_days=7, hot_limit=200)
    scans = [line for line in shown.splitlines() if "Scan" in line]
    assert any("Bitmap Index Scan on fingerprints_2026_03_02_anchors_idx" in line for line in scans), shown
    assert not [line for line in scans if "Seq Scan" in line], shown
    # Besides by anchors, fingerprints are read only by their article's number.
    others = [
        line for line in scans if "fingerprints_2026" in line and "Index Scan" in line and "anchors_idx" not in line
    ]
    conditions = [line for line in shown.splitlines() if "Index Cond" in line and "day" in line and "hot" not in line]
    assert all("article_id_version_id" in line for line in others), shown
    assert not [line for line in conditions if "article_id" not in line and "anchor" not in line], shown


@pytest.mark.slow
@pytest.mark.parametrize("statistics", ["never analysed", "analysed"])
@pytest.mark.parametrize("query", ["candidates", "heat"])
def test_nor_does_the_size_of_the_table_change_the_plan(conn, owner, filler, statistics, query):
    owner.execute("SELECT ops.open_weeks(ARRAY[%s::date], 7)", [BEGINNING])
    filler.execute(PRINTS, {"at": BEGINNING, "count": 40_000, "signature": SIGNATURE_VERSION})
    if statistics == "analysed":
        filler.execute("ANALYZE")
    shown = plan(conn, f"duplicates.{query}", keys=[*range(-500, 0)], window_days=7, hot_limit=200)
    assert "Bitmap Index Scan on fingerprints_2026_03_02_anchors_idx" in shown
    assert "Seq Scan" not in shown


PRINTS = """
INSERT INTO news.fingerprints
SELECT -n, -n, %(signature)s, %(at)s::date + n %% 7, true, 1, %(at)s, 100, decode(lpad(to_hex(n), 32, '0'), 'hex'),
    (SELECT array_agg((random() * 1e9)::integer) FROM generate_series(1, 23) WHERE n IS NOT NULL), '{}', 0, '{}', '{}', '{}'
FROM generate_series(1, %(count)s) AS n
"""
FEATURES = """
INSERT INTO news.story_features (
    story_version, article_id, version_id, url, language, at, key_terms, rare_terms, features, earlier
)
SELECT version.story_version, -n, -n, 'https://stored.example/' || n, 'und', %(at)s::timestamptz - n * interval '5 s',
    terms.numbers, terms.numbers[1:16], '{}', 0
FROM news.story_versions AS version
CROSS JOIN generate_series(1, %(count)s) AS n
CROSS JOIN LATERAL (
    SELECT array_agg((random() * 20000)::integer) AS numbers FROM generate_series(1, 32) WHERE n IS NOT NULL
) AS terms
"""


@pytest.mark.parametrize("articles", [400, pytest.param(40_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "statistics", ["empty", "stored and never analysed", "analysed", "analysed while it was empty"]
)
def test_neighbours_come_by_the_index_of_rare_terms_whatever_the_statistics(conn, filler, statistics, articles):
    if statistics == "analysed while it was empty":
        filler.execute("ANALYZE news.story_features")
    if statistics != "empty":
        filler.execute(FEATURES, {"at": BEGINNING, "count": articles})
    if statistics == "analysed":
        filler.execute("ANALYZE")
    asked = {"story_version": "stories-2 words-1", "keys": [*range(-49, 0)], "window": WINDOW}
    scans = scans_of(plan(conn, "stories.sharing", **asked))
    assert any("Bitmap Index Scan on story_features_rare_terms" in line for line in scans), scans
    # Besides by rare terms, features are read only by their article's number.
    others = [line for line in scans if "Bitmap" not in line or "Index" in line]
    assert all("story_features_rare_terms" in line or "story_features_pkey" in line for line in others), scans


@pytest.mark.parametrize("statistics", ["never analysed", "analysed"])
def test_the_neighbours_of_many_come_by_an_index_of_time_where_there_are_years_of_them(conn, filler, statistics):
    filler.execute(FEATURES, {"at": BEGINNING, "count": 20_000})
    filler.execute(
        "UPDATE news.story_features SET at = at + article_id * interval '1 hour', language = left('und', 2 + (article_id % 10 = 0)::int)"
    )
    if statistics == "analysed":
        filler.execute("ANALYZE")
    asked = {"first": BEGINNING - WINDOW, "last": BEGINNING + WINDOW, "language": "und"}
    scans = scans_of(plan(conn, "stories.around", story_version="stories-2 words-1", **asked))
    assert all("story_features_language_at" in line or "story_features_at" in line for line in scans), scans


def scans_of(shown: str) -> list[str]:
    """Where a plan reads tables and indexes."""
    return [line for line in shown.splitlines() if "Scan" in line and not {"Subquery", "Function"} & {*line.split()}]


def test_no_statement_of_the_matcher_is_compiled(conn):
    """The server of the package cannot compile at all; one of the system can, and would (NEWSWIRE_PG_BIN)."""
    [can_compile] = conn.execute("SELECT pg_jit_available()").fetchone()
    conn.execute("SET jit = on")
    conn.execute("SET jit_above_cost = 0")
    explained = "EXPLAIN " + queries()["duplicates.candidates"].text
    asked = {"signature": SIGNATURE_VERSION, "keys": [1], "window_days": 7}
    before = [line for (line,) in conn.execute(explained, asked)]
    assert any(line.startswith("JIT:") for line in before) == can_compile
    assert "JIT:" not in plan(conn, "duplicates.candidates", keys=[1], window_days=7)


# --- Weeks -----------------------------------------------------------------------------------------------------------


def test_a_week_that_nobody_needs_is_dropped_and_made_again_when_it_is_needed(conn, owner):
    first, copy, late = (piece(f"p{n}", LONGER if n else STORY, days=n / 2) for n in range(3))
    publish(conn, [(first, 0), (copy, 0)])
    group_all(conn)
    before = copies(conn)
    assert len(before) == 1
    owner.execute("UPDATE news.fingerprint_weeks SET written_at = now() - interval '31 days'")
    assert duplicates.drop_weeks(conn) == 3
    assert copies(conn) == before  # what was decided stays
    publish(conn, [(late, 0)])
    group_all(conn)
    assert len(copies(conn)) == 2
    assert conn.execute("SELECT count(*) FROM news.fingerprints").fetchone() == (3,)


def test_a_matcher_at_work_is_not_waited_for_where_no_week_is_old(conn, warehouse):
    publish(conn, [(piece("a", STORY), 0)])
    group_all(conn)
    with connect(warehouse.dsn(), name="matcher") as matcher, matcher.transaction():
        duplicates.wait_for_turn(matcher)
        conn.execute("SET lock_timeout = '10ms'")
        assert duplicates.drop_weeks(conn) == 0


def test_equal_texts_are_found_at_any_distance_and_others_within_a_week(conn):
    publish(conn, [(piece("a", STORY), 0), (piece("b", STORY, days=400), 0), (piece("c", LONGER, days=9), 0)])
    group_all(conn)
    assert copies(conn) == [("https://b.example/1", "https://a.example/1", "same text")]


# --- Revisions and deletions -----------------------------------------------------------------------------------------


def test_an_article_that_is_deleted_leaves_its_group(conn):
    original = piece("a", STORY, Text(STORY.title, ""))
    publish(conn, [(original, 0), (piece("b", STORY, days=0.1), 0), (piece("c", STORY, days=0.2), 0)])
    group_all(conn)
    assert {row[1] for row in copies(conn)} == {"https://a.example/1"}
    publish(conn, [(original, 1)])
    group_all(conn)
    assert copies(conn) == [("https://c.example/1", "https://b.example/1", "same text")]
    assert rows_found(conn, "articles_are_grouped") == 0


# --- Syndication -----------------------------------------------------------------------------------------------------


def test_what_a_page_declares_as_its_source_stands_beside_its_copy_and_makes_none(conn):
    wire = "https://wire.example/7"
    declaring = replace(LONGER, syndicated_from=wire, authors=("Reuters",))
    stranger = replace(Press(9).original(), syndicated_from="https://first.example/1")
    publish(conn, [(piece("first", STORY), 0), (piece("copy", declaring, days=0.1), 0), (piece("other", stranger), 0)])
    group_all(conn)
    told = f"declares {wire} as its source; its byline names Reuters"
    shown = "SELECT url, original_url, is_syndicated, syndicated_from, syndication FROM mart.duplicates"
    assert conn.execute(shown).fetchall() == [("https://copy.example/1", "https://first.example/1", True, wire, told)]


def test_a_source_that_is_declared_later_is_shown_without_grouping_again(conn):
    """It is a fact about the page, so the order of arrival plays no part in it."""
    publish(conn, [(piece("first", STORY), 0), (piece("copy", STORY, days=0.1), 0)])
    group_all(conn)
    publish(conn, [(piece("copy", replace(STORY, syndicated_from="https://first.example/1"), days=0.1), 0)])
    shown = "SELECT is_syndicated, syndication FROM mart.duplicates"
    assert conn.execute(shown).fetchall() == [(True, "declares https://first.example/1 as its source")]


# --- Before this rule ------------------------------------------------------------------------------------------------

OLD = """
INSERT INTO news.publishers (domain) VALUES ('a.example');
INSERT INTO news.addresses (address_key, url, host) SELECT decode(n::text, 'escape'), n, n FROM unnest(ARRAY['x', 'y']) AS n;
INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)
SELECT address_id, url, 1, now(), 'live', now(), current_date FROM news.addresses;
INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source, extractor)
SELECT article_id, 'a', 't', 't', 'und', '{}', 'page', 'e' FROM news.articles;
UPDATE news.articles SET current_version_id = article_id;
INSERT INTO news.fingerprints SELECT article_id, current_version_id, 'same', 'copies-1' FROM news.articles;
INSERT INTO news.duplicates VALUES (2, 1, 'exact', 'same text as x', 'copies-1');
"""


def test_copies_that_were_found_before_are_kept_and_shown(postgres, tmp_path):
    dsn, before = make_empty(postgres), tmp_path / "sql"
    shutil.copytree(sql_folder(), before)
    for migration in (before / "migrations").glob("*.sql"):
        if migration.name >= "0018":
            migration.unlink()
    shutil.rmtree(before / "repeatable")  # today's views read what is not there yet
    migrate(dsn, folder=before)
    with connect(dsn, name="before") as old:
        old.execute(OLD)
    migrate(dsn)
    with connect(dsn, name="after") as conn:
        assert copies(conn) == [("y", "x", "same text")]
        assert [(v.signature, v.in_force) for v in duplicates.rule_versions(conn)] == [("copies-1", True)]
        assert rows_found(conn, "articles_are_grouped") == 0


# --- Versions of the rule --------------------------------------------------------------------------------------------


def test_a_new_version_of_the_rule_stands_beside_the_old_one_until_it_is_switched_to(conn, warehouse, monkeypatch):
    publish(conn, [(piece("a", STORY), 0), (piece("b", STORY, days=0.1), 0)])
    group_all(conn)
    monkeypatch.setattr(duplicates, "SIGNATURE_VERSION", "copies-3")
    publish(conn, [(piece("c", STORY, days=0.2), 0)])
    group_all(conn)
    # Two versions are never compared, and readers see the one in force.
    assert [row[0] for row in copies(conn)] == ["https://b.example/1"]
    assert [(v.signature, v.articles, v.copies, v.in_force) for v in duplicates.rule_versions(conn)] == [
        (SIGNATURE_VERSION, 2, 1, True),
        ("copies-3", 1, 0, False),
    ]
    conn.execute("SELECT ops.ask('group', array_agg(article_id)) FROM news.articles")
    group_all(conn)
    assert duplicates.rule_changes(conn, won=True) == duplicates.rule_changes(conn, won=False) == []
    conn.execute(
        "DELETE FROM news.duplicates WHERE signature = 'copies-3' AND article_id IN (SELECT article_id FROM news.articles WHERE url LIKE '%b.example%')"
    )
    assert [change.url for change in duplicates.rule_changes(conn, won=False)] == ["https://b.example/1"]
    assert rows_found(conn, "the_newest_copy_rule_is_in_force") == 1
    assert not duplicates.switch_rule(conn, "copies-4")
    assert duplicates.switch_rule(conn, "copies-3")
    assert [row[0] for row in copies(conn)] == ["https://c.example/1"]
