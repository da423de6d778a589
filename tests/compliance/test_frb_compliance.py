"""The Feed Reader Behavior checklist, item by item, against the real poller, web and warehouse.

`docs/feed-reader-behavior.md` answers every item; the last tests compare it with what is tried here. Most tests read one
diary: two dozen feeds with servers of all manners, polled five times (`reader.py`).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

import brotli
import pytest
import zstandard

from compliance.reader import (
    ETAG,
    MODIFIED,
    ROUNDS,
    VALIDATORS,
    Diary,
    ago,
    gives,
    in_turn,
    item,
    keep_diary,
    rss,
    says,
    settings,
    unchanged,
)
from databases import copied
from newswire import __version__, cli
from newswire.app import App
from newswire.records import Subscription
from newswire.warehouse import feeds
from newswire.warehouse.connection import connect
from newswire.web.client import Web
from newswire.web.request import Request, WebSettings
from web.faultserver import FAULTS, Faults, running

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "feed-reader-behavior.md"
TRIED: dict[str, list[str]] = {}  # item -> the tests that try it

Test = TypeVar("Test", bound=Callable[..., object])


def frb(*items: str) -> Callable[[Test], Test]:
    """The items of the checklist that a test tries."""

    def mark(test: Test) -> Test:
        for one in items:
            TRIED.setdefault(one, []).append(test.__name__)
        return test

    return mark


# --- The diary -------------------------------------------------------------------------------------------------------

ODD_ETAG, ODD_MODIFIED = "W/not quite; quoted", "some time in spring"
TWO_HOURS = timedelta(hours=2)
PROMISED_AT = datetime.now(UTC)
IN_TWO_HOURS = format_datetime(PROMISED_AT + TWO_HOURS, usegmt=True)
SECRET = "/feed?token=s3cret"
QUERY = "/feed?b=2&a=1&utm_source=x&c=%7Ea+b"
PAGE = gives(b"<html><title>t</title></html>", "Content-Type: text/html")
HOPEFUL = rss(item("old"))
NEWS = [rss(*(item(f"n{n}", published=ago(minutes=10 * n)) for n in range(first, 40))) for first in (30, 20, 10, 5, 1)]
SKIPPED = "".join(f"<hour>{(datetime.now(UTC).hour + ahead) % 24}</hour>" for ahead in range(5))
CODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}
CROWD = [f"http://crowd.example/{number}" for number in range(8)]


def at_feed(answers: dict[str, object]) -> dict[tuple[str, str], object]:
    return {(f"{name}.example", "/feed"): answer for name, answer in answers.items()}


SCENES = {
    **at_feed(
        {
            "both": in_turn(gives(HOPEFUL, *VALIDATORS), unchanged()),
            "odd": in_turn(gives(HOPEFUL, f"ETag: {ODD_ETAG}", f"Last-Modified: {ODD_MODIFIED}"), unchanged()),
            "none": gives(HOPEFUL, "Date: Sat, 01 Jun 2024 10:00:00 GMT", "Expires: Sat, 01 Jun 2024 11:00:00 GMT"),
            "pair": in_turn(gives(HOPEFUL, *VALIDATORS), gives(rss(item("new")), 'ETag: "v2"'), unchanged()),
            "renewed": in_turn(gives(HOPEFUL, *VALIDATORS), unchanged('ETag: "v2"'), unchanged()),
            "sick": in_turn(gives(HOPEFUL, *VALIDATORS), says("500 Oops"), says("404 Lost"), unchanged()),
            "busy": in_turn(gives(HOPEFUL, *VALIDATORS), says("429 Slow", "Retry-After: 7200"), unchanged()),
            "date": says("503 Wait", f"Retry-After: {IN_TWO_HOURS}"),
            "mute": says("429 Slow"),
            "fresh": gives(HOPEFUL, *VALIDATORS, "Cache-Control: public, max-age=10800"),
            "ttl": gives(rss(item("a"), head="<ttl>180</ttl>"), *VALIDATORS),
            "skip": gives(rss(item("a"), head=f"<skipHours>{SKIPPED}</skipHours>"), *VALIDATORS),
            "lively": in_turn(*(gives(body, *VALIDATORS) for body in NEWS)),
            "quiet": gives(rss(item("q", published=ago(days=50)), item("r", published=ago(days=90))), *VALIDATORS),
            "cookies": gives(HOPEFUL, *VALIDATORS, "Set-Cookie: id=42"),
            "html": in_turn(gives(HOPEFUL), gives(b"<html><link rel='alternate' href='/real'></html>")),
            "never": says("200 OK", "Content-Type: text/html", body=b"<html>Welcome to our site</html>"),
            "gone": says("410 Gone"),
            "forbidden": says("403 Forbidden", body=b"Subscribers only, ask <b>the desk</b>"),
            "missing": says("404 Not Found"),
            "teapot": says("418 Teapot"),
            "broken": says("500 Oops"),
            "cut": FAULTS["fin_before_answer"][1],
            "for-good": says("301 Moved", "Location: http://for-good.example/new"),
            "for-good-2": says("308 Moved", "Location: http://for-good-2.example/new"),
            "secured": in_turn(
                says("301 Moved", "Location: https://secured.example/feed"), gives(HOPEFUL, *VALIDATORS)
            ),
            "for-now": says("302 Found", "Location: http://for-now.example/new"),
            "for-now-2": says("307 Found", "Location: http://elsewhere.example/new"),
            **{name: gives(coder(HOPEFUL), f"Content-Encoding: {name}") for name, coder in CODERS.items()},
        }
    ),
    **{(host, "/new"): gives(HOPEFUL, *VALIDATORS) for host in ("for-good.example", "for-good-2.example")},
    **{(host, "/new"): gives(HOPEFUL, *VALIDATORS) for host in ("for-now.example", "elsewhere.example")},
    ("busy.example", "/other"): in_turn(gives(HOPEFUL), gives(HOPEFUL)),
    ("query.example", QUERY): gives(HOPEFUL, *VALIDATORS),
    ("private.example", SECRET): says("302 Found", "Location: http://elsewhere.example/new"),
    ("words.example", "/feed"): in_turn(
        *(gives(rss(item("page"), item("bad"), head=f"<generator>{n}</generator>")) for n in range(ROUNDS))
    ),
    ("words.example", "/same"): gives(rss(item("page"))),
    ("pages.example", "/page"): PAGE,
    ("pages.example", "/bad"): says("500 Oops"),
    **{("crowd.example", f"/{number}"): gives(HOPEFUL) for number in range(8)},
}
URLS = [f"http://{host}{path}" for host, path in SCENES if path != "/new" and host != "pages.example"]


@pytest.fixture(scope="module")
def server() -> Iterator[Faults]:
    with running(Faults()) as faults:
        yield faults


@pytest.fixture(scope="module")
def own_warehouse(postgres, template):
    with copied(postgres, template) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def diary(own_warehouse, server) -> Diary:
    return keep_diary(own_warehouse, server, SCENES, URLS)


# --- Conditional requests --------------------------------------------------------------------------------------------


@frb("001", "002", "003", "004")
def test_both_validators_are_kept_and_sent_back(diary):
    sent = diary.headers("both.example", 2)
    assert (sent["if-none-match"], sent["if-modified-since"]) == (ETAG, MODIFIED)


@frb("010", "011", "015")
@pytest.mark.parametrize("round_", range(2, ROUNDS + 1))
def test_validators_outlive_a_304_without_them_the_process_and_an_upgrade(diary, round_):
    """Each round is a new process's state; before the last one the warehouse is migrated."""
    assert diary.headers("both.example", round_)["if-none-match"] == ETAG


