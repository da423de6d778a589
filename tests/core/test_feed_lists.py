"""Lists of feeds: what people keep in files is read as they mean it, and what is written is read back the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.feed_lists import merged, read_list, write_csv, write_opml
from newswire.errors import ConfigError
from newswire.records import Subscription

MINER = Subscription(
    url="https://miner.example/feed?a=1&b=2",
    title='The "Miner" & <Co>',
    publisher="Miner",
    domain="miner.example",
    country="CA",
    language="en",
    kind="trade",
    groups=("Raw materials", "World/Americas"),
    tags=("metals", "rare earths"),
    owner="desk@example.org",
    note="often late",
)
BARE = Subscription(url="https://bare.example/rss")


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?>\n<opml version="1.0">\n<head/>\n<body>\n{body}\n</body>\n</opml>'.encode()


# --- OPML ------------------------------------------------------------------------------------------------------------


def test_folders_become_groups_and_categories_tags():
    document = opml(
        '<outline text="World"><outline title="Asia">\n'
        '<outline type="rss" text="Kyodo" xmlUrl="https://kyodo.example/rss" category="wire,/japan" language="ja"/>\n'
        "</outline></outline>"
    )
    [kyodo] = read_list(document, name="mine.opml").subscriptions
    assert kyodo == Subscription(
        url="https://kyodo.example/rss", title="Kyodo", language="ja", groups=("World/Asia",), tags=("wire", "/japan")
    )


def test_a_list_that_another_reader_wrote_is_read():
    """Attributes in other cases, `feed:` addresses, links that are no feeds, a site that tells the publisher."""
    document = opml(
        '<outline text="a/b; c">\n'
        '<outline text="One" xmlurl="feed://one.example/rss" htmlUrl="http://www.one.com/"/>\n'
        '<outline text="A page" type="link" url="https://page.example/"/>\n</outline>'
        '<outline text="Two" xmlUrl="feed:https://two.example/rss" htmlUrl="about:blank" language="unknown"/>\n'
    )
    read = read_list(document, name="mine.opml")
    assert [(s.url, s.domain, s.groups) for s in read.subscriptions] == [
        ("http://one.example/rss", "one.com", ("a-b, c",)),
        ("https://two.example/rss", None, ()),
    ]
    assert read.problems == ()


def test_a_wrong_line_is_named_and_the_others_are_read():
    document = opml(
        '<outline text="Good" xmlUrl="https://good.example/rss"/>\n<outline text="Bad" type="rss" xmlUrl="ftp://x"/>'
    )
    read = read_list(document, name="mine.opml")
    assert [s.title for s in read.subscriptions] == ["Good"]
    [problem] = read.problems
    assert problem.startswith(
        "mine.opml:6: 'ftp://x' is not a web address; give the whole address of the feed, such as"
    )


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (
            opml('<outline xmlUrl="https://a.example/?x&y"/>'),
            r"^mine\.opml:5: not well-formed.*; a bare & is written &amp;",
        ),
        (opml('<outline text="open">'), r"^mine\.opml:6: mismatched tag; close every <outline>"),
        (opml('<outline text="&nbsp;"/>'), r"^mine\.opml:5: undefined entity; write the character itself"),
        (b"<html><body/></html>", r"^mine\.opml:1: <html> is not OPML; give an OPML file"),
        (b"", r"^mine\.opml:1: no element found; the file ends too early"),
    ],
)
def test_a_broken_file_names_line_and_mend(document: bytes, says: str):
    with pytest.raises(ConfigError, match=says):
        read_list(document, name="mine.opml")


def test_entities_are_refused():
    """Nine lines of them become gigabytes; others fetch files."""
    bomb = b'<!DOCTYPE opml [\n<!ENTITY a "aaaaaaaaaa">\n<!ENTITY b "&a;&a;&a;&a;">]>\n<opml><body>&b;</body></opml>'
    with pytest.raises(ConfigError, match=r"^mine\.opml:2: it declares the entity 'a'"):
        read_list(bomb, name="mine.opml")
    external = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<opml><body/></opml>'
    with pytest.raises(ConfigError, match="it declares the entity 'x'"):
        read_list(external, name="mine.opml")


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_a_table_of_any_spreadsheet_is_read():
    table = '\ufeffURL;lang;groups;stars\r\nhttps://a.example/rss;PT_br;"Metals; World/Asia";5\r\n;;;\r\n'
    [read] = read_list(table.encode(), name="mine.csv").subscriptions
    assert read == Subscription(url="https://a.example/rss", language="PT-br", groups=("Metals", "World/Asia"))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (
            "country\nhttps://a.example/,XQ",
            "mine.csv:2: 'XQ' is no country; write its two letters (ISO 3166-1), such as DE",
        ),
        ("language\nhttps://a.example/,German!", "mine.csv:2: 'German!' is no language; write its tag (BCP 47)"),
        (
            "kind\nhttps://a.example/,radio",
            "mine.csv:2: 'radio' is no kind of publisher; choose from agency, newspaper",
        ),
        (
            "domain\nhttps://a.example/,not a domain",
            "mine.csv:2: 'not a domain' is no domain; write it as in example.org",
        ),
        ("title\nhttps://me:secret@a.example/,x", "mine.csv:2: an address with a user name or password is never asked"),
        ("title\n,Nothing", "mine.csv:2: there is no address; give the whole address of the feed"),
    ],
)
def test_a_wrong_cell_names_line_problem_and_mend(cell: str, says: str):
    [problem] = read_list(f"url,{cell}\n".encode(), name="mine.csv").problems
    assert problem.startswith(says)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            b"title,country\nx,DE\n",
            r"^mine\.csv:1: there is no column `url`; name the columns in the first line: url, title",
        ),
        (b"url,title\nhttps://a.example/,\xfc\n", r"^mine\.csv:2: not UTF-8; save the file as CSV in UTF-8"),
        (b"", r"^mine\.csv:1: there is no column `url`"),
    ],
)
def test_a_file_that_is_no_table_names_the_mend(table: bytes, says: str):
    with pytest.raises(ConfigError, match=says):
        read_list(table, name="mine.csv")


@pytest.mark.parametrize("start", "=+-@")
def test_no_cell_that_is_written_is_a_formula(start: str):
    feed = replace(BARE, title=f'{start}HYPERLINK("http://evil.example")', note=f"{start}1")
    cells = [cell for line in csv.reader(io.StringIO(write_csv([feed]))) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert read_list(write_csv([feed]).encode(), name="mine.csv").subscriptions == (feed,)


# --- Both ------------------------------------------------------------------------------------------------------------

_words = st.text("aé中 &<>\"'=-+;,/\u0301", max_size=8).map(lambda text: " ".join(text.split()))
_names = st.text("aé中&<\"'=-", min_size=1, max_size=6)
_feeds = st.builds(
    Subscription,
    url=st.integers(0, 9).map("https://f{}.example/rss?a=1&b=2".format),
    title=_words.map(lambda text: text or None),
    publisher=_words.map(lambda text: text or None),
    country=st.sampled_from([None, "DE", "JP"]),
    kind=st.sampled_from([None, "agency", "trade"]),
    groups=st.lists(_names, max_size=2, unique=True).map(tuple),
    tags=st.lists(_names, max_size=2, unique=True).map(tuple),
    note=_words.map(lambda text: text or None),
)


@given(st.lists(_feeds, max_size=4, unique_by=lambda feed: feed.url))
def test_what_is_written_is_read_back_the_same(feeds: list[Subscription]):
    table = read_list(write_csv(feeds).encode(), name="mine.csv")
    assert (list(table.subscriptions), table.problems) == (feeds, ())
    outlines = read_list(write_opml(feeds).encode(), name="mine.opml")
    assert {f.url: named(f) for f in merged(outlines.subscriptions)} == {f.url: named(f) for f in feeds}


def named(feed: Subscription) -> Subscription:
    """Outlines always have a text, and no order of groups."""
    return replace(feed, title=feed.title or feed.publisher or feed.url, groups=tuple(sorted(feed.groups)))


def test_everything_that_is_said_of_a_feed_survives():
    for document in (write_csv([MINER, BARE]), write_opml([MINER, BARE])):
        read = merged(read_list(document.encode(), name="mine").subscriptions)
        assert next(feed for feed in read if feed.domain) == MINER


def test_one_address_is_one_feed():
    twice = [replace(BARE, groups=("a",)), replace(BARE, url="http://bare.example/rss#x", groups=("b",), title="Bare")]
    assert merged(twice) == [replace(BARE, title="Bare", groups=("a", "b"))]
