"""Feeds: manage them, and judge their health."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.params.fields import FIRST, flag, text


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
            section=FIRST,
        ),
        "addresses": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 3},
            title="Addresses",
            description_md="Of feeds, one a line; to discover, of sites. Pausing, resuming, polling and removing take a group too.",
            section=FIRST,
        ),
        "group": text(
            "Group", "A group, or `outer/inner`: new feeds are put there; others act on all feeds of it.", FIRST
        ),
        "list": text(
            "List",
            "The text of an OPML or CSV file, to import. Empty: the list that comes with Newswire.",
            "Import",
            "multiline",
        ),
        "replace": flag("Replace", "Groups and tags as in the list, not added to those that feeds have.", "Import"),
        "dry_run": flag("Dry run", "Say what the list has, subscribe to nothing.", "Import"),
        "tags": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 1},
            title="Tags",
            description_md="Any words for the feeds that are added.",
            section="About the feeds to add",
        ),
        "publisher": text("Publisher", "Name of who publishes them.", "About the feeds to add"),
        "country": text("Country", "Of the publisher, two letters (ISO 3166-1).", "About the feeds to add"),
        "language": text("Language", "Of the feeds (BCP 47).", "About the feeds to add"),
        "owner": text("Owner", "Who looks after them.", "About the feeds to add"),
        "note": text("Note", "What to remember of them.", "About the feeds to add"),
        "connection": text(
            "Connection",
            "Id of the Airflow connection whose login, token or headers they are asked with (https only). See *Feeds* in the docs.",
            "About the feeds to add",
        ),
    }


def propose_params() -> dict[str, Param]:
    """Where feeds are looked for that a person decides about."""
    return {
        "sites": Param(
            [],
            type="array",
            items={"type": "string", "minLength": 3},
            uniqueItems=True,
            title="Sites",
            description_md="Addresses of sites, one a line, such as `example.org`. Empty: publishers of whom a feed seems to be missing.",
            section=FIRST,
        ),
        "reasons": Param(
            ["without", "trouble", "moved"],
            type="array",
            items={"type": "string", "enum": ["without", "trouble", "moved"]},
            examples=["without", "trouble", "moved"],
            values_display={
                "without": "Its articles come only through the feeds of others",
                "trouble": "A feed of it fails for a week, is gone, or has fallen silent",
                "moved": "A feed of it has moved",
            },
            uniqueItems=True,
            minItems=1,
            title="Which publishers",
            description_md="Where no site is named.",
            section=FIRST,
        ),
        "most_sites": Param(
            10,
            type="integer",
            minimum=1,
            maximum=100,
            title="Sites, at most",
            description_md="Each gets some dozen polite requests, and is left alone for 30 days.",
            section=FIRST,
        ),
        "again": flag(
            "Even what was rejected",
            "Off: what was rejected is proposed again only when it changes.",
            FIRST,
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
            section=FIRST,
        ),
        "quiet_min": Param(
            30,
            type="number",
            minimum=1,
            title="Longest quiet (minutes)",
            description_md="Feeds are due, and none has answered for so long: the task fails.",
            section=FIRST,
        ),
    }