@frb("010")
@pytest.mark.parametrize("round_", [3, 4])
def test_validators_outlive_failures(diary, round_):
    assert diary.headers("sick.example", round_)["if-none-match"] == ETAG


@frb("012", "013")
def test_validators_come_back_verbatim_however_odd_they_are(diary):
    sent = diary.headers("odd.example", 2)
    assert (sent["if-none-match"], sent["if-modified-since"]) == (ODD_ETAG, ODD_MODIFIED)


@frb("012", "013")
def test_where_the_server_gives_no_validator_none_is_made_up(diary):
    assert not {"if-none-match", "if-modified-since"} & diary.headers("none.example", 2).keys()


@frb("014")
def test_validators_are_replaced_as_a_pair(diary):
    sent = diary.headers("pair.example", 3)
    assert sent["if-none-match"] == '"v2"'
    assert "if-modified-since" not in sent


@frb("014")
def test_a_304_with_a_new_validator_replaces_the_pair(diary):
    sent = diary.headers("renewed.example", 3)
    assert sent["if-none-match"] == '"v2"'
    assert "if-modified-since" not in sent


@frb("016")
def test_validators_outlive_a_429(diary):
    assert diary.headers("busy.example", ROUNDS)["if-none-match"] == ETAG


# --- Hints of the server ---------------------------------------------------------------------------------------------


