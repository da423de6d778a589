"""Topics come into force by their release: small changes at once, others once a person agrees; nothing is tagged by halves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from newswire.core.urls import address_key
from newswire.errors import ConfigError
from newswire.records import StepReport
from newswire.steps import override, release, tag, topic_files
from newswire.steps.draining import Batches
from newswire.warehouse import topic_releases, topics, work
from newswire.warehouse.connection import Conn, connect

TITLES = {
    1: ("en", "Wheat rises"),
    2: ("en", "Wheat falls"),
    3: ("en", "Barley rises"),
    4: ("en", "Rain in the north"),
    5: ("fr", "Le blé tendre monte"),
}


def definition(terms: str, *, approve_above: float = 0.1, note: str = "", parent: str = "") -> str:
    return f"""\
id: grain
name: {{en: Grain}}
description: Grain and what it costs. {note}
{parent}
approve_above: {approve_above}
groups: {{terms: {{en: [{terms}], fr: [blé tendre]}}}}
rules: [{{count: terms}}]
examples:
  match: [{{lang: en, title: Wheat}}, {{lang: fr, title: Le blé tendre}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "topics"
    made.mkdir()
    return made


@pytest.fixture
def db(warehouse):
    """A warehouse of its own with five articles that wait to be tagged."""
    with connect(warehouse.dsn(), name="test") as conn:
        for number in TITLES:
            add_article(conn, number)
        yield conn


def add_article(conn: Conn, number: int, language: str | None = None, title: str | None = None) -> None:
    said_language, said_title = TITLES.get(number, ("en", "Wheat again"))
    url = f"https://paper.example/{number}"
    conn.execute(
        """
        WITH publisher AS (
            INSERT INTO news.publishers AS known (domain) VALUES ('paper.example')
            ON CONFLICT (domain) DO UPDATE SET domain = known.domain RETURNING publisher_id
        ), address AS (
            INSERT INTO news.addresses (address_key, url, host) VALUES (%(key)s, %(url)s, 'paper.example') RETURNING address_id
        ), article AS (
            INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)
            SELECT address_id, %(url)s, publisher_id, now(), 'live', %(at)s, %(at)s::date FROM address, publisher RETURNING article_id
        )
        INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source, extractor)
        SELECT article_id, %(key)s, %(title)s, '', %(language)s, '{}', 'page', 'test' FROM article
        """,
        {
            "key": address_key(url),
            "url": url,
            "title": title or said_title,
            "language": language or said_language,
            "at": datetime(2026, 11, 25, tzinfo=UTC),
        },
    )
    conn.execute(
        "UPDATE news.articles AS article SET current_version_id = version.version_id FROM news.article_versions AS version"
        " WHERE version.article_id = article.article_id AND article.url = %s",
        [url],
    )
    conn.execute(
        "UPDATE news.addresses SET article_id = article.article_id FROM news.articles AS article"
        " WHERE article.address_id = addresses.address_id"
    )
    work.ask(conn, "tag", [article_of(conn, number)])


def article_of(conn: Conn, number: int) -> int:
    [[found]] = conn.execute(
        "SELECT article_id FROM news.articles WHERE url = %s", [f"https://paper.example/{number}"]
    ).fetchall()
    return int(found)


def write(folder: Path, text: str, name: str = "grain") -> None:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def drain_tags(conn: Conn, tagger: tag.Tagger | None = None) -> StepReport:
    """Work off the queue as the live drain does."""
    tagger = tagger or tag.Tagger(conn)
    drainer = Batches("tag", conn, lambda conn, batch: tagger.tag(conn, batch, publish_delay_s=0), limit=2)
    total = StepReport()
    while (report := drainer.turn(claim=True)).seen or report.skipped:
        total += report
    return total


def tags(conn: Conn) -> dict[str, str]:
    found = conn.execute("SELECT title, level FROM mart.article_topics WHERE topic = 'grain' ORDER BY title")
    return dict(found.fetchall())


def started(conn: Conn, folder: Path, text: str) -> None:
    """A system at work with one topic in force."""
    write(folder, text)
    release.begin(conn, folder)
    drain_tags(conn)


def test_an_empty_system_starts_with_its_files(db, folder):
    started(db, folder, definition("wheat*"))
    assert tags(db) == {"Wheat rises": "core", "Wheat falls": "core", "Le blé tendre monte": "core"}
    assert release.propose(db, folder) == []


def test_a_changed_file_tags_nothing_until_it_is_released_not_even_new_articles(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*"))
    [difference] = release.propose(db, folder)
    assert difference.in_a_line() == "grain: 1 added of 3 tags (33%)"
    assert difference.needs_approval
    assert release.release_small(db, [difference]) == []
    add_article(db, 6, title="Barley again")
    drain_tags(db)
    assert "Barley again" not in tags(db)


def test_what_is_approved_tags_what_it_touches_and_what_came_meanwhile_and_nothing_else(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*"))
    [difference] = release.propose(db, folder)
    add_article(db, 6, title="Barley again")
    drain_tags(db)
    outcome = release.decide(db, difference.release, approved=True, decided_by="Ada", note="barley is grain")
    assert (outcome.outcome, outcome.touched) == ("released", 2)
    assert drain_tags(db).seen == 2
    assert tags(db).keys() >= {"Barley rises", "Barley again"}
    assert not_of_today(db) == []
    [decision] = db.execute("SELECT outcome, decided_by, note, added, share FROM mart.topic_releases").fetchall()
    assert decision[:4] == ("released", "Ada", "barley is grain", 1)


def test_a_small_change_releases_itself(db, folder):
    started(db, folder, definition("wheat*", approve_above=0.5))
    write(folder, definition("wheat*, barley*", approve_above=0.5))
    [outcome] = release.release_small(db, release.propose(db, folder))
    assert (outcome.outcome, outcome.touched) == ("released", 1)
    drain_tags(db)
    assert "Barley rises" in tags(db)


def test_the_share_that_counts_is_that_of_the_new_file(db, folder):
    started(db, folder, definition("wheat*", approve_above=0.9))
    write(folder, definition("wheat*, barley*", approve_above=0))
    [difference] = release.propose(db, folder)
    assert difference.needs_approval


def test_what_was_rejected_is_not_proposed_again_unless_asked_for(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, definition("barley*, wheat*"))
    [difference] = release.propose(db, folder)
    assert release.decide(db, difference.release, approved=False, decided_by="Ada").outcome == "rejected"
    assert release.propose(db, folder) == []
    assert [one.release.slug for one in release.propose(db, folder, again=True)] == ["grain"]
    assert "Barley rises" not in tags(db)


def test_a_newer_file_overtakes_a_release_that_waits(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*"))
    [older] = release.propose(db, folder)
    write(folder, definition("wheat*, rain*"))
    [newer] = release.propose(db, folder)
    assert newer.release.release_id != older.release.release_id
    assert release.decide(db, older.release, approved=True, decided_by="Ada").outcome == "overtaken"
    assert release.decide_by_id(db, older.release.release_id, approved=True, decided_by="Ada").outcome == "overtaken"
    drain_tags(db)
    assert set(tags(db)) == {"Wheat rises", "Wheat falls", "Le blé tendre monte"}


def test_a_file_put_back_as_it_was_takes_the_proposal_away(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*"))
    release.propose(db, folder)
    write(folder, definition("wheat*"))
    assert release.propose(db, folder) == []
    assert db.execute("SELECT outcome FROM news.topic_releases").fetchall() == [("overtaken",)]


def test_a_version_that_finds_the_same_touches_no_article(db, folder):
    started(db, folder, definition("wheat*"))
    before = db.execute("SELECT * FROM news.article_topics ORDER BY article_id").fetchall()
    write(folder, definition("wheat*", note="And bread."))
    [difference] = release.propose(db, folder)
    assert difference.in_a_line() == "grain: no tag changes of 3 tags (0%)"
    [outcome] = release.release_small(db, [difference])
    assert outcome.touched == 0
    assert db.execute("SELECT * FROM news.article_topics ORDER BY article_id").fetchall() == before
    assert not_of_today(db) == []


def test_tags_that_change_or_go_are_kept_with_their_time(db, folder):
    started(db, folder, definition("wheat*, barley*"))
    write(folder, definition("wheat*", approve_above=1))
    release.release_small(db, release.propose(db, folder))
    drain_tags(db)
    history = db.execute(
        "SELECT level, valid_to IS NULL, topic_version_id FROM mart.topic_history WHERE url = 'https://paper.example/3'"
    ).fetchall()
    assert [(level, now) for level, now, _ in history] == [("core", False)]
    [[old]] = db.execute(
        "SELECT definition FROM news.topic_versions WHERE topic_version_id = %s", [history[0][2]]
    ).fetchall()
    assert "barley*" in old


def test_a_topic_whose_file_is_gone_leaves_by_a_release_too(db, folder):
    started(db, folder, definition("wheat*"))
    (folder / "grain.yaml").unlink()
    [difference] = release.propose(db, folder)
    assert difference.needs_approval
    assert "The file is gone" in difference.as_markdown()
    drain_tags(db)
    assert len(tags(db)) == 3
    release.decide(db, difference.release, approved=True, decided_by="Ada")
    drain_tags(db)
    assert tags(db) == {}
    assert not_of_today(db) == []


def test_a_broken_file_is_reported_once_and_changes_nothing(db, folder):
    started(db, folder, definition("wheat*"))
    write(folder, "id: grain\nname: [broken\n")
    assert release.propose(db, folder) == []
    [problem] = topics.problems(db)
    assert problem.problem.startswith("grain.yaml:3:")
    assert topics.files(db) == {"grain": topic_files.digest(folder / "grain.yaml")}
    assert drain_tags(db).failed == 0
    assert len(tags(db)) == 3
    write(folder, definition("wheat*"))
    assert release.propose(db, folder) == []
    assert topics.problems(db) == []


SLIPS = {  # what a person may get wrong, and the line that is named
    "id": ("id: grain", "id: Grain!", 1),
    "id of another file": ("id: grain", "id: corn", 1),
    "name without English": ("{en: Grain}", "{fr: Céréales}", 2),
    "name as a text": ("{en: Grain}", "Grain", 2),
    "no description": ("description: Grain and what it costs. ", "", 1),
    "description with a colon": ("Grain and what it costs.", "Grain: what it costs", 3),
    "share in percent": ("approve_above: 0.1", "approve_above: 10%", 5),
    "share above one": ("approve_above: 0.1", "approve_above: 10", 5),
    "misspelt key": ("approve_above", "aprove_above", 5),
    "country for a language": ("fr: [", "ua: [", 6),
    "open bracket": ("[blé tendre]", "[blé tendre", 6),
    "star without quotes": ("wheat*", "*wheat*", 6),
    "star inside": ("wheat*", "wh*eat", 6),
    "short word": ("wheat*", "rye", 6),
    "twice": ("wheat*", "wheat*, wheat*", 6),
    "regular expression": ("wheat*", "whe[ae]t+", 6),
    "empty list": ("[blé tendre]", "[]", 6),
    "unknown group": ("count: terms", "count: term", 7),
    "unknown condition": ("count: terms", "count: terms, near: {group: terms}", 7),
    "no examples": ("examples:", "exemples:", 8),
    "example without text": ("{lang: en, title: Wheat}", "{lang: en}", 9),
    "example that fails": ("{lang: en, title: Wheat}", "{lang: en, title: Barley}", 9),
    "tab": ("rules:", "\trules:", 7),
}


def test_twenty_malformed_files_give_twenty_messages_and_stop_nothing(db, folder):
    started(db, folder, definition("wheat*"))
    lines = {}
    for number, (old, new, line) in enumerate(SLIPS.values()):
        text = definition("wheat*").replace(old, new, 1)
        assert text != definition("wheat*"), old
        name = f"slip-{number}"
        lines[name] = line
        write(folder, text if "id: grain" in old else text.replace("id: grain", f"id: {name}"), name)
    assert release.propose(db, folder) == []
    problems = {problem.slug: problem.problem for problem in topics.problems(db)}
    assert problems.keys() == lines.keys()
    for slug, problem in problems.items():
        assert f"{slug}.yaml:{lines[slug]}: " in problem
        assert "; " in problem
    add_article(db, 6)
    assert drain_tags(db).failed == 0
    assert tags(db)["Wheat again"] == "core"


def test_a_new_topic_tags_what_is_there_without_asking_anybody(db, folder):
    started(db, folder, definition("wheat*"))
    text = definition("rain*").replace("id: grain", "id: weather").replace("title: Wheat}", "title: Rain}")
    write(folder, text, "weather")
    [outcome] = release.release_small(db, release.propose(db, folder))
    assert outcome.touched == 2  # the rain, and the French wheat that its pattern finds too
    drain_tags(db)
    assert db.execute(
        "SELECT title FROM mart.article_topics WHERE topic = 'weather' AND language = 'en'"
    ).fetchall() == [("Rain in the north",)]


def test_a_look_that_was_cut_off_goes_on_where_it_stopped(db, folder, monkeypatch):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*, rain*"))
    monkeypatch.setattr(release, "BATCH", 2)
    texts_after, asked = topic_releases.texts_after, []

    def cut_off(conn, article_id, *, limit):
        asked.append(article_id)
        if len(asked) == 3:
            raise psycopg.OperationalError("the server is gone")
        return texts_after(conn, article_id, limit=limit)

    monkeypatch.setattr(topic_releases, "texts_after", cut_off)
    with pytest.raises(psycopg.OperationalError):
        release.propose(db, folder)
    [difference] = release.propose(db, folder)
    assert asked[3] == asked[2] > 0
    assert difference.total("added") == 2
    assert db.execute("SELECT looked_at FROM news.topic_releases").fetchone() == (5,)


def test_a_drain_that_lingers_takes_up_what_was_released_meanwhile(db, folder):
    started(db, folder, definition("wheat*"))
    tagger = tag.Tagger(db)
    write(folder, definition("wheat*, barley*", approve_above=1))
    release.release_small(db, release.propose(db, folder))
    drain_tags(db, tagger)
    assert "Barley rises" in tags(db)


def test_no_release_comes_between_matching_and_writing(db, folder, warehouse):
    started(db, folder, definition("wheat*"))
    write(folder, definition("wheat*, barley*"))
    [difference] = release.propose(db, folder)
    released = threading.Event()

    def decide() -> None:
        with connect(warehouse.dsn(), name="second") as second:
            release.decide(second, difference.release, approved=True, decided_by="Ada")
        released.set()

    with db.transaction():
        topics.hold_in_force(db)
        thread = threading.Thread(target=decide)
        thread.start()
        assert not released.wait(0.5)
    assert released.wait(10)
    thread.join()


def test_the_difference_is_told_by_language_with_samples_and_titles_do_nothing(db, folder):
    started(db, folder, definition("wheat*"))
    add_article(db, 7, title="Barley | [click](javascript:x) <b>*now*</b>")
    drain_tags(db)
    write(folder, definition("wheat*, barley*"))
    [difference] = release.propose(db, folder)
    told = difference.as_markdown()
    assert "| en | 2 |" in told
    assert "| all | 2 |" in told
    assert r"Barley \| \[click\](javascript:x) \<b\>\*now\*\</b\> (no tag → core)" in told


# --- People ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def say(db) -> Callable[..., None]:
    def saying(number: int, *, applies: bool | None, topic: str = "grain") -> None:
        override.say(
            db,
            f"https://paper.example/{number}",
            topic,
            applies=applies,
            said_by="Ada",
            note="read it",
            publish_delay_s=0,
        )

    return saying


def test_a_persons_word_wins_and_outlives_the_next_release(db, folder, say):
    started(db, folder, definition("wheat*"))
    say(1, applies=False)
    say(4, applies=True)
    expected = {"Wheat falls": "core", "Le blé tendre monte": "core", "Rain in the north": "core"}
    assert tags(db) == expected
    write(folder, definition("wheat*, barley*", approve_above=1))
    release.release_small(db, release.propose(db, folder))
    drain_tags(db)
    assert tags(db) == expected | {"Barley rises": "core"}


def test_a_word_is_kept_with_who_and_when_also_when_another_follows(db, folder, say):
    started(db, folder, definition("wheat*"))
    say(1, applies=False)
    say(1, applies=True)
    say(1, applies=None)
    kept = db.execute(
        "SELECT applies, said_by, note, valid_to IS NULL FROM news.topic_overrides ORDER BY override_id"
    ).fetchall()
    assert kept == [(False, "Ada", "read it", False), (True, "Ada", "read it", False)]
    assert "Wheat rises" in tags(db)


def test_a_word_on_what_is_not_there_is_refused_with_the_mend(db, folder, say):
    started(db, folder, definition("wheat*"))
    with pytest.raises(ConfigError, match="no topic is called barley; choose from grain"):
        say(1, applies=True, topic="barley")
    with pytest.raises(ConfigError, match=r"no article is .*/99'; give its number"):
        say(99, applies=True)
    with pytest.raises(ConfigError, match="nothing to take back"):
        say(1, applies=None)


def test_a_word_touches_the_day_of_the_article(db, folder, say):
    started(db, folder, definition("wheat*"))
    db.execute("DELETE FROM ops.work")
    say(1, applies=False)
    assert db.execute("SELECT stage, key FROM ops.work").fetchall() == [("publish", 20261125)]


# --- Ancestors -------------------------------------------------------------------------------------------------------


def test_a_tag_implies_the_wider_topics_unless_a_person_says_no(db, folder, say):
    write(folder, definition("wheat*", parent="parent: food"))
    food = definition("rain*").replace("id: grain", "id: food").replace("blé tendre", "pluie")
    write(folder, food.replace("title: Wheat}", "title: Rain}"), "food")
    release.begin(db, folder)
    drain_tags(db)
    wider = "SELECT title, level, implied_by FROM mart.article_topics WHERE topic = 'food' ORDER BY title"
    assert db.execute(wider).fetchall() == [
        ("Le blé tendre monte", "core", "grain"),
        ("Rain in the north", "core", None),
        ("Wheat falls", "core", "grain"),
        ("Wheat rises", "core", "grain"),
    ]
    say(2, applies=False, topic="food")
    say(1, applies=False, topic="grain")
    assert [title for title, *_ in db.execute(wider)] == ["Le blé tendre monte", "Rain in the north"]


def test_a_circle_of_parents_ends(db, folder):
    write(folder, definition("wheat*", parent="parent: food"))
    food = definition("rain*", parent="parent: grain").replace("id: grain", "id: food").replace("blé tendre", "pluie")
    write(folder, food.replace("title: Wheat}", "title: Rain}"), "food")
    release.begin(db, folder)
    drain_tags(db)
    [[found]] = db.execute("SELECT count(*) FROM mart.article_topics").fetchall()
    assert found == 8


def test_every_span_of_the_evidence_is_a_row_with_its_words_and_sentence(db, folder):
    started(db, folder, definition("wheat*"))
    found = db.execute(
        "SELECT words, pattern, zone, start_offset, end_offset, sentence FROM mart.topic_why ORDER BY url"
    ).fetchall()
    assert found[0] == ("Wheat", "wheat*", "title", 0, 5, "Wheat rises")
    assert [row[0] for row in found] == ["Wheat", "Wheat", "blé tendre"]


def not_of_today(conn: Conn) -> list[tuple[object, ...]]:
    """What the check `tags_are_of_today` finds."""
    from newswire.warehouse.checks import all_checks

    [check] = [one for one in all_checks() if one.name == "tags_are_of_today"]
    return conn.execute(check.text).fetchall()
