"""Editions of any size: feeds and articles in several languages, made from grammars, with the truth about each article.

An edition is a function of its seed and its parameters. Unrelated articles share no run of eight words (in Chinese: eight
characters), because every pattern of the grammars is full of names and numbers; copies, near copies and stories are
planted on purpose, and the ledger knows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random

from newswire.newsroom.grammar import Grammar, Pattern, Patterns, grammars
from newswire.newsroom.model import (
    Chrome,
    FeedPlan,
    LedgerRow,
    Manuscript,
    PrintedFormat,
    Publication,
    Subscription,
    Text,
    ledger_of,
    subscriptions_to,
)
from newswire.newsroom.scene import Scene

_FORMATS: tuple[tuple[PrintedFormat, str], ...] = (
    ("rss", "/rss.xml"),
    ("atom", "/feed.atom"),
    ("rss", "/feeds/all.xml"),
    ("json", "/feed.json"),
    ("sitemap", "/news-sitemap.xml"),
)
_CHROMES: tuple[Chrome, ...] = ("broadsheet", "tabloid", "portal", "agency")
_SECTION = "news"
_BYLINE: Pattern = ("", "person", "")
_STORY_SIZES = (2, 5)  # articles about one event
_SENTENCES = (11, 16)  # after the lead
_TOPIC_SENTENCES = 2  # of those
_SENTENCES_A_PARAGRAPH = 3

# Originals claim to be this old when they appear and copies are younger, so that dates tell who was first.
_ORIGINAL_AGE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Generated publications, to be served or read."""

    publications: tuple[Publication, ...]

    def ledger(self) -> list[LedgerRow]:
        """The truth about every article."""
        return ledger_of(self.publications)

    def subscriptions(self) -> list[Subscription]:
        """One subscription for each feed."""
        return subscriptions_to(self.publications)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """How many articles of which kind an edition should hold."""

    originals: int
    copies: int
    near_copies: int
    updates: int
    stories: float  # share of the originals
    topics: float  # share of the originals
    spread_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """What one article, or the articles of one story, report."""

    scene: Scene
    topic: str | None
    story: str | None
    articles: int

    @property
    def patterns(self) -> Patterns:
        """Sentences about its topic, or plain ones."""
        grammar = self.scene.grammar
        return grammar.plain if self.topic is None else grammar.topics[self.topic]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A manuscript, the newspaper that prints it, and what it reports."""

    paper: int
    manuscript: Manuscript
    event: _Event


class Generator:
    """Makes editions; the same seed makes the same editions."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def edition(
        self,
        *,
        feeds: int,
        articles: int,
        copies: float = 0.1,
        near_copies: float = 0.0,
        updates: float = 0.05,
        stories: float = 0.2,
        topics: float = 0.2,
        spread_s: int = 0,
    ) -> Edition:
        """An edition of so many feeds and articles.

        Shares of all articles: `copies` (word for word, in another feed), `near_copies` (the last paragraph replaced),
        `updates` (with a second version). Shares of the originals: `stories` (one of several about one event), `topics`
        (rare earths or negotiations over Ukraine, half and half). Originals claim to be a minute old when they appear,
        and up to `spread_s` seconds more. Raises ValueError when copies are asked for but there is no second feed.
        """
        repeats = round(articles * copies), round(articles * near_copies)
        if feeds < 2 and any(repeats):  # noqa: PLR2004 - the original's feed and another
            raise ValueError("copies need a second feed: ask for two feeds or more, or for no copies")
        wishes = _Wishes(
            originals=articles - sum(repeats),
            copies=repeats[0],
            near_copies=repeats[1],
            updates=round(articles * updates),
            stories=stories,
            topics=topics,
            spread_s=spread_s,
        )
        return _Desk(feeds, wishes, Random(self.seed)).edition()


