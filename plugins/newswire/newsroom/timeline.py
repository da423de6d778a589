"""In which order manuscripts are published and revised: always the same for the same publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswire.newsroom.model import Manuscript, Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version of one article appears."""

    url: str
    version: int  # 0: it is published; 1 and more: it is revised


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is there when the newsroom opens, and what appears afterwards."""

    opening: tuple[Release, ...]
    later: tuple[Release, ...]


def plan_releases(publications: Sequence[Publication], *, opening_share: float) -> Timeline:
    """Publications take turns, a copy never comes before its original, revisions are spread over what comes later."""
    order = _publishing_order(publications)
    opened = round(len(order) * opening_share)
    opening, rest = order[:opened], order[opened:]
    return Timeline(
        opening=tuple(Release(url=url, version=0) for url, _ in opening),
        later=tuple(release for _, release in sorted(_placed(opening, rest), key=lambda placed: placed[0])),
    )


def _publishing_order(publications: Sequence[Publication]) -> list[tuple[str, Manuscript]]:
    """Every manuscript with its address: the first of each publication, then the second of each, and so on."""
    turns = {
        publication.url_of(manuscript): turn
        for publication in publications
        for turn, manuscript in enumerate(publication.manuscripts)
    }
    queue = [
        (_turn_after_original(turns, publication.url_of(manuscript), manuscript), publication, manuscript)
        for publication in publications
        for manuscript in publication.manuscripts
    ]
    queue.sort(key=lambda item: item[0])  # stable: within a turn, the order of the publications
    return [(publication.url_of(manuscript), manuscript) for _, publication, manuscript in queue]


def _turn_after_original(turns: dict[str, int], url: str, manuscript: Manuscript) -> int:
    original = manuscript.copy_of or manuscript.near_copy_of
    return turns[url] if original is None else max(turns[url], turns[original] + 1)


def _placed(
    opening: list[tuple[str, Manuscript]], rest: list[tuple[str, Manuscript]]
) -> list[tuple[tuple[float, int], Release]]:
    """The later releases with their places: articles stand at 0, 1, 2..., revisions between their article and the end."""
    end = len(rest)
    places: list[tuple[tuple[float, int], Release]] = []
    for start, (url, manuscript) in [(-1, item) for item in opening] + list(enumerate(rest)):
        if start >= 0:
            places.append(((start, 0), Release(url=url, version=0)))
        revisions = len(manuscript.versions) - 1
        for version in range(1, revisions + 1):
            place = start + (end - start) * version / (revisions + 1)
            places.append(((place, version), Release(url=url, version=version)))
    return places
