"""When a page is asked for again, and what makes it gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.rechecks import is_quiet, plan_recheck
from newswire.records import Fetch, HttpResponse, PageRequest

BORN = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW = PageRequest(
    address_id=1,
    url="https://paper.example/a",
    host="paper.example",
    page_id=None,
    etag=None,
    last_modified=None,
    born_at=BORN,
    fetched_at=None,
    revised_at=None,
    gone_answers=0,
    gone_first_at=None,
    gone_since=None,
    site_rechecks=0,
    site_revisions=0,
)
KNOWN = replace(NEW, page_id=7, etag='"1"', last_modified="yesterday", fetched_at=BORN + MINUTE)


def response(status=200, **headers):
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpResponse(url=NEW.url, status=status, headers=given, body=b"<p>", wire_bytes=3, seconds=0.1)


STORED = Fetch(outcome="stored", status=200, response=response())
UNCHANGED = Fetch(outcome="unchanged", status=304, response=response(304))
FAILED = Fetch(outcome="failed", cause="timeout", detail="x", retry_after_s=15)


def wait(page, fetch, age):
    seconds = plan_recheck(page, fetch, now=BORN + age).recheck_in_s
    return None if seconds is None else timedelta(seconds=seconds)


# --- How soon ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "at"),
    [
        (MINUTE, 10 * MINUTE),
        (6 * MINUTE, HOUR),  # four minutes later would show nothing new
        (12 * MINUTE, HOUR),
        (HOUR, 6 * HOUR),
        (5 * HOUR, DAY),
        (6 * HOUR, DAY),
        (DAY, 3 * DAY),
        (3 * DAY, None),
        (400 * DAY, None),  # the backlog of a new feed
    ],
)
def test_the_next_look_comes_at_the_next_age_of_the_ladder(age, at):
    assert wait(NEW, STORED, age) == (None if at is None else at - age)


def test_a_look_that_found_nothing_new_goes_on_up_the_ladder():
    assert wait(KNOWN, UNCHANGED, HOUR) == 5 * HOUR


def test_an_article_that_the_last_look_found_changed_is_looked_at_twice_as_soon():
    changed = replace(KNOWN, fetched_at=BORN + HOUR, revised_at=BORN + HOUR + MINUTE)
    assert wait(changed, STORED, 6 * HOUR) == 9 * HOUR
    long_ago = replace(changed, fetched_at=BORN + 5 * HOUR)
    assert wait(long_ago, STORED, 6 * HOUR) == 18 * HOUR


def test_a_site_that_never_changes_anything_is_asked_twice_only():
    quiet = replace(KNOWN, site_rechecks=200, site_revisions=2)
    assert [wait(quiet, UNCHANGED, age) for age in (MINUTE, HOUR, DAY)] == [59 * MINUTE, 23 * HOUR, None]


def test_few_looks_say_nothing_of_a_site():
    assert [is_quiet(*site) for site in ((0, 0), (19, 0), (20, 0), (20, 1), (1000, 49))] == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_a_page_that_was_never_had_is_not_looked_at_again_by_itself():
    for fetch in (FAILED, Fetch(outcome="gone", status=404), Fetch(outcome="robots", cause="robots")):
        assert plan_recheck(NEW, fetch, now=BORN).recheck_in_s is None


def test_a_failure_puts_the_next_look_off_by_an_hour_while_the_article_is_young():
    assert wait(KNOWN, FAILED, HOUR) == HOUR
    assert wait(KNOWN, FAILED, 4 * DAY) is None


@given(st.timedeltas(min_value=timedelta(0), max_value=10 * DAY))
def test_a_look_is_never_sooner_than_five_minutes_and_looks_come_to_an_end(age):
    looks = 0
    while (again := wait(KNOWN, UNCHANGED, age)) is not None:
        assert again >= 5 * MINUTE
        age, looks = age + again, looks + 1
    assert looks <= 5


# --- Validators -------------------------------------------------------------------------------------------------------


def test_validators_are_those_of_the_newest_page():
    plan = plan_recheck(KNOWN, replace(STORED, response=response(ETag='"2"')), now=BORN)
    assert (plan.etag, plan.last_modified) == ('"2"', None)


def test_a_304_keeps_validators_and_may_renew_them():
    plan = plan_recheck(KNOWN, replace(UNCHANGED, response=response(304, ETag='"1b"')), now=BORN)
    assert (plan.etag, plan.last_modified) == ('"1b"', "yesterday")


def test_a_failure_keeps_validators():
    plan = plan_recheck(KNOWN, FAILED, now=BORN)
    assert (plan.etag, plan.last_modified) == ('"1"', "yesterday")


# --- Gone -------------------------------------------------------------------------------------------------------------


def after(page, fetch, at):
    """The request as it stands after an answer."""
    absence = plan_recheck(page, fetch, now=at).absence
    if absence is None:
        return replace(page, gone_answers=0, gone_first_at=None, gone_since=None)
    return replace(page, gone_answers=absence.answers, gone_first_at=absence.first_at, gone_since=absence.since)


def lives(page, status):
    """The looks at a page that always answers so: (when, whether it counts as gone)."""
    at, seen = BORN + HOUR, []
    while True:
        fetch = Fetch(outcome="gone", status=status)
        plan = plan_recheck(page, fetch, now=at)
        page = after(page, fetch, at)
        seen.append((at - BORN - HOUR, page.gone_since is not None))
        if plan.recheck_in_s is None:
            return seen
        at += timedelta(seconds=plan.recheck_in_s)


def test_a_page_is_gone_after_three_answers_over_a_day_and_its_grave_is_looked_at_twice():
    assert lives(KNOWN, 404) == [
        (timedelta(0), False),
        (HOUR, False),
        (DAY, True),
        (7 * DAY, True),
        (30 * DAY, True),
    ]


def test_410_counts_twice_but_a_day_has_to_pass_all_the_same():
    assert [gone for _, gone in lives(KNOWN, 410)][:3] == [False, False, True]
    page = after(KNOWN, Fetch(outcome="gone", status=410), BORN)
    assert after(page, Fetch(outcome="gone", status=410), BORN + DAY).gone_since == BORN


def test_it_is_gone_since_the_first_answer_that_said_so():
    page = KNOWN
    for at in (BORN + HOUR, BORN + 2 * HOUR, BORN + 30 * HOUR):
        page = after(page, Fetch(outcome="gone", status=404), at)
    assert page.gone_since == BORN + HOUR


@pytest.mark.parametrize("fetch", [STORED, UNCHANGED])
def test_a_page_that_answers_again_is_back(fetch):
    gone = replace(KNOWN, gone_answers=4, gone_first_at=BORN, gone_since=BORN)
    assert plan_recheck(gone, fetch, now=BORN + 8 * DAY).absence is None


@pytest.mark.parametrize("fetch", [FAILED, Fetch(outcome="refused", status=403), Fetch(outcome="robots")])
def test_a_failure_or_refusal_neither_proves_nor_disproves_it(fetch):
    doubted = replace(KNOWN, gone_answers=2, gone_first_at=BORN)
    assert plan_recheck(doubted, fetch, now=BORN + 2 * DAY).absence == doubted.absence
    assert plan_recheck(KNOWN, fetch, now=BORN).absence is None