@frb("020")
def test_retry_after_silences_the_whole_host(diary):
    by_round = [len(some) for some in diary.asked("busy.example", path=None)]
    assert by_round[0] == 2
    assert by_round[2:4] == [0, 0]
    assert diary.waits("busy.example")[1] >= 7200


@frb("020")
def test_retry_after_may_be_a_date_and_come_with_503(diary):
    gone = datetime.now(UTC) - PROMISED_AT  # at most so much when it was asked: other tests ran before
    at_least = (TWO_HOURS - gone).total_seconds() - 1
    assert at_least <= diary.waits("date.example")[0] <= 7200 * 1.2


@frb("021")
def test_a_429_without_a_word_means_minutes_at_least(diary):
    assert diary.waits("mute.example")[0] >= 5 * 60


@frb("022")
def test_a_fresh_answer_is_not_asked_for_again(diary):
    assert min(diary.waits("fresh.example")) >= 10_800


@frb("023")
def test_a_lively_feed_is_asked_more_often_than_a_quiet_one(diary):
    assert diary.waits("lively.example")[-1] < diary.waits("quiet.example")[-1] / 2


@frb("024")
def test_ttl_is_the_least_distance(diary):
    assert min(diary.waits("ttl.example")) >= 180 * 60


@frb("024")
def test_skipped_hours_are_left_out(diary):
    assert diary.waits("skip.example")[-1] >= 3.9 * 3600


# --- When to ask -----------------------------------------------------------------------------------------------------


@frb("030", "031", "032")
def test_a_page_is_fetched_once_however_many_feeds_and_polls_show_it(diary):
    assert sum(map(len, diary.asked("pages.example", "/page"))) == 1


@frb("032")
def test_a_page_that_fails_is_not_asked_for_at_every_poll(diary):
    assert sum(map(len, diary.asked("pages.example", "/bad"))) == 1


@frb("031")
def test_robots_txt_is_kept_for_a_while(diary):
    by_round = [len(some) for some in diary.asked("pages.example", "/robots.txt")]
    assert max(by_round) <= 1


@frb("033", "034")
def test_requests_to_one_host_never_overlap(diary):
    assert diary.server.most_open["crowd.example"] == 1
    assert {len(some) for some in diary.asked("crowd.example", path=None)} == {len(CROWD)}


@frb("033", "034")
def test_requests_to_one_host_keep_their_distance(server):
    web_settings = WebSettings(connect_to=("127.0.0.1", server.port), host_gap_s=0.2)
    server.answers[("paced.example", "/")] = gives(HOPEFUL)
    with Web(web_settings) as web:
        for reply in [web.submit(Request(url="http://paced.example/", kind="feed")) for _ in range(3)]:
            reply.result()
    first, *_, last = [seen.at for seen in server.seen if seen.host == "paced.example"]
    assert (
        last - first >= 0.3
    )  # twice 0.2, less what the first was late on its way; without a distance it is milliseconds


@frb("036")
def test_a_new_feed_costs_one_request(diary):
    assert len(diary.asked("both.example", path=None)[0]) == 1


@frb("037")
def test_feeds_that_were_added_together_are_not_polled_together(diary):
    crowd = {round(diary.state(url, 1)["due_in_s"]) for url in CROWD}
    assert len(crowd) > len(CROWD) / 2


# --- The request -----------------------------------------------------------------------------------------------------


@frb("050", "051")
def test_only_get_is_used(diary):
    assert {seen.method for seen in diary.all_requests()} == {"GET"}


@frb("060", "100")
@pytest.mark.parametrize("typed", ["feed:x", "javascript:alert(1)", "not an address", "http://", "https://user@"])
def test_what_is_no_address_cannot_be_added(typed, capsys):
    assert cli.main(["feeds", "add", typed]) == 1
    assert re.search("give the whole address|give it without", capsys.readouterr().err)


@frb("061", "104", "105")
def test_no_other_address_is_tried_than_the_one_that_was_given(diary):
    for host in ("missing.example", "html.example", "never.example", "gone.example"):
        assert {seen.path for some in diary.asked(host, path=None) for seen in some} == {"/feed"}


@frb("062", "064", "066")
def test_the_query_is_sent_as_it_was_given(diary):
    assert {seen.path for some in diary.asked("query.example", path=None) for seen in some} == {QUERY}


