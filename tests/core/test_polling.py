import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core import hosts
from newswire.core.polling import PollPolicy, feed_reply, next_price, plan_poll, request_headers
from newswire.core.polling.moves import seen_move
from newswire.records import (
    Changed,
    DueFeed,
    Entry,
    Failed,
    Gone,
    HttpFailure,
    HttpResponse,
    Move,
    ParsedFeed,
    PollPlan,
    Throttled,
    Unchanged,
)

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
URL = "https://lequotidien.example/feed"
BODY = b"<rss><channel/></rss>"
HOUR, DAY = 3600, 86_400
POLICY = PollPolicy(floor_s=300, cap_s=DAY, error_cap_s=DAY, price=3.3)
FEED = DueFeed(
    feed_id=1,
    url=URL,
    host="lequotidien.example",
    etag='"a"',
    last_modified="Fri, 31 May 2024 10:00:00 GMT",
    body_sha256=hashlib.sha256(b"before").digest(),
    failures=0,
    interval_s=HOUR,
    rate_items=14.0,
    rate_days=7.0,
    rate_hours=(0.0,) * 48,
    rate_squares=14.0,
    rate_at=NOW - timedelta(hours=1),
    window_items=20,
    last_polled_at=NOW - timedelta(hours=1),
    last_whole_at=NOW - timedelta(hours=1),
)
CHANGED = Changed(status=200, url=URL, body=BODY, content_type=None, etag='"b"', last_modified=None)
UNCHANGED = Unchanged(status=304, etag=None, last_modified=None)


def response(status, *, body=BODY, redirects=(), url=URL, **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpResponse(
        url=url, status=status, headers=pairs, body=body, wire_bytes=len(body), seconds=0.1, redirects=redirects
    )


def meaning(reply, feed=FEED):
    return feed_reply(feed, reply, now=NOW)


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_validators_are_sent_back_as_they_came():
    feed = replace(FEED, etag='W/"odd thing"')
    assert request_headers(feed, now=NOW) == (
        ("A-IM", "feed"),
        ("If-None-Match", 'W/"odd thing"'),
        ("If-Modified-Since", "Fri, 31 May 2024 10:00:00 GMT"),
    )


def test_a_last_modified_in_the_future_is_not_sent_back():
    feed = replace(FEED, etag=None, last_modified="Thu, 01 Jan 2041 00:00:00 GMT")
    assert request_headers(feed, now=NOW) == (("A-IM", "feed"),)


@pytest.mark.parametrize(
    ("trust", "sent"),
    [
        (0, {"If-None-Match", "If-Modified-Since"}),
        (-1, {"If-None-Match", "If-Modified-Since"}),
        (-2, {"If-Modified-Since"}),
        (-3, {"If-Modified-Since"}),
        (-4, set()),
    ],
)
def test_validators_that_hid_news_lose_their_trust(trust, sent):
    headers = request_headers(replace(FEED, validator_trust=trust), now=NOW)
    assert {name for name, _ in headers} == {"A-IM", *sent}


def test_a_doubted_feed_is_asked_without_condition():
    assert request_headers(replace(FEED, ask_whole=True), now=NOW) == (("A-IM", "feed"),)


# --- Reading the answer ----------------------------------------------------------------------------------------------


def test_new_bytes_are_a_change_with_their_validators():
    reply = response(200, ETag='"b"', last_modified="today", content_type="text/xml")
    assert meaning(reply) == Changed(
        status=200, url=URL, body=BODY, content_type="text/xml", etag='"b"', last_modified="today"
    )


def test_the_same_bytes_are_no_change_but_their_validators_count():
    feed = replace(FEED, body_sha256=hashlib.sha256(BODY).digest())
    assert meaning(response(200, ETag='"c"'), feed) == Unchanged(
        status=200, etag='"c"', last_modified=None, body_bytes=len(BODY)
    )


def test_a_delta_is_content():
    assert isinstance(meaning(response(226)), Changed)


def test_304_is_no_change():
    assert meaning(response(304, body=b"")) == Unchanged(status=304, etag=None, last_modified=None)


@pytest.mark.parametrize(
    "change", [{"etag": None, "last_modified": None}, {"ask_whole": True}, {"validator_trust": -9}]
)
def test_304_without_a_condition_is_an_error(change):
    assert meaning(response(304), replace(FEED, **change)).cause == "protocol"


DATE = "Sat, 01 Jun 2024 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache_control": "max-age=600"}, 600),
        ({"cache_control": 'public, Max-Age = "600"'}, 600),
        ({"cache_control": "max-age=600", "age": "500"}, 100),
        ({"cache_control": "max-age=600", "age": "900"}, 0),
        ({"cache_control": "s-maxage=600"}, None),
        ({"cache_control": "no-cache, max-age=600"}, None),
        ({"cache_control": "max-age=soon"}, None),
        ({"expires": "Sat, 01 Jun 2024 13:00:00 GMT", "date": DATE}, HOUR),
        ({"expires": "0", "date": DATE}, None),
        ({"expires": "Sat, 01 Jun 2024 11:00:00 GMT", "date": DATE}, 0),
        ({"cache_control": "max-age=60", "expires": "Sat, 01 Jun 2024 13:00:00 GMT", "date": DATE}, 60),
    ],
)
def test_how_long_an_answer_is_fresh(headers, seconds):
    assert meaning(response(200, **headers)).max_age_s == seconds
    assert meaning(response(304, **headers)).max_age_s == seconds


