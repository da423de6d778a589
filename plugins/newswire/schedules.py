"""When the DAGs run that run by the clock, and how much runs at once: each by a setting, `NEWSWIRE_*`.

A setting that is wrong takes no DAG away: the default stays in force, and says so on the DAG's page, in `newswire status`,
and in each run of `check_warehouse`. Airflow's processes read their settings when they start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from newswire.core import cron

# By DAG, as core/cron.py reads it. `rebuild_day` and `import_history` are not here: their runs are days, and a day begins
# at midnight; at another hour a backfill would miss its last day.
SCHEDULES: Mapping[str, str] = {
    "check_warehouse": "*/10 * * * *",
    "check_feeds": "17 * * * *",
    "recheck_articles": "*/5 * * * *",
    "subscribe_hubs": "*/5 * * * *",
    "propose_feeds": "40 5 * * 1",
    "sweep_archive": "20 3 * * *",
    "apply_retention": "50 3 * * *",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A whole number that says how much runs at once."""

    setting: str
    default: int
    most: int


DRAINS = Number(setting="NEWSWIRE_DRAINS", default=2, most=64)  # of one stage
DAYS = Number(setting="NEWSWIRE_DAYS", default=2, most=16)  # that are rebuilt, and as many that are imported
TASKS = Number(setting="NEWSWIRE_TASKS", default=16, most=512)  # of all DAGs
NUMBERS = (DRAINS, DAYS, TASKS)


def setting(dag_id: str) -> str:
    """The setting that says when a DAG runs."""
    return f"NEWSWIRE_SCHEDULE_{dag_id.upper()}"


def schedule(dag_id: str, env: Mapping[str, str] = os.environ) -> str:
    """When a DAG runs: as the setting says, or by default where it says nothing, or nothing that can be meant."""
    given = _given(env, setting(dag_id), SCHEDULES[dag_id])
    return SCHEDULES[dag_id] if cron.problem(given) else " ".join(given.split())


def number(one: Number, env: Mapping[str, str] = os.environ) -> int:
    """How much runs at once, in the same way."""
    return one.default if _number_problem(one, env) else int(_given(env, one.setting, str(one.default)))


def problems(env: Mapping[str, str] = os.environ) -> list[str]:
    """What is wrong with any of these settings, with the mend."""
    found = [
        *(schedule_problem(dag_id, env) for dag_id in SCHEDULES),
        *(_number_problem(one, env) for one in NUMBERS),
        *(_unknown(name) for name in sorted(env)),
    ]
    return [problem for problem in found if problem]


def schedule_problem(dag_id: str, env: Mapping[str, str] = os.environ) -> str | None:
    """What is wrong with the schedule of a DAG."""
    default = SCHEDULES[dag_id]
    given = _given(env, setting(dag_id), default)
    wrong = cron.problem(given)
    mend = f"write it such as `{default}` (UTC), or `{cron.OFF}`; until then `{default}` is in force"
    return wrong and f"{setting(dag_id)}={given}: {wrong}; {mend}"


def _number_problem(one: Number, env: Mapping[str, str]) -> str | None:
    given = _given(env, one.setting, str(one.default))
    if given.isascii() and given.isdecimal() and 1 <= int(given) <= one.most:
        return None
    return f"{one.setting}={given} is not a whole number from 1 to {one.most}; until then {one.default} is in force"


def _unknown(name: str) -> str | None:
    """A slip in the name of a schedule would be lost without a word."""
    if not name.startswith(setting("")) or name in map(setting, SCHEDULES):
        return None
    return f"{name} is the schedule of no DAG; choose from {', '.join(map(setting, SCHEDULES))}"


def _given(env: Mapping[str, str], name: str, default: str) -> str:
    return env.get(name, "").strip() or default
