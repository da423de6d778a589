"""Find the topics of an article: one automaton looks for the patterns of all topics in its language at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from newswire.core.topics.definition import Topic
from newswire.core.topics.explaining import Explanation, explain
from newswire.core.topics.folding import Folded, fold
from newswire.core.topics.languages import ANY, applicable_languages
from newswire.core.topics.literals import Literals
from newswire.core.topics.patterns import Pattern, find_span
from newswire.core.topics.scoring import MASK, Chances, Hit, judge
from newswire.core.topics.zones import Layout
from newswire.records import ArticleText, TopicMatch

Use = tuple[int, str, Pattern]  # number of the topic, group, pattern
Place = tuple[int, int, Pattern]  # where the first literal of a pattern begins and ends
Found = dict[str, list[Place]]  # by group


class _Finder:
    """Finds the first literals of the patterns of some languages."""

    def __init__(self, uses: Iterable[Use]) -> None:
        by_literal: dict[str, list[Use]] = defaultdict(list)
        for use in uses:
            by_literal[use[2].literal].append(use)
        self._literals = Literals(list(by_literal))
        self._uses = [
            tuple(((number, group), pattern) for number, group, pattern in some) for some in by_literal.values()
        ]

    def find(self, text: str) -> dict[int, Found]:
        """Where first literals stand, by number of the topic and group. Whether the rest is there is not yet known."""
        places: dict[tuple[int, str], list[Place]] = defaultdict(list)
        uses = self._uses
        for literal, start, end in self._literals.find(text):
            for key, pattern in uses[literal]:
                places[key].append((start, end, pattern))
        found: dict[int, Found] = defaultdict(dict)
        for (number, group), some in places.items():
            found[number][group] = some
        return found


class Matcher:
    """Tags articles with topics. Building it costs; matching is pure, deterministic and never fails."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._chances = [Chances(topic) for topic in self._topics]
        self._uses: dict[str, list[Use]] = defaultdict(list)  # by language
        for number, topic in enumerate(self._topics):
            for group, pattern in _patterns(topic):
                self._uses[pattern.language].append((number, group, pattern))
        self._languages = frozenset(self._uses) - {ANY}
        # One for each set of languages that articles need: what other languages find would only be thrown away.
        self._finders: dict[frozenset[str], _Finder] = {
            languages: self._finder(languages) for languages in (frozenset({one, ANY}) for one in self._languages)
        }

    def match(self, article: ArticleText) -> tuple[TopicMatch, ...]:
        """The topics that apply to the article, in the order they were given in.

        Title and text are read, with the patterns of the article's language and of every language ("*").
        """
        return self.match_text(title=article.title, text=article.text, language=article.language)

    def match_text(self, *, title: str, text: str, language: str) -> tuple[TopicMatch, ...]:
        """The same for a text that is no article: an example, a headline to try out. `language` is a BCP 47 tag."""
        original = f"{title}\n{text}"
        folded = fold(original)
        languages = applicable_languages(language, folded.text, self._languages)
        article = _Article(original, folded, Layout(title, text))
        judged = (
            _judged(self._chances[number], found, article)
            for number, found in sorted(self._found(folded.text, languages).items())
        )
        return tuple(match for match in judged if match is not None)

    def explain(self, article: ArticleText) -> tuple[Explanation, ...]:
        """What every topic finds in the article, tag or not; a topic of which no pattern is there is left out."""
        original = f"{article.title}\n{article.text}"
        folded = fold(original)
        read = _Article(original, folded, Layout(article.title, article.text))
        languages = applicable_languages(article.language, folded.text, self._languages)
        return tuple(
            explain(
                self._topics[number],
                {group: _hits(group, places, read) for group, places in found.items()},
                read.layout,
            )
            for number, found in sorted(self._found(folded.text, languages).items())
        )

    def _found(self, text: str, languages: frozenset[str]) -> dict[int, Found]:
        if languages not in self._finders:
            self._finders[languages] = self._finder(languages)
        return self._finders[languages].find(text)

    def _finder(self, languages: frozenset[str]) -> _Finder:
        return _Finder(use for language in sorted(languages & self._uses.keys()) for use in self._uses[language])


def _patterns(topic: Topic) -> Iterator[tuple[str, Pattern]]:
    for group, patterns in topic.groups.items():
        yield from ((group, pattern) for pattern in patterns)
    yield from ((MASK, pattern) for pattern in topic.mask)


class _Article(NamedTuple):
    """One article as the patterns are read in it."""

    original: str  # title, line break, text
    folded: Folded
    layout: Layout


def _judged(chances: Chances, found: Found, article: _Article) -> TopicMatch | None:
    """The cheap questions come first."""
    if not chances.may_apply(found.keys()):
        return None
    countable = chances.countable
    hits = {group: _hits(group, places, article) for group, places in found.items() if group in countable}
    if not chances.may_reach(hits):
        return None
    hits |= {group: _hits(group, places, article) for group, places in found.items() if group not in countable}
    return judge(chances.topic, hits, article.layout)


def _hits(group: str, places: Iterable[Place], article: _Article) -> list[Hit]:
    """The patterns that are really there. An exact one is compared with the original text."""
    original, folded, layout = article
    hits = []
    for start, end, pattern in places:
        span = find_span(folded.text, start, end, pattern.parts)
        if span is None:
            continue
        first, last = folded.span(*span)
        if not pattern.exact or _has_capitals(original, first, pattern):
            hits.append(Hit(first, last, group, pattern, pattern.weight, layout.zone(first)))
    return hits


def _has_capitals(original: str, start: int, pattern: Pattern) -> bool:
    return original.startswith(pattern.text.rstrip("*"), start)
