"""What kind of page it is: the smallest page of each kind, and the look-alikes that stay articles."""

import json
from datetime import UTC, datetime

import pytest

from newswire.core.articles import extract_article
from newswire.records import Article, NoArticle, Page

PROSE = "The port will widen the channel before the winter storms arrive, as the harbour master had asked for years. "
STORY = "".join(f"<p>Part {number}. {PROSE}{PROSE}</p>" for number in range(10))
SHORT = f"<p>{PROSE}{PROSE}</p>"
URL = "https://paper.example/news/the-port-widens-its-channel"
NEWS = {"@type": "NewsArticle", "headline": "The port widens its channel", "datePublished": "2026-05-01T08:00:00Z"}


def read(body, *, url=URL, title="The port widens its channel", ld=None, head=""):
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld else ""
    html = f"<html><head><title>{title}</title>{script}{head}</head><body><h1>{title}</h1><article>{body}</article></body></html>"
    return extract_article(
        Page(url=url, content_type="text/html", body=html.encode(), fetched_at=datetime(2026, 6, 1, tzinfo=UTC))
    )


def kind(*args, **about):
    article = read(*args, **about)
    assert isinstance(article, Article), article
    return article.kind


def test_a_story_is_an_article_and_scores_like_one():
    article = read(STORY, ld=NEWS)
    assert isinstance(article, Article)
    assert (article.kind, article.score, article.flags) == ("article", 1.0, ())


@pytest.mark.parametrize(
    ("body", "about", "expected"),
    [
        (STORY, {"ld": NEWS | {"@type": "LiveBlogPosting"}}, "live_blog"),
        (STORY, {"url": "https://paper.example/live/port", "ld": NEWS}, "live_blog"),
        (STORY, {"title": "Port: live updates"}, "live_blog"),
        (SHORT, {"ld": {"@type": "VideoObject", "name": "The port"}}, "video"),
        (SHORT, {"url": "https://paper.example/video/port-71", "ld": NEWS}, "video"),
        (SHORT, {"head": '<meta property="og:type" content="video.other">'}, "video"),
        (SHORT, {"ld": {"@type": "ImageGallery", "name": "The port"}}, "gallery"),
        (SHORT, {"url": "https://paper.example/bildergalerie/hafen-9"}, "gallery"),
        (
            f"{SHORT}<p>Subscribe now to read the full story, or log in.</p>",
            {"ld": NEWS | {"isAccessibleForFree": False}},
            "paywall_teaser",
        ),
        (f"{SHORT}<p>Sie möchten weiter? Jetzt weiterlesen mit unserem Abo.</p>", {}, "paywall_teaser"),
        (STORY, {"url": "https://paper.example/", "head": '<meta property="og:type" content="website">'}, "home_page"),
    ],
)
def test_a_kind_is_told_by_its_signs(body, about, expected):
    assert kind(body, **about) == expected


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (STORY, {"ld": [NEWS, {"@type": "VideoObject", "name": "A video beside it"}]}),
        (STORY, {"url": "https://paper.example/photos-of-the-port-2026"}),
        (STORY, {"ld": NEWS | {"isAccessibleForFree": False}}),  # not free is not cut off
        (STORY + "<p>Subscribe now to read more stories like this.</p>", {"ld": NEWS}),
        (STORY, {"title": "Error 404: how a lost page found its reader", "ld": NEWS}),
        (STORY, {"title": "Cookies and consent: what the new law asks of the port", "ld": NEWS}),
        (STORY, {"url": "https://paper.example/", "ld": NEWS}),
        (SHORT, {"title": "Live music returns to the port", "ld": NEWS}),
    ],
)
def test_what_only_looks_like_another_kind_is_an_article(body, about):
    assert kind(body, **about) == "article"


ERROR = (
    "<p>We cannot find what you are looking for. It may have been moved, renamed, or it may never have been there.</p>"
)
WALL = (
    "<p>We and our 840 partners store cookies on your device to show personalised ads.</p>"
    "<p>With your consent we process personal data such as your address.</p><p>You can change your privacy settings.</p>"
)


@pytest.mark.parametrize(
    "title", ["404", "Page not found", "Access denied", "Just a moment...", "Are you a robot?", "Seite nicht gefunden"]
)
def test_an_error_that_is_sent_as_a_page_is_no_article(title):
    assert read(ERROR, title=title) == NoArticle(reason="error_page")


def test_a_wall_that_asks_for_consent_is_no_article():
    assert read(WALL, title="The Paper") == NoArticle(reason="consent_wall")
    assert isinstance(read(STORY + WALL, ld=NEWS), Article)  # a banner under a story


@pytest.mark.parametrize(
    ("body", "title", "flag"),
    [
        (SHORT, "The port widens its channel", "short"),
        (SHORT + "<p>The harbour master said that the works would begin when …</p>", "The port widens", "truncated"),
        (STORY, "Seventeen recipes with rhubarb", "off_topic"),
    ],
)
def test_a_flag_says_what_is_to_be_known_of_the_text(body, title, flag):
    article = read(body, title=title)
    assert isinstance(article, Article)
    assert flag in article.flags


def test_one_sentence_is_kept_with_a_flag_because_flashes_are_news():
    article = read("<p>The port of Harbour City closed at noon after a tanker ran aground.</p>")
    assert isinstance(article, Article)
    assert article.flags[0] == "short"


def test_a_page_without_signs_of_an_article_scores_low_and_stays():
    article = read(SHORT, url="https://paper.example/", head='<meta property="og:type" content="website">')
    assert isinstance(article, Article)
    assert article.score < 0.3


def test_what_the_page_says_beside_the_text_is_kept_apart():
    ld = NEWS | {
        "dateModified": "2026-05-01T11:30:00+02:00",
        "articleSection": ["Shipping", "Business"],
        "image": {"@type": "ImageObject", "url": "/port.jpg"},
        "isAccessibleForFree": "False",
        "description": "What the widening of the channel will cost, and who is going to pay for it in the end.",
    }
    article = read(STORY, ld=ld, head='<link rel="canonical" href="https://agency.example/wire/7">')
    assert isinstance(article, Article)
    assert article.modified_at == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    assert (article.section, article.image_url) == ("Shipping", "https://paper.example/port.jpg")
    assert article.is_free is False
    assert article.standfirst == ld["description"]
    assert (article.url, article.syndicated_from) == (URL, "https://agency.example/wire/7")
    assert (article.published_source, article.published_precision) == ("structured_data", "instant")
    assert article.language == "en"
    assert article.language_confidence > 0.9
