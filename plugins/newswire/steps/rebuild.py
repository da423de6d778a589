"""Rebuild a day: the same steps as live, over the day's own list of keys, from the archive and the stored text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

from newswire.core.articles import EXTRACTOR
from newswire.core.fingerprints import SIGNATURE_VERSION
from newswire.core.topics import ENGINE_VERSION
from newswire.errors import ConfigError
from newswire.records import Batch, Change, Fact, Rebuild, Rebuilt, Stage, StepReport, Subscription, WorkItem
from newswire.steps.tag import Tagger
from newswire.warehouse import addresses, articles, feeds, marts, publishers, rebuilds, topics
from newswire.warehouse.connection import Conn

_BATCH = 200
_SAMPLE = 20  # changes that are told; their number is told in any case
REBUILDABLE: tuple[Stage, ...] = ("extract", "group", "tag", "publish")


def refuse_no_past(stage: Stage) -> None:
    """Raises ConfigError for a stage whose input is not kept."""
    if stage not in REBUILDABLE:
        raise ConfigError(f"{stage} has no past to rebuild; choose from {', '.join(REBUILDABLE)}")


def refuse_unknown(conn: Conn, wanted: Rebuild) -> None:
    """Raises ConfigError for what is not there: a slip in a name would rebuild nothing, and say that all is well."""
    if wanted.topics and wanted.stage == "tag":
        known = {topic.slug for topic in topics.in_force(conn)}
        _refuse(set(wanted.topics) - known, "no topic in force is called", f"choose from {', '.join(sorted(known))}")
    if wanted.publishers:
        known = {one.domain for one in publishers.listed(conn)}
        _refuse(
            set(wanted.publishers) - known, "nothing is there of", "`newswire publishers list` shows whose articles are"
        )
    subscribed = [Subscription(url=url) for url in wanted.feeds]
    unknown = {one.url for one in feeds.unknown(conn, subscribed, ever=True)}
    _refuse(unknown, "never subscribed:", "`newswire feeds list` shows what is")


def _refuse(unknown: set[str], problem: str, mend: str) -> None:
    if unknown:
        raise ConfigError(f"{problem} {', '.join(sorted(unknown))}; {mend}")


def keys(conn: Conn, wanted: Rebuild, by: Tagger | None) -> list[int]:
    """What a rebuild works on; `by` tags, where that is its stage."""
    match wanted.stage:
        case "extract":
            return addresses.of_day(conn, wanted, extractor=EXTRACTOR)
        case "group":
            return articles.to_group(conn, wanted, signature=SIGNATURE_VERSION)
        case "tag":
            assert by is not None
            # Of a selection of topics it is not known which version looked.
            chosen = wanted if by.definitions.whole else replace(wanted, force=True)
            return articles.to_tag(conn, chosen, definitions_sha256=by.definitions.sha256, engine=ENGINE_VERSION)
        case _:
            return [marts.day_key(wanted.day)]


def rebuild(
    conn: Conn, stage: Stage, keys: Sequence[int], step: Callable[[Conn, Batch], StepReport], *, dry_run: bool = False
) -> Rebuilt:
    """Run one step over a list of keys, and say what its results said before and say now; touches no work row of its stage.

    A dry run is the same step with the write rolled back and the report kept.
    """
    with conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return sum((_rebuild(conn, batch, step) for batch in _batches(stage, keys)), Rebuilt())


def _rebuild(conn: Conn, batch: Batch, step: Callable[[Conn, Batch], StepReport]) -> Rebuilt:
    before = rebuilds.facts(conn, batch.stage, batch.keys)
    report = step(conn, batch)
    changes = differences(before, rebuilds.facts(conn, batch.stage, batch.keys))
    return Rebuilt(report=report, changes=tuple(changes[:_SAMPLE]), changed_subjects=len(changes))


def differences(before: Iterable[Fact], after: Iterable[Fact]) -> list[Change]:
    """The subjects about which something else is said now, in their order."""
    old, new = _by_subject(before), _by_subject(after)
    return [
        Change(subject=subject, before=old.get(subject, ()), after=new.get(subject, ()))
        for subject in sorted(old.keys() | new.keys())
        if old.get(subject) != new.get(subject)
    ]


def _by_subject(facts: Iterable[Fact]) -> Mapping[str, tuple[str, ...]]:
    said: defaultdict[str, set[str]] = defaultdict(set)
    for fact in facts:
        said[fact.subject].add(fact.fact)
    return {subject: tuple(sorted(facts)) for subject, facts in said.items()}


def _batches(stage: Stage, keys: Sequence[int]) -> list[Batch]:
    items = [WorkItem(key=key, mark=0, attempts=0) for key in keys]
    return [Batch(stage=stage, items=tuple(items[at : at + _BATCH])) for at in range(0, len(items), _BATCH)]
