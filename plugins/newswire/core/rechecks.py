"""When a page is asked for again: often while its article is young, seldom where nothing ever changes, and until it is gone.

The wait follows from the article's age alone, so that a check that comes late, or not at all, needs no mending.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from newswire.records import Absence, Fetch, PagePlan, PageRequest

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

# Ages at which an article is looked at again: slips are mended within minutes, stories grow for a day or three.
_AGES = (timedelta(minutes=10), _HOUR, timedelta(hours=6), _DAY, timedelta(hours=72))
_AGES_AT_QUIET_SITES = (_HOUR, _DAY)
_LEAST_WAIT = timedelta(minutes=5)  # as often as checks are asked for

# A site is quiet when fewer than one look in twenty found another text; fewer than twenty looks say nothing.
_FEWEST_LOOKS, _QUIET_SHARE = 20, 0.05

_AFTER_FAILURE = _HOUR

# A page is gone when it is answered so over a day at least; 410 says it twice. A grave is looked at twice again.
_GONE_ANSWERS, _GONE_OVER = 3, _DAY
_EXPLICITLY_GONE = 410
_GRAVE_AGES = (timedelta(days=7), timedelta(days=30))


def plan_recheck(page: PageRequest, fetch: Fetch, *, now: datetime) -> PagePlan:
    """What an answer means for the next request to its address: when, with which validators, and whether it is gone."""
    absence = _absence(page, fetch, now)
    return PagePlan(
        etag=_validator(page.etag, fetch, "ETag"),
        last_modified=_validator(page.last_modified, fetch, "Last-Modified"),
        recheck_in_s=_seconds(_wait(page, fetch, absence, now)),
        absence=absence,
    )


def _validator(known: str | None, fetch: Fetch, name: str) -> str | None:
    """Those of the newest page; a 304 may renew them (RFC 9110, 15.4.5), other answers leave them alone."""
    if fetch.response is None:
        return known
    given = fetch.response.header(name)
    return (given or known) if fetch.outcome == "unchanged" else given


def _absence(page: PageRequest, fetch: Fetch, now: datetime) -> Absence | None:
    """The answers in a row that say that a page we had is gone. None: there are none."""
    if page.page_id is None or fetch.outcome in {"stored", "unchanged"}:
        return None
    before = page.absence
    if fetch.outcome != "gone":
        return before  # a failure or refusal says nothing of it
    answers = (before.answers if before else 0) + (2 if fetch.status == _EXPLICITLY_GONE else 1)
    first_at = before.first_at if before else now
    is_gone = answers >= _GONE_ANSWERS and now - first_at >= _GONE_OVER
    return Absence(answers=answers, first_at=first_at, since=first_at if is_gone else None)


def _wait(page: PageRequest, fetch: Fetch, absence: Absence | None, now: datetime) -> timedelta | None:
    """How long until the next look. None: there is none."""
    age = now - page.born_at
    if absence is not None:
        return _until_gone(absence, now)
    if fetch.outcome not in {"stored", "unchanged"}:
        return _AFTER_FAILURE if page.page_id is not None and age < _AGES[-1] else None
    ages = _AGES_AT_QUIET_SITES if is_quiet(page.site_rechecks, page.site_revisions) else _AGES
    wait = _to_next(ages, age, least=max(_LEAST_WAIT, age / 2))
    if wait is not None and _changed_at_last_look(page):
        return max(wait / 2, _AGES[0])
    return wait


def is_quiet(rechecks: int, revisions: int) -> bool:
    """Whether a site hardly ever changes what it has published."""
    return rechecks >= _FEWEST_LOOKS and revisions < _QUIET_SHARE * rechecks


def _to_next(ages: tuple[timedelta, ...], age: timedelta, *, least: timedelta) -> timedelta | None:
    return next((mark - age for mark in ages if mark - age >= least), None)


def _changed_at_last_look(page: PageRequest) -> bool:
    return page.revised_at is not None and page.fetched_at is not None and page.revised_at >= page.fetched_at


def _until_gone(absence: Absence, now: datetime) -> timedelta | None:
    for_so_long = now - absence.first_at
    if absence.since is not None:
        return _to_next(_GRAVE_AGES, for_so_long, least=_DAY)
    if for_so_long < _HOUR:
        return _HOUR
    return max(_GONE_OVER - for_so_long, _HOUR)


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()
