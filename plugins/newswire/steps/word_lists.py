"""How often the words of a language come up in running text: the one door to the word lists of the package wordfreq.

Its lists (CC BY-SA 4.0) hold the words that come at least once in a million, in some forty languages. They are frozen: the
package gets no new ones, so that a table made of them is the same for ever.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = {"no": "nb", "tl": "fil", "hr": "sh", "sr": "sh", "bs": "sh"}  # lists that serve a language under another name


def word_frequencies(language: str) -> Mapping[str, float]:
    """The share that each word has in the words of running text; empty for a language without a list."""
    import wordfreq  # noqa: PLC0415  half a second, and only where a table is missing

    name = _NAMES.get(language, language)
    if name not in wordfreq.available_languages("small"):
        return {}
    return dict(wordfreq.get_frequency_dict(name, "small"))
