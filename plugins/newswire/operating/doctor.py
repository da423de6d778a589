"""Looks at an installation, embedded or not, and says what is wrong and what to do.

    examine(site) -> [Answer]     each probe is a small function in probes_*.py

What depends on something that is wrong is not asked, and says so: one cause gives one trouble.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from newswire.errors import NewswireError
from newswire.operating import probes_airflow, probes_machine, probes_warehouse
from newswire.operating.installation import Site
from newswire.operating.trouble import NotAsked, Patient, Probe, Trouble
from newswire.warehouse.connection import Conn, connect, is_unreachable

PROBES: dict[str, Probe] = {
    "Python": probes_machine.python,
    "packages": probes_machine.packages,
    "settings": probes_machine.settings,
    "secrets": probes_machine.secrets,
    "files of secrets": probes_machine.secret_files,
    "topics": probes_machine.topics,
    "retention": probes_machine.retention,
    "feeds.opml": probes_machine.feed_file,
    "archive": probes_machine.archive,
    "disk": probes_machine.disk,
    "warehouse": probes_warehouse.reachable,
    "migrations": probes_warehouse.migrated,
    "roles and rights": probes_warehouse.grants,
    "clock": probes_warehouse.clock,
    "Airflow's database": probes_airflow.reachable,
    "Airflow's programs": probes_airflow.alive,
    "workers": probes_airflow.workers,
    "DAG files": probes_airflow.dag_files,
    "paused DAGs": probes_airflow.paused,
    "pools": probes_airflow.pools,
    "connections": probes_airflow.connections,
    "ledger": probes_warehouse.checks,
    "newest article": probes_warehouse.freshness,
    "backlog": probes_warehouse.backlog,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one probe found; `not_asked` says why it could not look."""

    title: str
    troubles: tuple[Trouble, ...] = ()
    not_asked: str | None = None


def examine(site: Site, probes: Mapping[str, Probe] = PROBES) -> list[Answer]:
    """Ask the probes, in the order in which one thing needs another."""
    with ExitStack() as doors:
        patient = Patient(
            site=site,
            warehouse=_open(doors, site.env.get("NEWSWIRE_WAREHOUSE")),
            airflow=_open(doors, site.airflow if site.env.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN") else None),
        )
        return [ask(title, probe, patient) for title, probe in probes.items()]


def ask(title: str, probe: Probe, patient: Patient) -> Answer:
    """One probe; what it did not foresee is a trouble too."""
    try:
        return Answer(title=title, troubles=tuple(probe(patient)))
    except NotAsked as why:
        return Answer(title=title, not_asked=str(why))
    except NewswireError as error:
        return Answer(title=title, troubles=(Trouble(problem=str(error), mend="the message names it"),))


def describe(answers: Sequence[Answer]) -> Iterator[str]:
    """The lines of `newswire doctor`."""
    for answer in answers:
        yield f"{_mark(answer):<8}{answer.title}" + (f": not asked, {answer.not_asked}" if answer.not_asked else "")
        for trouble in answer.troubles:
            yield f"          {trouble.problem}\n            do: {trouble.mend}"
    errors, warnings = (sum(t.severity == kind for a in answers for t in a.troubles) for kind in ("error", "warning"))
    yield f"{errors} errors, {warnings} warnings"


def is_ill(answers: Sequence[Answer]) -> bool:
    """Whether anything is wrong that must be mended; a warning may wait."""
    return any(trouble.severity == "error" for answer in answers for trouble in answer.troubles)


def _mark(answer: Answer) -> str:
    if answer.not_asked:
        return "-"
    return max((trouble.severity for trouble in answer.troubles), key=["warning", "error"].index, default="ok")


def _open(doors: ExitStack, url: str | None) -> Conn | None:
    try:
        return doors.enter_context(connect(url, name="doctor")) if url else None
    except Exception as error:
        if is_unreachable(error):
            return None
        raise
