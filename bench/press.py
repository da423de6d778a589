"""A press of any size for bench/warehouse.py: fourteen months of articles in 42 languages, made from a seed.

Words come as often as in running text (the word lists of wordfreq), and those that a text has used come up in it again. Texts lie
in a pool and each is printed by some forty articles under headlines of their own, so that a million need not be parsed: an index
entry is as long, and a word as common, as if every text were another. Topics are tagged with patterns of their own definitions
that stand in the text as their evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import wordfreq

from newswire.core.topics import read_topic
from newswire.steps.word_lists import word_frequencies

TOPICS = Path(__file__).parents[1] / "config" / "topics"
DAYS = 425
PUBLISHERS = 2_000
FEEDS = 5_000
TEXTS_EACH = 40  # articles that share a text of the pool
COPIES = 0.15
JOINS_A_STORY = 0.3  # of the originals: that of an original shortly before
WINDOW = 2_000  # articles: about a day of a million
THEME_WORDS, THEME_SHARE = 60, 0.35  # what a text speaks of again and again
MEDIAN_CHARACTERS, SPREAD = 2_400, 0.65  # of a log-normal distribution
LONGEST = 24_000
# A seventh of the news is about some topic; the rest is about anything.
TOPIC_SHARES = {
    "ukraine-negotiations": 0.03,
    "us-china-trade": 0.03,
    "central-banks": 0.03,
    "russia-sanctions": 0.02,
    "critical-minerals": 0.01,
    "rare-earths": 0.006,
    "lng-arctic-energy": 0.006,
    "nuclear-fuel": 0.006,
}
WITH_IT = {
    "ukraine-negotiations": "russia-sanctions",
    "us-china-trade": "rare-earths",
}  # a second tag, of every sixth text
FIRST_LANGUAGES = ("en", "es", "de", "fr", "ru", "zh", "pt", "it", "ar", "uk", "ja", "pl", "tr", "ko", "nl")
COUNTRIES = {"en": "US GB AU CA IN", "es": "ES MX AR", "pt": "BR PT", "de": "DE AT CH", "fr": "FR BE CA", "ru": "RU KZ",
             "zh": "CN TW SG", "ar": "EG SA AE", "uk": "UA", "ja": "JP", "ko": "KR", "sv": "SE", "da": "DK", "cs": "CZ"}  # fmt: skip
WEEKDAYS = (1.0, 1.1, 1.1, 1.1, 1.05, 0.6, 0.55)  # Monday first
HOURS = (2, 1, 1, 1, 2, 3, 5, 6, 7, 7, 7, 6, 6, 6, 6, 6, 6, 5, 5, 4, 4, 3, 3, 2)
UNSPACED = ("zh", "ja")

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PoolText:
    """A text that articles print, with its tags as `news.article_topics` keeps them."""

    pool_id: int
    language: str
    topic: str | None
    text: str
    tags: str  # JSON


@dataclass(frozen=True, slots=True)
class Publisher:
    publisher_id: int
    domain: str
    name: str
    country: str | None
    language: str


class Press:
    """The same seed and size make the same press, but for the day that it ends on."""

    def __init__(self, rows: int, *, now: datetime, seed: int = 11) -> None:
        self.rows = rows
        self.now = now
        self.random = np.random.default_rng(seed)
        self.publishers = list(self._publishers())
        self.pool = list(self._pool())

    def articles(self) -> Iterator[Row]:
        """One row an article, oldest first: n, pool_id, title, publisher_id, at, original, story, versions, feeds."""
        random, count = self.random, self.rows
        where = _cells(self.pool)
        publisher = _zipf(random, PUBLISHERS, count, 0.7)
        topic = random.choice(
            len(TOPIC_SHARES) + 1, size=count, p=[*TOPIC_SHARES.values(), 1 - sum(TOPIC_SHARES.values())]
        )
        names = [*TOPIC_SHARES, None]
        at = _instants(random, count, self.now)
        is_copy = random.random(count) < COPIES
        joins = random.random(count) < JOINS_A_STORY
        before = np.maximum(np.arange(count) - 1 - (random.random(count) ** 3 * WINDOW).astype(int), 0)
        versions = 1 + random.poisson(0.06, count)
        feeds = 1 + random.poisson(0.2, count)
        pool_ids, titles, originals, leaders = [0] * count, [""] * count, list(range(count)), list(range(count))
        for n in range(count):
            original = originals[before[n]]
            if is_copy[n] and original < n:
                originals[n], pool_ids[n], titles[n] = original, pool_ids[original], titles[original]
            else:
                language, about = self.publishers[publisher[n]].language, names[topic[n]]
                cell = where.get((language, about)) or where[language, None]
                pool_ids[n] = cell[int(random.integers(len(cell)))]
                titles[n] = self._title(language, about, n)
            leaders[n] = leaders[original] if is_copy[n] or joins[n] else n
            yield (
                n + 1, pool_ids[n], titles[n], int(publisher[n]) + 1, at[n], originals[n] + 1, leaders[n] + 1,
                int(versions[n]), int(feeds[n]),
            )  # fmt: skip

    def _publishers(self) -> Iterator[Publisher]:
        languages = [
            *FIRST_LANGUAGES,
            *(one for one in sorted(wordfreq.available_languages("small")) if one not in FIRST_LANGUAGES),
        ]
        chosen = _zipf(self.random, len(languages), PUBLISHERS, 1.0)
        for n in range(PUBLISHERS):
            language = languages[chosen[n]]
            countries = COUNTRIES.get(language, "" if language in ("sh", "fa", "ms") else language.upper()[:2]).split()
            country = countries[n % len(countries)] if countries and n % 20 else None
            yield Publisher(n + 1, f"paper-{n + 1}.example", f"Paper {n + 1}", country, language)

    def _pool(self) -> Iterator[PoolText]:
        """So many texts of each language and topic as its share of the articles asks for."""
        written = {publisher.language for publisher in self.publishers}
        shares = _zipf_shares(PUBLISHERS, 0.7)
        for language in sorted(written):
            share = sum(shares[p.publisher_id - 1] for p in self.publishers if p.language == language)
            of_topics = {**TOPIC_SHARES, None: 1 - sum(TOPIC_SHARES.values())}
            for topic, part in of_topics.items():
                if topic and not terms(topic, language):
                    continue
                for _ in range(max(3, round(self.rows / TEXTS_EACH * share * part))):
                    yield self._text(language, topic)

    _made = 0

    def _text(self, language: str, topic: str | None) -> PoolText:
        self._made += 1
        random = self.random
        length = min(LONGEST, MEDIAN_CHARACTERS * random.lognormal(0, SPREAD)) / (3 if language in UNSPACED else 1)
        sentences = _sentences(random, language, int(length))
        topics = [] if topic is None else [topic]
        if topic in WITH_IT and self._made % 6 == 0 and terms(WITH_IT[topic], language):
            topics.append(WITH_IT[topic])
        spans = {one: _plant(random, sentences, one, language) for one in topics}
        text = "\n".join(sentences)
        tags = [_tag(one, planted, text) for one, planted in spans.items()]
        return PoolText(self._made, language, topic, text, json.dumps(tags, ensure_ascii=False))

    def _title(self, language: str, topic: str | None, n: int) -> str:
        words = _draw(self.random, language, 6 + n % 5)
        if topic and n % 2:
            words = [*words[:4], *terms(topic, language)[:1]]
        return _joined(words, language).capitalize()


def terms(topic: str, language: str) -> list[str]:
    """What a topic's patterns say in a language, as plain words."""
    return _terms(topic).get(language, [])


