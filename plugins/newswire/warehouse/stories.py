"""Stories: the features that articles are compared by, the links that prove them, the stories they add up to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from newswire.core.stories import SHARED_KEY_TERMS, WINDOW, Frequencies, find_neighbours
from newswire.records import (
    ArticleKey,
    ChangedArticle,
    FrequencyTable,
    LanguageText,
    NamedCount,
    StoredFeatures,
    StoryArticle,
    StoryChange,
    StoryEvidence,
    StoryFeatures,
    StoryLine,
    StoryLink,
    StoryMember,
    StoryMove,
    StoryNeighbour,
    StoryPlace,
    StoryTerms,
    StoryVersion,
)
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run, stream

MAX_EARLIER = (
    200  # earlier articles that one is compared with, those that share most; a flood costs its square otherwise
)
_MANY = 50  # fewer come by the index, at 5 to 30 ms each; more share one reading of their language and time (docs/stories.md)


# --- Versions and their tables ---------------------------------------------------------------------------------------


def versions(conn: Conn) -> list[StoryVersion]:
    """Every version of stories, oldest first."""
    return rows(conn, "stories.versions", StoryVersion)


def begin_version(conn: Conn, *, rule: str, frequencies: str) -> str:
    """Have a version to build beside the current one; returns its name."""
    name = f"{rule} {frequencies}"
    run(conn, "stories.begin_version", story_version=name, rule=rule, frequencies=frequencies)
    return name


def make_current(conn: Conn, story_version: str) -> None:
    """Have readers see this version from now on."""
    with conn.transaction():
        run(conn, "stories.retire_version", story_version=story_version)
        run(conn, "stories.make_current", story_version=story_version)


def frequencies(conn: Conn, name: str, language: str) -> Frequencies | None:
    """The frozen table of a language; None where none was made."""
    found = rows(conn, "stories.frequencies", FrequencyTable, frequencies=name, language=language)
    if not found:
        return None
    return Frequencies(language=language, shares=dict(zip(found[0].terms, found[0].shares, strict=True)))


def save_frequencies(conn: Conn, name: str, table: Frequencies, *, articles: int | None = None) -> None:
    """Keep a table for ever; `articles` says of how many it was counted (None: of a list of words)."""
    run(
        conn,
        "stories.save_frequencies",
        frequencies=name,
        language=table.language,
        articles=articles,
        terms=list(table.shares),
        shares=list(table.shares.values()),
    )


def inherit_frequencies(conn: Conn, name: str, *, before: str) -> None:
    """Take over the tables of the languages that have none under the new name."""
    run(conn, "stories.inherit_frequencies", frequencies=name, before=before)


def languages(conn: Conn) -> dict[str, int]:
    """How many articles each language has."""
    return {row.name: row.count for row in rows(conn, "stories.languages", NamedCount)}


def texts_of_language(conn: Conn, language: str, *, at_most: int) -> list[str]:
    """The newest texts of a language, copies left out."""
    found = rows(conn, "stories.texts_of_language", LanguageText, language=language, at_most=at_most)
    return [row.text for row in found]


# --- Articles and their features -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Featured:
    """An article with what it is compared by."""

    article: StoryArticle
    features: StoryFeatures


def articles(conn: Conn, article_ids: Sequence[int]) -> list[StoryArticle]:
    """The current texts of these articles; who has none is not there."""
    return rows(conn, "stories.articles", StoryArticle, keys=list(article_ids))


def of_days(conn: Conn, first: date, last: date) -> list[int]:
    """The articles of these days."""
    return _keys(conn, "of_days", first=first, last=last)


def unchanged(conn: Conn, story_version: str, read: Sequence[StoryArticle]) -> set[int]:
    """Which of these take part already, just as they are."""
    found = _keys(
        conn,
        "unchanged",
        story_version=story_version,
        article_ids=[article.article_id for article in read],
        version_ids=[article.version_id for article in read],
        urls=[article.url for article in read],
        languages=[article.language for article in read],
    )
    return set(found)


def without_features(conn: Conn, story_version: str, first: date, last: date) -> list[int]:
    """Originals of these days whose features are not there (any more)."""
    return _keys(conn, "without_features", story_version=story_version, first=first, last=last)


def take_out(conn: Conn, story_version: str, article_ids: Sequence[int]) -> list[int]:
    """Remove features and links of these articles; returns the later articles that were linked to them."""
    keys = list(article_ids)
    woken = _keys(conn, "woken", story_version=story_version, keys=keys)
    for name in ("drop_links", "drop_features"):
        run(conn, f"stories.{name}", story_version=story_version, keys=keys)
    return woken


def save_features(conn: Conn, story_version: str, featured: Sequence[Featured]) -> None:
    """Store what articles are compared by."""
    run(
        conn,
        "stories.save_features",
        story_version=story_version,
        article_ids=[item.article.article_id for item in featured],
        version_ids=[item.article.version_id for item in featured],
        urls=[item.article.url for item in featured],
        languages=[item.article.language for item in featured],
        ats=[item.article.at for item in featured],
        key_terms=[_array(item.features.key_terms) for item in featured],
        rare_terms=[_array(item.features.rare_terms) for item in featured],
        features=[as_json(item.features) for item in featured],
    )


def neighbours(conn: Conn, story_version: str, article_ids: Collection[int]) -> list[StoryNeighbour]:
    """What these articles share enough terms with: of earlier articles the most alike, of later ones all."""
    asked = rows(conn, "stories.terms", StoryTerms, story_version=story_version, keys=sorted(article_ids))
    return [
        one
        for some in _of_one_time(asked)
        for one in find_neighbours(some, _possible(conn, story_version, some), at_most=MAX_EARLIER)
    ]


def _of_one_time(articles: Iterable[StoryTerms]) -> Iterator[list[StoryTerms]]:
    """Articles by language, in order of time, parted where the window ends that begins with the first."""
    some: list[StoryTerms] = []
    for article in articles:
        if some and (article.language != some[0].language or article.at - some[0].at > WINDOW):
            yield some
            some = []
        some.append(article)
    if some:
        yield some


def _possible(conn: Conn, story_version: str, asked: Sequence[StoryTerms]) -> Iterator[StoryTerms]:
    """Who may be near one of these: for a few the index of rare terms tells; for many it costs less to read all of their time."""
    if len(asked) < _MANY:
        keys = [article.article_id for article in asked]
        return stream(conn, "stories.sharing", StoryTerms, story_version=story_version, keys=keys, window=WINDOW)
    return stream(
        conn,
        "stories.around",
        StoryTerms,
        story_version=story_version,
        language=asked[0].language,
        first=asked[0].at - WINDOW,
        last=asked[-1].at + WINDOW,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many earlier articles are near one, and how many terms they must share with it to be listed."""

    earlier: int = 0
    enough: int = SHARED_KEY_TERMS


