"""What a run came to, as the note of the run: the first thing that people see on its page.

A task cannot write a note: Airflow gives it no door for that. The scheduler can, when a run ends: it is told so as a
*listener*, with the run in its hands, and reads there what the run's tasks returned. Whatever goes wrong here costs the note
only: Airflow logs what a listener raises and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

LONGEST = 1000  # characters; Airflow's column has no more
_FOR_LINKS = 250
_MORE = "\n\n(more in the task's XCom)"
_TOLD = ("return_value", "report", "told")  # a task that fails pushes what it came to by itself: tasks.py
_OURS = "news"  # the tag of our DAGs: the notes of others are theirs


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:  # noqa: ARG001  the names are Airflow's
    """Note what a run did."""
    _note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:  # noqa: ARG001
    """Note how far a run came."""
    _note(dag_run)


def _note(dag_run: DagRun) -> None:
    written = dag_run.dag_run_note
    if dag_run.dag is None or _OURS not in dag_run.dag.tags or (written and written.user_id):
        return  # what a person wrote stays
    names = {task.task_id: task.task_display_name for task in dag_run.dag.tasks}
    told = in_words((names.get(task_id, task_id), value) for task_id, value in _results(dag_run))
    if told:
        dag_run.note = told + links(asset.name for task in dag_run.dag.tasks for asset in task.outlets)


def _results(dag_run: DagRun) -> Iterator[tuple[str, Any]]:
    """What each task of a run returned or told, in the order in which that came."""
    from airflow.models.xcom import XComModel  # noqa: PLC0415 - only the scheduler has a database
    from sqlalchemy import select  # noqa: PLC0415
    from sqlalchemy.orm import object_session  # noqa: PLC0415

    session = object_session(dag_run)
    assert session is not None
    asked = select(XComModel).where(
        XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id, XComModel.key.in_(_TOLD)
    )
    for one in session.scalars(asked.order_by(XComModel.timestamp)):
        yield one.task_id, XComModel.deserialize_value(one)


def in_words(results: Iterable[tuple[str, Any]]) -> str:
    """The results of tasks, by their names, as Markdown: counts as `name number`, lines as a list."""
    by_name: dict[str, list[str]] = {}
    for name, value in results:
        by_name.setdefault(name, []).append(_told(value))
    # Counts stand on the line of the name, so they come before its lines.
    told = {name: "".join(sorted(some, key=lambda one: one.startswith("\n"))) for name, some in by_name.items()}
    return _short("\n\n".join(f"**{name}**{some}" for name, some in told.items() if some))


def _told(value: Any) -> str:
    match value:
        case Mapping():
            return f": {_counts(value)}"
        case [str(), *_]:
            return "".join(f"\n* {line.strip()}" for line in value)
        case _:
            return ""


def links(assets: Iterable[str]) -> str:
    """Where Airflow shows the queues and tables that a run wrote to, with what each run did to them."""
    from airflow.configuration import conf  # noqa: PLC0415 - as above

    base = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    pages = [f"[{name}]({base}/assets?name_pattern={name})" for name in dict.fromkeys(assets)]
    return f"\n\nWrites to {', '.join(pages)}" if pages else ""


def _counts(counts: Mapping[str, Any]) -> str:
    """What is not nothing; what is counted by name stands in brackets."""
    plain = [f"{name} {value}" for name, value in counts.items() if isinstance(value, int | float | str) and value]
    named = counts.get("outcomes") or {}
    outcomes = f" ({', '.join(f'{name} {count}' for name, count in named.items())})" if named else ""
    return (", ".join(plain) or "nothing to do").replace("_", " ") + outcomes.replace("_", " ")


def _short(text: str) -> str:
    """As much as leaves room for links, to the end of a line."""
    room = LONGEST - _FOR_LINKS
    if len(text) <= room:
        return text
    return text[: room - len(_MORE)].rpartition("\n")[0] + _MORE