@frb("063")
def test_cookies_are_not_sent_back(diary):
    assert len([some for some in diary.asked("cookies.example") if some]) == ROUNDS
    assert not [seen for seen in diary.all_requests() if "cookie" in seen.headers]


@frb("064")
def test_no_cache_is_told_to_step_aside(diary):
    assert not [seen for seen in diary.all_requests() if {"cache-control", "pragma"} & seen.headers.keys()]


@frb("065", "106")
def test_nobody_is_told_where_we_come_from(diary):
    assert not [seen for seen in diary.all_requests() if {"referer", "origin"} & seen.headers.keys()]


@frb("106")
def test_another_site_learns_nothing_of_a_private_address(diary):
    told = [seen for seen in diary.all_requests() if seen.host == "elsewhere.example"]
    assert told
    assert not [seen for seen in told if "s3cret" in repr(seen) or "if-none-match" in seen.headers]


# --- Limits for people -----------------------------------------------------------------------------------------------


@frb("070")
def test_poll_now_asks_no_feed_twice_within_a_minute(warehouse, server):
    url = "http://impatient.example/feed"
    server.answers[("impatient.example", "/feed")] = gives(HOPEFUL, *VALIDATORS)
    with connect(warehouse.dsn(), name="test") as conn, App(settings(warehouse, server.port)) as app:
        feeds.subscribe(conn, [Subscription(url=url)], interval_s=900)
        for _ in range(3):
            feeds.poll_now(conn, [url])
            app.drain("poll", linger_s=0)
    assert len(server.paths("impatient.example")) == 1


@frb("071")
def test_poll_now_is_conditional(warehouse, server):
    url = "http://curious.example/feed"
    server.answers[("curious.example", "/feed")] = gives(HOPEFUL, *VALIDATORS)
    with connect(warehouse.dsn(), name="test") as conn, App(settings(warehouse, server.port)) as app:
        feeds.subscribe(conn, [Subscription(url=url)], interval_s=900)
        app.drain("poll", linger_s=0)
        conn.execute("UPDATE news.feeds SET last_polled_at = now() - interval '2 minutes'")
        assert [feed.url for feed in feeds.poll_now(conn, [url])] == [url]
        app.drain("poll", linger_s=0)
    [_, second] = [seen for seen in server.seen if seen.host == "curious.example"]
    assert second.headers["if-none-match"] == ETAG


# --- Who asks --------------------------------------------------------------------------------------------------------


@frb("080", "081", "082", "083", "087", "090")
def test_every_request_says_who_asks_which_version_and_where_to_complain(diary):
    [agent] = {seen.headers["user-agent"] for seen in diary.all_requests()}
    assert re.match(rf"Newswire/{re.escape(__version__)} \(\+https://[\w./-]+; ", agent)


@frb("084", "085", "086", "089")
def test_we_pass_for_nothing_else(diary):
    agents = " ".join(seen.headers["user-agent"] for seen in diary.all_requests()).lower()
    assert not re.search("mozilla|gecko|webkit|chrome|safari|python|aiohttp|urllib|feedparser|bot\b", agents)


@frb("088")
def test_nothing_numbers_us_or_our_readers(diary):
    told = {name for seen in diary.all_requests() for name in seen.headers}
    asked = {"host", "connection", "accept", "accept-encoding", "a-im", "if-none-match", "if-modified-since"}
    assert told - asked - {"user-agent"} == {"x-forwarded-proto"}  # which only a local server of tests is sent


# --- Addresses that are no feeds -------------------------------------------------------------------------------------


@frb("100", "102")
def test_an_address_that_gives_no_feed_is_told_from_a_feed(diary):
    assert diary.state("never.example")["last_outcome"] == "not_a_feed"
    assert diary.state("never.example")["entries"] == 0


@frb("101")
def test_what_the_server_says_to_a_refusal_is_shown(diary):
    assert diary.state("forbidden.example")["last_detail"] == "HTTP 403: Subscribers only, ask the desk"


# --- Backing off -----------------------------------------------------------------------------------------------------

FAILING = {
    "html": "not_a_feed",
    "never": "not_a_feed",
    "forbidden": "http_status",
    "missing": "gone",
    "gone": "gone",
    "teapot": "http_status",
    "broken": "http_status",
    "cut": "connect",
}


@frb("110", "112", "113", "115", "117", "118", "119")
@pytest.mark.parametrize("host", FAILING)
def test_every_kind_of_failure_slows_us_down_more_each_time(diary, host):
    waits = diary.waits(f"{host}.example")
    assert waits[-1] > max(waits[1], 900)


