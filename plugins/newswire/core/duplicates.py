"""Which articles are one piece of writing, and which of them was first.

Three questions, each a function of what is given and of nothing else: are two articles one piece of writing (`compare`; test
by test in `verdict`), and which of those that belong together was first (`group_copies`). No answer depends on the order in
which articles came in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from newswire.core.fingerprints import WORDS_THAT_PROVE, below
from newswire.records import CopyKind, Fingerprint, Likeness

# --- Two articles ----------------------------------------------------------------------------------------------------

# Chosen on the development half of the labelled pairs (docs/duplicates.md). Containment alone calls every third strange pair a
# copy (precision .65 on real pairs): each further test is there for a kind of pair that it wrongly joined.
_CONTAINED = 0.6  # copies are cut and wrapped: the Jaccard index of half of them is below .5, their containment is not
_CONTAINED_LONG = 0.5
_LONG_WORDS = 150
_TITLES_ALIKE = 0.6
_NUMBERS_THAT_TELL = 3  # fewer agree or differ by chance
_NUMBERS_AGREE = 0.75
_NUMBERS_AGREE_LONG = 0.5  # an update keeps half of them
_TITLES_HALF = 0.5
_TITLES_RELATED = 0.2
_NEARLY_ALL = 0.8
_NEAR = 0.5
_LEAD_FOUND = 0.2
_COLUMN_WORDS = 300  # market reports and weather: a form that one source fills in again
_COLUMN_APART = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Two articles held against each other. The share of something that is not there is 0."""

    same_text: bool
    words: int  # of the shorter text
    containment: float
    jaccard: float
    title: float
    numbers: int  # of the article that has fewer
    numbers_alike: int
    lead: float  # share of the shorter text's lead that stands in the opening of the other
    apart: timedelta | None  # between two articles of one source; None: of two sources, or not known

    @property
    def is_long_under_one_title(self) -> bool:
        """Long texts under alike titles: they need less to be believed."""
        return self.words >= _LONG_WORDS and self.title >= _TITLES_ALIKE

    @property
    def numbers_share(self) -> float:
        return self.numbers_alike / self.numbers if self.numbers else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One condition that two articles which are one piece of writing meet."""

    asks: str
    holds: Callable[[Measures], bool]
    shows: Callable[[Measures], str]
    otherwise: str  # what two articles are that do not meet it


TESTS = (
    Test(
        asks=f"is {_CONTAINED:.0%} of the shorter text in the other ({_CONTAINED_LONG:.0%} if long, under alike titles)",
        holds=lambda m: m.containment >= (_CONTAINED_LONG if m.is_long_under_one_title else _CONTAINED),
        shows=lambda m: f"{m.containment:.0%}",
        otherwise="other texts",
    ),
    Test(
        asks=f"do the numbers agree, {_NUMBERS_AGREE:.0%} of them ({_NUMBERS_AGREE_LONG:.0%} if long, under alike titles)",
        holds=lambda m: (
            m.numbers < _NUMBERS_THAT_TELL
            or m.numbers_share >= (_NUMBERS_AGREE_LONG if m.is_long_under_one_title else _NUMBERS_AGREE)
        ),
        shows=lambda m: f"{m.numbers_alike} of {m.numbers}",
        otherwise="one form, filled in with other figures",
    ),
    Test(
        asks=f"are there {WORDS_THAT_PROVE} words, or titles that are half alike",
        holds=lambda m: m.words >= WORDS_THAT_PROVE or m.title >= _TITLES_HALF,
        shows=lambda m: f"{m.words} words, titles {m.title:.0%}",
        otherwise="too short to tell a copy from a formula",
    ),
    Test(
        asks=f"are the titles related ({_TITLES_RELATED:.0%}), or is nearly all ({_NEARLY_ALL:.0%}) of the shorter text there",
        holds=lambda m: m.title >= _TITLES_RELATED or m.containment >= _NEARLY_ALL,
        shows=lambda m: f"titles {m.title:.0%}, text {m.containment:.0%}",
        otherwise="one frame around other news",
    ),
    Test(
        asks="are both mostly the same text, or alike in title, or does the lead of one open the other",
        holds=lambda m: m.jaccard >= _NEAR or m.title >= _TITLES_ALIKE or m.lead >= _LEAD_FOUND,
        shows=lambda m: f"of both {m.jaccard:.0%}, titles {m.title:.0%}, lead {m.lead:.0%}",
        otherwise="one quotes the other, or lists it among others",
    ),
    Test(
        asks="is it no column that one source fills in anew each day",
        holds=lambda m: not _is_column(m),
        shows=lambda m: "two sources, or not dated" if m.apart is None else f"one source, {m.apart / timedelta(hours=1):.0f} h apart",
        otherwise="two days of one column",
    ),
)  # fmt: skip


def compare(a: Fingerprint, b: Fingerprint) -> Likeness | None:
    """Whether two articles are one piece of writing, and what proves it; None: they are not. Symmetric."""
    measures = measure(a, b)
    if measures.same_text or all(test.holds(measures) for test in TESTS):
        return Likeness(
            kind=_kind(measures),
            containment=measures.containment,
            jaccard=measures.jaccard,
            title_share=measures.title,
            number_share=measures.numbers_share,
        )
    return None


def measure(a: Fingerprint, b: Fingerprint) -> Measures:
    """Hold two articles against each other."""
    shorter, longer = sorted((a, b), key=lambda one: (one.words, one.text_key or b""))
    common, of_shorter, of_both = _overlap(shorter, longer)
    fewer_numbers = min(len(a.numbers), len(b.numbers))
    return Measures(
        same_text=a.text_key is not None and a.text_key == b.text_key,
        words=shorter.words,
        containment=_share(common, of_shorter),
        jaccard=_share(common, of_both),
        title=_share(_common(a.title, b.title), min(len(a.title), len(b.title))),
        numbers=fewer_numbers,
        numbers_alike=_common(a.numbers, b.numbers),
        lead=_share(_common(shorter.lead, longer.opening), len(shorter.lead)),
        apart=_apart(a, b),
    )


def _kind(measures: Measures) -> CopyKind:
    if measures.same_text:
        return "exact"
    return "near" if measures.jaccard >= _NEAR else "contained"


def _overlap(shorter: Fingerprint, longer: Fingerprint) -> tuple[int, int, int]:
    """Common runs, those of the shorter text, and those of both together; below the cut up to which both sketches are whole."""
    cut = min(shorter.cut, longer.cut)
    one, other = below(shorter.sketch, cut), below(longer.sketch, cut)
    common = _common(one, other)
    return common, len(one), len(one) + len(other) - common


def _common(some: Collection[int], others: Collection[int]) -> int:
    return len(set(some).intersection(others))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _apart(a: Fingerprint, b: Fingerprint) -> timedelta | None:
    if a.source_id is None or a.source_id != b.source_id or a.at is None or b.at is None:
        return None
    return abs(a.at - b.at)


def _is_column(measures: Measures) -> bool:
    """One source, another day, short, other figures under the same title."""
    return (
        measures.apart is not None
        and measures.apart >= _COLUMN_APART
        and measures.words < _COLUMN_WORDS
        and measures.numbers_alike < measures.numbers
        and measures.title >= _TITLES_ALIKE
    )
