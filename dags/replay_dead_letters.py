"""Replay dead letters.

Turns work that failed for good back into work: of a stage, a cause, since an instant, or all of it. The stages take it from
their queues as if it were new, so nothing else needs to be started. Records of WARC files (stage *import*) wait in no queue: they
are read again at once, each at its place, from a file that must still be where it was.

| | |
|---|---|
| **Runs** | when somebody starts it: *Trigger*, with the form. What another version of the code gave up is tried again by itself, within ten minutes of the deploy |
| **Reads** | `ops.dead_letters`; `SELECT * FROM mart.dead_letters ORDER BY last_at DESC;` shows them with the command to look at each input |
| **Writes** | `ops.work`; of records that can be read now `news.pages` and the archive |
| **Leaves behind** | counts by stage and cause, in the task's result |
| **Safe to run again** | always: what fails once more becomes a dead letter once more, with its attempts added up |

Try *dry run* first: it counts what would be replayed. Mend the cause before, or the same letters come back.

**When it fails**, the database was away for half an hour; nothing was half done.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts
from newswire.orchestration.params.past import replay_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · replay dead letters",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    params=replay_params(),
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(minutes=30)},
    tags=[Tag.NEWS, Tag.REPLAY, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def replay_dead_letters() -> None:
    @task(task_display_name="Turn dead letters into work")
    def replay() -> Counts:
        """Replay what the form asks for."""
        from newswire.orchestration.tasks import replay_dead_letters

        return replay_dead_letters()

    replay()


replay_dead_letters()
