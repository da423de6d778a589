"""Whose fault it is when hosts cannot be reached."""

from datetime import UTC, datetime, timedelta

import pytest

from newswire.core.network import Sight, is_cut_off, noted

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def sights(*, reached: int, unreached: int, age=timedelta(0), hosts: int = 1000):
    seen = ()
    for number in range(reached + unreached):
        seen = noted(seen, Sight(host=f"h{number % hosts}.example", at=NOW - age, reached=number < reached))
    return seen


@pytest.mark.parametrize(
    ("seen", "cut_off"),
    [
        (sights(reached=0, unreached=19), False),
        (sights(reached=0, unreached=20), True),
        (sights(reached=10, unreached=10), False),
        (sights(reached=10, unreached=11), True),
        (sights(reached=500, unreached=25), False),
        (sights(reached=500, unreached=26), True),
        (sights(reached=0, unreached=50, age=timedelta(minutes=11)), False),
        (sights(reached=0, unreached=500, hosts=15), False),
    ],
    ids=[
        "too few",
        "all",
        "half",
        "more than half",
        "half of fifty",
        "more than half of fifty",
        "long ago",
        "few hosts",
    ],
)
def test_we_are_cut_off_when_most_hosts_cannot_be_reached(seen, cut_off):
    assert is_cut_off(seen, now=NOW) is cut_off


def test_of_each_host_the_last_sight_counts():
    seen = sights(reached=0, unreached=30)
    for number in range(30):
        seen = noted(seen, Sight(host=f"h{number}.example", at=NOW, reached=True))
    assert len(seen) == 30
    assert not is_cut_off(seen, now=NOW)
