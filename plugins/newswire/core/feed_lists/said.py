"""What somebody says of a feed, in a file or at a terminal: checked, each problem with its mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast, get_args

from newswire.core.countries import COUNTRIES
from newswire.core.urls import normalize_url, registrable_domain
from newswire.records import PublisherKind, Subscription

LIST_MARK = ";"  # between groups, and between tags
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)  # BCP 47, as far as its form goes
_CONNECTION = re.compile(r"[\w#.:()-]{1,250}")  # airflow.sdk: what an id may be
_FEED_SCHEME = re.compile(r"^feed:(?:(?://)?(?=https?:)|(?=//))", re.IGNORECASE)  # what browsers once wrote
_PASSWORD = re.compile(r"https?:/*[^/?#]*@", re.IGNORECASE)


def subscription(said: Mapping[str, str | None]) -> Subscription:
    """A subscription from the texts of its fields; lists are separated by semicolons. Raises ValueError, `problem; mend`."""
    texts = {name: text for name, raw in said.items() if (text := _tidy(raw))}
    url = _url(texts.get("url", ""))
    if "connection" in texts and url.lower().startswith("http:"):
        raise ValueError("a credential is sent over https only; give the https address of the feed")
    return Subscription(
        url=url,
        title=texts.get("title"),
        publisher=texts.get("publisher"),
        domain=_domain(texts.get("domain")),
        country=country(texts.get("country")),
        language=language(texts.get("language")),
        kind=kind(texts.get("kind")),
        groups=_groups(texts.get("groups", "")),
        tags=listed(texts.get("tags", "")),
        owner=texts.get("owner"),
        note=texts.get("note"),
        connection=connection(texts.get("connection")),
    )


def country(text: str | None) -> str | None:
    """A country code; `uk` is understood. Raises ValueError."""
    if text is None:
        return None
    code = {"UK": "GB"}.get(text.upper(), text.upper())
    if code not in COUNTRIES:
        raise ValueError(f"{text!r} is no country; write its two letters (ISO 3166-1), such as DE")
    return code


def language(text: str | None) -> str | None:
    """A language tag. Raises ValueError."""
    if text is None:
        return None
    tag = text.replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{text!r} is no language; write its tag (BCP 47), such as de or pt-BR")
    return tag


def kind(text: str | None) -> PublisherKind | None:
    """A kind of publisher. Raises ValueError."""
    if text is None:
        return None
    known = get_args(PublisherKind)
    if text.lower() not in known:
        raise ValueError(f"{text!r} is no kind of publisher; choose from {', '.join(known)}")
    return cast("PublisherKind", text.lower())


def connection(text: str | None) -> str | None:
    """The id of a connection, as Airflow allows it. Raises ValueError."""
    if text is None:
        return None
    if not _CONNECTION.fullmatch(text):
        raise ValueError(f"{text!r} is no id of a connection; write the id that `airflow connections list` shows")
    return text


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(LIST_MARK) if part.strip()))


def _groups(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (group_name(part.split("/")) for part in listed(text))))


def group_name(path: list[str]) -> str:
    """The name of a group within others."""
    return "/".join(name for part in path if (name := part.strip()))


def _url(text: str) -> str:
    url = _FEED_SCHEME.sub("", text)
    url = f"http:{url}" if url.startswith("//") else url
    if _PASSWORD.match(url):
        raise ValueError(
            "an address with a user name or password is never asked; give it without, and the id of a connection"
        )
    try:
        normalize_url(url)
    except ValueError:
        shown = f"{text[:100]!r} is not a web address" if text else "there is no address"
        raise ValueError(f"{shown}; give the whole address of the feed, such as https://example.org/feed.xml") from None
    return url


def _domain(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return registrable_domain(text)
    except ValueError:
        raise ValueError(f"{text!r} is no domain; write it as in example.org") from None


def _tidy(text: str | None) -> str:
    """The text on one line, without what no file could hold."""
    return " ".join("".join(char if char.isprintable() else " " for char in text or "").split())
