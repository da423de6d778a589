"""Times to run at: what passes here passes in Airflow, and what does not is told in words."""

from __future__ import annotations

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.cron import minutes_between, problem

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def fields(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    spans = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.integers(1, most).map(lambda step: f"*/{step}")
    return st.lists(st.one_of(st.just("*"), number.map(str), spans, steps), min_size=1, max_size=3).map(",".join)


@given(st.tuples(*(fields(*bounds) for bounds in BOUNDS)).map(" ".join))
def test_what_passes_here_passes_in_airflow(expression):
    assert problem(expression) is None
    assert croniter.is_valid(expression)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "it has 0 fields, not five"),
        ("every ten minutes", "it has 3 fields, not five (minute, hour, day of the month, month, day of the week)"),
        ("@daily", "it has 1 fields"),
        ("60 * * * *", "'60' is no minute (0 to 59, such as *, */2, 0,59 or 0-59)"),
        ("0 24 * * *", "'24' is no hour (0 to 23"),
        ("0 0 0 * *", "'0' is no day of the month (1 to 31"),
        ("0 0 * JAN *", "'JAN' is no month (1 to 12"),
        ("0 0 * * 8", "'8' is no day of the week (0 to 7"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("5-1 * * * *", "'5-1' is no minute"),
        ("1,,2 * * * *", "'1,,2' is no minute"),
        ("٣ * * * *", "'٣' is no minute"),
    ],
)
def test_what_cannot_be_meant_is_told_with_the_field(expression, words):
    told = problem(expression)
    assert told is not None
    assert told.startswith(words)


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("*/5 * * * *", 5),
        ("17 * * * *", 60),
        ("0 6,18 * * *", 720),
        ("40 5 * * 1", 1440),
        ("off", 1440),
        ("0-59 * * * *", 1),
    ],
)
def test_a_budget_lasts_from_one_run_to_the_next(expression, minutes):
    assert minutes_between(expression) == minutes
