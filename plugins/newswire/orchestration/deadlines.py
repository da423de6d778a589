"""What happens when a run passes its deadline: the warehouse is told, so that `check_warehouse` says it with the rest.

Airflow's scheduler notices, its triggerer calls `tell` here.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from newswire.orchestration.connections import warehouse_dsn_async

log = logging.getLogger(__name__)


_NOTICED_WITHIN = timedelta(minutes=5)  # else the scheduler itself was away, which says nothing of the run


async def tell(context: dict[str, Any]) -> str:
    """Keep which run is late; what is returned stands in Airflow's books."""
    from newswire.warehouse.listening import record_late_run  # noqa: PLC0415 - whoever parses a DAG needs no driver

    run, needed_by = context["dag_run"], context["deadline"]["deadline_time"]
    if isinstance(needed_by, str):
        needed_by = datetime.fromisoformat(needed_by)
    if run["end_date"] is not None:
        return "the run failed in time"  # Airflow counts that as missed; it is seen as what it is
    if datetime.now(UTC) - needed_by > _NOTICED_WITHIN:
        return "the system was stopped when the run was due"
    await record_late_run(
        await warehouse_dsn_async(), dag_id=run["dag_id"], run_id=run["dag_run_id"], needed_by=needed_by
    )
    told = f"{run['dag_id']} {run['dag_run_id']} is not done by {needed_by:%Y-%m-%d %H:%M:%S} UTC"
    log.warning("%s", told)
    return told
