"""Raise alerts.

Looks whether the alerts in `config/alerts` have something to tell, keeps it as notices, and makes the messages that go out
now; digests, quiet hours and so many messages an hour hold the others back until their time. A file that was saved is in
force within seconds. Where no alert is defined, nothing is asked and this DAG sleeps.

| | |
|---|---|
| **Wakes up** | when days were published (alerts about articles), when `check_warehouse` has asked (the others), when a file in `config/alerts` changed |
| **Reads** | the files, `mart.article_topics`, `mart.topic_daily`, `mart.feed_health`, `mart.delays`, `mart.checks` |
| **Writes** | `ops.alerts`, `ops.alert_notices`, `ops.alert_messages`, `ops.alert_deliveries` |
| **Leaves work for** | `send_alerts` |
| **Safe to run again** | always. What was found is known by alert, question and subject, and told once |

**When it fails**, nobody is told of what is new; nothing is lost, the next look begins where the last one ended.
* A file is wrong: the log names file, line and mend; so does `newswire alerts check`.
* What was found, told or waiting: `SELECT * FROM mart.alert_notices ORDER BY found_at DESC LIMIT 50;`
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ALERT_FILES, ALERTS_TO_LOOK, MESSAGES
from newswire.orchestration.defaults import CONTROL, DRAIN, DRAINS, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · raise alerts",
    doc_md=__doc__,
    schedule=ALERTS_TO_LOOK | ALERT_FILES,
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | CONTROL,
    tags=[Tag.NEWS, Tag.LIVE, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def raise_alerts() -> None:
    @task(task_display_name="Look for what alerts tell", outlets=[MESSAGES])
    def alert() -> Counts:
        """Read changed files, look until no alert is asked for, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("alert")

    alert()


raise_alerts()
