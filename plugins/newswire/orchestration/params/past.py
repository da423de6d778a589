"""The past: rebuild a day, import history, replay dead letters."""

from __future__ import annotations

from typing import get_args

from airflow.sdk import Param

from newswire.core.reasons import REASONS
from newswire.orchestration.params.fields import FIRST, flag, known_topics
from newswire.records import DEAD_STAGES, HISTORY_KINDS, Cause, Stage

# Where a rebuild may begin; it goes on to the end.
REBUILD_STAGES: tuple[Stage, ...] = ("extract", "group", "tag", "publish")

ANY = "any"  # cause of a dead letter
_PART = "Only a part of the day"
# Airflow 3.3 shows the form of a backfill, and sends it only if that is ticked (tasks.form_of).
_SENT_IF = "*Backfill:* tick **Override parameters on existing runs** above, or this form is not sent."

_STAGES = {
    "poll": "Poll: ask a feed",
    "push": "Push: take what a hub sent",
    "fetch": "Fetch: ask for a page",
    "extract": "Extract: read a page",
    "group": "Group: find copies and stories",
    "tag": "Tag: apply the topics",
    "publish": "Publish: count a day",
    "alert": "Alert: hold news against the rules of alerts",
    "send": "Send: tell a channel of an alert",
    "import": "Import: take a record of a WARC file",
}

_OURS = {
    "archive_missing": "the archived bytes are absent or damaged",
    "bad_row": "the warehouse refuses the row",
    "poison": "whoever worked on it died each time",
    "refused": "whoever an alert was sent to does not take it",
    "internal": "an error of our own",
}


def rebuild_params() -> dict[str, Param]:
    """What a rebuild of a day covers. Triggering and backfilling show the same form."""
    return {
        "from_stage": Param(
            "tag",
            type="string",
            enum=list(REBUILD_STAGES),
            values_display={
                "extract": "Extract: read the archived pages again, then all that follows",
                "group": "Group: find copies again, then tag",
                "tag": "Tag: apply the topics of today",
                "publish": "Marts: only count the day again",
            },
            title="Begin with",
            description_md=f"The first stage to run again; the later ones follow. {_SENT_IF}",
            section=FIRST,
        ),
        "topics": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
            uniqueItems=True,
            examples=known_topics(),
            title="Topics",
            description_md="Only these topics are applied again. Empty: all of them.",
            section=FIRST,
        ),
        "publishers": _only("Publishers", "Only articles of these domains, such as `example.org`."),
        "feeds": _only("Feeds", "Only articles that these feeds led to: their addresses, as subscribed."),
        "languages": _only("Languages", "Only articles in these languages, such as `uk` or `pt-BR`.", min_length=2),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most",
            description_md="So many articles of the day at each stage: to try something out. Empty: all of them.",
            section=_PART,
        ),
        "force": flag(
            "Even what is up to date",
            "Off: only what an older version of the code or of a topic made. On: everything of the day.",
            FIRST,
        ),
        "dry_run": flag("Dry run", "Do the work, report what it would change, write nothing.", FIRST),
    }


def history_params() -> dict[str, Param]:
    """Whose past is imported, from where, and how much of it."""
    return {
        "feeds": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^https?://"},
            uniqueItems=True,
            title="Feeds",
            description_md=f"Addresses of feeds that are subscribed to. {_SENT_IF}",
            section=FIRST,
        ),
        "publishers": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[^/ ]{3,}$"},
            uniqueItems=True,
            title="Publishers",
            description_md="Domains, such as `example.org`: all their feeds. Where WARC files are given: only their pages of those.",
            section=FIRST,
        ),
        "everything": flag(
            "All feeds",
            "Where nothing is chosen, only the feeds that overflowed on the day are looked after.",
            FIRST,
        ),
        "kinds": Param(
            list(HISTORY_KINDS),
            type="array",
            items={"type": "string", "enum": list(HISTORY_KINDS)},
            examples=list(HISTORY_KINDS),
            values_display={
                "archived": "Archives of a feed (RFC 5005, prev-archive)",
                "paged": "Further pages of a feed (RFC 5005, next; JSON Feed, next_url)",
                "wordpress": "Further pages of WordPress (?paged=2)",
                "sitemap": "Sitemaps of the publisher",
            },
            uniqueItems=True,
            minItems=1,
            title="Sources",
            description_md="Where the past is looked for.",
            section="From where",
        ),
        "warc": Param(
            None,
            type=["string", "null"],
            minLength=1,
            title="WARC files",
            description_md="A folder, a file or an fsspec address (`s3://bucket/prefix`) that every worker can read. Only captures"
            " of the day are taken. Empty: none.",
            section="From where",
        ),
        "max_documents": Param(
            200,
            type="integer",
            minimum=1,
            maximum=10_000,
            title="Documents a feed, at most",
            description_md="What one try may ask for; the next one goes on.",
            section="From where",
        ),
        "dry_run": flag("Dry run", "Ask, count, write nothing.", FIRST),
    }


def replay_params() -> dict[str, Param]:
    """Which dead letters become work again."""
    return {
        "stages": Param(
            [],
            type="array",
            items={"type": "string", "enum": list(DEAD_STAGES)},
            uniqueItems=True,
            examples=list(DEAD_STAGES),
            values_display=_STAGES,
            title="Stages",
            description_md="Only what failed in these stages. Empty: in all of them.",
            section=FIRST,
        ),
        "cause": Param(
            ANY,
            type="string",
            enum=[ANY, *get_args(Cause)],
            values_display={ANY: "any"} | {cause: f"{cause}: {_in_words(cause)}" for cause in get_args(Cause)},
            title="Cause",
            description_md="Only what failed for this cause.",
            section=FIRST,
        ),
        "since": Param(
            None,
            type=["string", "null"],
            format="date-time",
            title="Since",
            description_md="Only what failed at this instant or later. Empty: at any time.",
            section=FIRST,
        ),
        "dry_run": flag("Dry run", "Count them, write nothing.", FIRST),
    }


def _only(title: str, help_: str, *, min_length: int = 3) -> Param:
    """A list that narrows a rebuild."""
    return Param(
        [],
        type="array",
        items={"type": "string", "minLength": min_length},
        uniqueItems=True,
        title=title,
        description_md=f"{help_} Empty: all of them.",
        section=_PART,
    )


def _in_words(cause: str) -> str:
    """What a dead letter says of what happened. A cause without words costs its words, not the DAG."""
    return REASONS[cause][0] if cause in REASONS else _OURS.get(cause, cause)
