"""What is known is not read again, and nothing else changes: the pruned reading equals the whole one, less the known."""

import csv
from dataclasses import replace
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.feeds import NotAFeed, UnreadableFeed, parse_feed
from newswire.core.feeds.decoding import decode
from newswire.core.feeds.markup import find_root
from newswire.core.feeds.pruning import outline_of

URL = "https://lequotidien.example/feed"


def rss(*items, head="", attributes=""):
    return f"<rss version='2.0'{attributes}><channel><title>T</title>{head}{''.join(items)}</channel></rss>".encode()


def item(guid, title="t", link=None):
    return f"<item><guid>{guid}</guid><title>{title}</title><link>{link or f'https://a.example/{guid}'}</link></item>"


def read(body, memory=None, url=URL):
    return parse_feed(body, url=url, memory=memory)


def titles(feed):
    return [entry.title for entry in feed.entries]


def assert_same_but_for_the_known(pruned, body, memory, url=URL):
    """Equal in every field, the entries in their order; without anything known, the whole reading itself."""
    whole = read(body, url=url)
    known = known_keys(body, memory) if pruned.known else set()
    assert len(known) == pruned.known
    assert pruned.entries == tuple(entry for entry in whole.entries if entry.entry_key not in known)
    assert replace(pruned, entries=(), known=0) == replace(whole, entries=(), known=0)


def known_keys(body, memory):
    """The keys of those items of a document that a memory has."""
    text, _ = decode(body, None)
    outline = outline_of(text, find_root(text))
    return {key for key in outline.without(memory).keys if key}


# --- What is cut -----------------------------------------------------------------------------------------------------


def test_only_new_and_changed_items_are_read():
    before = read(rss(item(1), item(2), item(3)))
    after = read(rss(item(4), item(1), item(2, "changed"), item(3)), before.memory)
    assert (titles(after), after.known, after.items) == (["t", "changed"], 2, 4)
    assert after.memory.entry_keys == read(rss(item(4), item(1), item(2, "changed"), item(3))).memory.entry_keys


def test_a_new_head_alone_leaves_nothing_to_read():
    before = read(rss(item(1), item(2), head="<lastBuildDate>Mon, 03 Jun 2024 10:00:00 GMT</lastBuildDate>"))
    after = read(
        rss(item(1), item(2), head="<lastBuildDate>Mon, 03 Jun 2024 11:00:00 GMT</lastBuildDate>"), before.memory
    )
    assert (after.entries, after.known, after.memory) == ((), 2, before.memory)


def test_a_memory_survives_from_document_to_document():
    memory = read(rss(item(1))).memory
    for newest in range(2, 6):
        feed = read(rss(*(item(guid) for guid in range(newest, 0, -1))), memory)
        assert (len(feed.entries), feed.known) == (1, newest - 1)
        memory = feed.memory


@pytest.mark.parametrize(
    "tricky",
    [
        "<item><guid>9</guid><description><![CDATA[</item><item>]]></description></item>",
        "<item><guid>9</guid><!-- </item><item> --><title>t</title></item>",
        "<item><guid>9</guid><?php </item> ?><title>t</title></item>",
        "<item about='a>b'><guid>9</guid><title>t</title></item>",
        "<item ><guid>9</guid><title>t</title></item >",
        "<!-- <item><guid>0</guid></item> --><item><guid>9</guid></item>",
    ],
)
def test_tags_that_mean_nothing_end_no_item(tricky):
    before = read(rss(item(1), tricky, item(2)))
    after = read(rss(item(3), item(1), tricky, item(2)), before.memory)
    assert (len(after.entries), after.known) == (1, 3)


def test_atom_and_rdf_are_pruned_too():
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{}</feed>"
    entry = "<entry><id>{0}</id><title>{0}</title></entry>"
    before = read(atom.format(entry.format("a")).encode())
    after = read(atom.format(entry.format("b") + entry.format("a")).encode(), before.memory)
    assert (titles(after), after.known) == (["b"], 1)


# --- When the whole document is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1), "<item><guid>2</guid><item>inner</item></item>"),
        rss(item(1), "<item><guid>2</guid>"),
        rss(item(1), "</item>", item(2)),
        rss(item(1), item(2)).replace(b"<rss", b"<!DOCTYPE rss [<!ENTITY a 'x'>]><rss"),
    ],
)
def test_a_document_that_cannot_be_taken_apart_is_read_whole(body):
    text = body.decode()
    assert outline_of(text, find_root(text)) is None
    assert read(body, read(rss(item(1))).memory) == read(body)


