from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.dates import effective_date, read_date

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@given(MOMENTS)
def test_every_rfc_822_and_iso_8601_date_is_read_exactly(moment):
    for raw in (format_datetime(moment), moment.isoformat(), moment.isoformat().replace("+00:00", "Z")):
        assert read_date(raw) == (moment, "exact")


@given(
    MOMENTS,
    st.sampled_from(["%a, %d %B %Y %T GMT", "%B %d, %Y %I:%M:%S %p UTC", "%a %b %d %T UTC %Y", "%Y/%m/%d %T Z"]),
)
def test_english_dates_are_read_in_every_order(moment, form):
    assert read_date(moment.strftime(form)) == (moment, "exact")


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_off(moment, offset_minutes):
    sign = "-" if offset_minutes < 0 else "+"
    offset = f"{sign}{abs(offset_minutes) // 60:02}{abs(offset_minutes) % 60:02}"
    local = moment + timedelta(minutes=offset_minutes)
    assert read_date(f"{local:%d %b %Y %H:%M:%S} {offset}") == (moment, "exact")


@given(st.text(st.characters(exclude_categories=()), max_size=120) | st.text("0123456789-/:. TZ+apmJan,", max_size=40))
def test_any_text_has_a_date_or_says_why_not(raw):
    moment, quality = read_date(raw)
    assert (moment is None) == (quality in {"missing", "bad"})
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        # wrong or foreign weekday, missing space, short parts
        ("Wes, 18 Aug 2021 10:00:00 +0000", utc(2021, 8, 18, 10)),
        ("Mon, 28 Jul 2022 04:35:05 GMT", utc(2022, 7, 28, 4, 35, 5)),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", utc(2022, 7, 27, 19, 35, 5)),
        ("28 Jul 2022 04:35 UTC-05:30", utc(2022, 7, 28, 10, 5)),
        ("Thu, 28 Jul 22 04:35:05 EST", utc(2022, 7, 28, 9, 35, 5)),
        ("28 Jul 99 04:35:05 Z", utc(1999, 7, 28, 4, 35, 5)),
        ("Thu, 28 Jul 2022 04:35:05 +0200 (CEST)", utc(2022, 7, 28, 2, 35, 5)),
        ("Thu, 28-Jul-2022 04:35:05 GMT", utc(2022, 7, 28, 4, 35, 5)),
        ("Thu Jul 28 04:35:05 CEST 2022", utc(2022, 7, 28, 2, 35, 5)),
        ("Thu Jul 28 04:35:05 +0100 2022", utc(2022, 7, 28, 3, 35, 5)),
        ("July 28, 2022 4:35 p.m. GMT", utc(2022, 7, 28, 16, 35)),
        ("28 Jul 2022 12:05 am GMT", utc(2022, 7, 28, 0, 5)),
        ("28 Jul 2022 24:00:00 GMT", utc(2022, 7, 29)),
        ("31 Dec 2016 23:59:60 GMT", utc(2016, 12, 31, 23, 59, 59)),
        # ISO 8601 and its relatives
        ("2022-07-28T04:35:05.123456Z", utc(2022, 7, 28, 4, 35, 5, 123456)),
        ("2022-07-28T04:35:05,5+0200", utc(2022, 7, 28, 2, 35, 5, 500000)),
        ("2022-07-28T04:35+02", utc(2022, 7, 28, 2, 35)),
        ("2022-07-28 04:35:05 -0000", utc(2022, 7, 28, 4, 35, 5)),
        ("2022-07-28T04:35:05 UTC", utc(2022, 7, 28, 4, 35, 5)),
        ("20220728T043505Z", utc(2022, 7, 28, 4, 35, 5)),
        ("2022-07-28T04:35:05−03:00", utc(2022, 7, 28, 7, 35, 5)),
        # seconds and milliseconds
        ("1658982905", utc(2022, 7, 28, 4, 35, 5)),
        ("1658982905000", utc(2022, 7, 28, 4, 35, 5)),
    ],
)
def test_exact(raw, moment):
    assert read_date(raw) == (moment, "exact")


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2020/1/10 14:33:00", utc(2020, 1, 10, 14, 33)),
        ("2022-07-28T04:35:05", utc(2022, 7, 28, 4, 35, 5)),
        ("20220728043505", utc(2022, 7, 28, 4, 35, 5)),
        ("Fri, 05/03/2019 - 15:21", utc(2019, 5, 3, 15, 21)),
        ("Tue, 05/03/2019 - 15:21", utc(2019, 3, 5, 15, 21)),
        ("5/3/2019 3:21:07 PM", utc(2019, 5, 3, 15, 21, 7)),
        ("31/12/2019 15:21", utc(2019, 12, 31, 15, 21)),
        ("05.03.2019 15:21", utc(2019, 3, 5, 15, 21)),
        ("Seg, 24 Set 2018 15:21:00", utc(2018, 9, 24, 15, 21)),
        ("28 Jul 2022 04:35 XYZ", utc(2022, 7, 28, 4, 35)),
        ("28 Jul 2022 04:35 +9900", utc(2022, 7, 28, 4, 35)),
        ("2022年7月28日 04:35", utc(2022, 7, 28, 4, 35)),
        ("2022년 7월 28일 04:35", utc(2022, 7, 28, 4, 35)),
    ],
)
def test_without_a_zone_utc_is_assumed(raw, moment):
    assert read_date(raw) == (moment, "tz_assumed")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2022-07-28", utc(2022, 7, 28)),
        ("20220728", utc(2022, 7, 28)),
        ("2022-07", utc(2022, 7, 1)),
        ("Seg, 24 Set 2018", utc(2018, 9, 24)),
        ("24 de septiembre de 2018", utc(2018, 9, 24)),
        ("mar, 25 set 2018", utc(2018, 9, 25)),
        ("1er févr. 2020", utc(2020, 2, 1)),
        ("1º de janeiro de 2020", utc(2020, 1, 1)),
        ("lundi 3 août 2020", utc(2020, 8, 3)),
        ("Donnerstag, 5. März 2020", utc(2020, 3, 5)),
        ("5 мая 2020 г.", utc(2020, 5, 5)),
        ("Ср, 05 дек 2020", utc(2020, 12, 5)),
        ("7 maggio 2021", utc(2021, 5, 7)),
        ("7 Şubat 2021", utc(2021, 2, 7)),
        ("March 5th, 2019", utc(2019, 3, 5)),
        ("3/3/2019", utc(2019, 3, 3)),
    ],
)
def test_a_day_without_a_time_is_its_midnight(raw, day):
    assert read_date(raw) == (day, "date_only")