@pytest.mark.parametrize("status", [404, 410])
def test_gone(status):
    assert meaning(response(status)) == Gone(status=status)


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [(429, "120", 120), (503, "Sat, 01 Jun 2024 13:00:00 GMT", HOUR), (429, "soon", None)],
)
def test_throttled(status, retry_after, seconds):
    assert meaning(response(status, retry_after=retry_after)) == Throttled(status=status, retry_after_s=seconds)


def test_throttled_without_a_header():
    assert meaning(response(503)) == Throttled(status=503, retry_after_s=None)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 418, 500, 502])
def test_other_statuses_are_failures(status):
    assert meaning(response(status)) == Failed(cause="http_status", detail=f"HTTP {status}", status=status)


def test_no_answer_is_a_failure_with_its_cause():
    failure = HttpFailure(url=URL, cause="dns", detail="no address", seconds=0.1)
    assert meaning(failure) == Failed(cause="dns", detail="no address")


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((), False), ((301,), True), ((301, 308), True), ((301, 302), False), ((307,), False)],
)
def test_a_feed_has_moved_when_every_redirect_was_permanent(statuses, moved):
    new = "https://new.example/feed"
    redirects = tuple((status, new) for status in statuses)
    assert meaning(response(200, url=new, redirects=redirects)).moved_to == (new if moved else None)
    assert meaning(response(304, url=new, redirects=redirects)).moved_to == (new if moved else None)


# --- Deciding: what an answer teaches --------------------------------------------------------------------------------


def entry(number=0, *, published_at=None, quality="exact"):
    return Entry(
        entry_key=number.to_bytes(32, "big"),
        guid=None,
        link=None,
        title=f"{number}",
        summary=None,
        content=None,
        authors=(),
        language=None,
        published_raw=None,
        published_at=published_at,
        date_quality=quality if published_at else "missing",
        content_sha256=b"",
    )


def document(*entries, items=None, **says):
    return ParsedFeed(
        format="rss",
        title=None,
        site_url=None,
        language=None,
        ttl_s=says.pop("ttl_s", None),
        items=len(entries) if items is None else items,
        entries=entries,
        **says,
    )


def news(count):
    return tuple(entry(number, published_at=NOW - timedelta(minutes=number + 1)) for number in range(count))


