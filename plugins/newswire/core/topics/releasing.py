"""What a new version of a topic changes, and whether a person has to agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from newswire.core.markdown import plain
from newswire.records import ChangeCount, ChangeSample, TopicRelease

KINDS = ("added", "removed", "to core", "to mention")
_NO_ANGLES = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one release changes."""

    release: TopicRelease
    counts: tuple[ChangeCount, ...]
    samples: tuple[ChangeSample, ...]

    @property
    def changed(self) -> int:
        """Tags that come, go, or move between the levels. Other evidence for the same level is no change to a reader."""
        return sum(count.count for count in self.counts if count.kind in KINDS)

    @property
    def share(self) -> float:
        """Of the tags that the topic had."""
        return self.changed / self.release.tags_before if self.release.tags_before else 0.0

    @property
    def needs_approval(self) -> bool:
        """Whether more changes than the file allows. Where nothing was tagged, nobody can miss anything."""
        return self.release.tags_before > 0 and self.share > self.release.approve_above

    def total(self, kind: str) -> int:
        """Articles that change in this way."""
        return sum(count.count for count in self.counts if count.kind == kind)

    def in_a_line(self) -> str:
        """In one line: `rare-earths: 12 added, 3 removed of 240 tags (6%)`."""
        parts = [f"{self.total(kind):,} {kind}" for kind in KINDS if self.total(kind)]
        before = self.release.tags_before
        return (
            f"{self.release.slug}: {', '.join(parts) or 'no tag changes'}"
            + f" of {before:,} tags ({self.share:.0%})" * bool(before)
        )

    def as_markdown(self) -> str:
        """For a person who decides: by language, then samples."""
        return "\n".join([*_headline(self), *_table(self.counts), *_examples(self.samples)])


def _headline(difference: Difference) -> Iterator[str]:
    yield f"**{plain(difference.in_a_line())}**"
    yield ""
    if difference.release.to_version_id is None:
        yield "The file is gone: to approve takes the topic out of force and all its tags away."
    yield (
        f"Above {difference.release.approve_above:.0%} a person decides (`approve_above` in the file). Until then the version"
        " before tags on, new articles too."
    )
    yield ""


def _table(counts: Sequence[ChangeCount]) -> Iterator[str]:
    yield f"| language | {' | '.join(KINDS)} | other evidence |"
    yield f"|---|{'---:|' * (len(KINDS) + 1)}"
    totals: Counter[tuple[str, str]] = Counter()
    for count in counts:
        totals[count.language, count.kind] += count.count
        totals["all", count.kind] += count.count
    for language in [*dict.fromkeys(count.language for count in counts), "all"]:
        cells = " | ".join(str(totals[language, kind] or "") for kind in (*KINDS, "proof"))
        yield f"| {language} | {cells} |"


def _examples(samples: Iterable[ChangeSample]) -> Iterator[str]:
    kind = None
    for sample in samples:
        if sample.kind != kind:
            kind = sample.kind
            yield f"\n**{kind}**\n"
        moved = " → ".join(level or "no tag" for level in (sample.level_before, sample.level_after))
        yield f"- [{sample.language}] {plain(sample.title) or 'without a title'} ({moved})  \n  <{sample.url.translate(_NO_ANGLES)}>"
