"""The forms that people fill in to start a run or a backfill: each field with its schema, its bounds and its help."""

from __future__ import annotations

import os
from pathlib import Path

from airflow.sdk import Param

from newswire.records import HISTORY_KINDS, Stage

REBUILD_STAGES: tuple[Stage, ...] = ("extract", "group", "tag")  # where a rebuild may begin; publishing always ends it


def drain_params(*, linger_s: int | None = None) -> dict[str, Param]:
    """How long a live drain stays. None: as the settings say."""
    return {
        "linger_s": Param(
            linger_s,
            type=["integer", "null"],
            minimum=0,
            maximum=120,
            title="Linger (seconds)",
            description_md="How long to listen for more once the queue is empty; `0` leaves at once. Empty: `NEWSWIRE_LINGER_S`.",
            section="Drain",
        ),
        "cap_s": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            maximum=300,
            title="Leave after (seconds)",
            description_md="No new batch is begun after this time; what remains wakes the next run. Empty: `NEWSWIRE_CAP_S`.",
            section="Drain",
        ),
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
            },
            title="Begin with",
            description_md="The first stage to run again; the later ones follow.",
            section="What to rebuild",
        ),
        "topics": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
            uniqueItems=True,
            examples=_known_topics(),
            title="Topics",
            description_md="Only these topics are applied again. Empty: all of them.",
            section="What to rebuild",
        ),
        "sources": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 3},
            uniqueItems=True,
            title="Publishers",
            description_md="Only articles of these domains, such as `example.org`. Empty: all of them.",
            section="What to rebuild",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Even what is up to date",
            description_md="Off: only what an older version of the code or of a topic made. On: everything of the day.",
            section="How",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description_md="Do the work, report the counts, write nothing.",
            section="How",
        ),
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
            description_md="Addresses of feeds that are subscribed to.",
            section="Whose past",
        ),
        "publishers": Param(
            [],
            type="array",
            items={"type": "string", "pattern": "^[^/ ]{3,}$"},
            uniqueItems=True,
            title="Publishers",
            description_md="Domains, such as `example.org`: all their feeds. Where WARC files are given: only their pages of those.",
            section="Whose past",
        ),
        "everything": Param(
            False,
            type="boolean",
            title="All feeds",
            description_md="Where nothing is chosen, only the feeds that overflowed on the day are looked after.",
            section="Whose past",
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
            section="How",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description_md="Ask, count, write nothing.",
            section="How",
        ),
    }


def _known_topics() -> list[str]:
    """The topics to pick from: the names of the files in `config/topics`."""
    config = Path(os.environ.get("NEWSWIRE_CONFIG") or Path(__file__).resolve().parents[3] / "config")
    return sorted(path.stem for path in (config / "topics").glob("*.yaml"))
