"""One article, however many addresses and formats lead to it."""

from __future__ import annotations

from newswire.core.urls import resolve
from steps.paper import BODY, LEAD, bring, page

OWN = "https://www.example.org/ferry"


def twin(headline: str = "Ferry season opens early") -> bytes:
    return page(headline, LEAD, BODY, head=f'<link rel="canonical" href="{OWN}">')


def test_mobile_and_amp_twins_tracked_links_and_googles_copy_lead_to_one_article(app, committed, server):
    for path in ("/ferry", "/ferry/amp", "/m/ferry"):
        server.answers[path] = twin()
    links = (
        f"{OWN}?utm_source=feed&utm_medium=rss",
        f"{OWN}?fbclid=abc",
        f"{OWN}/amp",
        "http://m.example.org/m/ferry",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/ferry?usqp=x",
    )
    bring(app, committed, *(resolve("https://feeds.example.net/", link) for link in links))
    assert committed.execute("SELECT url, versions FROM mart.articles").fetchall() == [(OWN, 1)]
    leading = committed.execute("SELECT url FROM news.addresses WHERE article_id IS NOT NULL ORDER BY url")
    assert [url for (url,) in leading] == [
        "http://m.example.org/m/ferry",
        f"{OWN}/amp",
        f"{OWN}?fbclid=abc",  # the first of three spellings of one address
    ]
    assert len([seen for seen in server.seen if seen.path != "/robots.txt"]) == 3


def test_another_site_that_names_ours_as_canonical_keeps_its_own_article(app, committed, server):
    server.answers["/ferry"] = twin()
    bring(app, committed, OWN, "https://www.example.net/ferry")
    urls = [url for (url,) in committed.execute("SELECT url FROM mart.articles ORDER BY url")]
    assert urls == ["https://www.example.net/ferry", OWN]
