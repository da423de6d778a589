"""The forms that people fill in to start a run or a backfill: each field with its schema, its bounds and its help."""

from __future__ import annotations

from typing import get_args

from airflow.sdk import Param

from newswire.orchestration.triggers import topic_folder
from newswire.records import HISTORY_KINDS, STAGES, Cause, Stage

REBUILD_STAGES: tuple[Stage, ...] = (
    "extract",
    "group",
    "tag",
    "publish",
)  # where a rebuild may begin; it goes on to the end


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
                "publish": "Marts: only count the day again",
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
        "publishers": _only("Publishers", "Only articles of these domains, such as `example.org`."),
        "feeds": _only("Feeds", "Only articles that these feeds led to: their addresses, as subscribed."),
        "languages": _only("Languages", "Only articles in these languages, such as `uk` or `pt-BR`.", min_length=2),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most",
            description_md="So many articles of the day at each stage: to try something out. Empty: all of them.",
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
            description_md="Do the work, report what it would change, write nothing.",
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


def archive_params() -> dict[str, Param]:
    """How the archive is looked after."""
    return {
        "sample": Param(
            1000,
            type=["integer", "null"],
            minimum=1,
            title="Pages to verify",
            description_md="So many pages, by chance, are read and held against their digest. Empty: all of them.",
            section="Verify",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description_md="Name the files that belong to no page, remove none.",
            section="Sweep",
        ),
    }


def retention_params() -> dict[str, Param]:
    """Whether what is not kept goes, or is only counted."""
    return {
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description_md="Count what `config/retention.yaml` does not keep, let nothing go.",
            section="Retention",
        ),
    }


def overrule_params() -> dict[str, Param]:
    """What a person says of an article and a topic."""
    return {
        "article": Param(
            "",
            type="string",
            title="Article",
            description_md="Its number or its address, as in `mart.articles`.",
            section="What you say",
        ),
        "topic": Param(
            "",
            type="string",
            examples=_known_topics(),
            title="Topic",
            description_md="The name of its file.",
            section="What you say",
        ),
        "verdict": Param(
            "no",
            type="string",
            enum=["yes", "no", "none"],
            values_display={
                "yes": "Yes: the article has the topic",
                "no": "No: it has it not",
                "none": "Take back what was said: the rules decide",
            },
            title="Verdict",
            description_md="It wins over the rules in all marts.",
            section="What you say",
        ),
        "note": Param(
            None,
            type=["string", "null"],
            title="Why",
            description_md="Kept with your word; it helps whoever improves the topic.",
            section="What you say",
        ),
    }


def manage_params() -> dict[str, Param]:
    """What may be done with feeds: the arguments of `newswire feeds`."""
    return {
        "action": Param(
            "discover",
            type="string",
            enum=["add", "discover", "preview", "import", "pause", "resume", "poll_now", "remove"],
            values_display={
                "add": "Add: subscribe to feeds; known ones are brought up to date",
                "discover": "Discover: find the feeds of sites",
                "preview": "Preview: what would be read from feeds; nothing is written",
                "import": "Import: subscribe to the feeds of a list",
                "pause": "Pause: poll feeds no more",
                "resume": "Resume: poll paused feeds again",
                "poll_now": "Poll now: make feeds due at once",
                "remove": "Remove: gone from polling, what they brought stays",
            },
            title="Action",
            description_md="What to do. The result is in the log of the task, and its return value.",
            section="What",
        ),
        "addresses": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 3},
            title="Addresses",
            description_md="Of feeds, one a line; to discover, of sites. Pausing, resuming, polling and removing take a group too.",
            section="What",
        ),
        "group": _text(
            "Group", "A group, or `outer/inner`: new feeds are put there; others act on all feeds of it.", "What"
        ),
        "list": _text(
            "List",
            "The text of an OPML or CSV file, to import. Empty: the list that comes with Newswire.",
            "Import",
            "multiline",
        ),
        "replace": _flag("Replace", "Groups and tags as in the list, not added to those that feeds have.", "Import"),
        "dry_run": _flag("Dry run", "Say what the list has, subscribe to nothing.", "Import"),
        "tags": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1},
            title="Tags",
            description_md="Any words for the feeds that are added.",
            section="About the feeds to add",
        ),
        "publisher": _text("Publisher", "Name of who publishes them.", "About the feeds to add"),
        "country": _text("Country", "Of the publisher, two letters (ISO 3166-1).", "About the feeds to add"),
        "language": _text("Language", "Of the feeds (BCP 47).", "About the feeds to add"),
        "owner": _text("Owner", "Who looks after them.", "About the feeds to add"),
        "note": _text("Note", "What to remember of them.", "About the feeds to add"),
        "connection": _text(
            "Connection",
            "Id of the Airflow connection whose login, token or headers they are asked with (https only). See *Feeds* in the docs.",
            "About the feeds to add",
        ),
    }


