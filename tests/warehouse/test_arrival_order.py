"""What copies what, and what tells one event, depends neither on the order in which articles came in, nor on who worked on them.

300 articles with their revisions and deletions arrive in random orders, in random batches, again and again, with several
writers, while forms turn anchors hot and most articles are near more others than they are compared with. Pairs, groups, stories
and hot anchors are always the same, also when a matcher is killed. Two planted mistakes show that the test would notice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from random import Random

import pytest

from copies import Piece, Press, publish, state
from databases import PASSWORD, Warehouse
from newswire.records import Batch, StepReport
from newswire.runtime.databases import OWNER
from newswire.steps.draining import Batches, drain
from newswire.steps.group import group
from newswire.warehouse import stories, work
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.queries import queries

HOT_LIMIT = 3  # versions of a day: the forms of each day pass it on the way
MOST_EARLIER = 20  # articles that one is compared with to find its story: two of three have more near them
ORDERS = 20
WRITERS = 3
# Each takes many seconds of two cores: four in every run, all twenty by NEWSWIRE_ORDERS=20.
ORDERS_OF_WRITERS = range(int(os.environ.get("NEWSWIRE_ORDERS", "4")))
STEP: Callable[[Conn, Batch], StepReport] = partial(group, publish_delay_s=3600, hot_limit=HOT_LIMIT)
MATCHER = Path(__file__).with_name("matcher.py")


@cache
def pieces() -> list[Piece]:
    return Press(3).pieces(300)


@pytest.fixture(scope="module", autouse=True)
def most_earlier() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stories, "MAX_EARLIER", MOST_EARLIER)
        yield


@pytest.fixture(scope="module")
def place(postgres, template) -> Iterator[Warehouse]:
    from databases import copied

    with copied(postgres, template) as made:
        yield made


@pytest.fixture
def conn(place: Warehouse) -> Iterator[Conn]:
    empty(place)
    with connect(place.dsn(), name="test") as connection:
        yield connection


def empty(place: Warehouse) -> None:
    with connect(place.postgres.url(database=place.database, role=OWNER, password=PASSWORD), name="owner") as owner:
        owner.execute("TRUNCATE news.articles, news.addresses, ops.work, news.hot_anchors, news.fingerprints CASCADE")


def arrivals(order: int, chosen: Sequence[Piece]) -> Iterator[list[tuple[Piece, int]]]:
    """Batches of versions: any order that keeps the versions of an article in theirs, one of an article at a time."""
    random = Random(order)
    waiting = [(piece, version) for piece in chosen for version in range(len(piece.versions))]
    next_version = dict.fromkeys((piece.url for piece in chosen), 0)
    random.shuffle(waiting)
    while waiting:
        batch: dict[str, tuple[Piece, int]] = {}
        size = random.choice([1, 20, 60, 150])
        for piece, version in list(waiting):
            if len(batch) < size and piece.url not in batch and next_version[piece.url] == version:
                batch[piece.url] = (piece, version)
        for url, (piece, version) in batch.items():
            next_version[url] += 1
            waiting.remove((piece, version))
        yield list(batch.values())


def drain_all(conn: Conn, *, limit: int = 500) -> None:
    drain(Batches("group", conn, STEP, limit=limit), conn, linger_s=0, cap_s=120)
    assert conn.execute("SELECT count(*) FROM ops.dead_letters").fetchone() == (0,)


def replay(conn: Conn, random: Random) -> None:
    """Ask for some articles again, for no reason."""
    known = [row[0] for row in conn.execute("SELECT article_id FROM news.articles ORDER BY article_id")]
    work.ask(conn, "group", random.sample(known, k=len(known) // 7))


def arrive(conn: Conn, order: int, chosen: Sequence[Piece]) -> dict[str, list[tuple]]:
    """Everything comes in, in some order; what is due is grouped now and then, in batches of any size."""
    random = Random(order)
    for batch in arrivals(order, chosen):
        publish(conn, batch)
        if random.random() < 0.5:
            drain_all(conn, limit=random.choice([7, 60, 500]))
        if random.random() < 0.2:
            replay(conn, random)
    drain_all(conn)
    return state(conn)


@pytest.fixture(scope="module")
def expected(place: Warehouse) -> dict[str, list[tuple]]:
    """What comes of it when everything comes at once, in the order in which it was written."""
    empty(place)
    with connect(place.dsn(), name="test") as conn:
        for version in range(max(len(piece.versions) for piece in pieces())):
            publish(conn, [(piece, version) for piece in pieces() if version < len(piece.versions)])
        drain_all(conn)
        return state(conn)


def test_there_is_something_to_find(expected):
    kinds = {copy[3] for copy in expected["copies"]}
    assert kinds == {"exact", "near", "contained"}
    assert len(expected["pairs"]) > 60
    assert len(expected["hot"]) > 20
    assert any(via != original for _, original, via, *_ in expected["copies"])
    told = Counter(story for _, story, _ in expected["stories"])
    assert sum(articles > 1 for articles in told.values()) > 20
    assert max(told.values()) > 5


@pytest.mark.parametrize("order", range(ORDERS))
def test_no_order_of_arrival_changes_what_is_decided(conn, expected, order):
    assert arrive(conn, order, pieces()) == expected


@pytest.mark.parametrize("order", ORDERS_OF_WRITERS)
def test_nor_do_several_writers(conn, place, expected, order):
    """Three publish, ask again for no reason, and three match, all at once; whoever comes second finds the pair."""
    publishing = [
        threading.Thread(target=publish_all, args=(place, WRITERS * order + n, pieces()[n::WRITERS]))
        for n in range(WRITERS)
    ]
    matching = [threading.Thread(target=match_all, args=(place, Random(order + n), publishing)) for n in range(WRITERS)]
    for thread in publishing + matching:
        thread.start()
    for thread in publishing + matching:
        thread.join(250)
    assert not any(thread.is_alive() for thread in publishing + matching), "the machine was too busy to finish"
    drain_all(conn)
    assert state(conn) == expected


def publish_all(place: Warehouse, order: int, chosen: Sequence[Piece]) -> None:
    random = Random(order)
    with connect(place.dsn(), name="writer") as conn:
        for batch in arrivals(order, chosen):
            publish(conn, batch)
            if random.random() < 0.2:
                replay(conn, random)


def match_all(place: Warehouse, random: Random, publishing: Sequence[threading.Thread]) -> None:
    with connect(place.dsn(), name="matcher") as conn:
        while any(thread.is_alive() for thread in publishing):
            drain(Batches("group", conn, STEP, limit=random.choice([7, 40, 150])), conn, linger_s=0, cap_s=60)


@pytest.mark.parametrize("stopped_at", ["news.duplicates", "news.story_links", "news.story_members"])
def test_nor_does_a_matcher_that_is_killed_in_the_middle_of_its_batch(conn, place, expected, stopped_at):
    for version in range(max(len(piece.versions) for piece in pieces())):
        publish(conn, [(piece, version) for piece in pieces() if version < len(piece.versions)])
    with connect(place.dsn(), name="in the way") as other, other.transaction():
        # Its fingerprints and pairs are written when it is killed; its copies, or its stories, are not.
        other.execute(f"LOCK TABLE {stopped_at} IN EXCLUSIVE MODE")
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, str(MATCHER), place.dsn(), str(HOT_LIMIT), str(MOST_EARLIER)], env=env
        ) as matcher:
            wait_for(conn, "relation", stopped_at)
            matcher.send_signal(signal.SIGKILL)
    wait_until(conn, "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'newswire matcher'")
    drain_all(conn)
    assert state(conn) == expected


# --- Planted mistakes ------------------------------------------------------------------------------------------------


def plant(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    planted = replace(queries()[name], text=text)
    monkeypatch.setitem(queries(), name, planted)  # type: ignore[arg-type]


def test_a_planted_mistake_is_found_pairs_that_stay_when_their_anchors_turn_hot(conn, expected, monkeypatch):
    plant(monkeypatch, "duplicates.drop_hot_pairs", "SELECT article_a, article_b FROM news.duplicate_pairs WHERE false")
    assert arrive(conn, 1, pieces()) != expected


@pytest.mark.parametrize("mark", ["kept", "ignored"])
def test_a_revision_while_the_matcher_works_is_not_lost_unless_its_mark_is_ignored(conn, place, monkeypatch, mark):
    if mark == "ignored":
        done = "DELETE FROM ops.work AS work WHERE work.stage = %(stage)s AND work.key = ANY (%(keys)s)"
        plant(monkeypatch, "work.finish", done)
    press = Press(5)
    first, other = press.original(), press.original()
    original = Piece("https://a.example/1", pieces()[0].at, (first,))
    copy = Piece("https://b.example/1", pieces()[0].at, (other, first))
    publish(conn, [(original, 0), (copy, 0)])
    with connect(place.dsn(), name="in the way") as holder:
        with holder.transaction():
            holder.execute(queries()["duplicates.lock_groups"].text)
            matching = threading.Thread(target=match_once, args=(place,))
            matching.start()
            wait_for(conn, "advisory")  # it has read the first version and waits for its turn to write
            publish(conn, [(copy, 1)])
        matching.join(30)
    drain_all(conn)
    assert len(state(conn)["copies"]) == (1 if mark == "kept" else 0)


def match_once(place: Warehouse) -> None:
    with connect(place.dsn(), name="matcher") as conn:
        Batches("group", conn, STEP, limit=500).turn(claim=True)


def wait_for(conn: Conn, kind: str, relation: str | None = None) -> None:
    """Until somebody waits for a lock of this kind."""
    waiting = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = %s AND (%s::text IS NULL OR relation = %s::text::regclass)"
    wait_until(conn, waiting, kind, relation, relation)


def wait_until(conn: Conn, question: str, *parameters: object) -> None:
    for _ in range(600):
        if conn.execute(question, parameters).fetchone() == (True,):
            return
        time.sleep(0.05)
    pytest.fail(f"not in half a minute: {question}")
