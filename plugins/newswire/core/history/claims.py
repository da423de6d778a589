"""What a date claims."""

from __future__ import annotations

from datetime import datetime, timedelta

from newswire.records import DateQuality

_TO_ITS_END = timedelta(days=1, seconds=-1)


def latest(moment: datetime | None, quality: DateQuality) -> datetime | None:
    """The latest instant that a date may mean: of a mere day, its end."""
    return moment + _TO_ITS_END if moment and quality == "date_only" else moment
