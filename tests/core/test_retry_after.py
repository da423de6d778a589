from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.retry_after import retry_after_s

NOW = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
_WEEK_S = 7 * 24 * 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("00120", 120),
        ("604801", _WEEK_S),
        ("9" * 30, _WEEK_S),
        ("9" * 5000, _WEEK_S),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("Sun, 06 Nov 1994 09:50:37 +0100", 60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sat, 05 Nov 1994 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", _WEEK_S),
        ("Sun, 06 Nov 1994 08:50:37 -2400", None),
    ],
)
def test_seconds_and_dates_are_read_and_capped_at_a_week(header, seconds):
    assert retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize(
    "header", [None, "", " ", "-1", "1.5", "soon", "120s", "²", "١٢", "Sun, 06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT"]
)
def test_anything_else_says_nothing(header):
    assert retry_after_s(header, NOW) is None


@given(st.integers(0, _WEEK_S), st.integers(-12, 14))
def test_a_date_means_the_same_in_every_zone(seconds, hours):
    until = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours)))
    assert retry_after_s(format_datetime(until), NOW) == seconds


@given(st.text())
def test_any_text_gives_seconds_within_a_week_or_nothing(header):
    seconds = retry_after_s(header, NOW)
    assert seconds is None or 0 <= seconds <= _WEEK_S
