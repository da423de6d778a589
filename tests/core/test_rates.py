"""How the rate of a feed is learnt, and what is expected of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import e, exp, fsum, lgamma, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.polling.intervals import safe_items
from newswire.core.polling.rates import (
    expected_items,
    minutes_until_delay,
    minutes_until_items,
    observed,
    scatter,
    seeded,
)
from newswire.records import Rate

NOW = datetime(2024, 6, 5, 12, tzinfo=UTC)  # a Wednesday
WEEK_MIN = 7 * 1440.0
FLAT = (0.0,) * 48

RATES = st.builds(
    Rate,
    items=st.floats(1e-3, 1e4),
    days=st.floats(0.1, 14),
    hours=st.lists(st.floats(0, 1e4), min_size=48, max_size=48).map(tuple),
    squares=st.just(1.0),
    at=st.just(NOW),
)


def flat(per_day: float) -> Rate:
    return Rate(items=per_day * 10, days=10.0, hours=FLAT, squares=per_day * 10, at=NOW)


@given(RATES)
def test_a_whole_week_brings_the_mean_whatever_its_profile(rate):
    assert expected_items(rate, NOW, NOW + timedelta(days=7)) == pytest.approx(7 * rate.items / rate.days, rel=1e-6)


@given(RATES, st.floats(0.01, 1e4))
def test_the_time_until_so_many_items_is_when_so_many_are_expected(rate, items):
    minutes = minutes_until_items(rate, items, now=NOW, most_min=WEEK_MIN)
    expected = expected_items(rate, NOW, NOW + timedelta(minutes=minutes))
    assert 0 <= minutes <= WEEK_MIN
    assert expected == pytest.approx(items, rel=1e-3) if minutes < WEEK_MIN else expected <= items * 1.001


@given(RATES, st.floats(0.01, 1e4))
def test_the_time_until_the_delays_add_up_is_when_they_do(rate, price):
    minutes = minutes_until_delay(rate, price, now=NOW, most_min=WEEK_MIN)
    delay = expected_items(rate, NOW, NOW + timedelta(minutes=minutes)) * minutes / 2
    assert 0 <= minutes <= WEEK_MIN
    assert delay == pytest.approx(price, rel=1e-2) if minutes < WEEK_MIN else delay <= price * 1.001


@pytest.mark.parametrize("per_day", [1, 10, 100])
def test_in_a_flat_week_intervals_go_with_the_inverse_square_root_of_the_rate(per_day):
    minutes = minutes_until_delay(flat(per_day), 3.3, now=NOW, most_min=WEEK_MIN)
    assert minutes == pytest.approx(sqrt(2 * 3.3 / (per_day / 1440)))


def test_at_the_hours_of_news_it_is_asked_more_often():
    hours = tuple(35.0 if hour == NOW.hour else 0.0 for hour in range(48))
    rate = replace(flat(5), hours=hours)
    at_noon, at_night = (
        minutes_until_delay(rate, 3.3, now=moment, most_min=WEEK_MIN) for moment in (NOW, NOW + timedelta(hours=6))
    )
    assert at_noon * 2 < at_night


def test_a_poll_adds_what_it_brought_and_forgets_over_two_weeks():
    rate = observed(flat(10), new=7, moments=[], now=NOW + timedelta(days=14))
    assert rate.items == pytest.approx(100 / e + 7 + 0.5 * (1 - 1 / e))
    assert rate.days == pytest.approx(10 / e + 14 * (1 - 1 / e))


@given(st.integers(1, 400), st.integers(0, 50))
def test_polled_for_long_the_rate_is_what_it_brings(polls, per_poll):
    rate = seeded([], now=NOW)
    for number in range(1, polls + 1):
        rate = observed(rate, new=per_poll, moments=[], now=NOW + timedelta(hours=6 * number))
    days = polls / 4
    if days > 60:
        assert rate.items / rate.days == pytest.approx(per_poll * 4, rel=0.15, abs=0.1)


def test_a_clock_that_goes_back_unlearns_nothing():
    rate = observed(flat(10), new=1, moments=[], now=NOW - timedelta(days=400))
    assert (rate.items, rate.days) == (101, 10)


def test_dates_from_the_future_seed_nothing():
    assert seeded([NOW + timedelta(days=400)] * 9, now=NOW).items == 0.5


DATES = st.integers(86_400, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(st.lists(DATES, max_size=50))
def test_any_dates_seed_a_rate_that_can_be_used(moments):
    rate = seeded(moments, now=NOW)
    assert 0 < minutes_until_delay(rate, 3.3, now=NOW, most_min=1440) <= 1440


def test_batches_scatter_and_single_items_do_not():
    """Four a day, one every six hours or all at once."""
    single = batches = seeded([], now=NOW)
    for number in range(1, 200):
        now = NOW + timedelta(hours=6 * number)
        single = observed(single, new=1, moments=[], now=now)
        batches = observed(batches, new=0 if number % 4 else 4, moments=[], now=now)
    assert scatter(single) == 1
    assert scatter(batches) > 1.5


@pytest.mark.parametrize(
    ("window", "scatter_", "price", "safe"),
    [
        (1, 1, 3.3, 0.5),
        (2, 1, 3.3, 1),
        (10, 1, 0, 1.65),
        (20, 1, 0, 5.9),
        (100, 1, 0, 60),
        (100, 4, 0, 32.5),
        (20, 4, 0, 1),
    ],
)
def test_how_many_items_of_a_window_may_be_waited_for(window, scatter_, price, safe):
    assert safe_items(window, scatter_, price=price) == pytest.approx(safe, rel=0.03)


@given(st.integers(1, 10_000), st.floats(1, 1e6), st.floats(0, 1e6))
def test_never_more_than_the_window_and_never_nothing(window, scatter_, price):
    assert 0.5 <= safe_items(window, scatter_, price=price) <= window


def test_certainty_is_the_same_at_any_price_that_leaves_something_for_the_other_feeds():
    safe = safe_items(20, 1, price=3.3)
    assert safe_items(20, 1, price=100) == safe
    assert safe < safe_items(20, 1, price=300) < safe_items(20, 1, price=1000) < 20


@pytest.mark.parametrize("window", [5, 10, 30, 100])
def test_a_window_overflows_once_in_a_hundred_thousand_polls_at_most(window):
    """The tail of the Poisson distribution, summed."""
    expected = safe_items(window, 1, price=0)
    held = fsum(exp(n * log(expected) - expected - lgamma(n + 1)) for n in range(window + 1))
    assert (1 - held < 1e-5) or expected == 1.0
