"""What changed between two versions of an article, so that people can read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

_ALIKE = 0.5  # of the words: below this a paragraph was replaced, not edited
_WORDS = re.compile(r"\s*\S+")
# Chinese, Japanese and Thai run on without spaces: there a word is a character.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def difference(before: str, after: str) -> Iterator[str]:
    """Lines, one a paragraph: `-` gone, `+` new, `~` edited with its words marked [-gone-] and {+new+}; how many stayed."""
    old, new = before.split("\n"), after.split("\n")
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield f"  ({j - i} paragraph{'s' if j - i > 1 else ''} unchanged)"
        else:
            yield from _changed(old[i:j], new[k:m])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Paragraphs that stand in the same place: those that are alike are one that was edited."""
    paired = min(len(old), len(new))
    for gone, come in zip(old, new, strict=False):
        yield from _edited(gone, come)
    yield from (f"- {gone}" for gone in old[paired:])
    yield from (f"+ {come}" for come in new[paired:])


def _edited(old: str, new: str) -> Iterator[str]:
    before, after = _words(old), _words(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield from (f"- {old}", f"+ {new}")
        return
    pieces = (("".join(before[i:j]), "".join(after[k:m])) for _, i, j, k, m in matcher.get_opcodes())
    yield "~ " + "".join(_marked(pieces)).strip()


def _marked(pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    for gone, come in pieces:
        if gone == come:
            yield gone
            continue
        if gone:
            yield f"{_space(gone)}[-{gone.strip()}-]"
        if come:
            yield f"{_space(come)}{{+{come.strip()}+}}"


def _words(text: str) -> list[str]:
    return list(text) if _UNSPACED.search(text) else _WORDS.findall(text)


def _space(text: str) -> str:
    return " " if text[:1].isspace() else ""