def plan(reply, feed=FEED, *, read=None, new=(), jitter=0.5, now=NOW, policy=POLICY):
    if isinstance(reply, Changed) and read is None:
        read = document(*new, items=20)
    return plan_poll(feed, reply, read=read, new=new, now=now, policy=policy, jitter=jitter)


def polled(feed: DueFeed, decided: PollPlan, *, now=NOW) -> DueFeed:
    """The feed as the warehouse has it after a poll."""
    rate = decided.rate
    return replace(
        feed,
        etag=decided.etag,
        last_modified=decided.last_modified,
        body_sha256=decided.body_sha256,
        failures=decided.failures,
        failure_score=decided.failure_score,
        interval_s=decided.interval_s,
        rate_items=rate and rate.items,
        rate_days=rate and rate.days,
        rate_hours=rate and rate.hours,
        rate_squares=rate and rate.squares,
        rate_at=rate and rate.at,
        window_items=decided.window_items,
        max_age_s=decided.hints.max_age_s,
        ttl_s=decided.hints.ttl_s,
        skip_hours=decided.hints.skip_hours,
        skip_days=decided.hints.skip_days,
        last_polled_at=now,
        last_whole_at=decided.last_whole_at,
        ask_whole=decided.ask_whole,
        validator_trust=decided.validator_trust,
    )


FRESH = replace(
    FEED, rate_items=None, rate_days=None, rate_hours=None, rate_squares=None, rate_at=None, body_sha256=None
)


def test_the_first_documents_dates_show_the_rate():
    """Twenty items in seven hours, and twenty in nine days."""
    busy = [entry(n, published_at=NOW - timedelta(hours=n / 3)) for n in range(20)]
    quiet = [entry(n, published_at=NOW - timedelta(hours=11 * n)) for n in range(20)]
    intervals = [plan(CHANGED, FRESH, read=document(*items), new=items).interval_s for items in (busy, quiet)]
    assert intervals[0] < 0.7 * intervals[1]


def test_how_often_a_feed_says_it_is_updated_is_a_guess_for_one_without_dates():
    undated = [entry(n) for n in range(5)]
    guesses = [plan(CHANGED, FRESH, read=document(*undated, period_s=s), new=undated) for s in (HOUR, 7 * DAY)]
    assert guesses[0].interval_s < guesses[1].interval_s


def test_before_the_first_document_an_answer_changes_no_interval():
    assert plan(UNCHANGED, FRESH).interval_s == HOUR


def test_news_shortens_the_interval_and_silence_makes_it_longer():
    usual = plan(UNCHANGED, replace(FEED, rate_at=NOW)).interval_s
    assert plan(CHANGED, new=news(3)).interval_s < usual < plan(UNCHANGED).interval_s


def test_a_revision_is_no_news():
    assert plan(CHANGED, new=()).interval_s == plan(UNCHANGED).interval_s


def test_a_small_window_is_looked_at_before_it_can_have_moved_on():
    """A hundred a day. Of ten items in batches fewer may be waited for than of ten that come one by one."""
    feed = replace(FEED, rate_items=1400.0, rate_days=14.0, rate_at=NOW)
    dear = replace(POLICY, price=290.0)

    def hours(window_items, scatter):
        known = replace(feed, window_items=window_items, rate_squares=1400.0 * scatter)
        return plan(UNCHANGED, known, policy=dear).interval_s / HOUR

    assert hours(10, 4) < 0.7 * hours(10, 1)
    assert hours(10, 1) < hours(200, 1)


def test_an_overflowing_window_is_told_and_shortens_the_interval():
    feed = replace(FEED, rate_items=140.0, rate_squares=140.0)
    full, half = (plan(CHANGED, feed, new=news(10), read=document(*news(10), items=items)) for items in (10, 20))
    assert (full.overflowed, half.overflowed) == (True, False)
    assert full.interval_s < 0.7 * half.interval_s


