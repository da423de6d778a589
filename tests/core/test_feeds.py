"""Whole documents with their expected feeds, then one claim at a time."""

import gzip
import hashlib
import json
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.feeds import NotAFeed, UnreadableFeed, parse_feed
from newswire.records import ParsedFeed

CORPUS = Path(__file__).parent.parent / "corpus" / "feeds"
DOCUMENTS = sorted(path.name for path in CORPUS.iterdir() if ".expected." not in path.name)
URL = "https://lequotidien.example/feed"
NOTHING = {
    "guid": None,
    "link": None,
    "title": None,
    "summary": None,
    "content": None,
    "authors": [],
    "language": None,
    "published_raw": None,
    "published_at": None,
}


def rss(*items, channel="", root="rss"):
    return f"<{root} version='2.0'><channel>{channel}{''.join(items)}</channel></{root}>".encode()


def item(**fields):
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</item>"


def read(body, **options):
    return parse_feed(body, url=URL, **options)


def titles(body, **options):
    return [entry.title for entry in read(body, **options).entries]


# --- Whole documents -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_gives_its_expected_feed(name):
    feed = read((CORPUS / name).read_bytes())
    expected = json.loads((CORPUS / name).with_suffix(".expected.json").read_text())
    assert as_json(feed) == {**expected, "entries": [NOTHING | entry for entry in expected["entries"]]}


def as_json(feed):
    shown = {name: getattr(feed, name) for name in ("format", "title", "site_url", "language", "ttl_s")}
    return {**shown, "problems": list(feed.problems), "entries": [entry_as_json(entry) for entry in feed.entries]}


def entry_as_json(entry):
    shown = {name: getattr(entry, name) for name in (*NOTHING, "date_quality")}
    published_at = entry.published_at and entry.published_at.isoformat()
    return {**shown, "authors": list(entry.authors), "published_at": published_at}


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
def test_a_damaged_document_is_a_feed_or_refused(name, data):
    body = bytearray((CORPUS / name).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=5)):
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    for damaged in (bytes(body), bytes(body[:cut]), bytes(body[cut:])):
        assert_feed_or_refused(damaged)


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: rss(item(title=text))))
def test_any_bytes_are_a_feed_or_refused(body):
    assert_feed_or_refused(body)


def assert_feed_or_refused(body):
    try:
        feed = read(body)
    except (NotAFeed, UnreadableFeed):
        return
    assert isinstance(feed, ParsedFeed)
    assert len({entry.entry_key for entry in feed.entries}) == len(feed.entries)


# --- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"<!DOCTYPE html><html><body><rss>", "a web page"),
        (b"<html>", "a web page"),
        (b"<p>Not found</p>", "no feed in it"),
        (b"Not found", "no feed in it; it begins with 'Not found'"),
        (b"<opml version='2.0'><body/></opml>", "XML of another kind: <opml>"),
        (b"<svg:svg><feed/></svg:svg>", "XML of another kind: <svg:svg>"),
        (b"<!-- <rss> --><opml/>", "XML of another kind: <opml>"),
        (b'{"items": []}', "JSON of another kind: no version"),
        (b'["items"]', "JSON of another kind: no list"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "JSON of another kind: no list"),
        (b"[error] no such page", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no feed in it"),
    ],
)
def test_not_a_feed(body, reason):
    with pytest.raises(NotAFeed, match=reason):
        read(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "not JSON"),
        (gzip.compress(rss(item(title="a")), mtime=0)[:-9], "gzip without its end"),
        (b"\x1f\x8b\x09\x00garbage...", "broken gzip"),
        (gzip.compress(gzip.compress(b"<rss/>", mtime=0), mtime=0), "more than one layer"),
        (
            b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + rss(item(title="&b;")),
            "made of entities",
        ),
        (
            f'<!DOCTYPE rss [<!ENTITY a "{"x" * 10_000}">]>'.encode() + rss(item(title="&a;" * 1_000)),
            "beyond a megabyte",
        ),
    ],
)
def test_unreadable(body, reason):
    with pytest.raises(UnreadableFeed, match=reason):
        read(body)


# --- What never happens ----------------------------------------------------------------------------------------------


