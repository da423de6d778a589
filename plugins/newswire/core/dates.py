"""Dates as publishers write them: RFC 822, ISO 8601 and what people make of them in a dozen languages.

feedparser's own dates are not used: of 16,574 real ones it misread 20 (`2020/1/10` became the first of November) and gave up
on 285 that can be read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone

from newswire.records import DateQuality

_MAX_CHARS = 100
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # year 1, year 0 and the first second of 1970 stand for "not set"
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_OLDEST_NEWS = datetime(1995, 1, 1, tzinfo=UTC)
_CLOCK_TOLERANCE = timedelta(minutes=10)


def effective_date(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    """When something was published, as far as we can believe it: never before 1995, never after we first saw it.

    Ten minutes of the future are forgiven to a publisher's clock.
    """
    if published_at is None:
        return first_seen_at
    return min(max(published_at, _OLDEST_NEWS), first_seen_at + _CLOCK_TOLERANCE)


def read_date(raw: str | None) -> tuple[datetime | None, DateQuality]:
    """The moment a publisher's date stands for, in UTC, and how much of it was written down.

    `exact`: day, time and zone. `tz_assumed`: no zone we know, so UTC. `date_only`: midnight UTC of the day.
    `missing` and `bad` come with None: nothing there, or nothing that can be read in one way only.
    """
    text = unicodedata.normalize("NFKC", " ".join((raw or "").split())[:_MAX_CHARS])
    if not text:
        return None, "missing"
    try:
        moment, quality = _read(text)
    except (ValueError, OverflowError):
        return None, "bad"
    return (moment, quality) if _EARLIEST <= moment < _LATEST else (None, "bad")


# --- Parts: a day, then a time, then a zone --------------------------------------------------------------------------

_EPOCH = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.\d+)?")  # seconds or milliseconds since 1970
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{1,2}))?(?:[.,](?P<fraction>\d+))?(?!\d)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\s*(?P<name>[a-z]{1,5}\b)?\s*(?:(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d))?",
    re.IGNORECASE,
)
_ZONES = {
    name: float(hours)
    for hours, names in {
        "0": "z ut utc gmt wet",
        "1": "cet met bst west wat",
        "2": "cest mest eet sast cat",
        "3": "eest msk eat trt",
        "4": "gst",
        "5": "pkt",
        "5.5": "ist",
        "7": "wib ict",
        "8": "hkt sgt pht awst",
        "9": "jst kst",
        "9.5": "acst",
        "10": "aest",
        "11": "aedt",
        "12": "nzst",
        "13": "nzdt",
        "-3": "brt art adt",
        "-4": "ast edt",
        "-5": "est cdt",
        "-6": "cst mdt",
        "-7": "mst pdt",
        "-8": "pst akdt",
        "-9": "akst",
        "-10": "hst",
    }.items()
    for name in names.split()
}
_WIDEST_ZONE_HOURS = 14


def _read(text: str) -> tuple[datetime, DateQuality]:
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]), UTC), "exact"
    day, rest = _take_day(_spread(text))
    clock = _TIME.search(rest)
    if clock is None:
        return datetime.combine(day, time(), UTC), "date_only"
    moment = datetime.combine(day, time()) + _since_midnight(clock)
    zone = _zone(rest[clock.end() :])
    return moment.replace(tzinfo=zone or UTC).astimezone(UTC), "exact" if zone else "tz_assumed"


def _spread(text: str) -> str:
    """20240131T1200 with its separators, and the signs of Chinese, Japanese and Korean dates as separators."""
    text = re.sub("[年月년월] ?", "-", re.sub("[日일]", " ", text))
    return _COMPACT.sub(lambda parts: f"{parts[1]}-{parts[2]}-{parts[3]} {_joined(parts)} ", text, count=1)


def _joined(parts: re.Match[str]) -> str:
    return f"{parts[4]}:{parts[5]}:{parts[6] or '00'}" if parts[4] else ""


def _since_midnight(clock: re.Match[str]) -> timedelta:
    """The time of day; 24:00 and the leap second are allowed."""
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower() == "p" else 0)
    if hour > 24 or minute > 59 or second > 60:  # noqa: PLR2004 - a clock
        raise ValueError("no time of day")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=_microseconds(clock["fraction"]))


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(6, "0")[:6])


def _zone(text: str) -> timezone | None:
    """The zone that stands after a time; `GMT+9` is nine hours east, as feeds mean it (POSIX means the opposite)."""
    found = _ZONE.match(text)
    assert found is not None
    if not found["sign"]:
        hours = _ZONES.get((found["name"] or "").lower())
        return None if hours is None else timezone(timedelta(hours=hours))
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if offset > timedelta(hours=_WIDEST_ZONE_HOURS):
        return None
    return timezone(offset if found["sign"] == "+" else -offset)


# --- The day ---------------------------------------------------------------------------------------------------------

# Names without accents. English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish and Nordic, Russian.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jaenner januari janv janvier ene enero janeiro gen gennaio stycznia sty ocak oca янв января январь",
            "feb february februar februari fev fevr fevrier febrero fevereiro febbraio lutego lut subat sub фев февр февраля февраль",
            "mar march marz maerz mrz mars marzo marco maart mrt marca mart мар марта март",
            "apr april avr avril abr abril aprile kwietnia kwi nisan nis апр апреля апрель",
            "may mai mayo maio maggio mag mei maja maj mayis мая май",
            "jun june juni juin junio junho giugno giu czerwca cze haziran haz июн июня июнь",
            "jul july juli juil juillet julio julho luglio lug lipca lip temmuz tem июл июля июль",
            "aug august aout agosto ago augustus sierpnia sie agustos авг августа август",
            "sep sept september septembre septiembre setiembre setembro set settembre wrzesnia wrz eylul eyl сен сент сентября сентябрь",
            "oct october okt oktober octobre octubre out outubro ottobre ott pazdziernika paz ekim eki окт октября октябрь",
            "nov november novembre noviembre novembro listopada lis kasim kas ноя нояб ноября ноябрь",
            "dec december dez dezember decembre dic diciembre dezembro dicembre grudnia gru desember des aralik ara дек декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|[.oa°])?(?:\s+(?:de|of)(?=\s))?[\s/-]*(?P<month>[^\W\d_]{3,})\.?,?"
    r"(?:\s+(?:de|del)(?=\s))?[\s/-]*(?P<year>\d{4}|\d{2})(?![\d:])",
    re.IGNORECASE,
)
_MONTH_DAY_YEAR = re.compile(
    r"(?P<month>[^\W\d_]{3,})\.?[\s-]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[\s-](?P<between>.*?)(?<![\d:+−-])(?P<year>\d{4})(?!\d)",
    re.IGNORECASE,
)
_CENTURY_TURN = 50  # RFC 5322, 4.3: 49 is 2049, 50 is 1950


def _take_day(text: str) -> tuple[date, str]:
    """The day named in the text, and the text without it. Raises ValueError when there is none, or more than one reading."""
    if period := _PERIOD.fullmatch(text):
        return date(int(period[1]), int(period[2] or 1), 1), ""
    if found := _YEAR_FIRST.search(text):
        return date(int(found[1]), int(found[3]), int(found[4])), _without(text, found)
    for found in (*_DAY_MONTH_YEAR.finditer(text), *_MONTH_DAY_YEAR.finditer(text)):
        if month := _MONTHS.get(_plain(found["month"])):
            return date(_year(found["year"]), month, int(found["day"])), _without(text, found)
    if found := _YEAR_LAST.search(text):
        return _day_or_month_first(found, text), _without(text, found)
    raise ValueError("no day")


def _without(text: str, found: re.Match[str]) -> str:
    """The text around the match, and what stands inside it between day and year (`Jan 31 12:00:00 CET 2024`)."""
    between = found.groupdict().get("between") or ""
    return f"{text[: found.start()]} {between} {text[found.end() :].removeprefix('T')}"


def _plain(name: str) -> str:
    """A month's name in lower case and without accents; `й` stays itself."""
    composed = name.lower().replace("й", "\0")
    letters = unicodedata.normalize("NFD", composed)
    return "".join(char for char in letters if not unicodedata.combining(char)).replace("\0", "й").replace("ı", "i")


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > len("24"):
        return year
    return year + (2000 if year < _CENTURY_TURN else 1900)


def _day_or_month_first(found: re.Match[str], text: str) -> date:
    """05/03/2019: the third of May or the fifth of March? Only taken when something in the text decides it."""
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    readings = {_as_date(year, second, first), _as_date(year, first, second)} - {None}
    if found[2] == "." and len(readings) > 1:  # dots are day first wherever they are used
        readings = {_as_date(year, second, first)}
    if len(readings) > 1:
        readings = {day for day in readings if day and _decided(day, first, text.lower())}
    if len(readings) != 1 or (day := readings.pop()) is None:
        raise ValueError("more than one reading, or none")
    return day


def _as_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _decided(day: date, first: int, text: str) -> bool:
    """A weekday in English names one reading; a time with am or pm means that the month comes first."""
    if any(re.search(rf"\b{weekday}", text) for weekday in _WEEKDAYS):
        return re.search(rf"\b{_WEEKDAYS[day.weekday()]}", text) is not None
    return re.search(r"\d\s*[ap]\.?m\b", text) is not None and day.month == first