def test_an_overflowing_window_teaches_what_must_have_come():
    """Ten items of the last ten minutes, an hour after the last poll, are sixty."""
    decided = plan(CHANGED, replace(FEED, rate_at=NOW - timedelta(hours=1)), new=news(10), read=document(*news(10)))
    assert decided.rate.items == pytest.approx(FEED.rate_items + 60, rel=0.01)


@pytest.mark.parametrize(
    ("feed", "new", "items"),
    [(FRESH, 10, 10), (FEED, 1, 1), (FEED, 8, 10), (FEED, 0, 0)],
    ids=["the first document", "a window of one", "some is known", "an empty document"],
)
def test_no_overflow(feed, new, items):
    assert not plan(CHANGED, feed, new=news(new), read=document(*news(new), items=items)).overflowed


# --- Deciding: what publishers ask for -------------------------------------------------------------------------------

BUSY = replace(FEED, rate_items=2000.0, rate_squares=2000.0, rate_at=NOW)


@pytest.mark.parametrize(
    ("reply", "says", "least_s"),
    [
        (CHANGED, {}, 300),
        (CHANGED, {"ttl_s": 60}, 300),
        (CHANGED, {"ttl_s": 2 * HOUR}, 2 * HOUR),
        (CHANGED, {"ttl_s": 30 * DAY}, DAY),
        (replace(CHANGED, max_age_s=HOUR), {}, HOUR),
        (replace(CHANGED, max_age_s=9 * HOUR), {}, 6 * HOUR),
        (replace(CHANGED, max_age_s=HOUR), {"ttl_s": 2 * HOUR}, 2 * HOUR),
    ],
)
def test_hints_are_floors(reply, says, least_s):
    decided = plan(reply, BUSY, new=news(3), read=document(*news(3), items=500, **says))
    assert (decided.interval_s, decided.next_due_s) == (least_s, least_s)


def test_hints_are_above_the_users_cap():
    decided = plan(CHANGED, BUSY, read=document(*news(3), ttl_s=2 * HOUR), policy=replace(POLICY, cap_s=HOUR))
    assert decided.next_due_s >= 2 * HOUR


def test_a_304_confirms_the_hints_and_may_change_one():
    feed = replace(BUSY, max_age_s=HOUR, ttl_s=2 * HOUR)
    assert plan(UNCHANGED, feed).hints == feed.hints
    assert plan(replace(UNCHANGED, max_age_s=0), feed).hints.max_age_s == 0


def test_a_new_document_replaces_the_hints():
    feed = replace(BUSY, max_age_s=HOUR, ttl_s=2 * HOUR, skip_hours=1, skip_days=1)
    assert plan(CHANGED, feed, read=document(skip_hours=2)).hints == replace(FEED.hints, skip_hours=2)


def test_youtube_is_asked_once_an_hour():
    assert plan(CHANGED, replace(BUSY, host="www.youtube.com"), new=news(3)).next_due_s == HOUR


@pytest.mark.parametrize(
    ("reply", "window_items", "interval_s"),
    [
        (Unchanged(status=200, etag=None, last_modified=None, body_bytes=50_000), 500, HOUR),
        (Unchanged(status=200, etag=None, last_modified=None, body_bytes=2_000_000), 5000, 6 * HOUR),
        (Unchanged(status=200, etag=None, last_modified=None, max_age_s=60), 500, 346),
        (Unchanged(status=200, etag=None, last_modified=None), 20, 30 * 60),
    ],
    ids=["always everything", "and a lot", "but says for how long", "but would lose entries"],
)
def test_a_server_without_conditions_is_spared_unless_entries_would_be_lost(reply, window_items, interval_s):
    feed = replace(BUSY, window_items=window_items)
    assert plan(reply, feed).interval_s == pytest.approx(interval_s, rel=0.05)


def bits(*places):
    return sum(1 << place for place in places)


