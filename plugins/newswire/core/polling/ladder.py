"""When a poll fails: how much it counts by its cause, and when to try again. Never given up, never hammered."""

from __future__ import annotations

from newswire.records import Cause, DueFeed, Failed, Gone, Throttled

_DAY_S = 24 * 3600
_FIRST_RETRY_S = 15 * 60
_MOST_DOUBLINGS = 10
_LOST_AT, _LOST_CAP_S = 12.0, 7 * _DAY_S  # then, and for what is gone, the cap of a day becomes a week
_DORMANT_AT, _DORMANT_CAP_S = 30.0, 30 * _DAY_S  # months of failures: asked once a month whether it is back

# What is likely to pass by itself, or to be the network's fault and not the feed's, counts less.
_WEIGHTS: dict[Cause, float] = {"dns": 0.25, "connect": 0.5, "timeout": 0.5}
_SERVER_ERROR, _SERVER_ERRORS = 0.5, range(500, 600)
_GONE_FOR_GOOD, _WEIGHT_OF_410 = 410, 4.0  # the server says so itself

_FIRST_PATIENCE_S = 10 * 60  # after 429 or 503 without Retry-After
_PATIENCE_CAP_S = 6 * 3600
_HERD_S = 3600  # ... spread over as much as an hour


def weight(setback: Failed | Gone) -> float:
    """How many steps of the ladder a failure is."""
    if isinstance(setback, Gone):
        return _WEIGHT_OF_410 if setback.status == _GONE_FOR_GOOD else 1.0
    if setback.status in _SERVER_ERRORS and setback.cause == "http_status":
        return _SERVER_ERROR
    return _WEIGHTS.get(setback.cause, 1.0)


def retry_s(score: float, *, interval_s: int, gone: bool, cap_s: int, jitter: float) -> int:
    """15 minutes, doubled with every step, at most the cap; never sooner than a healthy feed would be asked."""
    cap_s = _DORMANT_CAP_S if score >= _DORMANT_AT else _LOST_CAP_S if gone or score >= _LOST_AT else cap_s
    delay_s = min(_FIRST_RETRY_S * 2 ** min(score, _MOST_DOUBLINGS), cap_s) if score < _DORMANT_AT else cap_s
    return max(interval_s, round(delay_s * (0.8 + 0.4 * jitter)))


def patience_s(feed: DueFeed, refusal: Throttled, *, jitter: float) -> int:
    """Never sooner than asked; without a word, ten minutes doubled with each refusal, at most six hours, and a spread."""
    if refusal.retry_after_s is not None:
        return round(max(feed.interval_s, refusal.retry_after_s) * (1 + 0.1 * jitter))
    wait_s = min(_FIRST_PATIENCE_S << min(feed.failures, _MOST_DOUBLINGS), _PATIENCE_CAP_S)
    return max(feed.interval_s, wait_s) + round(min(wait_s, _HERD_S) * jitter)
