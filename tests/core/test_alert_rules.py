"""Alerts, decided: files with line and mend, unusual days, what goes out when, and signatures that others verify."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.alerts import Alert, Articles, Channel, Checks, Volume, read_alert
from newswire.core.alerts.collecting import MOST_TOGETHER, collect
from newswire.core.alerts.definition import Quiet
from newswire.core.alerts.signing import signature, webhook_headers
from newswire.core.alerts.telling import message
from newswire.core.alerts.volume import judge
from newswire.errors import AlertError
from newswire.records import WaitingNotice

ALERTS = Path(__file__).resolve().parents[2] / "config" / "alerts"
SCHEMA = json.loads((ALERTS / "alert.schema.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday

GOOD = """\
id: grain
description: Grain.
when:
  articles: {topics: [grain], level: core, languages: [uk, ru]}
to:
  - log
  - webhook: {connection: hook, url: "https://hooks.example.org/n"}
  - email: {connection: mail, to: [desk@example.org]}
digest: daily
daily_at: "06:30"
quiet: {from: "22:00", until: "06:00"}
zone: Europe/Kyiv
most_per_hour: 3
"""


def test_a_file_is_read_whole():
    alert = read_alert(GOOD, path="grain.yaml", topics={"grain"})
    assert alert.when == Articles(topics=("grain",), core_only=True, languages=("uk", "ru"))
    assert [channel.place for channel in alert.to] == [
        "log",
        "webhook https://hooks.example.org/n",
        "email desk@example.org",
    ]
    assert (alert.digest, alert.daily_at, alert.zone, alert.most_per_hour) == ("daily", time(6, 30), "Europe/Kyiv", 3)
    assert alert.enabled


@pytest.mark.parametrize("path", sorted(ALERTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_alert_is_good_for_us_and_for_editors_and_sends_nothing_out(path):
    text = path.read_text(encoding="utf-8")
    topics = {one.stem for one in (ALERTS.parent / "topics").glob("*.yaml")}
    alert = read_alert(text, path=path.name, topics=topics)
    jsonschema.validate(yaml.safe_load(text), SCHEMA)
    assert text.startswith("# yaml-language-server: $schema=alert.schema.json\n")
    assert [channel.kind for channel in alert.to] == ["log"]


def test_the_schema_takes_what_we_take():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(yaml.safe_load(GOOD), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level: core", "level: chore", "grain.yaml:4: level is 'chore'; do you mean 'core'?"),
        ("digest: daily", "digets: daily", "grain.yaml:9: the alert has no key 'digets'; do you mean 'digest'?"),
        ("topics: [grain]", "topics: [grian]", "grain.yaml:4: there is no topic 'grian'; do you mean 'grain'?"),
        ("https://hooks", "http://hooks", "grain.yaml:7: url is 'http://hooks.example.org/n'; begin with https://"),
        ("desk@example.org", "desk", "grain.yaml:8: 'desk' is no e-mail address; write e.g."),
        ('"22:00"', '"25:00"', "grain.yaml:11: from is no time of day; write it as"),
        ("Europe/Kyiv", "Europe/Nowhere", "grain.yaml:12: zone 'Europe/Nowhere' is not known; write e.g."),
        ("most_per_hour: 3", "most_per_hour: 0", "grain.yaml:13: most_per_hour is no number of 1 or more"),
        ("id: grain", "id: corn", "grain.yaml:1: id is 'corn' in the file grain.yaml; rename the file"),
        ("  - log\n", "  - log\n  - log\n", "log stands twice in to; name each channel once"),
        ("connection: hook, ", "", "grain.yaml:7: webhook has no 'connection'; add `connection:`"),
        ("topics: [grain], ", "", "grain.yaml:4: articles names neither topics nor a query; add"),
        ("to:\n", "to: x\nold:\n", "grain.yaml:6: the alert has no key 'old'"),
        (
            "  articles:",
            "  checks: {severities: error}\n  articles:",
            "an alert asks one question: write a file for each",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_its_mend(old, new, said):
    assert old in GOOD
    with pytest.raises(AlertError) as caught:
        read_alert(GOOD.replace(old, new, 1), path="grain.yaml", topics={"grain"})
    assert said in str(caught.value)


def test_where_an_alert_is_sent_is_no_part_of_what_it_has_told():
    here, there = read_alert(GOOD, path="a"), read_alert(GOOD.replace("most_per_hour: 3", "most_per_hour: 9"), path="a")
    other = read_alert(GOOD.replace("[uk, ru]", "[uk]"), path="a")
    assert here.notice_key("x") == there.notice_key("x") != other.notice_key("x")
    assert here.notice_key("x") != here.notice_key("y")


# --- Unusual days ----------------------------------------------------------------------------------------------------

TODAY = NOW.date()


def counts(today: int, *past: int) -> dict[date, int]:
    return {TODAY: today} | {TODAY - timedelta(weeks=n): count for n, count in enumerate(past, 1)}


@pytest.mark.parametrize(
    ("today", "past", "found"),
    [
        (100, (40, 42, 38, 41, 39, 44, 40, 37), "spike"),
        (48, (40, 42, 38, 41, 39, 44, 40, 37), None),  # as chance scatters it
        (0, (40, 42, 38, 41, 39, 44, 40, 37), "silence"),
        (100, (40, 42, 38, 900, 39, 0, 40, 37), "spike"),  # two odd days do not move what is usual
        (100, (40, 90, 20, 120, 39, 60, 15, 80), None),  # it always goes up and down here
        (15, (1, 0, 2, 1, 0, 1, 0, 1), None),  # unusual, and too little to tell anybody
        (0, (9, 8, 10, 9, 9, 8, 11, 9), None),  # little is usual
        (0, (21, 19, 22, 20, 21, 20, 24, 20), "silence"),
        (100, (40, 42, 38), None),  # three weeks are no usage
    ],
)
def test_a_day_is_held_against_the_same_weekday_of_the_weeks_before(today, past, found):
    unusual = judge(TODAY, counts(today, *past), Volume(), is_over=True)
    assert (unusual and unusual.direction) == found


def test_a_quiet_weekday_is_not_held_against_a_busy_one():
    sundays = {TODAY + timedelta(days=4) - timedelta(weeks=n): 5 for n in range(9)}
    weekdays = {TODAY - timedelta(days=n): 100 for n in range(60) if (TODAY - timedelta(days=n)).weekday() != 6}
    assert judge(TODAY + timedelta(days=4), weekdays | sundays, Volume(), is_over=True) is None


def test_a_day_that_goes_on_may_be_loud_already_but_not_silent_yet():
    past = (40, 42, 38, 41, 39, 44, 40, 37)
    assert judge(TODAY, counts(0, *past), Volume(), is_over=False) is None
    assert judge(TODAY, counts(100, *past), Volume(), is_over=False) is not None


def test_it_says_why_in_words():
    unusual = judge(TODAY, counts(100, *[40] * 8), Volume(), is_over=False)
    assert unusual is not None
    assert unusual.in_words().startswith("100 articles on Wednesday, 2026-11-25; 40 are usual on a Wednesday")


# --- What goes out when ----------------------------------------------------------------------------------------------


def alert(**given: object) -> Alert:
    return Alert(
        **{  # type: ignore[arg-type]
            "id": "a",
            "description": "d",
            "enabled": True,
            "when": Articles(topics=("t",)),
            "to": (Channel(kind="log"),),
        }
        | given
    )


def notices(count: int, at: datetime = NOW) -> list[WaitingNotice]:
    told = {"subject": "s", "title": "t", "why": "w"}
    return [WaitingNotice(notice_key=f"{n:05}".encode(), found_at=at, told=told) for n in range(count)]


def sizes(collected) -> list[int]:
    return [len(group) for group in collected.groups]


def test_each_article_is_a_message_of_its_own():
    collected = collect(alert(), notices(3), [], now=NOW)
    assert (sizes(collected), collected.again_at) == ([1, 1, 1], None)


def test_what_an_hour_has_no_room_for_goes_together_in_its_last_message():
    assert sizes(collect(alert(most_per_hour=3), notices(8), [], now=NOW)) == [1, 1, 6]
    assert sizes(collect(alert(most_per_hour=3), notices(8), [NOW, NOW], now=NOW)) == [8]


def test_when_the_hour_is_full_the_rest_waits_until_its_first_message_is_an_hour_old():
    first = NOW - timedelta(minutes=50)
    collected = collect(alert(most_per_hour=2), notices(1), [first, NOW], now=NOW)
    assert (sizes(collected), collected.again_at) == ([], first + timedelta(hours=1))


def test_what_one_look_at_the_system_found_is_told_together():
    assert sizes(collect(alert(when=Checks()), notices(7), [], now=NOW)) == [7]


@pytest.mark.parametrize(
    ("digest", "found", "due"),
    [
        ("hourly", datetime(2026, 11, 25, 11, 20, tzinfo=UTC), datetime(2026, 11, 25, 12, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 25, 5, 59, tzinfo=UTC), datetime(2026, 11, 25, 6, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 11, 25, 6, 0, tzinfo=UTC), datetime(2026, 11, 26, 6, 0, tzinfo=UTC)),
    ],
)
def test_a_digest_goes_out_at_its_hour(digest, found, due):
    wanted = alert(digest=digest, zone="Europe/Berlin", daily_at=time(7))
    early = collect(wanted, notices(9, found), [], now=due - timedelta(seconds=1))
    assert (sizes(early), early.again_at) == ([], due)
    assert sizes(collect(wanted, notices(9, found), [], now=due)) == [9]
    assert sizes(collect(wanted, notices(MOST_TOGETHER + 1, found), [], now=due)) == [MOST_TOGETHER, 1]


@pytest.mark.parametrize(
    ("hour", "until"),
    [
        (21, datetime(2026, 11, 26, 5, tzinfo=UTC)),
        (3, datetime(2026, 11, 25, 5, tzinfo=UTC)),
        (5, None),
        (12, None),
        (20, None),
    ],
)
def test_in_quiet_hours_all_waits_for_their_end(hour, until):
    wanted = alert(quiet=Quiet(since=time(22), until=time(6)), zone="Europe/Berlin")
    collected = collect(wanted, notices(2), [], now=NOW.replace(hour=hour))
    assert (sizes(collected), collected.again_at) == ([1, 1] if until is None else [], until)


@given(st.integers(0, 200), st.integers(0, 30), st.integers(1, 20), st.sampled_from(["none", "hourly", "daily"]))
def test_nothing_is_lost_doubled_or_forgotten(count, sent, most, digest):
    wanted = alert(most_per_hour=most, digest=digest)
    waiting = notices(count)
    collected = collect(wanted, waiting, [NOW - timedelta(minutes=n) for n in range(sent)], now=NOW)
    told = [one.notice_key for group in collected.groups for one in group]
    assert len(told) == len(set(told))
    if len(told) < count:
        assert collected.again_at is not None
        assert collected.again_at > NOW
    if digest == "none":
        assert len(collected.groups) <= max(0, most - min(sent, 60))


def test_the_same_notices_make_the_same_message():
    [one] = [message(alert(), notices(2), at=at) for at in ("2026-11-25T12:00:00+00:00",)]
    again = message(alert(to=(Channel(kind="log"),)), notices(2), at="2026-11-25T13:00:00+00:00")
    assert one.webhook_id == again.webhook_id != message(alert(), notices(1), at="x").webhook_id
    assert "." not in one.webhook_id  # Standard Webhooks: it delimits what is signed
    assert json.loads(one.body)["type"] == "alert.articles"


# --- Signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "webhook_id", "at_s", "body", "expected"),
    [
        (  # the test of the reference libraries of Standard Webhooks
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            '{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (  # the example of the manual of Svix, which began the scheme
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1731705121,
            '{"event_type":"ping","data":{"success":true}}',
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
    ],
)
def test_signatures_are_those_that_the_standard_publishes(secret, webhook_id, at_s, body, expected):
    key = b64decode(secret.removeprefix("whsec_"))
    assert signature(key, webhook_id=webhook_id, at_s=at_s, body=body) == expected


def test_the_headers_have_the_names_of_the_standard():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = webhook_headers(
        secret, webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at_s=1614265330, body='{"test": 2432232314}'
    )
    assert dict(headers) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_sign_both_so_that_one_can_follow_the_other():
    old, new = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "Q" * 32
    [both] = [dict(webhook_headers(f"{new} {old}", webhook_id="m", at_s=1, body="{}"))["webhook-signature"].split(" ")]
    assert len(both) == 2
    assert dict(webhook_headers(old, webhook_id="m", at_s=1, body="{}"))["webhook-signature"] == both[1]


@pytest.mark.parametrize("secret", [None, "", "whsec_short", "whsec_%%%", "Q" * 32, "whsec_" + "Q" * 200])
def test_a_secret_that_signs_badly_is_refused_and_not_shown(secret):
    with pytest.raises(ValueError, match="whsec_ and 24 to 64 random bytes") as caught:
        webhook_headers(secret, webhook_id="m", at_s=1, body="{}")
    assert not secret or secret not in str(caught.value)