@pytest.mark.parametrize(
    ("skip_hours", "skip_days", "earliest"),
    [
        (0, 0, NOW),
        (bits(12, 13), 0, NOW.replace(hour=14)),
        (bits(*range(12, 24), 0), 0, NOW.replace(day=2, hour=1)),
        (0, bits(5), NOW.replace(day=2, hour=0)),
        (bits(0, 1), bits(5, 6), NOW.replace(day=3, hour=2)),
        (bits(*range(24)), 0, NOW),
        (0, bits(*range(7)), NOW),
    ],
    ids=["no", "two hours", "over midnight", "saturday", "the weekend and two hours", "never", "on no day"],
)
@pytest.mark.parametrize("jitter", [0.0, 0.999])
def test_skipped_hours_and_days_are_skipped(skip_hours, skip_days, earliest, jitter):
    feed = replace(BUSY, skip_hours=skip_hours, skip_days=skip_days)
    due = NOW + timedelta(seconds=plan(UNCHANGED, feed, jitter=jitter).next_due_s)
    assert max(earliest, NOW + timedelta(seconds=300)) <= due <= max(earliest, NOW) + timedelta(minutes=16)


# --- Deciding: validators --------------------------------------------------------------------------------------------


def test_a_change_that_was_read_replaces_validators_and_digest():
    decided = plan(CHANGED)
    assert (decided.etag, decided.last_modified) == ('"b"', None)
    assert decided.body_sha256 == hashlib.sha256(BODY).digest()


def test_a_304_with_a_validator_replaces_both():
    decided = plan(Unchanged(status=304, etag='"c"', last_modified=None))
    assert (decided.etag, decided.last_modified) == ('"c"', None)


def test_a_304_without_validators_keeps_both():
    assert (plan(UNCHANGED).etag, plan(UNCHANGED).last_modified) == (FEED.etag, FEED.last_modified)


def test_the_same_bytes_without_validators_drop_both():
    decided = plan(Unchanged(status=200, etag=None, last_modified=None))
    assert (decided.etag, decided.last_modified, decided.body_sha256) == (None, None, FEED.body_sha256)


@pytest.mark.parametrize(
    ("silent", "items_a_day", "doubted"),
    [
        (timedelta(days=1), 2, False),
        (timedelta(days=1), 10, True),
        (timedelta(days=7), 0.5, False),
        (timedelta(days=9), 0.01, True),
    ],
)
def test_nothing_but_304_for_longer_than_is_likely_is_doubted(silent, items_a_day, doubted):
    feed = replace(FEED, rate_items=7.0 * items_a_day, last_whole_at=NOW - silent)
    assert plan(UNCHANGED, feed).ask_whole is doubted


def test_a_whole_document_ends_the_doubt():
    feed = replace(FEED, ask_whole=True, last_whole_at=NOW - timedelta(days=9))
    decided = plan(CHANGED, feed)
    assert (decided.ask_whole, decided.last_whole_at, decided.validator_trust) == (False, NOW, 0)


def test_a_failure_leaves_the_doubt():
    assert plan(FAILURE, replace(FEED, ask_whole=True)).ask_whole


@pytest.mark.parametrize(("age", "trust"), [(timedelta(hours=2), -1), (timedelta(minutes=30), 0)])
def test_news_from_before_the_last_304_costs_trust(age, trust):
    feed = replace(FEED, ask_whole=True, last_whole_at=NOW - timedelta(days=9))
    assert plan(CHANGED, feed, new=[entry(published_at=NOW - age)]).validator_trust == trust


# --- Deciding: moves -------------------------------------------------------------------------------------------------

ELSEWHERE = "https://elsewhere.example/feed"
NEIGHBOUR = "https://news.quotidien.co.uk/feed"


def seen(url, *, days, sightings):
    return replace(FEED, moved_to=url, moved_since=NOW - timedelta(days=days), moved_sightings=sightings)


