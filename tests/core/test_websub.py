"""WebSub: which hub a feed names, whom a push is believed, when a hub is asked again, when polls may become rare."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newswire.core import websub
from newswire.core.feeds import parse_feed
from newswire.core.polling import PollPolicy, feed_reply, plan_poll, plan_push
from newswire.core.polling.pushes import is_reliable, missed
from newswire.records import DueFeed, Entry, FeedHub, HttpFailure, HttpResponse, HubRequest, ParsedFeed, Rate

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "http://paper.example/feed.xml"
FEED = DueFeed(
    feed_id=1,
    url=URL,
    host="paper.example",
    etag='"a"',
    last_modified=None,
    body_sha256=None,
    interval_s=900,
    failures=0,
)
REQUEST = HubRequest(
    hub_subscription_id=1,
    mode="subscribe",
    hub_url="https://hub.example/",
    topic_url=URL,
    token="TOKEN",
    secret="SECRET",
)

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>p</title><link rel="self" href="/self.xml"/>
<link rel="hub" href="https://hub.example/"/><entry><id>1</id><title>t</title>
<link rel="self" href="http://elsewhere.example/"/><link rel="hub" href="http://elsewhere.example/"/></entry></feed>"""
RSS = b"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>p</title><link>http://paper.example/</link>
<atom:link rel="self" href="http://paper.example/self.xml"/><atom:link rel="hub" href="https://hub.example/"/>
<item><title>t</title><link>http://paper.example/1</link></item></channel></rss>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "p", "feed_url": "http://paper.example/self.xml",
"hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}],
"items": [{"id": "1", "content_text": "t"}]}"""
PLAIN = b"<rss version='2.0'><channel><title>p</title><item><title>t</title></item></channel></rss>"


def entry(minutes_ago: float | None = 30, key: int = 1) -> Entry:
    return Entry(
        entry_key=bytes([key]) * 32,
        guid=None,
        link=None,
        title="t",
        summary=None,
        content=None,
        authors=(),
        language=None,
        published_raw=None,
        published_at=None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago),
        date_quality="missing" if minutes_ago is None else "exact",
        content_sha256=b"",
    )


def rate(items_a_day: float) -> Rate:
    return Rate(
        items=14 * items_a_day, days=14, hours=(0.0,) * 48, squares=14 * items_a_day, at=NOW - timedelta(hours=1)
    )


def with_rate(feed: DueFeed, items_a_day: float, *, window: int = 20) -> DueFeed:
    known = rate(items_a_day)
    return replace(
        feed,
        rate_items=known.items,
        rate_days=known.days,
        rate_hours=known.hours,
        rate_squares=known.squares,
        rate_at=known.at,
        window_items=window,
    )


PUSHED = replace(
    with_rate(FEED, 24), push_since=NOW - timedelta(days=1), push_until=NOW + timedelta(days=9), push_seen=100
)


def reply(body: bytes, *headers: tuple[str, str], status: int = 200) -> HttpResponse:
    return HttpResponse(url=URL, status=status, headers=headers, body=body, wire_bytes=len(body), seconds=0.1)


def polled(feed: DueFeed, body: bytes, *headers: tuple[str, str], new: tuple[Entry, ...] = (), status: int = 200):
    answer = feed_reply(feed, reply(body, *headers, status=status), now=NOW)
    read = parse_feed(body, url=URL) if status == 200 else None
    return plan_poll(feed, answer, read=read, new=new, now=NOW, policy=PollPolicy(cap_s=6 * 3600), jitter=0.5)


# --- Discovery -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [ATOM, RSS, JSON], ids=["atom", "rss", "json"])
def test_a_feed_names_its_hub_and_topic(body):
    assert polled(FEED, body).hub == FeedHub(hub_url="https://hub.example/", topic_url="http://paper.example/self.xml")


def test_the_header_goes_before_the_document():
    hub = polled(FEED, RSS, ("link", '<http://paper.example/t>; rel="self"'), ("Link", "</hub>; rel=hub")).hub
    assert hub == FeedHub(hub_url="http://paper.example/hub", topic_url="http://paper.example/t")


def test_a_feed_without_a_topic_is_its_own():
    assert polled(FEED, PLAIN, ("Link", '<https://h.example/>; rel="hub"')).hub == FeedHub(
        hub_url="https://h.example/", topic_url=URL
    )


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "mailto:a@b.example", "", "http://", "http://h.example/" + "x" * 2000]
)
def test_a_hub_that_is_no_usable_address_is_none(target):
    assert polled(FEED, PLAIN, ("Link", f"<{target}>; rel=hub")).hub is None


def test_a_document_that_names_no_hub_any_more_has_none_but_a_304_changes_nothing():
    known = replace(FEED, hub_url="https://hub.example/", topic_url=URL)
    assert polled(known, PLAIN).hub is None
    assert polled(known, b"", status=304).hub == FeedHub(hub_url="https://hub.example/", topic_url=URL)


@pytest.mark.parametrize(
    ("values", "target"),
    [
        (["<http://a/>; rel=hub"], "http://a/"),
        (['<http://a/>; rel="self", <http://b/>; title="x, <y>; rel=hub"; rel="HUB"'], "http://b/"),
        (['<http://a/>; rel="next hub"'], "http://a/"),
        (["<http://a/>; rel=self", "<http://b/> ; REL = hub"], "http://b/"),
        (["<http://a/>", "http://b/; rel=hub", "", "<<<>>>;;;rel"], None),
    ],
)
def test_links_in_headers_are_read_by_their_relation(values, target):
    assert websub.link_target(values, "hub") == target


def test_a_hostile_header_is_read_in_no_time():
    for hostile in ("<a>" + "; " * 8000, "<" * 16_000, "<a>;x" + " " * 16_000, '<a>;x="' * 3000):
        started = datetime.now(UTC)
        websub.link_target([hostile], "hub")
        assert datetime.now(UTC) - started < timedelta(seconds=1)


# --- Signatures ------------------------------------------------------------------------------------------------------


def signed(body: bytes, method: str, secret: str = "SECRET") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_the_recommendation_is_checked(method):
    assert websub.distrust(b"body", signed(b"body", method), "SECRET") is None
    assert websub.distrust(b"bodY", signed(b"body", method), "SECRET") == "forged"
    assert websub.distrust(b"body", signed(b"body", method, "other"), "SECRET") == "forged"


@pytest.mark.parametrize("signature", [None, "", "sha256", "sha256=", "  "])
def test_no_signature_is_told_from_a_wrong_one(signature):
    assert websub.distrust(b"body", signature, "SECRET") == "unsigned"


@pytest.mark.parametrize("signature", ["md5=" + hashlib.md5(b"body").hexdigest(), "sha256=é", "sha256=00", "none=1"])
def test_what_is_no_signature_of_ours_is_forged(signature):
    assert websub.distrust(b"body", signature, "SECRET") == "forged"


def test_hexadecimal_may_be_written_in_capitals():
    method, _, digest = signed(b"body", "sha256").partition("=")
    assert websub.distrust(b"body", f"{method}={digest.upper()}", "SECRET") is None


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_a_hub_is_asked_for_two_weeks_at_most_with_a_secret():
    form = dict(websub.hub_form(REQUEST, callback_url="https://us.example/websub/TOKEN"))
    assert form["hub.mode"] == "subscribe"
    assert int(form["hub.lease_seconds"]) <= 14 * 86_400
    assert form["hub.secret"] == "SECRET"
    assert len(form["hub.secret"]) < 200


def test_leaving_tells_no_secret():
    form = dict(websub.hub_form(replace(REQUEST, mode="unsubscribe"), callback_url="https://us.example/"))
    assert form.keys() == {"hub.mode", "hub.topic", "hub.callback"}


def test_what_a_hub_says_is_kept_without_the_secrets_it_may_repeat():
    said = websub.refusal(reply(b"<b>no</b> SECRET at /TOKEN for you", status=403), REQUEST)
    assert said == "HTTP 403: no … at /… for you"
    assert websub.refusal(reply(b"", status=202), REQUEST) is None
    assert (
        websub.refusal(HttpFailure(url=URL, cause="dns", detail="no address", seconds=0), REQUEST) == "dns: no address"
    )


def test_secrets_do_not_show_in_logs():
    assert "SECRET" not in repr(REQUEST)
    assert "TOKEN" not in repr(REQUEST)


def test_a_hub_is_asked_less_and_less_often_but_never_given_up():
    waits = [websub.patience_s(failures, jitter=0) for failures in range(12)]
    assert waits[:3] == [3600, 7200, 14_400]
    assert waits[-1] == 7 * 86_400


@pytest.mark.parametrize(
    ("said", "lease"),
    [("60", 60), (None, 14 * 86_400), ("-5", 14 * 86_400), ("9" * 9, 14 * 86_400), ("x", 14 * 86_400)],
)
def test_a_lease_is_believed_up_to_what_was_asked(said, lease):
    assert websub.granted_lease_s(said) == lease


# --- The shadow poll -------------------------------------------------------------------------------------------------


def test_a_feed_whose_pushes_are_complete_is_polled_when_half_its_window_may_have_changed():
    assert polled(with_rate(FEED, 24), RSS).interval_s < 3 * 3600
    seldom = polled(replace(PUSHED, window_items=16), b"", status=304).interval_s
    assert seldom == pytest.approx(8 * 3600, rel=0.05)  # half of 16, at one an hour
    assert polled(replace(PUSHED, window_items=1), b"", status=304).interval_s < 3600


def test_the_shadow_is_twelve_hours_at_most_and_ends_with_the_lease():
    slow = replace(with_rate(PUSHED, 2), push_seen=100)
    assert polled(slow, b"", status=304).interval_s == 12 * 3600
    assert polled(replace(slow, push_until=NOW + timedelta(hours=8)), b"", status=304).next_due_s <= 8 * 3600


@pytest.mark.parametrize(
    "change",
    [
        {"push_until": None, "push_since": None},
        {"push_seen": 9},
        {"push_missed": 6},
    ],
    ids=["no lease", "too little seen", "too much missed"],
)
def test_otherwise_a_feed_keeps_its_own_interval(change):
    own = polled(with_rate(FEED, 24), b"", status=304).interval_s
    assert polled(replace(PUSHED, **change), b"", status=304).interval_s == own


def test_one_poll_that_finds_what_was_not_pushed_brings_the_own_interval_back():
    found = polled(PUSHED, RSS, new=(entry(minutes_ago=30),))
    assert found.push_missed == 1
    assert found.interval_s < 3 * 3600
    assert polled(PUSHED, RSS, new=(entry(minutes_ago=1),)).push_missed == 0  # its push may be on the way


def test_what_was_published_before_the_hub_pushed_is_not_missed():
    assert missed(PUSHED, [entry(minutes_ago=2 * 1440)], now=NOW) == 0
    assert missed(replace(PUSHED, push_since=None), [entry()], now=NOW) == 0


def test_an_entry_without_a_date_appeared_since_the_last_poll():
    assert missed(replace(PUSHED, last_polled_at=NOW - timedelta(hours=1)), [entry(None)], now=NOW) == 1
    assert missed(replace(PUSHED, last_polled_at=NOW - timedelta(minutes=1)), [entry(None)], now=NOW) == 0


def test_ninety_five_of_a_hundred_are_reliable():
    assert is_reliable(seen=95, missed=5)
    assert not is_reliable(seen=94, missed=6)
    assert not is_reliable(seen=0, missed=0)


def test_the_publishers_wishes_hold_in_the_shadow_too():
    asked = replace(PUSHED, ttl_s=20 * 3600)
    assert polled(asked, b"", status=304).next_due_s >= 20 * 3600


def test_a_push_teaches_the_rate_and_nothing_else():
    plan = plan_push(PUSHED, [entry(1), entry(2, key=2)], revised=0, now=NOW)
    assert plan.outcome == "changed"
    assert plan.rate is not None
    assert PUSHED.rate is not None
    assert plan.rate.items == pytest.approx(PUSHED.rate.items + 2, rel=0.01)
    assert plan_push(FEED, [], revised=0, now=NOW).rate is None


def test_the_topic_does_not_shift_when_known_items_are_cut():
    first = parse_feed(ATOM, url=URL)
    again = parse_feed(ATOM, url=URL, memory=first.memory)
    assert isinstance(again, ParsedFeed)
    assert again.known == 1
    assert (again.hub_url, again.topic_url) == (first.hub_url, first.topic_url) == ("https://hub.example/", "/self.xml")
