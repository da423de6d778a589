"""The single rules by which a page is read, each with the smallest page that shows it."""

from datetime import UTC, datetime

import pytest
import trafilatura
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.articles import extract_article
from newswire.core.articles.blocks import long_paragraphs, prune_link_blocks, unfold_layout_tables
from newswire.core.articles.body import is_menu, is_suspicious, with_witness
from newswire.core.articles.bylines import names_in, read_authors
from newswire.core.articles.canonical import article_url
from newswire.core.articles.claims import read_claims
from newswire.core.articles.decoding import decode_html
from newswire.core.articles.headline import read_headline
from newswire.core.articles.lines import is_furniture, is_head, story
from newswire.core.articles.published import read_modified, read_published, reconcile
from newswire.core.articles.rules import ALL_RULES
from newswire.records import Article, Dated, Page

FETCHED_AT = datetime(2026, 6, 1, tzinfo=UTC)
PROSE = "The port will widen the channel before the winter storms arrive, as the harbour master had asked for years. "


def tree(body, head=""):
    return trafilatura.load_html(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>")


def claims(head, body=""):
    return read_claims(tree(body, head))


def ld(json):
    return f'<script type="application/ld+json">{json}</script>'


# --- Decoding --------------------------------------------------------------------------------------------------------

RUSSIAN = "<title>Паром</title> Сезон открыт"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251"),
        (b'<meta charset="koi8-r">' + RUSSIAN.encode("koi8-r"), None),
        (RUSSIAN.encode(), "text/html; charset=iso-8859-1"),  # right bytes, wrong header
        (RUSSIAN.encode("utf-8-sig"), "text/html; charset=windows-1251"),
        (RUSSIAN.encode("utf-16"), None),
        (b'<meta charset="iso-8859-5">' + RUSSIAN.encode("cp1251"), "text/html; charset=cp1251"),  # HTTP before meta
    ],
)
def test_bytes_become_the_text_that_the_publisher_wrote(body, content_type):
    assert RUSSIAN in decode_html(body, content_type)


def test_latin_1_means_the_larger_windows_1252_as_in_browsers():
    assert decode_html(b"\x93quoted\x94 \xe9", "text/html; charset=ISO-8859-1") == "“quoted” é"


def test_seven_bit_japanese_is_not_taken_for_ascii():
    assert decode_html("港の新聞".encode("iso2022_jp"), "text/html; charset=iso-2022-jp") == "港の新聞"


def test_one_broken_byte_costs_one_character():
    assert decode_html("é".encode() * 3 + b"\xff", "text/html; charset=utf-8") == "ééé\ufffd"


@given(st.binary(max_size=200), st.none() | st.text(max_size=60).map("text/html; charset={}".format))
def test_any_bytes_decode(body, content_type):
    assert isinstance(decode_html(body, content_type), str)


# --- Claims ----------------------------------------------------------------------------------------------------------


def test_an_article_is_found_in_a_graph_in_a_list_and_below_its_page():
    for block in (
        '{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", "headline": "H"}]}',
        '[{"@type": "BreadcrumbList"}, {"@type": ["Thing", "ReportageNewsArticle"], "headline": "H"}]',
        '{"@type": "WebPage", "mainEntity": {"@type": "BlogPosting", "headline": "H"}}',
    ):
        assert claims(ld(block)).headline == "H"


def test_articles_that_a_page_only_lists_are_not_its_subject():
    listing = '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Other"}]}'
    assert claims(ld(listing)).headline is None


@pytest.mark.parametrize(
    "block",
    [
        '<!-- {"@type": "Article", "headline": "H"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "H"}\n//]]>',
        '{"@type": "Article", "headline": "H"};',
        '{"@type": "Article", "headline": "H", "description": "raw\nline break"}',
    ],
)
def test_json_ld_is_read_as_publishers_write_it(block):
    assert claims(ld(block)).headline == "H"


@pytest.mark.parametrize("block", ["", "null", "{broken", '{"@type": 7}', '{"@type": "Article", "headline": {"a": 1}}'])
def test_damaged_json_ld_counts_as_absent(block):
    assert claims(ld(block)).headline is None


def test_markup_inside_claims_is_resolved():
    assert claims(ld('{"@type": "Article", "headline": "Fish &amp; <i>chips</i>"}')).headline == "Fish & chips"


