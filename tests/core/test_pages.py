from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.pages import is_html, page_fetch
from newswire.records import HttpFailure, HttpResponse

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HTML = b"<!DOCTYPE html><html><body><p>Ferry season opens</p></body></html>"


def response(status=200, body=HTML, **headers):
    return HttpResponse(
        url="https://paper.example/news/ferry",
        status=status,
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
        body=body,
        wire_bytes=len(body),
        seconds=0.1,
    )


def failure(cause):
    return HttpFailure(url="https://paper.example/", cause=cause, detail="why", seconds=0.1)


def fetch(reply):
    return page_fetch(reply, now=NOW)


def test_a_page_is_stored_with_its_response():
    reply = response(content_type="text/html; charset=utf-8")
    found = fetch(reply)
    assert (found.outcome, found.status, found.response, found.cause) == ("stored", 200, reply, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, "gone"), (410, "gone"), (401, "refused"), (402, "refused"), (403, "refused"), (451, "refused")],
)
def test_expected_refusals_are_outcomes_that_nobody_retries(status, outcome):
    found = fetch(response(status))
    assert (found.outcome, found.status, found.retry_after_s, found.response) == (outcome, status, None, None)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_patience_gets_what_it_asks_for(status):
    found = fetch(response(status, retry_after="120"))
    assert (found.outcome, found.cause, found.status, found.retry_after_s) == ("failed", "throttled", status, 120)
    assert fetch(response(status, retry_after="Fri, 01 May 2026 12:05:00 GMT")).retry_after_s == 300


def test_patience_without_a_number_is_a_minute_and_zero_is_zero():
    assert fetch(response(429)).retry_after_s == 60
    assert fetch(response(503, retry_after="soon")).retry_after_s == 60
    assert fetch(response(503, retry_after="0")).retry_after_s == 0


@pytest.mark.parametrize("status", [202, 408, 425, 500, 502, 504, 520, 522])
def test_a_stumbling_server_is_asked_again(status):
    found = fetch(response(status))
    assert (found.outcome, found.cause) == ("failed", "http_status")
    assert found.retry_after_s is not None


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 405, 406, 418, 501, 999])
def test_any_other_answer_is_a_failure_for_good(status):
    found = fetch(response(status))
    assert (found.outcome, found.cause, found.detail, found.retry_after_s) == (
        "failed",
        "http_status",
        f"HTTP {status}",
        None,
    )


def test_an_empty_answer_is_a_stumble():
    assert fetch(response(body=b" \n", content_type="text/html")).retry_after_s is not None


@pytest.mark.parametrize("cause", ["dns", "connect", "tls", "timeout", "truncated"])
def test_a_transient_failure_is_tried_again(cause):
    found = fetch(failure(cause))
    assert (found.outcome, found.cause, found.detail) == ("failed", cause, "why")
    assert found.retry_after_s is not None


@pytest.mark.parametrize("cause", ["blocked_address", "bad_redirect", "protocol", "bad_encoding"])
def test_a_permanent_failure_is_not(cause):
    found = fetch(failure(cause))
    assert (found.outcome, found.cause, found.retry_after_s) == ("failed", cause, None)


@pytest.mark.parametrize("cause", ["robots", "bad_url", "too_large"])
def test_what_is_never_to_be_had_is_an_outcome(cause):
    found = fetch(failure(cause))
    assert (found.outcome, found.retry_after_s) == (cause, None)


# --- Is it a page? ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HTML, "text/html"),
        (HTML, None),
        (HTML, "text/plain"),
        (HTML, "application/octet-stream"),
        (b"\xef\xbb\xbf\r\n<!-- saved -->\n<HTML><p>x", None),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML"><html>', "application/xml"),
        (b"just words", "text/html"),
        ("<!DOCTYPE html>".encode("utf-16"), "text/html; charset=utf-16"),
    ],
)
def test_a_page_is_told_by_its_beginning_or_its_header(body, content_type):
    assert is_html(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 ...", "text/html"),
        (b"\xff\xd8\xff\xe0 JFIF", "text/html"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"PK\x03\x04", None),
        (b'<?xml version="1.0"?>\n<rss version="2.0">', "text/html"),
        (b"<!-- made by --><feed xmlns='http://www.w3.org/2005/Atom'>", "application/xhtml+xml"),
        (b'{"title": "x"}', "application/json"),
        (b"just words", "text/plain"),
        (b"just words", None),
    ],
)
def test_what_is_no_page_is_told_whatever_its_header_says(body, content_type):
    assert not is_html(body, content_type)
    assert fetch(response(body=body, **({"content_type": content_type} if content_type else {}))).outcome == "not_html"


def test_a_beginning_of_nothing_but_comments_is_judged_at_once():
    assert not is_html(b"<!---->" * 10_000, None)


@given(st.binary(max_size=60), st.integers(100, 999))
def test_every_answer_has_an_outcome(body, status):
    found = fetch(response(status, body))
    assert (found.response is not None) == (found.outcome == "stored")
    assert (found.cause is None) == (found.outcome != "failed")
