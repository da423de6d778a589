"""Send alerts.

Brings the messages of alerts to their channels: signed webhooks, e-mail, services that Apprise knows, or only the log.

| | |
|---|---|
| **Wakes up** | when a message was made, or its next try is due (`messages`) |
| **Reads** | `ops.alert_messages`, `ops.alert_deliveries`, and the Airflow connections that channels name |
| **Writes** | `ops.alert_deliveries` (`mart.alerts` shows it): each try and its answer |
| **Leaves work for** | nobody: this is the end of the flow |
| **Safe to run again** | always. A message keeps its `webhook-id` at every try, so a receiver takes it once |

**When it fails**, or is killed, messages are late and none is lost. A receiver that does not take one is asked again for some
ten hours, later and later, and as late as it wants (`Retry-After`); then the message is a dead letter.
* What was sent, to whom, how often and what was answered: `SELECT * FROM mart.alerts ORDER BY made_at DESC LIMIT 50;`
* Dead letters: `SELECT * FROM mart.dead_letters WHERE stage = 'send';` Mend the channel, then *Trigger* `replay_dead_letters`.
* Which connection a channel needs, and how a receiver verifies the signature: docs/alerts.md
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import MESSAGES
from newswire.orchestration.defaults import DRAIN, DRAINS, HOUSE, NET, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · send alerts",
    doc_md=__doc__,
    schedule=[MESSAGES],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | NET,
    tags=[Tag.NEWS, Tag.LIVE, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def send_alerts() -> None:
    @task(task_display_name="Send messages")
    def send() -> Counts:
        """Try what is due, channel beside channel, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("send")

    send()


send_alerts()
