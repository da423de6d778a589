"""Stories do not depend on arrival: any order, batches, replays, revisions and deletions end in the same stories."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from newswire.steps import stories as step
from newswire.warehouse import stories
from newswire.warehouse.connection import Conn
from steps.story_articles import START, Report, copy, expected, insert, press, write

PRESS = press(22)


def placed(conn: Conn) -> dict[str, tuple[str, float | None]]:
    """What the warehouse says: story and score by address; copies are not among them."""
    found = conn.execute(
        """
        SELECT article.url, representative.url, member.score
        FROM news.story_members AS member
        JOIN news.articles AS article USING (article_id)
        JOIN news.articles AS representative ON representative.article_id = member.story_id
        """
    )
    return {url: (story, None if score is None else round(score, 4)) for url, story, score in found}


def arrive(conn: Conn, ids: dict[str, int], reports: Sequence[Report], dice: random.Random) -> None:
    """Every report comes with its first text, later with its last one; copies are told; some come twice."""
    first = [(report.url, "first") for report in reports]
    last = [(report.url, "last") for report in reports if report.text != report.first_text]
    copies = [(report.url, "copy") for report in reports if report.copy_of]
    again = dice.sample(first, len(first) // 7)
    todo = [*first, *last, *copies, *again]
    dice.shuffle(todo)
    by_url = {report.url: report for report in reports}
    seen: dict[str, str] = {}
    while todo:
        size = dice.choice([1, 3, 20])
        batch, todo = todo[:size], todo[size:]
        for url, what in batch:
            happen(conn, ids, by_url[url], what, seen)
        step.place(conn, {ids[url] for url, _ in batch})
    for url in ids:  # what was told out of order is told once more, as its own stage would
        happen(conn, ids, by_url[url], "last", seen)
    step.place(conn, ids.values())


def happen(conn: Conn, ids: dict[str, int], report: Report, what: str, seen: dict[str, str]) -> None:
    if what == "copy" and seen.get(report.url + " copy") is None:
        copy(conn, ids[report.url], ids[report.copy_of or ""])
        seen[report.url + " copy"] = "told"
    elif what == "first" and seen.get(report.url) is None:
        write(conn, ids[report.url], report.title, report.first_text)
        seen[report.url] = "first"
    elif what == "last":
        write(conn, ids[report.url], report.title, report.text)
        seen[report.url] = "last"


@pytest.fixture
def ids(conn: Conn) -> dict[str, int]:
    return insert(conn, PRESS)


# The large form is 20 orders; five of them belong to every run.
ORDERS = [*range(5), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, 20))]


@pytest.mark.parametrize("seed", ORDERS)
def test_any_arrival_ends_in_the_stories_of_the_whole_set(conn: Conn, ids, seed, monkeypatch):
    """Whether neighbours come by their rare terms or out of all of their time."""
    monkeypatch.setattr(stories, "_MANY", 50 if seed % 2 else 5)
    arrive(conn, ids, PRESS, random.Random(seed))
    assert placed(conn) == expected(PRESS)
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    leaders = {story for story, _ in expected(PRESS).values()}
    assert conn.execute("SELECT count(*) FROM news.stories").fetchone() == (len(leaders),)


def test_the_press_has_what_makes_order_matter():
    """Stories of many, chains whose ends are apart, and articles that came between."""
    stories_of = [story for story, _ in expected(PRESS).values()]
    sizes = sorted(stories_of.count(story) for story in set(stories_of))
    assert sizes[-1] >= 5
    assert len(set(stories_of)) > 22
    assert any(report.text is None for report in PRESS)


def test_a_planted_mistake_is_found(conn: Conn, ids, monkeypatch):
    """Without waking later neighbours, a late early article leaves stories behind that the whole set does not have."""
    ask = step._Queue._ask
    monkeypatch.setattr(step._Queue, "_ask", lambda self, keys: None if self._queued else ask(self, keys))
    wrong = 0
    for seed in range(5):
        with conn.transaction(force_rollback=True):
            arrive_once(conn, ids, random.Random(seed))
            wrong += placed(conn) != expected(PRESS)
    assert wrong > 0


def test_a_planted_mistake_is_found_full_lists_that_are_not_asked_again(conn: Conn, ids, monkeypatch):
    monkeypatch.setattr(stories, "MAX_EARLIER", 2)
    monkeypatch.setattr(step, "_concerned", lambda *_, **__: set())
    arrive_once(conn, ids, random.Random(0))
    assert placed(conn) != expected(PRESS, 2)


def arrive_once(conn: Conn, ids: dict[str, int], dice: random.Random) -> None:
    """The last texts, one after the other, in any order."""
    reports = list(PRESS)
    dice.shuffle(reports)
    for report in reports:
        write(conn, ids[report.url], report.title, report.text)
        if report.copy_of:
            copy(conn, ids[report.url], ids[report.copy_of])
        step.place(conn, [ids[report.url]])


def everything(conn: Conn, ids: dict[str, int]) -> None:
    arrive_once(conn, ids, random.Random(0))


def test_placing_again_changes_nothing(conn: Conn, ids):
    everything(conn, ids)
    assert step.place(conn, ids.values()).changed == 0
    [version] = step.working_versions(conn)
    assert step.rebuild(conn, version, START.date(), START.date() + timedelta(days=30)).changed == 0


def test_a_former_representative_leads_to_its_story(conn: Conn, ids):
    """The first report comes last: the story has another name now, and the old one still finds it."""
    reports = sorted((r for r in PRESS if expected(PRESS).get(r.url)), key=lambda r: (r.at, r.url))
    first = next(r for r in reports if sum(s == r.url for s, _ in expected(PRESS).values()) > 3)
    members = [r for r in reports if expected(PRESS)[r.url][0] == first.url and r is not first]
    for report in members:
        write(conn, ids[report.url], report.title, report.text)
    step.place(conn, [ids[report.url] for report in members])
    before = {story for story, _ in placed(conn).values()}
    write(conn, ids[first.url], first.title, first.text)
    step.place(conn, [ids[first.url]])
    aliases = dict(conn.execute("SELECT alias_id, story_id FROM mart.story_aliases").fetchall())
    assert {aliases[ids[url]] for url in before} == {ids[first.url]}


def test_old_days_are_placed_as_if_their_features_had_been_kept(conn: Conn, ids):
    """Features go after a month; an article that comes to an old day finds its neighbours all the same."""
    early, late = PRESS[::2], PRESS[1::2]
    for part, keep in ((early, True), (late, False)):
        for report in part:
            write(conn, ids[report.url], report.title, report.text)
            if report.copy_of:
                copy(conn, ids[report.url], ids[report.copy_of])
        step.place(conn, [ids[report.url] for report in part])
        if keep:
            step.forget_features(conn, START + timedelta(days=60))
            assert conn.execute("SELECT count(*) FROM news.story_features").fetchone() == (0,)
    assert placed(conn) == expected(PRESS)


@pytest.mark.parametrize("seed", ORDERS)
def test_nor_does_the_order_matter_where_more_are_alike_than_are_compared(conn: Conn, ids, monkeypatch, seed):
    """With two earlier ones at most, nearly every list is full: it is asked again when somebody comes or goes before it."""
    monkeypatch.setattr(stories, "MAX_EARLIER", 2)
    arrive(conn, ids, PRESS, random.Random(seed))
    assert placed(conn) == expected(PRESS, 2)
    assert expected(PRESS, 2) != expected(PRESS)
    assert conn.execute("SELECT count(*) > 10 FROM news.story_features WHERE earlier > 2").fetchone() == (True,)


def test_another_version_is_built_beside_and_then_shown(conn: Conn, ids):
    """Readers see the old stories until the switch; the report says what another table of frequencies joins and parts."""
    everything(conn, ids)
    shown = conn.execute("SELECT count(*) FROM mart.stories").fetchone()
    name = stories.begin_version(conn, rule=step.STORY_RULE, frequencies="words-2")
    version = next(v for v in step.working_versions(conn) if v.story_version == name)
    first, last = START.date(), START.date() + timedelta(days=30)
    step.rebuild(conn, version, first, last)
    assert conn.execute("SELECT count(*) FROM mart.stories").fetchone() == shown
    change = stories.difference(conn, before="stories-2 words-1", after=name, first=first, last=last)
    assert (change.lost, change.won, change.articles) == (0, 0, len(expected(PRESS)))
    assert change.kept > 0
    stories.make_current(conn, name)
    assert conn.execute("SELECT DISTINCT story_version FROM mart.stories").fetchall() == [(name,)]


def test_a_story_has_the_topics_that_people_left_it(conn: Conn, ids):
    everything(conn, ids)
    [story_id] = conn.execute("SELECT story_id FROM mart.stories ORDER BY articles DESC LIMIT 1").fetchone()
    [topic_id] = conn.execute(
        "INSERT INTO news.topics (slug, name) VALUES ('grain', 'Grain') RETURNING topic_id"
    ).fetchone()
    for applies, topics in ((True, ["grain"]), (False, [])):
        conn.execute("UPDATE news.topic_overrides SET valid_to = now()")
        conn.execute(
            "INSERT INTO news.topic_overrides (article_id, topic_id, applies, said_by) VALUES (%s, %s, %s, 'test')",
            [story_id, topic_id, applies],
        )
        assert conn.execute("SELECT topics FROM mart.stories WHERE story_id = %s", [story_id]).fetchone() == (topics,)


def test_every_member_shows_what_proves_it_and_copies_inherit(conn: Conn, ids):
    everything(conn, ids)
    copied = next(r for r in PRESS if r.copy_of and expected(PRESS).get(r.copy_of))
    told = stories.story_of(conn, ids[copied.url])
    assert told[0].is_representative
    assert told[0].evidence == "the first report"
    assert next(line.evidence for line in told if line.url == copied.url) == f"a copy of {copied.copy_of}"
    proofs = [line.evidence or "" for line in told if line.score is not None and not line.is_copy]
    assert all("terms: " in proof and " apart; score " in proof for proof in proofs)


def test_too_few_articles_make_no_version(conn: Conn, ids):
    everything(conn, ids)
    assert step.count_frequencies(conn) is None
    assert len(stories.versions(conn)) == 1


def test_frequencies_are_counted_once_there_are_enough_articles(conn: Conn, ids, monkeypatch):
    """The version is named for what was counted, so that counting the same again makes no other."""
    monkeypatch.setattr(step, "MIN_ARTICLES", 50)
    monkeypatch.setattr("newswire.core.stories.frequencies.MIN_ARTICLES", 50)
    everything(conn, ids)
    name = step.count_frequencies(conn)
    assert name is not None
    assert step.count_frequencies(conn) == name
    assert [version.state for version in stories.versions(conn)] == ["current", "next"]
    counted = "SELECT articles FROM news.story_frequencies WHERE articles IS NOT NULL"
    assert conn.execute(counted).fetchone() == (len([r for r in PRESS if r.text is not None]),)
