import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.urls import (
    address_key,
    host_of,
    normalize_url,
    registrable_domain,
    resolve,
    same_site,
    without_referrer,
)

ANY_CHARS = st.text(st.characters(exclude_categories=()), max_size=30)
AWKWARD = st.text("%aF/.\\?#&=;:@[]!~ äß中😀\t\n", max_size=30)
HOSTS = st.sampled_from(
    ["Example.ORG", "münchen.de", "127.0.0.1", "[::1]", "a_b.example", "i❤.ws", "例え.jp", "x.org."]
)


@st.composite
def urls(draw):
    return "".join(
        [
            draw(st.sampled_from(["http://", "https://", "HTTP:\\\\", "https:", " http://user:pw@"])),
            draw(HOSTS),
            draw(st.sampled_from(["", ":80", ":443", ":8080", ":", ":0099"])),
            draw(st.sampled_from(["/", "\\", "?", "#"])),
            draw(AWKWARD | ANY_CHARS),
        ]
    )


# --- normalize_url ---------------------------------------------------------------------------------------------------

WRAPPED = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        [
            "https://www.google.com/amp/",
            "https://www.google.com/%61mp/./",
            "https://x.cdn.ampproject.org/c/",
            "https://cdn.ampproject.org/v/s/",
        ]
    ),
    st.sampled_from(["s/", "", "cdn.ampproject.org/c/s/", "www.google.de/amp/s/", "s/s/"]),
    st.sampled_from(
        [
            "example.org/a",
            "example.org",
            "[::1]/a",
            "..",
            "a@b.org:99999/",
            "example.org/?a=b&%61mp=1#!x",
            "e%78ample.org/%2e%2e/x",
        ]
    ),
)


@given(WRAPPED)
def test_normalizing_a_wrapped_address_twice_changes_nothing(url):
    assert normalize_url(normalize_url(url)) == normalize_url(url)


@given(urls())
def test_normalizing_twice_changes_nothing(url):
    assert normalize_url(normalize_url(url)) == normalize_url(url)


@given(urls())
def test_a_normalized_address_is_plain_ascii_and_https(url):
    normalized = normalize_url(url)
    assert normalized.isascii()
    assert normalized.startswith("https://")
    assert not any(char.isspace() for char in normalized)


@given(ANY_CHARS | AWKWARD.map("http://".__add__))
def test_any_text_is_an_address_or_a_value_error(text):
    try:
        normalized = normalize_url(text)
    except ValueError:
        return
    assert normalize_url(normalized) == normalized


@pytest.mark.parametrize(
    ("url", "normalized"),
    [
        ("http://Example.ORG", "https://example.org/"),
        ("HTTP://example.org:80/a", "https://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://MÜNCHEN.de/", "https://xn--mnchen-3ya.de/"),
        ("https://i❤.ws/", "https://xn--i-7iq.ws/"),
        ("https://[2001:DB8:0::1]/a", "https://[2001:db8::1]/a"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/../../a/..", "https://example.org/"),
        ("https://example.org/%7euser/%e4%b8%ad/ü", "https://example.org/~user/%E4%B8%AD/%C3%BC"),
        ("https://example.org/100%/a b", "https://example.org/100%25/a%20b"),
        ("https://example.org/a#section", "https://example.org/a"),
        ("https://example.org/#!/a", "https://example.org/#!/a"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1&&empty=", "https://example.org/a?b=2&a=1&empty="),
        ("https://example.org/a?utm_source=x&id=7&UTM_Medium=y&fbclid=z", "https://example.org/a?id=7"),
        ("https://example.org/a?utm%5Fsource=x", "https://example.org/a"),
        ("https://example.org/a?xtor=RSS-1&at_campaign=b&at_custom1=c&mc_eid=d", "https://example.org/a"),
        ("https://example.org/a?ref=home", "https://example.org/a?ref=home"),
        ("https://example.org/a?gclsrc=x&wt.mc_id=1&ns_campaign=y&cmpid=z&s=1", "https://example.org/a?s=1"),
        ("https://example.org/a?amp", "https://example.org/a"),
        ("https://example.org/a?amp=1&b=2", "https://example.org/a?b=2"),
        ("https://example.org/a?outputType=amp", "https://example.org/a"),
        ("https://example.org/a?amp=220", "https://example.org/a?amp=220"),  # of current, on a page about fuses
        ("https://www.google.com/amp/s/www.example.org/a/?usqp=x#aoh=1", "https://www.example.org/a/"),
        ("https://www.google.co.uk/amp/example.org/a", "https://example.org/a"),
        ("https://www.google.com/amp/", "https://www.google.com/amp/"),
        ("https://www.google.com/search?q=amp", "https://www.google.com/search?q=amp"),
        ("https://example-org.cdn.ampproject.org/c/s/example.org/a?id=7&amp_js_v=0.1", "https://example.org/a?id=7"),
        ("https://cdn.ampproject.org/v/s/example.org/a", "https://example.org/a"),
        ("https://cdn.ampproject.org/c/s/www.google.com/amp/s/example.org/a", "https://example.org/a"),
        ("https://cdn.ampproject.org/c/s/exa mple.org/a", "https://cdn.ampproject.org/c/s/exa%20mple.org/a"),
        ("https://m.example.org/a", "https://m.example.org/a"),  # its page says whose twin it is
        ("https://example.org/amp/a", "https://example.org/amp/a"),
        ("https://example.org/a?attitude=1&_gloss=2", "https://example.org/a?attitude=1&_gloss=2"),
        ("  https://example.org/a\nb ", "https://example.org/ab"),
        ("https:\\\\example.org\\a", "https://example.org/a"),
    ],
)
def test_normalized_spelling_of(url, normalized):
    assert normalize_url(url) == normalized


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org/a",
        "//example.org/a",
        "ftp://example.org/",
        "mailto:a@example.org",
        "javascript:alert(1)",
        "https://",
        "https:///?q",
        "https://exa mple.org/",
        "https://example..org/",
        "https://[::1/",
        "https://[not-an-address]/",
        "https://example.org:99999/",
        "https://example.org:80x/",
        f"https://{'a' * 300}.org/",
        f"https://example.org/{'a' * 9000}",
    ],
)
def test_refuses(text):
    with pytest.raises(ValueError, match=r"not a|does not|longer than|address|At "):
        normalize_url(text)