# --- Headline --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Ferry opens | The Post</title>", "<h1>The Post</h1><h1>Ferry opens</h1>", "Ferry opens"),
        ("<title>Ferry opens - The Post</title>", "<h1>Ferry opens</h1>", "Ferry opens"),
        ("<title>Ferry opens to all | The Post</title>", "", "Ferry opens to all"),
        (ld('{"@type": "Article", "headline": "Ferry opens"}'), "<h1>FERRY opens!</h1>", "FERRY opens!"),
        (ld('{"@type": "Article", "headline": "Ferry opens"}'), "<h1>Advertisement</h1>", "Ferry opens"),
        (
            ld('{"@type": "Article", "headline": "Ferry opens - Post", "publisher": {"name": "Post"}}'),
            "",
            "Ferry opens",
        ),
        ("<title>A - B, and what follows from it</title>", "", "A - B, and what follows from it"),
        ("", "<h1>Only what is seen</h1>", "Only what is seen"),
        ("<title> </title>", "", None),
    ],
)
def test_the_headline_is_what_readers_see_and_the_claims_confirm(head, body, title):
    page = tree(body, head)
    assert read_headline(page, read_claims(page)) == title


def test_a_headline_cut_for_search_engines_is_taken_whole_from_the_page():
    whole = "The port will widen the channel before the winter storms arrive, as the harbour master had asked for years"
    page = tree(f"<h1>{whole}</h1>", ld(f'{{"@type": "Article", "headline": "{whole[:90]}"}}'))
    assert read_headline(page, read_claims(page)) == whole


# --- Authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ("Ann Lee",)),
        ("Von Jonte Brandis und Ute Kahl", ("Jonte Brandis", "Ute Kahl")),
        ("Ann Lee, Bo Chen and C. Diaz (Reuters)", ("Ann Lee", "Bo Chen", "C. Diaz")),
        ("Lea Wagner, Nairobi", ("Lea Wagner",)),
        ("Ann Lee – chief reporter", ("Ann Lee",)),
        ("desk@paper.example", ()),
        ("https://paper.example/authors/ann", ()),
        ("12 March 2026", ()),
        ("", ()),
    ],
)
def test_a_byline_holds_these_names(byline, names):
    assert names_in([byline]) == names


def test_the_publisher_is_the_author_only_where_nobody_else_is_named():
    head = ld('{"@type": "Article", "author": {"name": "The Post"}, "publisher": {"name": "The Post"}}')
    shown = '<p class="byline">By Ann Lee</p>'
    assert read_authors(tree("", head), claims(head)) == ("The Post",)
    assert read_authors(tree(shown, head), claims(head)) == ("Ann Lee",)


# --- Date ------------------------------------------------------------------------------------------------------------


def published(head, body="", url="https://paper.example/a"):
    page = tree(body, head)
    date = read_published(page, read_claims(page), url=url, fetched_at=FETCHED_AT)
    return date and date.at


def meta(name, content):
    return f'<meta property="{name}" content="{content}">'


def test_json_ld_comes_before_meta():
    head = ld('{"@type": "Article", "datePublished": "2026-05-01T10:00:00+02:00"}')
    assert published(head + meta("date", "2026-05-02T10:00:00Z")) == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_a_moment_with_its_zone_beats_a_day():
    head = ld('{"@type": "Article", "datePublished": "2026-05-01"}') + meta(
        "article:published_time", "2026-05-01T21:00:00Z"
    )
    assert published(head) == datetime(2026, 5, 1, 21, tzinfo=UTC)


def test_a_day_without_time_is_midnight_utc():
    assert published(meta("date", "2026-05-01")) == datetime(2026, 5, 1, tzinfo=UTC)


def test_a_year_or_a_month_is_no_day():
    assert published(meta("date", "2026")) is None
    assert published(meta("date", "2026-05")) is None


def test_a_date_after_the_fetch_is_no_date():
    assert published(meta("date", "2027-01-01")) is None


def test_the_day_in_the_address_is_the_last_resort():
    assert published("", url="https://paper.example/2026/04/30/ferry") == datetime(2026, 4, 30, tzinfo=UTC)


def test_the_first_short_line_that_names_a_day_dates_a_page_without_claims():
    body = f"<h1>What happened on 5 March 2001</h1><p>Harbour City, 30 April 2026 - 17:20</p><p>{PROSE}</p><p>1 May 2026</p>"
    assert published("", body) == datetime(2026, 4, 30, tzinfo=UTC)


def test_yesterday_is_not_read_by_the_clock_of_this_machine():
    assert published("", '<p class="date">Yesterday</p><p class="date">vor 2 Stunden</p><p>May 2026</p>') is None


# --- Address ---------------------------------------------------------------------------------------------------------

PAGE_URL = "https://www.example.org/news/ferry?id=7"


@pytest.mark.parametrize(
    ("declared", "own"),
    [
        ("https://example.org/news/ferry", "https://example.org/news/ferry"),
        ("/news/ferry", "https://www.example.org/news/ferry"),
        (None, PAGE_URL),
        ("https://agency.example/ferry", PAGE_URL),  # taken over from there
        ("https://www.example.org/", PAGE_URL),
        ("https://www.example.org/en/", PAGE_URL),
        ("https://www.example.org/index.html", PAGE_URL),
        ("http://[bad", PAGE_URL),
        ("javascript:void(0)", PAGE_URL),
    ],
)
def test_a_declared_address_is_believed_on_the_same_site_and_below_the_home_page(declared, own):
    assert article_url(PAGE_URL, declared) == own


