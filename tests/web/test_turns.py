"""Politeness towards hosts, measured by order and by least distances only: a slow machine changes neither."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from newswire.web.request import Request
from newswire.web.turns import Turns
from web.faultserver import DOCUMENT, silence, whole

_GAP_S = 0.15
_CLOCK_S = 0.001  # a loop wakes up to its clock's resolution early


def page(host, path="/news", scheme="http"):
    return Request(url=f"{scheme}://{host}{path}", kind="page")


@pytest.fixture
def site(server):
    server.answers["/news"] = whole(DOCUMENT)
    return server


def test_requests_reach_one_host_at_least_the_gap_apart(site, open_web):
    web = open_web(host_gap_s=_GAP_S)
    replies = [web.submit(page("planet.example")) for _ in range(5)]
    assert [reply.result().status for reply in replies] == [200] * 5
    starts = [seen.at for seen in site.seen]
    assert all(later - earlier >= _GAP_S - _CLOCK_S for earlier, later in pairwise(starts))


def test_the_gap_counts_for_both_schemes_and_all_ports_of_a_host(site, open_web):
    web = open_web(host_gap_s=_GAP_S)
    urls = [page("planet.example"), page("planet.example", scheme="https"), page("planet.example:8080")]
    for reply in [web.submit(request) for request in urls]:
        reply.result()
    starts = [seen.at for seen in site.seen]
    assert all(later - earlier >= _GAP_S - _CLOCK_S for earlier, later in pairwise(starts))


def test_a_redirect_within_a_host_waits_for_the_gap_as_well(site, open_web):
    site.answers["/old"] = whole(b"", "Location: /news", status="301 Moved")
    assert open_web(host_gap_s=_GAP_S).get(page("planet.example", "/old")).status == 200
    old, new = site.seen
    assert new.at - old.at >= _GAP_S - _CLOCK_S


def test_the_gap_begins_when_the_last_answer_has_ended(site, open_web):
    """Else a slow way there and a quick one after it bring two requests to the host at once."""

    async def slow(writer):
        await asyncio.sleep(2 * _GAP_S)
        writer.write(whole(DOCUMENT))
        answered.append(asyncio.get_running_loop().time())

    answered: list[float] = []
    site.answers["/slow"] = slow
    web = open_web(host_gap_s=_GAP_S)
    for reply in [web.submit(page("planet.example", "/slow")), web.submit(page("planet.example"))]:
        assert reply.result().status == 200
    assert site.seen[1].at - answered[0] >= _GAP_S - _CLOCK_S


def test_waiting_for_a_turn_is_no_part_of_the_seconds_of_a_request(site, open_web):
    web = open_web(host_gap_s=0.3)
    replies = [web.submit(page("planet.example")) for _ in range(5)]
    assert max(reply.result().seconds for reply in replies) < 1.0  # the last one waited 1.2 s


def test_one_host_is_asked_in_the_order_of_submission_and_never_twice_at_once(site, open_web):
    paths = [f"/{n}" for n in range(30)]
    web = open_web()
    for reply in [web.submit(page("planet.example", path)) for path in paths]:
        reply.result()
    assert site.paths() == paths
    assert site.most_open["planet.example"] == 1


def test_a_host_with_many_requests_holds_no_other_up(site, open_web):
    web = open_web(host_gap_s=60.0)
    crowd = [web.submit(page("crowded.example")) for _ in range(50)]
    others = [web.submit(page(f"host{n}.example")) for n in range(20)]
    assert [reply.result().status for reply in others] == [200] * 20
    assert sum(reply.done() for reply in crowd) <= 1


def test_no_more_requests_are_in_flight_than_allowed(site, open_web):
    async def slow(writer):
        site.open_now += 1
        peak.append(site.open_now)
        await asyncio.sleep(0.02)
        site.open_now -= 1
        writer.write(whole(DOCUMENT))

    peak: list[int] = []
    site.answers["/slow"] = slow
    web = open_web(max_in_flight=5)
    for reply in [web.submit(page(f"host{n}.example", "/slow")) for n in range(40)]:
        assert reply.result().status == 200
    assert max(peak) == 5


def test_a_request_that_is_given_up_passes_its_turn_on(site, open_web):
    async def hang(_writer):
        await silence()

    site.answers["/hang"] = hang
    web = open_web(max_in_flight=1)
    hanging, waiting = web.submit(page("planet.example", "/hang")), web.submit(page("planet.example", "/hang"))
    last = web.submit(page("planet.example"))
    waiting.cancel()
    hanging.cancel()
    assert last.result().status == 200


def test_hosts_that_nobody_asks_any_more_are_forgotten(monkeypatch):
    monkeypatch.setattr("newswire.web.turns._FORGET_S", 0.02)

    async def ask_many():
        turns = Turns(max_in_flight=10)
        for number in range(100):
            async with turns.turn(f"host{number}", gap_s=0):
                pass
        await asyncio.sleep(0.1)
        return len(turns._hosts)

    assert asyncio.run(ask_many()) == 0


def test_a_reset_is_no_reason_to_ask_again_at_once(server, open_web):
    """The HTTP client would, unseen by whoever keeps the distance."""
    reply = open_web().get(Request(url="http://planet.example/rst_before_answer", kind="feed"))
    assert reply.cause == "connect"
    assert len(server.seen) == 1
