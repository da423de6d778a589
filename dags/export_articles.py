"""Export articles.

Writes a mart, an example of `sql/examples`, or a search into a file or an object store: CSV, JSON Lines, Parquet, RSS or
JSON Feed. A file has its name only when it is whole.

| | |
|---|---|
| **Runs** | when somebody starts it: *Trigger*, with the form; for a nightly export, write a DAG of your own that triggers it |
| **Reads** | the schema `mart` |
| **Writes** | one file, where the form says |
| **Leaves behind** | the number of rows, in the task's result |
| **Safe to run again** | always: the file is replaced when the new one is whole |

What there is to export: `SELECT table_name FROM information_schema.tables WHERE table_schema = 'mart' ORDER BY 1;`

CSV is safe to open in a spreadsheet: a text that it would run as a formula begins with an apostrophe.

**When it fails**, no file was made, and the one that was there stands as it was.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts
from newswire.orchestration.params.exports import export_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · export articles",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=2,
    params=export_params(),
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(hours=1)},
    tags=[Tag.NEWS, Tag.REPLAY, Tag.MARTS, Tag.TIER_3],
    **HOUSE,
)
def export_articles() -> None:
    @task(task_display_name="Write the file")
    def export() -> Counts:
        """Export what the form asks for."""
        from newswire.orchestration.tasks import export

        return export()

    export()


export_articles()