def test_https_of_the_same_address_is_adopted_at_once():
    feed = replace(FEED, url="http://lequotidien.example/feed")
    assert plan(replace(CHANGED, moved_to=URL), feed).move == Move(url=URL, adopt=True)


@pytest.mark.parametrize(
    ("feed", "target", "shares", "adopt"),
    [
        (FEED, ELSEWHERE, True, False),
        (seen(ELSEWHERE, days=3, sightings=4), ELSEWHERE, True, True),
        (seen(ELSEWHERE, days=3, sightings=3), ELSEWHERE, True, False),
        (seen(ELSEWHERE, days=2, sightings=400), ELSEWHERE, True, False),
        (seen(NEIGHBOUR, days=9, sightings=9), ELSEWHERE, True, False),
        (seen(ELSEWHERE, days=9, sightings=9), ELSEWHERE, False, False),
        (replace(seen(NEIGHBOUR, days=9, sightings=9), url="https://quotidien.co.uk/"), NEIGHBOUR, False, True),
    ],
    ids=["once", "enough", "too few", "too soon", "another target", "other entries", "other entries, same domain"],
)
def test_a_permanent_redirect_is_adopted_with_evidence(feed, target, shares, adopt):
    read = document(*news(2), items=20 if shares else 2)
    decided = plan(replace(CHANGED, moved_to=target), feed, read=read, new=news(2))
    assert decided.move == Move(url=target, adopt=adopt)


def test_a_304_is_as_good_as_the_same_entries():
    feed = seen(ELSEWHERE, days=3, sightings=4)
    assert plan(replace(UNCHANGED, moved_to=ELSEWHERE), feed).move == Move(url=ELSEWHERE, adopt=True)


def test_what_cannot_be_read_moves_nobody():
    feed = replace(FEED, url="http://lequotidien.example/feed")
    failure = Failed(cause="not_a_feed", detail="a web page", status=200)
    assert plan(replace(CHANGED, moved_to=URL), feed, read=failure).move is None


# --- Deciding: failures ----------------------------------------------------------------------------------------------

FAILURE = Failed(cause="tls", detail="certificate expired")


def test_an_answer_ends_the_failures():
    decided = plan(UNCHANGED, replace(FEED, failures=7, failure_score=5.0))
    assert (decided.failures, decided.failure_score) == (0, 0.0)


@pytest.mark.parametrize(
    ("reply", "read_failure", "outcome", "detail"),
    [
        (FAILURE, None, "tls", "certificate expired"),
        (CHANGED, Failed(cause="not_a_feed", detail="a web page"), "not_a_feed", "a web page"),
        (Gone(status=404), None, "gone", "HTTP 404"),
        (Throttled(status=429, retry_after_s=None), None, "throttled", "HTTP 429"),
    ],
)
def test_a_failure_keeps_what_was_learnt_and_says_why(reply, read_failure, outcome, detail):
    decided = plan(reply, read=read_failure)
    assert (decided.outcome, decided.detail, decided.failures) == (outcome, detail, 1)
    kept = replace(polled(FEED, decided), failures=0, failure_score=0.0, last_polled_at=FEED.last_polled_at)
    assert kept == FEED


@pytest.mark.parametrize(
    ("setback", "score"),
    [
        (Failed(cause="dns", detail=""), 0.25),
        (Failed(cause="timeout", detail=""), 0.5),
        (Failed(cause="connect", detail=""), 0.5),
        (Failed(cause="http_status", detail="", status=502), 0.5),
        (Failed(cause="http_status", detail="", status=403), 1),
        (Failed(cause="tls", detail=""), 1),
        (Failed(cause="unreadable", detail="", status=200), 1),
        (Gone(status=404), 1),
        (Gone(status=410), 4),
        (Throttled(status=429, retry_after_s=None), 0),
    ],
)
def test_a_failure_counts_by_its_cause(setback, score):
    assert plan(setback).failure_score == score


