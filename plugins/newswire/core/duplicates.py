"""Which articles are one piece of writing, and which of them was first.

Two questions, each a function of what is given and of nothing else: are two articles one piece of writing (`compare`, with its
`TESTS`), and which of those that belong together was first (`group_copies`). No answer depends on the order in which articles
came in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from newswire.core.fingerprints import WORDS_THAT_PROVE, below, lead
from newswire.records import CopyKind, Duplicate, DuplicatePair, Fingerprint, GroupMember, Likeness

WINDOW_DAYS = (
    7  # 133 of 138 dated real copies came within a day, all within a week; equal texts are found at any distance
)
HOT_LIMIT = 200  # versions of one day that carry an anchor; a form that is printed more often proves nothing

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
            numbers=measures.numbers,
            numbers_alike=measures.numbers_alike,
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
        lead=_share(_common(lead(shorter.opening), longer.opening), len(lead(shorter.opening))),
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


# --- A group of articles ---------------------------------------------------------------------------------------------


def group_copies(members: Sequence[GroupMember], pairs: Iterable[DuplicatePair]) -> tuple[Duplicate, ...]:
    """Link every article to the original of its group: the first of all that hang together by pairs or by equal texts.

    All members and pairs of the groups must be given; they may come in any order, and return in the order of their addresses.
    A copy that is not like the original itself is joined by way of another copy (`via_id`), so that no chain stays hidden.
    """
    links = _Links(members, pairs)
    reached: set[int] = set()
    copies = [
        (join.copy.url, _duplicate(join, original))
        for original in sorted(members, key=_rank)
        if original.article_id not in reached
        for join in links.walk(original, reached)
    ]
    return tuple(duplicate for _, duplicate in sorted(copies, key=lambda copy: copy[0]))


def _rank(member: GroupMember) -> tuple[date, bool, datetime, bytes]:
    """The total order of articles: by their time, then by address. Numbers of the database depend on arrival; these do not.

    Midnight stands for a day without its hour (`core/dates.py`): such an article is not put before those of the day that
    name their hour.
    """
    at = member.at.astimezone(UTC)
    return at.date(), at.time() == time(), at, member.address_key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """How an article hangs on another that is nearer to the original; without a pair their texts are equal."""

    copy: GroupMember
    via: GroupMember
    pair: DuplicatePair | None


_EQUAL = 2.0  # stronger than any share of texts that are not


class _Links:
    """Who is like whom. Equal texts are listed once: a text that was printed a thousand times has a thousand links, no million."""

    def __init__(self, members: Sequence[GroupMember], pairs: Iterable[DuplicatePair]) -> None:
        by_id = {member.article_id: member for member in members}
        self._pairs: dict[int, list[tuple[GroupMember, DuplicatePair]]] = defaultdict(list)
        self._texts: dict[bytes, list[GroupMember]] = defaultdict(list)
        for pair in pairs:
            self._pairs[pair.article_a].append((by_id[pair.article_b], pair))
            self._pairs[pair.article_b].append((by_id[pair.article_a], pair))
        for member in members:
            if member.text_key is not None:
                self._texts[member.text_key].append(member)

    def walk(self, original: GroupMember, reached: set[int]) -> Iterator[_Join]:
        """Every article that hangs on the original, nearest first, each by its strongest join; notes whom it reached."""
        reached.add(original.article_id)
        nearest = [original]
        while nearest:
            best: dict[int, _Join] = {}
            for join in (join for via in nearest for join in self._from(via) if join.copy.article_id not in reached):
                known = best.get(join.copy.article_id)
                # Of equally strong joins the first stays: the one by way of the earliest article.
                if known is None or _strength(join) > _strength(known):
                    best[join.copy.article_id] = join
            yield from best.values()
            reached.update(best)
            nearest = sorted((join.copy for join in best.values()), key=_rank)

    def _from(self, via: GroupMember) -> Iterator[_Join]:
        for copy, pair in self._pairs[via.article_id]:
            yield _Join(copy=copy, via=via, pair=pair)
        for copy in self._texts.pop(via.text_key or b"", ()):
            yield _Join(copy=copy, via=via, pair=None)


def _strength(join: _Join) -> tuple[float, float]:
    return (join.pair.jaccard, join.pair.containment) if join.pair else (_EQUAL, _EQUAL)


def _duplicate(join: _Join, original: GroupMember) -> Duplicate:
    pair = join.pair
    return Duplicate(
        article_id=join.copy.article_id,
        original_id=original.article_id,
        via_id=join.via.article_id,
        kind=pair.kind if pair else "exact",
        containment=pair.containment if pair else 1.0,
        jaccard=pair.jaccard if pair else 1.0,
        title_share=pair.title_share if pair else None,
        numbers=pair.numbers if pair else None,
        numbers_alike=pair.numbers_alike if pair else None,
        reason=_reason(join) + ("" if join.via is original else ", itself a copy"),
        first_reason=_first_reason(join.copy, original),
    )


def _reason(join: _Join) -> str:
    """What proves the copy, for people."""
    if join.pair is None:
        return f"same text as {join.via.url}"
    numbers = f"; numbers agree {join.pair.numbers_alike} of {join.pair.numbers}" if join.pair.numbers else ""
    share = f"{join.pair.containment:.0%}"
    if join.pair.kind == "near":
        return f"{share} of the shorter text is the same, {join.pair.jaccard:.0%} of both{numbers}: {join.via.url}"
    longer, shorter = max(join.copy.words, join.via.words), min(join.copy.words, join.via.words)
    times = f"{longer / max(shorter, 1):.1f} times as long"
    if join.copy.words <= join.via.words:
        return f"{share} of it stands in a text {times}{numbers}: {join.via.url}"
    return f"it is {times} and holds {share} of the text{numbers}: {join.via.url}"


def _first_reason(copy: GroupMember, original: GroupMember) -> str:
    """Why the original counts as the first, for people."""
    decided = "; of one time, so their addresses decide" if copy.at == original.at else ""
    return f"first is {original.url}, {_dated(original)}; this one {_dated(copy)}{decided}"


def _dated(member: GroupMember) -> str:
    """By whose word an article has its time: a publisher's date can be wrong, and the reason says that it is one."""
    at = f"{member.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"dated {at}" if member.at == member.published_at else f"without a date to believe, seen {at}"