def test_the_key_of_an_address_is_the_digest_of_its_spelling():
    digest = hashlib.sha256(b"https://example.org/a").digest()
    assert address_key("http://Example.org/a#x") == digest
    assert address_key("https://example.org/b") != digest


# --- hosts and sites -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example.org:8080/a", "news.example.org"),
        ("http://[::1]:80/", "[::1]"),
        ("http://10.0.0.1/", "10.0.0.1"),
    ],
)
def test_host_of(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url_or_host", "domain"),
    [
        ("https://news.bbc.co.uk/x", "bbc.co.uk"),
        ("www.lemonde.fr", "lemonde.fr"),
        ("someone.github.io", "someone.github.io"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("localhost", "localhost"),
        ("http://a.b.invalid/", "a.b.invalid"),
        ("https://новости.президент.рф/", "xn--d1abbgf6aiiy.xn--p1ai"),
    ],
)
def test_registrable_domain(url_or_host, domain):
    assert registrable_domain(url_or_host) == domain


def test_hosts_of_one_registered_domain_are_the_same_site():
    assert same_site("https://www.bbc.co.uk/a", "http://news.bbc.co.uk/b")
    assert not same_site("https://a.co.uk/", "https://b.co.uk/")
    assert not same_site("https://one.github.io/", "https://two.github.io/")


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("b", "http://example.org/news/b"),
        ("/b?x=1", "http://example.org/b?x=1"),
        ("//cdn.example.net/c", "http://cdn.example.net/c"),
        ("https://other.example/ü x?y=%20|", "https://other.example/%C3%BC%20x?y=%20|"),
        ("HTTPS://Other.Example", "https://other.example/"),
        ("www.other.example/a", "https://www.other.example/a"),
        (" \n/b#live-42 ", "http://example.org/b#live-42"),
        ("https://user:secret@other.example/a", "https://other.example/a"),
        ("?page=2", "http://example.org/news/?page=2"),
        ("https:\\\\other.example\\a", "https://other.example/a"),
        ("https://www.google.com/amp/s/other.example/a?b=1", "https://other.example/a?b=1"),
    ],
)
def test_a_link_leads_to(link, target):
    assert resolve("http://example.org/news/", link) == target


@pytest.mark.parametrize(
    "link", ["", "  ", "mailto:a@b.c", "javascript:void(0)", "tag:example.org,2024:1", "http://", "http://[x/"]
)
def test_a_link_leads_nowhere(link):
    assert resolve("http://example.org/news/", link) is None


@given(AWKWARD | ANY_CHARS)
def test_what_a_link_leads_to_is_an_address(link):
    target = resolve("https://example.org/news/", link)
    assert target is None or (target.isascii() and resolve("https://elsewhere.example/", target) == target)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x?ref=blog.example", "https://a.example/x"),
        ("https://a.example/x?id=1&ref=blog.example&b=2", "https://a.example/x?id=1&b=2"),
        ("https://a.example/x?ref=other.example", "https://a.example/x?ref=other.example"),
        ("https://a.example/x", "https://a.example/x"),
    ],
)
def test_the_host_that_links_is_no_part_of_the_address(url, kept):
    assert without_referrer(url, "blog.example") == kept