def check_feeds_params() -> dict[str, Param]:
    """When the health of all feeds is an alarm."""
    return {
        "most_percent": Param(
            10,
            type="number",
            minimum=0,
            maximum=100,
            title="Most feeds in trouble (%)",
            description_md="Failing for a day, or silent against their habit. More than so many: the task fails.",
            section="Alarm",
        ),
        "quiet_min": Param(
            30,
            type="number",
            minimum=1,
            title="Longest quiet (minutes)",
            description_md="Feeds are due, and none has answered for so long: the task fails.",
            section="Alarm",
        ),
    }


def _text(title: str, description: str, section: str, format_: str | None = None) -> Param:
    return Param(
        None,
        type=["null", "string"],
        title=title,
        description_md=description,
        section=section,
        **({"format": format_} if format_ else {}),  # type: ignore[arg-type]  # a field of the schema, as the others are
    )


def _flag(title: str, description: str, section: str) -> Param:
    return Param(False, type="boolean", title=title, description_md=description, section=section)


def _only(title: str, help_: str, *, min_length: int = 3) -> Param:
    """A list that narrows a rebuild."""
    return Param(
        [],
        type="array",
        items={"type": "string", "minLength": min_length},
        uniqueItems=True,
        title=title,
        description_md=f"{help_} Empty: all of them.",
        section="What to rebuild",
    )


def replay_params() -> dict[str, Param]:
    """Which dead letters become work again."""
    return {
        "stages": Param(
            [],
            type="array",
            items={"type": "string", "enum": list(STAGES)},
            uniqueItems=True,
            examples=list(STAGES),
            title="Stages",
            description_md="Only what failed in these stages. Empty: in all of them.",
            section="Which",
        ),
        "cause": Param(
            None,
            type=["string", "null"],
            enum=[None, *get_args(Cause)],
            title="Cause",
            description_md="Only what failed for this cause. Empty: for any.",
            section="Which",
        ),
        "since": Param(
            None,
            type=["string", "null"],
            format="date-time",
            title="Since",
            description_md="Only what failed at this instant or later. Empty: at any time.",
            section="Which",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description_md="Count them, write nothing.",
            section="How",
        ),
    }


def export_params() -> dict[str, Param]:
    """What to export, and where to."""
    return {
        "kind": Param(
            "mart",
            type="string",
            enum=["mart", "example", "search"],
            values_display={
                "mart": "A mart",
                "example": "An example of sql/examples",
                "search": "A search: the best 2,000 hits",
            },
            title="Kind",
            description_md="What the name below is the name of.",
            section="What",
        ),
        "name": Param(
            "article_topics",
            type="string",
            minLength=1,
            examples=["article_topics", "articles", "topic_daily", "duplicates"],
            title="Name",
            description_md="The mart, the example's file without its ending, or the query.",
            section="What",
        ),
        "since": _day("Since", "Only from this day on."),
        "until": _day("Until", "Only before this day."),
        "format": Param(
            "csv",
            type="string",
            enum=["csv", "jsonl", "parquet", "rss", "json-feed"],
            title="Format",
            description_md="RSS and JSON Feed need rows with an address and a title.",
            section="Where to",
        ),
        "to": Param(
            "exports/article_topics.csv",
            type="string",
            minLength=1,
            title="File",
            description_md="A path, or an address such as `s3://bucket/file.csv`; what is there is replaced.",
            section="Where to",
        ),
    }


def _day(title: str, help_: str) -> Param:
    return Param(
        None,
        type=["string", "null"],
        format="date",
        title=title,
        description_md=f"{help_} Empty: no bound.",
        section="What",
    )


def _known_topics() -> list[str]:
    """The topics to pick from: the names of the files in `config/topics`."""
    return sorted(path.stem for path in topic_folder().glob("*.yaml"))