class _Desk:
    """Writes one edition: every choice is drawn from one source of randomness, in one order."""

    def __init__(self, feeds: int, wishes: _Wishes, random: Random) -> None:
        self._random = random
        self._wishes = wishes
        self._papers = [self._paper(number) for number in range(feeds)]

    def edition(self) -> Edition:
        originals = self._with_updates(list(self._originals()))
        drafts = originals + list(self._repeats(originals))
        printed: list[list[Manuscript]] = [[] for _ in self._papers]
        for draft in drafts:
            printed[draft.paper].append(draft.manuscript)
        pairs = zip(self._papers, printed, strict=True)
        return Edition(publications=tuple(replace(paper, manuscripts=tuple(written)) for paper, written in pairs))

    def _paper(self, number: int) -> Publication:
        """An empty newspaper; languages, formats and layouts take turns."""
        grammar = grammars()[number % len(grammars())]
        feed_format, path = _FORMATS[number % len(_FORMATS)]
        return Publication(
            name=Scene(grammar, self._random).fill(grammar.masthead),
            domain=f"{grammar.language}-paper-{number + 1}.example",
            country=grammar.country,
            language=grammar.language,
            utc_offset=grammar.utc_offset,
            chrome=_CHROMES[number % len(_CHROMES)],
            feed=FeedPlan(format=feed_format, path=path),
            article_path="/{section}/{slug}",
            sections={_SECTION: _SECTION},
            labels=grammar.labels,
            manuscripts=(),
        )

    def _originals(self) -> Iterator[_Draft]:
        """Articles that repeat nothing, dealt to the newspapers in turn."""
        places: dict[str, list[int]] = {grammar.language: [] for grammar in grammars()}
        for number in range(self._wishes.originals):
            places[self._papers[number % len(self._papers)].language].append(number)
        for grammar in grammars():
            numbers = iter(places[grammar.language])
            for event in self._events(grammar, len(places[grammar.language])):
                for _ in range(event.articles):
                    yield self._written(next(numbers), event)

    def _events(self, grammar: Grammar, articles: int) -> Iterator[_Event]:
        """What so many articles in one language report: stories first, then events with one article each."""
        topics = cycle(("rare-earths", "ukraine-negotiations"))
        owed = 0.0  # articles that should have carried a topic by now
        for number, size in enumerate(self._event_sizes(articles), start=1):
            owed += size * self._wishes.topics
            topic = next(topics) if owed >= size else None
            owed -= size if topic else 0
            story = f"{grammar.language}-story-{number}" if size > 1 else None
            yield _Event(scene=Scene(grammar, self._random), topic=topic, story=story, articles=size)

    def _event_sizes(self, articles: int) -> Iterator[int]:
        in_stories = round(articles * self._wishes.stories)
        while articles:
            size = min(self._random.randint(*_STORY_SIZES), articles) if in_stories > 0 else 1
            yield size
            articles -= size
            in_stories -= size

    def _written(self, number: int, event: _Event) -> _Draft:
        """One article about an event."""
        grammar = event.scene.grammar
        manuscript = Manuscript(
            slug=f"{event.topic or 'report'}-{number + 1}",
            section=_SECTION,
            language=grammar.language,
            authors=(event.scene.fill(_BYLINE),),
            versions=(self._text(event),),
            topics={} if event.topic is None else {event.topic: "core"},
            story=event.story,
            age_s=_ORIGINAL_AGE_S + int(self._random.random() * self._wishes.spread_s),
        )
        return _Draft(paper=number % len(self._papers), manuscript=manuscript, event=event)

    def _text(self, event: _Event) -> Text:
        scene, patterns = event.scene, event.patterns
        title = scene.sentence(self._random.choice(patterns.titles))
        summary, lead = (scene.sentence(pattern) for pattern in self._random.sample(patterns.leads, 2))
        body = [scene.sentence(pattern) for pattern in self._body(scene.grammar, patterns)]
        return Text(title=title, summary=summary, paragraphs=_paragraphs([lead, *body], scene.grammar.space))

    def _body(self, grammar: Grammar, patterns: Patterns) -> list[Pattern]:
        """Plain sentences, and in an article on a topic some about it at the beginning."""
        plain = self._random.sample(grammar.plain.bodies, self._random.randint(*_SENTENCES))
        if patterns is grammar.plain:
            return plain
        return self._random.sample(patterns.bodies, _TOPIC_SENTENCES) + plain[_TOPIC_SENTENCES:]

    def _with_updates(self, drafts: list[_Draft]) -> list[_Draft]:
        """The same drafts, some of them with a second version."""
        updates = min(self._wishes.updates, len(drafts))
        updated = set(self._random.sample(range(len(drafts)), updates))
        return [self._updated(draft) if number in updated else draft for number, draft in enumerate(drafts)]

    def _updated(self, draft: _Draft) -> _Draft:
        """The article with a second version: new title and lead, one more paragraph."""
        first, news = draft.manuscript.versions[0], self._text(draft.event)
        paragraphs = (news.paragraphs[0], *first.paragraphs[1:], news.paragraphs[-1])
        second = replace(news, paragraphs=paragraphs)
        return replace(draft, manuscript=replace(draft.manuscript, versions=(first, second)))

    def _repeats(self, originals: Sequence[_Draft]) -> Iterator[_Draft]:
        """Copies and near copies of articles that do not change: nobody could say which version was copied."""
        steady = [draft for draft in originals if len(draft.manuscript.versions) == 1] or originals
        for number in range(self._wishes.copies):
            yield self._copy(self._random.choice(steady), slug=f"copy-{number + 1}")
        for number in range(self._wishes.near_copies):
            yield self._near_copy(self._random.choice(steady), slug=f"near-copy-{number + 1}")

    def _copy(self, original: _Draft, *, slug: str) -> _Draft:
        """The same article in another newspaper, if possible one of its language."""
        manuscript = replace(
            original.manuscript,
            slug=slug,
            versions=original.manuscript.versions[:1],
            copy_of=self._papers[original.paper].url_of(original.manuscript),
            age_s=int(self._random.random() * _ORIGINAL_AGE_S),
        )
        return replace(original, paper=self._another_paper(original), manuscript=manuscript)

    def _near_copy(self, original: _Draft, *, slug: str) -> _Draft:
        """A copy whose last paragraph an editor has replaced by a sentence."""
        copy, scene = self._copy(original, slug=slug), original.event.scene
        text = copy.manuscript.versions[0]
        sentence = scene.sentence(self._random.choice(scene.grammar.plain.bodies))
        edited = replace(text, paragraphs=(*text.paragraphs[:-1], sentence))
        manuscript = replace(copy.manuscript, versions=(edited,), copy_of=None, near_copy_of=copy.manuscript.copy_of)
        return replace(copy, manuscript=manuscript)

    def _another_paper(self, original: _Draft) -> int:
        others = [number for number in range(len(self._papers)) if number != original.paper]
        language = original.manuscript.language
        same_language = [number for number in others if self._papers[number].language == language]
        return self._random.choice(same_language or others)


def _paragraphs(sentences: Sequence[str], space: str) -> tuple[str, ...]:
    starts = range(0, len(sentences), _SENTENCES_A_PARAGRAPH)
    return tuple(space.join(sentences[start : start + _SENTENCES_A_PARAGRAPH]) for start in starts)
