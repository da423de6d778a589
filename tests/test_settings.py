"""Addresses are checked before anybody calls there: where hubs reach us, where the newsroom stands."""

from __future__ import annotations

import pytest

from newswire.errors import ConfigError
from newswire.settings import Settings

KNOWN = {"NEWSWIRE_WAREHOUSE": "postgresql://x/y", "NEWSWIRE_ARCHIVE": "/nowhere"}
DEMO = {"NEWSWIRE_MODE": "demo", "NEWSWIRE_NEWSROOM": "127.0.0.1:9"}


def public_url(url: str, **more: str) -> str | None:
    return Settings.from_env({**KNOWN, "NEWSWIRE_PUBLIC_URL": url, **more}).public_url


def test_without_an_address_websub_is_off():
    assert public_url("") is None


@pytest.mark.parametrize("url", ["https://news.example.org", "http://news.example.org:8443/newswire/"])
def test_an_address_that_hubs_can_reach_is_taken(url):
    assert public_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "news.example.org",
        "ftp://news.example.org",
        "https://",
        "https://a:b@news.example.org",
        "https://news.example.org/?a=1",
    ],
)
def test_what_is_no_address_is_told_with_the_mend(url):
    with pytest.raises(ConfigError, match=r"is not an address such as https://news\.example\.org"):
        public_url(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_loopback_address_is_for_the_newsroom_only(host):
    with pytest.raises(ConfigError, match="this machine only"):
        public_url(f"http://{host}:8080")
    assert public_url(f"http://{host}:8080", **DEMO) == f"http://{host}:8080"


def newsroom(place: str) -> tuple[str, int] | None:
    return Settings.from_env({**KNOWN, **DEMO, "NEWSWIRE_NEWSROOM": place}).newsroom


def test_a_newsroom_is_found_by_its_name():
    assert newsroom("localhost:8090") == ("127.0.0.1", 8090)
    assert newsroom("") is None


@pytest.mark.parametrize("place", ["8090", ":8090", "localhost", "localhost:http"])
def test_a_place_that_is_none_is_told_with_the_mend(place):
    with pytest.raises(ConfigError, match="is not HOST:PORT"):
        newsroom(place)


def test_a_newsroom_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match="there is no host nowhere"):
        newsroom("nowhere.invalid:8090")


def test_a_live_system_has_no_newsroom():
    with pytest.raises(ConfigError, match="for the demo and for tests"):
        Settings.from_env({**KNOWN, "NEWSWIRE_NEWSROOM": "localhost:8090"})