@pytest.mark.parametrize("raw", [None, "", " \n "])
def test_nothing_there_is_missing(raw):
    assert read_date(raw) == (None, "missing")


@pytest.mark.parametrize(
    "raw",
    [
        "0001-01-01T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "0000-00-00 00:00:00",
        "1970-01-01T00:00:00Z",
        "-0001-11-30T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "Thu, 30 Feb 2020 10:00:00 GMT",
        "28 Jul 2022 25:00:00 GMT",
        "yesterday",
        "18/01/30",
        "05/03/2019",  # May or March?
        "05/03/2019 15:21",
        "28 Foo 2022",
        "99999999999999999999",
    ],
)
def test_unreadable_or_ambiguous_is_bad(raw):
    assert read_date(raw) == (None, "bad")


# --- effective date --------------------------------------------------------------------------------------------------

SEEN = utc(2024, 6, 1, 12)


@pytest.mark.parametrize(
    ("published_at", "effective"),
    [
        (None, SEEN),
        (utc(2024, 6, 1, 11), utc(2024, 6, 1, 11)),
        (SEEN + timedelta(minutes=9), SEEN + timedelta(minutes=9)),
        (utc(2030, 1, 1), SEEN + timedelta(minutes=10)),
        (utc(1971, 1, 1), utc(1995, 1, 1)),
    ],
)
def test_the_effective_date_stays_between_1995_and_first_sight(published_at, effective):
    assert effective_date(published_at, SEEN) == effective