# --- Blocks ----------------------------------------------------------------------------------------------------------


def text_of(page):
    return " ".join(" ".join(page.itertext()).split())


def test_teasers_and_lists_of_links_go_and_links_inside_prose_stay():
    page = tree(
        f"<p>{PROSE}<a href=/x>harbour master</a></p>"
        "<p><a href=/y>Ten ships that never came back</a></p>"
        "<p>Read more: <a href=/z>Storms ahead</a> today</p>"
        "<ul><li><a href=/1>The first of two other stories</a></li><li><a href=/2>The second of two other stories</a></li></ul>"
        "<ul><li><a href=/t>ports</a></li><li>depth: nine metres</li></ul>"
    )
    prune_link_blocks(page)
    assert text_of(page) == f"{PROSE}harbour master ports depth: nine metres x"


def test_prose_is_found_wherever_it_stands_and_link_text_is_none():
    page = tree(f"<div>{PROSE}</div><td>{PROSE}</td><p><a href=/x>{PROSE}</a></p><p>short</p>")
    assert long_paragraphs(page) == [PROSE.strip(), PROSE.strip()]


def test_a_table_of_layout_becomes_blocks_and_a_table_of_figures_stays():
    page = tree("<table><tr><td><p>story</p></td></tr></table><table><tr><td>1</td></tr></table>")
    unfold_layout_tables(page)
    assert [len(list(page.iter(tag))) for tag in ("table", "td")] == [1, 1]


# --- Doubt and witness -----------------------------------------------------------------------------------------------


def test_a_menu_is_told_by_its_short_lines_and_a_style_sheet_by_its_rules():
    assert is_menu("Home\nNews\nSport\n" + PROSE)
    assert is_menu(f"{PROSE} .a {{ color: red; }}")
    assert not is_menu(f"{PROSE}\n{PROSE}\nA subheading")


def test_a_short_text_is_doubted_where_the_page_has_more_prose():
    prose = [f"Ship number {number:02} waits. {PROSE}" for number in range(20)]
    short = "\n".join(prose[:5])
    assert is_suspicious(short, prose)
    assert not is_suspicious(short, prose[:6])
    assert not is_suspicious("\n".join(prose), prose * 3)


WITNESS = "\n".join(f"Sentence {number} says that {PROSE}" for number in "one two three four five six".split())  # noqa: SIM905


def test_a_witness_that_tells_more_is_taken():
    assert with_witness(WITNESS[:100], WITNESS) == WITNESS


def test_a_witness_that_agrees_cuts_what_follows_its_end():
    assert with_witness(f"{WITNESS}\nMore from this section and other things", WITNESS) == WITNESS


def test_a_feed_that_was_cut_off_cuts_nothing():
    longer = f"{WITNESS}\nMore from this section and other things"
    assert with_witness(longer, WITNESS, may_cut=False) == longer
    assert with_witness(WITNESS[:100], WITNESS, may_cut=False) == WITNESS


def test_a_long_tail_is_kept_because_the_witness_may_be_the_short_one():
    longer = WITNESS + "\nNobody on the quay had heard of such a plan, and few believed it would ever be paid for." * 6
    assert with_witness(longer, WITNESS) == longer


@pytest.mark.parametrize("witness", ["", "Too short to testify.", "Something else entirely. " * 30])
def test_a_witness_that_is_short_or_elsewhere_changes_nothing(witness):
    assert with_witness(WITNESS, witness) == WITNESS


# --- Lines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Ten ships that never came back",
        "Lesen Sie auch: Sturm im Anzug",
        "À lire aussi : Le port s’agrandit",
        "Leia também: O porto cresce",
        "Читайте также: Порт растёт",
        "关联阅读".replace("关联", "相关") + "：港口扩建",
        "Sign up for our weekly newsletter",
        "Follow The Post on Facebook and Twitter",
        "CLICK HERE TO GET THE APP",
        "Suivez-nous sur les réseaux",
        "Photo: Harbour Board",
        "(Reporting by Ann Lee; editing by Bo Chen)",
        "© 2026 The Post. All rights reserved.",
        "Dana Whitlock contributed to this report.",
        "Externer Inhalt nicht verfügbar",
        "Advertisement",
    ],
)
def test_furniture_is_told_by_how_it_begins(line):
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "Read the letter aloud, the judge told the harbour master.",
        "For more than a decade, stories about the wreck were told in every bar.",
        "Reports from the port say that twenty ships are waiting.",
        "Copyright law is being rewritten, the minister said.",
        "First published in 1925, the novel made the port famous.",
        "Loading docks will be closed on Sunday, and with them the whole quay.",
        "Follow the money, the old reporter used to say.",
        "Zum Thema Hafen sagte der Minister nichts.",
        "Get the ships out before the storm, the order read.",
        "Watch and wait was the rule on the bridge.",
        "Photographs of the wreck were shown in court.",
        "– Vi venter på stormen, sier havnesjefen.",
        "Click beetles were found in the grain, the inspectors said.",
    ],
)
def test_prose_stays_whatever_it_begins_with(line):
    assert not is_furniture(line)
    assert story(line, titles=("Ferry season opens",), authors=()) == line