@pytest.mark.parametrize(
    ("before", "delay_s"),
    [
        (0, 1800),
        (1, 3600),
        (5, 16 * HOUR),
        (6, DAY),
        (10, DAY),
        (11, 7 * DAY),
        (28, 7 * DAY),
        (29, 30 * DAY),
        (999, 30 * DAY),
    ],
)
def test_failures_climb_a_ladder(before, delay_s):
    feed = replace(FEED, failure_score=float(before), interval_s=300)
    assert plan(FAILURE, feed).next_due_s == delay_s


@given(st.floats(0, 1, exclude_max=True))
def test_a_failing_feed_is_not_asked_more_often_than_a_healthy_one(jitter):
    assert plan(FAILURE, replace(FEED, interval_s=6 * HOUR), jitter=jitter).next_due_s == 6 * HOUR
    assert plan(FAILURE, replace(FEED, interval_s=300, ttl_s=9 * HOUR), jitter=jitter).next_due_s == 9 * HOUR


def test_410_climbs_faster_than_404_and_both_up_to_a_week():
    feed = replace(FEED, interval_s=300)
    assert plan(Gone(status=404), feed).next_due_s == 1800
    assert plan(Gone(status=410), feed).next_due_s == 4 * HOUR
    assert plan(Gone(status=404), replace(feed, failure_score=20.0)).next_due_s == 7 * DAY


@given(st.floats(0, 1, exclude_max=True))
def test_a_throttled_feed_is_never_asked_sooner_than_the_server_says(jitter):
    decided = plan(Throttled(status=429, retry_after_s=2 * HOUR), jitter=jitter)
    assert 2 * HOUR <= decided.next_due_s <= 2.2 * HOUR


@pytest.mark.parametrize(("failures", "delay_s"), [(0, 600), (1, 1200), (5, 19_200), (6, 6 * HOUR), (50, 6 * HOUR)])
def test_without_retry_after_patience_grows(failures, delay_s):
    feed = replace(FEED, failures=failures, interval_s=300)
    refusal = Throttled(status=429, retry_after_s=None)
    assert plan(refusal, feed, jitter=0).next_due_s == delay_s
    assert delay_s < plan(refusal, feed, jitter=0.99).next_due_s <= delay_s + HOUR


# --- Whatever happens ------------------------------------------------------------------------------------------------

ANSWERS = st.one_of(
    st.builds(replace, st.sampled_from([CHANGED, UNCHANGED]), max_age_s=st.none() | st.integers(0, 10**9)),
    st.builds(
        Unchanged, status=st.just(200), etag=st.none(), last_modified=st.none(), body_bytes=st.integers(0, 10**7)
    ),
)
SETBACKS = st.sampled_from([FAILURE, Gone(status=404), Gone(status=410), Throttled(status=503, retry_after_s=5)])
POLLS = st.tuples(
    st.one_of(ANSWERS, SETBACKS),
    st.integers(0, 2000),
    st.integers(0, 10**6),
    st.integers(0, 2**24 - 1),
    st.integers(0, 127),
)
JITTER = st.floats(0, 1, exclude_max=True)


