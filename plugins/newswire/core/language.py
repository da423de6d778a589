"""The language of a text, told by the text: pages declare another one on all of 8 isiZulu, isiXhosa and Swahili pages."""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNDETERMINED = "und"  # BCP 47

# Languages with a news press. Dialects and rare relatives are left out: they only take short texts from the others (with
# them, Chinese headlines became Wu and English ones Nigerian Pidgin; long texts fell from .9997 to .996).
_LANGUAGES = frozenset(
    """
    af am ar az be bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja ka kk km kn ko ky
    lo lt lv mg mk ml mn mr ms my ne nl no om pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te th tl tr uk ur uz vi xh yo
    zh zu
    """.split()  # noqa: SIM905 - read as a list of words
)
_OLD_NAMES = {"iw": "he", "in": "id", "nb": "no", "nn": "no", "fil": "tl", "cn": "zh"}

_READ_CHARS = 1_000  # from 50 words on, more text changes nothing
_SHORT_CHARS = 200
_SURE = 0.9  # nine in ten right answers on headlines are above, nine in ten wrong ones below
_LIKELY = 0.25  # below, half of the answers on headlines are wrong
_POSSIBLE = 0.05
_LETTER = re.compile(r"[^\W\d_]")
_MIN_LETTERS = 3  # 地震だ; fewer say nothing in any script


def detect_language(text: str, *, hint: str | None = None) -> str:
    """The language of a text as a BCP 47 primary subtag, `und` when it cannot be told.

    `hint` is what the publisher declares (`pt-BR`); it decides only between the likely languages of a short text.
    """
    return language_of(text, hint=hint)[0]


def language_of(text: str, *, hint: str | None = None) -> tuple[str, float]:
    """The language of a text and how sure the model is of it, from 0 to 1; as `detect_language`."""
    sample = text[:_READ_CHARS]
    if len(_LETTER.findall(sample[:_SHORT_CHARS])) < _MIN_LETTERS:
        return UNDETERMINED, 0.0
    ranking = dict(_identifier().rank(sample))
    best, share = next(iter(ranking.items()))
    declared = primary_subtag(hint)
    is_open = share < _SURE and len(sample) <= _SHORT_CHARS
    if is_open and ranking.get(declared, 0) >= _POSSIBLE:
        return declared, float(ranking[declared])
    return (best, float(share)) if share >= _LIKELY else (UNDETERMINED, float(share))


def prepare() -> None:
    """Load the model now, so that no text has to wait for it."""
    _identifier()


def primary_subtag(tag: str | None) -> str:
    """The language of a tag as publishers write it: `PT_br` is `pt`, `iw` is today's `he`; "" without one."""
    primary = re.split(r"[-_]", (tag or "").strip().lower())[0]
    return _OLD_NAMES.get(primary, primary)


@cache
def _identifier() -> LanguageIdentifier:
    """The model, loaded once in a process (half a second)."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
