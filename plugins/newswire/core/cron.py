"""Times to run at as people write them in a setting: a cron expression of five fields, in UTC, or `off`.

Less than what Airflow takes (no names of months, no seconds, no @daily), so that whatever passes here passes there.
"""

from __future__ import annotations

import re

OFF = "off"

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_PART = re.compile(r"(?:\*|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>\d+))?", re.ASCII)
_MINUTES_A_DAY = 1440


def problem(expression: str) -> str | None:
    """What is wrong with an expression, in words; None: nothing."""
    if expression == OFF:
        return None
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields, not five (minute, hour, day of the month, month, day of the week)"
    for field, (name, least, most) in zip(fields, _FIELDS, strict=True):
        if not _chosen(field, least, most):
            return f"{field!r} is no {name} ({least} to {most}, such as *, */2, {least},{most} or {least}-{most})"
    return None


def minutes_between(expression: str) -> float:
    """How many minutes pass from one run to the next on a day that has any, on average. `off`: a day."""
    if expression == OFF:
        return float(_MINUTES_A_DAY)
    minutes, hours = expression.split()[:2]
    return _MINUTES_A_DAY / (len(_chosen(minutes, 0, 59)) * len(_chosen(hours, 0, 23)))


def _chosen(field: str, least: int, most: int) -> set[int]:
    """The numbers that a field stands for; none where it is wrong."""
    chosen: set[int] = set()
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            return set()
        first = least if found["first"] is None else int(found["first"])
        last = int(found["last"]) if found["last"] else first if found["first"] and not found["step"] else most
        step = int(found["step"] or 1)
        if not (least <= first <= last <= most and 1 <= step <= most):
            return set()
        chosen.update(range(first, last + 1, step))
    return chosen