@given(st.lists(POLLS, max_size=30), JITTER, st.sampled_from([0.01, 3.3, 10_000.0]))
def test_whatever_happens_the_interval_keeps_its_bounds_and_the_state_stays_finite(polls, jitter, price):
    """Not sooner than the floor, the hints and the skipped hours allow; not later than the cap of what came last."""
    feed, now, policy = FRESH, NOW, replace(POLICY, price=price)
    for reply, count, ttl_s, skip_hours, skip_days in polls:
        new = [entry(n) for n in range(count % 50)]
        read = document(*new, items=count, ttl_s=ttl_s, skip_hours=skip_hours, skip_days=skip_days)
        read = read if isinstance(reply, Changed) else None
        decided = plan_poll(feed, reply, read=read, new=new if read else (), now=now, policy=policy, jitter=jitter)
        failed = decided.failures > 0
        assert decided.next_due_s >= 300
        assert decided.next_due_s <= (36 * DAY if failed else 1.1 * DAY + 7 * DAY + 600)
        if not failed:
            due = now + timedelta(seconds=decided.next_due_s)
            assert decided.next_due_s >= min(decided.hints.max_age_s or 0, 6 * HOUR)
            assert decided.next_due_s >= min(decided.hints.ttl_s or 0, DAY)
            never = decided.hints.skip_hours == 2**24 - 1 or decided.hints.skip_days == 127
            assert never or not decided.hints.skip_hours >> due.hour & 1
            assert never or not decided.hints.skip_days >> due.weekday() & 1
        if decided.rate:
            assert all(0 <= number < 1e7 for number in (decided.rate.items, decided.rate.days, *decided.rate.hours))
            assert decided.rate.items > 0
            assert decided.rate.days > 0
        now += timedelta(seconds=decided.next_due_s)
        feed = polled(feed, decided, now=now)


@given(st.floats(0.01, 1e5), st.floats(1.1, 100), st.floats(0.1, 1000), st.floats(1.1, 10))
def test_a_busier_feed_and_a_lower_price_mean_shorter_intervals(items, busier, price, lower):
    def interval(items, price):
        feed = replace(FEED, rate_items=items, rate_at=NOW, window_items=10**6)
        return plan(UNCHANGED, feed, policy=replace(POLICY, price=price)).interval_s

    assert interval(items * busier, price) <= interval(items, price)
    assert interval(items, price / lower) <= interval(items, price)


@given(JITTER)
def test_jitter_spreads_by_a_fifth(jitter):
    feed = replace(FEED, rate_at=NOW)
    assert plan(UNCHANGED, feed, jitter=jitter).next_due_s == pytest.approx(
        plan(UNCHANGED, feed).interval_s * (0.9 + 0.2 * jitter), abs=1
    )


# --- The budget ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "polls", "budget", "next_"),
    [(3.3, 10, 10, 3.3), (1, 20, 10, 4), (1, 5, 10, 0.25), (1, 500, 10, 4), (1, 0, 10, 0.25), (9_999, 50, 10, 10_000)],
)
def test_the_price_follows_the_square_of_what_is_too_much(price, polls, budget, next_):
    assert next_price(price, polls_per_minute=polls, budget=budget) == pytest.approx(next_)


# --- Hosts that are known --------------------------------------------------------------------------------------------


def test_a_riddle_for_browsers_is_named_and_not_taken_for_patience():
    for status in (403, 503):
        reply = HttpResponse(
            url=FEED.url, status=status, headers=(("CF-Mitigated", "challenge"),), body=b"", wire_bytes=0, seconds=0
        )
        assert feed_reply(FEED, reply, now=NOW) == Failed(cause="bot_challenge", detail=f"HTTP {status}", status=status)


def test_reddit_is_asked_once_a_minute_and_others_as_the_user_says():
    assert [hosts.gap_s(host, 2.0) for host in ("www.reddit.com", "a.example")] == [60.0, 2.0]
    assert hosts.gap_s("www.reddit.com", 90.0) == 90.0


def test_a_feed_with_a_credential_never_moves_to_another_origin():
    moved = replace(
        FEED, url="https://a.example/feed", host="a.example", moved_sightings=9, moved_since=NOW - timedelta(days=9)
    )
    for target, adopted in (
        ("https://a.example/new", True),
        ("https://www.a.example/feed", False),
        ("https://a.example:8443/feed", False),
        ("http://a.example/new", False),
    ):
        feed = replace(moved, moved_to=target, connection="wire")
        assert seen_move(feed, target, same_entries=True, now=NOW).adopt is adopted
        assert seen_move(replace(feed, connection=None), target, same_entries=True, now=NOW).adopt