@cache
def _terms(topic: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    definition = read_topic((TOPICS / f"{topic}.yaml").read_text(encoding="utf-8"), path=topic)
    for group in definition.groups.values():
        for pattern in group:
            if ".." not in pattern.text:
                found.setdefault(pattern.language, []).append(pattern.text.replace("*", ""))
    return found


def _sentences(random: np.random.Generator, language: str, characters: int) -> list[str]:
    theme = _draw(random, language, THEME_WORDS, flat=True)
    made: list[str] = []
    size = 0
    while size < characters:
        words = _draw(random, language, int(random.integers(8, 30)))
        again = random.random(len(words)) < THEME_SHARE
        picks = random.integers(len(theme), size=len(words))
        words = [theme[pick] if one else word for word, one, pick in zip(words, again, picks, strict=True)]
        if random.random() < 0.3:
            words.insert(len(words) // 2, str(random.integers(2, 3000)))
        made.append(_joined(words, language).capitalize() + ("。" if language in UNSPACED else "."))
        size += len(made[-1]) + 1
    return made


def _plant(random: np.random.Generator, sentences: list[str], topic: str, language: str) -> list[tuple[str, str]]:
    """Put one to four terms of a topic into sentences; returns each with its sentence."""
    known = terms(topic, language)  # the first of a definition are the commonest
    planted = []
    for place in sorted(set(random.integers(len(sentences), size=int(random.integers(1, 5))).tolist())):
        term = known[int(random.random() ** 2 * len(known))]
        sentences[place] = f"{term}{sentences[place] if language in UNSPACED else ' ' + sentences[place]}"
        planted.append((term, sentences[place]))
    return planted


def _tag(topic: str, planted: Sequence[tuple[str, str]], text: str) -> dict[str, object]:
    evidence = []
    for term, sentence in planted:
        start = max(text.find(sentence), 0)  # a second topic may have lengthened the sentence
        evidence.append({"group": "terms", "pattern": term, "zone": "lead" if start < 500 else "body", "start": start,
                         "end": start + len(term), "weight": 1.0, "sentence": sentence})  # fmt: skip
    return {
        "topic": topic,
        "level": "core" if len(planted) > 1 else "mention",
        "score": float(len(planted)),
        "evidence": evidence,
    }


@cache
def words_of(language: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Words, most frequent first, with what they add up to: as they come, and as a text chooses what it speaks of."""
    shares = word_frequencies(language)
    words = sorted(shares, key=lambda word: (-shares[word], word))
    as_they_come = np.array([shares[word] for word in words])
    flat = np.sqrt(as_they_come)
    return words, np.cumsum(as_they_come) / as_they_come.sum(), np.cumsum(flat) / flat.sum()


def _draw(random: np.random.Generator, language: str, count: int, *, flat: bool = False) -> list[str]:
    words, as_they_come, by_root = words_of(language)
    picks = np.searchsorted(by_root if flat else as_they_come, random.random(count))
    return [words[min(pick, len(words) - 1)] for pick in picks]


def _joined(words: Sequence[str], language: str) -> str:
    return ("" if language in UNSPACED else " ").join(words)


def _cells(pool: Sequence[PoolText]) -> dict[tuple[str, str | None], list[int]]:
    cells: dict[tuple[str, str | None], list[int]] = {}
    for text in pool:
        cells.setdefault((text.language, text.topic), []).append(text.pool_id)
    return cells


def _instants(random: np.random.Generator, count: int, now: datetime) -> list[datetime]:
    """Publication: by weekday and hour as papers do it, in order, none in the future."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(DAYS)]
    weights = np.array([WEEKDAYS[day.weekday()] for day in days])
    chosen = random.choice(DAYS, size=count, p=weights / weights.sum())
    hours = random.choice(24, size=count, p=np.array(HOURS) / sum(HOURS))
    seconds = random.random(count) * 3600
    made = sorted(
        days[day] + timedelta(hours=int(hour), seconds=float(second))
        for day, hour, second in zip(chosen, hours, seconds, strict=True)
    )
    return [min(at, now).astimezone(UTC) for at in made]


def _zipf(random: np.random.Generator, kinds: int, count: int, exponent: float) -> np.ndarray:
    return random.choice(kinds, size=count, p=_zipf_shares(kinds, exponent))


def _zipf_shares(kinds: int, exponent: float) -> np.ndarray:
    weights = 1 / np.arange(1, kinds + 1) ** exponent
    return weights / weights.sum()
