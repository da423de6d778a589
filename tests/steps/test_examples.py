"""The questions of sql/examples are answered by a warehouse that the steps have filled, as the reader may ask them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire.runtime.databases import READER
from newswire.warehouse.connection import Conn, connect

EXAMPLES = sorted((Path(__file__).parents[2] / "sql" / "examples").glob("*.sql"))

# Questions that a healthy small warehouse answers with nothing.
MAY_BE_EMPTY = {
    "dead_letters_by_cause",
    "feeds_in_trouble",
    "how_fast_are_we",
    "search_with_operators",
    "silent_publishers",
    "unusual_days",
    "what_alerts_told",
    "where_an_article_was_seen",
}


@pytest.fixture(scope="module")
def reader(at_work) -> Iterator[Conn]:
    with connect(at_work.dsn(READER), name="reader") as conn:
        yield conn


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_answered(reader: Conn, example: Path):
    rows = reader.execute(example.read_text()).fetchall()
    assert rows or example.stem in MAY_BE_EMPTY


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_its_question_and_how_it_is_answered(example: Path):
    question, how, *_ = example.read_text().splitlines()
    assert question.startswith("-- ")
    assert question.endswith((".", "?"))
    assert how.startswith("-- ")


def test_there_are_at_least_twenty_five_questions():
    assert len(EXAMPLES) >= 25


def test_the_question_of_the_mission_is_answered_by_country_with_its_proof(reader: Conn):
    [example] = [path for path in EXAMPLES if path.stem == "rare_earths_this_month_by_country"]
    rows = reader.execute(example.read_text()).fetchall()
    assert {"FR", "CA", "SG"} <= {country for country, *_ in rows}
    [seed] = [row for row in rows if "terres rares pendant" in row[4]]
    assert "coopération internationale sur les terres rares" in seed[5]
