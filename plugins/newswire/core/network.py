"""Whether it is the world that fails, or this machine's own connection to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_HOSTS = 50
_FEWEST_HOSTS = 20  # fewer say little
_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whether a host could be reached."""

    host: str
    at: datetime
    reached: bool


def noted(sights: Sequence[Sight], sight: Sight) -> tuple[Sight, ...]:
    """The last sights of the last fifty hosts, newest last."""
    others = [other for other in sights if other.host != sight.host]
    return (*others, sight)[-_HOSTS:]


def is_cut_off(sights: Sequence[Sight], *, now: datetime) -> bool:
    """Whether more than half of the hosts asked in the last ten minutes could not be reached."""
    recent = [sight for sight in sights if now - sight.at <= _WITHIN]
    return len(recent) >= _FEWEST_HOSTS and 2 * sum(not sight.reached for sight in recent) > len(recent)
