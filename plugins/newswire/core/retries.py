"""How often and how soon failed work is tried again."""

from __future__ import annotations

from newswire.records import Stage

# Five tries with these pauses span about 15 minutes: longer than a restart of any component (design: reliability 2f).
MAX_ATTEMPTS = 5
# A receiver that is down is not ours to restart: fourteen tries with the same pauses span ten hours, a night
# (Standard Webhooks 1.0.0 wants days; what is given up is kept, and can be replayed).
_MAX_SENDS = 14
_BASE_S = 15.0
_FACTOR = 3.0
_CAP_S = 3600.0


def max_attempts(stage: Stage) -> int:
    """After so many failed tries work is given up."""
    return _MAX_SENDS if stage == "send" else MAX_ATTEMPTS


def retry_delay_s(attempts: int, *, jitter: float) -> float:
    """Seconds to wait after the `attempts`-th failed try (1, 2, ...); `jitter` in [0, 1) spreads herds by a fifth."""
    delay = min(_CAP_S, _BASE_S * _FACTOR ** (max(attempts, 1) - 1))
    return delay * (0.9 + 0.2 * jitter)
