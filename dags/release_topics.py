"""Release changed topics.

An edited file in `config/topics` tags nothing by itself. This DAG shows what it would change, releases small changes at
once, and asks a person about the others; until then the version before tags on, new articles too.

| | |
|---|---|
| **Wakes up** | within seconds after a file in `config/topics` changed, came or went (`topic_files`) |
| **Reads** | the files, `news.articles`, `news.article_versions`, `news.article_topics` |
| **Writes** | `news.topics`, `news.topic_versions`, `news.topic_releases`, `news.topic_release_changes` |
| **Leaves work for** | `tag_articles`: the articles whose tags the release changes, and no others |
| **Safe to run again** | always. What is decided stays decided; a look that was cut off goes on where it stopped |
| **For a range of days** | a backfill of `rebuild_day`, beginning with `tag` |

**To decide**, open *Required Actions*: each topic that changes a larger share of its tags than `approve_above` in its file
allows waits there with the difference by language and with samples. *Approve* re-tags, *Reject* leaves the version before;
the file stays as you wrote it, and the next edit is proposed anew. A newer edit overtakes what waits. From a terminal:
`newswire topics diff` and `newswire topics release`.

**When it fails**, the versions in force stay.
* A file is wrong: the log names file, line and mend; so does `SELECT slug, problem FROM news.topics WHERE problem IS NOT NULL;`.
* What was decided, by whom and what it changed: `SELECT * FROM mart.topic_releases;`
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, dag, task, task_group

from newswire.orchestration.assets import ARTICLES_TO_TAG, TOPIC_FILES
from newswire.orchestration.defaults import CPU, HOUSE, PATIENT, Counts
from newswire.orchestration.tags import Tag

_APPROVE, _REJECT = "Approve", "Reject"


@dag(
    dag_display_name="News · release changed topics",
    doc_md=__doc__,
    schedule=[TOPIC_FILES],
    max_active_runs=100,  # a run whose question nobody answers stays active; the next edit must not wait for it
    default_args=PATIENT | CPU,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def release_topics() -> None:
    @task(
        task_display_name="Show what the files would change",
        outlets=[ARTICLES_TO_TAG],
        execution_timeout=timedelta(hours=4),
    )
    def show_changes() -> list[dict[str, Any]]:
        """Look at every article with the new versions; release what is small, return what a person has to decide."""
        from newswire.orchestration.tasks import show_topic_changes

        return show_topic_changes()

    @task_group
    def decide(release_id: int, subject: str, body: str) -> None:
        approve = HITLOperator(
            task_id="approve",
            task_display_name="Wait for somebody's decision",
            doc_md="Ask a person whether the new version of a topic may change so much.",
            subject=subject,
            body=body,
            options=[_APPROVE, _REJECT],
            params={"note": Param(None, type=["string", "null"], title="Why", description="Kept with the decision.")},
            response_timeout=timedelta(days=14),
            execution_timeout=None,
        )

        @task(
            task_display_name="Put it in force or leave it",
            outlets=[ARTICLES_TO_TAG],
            execution_timeout=timedelta(hours=1),
        )
        def release(release_id: int, answer: dict[str, Any]) -> Counts:
            """Do what was decided: put the version in force and have the touched articles tagged, or leave the one before."""
            from newswire.orchestration.tasks import decide_topic_release

            return decide_topic_release(release_id, answer, approve=_APPROVE)

        release(release_id, approve.output)

    decide.expand_kwargs(show_changes())


release_topics()
