"""Which of the waiting notices go out now, and which together: digests, quiet hours, and so many messages an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from newswire.core.alerts.definition import Alert, Quiet
from newswire.records import WaitingNotice

MOST_TOGETHER = 50  # about 20 kB, what Standard Webhooks recommends as the most of a payload
_HOUR = timedelta(hours=1)

Group = tuple[WaitingNotice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The notices of each message that is made now, and when to look at the others again."""

    groups: tuple[Group, ...] = ()
    again_at: datetime | None = None


def collect(alert: Alert, waiting: Sequence[WaitingNotice], made_at: Sequence[datetime], *, now: datetime) -> Collected:
    """Decide. `made_at` are the messages of the last hour."""
    if not waiting:
        return Collected()
    if alert.quiet and (end := _quiet_until(alert.quiet, alert.zone, now)):
        return Collected(again_at=end)
    ordered = sorted(waiting, key=lambda one: (one.found_at, one.notice_key))
    if alert.digest != "none":
        due_at = _digest_at(alert, ordered[0].found_at)
        return Collected(again_at=due_at) if now < due_at else Collected(groups=_packed(ordered))
    return _at_once(alert, ordered, made_at, now)


def _at_once(alert: Alert, ordered: Sequence[WaitingNotice], made_at: Sequence[datetime], now: datetime) -> Collected:
    """One article a message, but what an hour has no room for in one; other kinds tell together what they found together."""
    recent = sorted(at for at in made_at if at > now - _HOUR)
    room = alert.most_per_hour - len(recent)
    if room <= 0:
        return Collected(again_at=recent[-alert.most_per_hour] + _HOUR)
    groups = _packed(ordered) if alert.looks_at == "clock" else tuple((one,) for one in ordered)
    if len(groups) > room:
        single = groups[: room - 1]
        rest = [one for group in groups[room - 1 :] for one in group]
        groups = (*single, *_packed(rest)[:1])
    told = sum(map(len, groups))
    return Collected(groups=groups, again_at=now + _HOUR if told < len(ordered) else None)


def _packed(notices: Sequence[WaitingNotice]) -> tuple[Group, ...]:
    return tuple(tuple(notices[at : at + MOST_TOGETHER]) for at in range(0, len(notices), MOST_TOGETHER))


def _quiet_until(quiet: Quiet, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that `now` lies in end; None: it lies in none. They may go past midnight."""
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    over_night = quiet.since > quiet.until
    within = clock >= quiet.since or clock < quiet.until if over_night else quiet.since <= clock < quiet.until
    return _next(quiet.until, local) if within else None


def _digest_at(alert: Alert, first: datetime) -> datetime:
    """When a digest that begins with this notice goes out."""
    if alert.digest == "hourly":
        return first.replace(minute=0, second=0, microsecond=0) + _HOUR
    return _next(alert.daily_at, first.astimezone(ZoneInfo(alert.zone)))


def _next(at: time, local: datetime) -> datetime:
    """The next time a clock on that wall shows this."""
    today = datetime.combine(local.date(), at, local.tzinfo)
    if today > local:
        return today
    return datetime.combine(local.date() + timedelta(days=1), at, local.tzinfo)