def test_external_entities_are_not_loaded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'.encode() + rss(item(title="&x;", guid="1"))
    (entry,) = read(body).entries
    assert entry.title == "&x;"


def test_a_body_that_looks_like_a_path_opens_no_file(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss(item(title="from the file")))
    with pytest.raises(NotAFeed):
        read(str(path).encode())


# --- Encodings -------------------------------------------------------------------------------------------------------

TEXT = "Dysprosium – l’été w Łodzi"


def declared(encoding, title=TEXT):
    return f"<?xml version='1.0' encoding='{encoding}'?><rss><channel>{item(title=title)}</channel></rss>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (declared("utf-8").encode(), None),
        (declared("iso-8859-1").encode(), "text/xml; charset=iso-8859-1"),  # valid UTF-8 is UTF-8 whatever is claimed
        (declared("utf-16").encode(), None),
        (declared("no-such-thing").encode(), None),
        (declared("utf-8").encode("utf-8-sig"), "text/xml; charset=windows-1251"),
        (declared("utf-16").encode("utf-16"), None),
        (declared("utf-16").encode("utf-16-be"), None),
        (declared("utf-16").encode("utf-16-le"), None),
        (declared("utf-32").encode("utf-32"), None),
        (declared("windows-1250").encode("cp1250"), "text/xml; charset=iso-8859-1"),  # what servers send for everything
        (declared("utf-8").encode("cp1250"), "application/rss+xml; charset=windows-1250"),
        (gzip.compress(declared("utf-8").encode(), mtime=0), "application/gzip"),
    ],
)
def test_text_survives_its_encoding(body, content_type):
    assert titles(body, content_type=content_type) == [TEXT]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("gb2312", "稀土出口管制"),
        ("shift_jis", "レアアース輸出"),
        ("iso-2022-jp", "レアアース輸出"),
        ("euc-kr", "희토류 수출"),
        ("windows-1251", "Редкие земли"),
        ("koi8-r", "Редкие земли"),
        ("big5", "稀土出口"),
    ],
)
def test_legacy_encodings_are_read_as_declared(encoding, title):
    assert titles(declared(encoding, title).encode(encoding)) == [title]


def test_iso_8859_1_means_windows_1252():
    assert titles(declared("iso-8859-1", "l’été").encode("cp1252")) == ["l’été"]


def test_one_stray_byte_does_not_change_the_other_letters():
    body = declared("utf-8", "Łódź l#été " * 20).encode().replace(b"#", b"\x92", 1)
    assert titles(body) == [("Łódź l’été " + "Łódź l#été " * 19).strip()]


def test_a_cut_sequence_is_marked_and_told():
    feed = read(declared("utf-8", "稀土" * 50).encode().replace("土<".encode(), "土<".encode()[:2] + b"<"))
    (entry,) = feed.entries
    assert entry.title == "稀土" * 49 + "稀\ufffd"
    assert feed.problems == ("1 characters could not be decoded",)


def test_where_every_encoding_says_the_same_none_is_overruled():
    assert read(declared("iso-8859-1", "plain").encode()).problems == ()


def test_the_encoding_that_was_overruled_is_told():
    assert read(declared("iso-8859-2").encode()).problems == ("declared as iso8859-2, read as utf-8",)


# --- Markup ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&T & Verizon", "AT&T & Verizon"),
        ("a &amp; b", "a & b"),
        ("caf&eacute;&nbsp;!", "café !"),
        ("&#150;&#x96;", "––"),
        ("&#00000000000065;", "A"),
        ("x&#0;&#xFFFE;&#8;y", "x\ufffdy"),
        ("&#xD800;&#x110000;&#99999999999999;", "\ufffd\ufffd\ufffd"),
        ("nul\0 and \x08control", "nul and control"),
        ("&bogus; &", "&bogus; &"),
        ("<![CDATA[1 &lt; 2 &bogus;]]>", "1 < 2 &bogus;"),
        ("&lt;i&gt;Neruda&lt;/i&gt;", "Neruda"),
        ("3 &lt; 4", "3 < 4"),
    ],
)
def test_title(written, title):
    assert titles(rss(item(title=written))) == [title]


