"""Which languages' patterns apply to an article."""

from __future__ import annotations

import re
from collections.abc import Collection

ANY = "*"
MIN_CHARS = 20  # a shorter text does not tell its language

# Codes that stand for another one in tags found on the web (BCP 47, deprecated ISO 639 codes, written variants).
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh", "sh": "sr", "mo": "ro"}

# The scripts that tell languages apart. Languages that are not listed here are written in Latin letters.
_SCRIPTS = {
    "[а-я]": "ru uk bg be mk sr kk ky mn tg",
    "[α-ω]": "el",
    "[ء-ي]": "ar fa ur ps",
    "[א-ת]": "he yi",
    "[\u0900-\u097f]": "hi mr ne",
    "[\u0980-\u09ff]": "bn",
    "[\u0b80-\u0bff]": "ta",
    "[\u0c00-\u0c7f]": "te",
    "[\u0e00-\u0e7f]": "th",
    "[ა-ჰ]": "ka",
    "[ա-ֆ]": "hy",
    "[\u1200-\u137f]": "am ti",
    "[\u3040-\u30ff]": "ja",
    "[\uac00-\ud7a3]": "ko",
}
_HAN = re.compile("[\u3400-\u9fff]")
_NOT_LATIN = frozenset(code for codes in _SCRIPTS.values() for code in codes.split()) | {"zh"}
_LATIN = re.compile("[a-z]")


# ISO 639-1
CODES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo"  # noqa: SIM905 - read as a list of words
    " es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka"
    " kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nd ne ng nl"
    " no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw"
    " ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
# Country codes that are written where a language is meant.
_COUNTRIES = {
    "ua": "uk",
    "cn": "zh",
    "tw": "zh",
    "jp": "ja",
    "kr": "ko",
    "cz": "cs",
    "dk": "da",
    "gr": "el",
    "us": "en",
}


def base_language(tag: str) -> str:
    """The language of a BCP 47 tag without its region and script: "pt-BR" is "pt", "nb" is "no"."""
    code = re.split("[-_]", tag.strip().lower(), maxsplit=1)[0]
    return _SAME.get(code, code)


def applicable_languages(tag: str, folded: str, known: Collection[str]) -> frozenset[str]:
    """The languages whose patterns are tried on a text that is said to be in `tag`, out of those `known` to a topic.

    The article's own; where that is unknown, or the text too short to tell, those written in its scripts.
    """
    language = base_language(tag)
    if language in known and len(folded) >= MIN_CHARS:
        return frozenset({language, ANY})
    return (_written_in_scripts_of(folded, known) | ({language} & set(known))) | {ANY}


def _written_in_scripts_of(folded: str, known: Collection[str]) -> frozenset[str]:
    written = {code for script, codes in _SCRIPTS.items() if re.search(script, folded) for code in codes.split()}
    if _HAN.search(folded) and not written & {"ja", "ko"}:  # Japanese and Korean headlines use Han signs too
        written.add("zh")
    if _LATIN.search(folded):
        written |= set(known) - _NOT_LATIN
    return frozenset(written & set(known))


def language_problem(code: str) -> str | None:
    """Why a definition cannot have patterns in this language, as `problem; mend`; None if it can."""
    base = _COUNTRIES.get(code) or base_language(code)
    if base == code and code in CODES:
        return None
    mend = f"write {base!r}" if base in CODES else "write an ISO 639-1 code such as 'en'"
    return f"{code!r} is no language; {mend}"