def test_a_paragraph_is_never_furniture():
    assert not is_furniture("Read more: " + PROSE * 3)


@pytest.mark.parametrize(
    "line",
    [
        "Ferry season opens",
        "PORT Ferry season opens",
        "By Ann Lee, Harbour City",
        "Ann Lee",
        "05.08.2024, 20:59 Uhr",
        "Updated: May 1, 2026 9:30 am",
        "2025年1月14日 01時28分",
    ],
)
def test_a_line_before_the_story_that_repeats_the_metadata_goes(line):
    assert is_head(line, ("Ferry season opens",), ("Ann Lee",))


@pytest.mark.parametrize(
    "line",
    [
        "By May the ferry will run every twenty minutes.",
        "The season has begun",
        "In 2026 the port handled more ships than ever before in its history",
    ],
)
def test_a_line_that_starts_the_story_stays(line):
    assert not is_head(line, ("Ferry season opens",), ("Ann Lee",))


def test_only_the_first_lines_can_be_head():
    lines = [PROSE.strip()] * 5 + ["Ann Lee"]
    assert story("\n".join(lines), titles=("T",), authors=("Ann Lee",)) == "\n".join(lines)


def test_marks_of_lists_and_tables_are_no_text():
    assert story("- nine metres\n| depth | nine |", titles=(), authors=()) == "nine metres\ndepth | nine"


def test_bare_text_beside_the_paragraphs_of_a_layout_cell_is_a_paragraph():
    page = tree(f"<table><tr><td>{PROSE}<b>bold</b> end<br>short<p>{PROSE}</p></td></tr></table>")
    unfold_layout_tables(page)
    assert [text_of(paragraph) for paragraph in page.iter("p")] == [f"{PROSE}bold end", PROSE.strip(), "x"]


def test_a_linked_heading_among_the_paragraphs_of_a_story_stays_and_one_over_a_teaser_goes():
    page = tree(
        f"<article><p>{PROSE}</p><h2><a href=/x>The long way to a deeper channel</a></h2><p>{PROSE}</p></article>"
        f"<div><h2><a href=/y>Ten ships that never came back</a></h2><p>{PROSE}</p></div>"
    )
    prune_link_blocks(page)
    assert [text_of(heading) for heading in page.iter("h2")] == ["The long way to a deeper channel"]


# --- Page and feed ---------------------------------------------------------------------------------------------------


def at(source, hour, precision="instant", day=1):
    return Dated(at=datetime(2026, 5, day, hour, tzinfo=UTC), source=source, precision=precision)


@pytest.mark.parametrize(
    ("page", "feed", "believed", "differ"),
    [
        (at("meta", 8), None, "meta", False),
        (None, at("feed", 8), "feed", False),
        (at("meta", 8), at("feed", 11), "meta", False),  # feeds often print the last change
        (at("meta", 0, "day"), at("feed", 11), "feed", False),  # the instant of the same day
        (at("meta", 8, "local"), at("feed", 11), "feed", False),
        (at("structured_data", 8, day=1), at("feed", 8, day=4), "structured_data", True),
        (at("text", 0, "day", day=1), at("feed", 8, day=4), "feed", True),
    ],
)
def test_the_dates_of_page_and_feed_are_reconciled(page, feed, believed, differ):
    date, differs = reconcile(page, feed)
    assert (date.source, differs) == (believed, differ)


def test_a_change_before_the_publication_is_none():
    claimed = claims(ld('{"@type": "Article", "dateModified": "2026-05-01T07:00:00Z"}'))
    assert read_modified(claimed, published=at("meta", 8), fetched_at=FETCHED_AT) is None
    assert read_modified(claimed, published=at("meta", 6), fetched_at=FETCHED_AT) == at("meta", 7).at


@pytest.mark.parametrize("rule", sorted(ALL_RULES))
def test_every_rule_can_be_left_out(rule):
    html = f"<title>T of the port</title><article><p>{PROSE * 3}</p><p>Photo: X</p></article>"
    page = Page(url="https://a.example/x", content_type="text/html", body=html.encode(), fetched_at=FETCHED_AT)
    assert isinstance(extract_article(page, rules=ALL_RULES - {rule}), Article)
