"""Paragraphs that a site repeats from article to article: boxes, promises, disclaimers that no list of phrases knows.

A paragraph that three distinct stories of a site carried within 60 days is none of theirs. Versions of a story, and stories
that share much of their text with it (the same under two addresses), count as one. Pure: the memory is passed in.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from newswire.core.articles.substance import content_digest, is_enough
from newswire.core.urls import address_key, registrable_domain
from newswire.records import Article, SiteBlock

WINDOW = timedelta(days=60)
_STORIES = 3  # two may be a story and its second part; df >= 2 removed real text on the development pages
_MAX_CHARS = 600  # what is longer is not a box
_MIN_LETTERS = 12
_TWIN_SHARE = 0.4  # of the characters: sequels quote less of each other, copies have nearly all

Blocks = Mapping[int, SiteBlock]  # of one site, by key


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as read, before its site's paragraphs are taken out, and when it was first seen."""

    article: Article
    day: date

    @property
    def site(self) -> str:
        """The site it stands on."""
        return registrable_domain(self.article.url)


def wanted(stories: Iterable[Story]) -> list[tuple[str, int]]:
    """The paragraphs, by site and key, of which the memory of the sites must be read to clean these stories."""
    return sorted({(story.site, key) for story in stories for key in block_keys(story.article.text).values()})


def clean(stories: Sequence[Story], known: Iterable[SiteBlock]) -> tuple[list[Article], list[SiteBlock]]:
    """The articles without what their sites repeat, and the blocks that are new or changed.

    All stories are learned before the first is cleaned: in one batch their order decides nothing.
    """
    memory: dict[str, dict[int, SiteBlock]] = defaultdict(dict)
    for block in known:
        memory[block.site][block.block_key] = block
    learned: dict[tuple[str, int], SiteBlock] = {}
    for story in stories:
        blocks = learn(memory[story.site], story)
        memory[story.site] |= blocks
        learned |= {(story.site, key): block for key, block in blocks.items()}
    return [without_blocks(story.article, memory[story.site]) for story in stories], list(learned.values())


def block_keys(text: str) -> dict[str, int]:
    """The paragraphs of a text that could be repeated, and what each is known by: its letters, without case."""
    return {line: key for line in text.split("\n") if (key := _key(line)) is not None}


def learn(known: Blocks, story: Story) -> dict[int, SiteBlock]:
    """The blocks that a story adds to what is known of its site, or changes."""
    keys = block_keys(story.article.text)
    twins = _twins(known, keys)
    seen = {key: _sighting(story, key, line) for line, key in keys.items()}
    return {key: _with(block, known.get(key), twins) for key, block in seen.items()}


def _sighting(story: Story, key: int, line: str) -> SiteBlock:
    itself = int.from_bytes(address_key(story.article.url)[:8], signed=True)
    return SiteBlock(
        site=story.site, block_key=key, stories=(itself,), days=(story.day,), is_repeated=False, sample=line
    )


def without_blocks(article: Article, known: Blocks) -> Article:
    """The article without the paragraphs that its site repeats; as it is, where too little would be left."""
    keys = block_keys(article.text)
    lines = article.text.split("\n")
    kept = [line for line in lines if not _is_repeated(known, keys.get(line))]
    text = "\n".join(kept)
    if len(kept) == len(lines) or not is_enough(text):
        return article
    return replace(article, text=text, content_sha256=content_digest(article.title, text))


def _is_repeated(known: Blocks, key: int | None) -> bool:
    return key is not None and key in known and known[key].is_repeated


def _key(line: str) -> int | None:
    """A signed number of 64 bits, as the warehouse keeps it; None for a line that is too short or too long to be a box."""
    if len(line) > _MAX_CHARS:
        return None
    letters = "".join(char for char in line.casefold() if char.isalpha())
    if len(letters) < _MIN_LETTERS:
        return None
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=8).digest(), signed=True)


def _twins(known: Blocks, keys: Mapping[str, int]) -> frozenset[int]:
    """Stories that share much of this text: the same story under another address."""
    shared: Counter[int] = Counter()
    for line, key in keys.items():
        block = known.get(key)
        if block is not None and not block.is_repeated:
            shared.update(dict.fromkeys(block.stories, len(line)))
    total = sum(len(line) for line, key in keys.items() if not _is_repeated(known, key))
    return frozenset(story for story, chars in shared.items() if chars > _TWIN_SHARE * total)


def _with(seen: SiteBlock, known: SiteBlock | None, twins: frozenset[int]) -> SiteBlock:
    """A block after one more sighting: of a story and its twins the last stands there, and only the last stories count.

    So what is read again, in whatever order, leaves it as it was.
    """
    [story], [day] = seen.stories, seen.days
    earlier = list(zip(known.days, known.stories, strict=True)) if known else []
    same = [(when, other) for when, other in earlier if other == story or other in twins]
    others = [sighting for sighting in earlier if sighting not in same]
    last = sorted([*others, max([*same, (day, story)])])[-_STORIES:]
    is_repeated = (known is not None and known.is_repeated) or (
        len(last) == _STORIES and last[-1][0] - last[0][0] <= WINDOW
    )
    return replace(
        seen,
        stories=tuple(story for _, story in last),
        days=tuple(day for day, _ in last),
        is_repeated=is_repeated,
        sample=seen.sample if is_repeated else None,
    )
