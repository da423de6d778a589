"""`newswire export`: a mart, an example or a search, as a file that other programs read."""

from __future__ import annotations

from newswire.commands.shared import Arguments, Verbs, add_command, day, opened_app

_FORMATS = ("csv", "jsonl", "parquet", "rss", "json-feed")


def add(commands: Verbs) -> None:
    """The command."""
    command = add_command(commands, "export", _export, "write a mart, an example or a search into a file")
    command.add_argument("kind", choices=("mart", "example", "search"))
    command.add_argument("name", help="article_topics, the name of a file in sql/examples, or a query")
    command.add_argument("--format", choices=_FORMATS, default="csv", dest="format_")
    command.add_argument(
        "--to", required=True, metavar="FILE", help="a path, or an address such as s3://bucket/file.csv"
    )
    command.add_argument("--since", type=day, metavar="DAY", help="from this day on")
    command.add_argument("--until", type=day, metavar="DAY", help="before this day")


def _export(arguments: Arguments) -> None:
    with opened_app() as app:
        rows = app.export(
            arguments.kind,
            arguments.name,
            to=arguments.to,
            format_=arguments.format_,
            since=arguments.since,
            until=arguments.until,
        )
    print(f"{rows} rows in {arguments.to}")
