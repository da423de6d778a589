"""Hosts that are known to allow less than others: what they say or do when asked more often."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_HOUR_S = 3600

# Seconds between two requests to the host, whatever is asked of it. Reddit answers 429 from about one a minute on, for a name
# that is not signed in (NetNewsWire asks it once a minute for the same reason).
_GAPS_S: Mapping[str, float] = MappingProxyType({f"{name}reddit.com": 60.0 for name in ("", "www.", "old.", "new.")})
# Seconds between two polls of one feed. YouTube throttles whoever asks for a channel more often.
_FLOORS_S: Mapping[str, int] = MappingProxyType({"www.youtube.com": _HOUR_S})


def gap_s(host: str, least_s: float) -> float:
    """The least seconds between two requests to a host; `least_s` for one of which nothing is known."""
    return max(least_s, _GAPS_S.get(host, 0.0))


def floor_s(host: str) -> int:
    """The least seconds between two polls of a feed of the host."""
    return _FLOORS_S.get(host, 0)
