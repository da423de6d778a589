"""What is kept of an article to compare it with others: weighted terms of its body, lead and title, names, numbers."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping

from newswire.core.stories.frequencies import Frequencies
from newswire.core.stories.words import names, numbers, terms, written
from newswire.records import StoryArticle, StoryFeatures

_LEAD_TERMS = 120  # 60 and 200 tell events no better
_TITLE_TERMS = 12  # where there is no title, the text begins with what would be one
_REPEATED = 2  # a name that comes once, late in the text, is a passer-by
_WRITTEN_TERMS = 40  # two articles are explained by what weighs most in both
MAX_KEY_TERMS = 32
_KEY_RARITY = -math.log(0.05)  # a key term stands in less than one of 20 articles


def story_features(article: StoryArticle, frequencies: Frequencies) -> StoryFeatures:
    """What an article is compared by. The title is told apart from the text: an article of which only the title is known
    has no body that could agree with another.
    """
    body = terms(article.text)
    title = terms(article.title) or body[:_TITLE_TERMS]
    lead = body[:_LEAD_TERMS]
    vector = _vector(body, frequencies)
    telling = _names(article.text, lead, frequencies)
    key_terms = _key_terms([*title, *lead, *telling], frequencies)
    return StoryFeatures(
        url=article.url,
        at=article.at,
        language=article.language,
        body=vector,
        lead=_vector(lead, frequencies),
        title=_shares(title, frequencies),
        names={name: round(frequencies.rarity(name), 4) for name in sorted(telling)},
        numbers=numbers(f"{article.title}\n{article.text}"),
        written=written(article.text, {*_heaviest(vector, _WRITTEN_TERMS), *telling}, telling),
        key_terms=_numbers_of(key_terms, frequencies),
        rare_terms=_numbers_of((term for term in key_terms if frequencies.is_rare(term)), frequencies),
    )


def _names(text: str, lead: Iterable[str], frequencies: Frequencies) -> set[str]:
    """Names of the lead and those that come again. Scripts without capitals: the rare terms of the lead."""
    if not any(char.isupper() for char in text):
        return {term for term in lead if frequencies.rarity(term) > _KEY_RARITY}
    found = names(text)
    return {name for name, count in found.items() if count >= _REPEATED} | (found.keys() & set(lead))


def _vector(words: Iterable[str], frequencies: Frequencies) -> Mapping[str, float]:
    """TF-IDF of length 1: rare terms and those that come often weigh most."""
    weights = {term: (1 + math.log(count)) * frequencies.rarity(term) for term, count in Counter(words).items()}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
    return _rounded({term: weight / length for term, weight in weights.items()})


def _shares(words: Iterable[str], frequencies: Frequencies) -> Mapping[str, float]:
    """What part of a title each of its terms is, by what it tells."""
    weights = {term: frequencies.rarity(term) for term in words}
    whole = math.fsum(weights.values()) or 1.0
    return _rounded({term: weight / whole for term, weight in weights.items()})


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    """Four digits, so that what is stored is what was computed."""
    return {term: rounded for term, weight in sorted(weights.items()) if (rounded := round(weight, 4))}


def _key_terms(words: Iterable[str], frequencies: Frequencies) -> list[str]:
    """The heaviest of the less common terms of title, lead and names: articles that share some are compared."""
    weights = {
        term: (1 + math.log(count)) * rarity
        for term, count in Counter(words).items()
        if (rarity := frequencies.rarity(term)) > _KEY_RARITY
    }
    return _heaviest(weights, MAX_KEY_TERMS)


def _numbers_of(some: Iterable[str], frequencies: Frequencies) -> tuple[int, ...]:
    """Terms of a language as numbers: articles of another are never found by them."""
    return tuple(sorted({_number(f"{frequencies.language} {term}") for term in some}))


def _heaviest(weights: Mapping[str, float], at_most: int) -> list[str]:
    return sorted(weights, key=lambda term: (-weights[term], term))[:at_most]


def _number(term: str) -> int:
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)
