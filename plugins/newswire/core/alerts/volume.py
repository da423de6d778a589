"""Unusual days: much or little news, held against the same weekday of the weeks before.

Counts are compared as square roots, 2 * sqrt(n + 3/8) (Anscombe, 1948): then chance scatters a count of any size by about 1,
so that a quiet topic and a loud one have the same limits. What is usual is the median, and its scatter the median absolute
deviation (times 1.4826, as wide as a standard deviation), at least that of chance: one odd day among eight moves neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

from newswire.core.alerts.definition import Direction, Volume

WEEKS = 8  # two months of the same weekday: long enough for a median, short enough to follow a trend
_FEWEST_WEEKS = 4
_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """A day on which there was much or little."""

    day: date
    direction: Direction
    count: int
    usual: float
    score: float  # deviations from what is usual

    def in_words(self) -> str:
        """Why, for people."""
        more = "more" if self.direction == "spike" else "fewer"
        return (
            f"{self.count} articles on {self.day:%A}, {self.day}; {self.usual:g} are usual on a {self.day:%A},"
            f" and this is {abs(self.score):.1f} times the usual scatter {more}"
        )


def judge(day: date, counts: Mapping[date, int], rule: Volume, *, is_over: bool) -> Unusual | None:
    """Whether a day is unusual, by the counts of the days that are known. A day that is not over cannot be silent yet.

    None also where fewer than four weeks are known.
    """
    weeks_before = [day - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]
    past = [counts[before] for before in weeks_before if before in counts]
    if len(past) < _FEWEST_WEEKS or day not in counts:
        return None
    score, usual = _score(counts[day], past), median(past)
    direction: Direction = "spike" if score > 0 else "silence"
    enough = (counts[day] if direction == "spike" else usual) >= rule.at_least
    if abs(score) < rule.deviations or not enough or direction not in rule.directions:
        return None
    if direction == "silence" and not is_over:
        return None
    return Unusual(day=day, direction=direction, count=counts[day], usual=usual, score=score)


def _score(count: int, past: list[int]) -> float:
    roots = [_root(one) for one in past]
    middle = median(roots)
    scatter = _MAD_TO_DEVIATION * median([abs(root - middle) for root in roots])
    return (_root(count) - middle) / max(scatter, 1.0)


def _root(count: int) -> float:
    return 2 * sqrt(count + 3 / 8)
