"""`newswire search`: what the warehouse has on a question, at a terminal."""

from __future__ import annotations

from newswire.commands.shared import Arguments, Verbs, add_command, instant, opened_warehouse


def add(commands: Verbs) -> None:
    """The command."""
    command = add_command(commands, "search", _search, 'find articles: words, "a phrase", -without, begin*, OR')
    command.add_argument("query", nargs="+")
    command.add_argument(
        "--language", action="append", default=[], dest="languages", help="only in this one (repeatable)"
    )
    command.add_argument("--topic", action="append", default=[], dest="topics", help="only with this one (repeatable)")
    command.add_argument("--since", type=instant, metavar="WHEN", help="such as 2026-11-25, 36h or 7d")
    command.add_argument("--until", type=instant, metavar="WHEN", help="before then")
    command.add_argument("--originals", action="store_true", help="leave copies out")
    command.add_argument("--limit", type=int, default=20, metavar="N")


def _search(arguments: Arguments) -> int:
    from newswire.warehouse import search

    with opened_warehouse() as conn:
        found = search.articles(
            conn,
            " ".join(arguments.query),
            languages=arguments.languages,
            topics=arguments.topics,
            since=arguments.since,
            until=arguments.until,
            originals_only=arguments.originals,
            limit=arguments.limit,
        )
    for hit in found:
        print(f"{hit.at:%Y-%m-%d %H:%M}  {hit.language:<5} {hit.title}{'  (copy)' if hit.is_copy else ''}")
        print(
            f"{'':<18}{' '.join(hit.headline.split())}\n{'':<18}{hit.publisher or ''} {hit.country or ''} {hit.url}".rstrip()
        )
    print(f"{len(found)} articles")
    return 0 if found else 1
