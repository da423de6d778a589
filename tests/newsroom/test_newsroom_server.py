"""The newsroom over HTTP: hosts, pages, conditional requests, redirects, robots, and the control corner."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from newsroom.asking import NEVER_S, asking
from newswire.newsroom.model import ledger_of
from newswire.newsroom.publications import ledger, publications, subscriptions
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom

CONTROL = "http://127.0.0.1/-/newsroom"
ARTICLES = [
    (publication, manuscript)
    for publication in publications()
    for manuscript in publication.manuscripts
    if manuscript.outcome != "gone"
]
FEED = subscriptions()[0].url


def linked_data(page):
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found)


@pytest.mark.parametrize(("publication", "manuscript"), ARTICLES, ids=lambda value: getattr(value, "slug", None))
def test_a_page_holds_its_article_and_says_so_to_machines(ask, publication, manuscript):
    reply = ask(publication.url_of(manuscript))
    text = manuscript.versions[-1]
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for paragraph in text.paragraphs:
        assert f"<p>{paragraph}</p>" in unescape(reply.text)
    assert f'<link rel="canonical" href="{publication.url_of(manuscript)}">' in reply.text
    assert re.search(
        rf'<html lang="{manuscript.language}" dir="{"rtl" if manuscript.language == "ar" else "ltr"}"', reply.text
    )
    data = linked_data(reply.text)
    assert (data["@type"], data["headline"]) == ("NewsArticle", text.title)
    assert datetime.fromisoformat(data["datePublished"]).utcoffset() == publication.utc_offset


def test_mastheads_dress_their_pages_differently():
    assert len({publication.chrome for publication in publications()}) == 4


@pytest.mark.parametrize(
    "url", ["http://nobody.example/", "http://lefanal.example/nothing", "http://lefanal.example/rss"]
)
def test_unknown_hosts_and_paths_answer_404(ask, url):
    assert ask(url).status == 404


def test_a_host_with_a_port_is_the_same_host(ask):
    assert ask(FEED.replace(".example/", ".example:80/")).status == 200


def test_the_dead_link_answers_404_although_the_feed_announces_it(ask):
    [row] = [row for row in ledger() if row.outcome == "gone"]
    assert ask(row.link).status == 404
    assert row.link in ask(row.feed_url).text


def test_robots_forbids_the_page_and_nothing_else(ask):
    [row] = [row for row in ledger() if row.outcome == "robots"]
    assert "Disallow: /premium/\n" in ask(f"http://{row.domain}/robots.txt").text
    assert "/premium/" in row.url
    assert ask("http://lefanal.example/robots.txt").text == "User-agent: *\nDisallow:\n"


def test_one_link_leads_to_its_article_over_a_temporary_and_a_permanent_redirect(ask):
    [row] = [row for row in ledger() if row.link != row.url and "?" not in row.link]
    first = ask(row.link)
    second = ask(f"http://{row.domain}{first.headers['location']}")
    assert (first.status, second.status) == (302, 301)
    assert second.headers["location"] == row.url
    assert ask(row.url).status == 200


def test_the_front_page_says_where_the_feed_is(ask):
    assert (
        '<link rel="alternate" type="application/rss+xml" href="/rss/une.xml">' in ask("http://lefanal.example/").text
    )


def test_an_address_in_arabic_is_served_under_its_percent_encoded_form(ask):
    urls = [row.url for row in ledger() if row.language == "ar"]
    assert all(url.isascii() and "%D8" in url for url in urls)
    assert {ask(url).status for url in urls} == {200}


@pytest.mark.parametrize("url", [FEED, ledger()[0].url])
def test_who_has_the_document_gets_304(ask, url):
    full = ask(url)
    for known in ({"If_None_Match": full.headers["etag"]}, {"If_Modified_Since": full.headers["last-modified"]}):
        again = ask(url, **known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == full.headers["etag"]


def test_a_tag_decides_against_the_date(ask):
    stale = ask(FEED, If_None_Match='"other"', If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert stale.status == 200


def test_a_publication_changes_the_validators_of_its_feed(opened):
    ask = asking(opened.port)
    before = ask(FEED)
    opened.publish()
    after = ask(FEED, If_None_Match=before.headers["etag"])
    assert after.status == 200
    assert after.headers["etag"] != before.headers["etag"]


def test_documents_are_compressed_for_who_asks(ask):
    plain, packed = ask(FEED), ask(FEED, Accept_Encoding="gzip, deflate")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.body == plain.body


def test_the_newsroom_opens_with_a_share_and_publishes_the_rest_on_demand(opened):
    before = opened.status()
    assert (before["published"], before["of"], before["finished"]) == (26, 65, False)
    opened.publish()
    after = opened.status()
    assert (after["published"], after["revisions"], after["finished"]) == (65, 2, True)


def test_single_articles_can_be_published_ahead_of_their_turn(opened):
    ask = asking(opened.port)
    url = next(row.url for row in ledger() if row.url not in opened.status()["urls"])
    assert ask(url).status == 404
    reply = ask(f"{CONTROL}/publish", method="POST", body={"urls": [url]})
    assert reply.json()["published"] == 27
    assert ask(url).status == 200


def test_the_ledger_tells_what_was_published_and_when(newsroom, ask):
    rows = {row["url"]: row for row in ask(f"{CONTROL}/ledger").json()}
    assert rows == {row["url"]: row for row in newsroom.ledger()}
    assert set(rows) == {row.url for row in ledger()}
    for row in ledger():
        instants = [datetime.fromisoformat(at) for at in rows[row.url]["released"]]
        assert len(instants) == row.versions
        assert all(datetime.now(UTC) - timedelta(minutes=5) < at <= datetime.now(UTC) for at in instants)


def test_an_original_is_dated_before_its_copies(newsroom):
    released = {row["url"]: row["released"][0] for row in newsroom.ledger()}
    copies = [row for row in ledger() if row.duplicate_of]
    assert all(released[row.duplicate_of] < released[row.url] for row in copies)


def test_what_to_subscribe_to_can_be_asked(newsroom, ask):
    asked = ask(f"{CONTROL}/subscriptions").json()
    assert [subscription["url"] for subscription in asked] == [subscription.url for subscription in subscriptions()]
    assert newsroom.subscriptions() == subscriptions()


def test_the_rest_is_published_over_the_time_given():
    with running_newsroom(Newsroom(publications()), over_s=1.0) as running:
        assert not running.status()["finished"]
        deadline = time.monotonic() + 20
        while not running.status()["finished"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running.status()["published"] == len(ledger_of(publications()))


def test_the_rest_can_be_held_back_until_somebody_asks_for_it():
    with running_newsroom(Newsroom(publications()), over_s=0.1, hold=True) as running:
        time.sleep(0.5)
        assert running.status()["published"] == 26
        asking(running.port)(f"{CONTROL}/start", method="POST")
        deadline = time.monotonic() + 20
        while not running.status()["finished"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running.status()["published"] == 65


def test_a_taken_port_is_reported_to_the_caller(newsroom):
    with (
        pytest.raises(OSError, match="address already in use"),
        running_newsroom(Newsroom(publications()), port=newsroom.port, over_s=NEVER_S),
    ):
        pass


def test_the_command_prints_one_line_and_serves_on_loopback_only():
    command = [sys.executable, "-m", "newswire.newsroom", "--over", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": "plugins"}) as process:
        try:
            line = process.stdout.readline()
            port = int(re.fullmatch(r"newsroom listening on 127\.0\.0\.1:(\d+)\n", line)[1])
            assert asking(port)(f"{CONTROL}/").json()["finished"]
            with pytest.raises(OSError, match="refused"), socket.socket() as other:
                other.connect(("127.0.0.2", port))
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0


def test_what_was_asked_when_is_told(opened):
    ask = asking(opened.port)
    ask(FEED)
    ask(FEED)
    ask("http://nobody.example/")
    asked = ask(f"{CONTROL}/requests").json()
    assert [host for host, *_ in asked] == [urlsplit(FEED).hostname] * 2 + ["nobody.example"]
    assert asked == sorted(asked, key=lambda one: one[2])