def test_a_document_that_is_not_well_formed_is_not_remembered():
    assert read(rss(item(1), "<item><guid>2</guid><title><b>bold</title></item>")).memory is None


def test_a_broken_new_item_makes_the_document_be_read_whole():
    before = read(rss(item(1)))
    body = rss("<item><guid>2</guid><title><b>bold</title></item>", item(1))
    assert read(body, before.memory) == read(body)


@pytest.mark.parametrize(
    "changed",
    [
        (rss(item(1), item(2), head="<link>https://elsewhere.example/</link>"), URL),
        (rss(item(1), item(2), attributes=" xmlns:dc='urn:other'"), URL),
        (rss(item(1), item(2)), "https://moved.example/feed"),
    ],
)
def test_items_are_unknown_where_what_they_share_has_changed(changed):
    body, url = changed
    assert read(body, read(rss(item(1))).memory, url) == read(body, url=url)


def test_an_item_that_shares_its_guid_is_read_again_each_time():
    """Which of them has which key depends on who stands in front."""
    before = read(rss(item(1, "first"), item(1, "second", "https://a.example/b")))
    assert len(before.memory.entry_keys) == 32
    body = rss(item(1, "new", "https://a.example/c"), item(1, "first"), item(1, "second", "https://a.example/b"))
    assert read(body, before.memory) == read(body)


def test_a_new_item_with_the_guid_of_a_known_one_gets_the_key_that_it_has_in_the_whole():
    before = read(rss(item(1)))
    body = rss(item(1), item(1, "twin", "https://a.example/b"))
    after = read(body, before.memory)
    assert after.known == 1
    assert after.entries == read(body).entries[1:]


# --- Always ----------------------------------------------------------------------------------------------------------

_PARTS = st.sampled_from(
    [
        "<title>a &amp; b</title>",
        "<title>other</title>",
        "<description><![CDATA[<p>x</p></item><item>]]></description>",
        "<description>count 12 comments</description>",
        "<!-- </item> -->",
        "<?pi <item> ?>",
        "<pubDate>Mon, 03 Jun 2024 10:00:00 GMT</pubDate>",
        "<link>/relative</link>",
        "<link>https://a.example/1</link>",
        "<guid isPermaLink='false'>g1</guid>",
        "<guid>g2</guid>",
        "<guid>g3</guid>",
        "<category term='>'/>",
        "<b>",
    ]
)
_ITEMS = st.lists(_PARTS, max_size=5).map(lambda parts: f"<item>{''.join(parts)}</item>") | st.just("<item/>")
_DOCUMENTS = st.lists(_ITEMS, max_size=6)


@given(before=_DOCUMENTS, after=_DOCUMENTS, data=st.data())
def test_the_pruned_reading_is_the_whole_one_less_the_known(before, after, data):
    kept = data.draw(st.lists(st.sampled_from(before), max_size=4)) if before else []
    mixed = data.draw(st.permutations([*after, *kept]))
    memory, body = memory_of(rss(*before)), rss(*mixed)
    if memory is None:
        return
    try:
        pruned = read(body, memory)
    except (NotAFeed, UnreadableFeed) as refusal:
        with pytest.raises(type(refusal)):
            read(body)
    else:
        assert_same_but_for_the_known(pruned, body, memory)


def memory_of(body):
    try:
        return read(body).memory
    except (NotAFeed, UnreadableFeed):
        return None


@pytest.mark.corpus
def test_captures_are_pruned_exactly(corpus):
    """A tenth of the captures; `make bench-feeds` proves all."""
    with ZipFile(corpus / "feeds" / "real.zip") as documents, (corpus / "feeds" / "real.csv").open() as rows:
        for row in list(csv.DictReader(rows))[::10]:
            memory = read(body := documents.read(row["file"])).memory
            if memory:
                half = len(memory.entry_keys) // 64
                some = replace(
                    memory, item_digests=memory.item_digests[: 16 * half], entry_keys=memory.entry_keys[: 32 * half]
                )
                assert_same_but_for_the_known(read(body, some), body, some)
