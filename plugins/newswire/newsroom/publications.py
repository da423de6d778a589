"""The sample publications: read from `publications/*.yaml`, one file each.

The files hold texts written for this project about events that never happened. An article with `copy_of: domain/slug`
has no text of its own: it repeats that article of another publication word for word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from newswire.newsroom.model import (
    FeedPlan,
    Labels,
    LedgerRow,
    Manuscript,
    Publication,
    Subscription,
    Text,
    ledger_of,
    subscriptions_to,
)

_FOLDER = Path(__file__).parent / "publications"


@cache
def publications() -> tuple[Publication, ...]:
    """The sample publications, in the order of their files."""
    written = tuple(_publication(yaml.safe_load(path.read_bytes())) for path in sorted(_FOLDER.glob("*.yaml")))
    originals = {
        f"{publication.domain}/{manuscript.slug}": (publication, manuscript)
        for publication in written
        for manuscript in publication.manuscripts
    }
    return tuple(_with_copies(publication, originals) for publication in written)


def subscriptions() -> list[Subscription]:
    """What to subscribe to in order to read all sample publications."""
    return subscriptions_to(publications())


def ledger() -> list[LedgerRow]:
    """What every entry of the sample publications should come to."""
    return ledger_of(publications())


def _publication(written: Mapping[str, Any]) -> Publication:
    return Publication(
        name=written["name"],
        domain=written["domain"],
        country=written["country"],
        language=written["language"],
        utc_offset=read_offset(written["zone"]),
        chrome=written["chrome"],
        feed=FeedPlan(**written["feed"]),
        article_path=written["article_path"],
        sections=written["sections"],
        labels=Labels(**written["labels"]),
        manuscripts=tuple(_manuscript(article, written["language"]) for article in written["articles"]),
        disallow=tuple(written.get("disallow", ())),
    )


def read_offset(zone: str) -> timedelta:
    """`+05:30` as a time span."""
    hours, minutes = zone.removeprefix("+").removeprefix("-").split(":")
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    return -distance if zone.startswith("-") else distance


def _manuscript(article: Mapping[str, Any], language: str) -> Manuscript:
    return Manuscript(
        slug=article["slug"],
        section=article["section"],
        language=article.get("language", language),
        authors=tuple(article.get("authors", ())),
        versions=_versions(article),
        topics=article.get("expect", {}),
        outcome=article.get("outcome", "article"),
        guid=article.get("guid"),
        redirect=article.get("redirect"),
        copy_of=article.get("copy_of"),
    )


def _versions(article: Mapping[str, Any]) -> tuple[Text, ...]:
    if "copy_of" in article:
        return ()
    return tuple(_text(version) for version in (article, *article.get("revisions", ())))


def _text(version: Mapping[str, Any]) -> Text:
    paragraphs = (paragraph.strip() for paragraph in version["text"].split("\n\n"))
    return Text(
        title=version["title"],
        summary=version["summary"],
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
    )


def _with_copies(publication: Publication, originals: Mapping[str, tuple[Publication, Manuscript]]) -> Publication:
    """The publication, with the text of the originals in the articles that repeat them."""
    return replace(
        publication,
        manuscripts=tuple(
            manuscript if manuscript.copy_of is None else _copy(manuscript, *originals[manuscript.copy_of])
            for manuscript in publication.manuscripts
        ),
    )


def _copy(manuscript: Manuscript, publication: Publication, original: Manuscript) -> Manuscript:
    return replace(
        manuscript,
        language=original.language,
        authors=original.authors,
        versions=original.versions,
        topics=original.topics,
        copy_of=publication.url_of(original),
    )
