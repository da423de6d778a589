"""Place articles in stories. The answer depends on the set of articles alone, not on the order they come in."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush

from newswire.core.stories import (
    MIN_ARTICLES,
    SHARED_KEY_TERMS,
    STORY_RULE,
    WINDOW,
    Frequencies,
    choose_story,
    frequencies_of_articles,
    frequencies_of_words,
    same_story,
    story_features,
)
from newswire.records import (
    StepReport,
    StoryArticle,
    StoryLink,
    StoryMember,
    StoryNeighbour,
    StoryPlace,
    StoryRank,
    StoryVersion,
)
from newswire.steps.word_lists import word_frequencies
from newswire.warehouse import duplicates, stories
from newswire.warehouse.connection import Conn

WORD_LISTS = "words-1"  # tables made of word lists; those counted from articles are named for their content
# A live article is dated a week before it was seen, at most, and is compared with those of the window before it; what comes to
# an older day has the features of that time made again.
FEATURES_KEPT = timedelta(days=14)
_ARTICLES_COUNTED = 50_000  # a language; more change no share by a tenth
_BATCH = 500

_tables: dict[tuple[str, str], Frequencies] = {}  # frozen, so that a process reads each of them once


def place(conn: Conn, article_ids: Collection[int]) -> StepReport:
    """Decide the stories of these articles, and of later ones that their coming or going concerns.

    To be called in the transaction that decided who copies whom, with every article whose text, address or standing as
    a copy may have changed. Copies take no part: they inherit the story of their original. `changed` counts the articles
    that are in another story now, or are proved otherwise.
    """
    duplicates.wait_for_turn(conn)
    return sum((_Placing(conn, version).place(article_ids) for version in working_versions(conn)), StepReport())


def working_versions(conn: Conn) -> list[StoryVersion]:
    """The versions that this code can make: what readers see, and what is built beside it."""
    made = [version for version in stories.versions(conn) if version.rule == STORY_RULE and version.state != "old"]
    if made:
        return made
    stories.begin_version(conn, rule=STORY_RULE, frequencies=WORD_LISTS)
    return working_versions(conn)


def rebuild(conn: Conn, version: StoryVersion, first: date, last: date) -> StepReport:
    """Place the articles of these days again under one version; the days around take part as far as the window reaches."""
    placing = _Placing(conn, version)
    for keys in _batches(stories.without_features(conn, version.story_version, first - WINDOW, last + WINDOW)):
        with conn.transaction():
            duplicates.wait_for_turn(conn)
            placing.prepare(keys)
    return sum((_place_again(placing, keys) for keys in _batches(stories.of_days(conn, first, last))), StepReport())


def _batches(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH)]


def _place_again(placing: _Placing, article_ids: Sequence[int]) -> StepReport:
    with placing.conn.transaction():
        duplicates.wait_for_turn(placing.conn)
        return placing.place(article_ids, again=True)


def forget_features(conn: Conn, now: datetime) -> None:
    """Drop what articles of old days are compared by."""
    stories.forget_features(conn, before=now - FEATURES_KEPT)


# --- Frequencies -----------------------------------------------------------------------------------------------------


def count_frequencies(conn: Conn) -> str | None:
    """Make tables of frequencies from the warehouse's own articles, and a version of stories that uses them.

    Languages with too few articles keep the table that they have. Returns the version, which is empty until days are
    rebuilt; None where no language has enough articles.
    """
    texts = {language: count for language, count in stories.languages(conn).items() if count >= MIN_ARTICLES}
    made = [table for language in texts if (table := _counted(conn, language)) is not None]
    if not made:
        return None
    name = f"articles-{_digest(made)[:8]}"
    with conn.transaction():
        for table in made:
            counted = min(texts[table.language], _ARTICLES_COUNTED)
            stories.save_frequencies(conn, name, table, articles=counted)
        current = next(v for v in stories.versions(conn) if v.state == "current")
        stories.inherit_frequencies(conn, name, before=current.frequencies)
        return stories.begin_version(conn, rule=STORY_RULE, frequencies=name)


def _counted(conn: Conn, language: str) -> Frequencies | None:
    return frequencies_of_articles(language, stories.texts_of_language(conn, language, at_most=_ARTICLES_COUNTED))


def _digest(tables: Iterable[Frequencies]) -> str:
    told = "\n".join(f"{table.language} {sorted(table.shares.items())}" for table in tables)
    return hashlib.sha256(told.encode()).hexdigest()


def _frequencies(conn: Conn, name: str, language: str) -> Frequencies:
    """The table of a language under this name; what is missing is made of the word list, once and for all."""
    if (name, language) in _tables:
        return _tables[name, language]
    kept = stories.frequencies(conn, name, language)
    if kept is not None:
        return _tables.setdefault((name, language), kept)
    made = frequencies_of_words(language, word_frequencies(language))
    stories.save_frequencies(conn, name, made)  # not remembered here: the transaction may yet be rolled back
    return made


# --- Placing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Placing:
    """One run of placing, under one version."""

    conn: Conn
    version: StoryVersion

    @property
    def name(self) -> str:
        return self.version.story_version

    def place(self, article_ids: Collection[int], *, again: bool = False) -> StepReport:
        """Place articles; `again`: also those that have not changed."""
        read = stories.articles(self.conn, sorted(article_ids))
        originals = [article for article in read if not article.is_copy]
        known = set() if again else stories.unchanged(self.conn, self.name, originals)
        new = [article for article in originals if article.article_id not in known]
        gone = set(article_ids) - {article.article_id for article in originals}
        self._prepare_around(new)
        return self._replace(new, gone) + StepReport(seen=len(known), unchanged=len(known))

    def prepare(self, article_ids: Sequence[int]) -> None:
        """Make the features of articles that are only to be compared with."""
        stories.save_features(self.conn, self.name, self._featured(stories.articles(self.conn, article_ids)))

    def _prepare_around(self, new: Sequence[StoryArticle]) -> None:
        """An article of a time whose features are not kept needs those of its neighbours."""
        since = self.version.features_from
        old = {article.at.date() for article in new if since is not None and article.at - WINDOW < since}
        missing = {
            key for day in old for key in stories.without_features(self.conn, self.name, day - WINDOW, day + WINDOW)
        }
        self.prepare(sorted(missing - {article.article_id for article in new}))

    def _replace(self, new: Sequence[StoryArticle], gone: Collection[int]) -> StepReport:
        touched = sorted({article.article_id for article in new} | set(gone))
        if not touched:
            return StepReport()
        before = stories.places(self.conn, self.name, touched)
        made_room = _concerned(self._neighbours(touched), come={})
        woken = stories.take_out(self.conn, self.name, touched)
        stories.save_features(self.conn, self.name, self._featured(new))
        linked = self._link({article.article_id for article in new}, made_room - set(touched))
        decided = _Queue(self.conn, self.name).decide({a.article_id for a in new} | set(woken) | linked)
        changed = stories.save(self.conn, self.name, decided.members, sorted(gone))
        stories.alias(self.conn, self.name, decided.stepped_down | {k for k in gone if before[k].represents})
        return StepReport(seen=len(new), changed=len(changed), outcomes={"stories": len(decided.leading)})

    def _featured(self, articles: Sequence[StoryArticle]) -> list[stories.Featured]:
        tables = {a.language: _frequencies(self.conn, self.version.frequencies, a.language) for a in articles}
        return [stories.Featured(article=a, features=story_features(a, tables[a.language])) for a in articles]

    def _link(self, new: AbstractSet[int], made_room: AbstractSet[int]) -> set[int]:
        """Link articles to those near them that tell one event; returns those whose links back may be others now.

        An article is compared with so many earlier ones as share most with it. So one whose list is full is asked again when
        another comes that belongs on it, or goes that was on it: then the order in which they came plays no part.
        """
        near = self._neighbours(new)
        again = _concerned(near, come=Counter(one.other_id for one in near)) - new
        again_whole = made_room - new
        listed = [one for one in near + self._neighbours(again | again_whole) if one.is_earlier]
        joined = [
            one
            for one in near
            if not one.is_earlier and _has_room(one) and one.other_id not in new | again | again_whole
        ]
        counts = dict.fromkeys(new | again | again_whole, stories.Counted()) | _lists(listed)
        stories.count_earlier(self.conn, self.name, counts, more=Counter(one.other_id for one in joined))
        stories.drop_links_back(self.conn, self.name, again | again_whole, listed)
        # Who stays on the list of one that is asked again was compared with it before.
        compared = again - again_whole
        unproved = [one for one in listed if one.article_id not in compared or one.other_id in new]
        pairs = {(one.other_id, one.article_id) for one in unproved} | {
            (one.article_id, one.other_id) for one in joined
        }
        return self._prove(pairs) | again | again_whole

    def _neighbours(self, article_ids: Collection[int]) -> list[StoryNeighbour]:
        return stories.neighbours(self.conn, self.name, article_ids) if article_ids else []

    def _prove(self, pairs: Collection[tuple[int, int]]) -> set[int]:
        """Compare articles, each with an earlier one, and store what proves one event; returns the later ones of those pairs."""
        known = stories.features(self.conn, self.name, {key for pair in pairs for key in pair})
        links = [
            stories.ProvenLink(earlier_id=earlier, later_id=later, evidence=evidence)
            for earlier, later in sorted(pairs)
            if (evidence := same_story(known[earlier], known[later])) is not None
        ]
        stories.save_links(self.conn, self.name, links)
        return {link.later_id for link in links}


def _concerned(near: Iterable[StoryNeighbour], *, come: Mapping[int, int]) -> set[int]:
    """Later articles whose list of earlier ones is full, or will be with those that come, and on whose list these belong."""
    return {
        one.other_id
        for one in near
        if not one.is_earlier
        and (
            one.other_earlier is None
            or one.other_enough is None
            or (one.other_earlier + come.get(one.other_id, 0) > stories.MAX_EARLIER and one.shared >= one.other_enough)
        )
    }


def _has_room(one: StoryNeighbour) -> bool:
    return one.other_earlier is not None and one.other_earlier <= stories.MAX_EARLIER


def _lists(listed: Iterable[StoryNeighbour]) -> dict[int, stories.Counted]:
    """A list that is full ends with those that share least."""
    counts: dict[int, stories.Counted] = {}
    for one in listed:
        is_full = one.earlier > stories.MAX_EARLIER
        before = counts.get(one.article_id)
        enough = min(one.shared, before.enough if before else one.shared) if is_full else SHARED_KEY_TERMS
        counts[one.article_id] = stories.Counted(earlier=one.earlier, enough=enough)
    return counts


@dataclass(slots=True)
class _Decided:
    """What a queue came to."""

    members: list[StoryMember] = field(default_factory=list)
    stepped_down: set[int] = field(default_factory=set)  # represented a story, and do no more

    @property
    def leading(self) -> list[StoryMember]:
        return [member for member in self.members if member.story_id == member.article_id]


class _Queue:
    """Articles to decide, in canonical order. Deciding one wakes its later neighbours only if it began or ceased to
    represent a story: nothing else of it matters to them.
    """

    def __init__(self, conn: Conn, version: str) -> None:
        self._conn = conn
        self._version = version
        self._queue: list[tuple[StoryRank, int]] = []
        self._queued: set[int] = set()
        self._places: dict[int, StoryPlace] = {}
        self._represents: dict[int, bool | None] = {}
        self._links: dict[int, list[StoryLink]] = {}

    def decide(self, article_ids: Collection[int]) -> _Decided:
        decided = _Decided()
        self._ask(article_ids)
        while self._queue:
            _, article_id = heappop(self._queue)
            self._decide_one(article_id, decided)
        return decided

    def _decide_one(self, article_id: int, decided: _Decided) -> None:
        links = self._links[article_id]
        ranks = {key: self._places[key].rank for link in links for key in (link.earlier_id, link.later_id)}
        leading = {link.earlier_id for link in links if self._represents[link.earlier_id]}
        member = choose_story(article_id, [link for link in links if link.later_id == article_id], leading, ranks)
        was, self._represents[article_id] = self._represents[article_id], member.story_id == article_id
        decided.members.append(member)
        if was and not self._represents[article_id]:
            decided.stepped_down.add(article_id)
        if bool(was) != self._represents[article_id]:
            self._ask([link.later_id for link in links if link.earlier_id == article_id])

    def _ask(self, article_ids: Collection[int]) -> None:
        """Queue articles that are not queued, with all that is needed to decide them."""
        new = set(article_ids) - self._queued
        links: dict[int, list[StoryLink]] = defaultdict(list)
        for link in stories.links(self._conn, self._version, new):
            links[link.earlier_id].append(link)
            links[link.later_id].append(link)
        near = links.keys() | new
        unknown = stories.places(self._conn, self._version, near - self._places.keys())
        self._places |= unknown
        self._represents |= {key: one.represents for key, one in unknown.items()}
        for key in new:
            self._links[key] = links[key]
            heappush(self._queue, (self._places[key].rank, key))
        self._queued |= new
