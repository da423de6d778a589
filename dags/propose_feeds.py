"""Propose feeds.

Looks for feeds where one seems to be missing, and asks a person which of them to subscribe to. It goes to publishers that are in
the warehouse already: those whose articles come only through the feeds of others, and those with a feed that fails, is
gone, has fallen silent or moved; or to the sites that the form names.

| | |
|---|---|
| **Runs** | on Mondays at 05:40 UTC, or as `NEWSWIRE_SCHEDULE_PROPOSE_FEEDS` says |
| **Reads** | `mart.feed_health`, `news.articles`, `news.publishers`; the web, politely |
| **Writes** | `news.site_looks`, `news.feed_proposals`; what is chosen: `news.feeds` and the queue of `poll_feeds` |
| **Leaves behind** | a question for each site with feeds that nobody decided about, in *Required Actions* |
| **Safe to run again** | always: what waits, is subscribed to, was removed or rejected is not proposed; a site is left alone for 30 days |
| **Cannot** | be backfilled: it looks at the web of now |

**To decide**, open *Required Actions*: each site waits there with its feeds, what they bring, and which topics apply to it.
Choose any number of them, or *None of them*. What is chosen is polled at once, what is not is rejected; it is proposed again only
when its title, its language or where it leads changes, or by *Even what was rejected* in the form. A question that nobody answers
within 14 days lapses, and the feed may be proposed anew. No worker waits meanwhile.

**When it fails**, nothing was subscribed to that nobody chose.
* A site cannot be read: the log says why, in words; it is no failure. `SELECT domain, reason, problem FROM mart.site_looks WHERE problem IS NOT NULL;`
* What was proposed, and who decided: `SELECT domain, url, title, topics, outcome, decided_by FROM mart.feed_proposals;`
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, task, task_group

from newswire.orchestration.approvals import NONE_OF_THEM, ChooseOperator
from newswire.orchestration.defaults import CONTROL, HOUSE, NET, PATIENT, Counts
from newswire.orchestration.params.feeds import propose_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · propose feeds",
    doc_md=page("propose_feeds", __doc__),
    schedule=by_clock("propose_feeds"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=100,  # a run whose questions nobody answers stays active; the next look must not wait for it
    params=propose_params(),
    default_args=PATIENT | NET,
    tags=[Tag.NEWS, Tag.MANAGE, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def propose_feeds() -> None:
    @task(task_display_name="Look for feeds", execution_timeout=timedelta(hours=3))
    def look() -> list[dict[str, Any]]:
        """Discover the feeds of publishers that lack one, or of the sites of the form; return what a person has to decide."""
        from newswire.orchestration.tasks import propose_feeds

        return propose_feeds(none_of_them=NONE_OF_THEM)

    @task_group
    def decide(proposal_ids: list[int], options: list[str], subject: str, body: str) -> None:
        choose = ChooseOperator(
            task_id="choose",
            task_display_name="Wait for somebody's choice",
            doc_md="Ask a person which feeds of a site to subscribe to.",
            subject=subject,
            body=body,
            options=options,
            params={
                "group": Param(
                    None, type=["string", "null"], title="Group", description_md="`outer/inner`, for the chosen feeds."
                ),
                "note": Param(
                    None, type=["string", "null"], title="Why", description_md="Kept with the decision and the feeds."
                ),
            },
            response_timeout=timedelta(days=14),
            execution_timeout=None,
        )

        @task(task_display_name="Subscribe to the chosen", execution_timeout=timedelta(minutes=10), **CONTROL)
        def subscribe(proposal_ids: list[int], answer: dict[str, Any]) -> Counts:
            """Do what was decided: subscribe to the chosen feeds, remember the others."""
            from newswire.orchestration.tasks import decide_proposals

            return decide_proposals(proposal_ids, answer, none_of_them=NONE_OF_THEM)

        subscribe(proposal_ids, choose.output)

    decide.expand_kwargs(look())


propose_feeds()