def test_undeclared_prefixes_lose_nothing():
    body = rss("<item><title>a</title><media:thumbnail url='x'/><guid>1</guid></item>", item(title="b", guid="2"))
    assert titles(body) == ["a", "b"]


def test_unclosed_items_are_read():
    assert titles(b"<rss><channel><item><title>a</title><guid>1</guid><item><title>b</title>") == ["a", "b"]


@pytest.mark.parametrize(("root", "format_"), [("rss", "rss"), ("rdf:RDF", "rdf"), ("RSS", "rss")])
def test_format_comes_from_the_root(root, format_):
    assert read(rss(item(title="a"), root=root)).format == format_


class Refusing:
    """Takes the place of feedparser and raises what it raised for real documents."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *_args, **_kwargs):
        raise self.error


@pytest.mark.parametrize("error", [OverflowError("chr"), UnicodeEncodeError("utf-8", "x", 0, 1, "?"), RecursionError()])
@pytest.mark.parametrize("name", ["rss-2.0-wild.xml", "atom-1.0.xml", "rdf-1.0.xml"])
def test_when_feedparser_gives_up_the_items_are_still_read(monkeypatch, name, error):
    body = (CORPUS / name).read_bytes()
    expected = read(body)
    monkeypatch.setattr(feedparser, "parse", Refusing(error))
    salvaged = read(body)
    assert [(entry.entry_key, entry.title, entry.published_at) for entry in salvaged.entries] == [
        (entry.entry_key, entry.title, entry.published_at) for entry in expected.entries
    ]
    assert any("feedparser gave up" in problem for problem in salvaged.problems)


def test_when_nothing_can_be_read_the_feed_is_unreadable(monkeypatch):
    monkeypatch.setattr(feedparser, "parse", Refusing(ValueError("no")))
    with pytest.raises(UnreadableFeed, match="no items can be read"):
        read(b"<rss><channel></channel></rss>")


# --- Links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "channel", "link"),
    [
        ("a.html", "", "https://lequotidien.example/a.html"),
        ("a.html", "<link>https://site.example/news/</link>", "https://site.example/news/a.html"),
        ("/a.html", "<link>https://site.example/news/</link>", "https://site.example/a.html"),
        ("../a.html", "<link>https://site.example/news/</link>", "https://site.example/a.html"),
        ("?p=1", "<link>https://site.example/news/</link>", "https://site.example/news/?p=1"),
        ("a.html", "<link>news/</link>", "https://lequotidien.example/news/a.html"),
        ("//cdn.example/a", "", "https://cdn.example/a"),
        ("http://site.example/a?x=1&amp;y=2#live", "", "http://site.example/a?x=1&y=2#live"),
        ("https://a.example/x?ref=lequotidien.example", "", "https://a.example/x"),
        ("mailto:a@b.example", "", None),
        ("https://site.example/" + "a" * 9_000, "", None),
    ],
)
def test_links_are_resolved(written, channel, link):
    (entry,) = read(rss(item(title="t", link=written), channel=channel)).entries
    assert entry.link == link


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("<guid>https://site.example/1</guid>", "https://site.example/1"),
        ("<guid isPermaLink='false'>https://site.example/1</guid>", "https://site.example/1"),
        ("<guid>12345</guid>", None),
        ("<guid isPermaLink='true'>/a/b</guid>", None),
    ],
)
def test_a_guid_is_a_link_only_when_it_is_an_address(guid, link):
    (entry,) = read(rss(f"<item>{guid}<title>t</title></item>")).entries
    assert entry.link == link


# --- Authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "authors"),
    [
        ("<author>desk@site.example (Kim Lee)</author>", ("Kim Lee",)),
        ("<author>Kim Lee &lt;desk@site.example&gt;</author>", ("Kim Lee",)),
        ("<author>desk@site.example</author>", ("desk@site.example",)),
        ("<author>Kim (Desk)</author>", ("Kim (Desk)",)),
        ("<author>T&amp;amp;T</author>", ("T&T",)),
        ("<author></author>", ()),
        ("<author>A</author><author>B</author><author>A</author>", ("A", "B")),
    ],
)
def test_authors(element, authors):
    (entry,) = read(rss(f"<item><title>t</title>{element}</item>")).entries
    assert entry.authors == authors


# --- Identity --------------------------------------------------------------------------------------------------------


def keys(body, url=URL):
    return [entry.entry_key for entry in parse_feed(body, url=url).entries]


def key(identity):
    return hashlib.sha256(identity.encode()).digest()


def test_the_key_is_the_guid_as_written():
    assert keys(rss(item(guid=" t3_0 ", link="https://a.example/"))) == [key("t3_0")]


def test_without_a_guid_it_is_the_normalised_link():
    assert keys(rss(item(link="HTTP://A.example:80/x?utm_source=rss"))) == [key("https://a.example/x")]


def test_without_a_link_it_is_title_date_and_summary():
    assert keys(rss(item(title="t", pubDate="1 May 2024", description="d"))) == [key("t|1 May 2024|d")]


def test_keys_do_not_change_when_the_feed_moves():
    body = rss(item(guid="/a/b"), item(guid="t3"), "<item><guid isPermaLink='true'>c</guid><title>t</title></item>")
    assert keys(body, "http://old.example/rss") == keys(body, "https://new.example/deep/feed.xml")


def test_keys_do_not_depend_on_the_base_of_an_earlier_entry():
    based = "<entry xml:base='https://ex.example/0/'><id>urn:0</id></entry>"
    plain = "<entry><id>t3_1</id></entry>"
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'>{}</feed>"
    assert keys(feed.format(based + plain).encode())[1:] == keys(feed.format(plain).encode())


def test_keys_do_not_depend_on_the_base_of_their_own_entry():
    feed = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{}'><entry><id>t3_1</id></entry></feed>"
    assert keys(feed.format("https://old.example/").encode()) == keys(feed.format("https://new.example/").encode())


def test_a_guid_used_twice_is_told_apart_by_link_then_title():
    body = rss(
        item(guid="1", link="https://a.example/1", title="a"),
        item(guid="1", link="https://a.example/2", title="b"),
        item(guid="1", link="https://a.example/2", title="c"),
        item(guid="1", link="https://a.example/2", title="c"),
    )
    feed = read(body)
    assert [entry.entry_key for entry in feed.entries] == [
        key("1"),
        key("1|https://a.example/2"),
        key("1|https://a.example/2|c"),
    ]
    assert feed.problems == ("1 items repeat another one",)


def test_a_link_used_twice_is_told_apart_by_title():
    body = rss(item(link="https://a.example/live#1", title="a"), item(link="https://a.example/live#2", title="b"))
    assert keys(body) == [key("https://a.example/live"), key("https://a.example/live|b")]


def test_a_long_guid_is_cut_but_its_key_is_made_of_all_of_it():
    long = "g" * 100_000
    (entry,) = read(rss(item(guid=long))).entries
    assert len(entry.guid) == 2_000
    assert entry.entry_key == key(long)


# --- Revisions -------------------------------------------------------------------------------------------------------


def content_digest(**fields):
    (entry,) = read(rss(item(guid="1", **fields))).entries
    return entry.content_sha256


def test_white_space_and_counts_are_no_revision():
    digest = content_digest(title="Tin", description="Prices rise. 12 comments")
    assert content_digest(title=" Tin", description="Prices\n rise. 1,345 comments ") == digest


@pytest.mark.parametrize("changed", [{"title": "Zinc"}, {"description": "Prices fall."}])
def test_other_words_are_a_revision(changed):
    before = {"title": "Tin", "description": "Prices rise."}
    assert content_digest(**before) != content_digest(**(before | changed))


def test_a_link_or_date_alone_is_no_revision():
    assert content_digest(title="Tin", link="https://a.example/1") == content_digest(title="Tin", pubDate="1 May 2024")


# --- Amounts ---------------------------------------------------------------------------------------------------------


def sitemap(*dates):
    pages = "".join(
        f"<url><loc>https://a.example/{n}</loc><lastmod>{day}</lastmod></url>" for n, day in enumerate(dates)
    )
    return f"<urlset>{pages}</urlset>".encode()


def test_of_many_items_the_newest_are_kept_in_their_order():
    old, new = ["2001-01-01"] * 500, ["2024-05-01"] * 1_999
    feed = read(sitemap(*old, *new))
    assert len(feed.entries) == 2_000
    assert [entry.link for entry in feed.entries[:2]] == ["https://a.example/0", "https://a.example/500"]
    assert feed.problems == ("499 items are older than the newest 2,000",)


def test_text_is_bounded():
    (entry,) = read(rss(item(title="t" * 5_000, description="d " * 50_000))).entries
    assert len(entry.title) == 1_000
    assert len(entry.summary) <= 20_000


# --- Small things ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "language"), [("en_US", "en-US"), (" de ", "de"), ("English (UK)", None), ("", None)]
)
def test_language_is_a_tag_or_nothing(written, language):
    assert read(rss(item(title="t"), channel=f"<language>{written}</language>")).language == language


@pytest.mark.parametrize(
    ("written", "ttl_s"), [("60", 3600), (" 5 ", 300), ("-1", None), ("soon", None), ("9" * 30, None)]
)
def test_ttl_is_seconds(written, ttl_s):
    assert read(rss(item(title="t"), channel=f"<ttl>{written}</ttl>")).ttl_s == ttl_s


def test_a_feed_without_items_is_a_feed():
    assert read(rss(channel="<title>Quiet</title>")).entries == ()


def test_a_summary_that_repeats_the_content_is_left_out():
    body = b"<rss xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><item><guid>1</guid>"
    body += b"<content:encoded>&lt;p&gt;All of it.&lt;/p&gt;</content:encoded></item></channel></rss>"
    (entry,) = read(body).entries
    assert (entry.summary, entry.content) == (None, "All of it.")


HOURS, DAYS = "<skipHours>{}</skipHours>", "<skipDays>{}</skipDays>"


@pytest.mark.parametrize(
    ("channel", "hours", "days"),
    [
        ("", set(), set()),
        (HOURS.format("<hour>0</hour>\n<hour> 13 </hour>"), {0, 13}, set()),
        (HOURS.format("<hour>24</hour><hour>25</hour><hour>-1</hour><hour>noon</hour>"), {0}, set()),
        (DAYS.format("<day>Saturday</day><day>sunday</day><day>Feiertag</day>"), set(), {5, 6}),
        (HOURS.format("<hour>1</hour>") + DAYS.format("<day>Monday</day>"), {1}, {0}),
        (HOURS.format("") + "<hour>3</hour>", set(), set()),
    ],
)
def test_hours_and_days_to_skip(channel, hours, days):
    feed = read(rss(item(title="t"), channel=channel))
    assert {place for place in range(30) if feed.skip_hours >> place & 1} == hours
    assert {place for place in range(30) if feed.skip_days >> place & 1} == days


@pytest.mark.parametrize(
    ("channel", "period_s"),
    [
        ("", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        ("<sy:updatePeriod>\n\tdaily\t</sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 604_800),
        ("<sy:updatePeriod>whenever</sy:updatePeriod>", None),
    ],
)
def test_how_often_a_feed_says_it_is_updated(channel, period_s):
    assert read(rss(item(title="t"), channel=channel)).period_s == period_s


# --- What feedparser cannot do ---------------------------------------------------------------------------------------


def test_the_first_item_is_read_like_the_others():
    """Two descriptions of the channel changed what the two descriptions of its first item meant."""
    two = "<itunes:summary>short</itunes:summary><description>&lt;p&gt;long&lt;/p&gt;</description>"
    items = (f"<item><guid>{guid}</guid>{two}</item>" for guid in "ab")
    body = f"<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel>{two}{''.join(items)}</channel></rss>"
    [first, second] = read(body.encode()).entries
    assert (first.summary, first.content) == (second.summary, second.content) == ("short", "long")


def test_more_items_than_feedparser_can_take_are_read_all_the_same():
    feed = read(rss(*(item(guid=n, title=f"t{n}") for n in range(3_001))))
    assert (feed.items, len(feed.entries), feed.entries[0].title) == (3_001, 2_000, "t0")
    assert "about 3,001 items, read without feedparser" in feed.problems