@frb("111", "120")
@pytest.mark.parametrize("host", FAILING)
def test_every_kind_of_failure_is_told_in_words(diary, host):
    state = diary.state(f"{host}.example")
    assert state["last_outcome"] == FAILING[host]
    assert state["last_detail"]
    assert state["failures"] >= ROUNDS - 1


@frb("114")
def test_a_410_is_believed_sooner_than_anything_else(diary):
    assert diary.waits("gone.example")[2] >= 24 * 3600
    assert diary.waits("gone.example")[2] > 4 * diary.waits("missing.example")[2]


@frb("116")
def test_a_name_without_address_slows_us_down(warehouse, server):
    """The name server of this machine is asked: without one, the time limit says the same."""
    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url="http://nowhere.invalid/feed")], interval_s=900)
        waits = []
        for _ in range(4):
            conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'poll'")
            with App(settings(warehouse, server.port, NEWSWIRE_NEWSROOM="")) as app:
                app.drain("poll", linger_s=0)
            query = """
                SELECT extract(epoch FROM work.due_at - feed.last_polled_at)::float, feed.last_outcome
                FROM news.feeds AS feed JOIN ops.work AS work ON work.key = feed.feed_id
            """
            wait_s, outcome = conn.execute(query).fetchone()
            assert outcome in {"dns", "timeout"}
            waits.append(wait_s)
    assert waits[-1] > max(waits[0], 900)


# --- Moving ----------------------------------------------------------------------------------------------------------


@frb("130", "131", "133", "134")
@pytest.mark.parametrize("host", ["for-good", "for-good-2", "for-now", "for-now-2"])
def test_a_redirect_is_followed(diary, host):
    assert diary.state(f"{host}.example")["entries"] == 1


@frb("130")
def test_a_permanent_move_to_https_is_believed(diary):
    assert diary.state("secured.example")["url"] == "https://secured.example/feed"


@frb("133", "134")
@pytest.mark.parametrize("host", ["for-now", "for-now-2"])
def test_a_temporary_redirect_is_followed_anew_each_time(diary, host):
    assert [len(some) for some in diary.asked(f"{host}.example")] == [1] * ROUNDS
    assert diary.state(f"{host}.example")["url"] == f"http://{host}.example/feed"


# --- Encodings -------------------------------------------------------------------------------------------------------


@frb("140")
def test_compression_is_asked_for(diary):
    assert {seen.headers["accept-encoding"] for seen in diary.all_requests()} == {"gzip, deflate, br, zstd"}


@frb("141")
@pytest.mark.parametrize("coding", CODERS)
def test_compression_is_understood(diary, coding):
    assert diary.state(f"{coding}.example")["entries"] == 1


# --- The table -------------------------------------------------------------------------------------------------------

ITEMS = [
    *("001", "002", "003", "004", "010", "011", "012", "013", "014", "015", "016", "020", "021", "022", "023", "024"),
    *("030", "031", "032", "033", "034", "035", "036", "037", "050", "051", "060", "061", "062", "063", "064", "065"),
    *("066", "070", "071", "080", "081", "082", "083", "084", "085", "086", "087", "088", "089", "090"),
    *("100", "101", "102", "103", "104", "105", "106", "110", "111", "112", "113", "114", "115", "116", "117", "118"),
    *("119", "120", "130", "131", "132", "133", "134", "135", "136", "137", "140", "141"),
]
_ROW = re.compile(r"^\| (\d{3}) \| ([^|]+) \| (yes|partly|no|elsewhere) \| ([^|]+) \|$", re.MULTILINE)


def table() -> dict[str, tuple[str, str]]:
    """Answer and reason by item, as the page has them."""
    return {number: (answer, why) for number, _, answer, why in _ROW.findall(DOCS.read_text(encoding="utf-8"))}


def test_the_page_answers_every_item_once():
    assert [number for number, *_ in _ROW.findall(DOCS.read_text(encoding="utf-8"))] == ITEMS


@pytest.mark.parametrize("number", ITEMS)
def test_an_answer_is_backed_by_a_test(number):
    """`elsewhere` names the file that tries it; what is answered with no is tried by nothing."""
    answer, why = table()[number]
    match answer:
        case "yes" | "partly":
            assert number in TRIED
        case "elsewhere":
            assert (DOCS.parents[1] / re.findall(r"`(tests/[\w/.]+)`", why)[0]).exists()
        case _:
            assert number not in TRIED


def test_every_test_is_for_an_item():
    assert set(TRIED) <= set(ITEMS)
