"""Is Airflow alive, does it know all DAGs, and can it do what they ask?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from newswire.operating.trouble import NotAsked, Patient, Trouble
from newswire.settings import CHECKOUT
from newswire.warehouse import airflow_tables

SILENT_S = 60.0  # they give a sign every 2 to 10 s; a busy machine is late
POOL = "default_pool"  # all tasks of Newswire run in it
_DAG_MARK = "@dag("
_PING_S = 10


def reachable(patient: Patient) -> Iterator[Trouble]:
    if patient.airflow is None:
        yield Trouble(
            problem="Airflow's database cannot be reached",
            mend="`newswire up`; in containers: `docker compose ps postgres`, and is AIRFLOW__DATABASE__SQL_ALCHEMY_CONN right?",
        )
    elif airflow_tables.version(patient.airflow) is None:
        yield Trouble(problem="Airflow's database has no tables", mend="`airflow db migrate`, which `up` and `init` do")


def alive(patient: Patient) -> Iterator[Trouble]:
    signs = airflow_tables.signs_of_life(patient.ask_airflow())
    for part in airflow_tables.PARTS.values():
        ago_s = signs.get(part)
        if ago_s is None or ago_s > SILENT_S:
            since = "ever" if ago_s is None else f"for {ago_s:.0f} s"
            yield Trouble(
                problem=f"no sign of life of the {part} {since}",
                mend=_restart(patient, part),
            )


def dag_files(patient: Patient) -> Iterator[Trouble]:
    conn = patient.ask_airflow()
    for file, why in airflow_tables.import_errors(conn):
        yield Trouble(
            problem=f"{file} cannot be read: {why}", mend="mend it; `airflow dags list-import-errors` has all of it"
        )
    parsed = {Path(dag.file).name for dag in airflow_tables.dags(conn)}
    for file in sorted(_files(patient) - parsed):
        yield Trouble(
            problem=f"{file} was not parsed",
            mend=f"is the dag-processor alive, and AIRFLOW__CORE__DAGS_FOLDER {_folder(patient)}?",
        )


def paused(patient: Patient) -> Iterator[Trouble]:
    names = [dag.dag_id for dag in airflow_tables.dags(patient.ask_airflow()) if dag.is_paused]
    if names:
        yield Trouble(
            problem=f"paused: {', '.join(names)}",
            mend="unpause them in the UI, or `airflow dags unpause NAME`; their queues wait",
            severity="warning",
        )


def pools(patient: Patient) -> Iterator[Trouble]:
    slots = airflow_tables.pools(patient.ask_airflow()).get(POOL)
    wanted = int(patient.site.env.get("AIRFLOW__CORE__PARALLELISM") or 16)
    if slots is None or 0 <= slots < wanted:  # -1: no bound
        yield Trouble(
            problem=f"{POOL} has {slots or 'no'} slots, {wanted} tasks may run at once",
            mend=f"`airflow pools set {POOL} 128 'Default pool'`",
            severity="warning" if slots else "error",
        )


def connections(patient: Patient) -> Iterator[Trouble]:
    if not patient.site.env.get("AIRFLOW_CONN_NEWS_WAREHOUSE"):
        yield Trouble(
            problem="the connection news_warehouse is missing",
            mend="start with `newswire up` or by container.py: they set it",
        )
    opens = _keys(patient)
    for known in airflow_tables.connections(patient.ask_airflow()):
        try:
            for text in known.encrypted:
                opens.decrypt(text.encode())
        except InvalidToken:
            yield Trouble(
                problem=f"the connection {known.conn_id} was encrypted with another key",
                mend="set the old key behind the new one, `NEW,OLD`, and rotate; or define the connection again",
            )


def workers(patient: Patient) -> Iterator[Trouble]:
    env = patient.site.env
    if env.get("AIRFLOW__CORE__EXECUTOR") != "CeleryExecutor":
        raise NotAsked("tasks run beside the scheduler here")
    ask = (sys.executable, "-m", "celery", "inspect", "ping", "--timeout", str(_PING_S))
    done = subprocess.run(  # noqa: S603
        ask, env={**env, "CELERY_BROKER_URL": patient.site.required("AIRFLOW__CELERY__BROKER_URL")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        yield Trouble(
            problem=f"no worker answers through Redis: {' '.join(last)}",
            mend="`docker compose ps redis worker`, `docker compose up -d redis worker`",
        )


def _keys(patient: Patient) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in patient.site.env.get("AIRFLOW__CORE__FERNET_KEY", "").split(",")])
    except ValueError:
        raise NotAsked("the Fernet key is none") from None


def _restart(patient: Patient, part: str) -> str:
    if patient.site.home:
        return f"`newswire status`; its log is {patient.site.home.logs / f'{part}.log'}; `newswire up` if nothing runs"
    return f"`docker compose logs {part}`, `docker compose restart {part}`"


def _folder(patient: Patient) -> Path:
    return Path(patient.site.env.get("AIRFLOW__CORE__DAGS_FOLDER") or CHECKOUT / "dags")


def _files(patient: Patient) -> set[str]:
    return {path.name for path in _folder(patient).glob("*.py") if _DAG_MARK in path.read_text(encoding="utf-8")}
