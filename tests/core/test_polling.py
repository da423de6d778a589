import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.polling import PollPolicy, feed_reply, plan_poll, request_headers
from newswire.records import Changed, DueFeed, Failed, Gone, HttpFailure, HttpResponse, Throttled, Unchanged

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
URL = "https://lequotidien.example/feed"
BODY = b"<rss><channel/></rss>"
HOUR, DAY = 3600, 86_400
POLICY = PollPolicy(floor_s=300, default_s=1800, cap_s=DAY, error_cap_s=DAY)
FEED = DueFeed(
    feed_id=1,
    url=URL,
    host="lequotidien.example",
    etag='"a"',
    last_modified="Fri, 31 May 2024 10:00:00 GMT",
    body_sha256=hashlib.sha256(b"before").digest(),
    failures=0,
    interval_s=HOUR,
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


# --- Reading the answer ----------------------------------------------------------------------------------------------


def test_new_bytes_are_a_change_with_their_validators():
    reply = response(200, ETag='"b"', last_modified="today", content_type="text/xml")
    assert meaning(reply) == Changed(
        status=200, url=URL, body=BODY, content_type="text/xml", etag='"b"', last_modified="today"
    )


def test_the_same_bytes_are_no_change_but_their_validators_count():
    feed = replace(FEED, body_sha256=hashlib.sha256(BODY).digest())
    assert meaning(response(200, ETag='"c"'), feed) == Unchanged(status=200, etag='"c"', last_modified=None)


def test_a_delta_is_content():
    assert isinstance(meaning(response(226)), Changed)


def test_304_is_no_change():
    assert meaning(response(304, body=b"")) == Unchanged(status=304, etag=None, last_modified=None)


def test_304_without_a_condition_is_an_error():
    feed = replace(FEED, etag=None, last_modified=None)
    assert meaning(response(304), feed).cause == "protocol"


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


# --- Deciding --------------------------------------------------------------------------------------------------------


def plan(reply, feed=FEED, *, new_entries=0, read_failure=None, jitter=0.5, hint_s=None):
    return plan_poll(
        feed,
        reply,
        new_entries=new_entries,
        read_failure=read_failure,
        policy=POLICY,
        jitter=jitter,
        hint_s=hint_s,
    )


def test_news_halves_the_interval():
    decided = plan(CHANGED, new_entries=3)
    assert (decided.outcome, decided.interval_s, decided.next_due_s) == ("changed", 1800, 1800)


@pytest.mark.parametrize("reply", [UNCHANGED, CHANGED])
def test_no_news_makes_it_half_as_long_again(reply):
    assert plan(reply).interval_s == 5400


def test_the_first_document_says_nothing_about_the_rate():
    assert plan(CHANGED, replace(FEED, body_sha256=None), new_entries=50).interval_s == HOUR


def test_without_an_interval_the_default_is_the_start():
    assert plan(CHANGED, replace(FEED, body_sha256=None, interval_s=0), new_entries=50).interval_s == 1800


@pytest.mark.parametrize(
    ("interval_s", "new_entries", "hint_s", "expected"),
    [
        (400, 1, None, 300),
        (DAY, 0, None, DAY),
        (HOUR, 1, 2 * HOUR, 2 * HOUR),
        (HOUR, 1, 60, 1800),
        (HOUR, 1, 30 * DAY, DAY),
    ],
)
def test_the_interval_stays_between_floor_or_hint_and_cap(interval_s, new_entries, hint_s, expected):
    feed = replace(FEED, interval_s=interval_s)
    assert plan(CHANGED, feed, new_entries=new_entries, hint_s=hint_s).interval_s == expected


@given(st.floats(0, 1, exclude_max=True))
def test_jitter_spreads_by_a_fifth_and_never_undercuts_the_hint(jitter):
    assert 0.9 * 5400 <= plan(UNCHANGED, jitter=jitter).next_due_s <= 1.1 * 5400
    assert plan(CHANGED, new_entries=1, hint_s=HOUR, jitter=jitter).next_due_s >= HOUR


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


def test_an_answer_ends_the_failures():
    assert plan(UNCHANGED, replace(FEED, failures=7)).failures == 0


FAILURE = Failed(cause="timeout", detail="total limit of 30 s")


@pytest.mark.parametrize(
    ("reply", "read_failure", "outcome", "detail"),
    [
        (FAILURE, None, "timeout", "total limit of 30 s"),
        (CHANGED, Failed(cause="not_a_feed", detail="a web page"), "not_a_feed", "a web page"),
        (Gone(status=404), None, "gone", "HTTP 404"),
        (Throttled(status=429, retry_after_s=None), None, "throttled", "HTTP 429"),
    ],
)
def test_a_failure_keeps_what_was_learnt_and_says_why(reply, read_failure, outcome, detail):
    decided = plan(reply, read_failure=read_failure)
    assert (decided.outcome, decided.detail, decided.failures) == (outcome, detail, 1)
    assert (decided.etag, decided.last_modified) == (FEED.etag, FEED.last_modified)
    assert (decided.body_sha256, decided.interval_s) == (FEED.body_sha256, FEED.interval_s)


@pytest.mark.parametrize(
    ("failures", "delay_s"),
    [(0, 900), (1, 1800), (2, 3600), (6, 16 * HOUR), (7, DAY), (10, DAY), (11, 7 * DAY), (99, 7 * DAY)],
)
def test_failures_climb_a_ladder(failures, delay_s):
    feed = replace(FEED, failures=failures, interval_s=300)
    assert plan(FAILURE, feed).next_due_s == delay_s


def test_a_failing_feed_is_not_asked_more_often_than_a_healthy_one():
    assert plan(FAILURE, replace(FEED, interval_s=6 * HOUR)).next_due_s == 6 * HOUR


def test_410_climbs_faster_than_404_and_both_up_to_a_week():
    feed = replace(FEED, interval_s=300)
    assert plan(Gone(status=404), feed).next_due_s == 900
    assert plan(Gone(status=410), feed).next_due_s == 7200
    assert plan(Gone(status=404), replace(feed, failures=40)).next_due_s == 7 * DAY


@given(st.floats(0, 1, exclude_max=True))
def test_a_throttled_feed_is_never_asked_sooner_than_the_server_says(jitter):
    decided = plan(Throttled(status=429, retry_after_s=2 * HOUR), jitter=jitter)
    assert 2 * HOUR <= decided.next_due_s <= 2.2 * HOUR


@pytest.mark.parametrize(("failures", "delay_s"), [(0, 600), (1, 1200), (5, 19_200), (6, 6 * HOUR), (50, 6 * HOUR)])
def test_without_retry_after_patience_grows(failures, delay_s):
    feed = replace(FEED, failures=failures, interval_s=300)
    assert plan(Throttled(status=429, retry_after_s=None), feed, jitter=0).next_due_s == delay_s


REPLIES = st.sampled_from(
    [CHANGED, UNCHANGED, FAILURE, Gone(status=404), Gone(status=410), Throttled(status=503, retry_after_s=5)]
)


@given(st.lists(st.tuples(REPLIES, st.integers(0, 3)), max_size=60), st.floats(0, 1, exclude_max=True))
def test_whatever_happens_a_feed_is_asked_again_within_eight_days_and_not_at_once(replies, jitter):
    feed = FEED
    for reply, new_entries in replies:
        decided = plan(reply, feed, new_entries=new_entries, jitter=jitter)
        assert 270 <= decided.next_due_s <= 8 * DAY
        feed = replace(
            feed,
            etag=decided.etag,
            last_modified=decided.last_modified,
            body_sha256=decided.body_sha256,
            failures=decided.failures,
            interval_s=decided.interval_s,
        )
