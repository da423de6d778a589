"""Whole pages: real bytes in, an article or a reason out. What single rules do stands in test_articles_rules.py."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.articles import EXTRACTOR, article_from_entry, extract_article
from newswire.records import Article, Dated, EntryWitness, NoArticle, Page

PAGES = Path(__file__).parents[1] / "corpus" / "pages"
FETCHED_AT = datetime(2026, 6, 1, tzinfo=UTC)
PROSE = (
    "The harbour ferry will run every twenty minutes from the first of May, the port authority announced on Monday. "
)


def page(
    body, *, url="https://paper.example/news/ferry", content_type="text/html; charset=utf-8", fetched_at=FETCHED_AT
):
    return Page(
        url=url,
        content_type=content_type,
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=fetched_at,
    )


def story(*paragraphs, head=""):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (PROSE * 4, PROSE * 3))
    return f"<html><head><title>Ferry season opens</title>{head}</head><body><article>{text}</article></body></html>"


def read(body, **about):
    article = extract_article(page(body, **about))
    assert isinstance(article, Article), article
    return article


def reason(body, **about):
    refused = extract_article(page(body, **about))
    assert isinstance(refused, NoArticle), refused
    return refused.reason


# --- The corpus ------------------------------------------------------------------------------------------------------

CASES = sorted(path.stem for path in PAGES.glob("*.html"))


def test_the_corpus_starts_with_the_french_article_on_rare_earths():
    assert "fr_terres_rares" in CASES


@pytest.mark.parametrize("case", CASES)
def test_a_page_of_the_corpus_is_read_as_its_record_says(case):
    expected = json.loads((PAGES / f"{case}.json").read_text())
    body = (PAGES / f"{case}.html").read_bytes()
    found = extract_article(page(body, url=expected["url"], content_type=expected["content_type"]))
    if "no_article" in expected:
        assert found == NoArticle(reason=expected["no_article"])
    else:
        assert isinstance(found, Article), found
        assert as_record(found) == expected["article"]


def as_record(article):
    return {
        "url": article.url,
        "title": article.title,
        "language": article.language,
        "authors": list(article.authors),
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "site_name": article.site_name,
        "text": article.text.split("\n"),
    }


def test_the_crypto_line_under_the_french_article_stays_so_that_topics_can_weigh_it():
    body = (PAGES / "fr_terres_rares.html").read_bytes()
    *story_lines, last = read(body).text.split("\n")
    assert "crypto" in last
    assert not any("crypto" in line for line in story_lines)


# --- What every article is -------------------------------------------------------------------------------------------


def test_reading_twice_gives_the_same_article():
    assert read(story()) == read(story())


def test_when_a_page_was_fetched_changes_nothing_but_what_can_be_a_date():
    dated = story(head='<meta property="article:published_time" content="2026-05-01T08:00:00Z">')
    assert read(dated) == read(dated, fetched_at=datetime(2031, 1, 1, tzinfo=UTC))


def test_an_article_says_what_made_it():
    assert read(story()).extractor == EXTRACTOR
    assert re.fullmatch(r"newswire-2\.[0-9a-f]{8} trafilatura-[\d.]+", EXTRACTOR)


def test_another_text_or_title_is_another_version_and_another_date_is_not():
    article = read(story())
    dated = read(story(head='<meta name="date" content="2026-05-01">'))
    retitled = read(story().replace("Ferry season opens", "Ferry season opened"))
    assert dated.published_at != article.published_at
    assert dated.content_sha256 == article.content_sha256 != retitled.content_sha256


def test_text_is_clean_for_every_later_stage():
    article = read(story(f"{PROSE}Ha\u00adfen\u200b\u0007 cafe\u0301  <b>end</b>. {PROSE}", PROSE * 3))
    assert "Hafen café end." in article.text
    assert not re.search("[\u00ad\u200b\u0007]|  |\n\n|^\\s|\\s$", article.text)


def test_a_teaser_between_two_paragraphs_is_not_part_of_the_story():
    teaser = '<a href="/wrecks">Ten ships that never came back to the harbour they had left in good weather</a>'
    assert read(story(PROSE * 4, teaser, PROSE * 3)).text == f"{(PROSE * 4).strip()}\n{(PROSE * 3).strip()}"


def test_a_story_that_goes_on_outside_of_its_first_container_is_read_whole():
    """The fast extractor alone stops after the lead: it takes the container that is called the content."""
    rest = [f"Paragraph {number} of the story says more about it. {PROSE * 2}".strip() for number in range(12)]
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in rest)
    body = f"<h1>Ferry season opens</h1><div class='post-content'><p>{PROSE * 4}</p></div><div class='rest'>{paragraphs}</div>"
    assert set(rest) <= set(read(f"<html><head><title>Ferry</title></head><body>{body}</body></html>").text.split("\n"))


# --- Bounds ----------------------------------------------------------------------------------------------------------


def test_a_page_over_five_megabytes_is_not_read():
    assert reason(story() + " " * 5_000_000) == "too_large"


def test_a_text_longer_than_any_story_is_no_article():
    assert reason(story(*[f"{number}. {PROSE}" for number in range(5_000)])) == "too_large"


def test_the_tags_that_the_standard_lets_a_page_leave_out_are_not_asked_for():
    article = read(f"<!-- a page --><title>Ferry season opens</title><p>{PROSE * 3}<p>{PROSE * 2}")
    assert (article.title, PROSE.strip() in article.text) == ("Ferry season opens", True)


def test_an_image_that_calls_itself_a_page_is_no_article():
    assert reason(bytes(range(128, 256)) * 40) in {"undecodable", "not_html"}


def test_a_page_in_an_encoding_that_nobody_declares_is_refused_rather_than_garbled():
    russian = story("Первый теплоход вышел в понедельник утром, сообщило пароходство. " * 9)
    assert reason(russian.encode("cp1251"), content_type="text/html") == "undecodable"
    assert "теплоход" in read(russian.encode("cp1251"), content_type="text/html; charset=cp1251").text


@pytest.mark.parametrize("body", ["", " \n", "{}", "ok"])
def test_what_is_no_markup_is_no_article(body):
    assert reason(body) in {"not_html", "no_title"}


def test_thousands_of_nested_blocks_end_in_a_reason_not_in_an_exception():
    nested = "<html><head><title>Deep down</title></head><body>" + "<div>" * 20_000 + "x"
    assert reason(nested) == "too_short"


def test_json_ld_of_hundreds_of_thousands_of_brackets_is_left_out():
    assert (
        read(story(head='<script type="application/ld+json">' + "[" * 300_000 + "</script>")).title
        == "Ferry season opens"
    )


def test_a_short_story_in_chinese_is_long_enough():
    lines = "江边老码头昨天以新面貌迎客，两座仓库改建成了市里最大的公共图书馆，藏书三十二万册，凭身份证入馆。"
    article = read(story(lines).replace("Ferry season opens", "老码头改建成图书馆"))
    assert article.text == lines


MARKUP = st.lists(
    st.sampled_from(
        [
            *"<>&;\"'/= \n\0",
            "<p>",
            "</p>",
            "<div><div>",
            "</div>",
            "<h1>Title</h1>",
            "<title>t</title>",
            "<table><tr><td><p>x",
            "<ul><li><a href=/x>a link that is long enough</a>",
            "<script type='application/ld+json'>",
            '{"@type":"NewsArticle","headline":["x"],"author":{"name":7},"datePublished":{},"articleBody":null}',
            "</script>",
            "<meta property='article:published_time' content='2026-13-45'>",
            "<link rel=canonical href='http://[bad'>",
            "<time datetime='0000-00-00'>",
            "<!--",
            "]]>",
            "<svg><style>",
            "&#0;&#xD800;&#x110000;",
            PROSE * 3,
        ]
    )
    | st.text(max_size=20),
    max_size=40,
).map("".join)


@settings(max_examples=120, deadline=None)
@given(
    MARKUP, st.sampled_from([None, "text/html", "text/html; charset=utf-16", "text/html; charset=unicode_escape", "\0"])
)
def test_no_markup_makes_the_extractor_raise(markup, content_type):
    found = extract_article(page(markup.encode("utf-8", "surrogatepass"), content_type=content_type))
    assert isinstance(found, Article | NoArticle)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_extractor_raise(noise):
    for body in (noise, b"<html><head><title>t</title></head><body><p>" + noise + b"</p>"):
        assert isinstance(extract_article(page(body)), Article | NoArticle)


# --- Articles out of entries -----------------------------------------------------------------------------------------

ENTRY = {
    "url": "http://paper.example/news/ferry?utm_source=rss#top",
    "title": "Ferry season opens",
    "summary": "From May on, every twenty minutes.",
    "content": f"{PROSE * 2}\nRead more: Old timetable\n{PROSE}",
    "language": "en-GB",
    "authors": ("Ann Lee",),
    "published": Dated(at=datetime(2026, 5, 1, 8, tzinfo=UTC), source="feed", precision="instant"),
}


def test_an_entry_with_enough_text_makes_an_article_and_says_so():
    article = article_from_entry(**ENTRY)
    assert isinstance(article, Article)
    assert article.text_source == "entry"
    assert article.url == "https://paper.example/news/ferry"
    assert article.text == f"{(PROSE * 2).strip()}\n{PROSE.strip()}"
    assert (article.authors, article.published_at) == (ENTRY["authors"], ENTRY["published"].at)


def test_page_and_entry_of_one_text_are_one_version():
    from_entry = article_from_entry(**ENTRY | {"content": f"{PROSE * 4}\n{PROSE * 3}"})
    from_page = read(story())
    assert isinstance(from_entry, Article)
    assert from_entry.content_sha256 == from_page.content_sha256


def test_the_longer_of_summary_and_content_is_the_text():
    article = article_from_entry(**ENTRY | {"summary": PROSE * 5, "content": "Ferries."})
    assert isinstance(article, Article)
    assert article.text == (PROSE * 5).strip()


def test_what_the_feed_says_stands_in_for_what_the_page_lacks():
    witness = EntryWitness(
        title="Ferry season opens",
        content=f"{PROSE * 4}\nThe first boat leaves at six in the morning, and the last one returns at ten. " * 3,
        published=Dated(at=datetime(2026, 5, 1, 8, tzinfo=UTC), source="feed", precision="instant"),
    )
    stub = f"<html><body><p>{PROSE}</p></body></html>"
    article = extract_article(page(stub), entry=witness)
    assert isinstance(article, Article)
    assert (article.title, article.method, article.text_source) == ("Ferry season opens", "entry", "page")
    assert "The first boat leaves at six" in article.text
    assert (article.published_at, article.published_source) == (witness.published.at, "feed")


def test_an_entry_with_little_text_or_no_title_makes_none():
    assert article_from_entry(**ENTRY | {"content": None}) == NoArticle(reason="too_short")
    assert article_from_entry(**ENTRY | {"title": " "}) == NoArticle(reason="no_title")