def count_earlier(conn: Conn, story_version: str, counts: Mapping[int, Counted], *, more: Mapping[int, int]) -> None:
    """Remember what stands before articles; `more`: so many have come to those that others have now."""
    run(
        conn,
        "stories.count_earlier",
        story_version=story_version,
        article_ids=list(counts),
        earlier=[one.earlier for one in counts.values()],
        enough=[one.enough for one in counts.values()],
    )
    run(conn, "stories.add_earlier", story_version=story_version, article_ids=list(more), articles=list(more.values()))


def drop_links_back(
    conn: Conn, story_version: str, article_ids: Collection[int], listed: Sequence[StoryNeighbour]
) -> None:
    """Forget what links these articles to earlier ones that are not listed any more."""
    run(
        conn,
        "stories.drop_links_back",
        story_version=story_version,
        keys=sorted(article_ids),
        earlier_ids=[one.other_id for one in listed],
        later_ids=[one.article_id for one in listed],
    )


def features(conn: Conn, story_version: str, article_ids: Collection[int]) -> dict[int, StoryFeatures]:
    """What these articles are compared by."""
    found = rows(conn, "stories.features", StoredFeatures, story_version=story_version, keys=sorted(article_ids))
    return {row.article_id: _from_json(row) for row in found}


def as_json(features: StoryFeatures) -> str:
    """As they are stored."""
    kept = {
        "body": features.body,
        "lead": features.lead,
        "title": features.title,
        "names": features.names,
        "numbers": sorted(features.numbers),
        "written": features.written,
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _from_json(row: StoredFeatures) -> StoryFeatures:
    kept: Mapping[str, Any] = json.loads(row.features)
    return StoryFeatures(
        url=row.url,
        at=row.at,
        language=row.language,
        body=kept["body"],
        lead=kept["lead"],
        title=kept["title"],
        names=kept["names"],
        numbers=frozenset(kept["numbers"]),
        written=kept["written"],
        key_terms=tuple(row.key_terms),
        rare_terms=tuple(row.rare_terms),
    )


def _array(numbers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


# --- Links and stories -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenLink:
    """Two articles of one event with what proves it."""

    earlier_id: int
    later_id: int
    evidence: StoryEvidence


def save_links(conn: Conn, story_version: str, links: Sequence[ProvenLink]) -> None:
    """Store links between articles."""
    run(
        conn,
        "stories.save_links",
        story_version=story_version,
        earlier_ids=[link.earlier_id for link in links],
        later_ids=[link.later_id for link in links],
        scores=[link.evidence.score for link in links],
        evidence=[json.dumps(asdict(link.evidence), ensure_ascii=False) for link in links],
    )


def links(conn: Conn, story_version: str, article_ids: Collection[int]) -> list[StoryLink]:
    """Every link of these articles."""
    return rows(conn, "stories.links", StoryLink, story_version=story_version, keys=sorted(article_ids))


def places(conn: Conn, story_version: str, article_ids: Collection[int]) -> dict[int, StoryPlace]:
    """Where these articles stand, and what they represent now."""
    found = rows(conn, "stories.ranks", StoryPlace, story_version=story_version, keys=sorted(article_ids))
    return {row.article_id: row for row in found}


def save(conn: Conn, story_version: str, members: Sequence[StoryMember], gone: Sequence[int]) -> list[int]:
    """Store what was decided, and forget the articles that are in no story; returns those for which something changed."""
    ids = [member.article_id for member in members]
    leading = [member.article_id for member in members if member.story_id == member.article_id]
    run(conn, "stories.open_stories", story_version=story_version, keys=leading)
    changed = rows(
        conn,
        "stories.save_members",
        ChangedArticle,
        story_version=story_version,
        article_ids=ids,
        story_ids=[member.story_id for member in members],
    )
    run(conn, "stories.drop_members", story_version=story_version, keys=list(gone))
    run(conn, "stories.close_empty", story_version=story_version, keys=[*ids, *gone])
    run(conn, "stories.unalias", story_version=story_version, keys=leading)
    return [row.article_id for row in changed]


def alias(conn: Conn, story_version: str, article_ids: Collection[int]) -> None:
    """Remember that these ids named a story: they lead to the stories in which the articles are now."""
    run(conn, "stories.alias", story_version=story_version, keys=sorted(article_ids))


# --- Old days --------------------------------------------------------------------------------------------------------


def forget_features(conn: Conn, *, before: datetime) -> int:
    """Drop the features of articles before this time; links and stories stay."""
    return run(conn, "stories.forget_features", before=before)


# --- Reports ---------------------------------------------------------------------------------------------------------


def difference(conn: Conn, *, before: str, after: str, first: date, last: date) -> StoryChange:
    """What two versions say of the articles of some days."""
    return rows(conn, "stories.difference", StoryChange, before=before, after=after, first=first, last=last)[0]


def moved(conn: Conn, *, before: str, after: str, first: date, last: date, at_most: int) -> list[StoryMove]:
    """Some articles that two versions put into different stories."""
    return rows(conn, "stories.moved", StoryMove, before=before, after=after, first=first, last=last, at_most=at_most)


def story_of(conn: Conn, article_id: int) -> list[StoryLine]:
    """The story of an article; empty where it is in none."""
    return rows(conn, "stories.story_of", StoryLine, article_id=article_id)


def told_by_several(conn: Conn, *, at_most: int) -> list[list[StoryLine]]:
    """The largest stories that more than one article tells in its own words."""
    return [story_of(conn, key) for key in _keys(conn, "told_by_several", at_most=at_most)]


def _keys(conn: Conn, name: str, **parameters: object) -> list[int]:
    return [row.article_id for row in rows(conn, f"stories.{name}", ArticleKey, **parameters)]
