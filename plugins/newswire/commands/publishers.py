"""`newswire publishers`: who publishes, and who says so."""

from __future__ import annotations

from newswire.commands.shared import Arguments, Verbs, add_command, opened_warehouse
from newswire.errors import ConfigError


def add(commands: Verbs) -> None:
    """The family of commands."""
    parser = commands.add_parser("publishers", help="look at publishers, correct what is known of them")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    add_command(verbs, "list", _list, "every publisher with what is known, and who says so")
    correct = add_command(verbs, "set", _set, "say what is true of a publisher; it replaces what was known")
    correct.add_argument("domain", help="such as bbc.co.uk")
    correct.add_argument("--name")
    correct.add_argument("--country", help="two letters (ISO 3166-1)")
    correct.add_argument("--language", action="append", dest="languages", help="BCP 47 (repeatable)")
    correct.add_argument("--kind", help="agency, newspaper, broadcaster, magazine, trade, government, ...")


def _list(_: Arguments) -> None:
    from newswire.warehouse import publishers

    with opened_warehouse() as conn:
        for one in publishers.listed(conn):
            values = (
                (one.name, one.name_from),
                (one.country, one.country_from),
                (" ".join(one.languages), one.languages_from),
                (one.kind, one.kind_from),
            )
            known = ", ".join(f"{value} ({source})" for value, source in values if value)
            print(f"{one.domain}: {known or 'nothing known'}; {one.feeds} feeds")


def _set(arguments: Arguments) -> None:
    from newswire.core.feed_lists import said
    from newswire.warehouse import publishers

    try:
        values = {
            "name": arguments.name,
            "country": said.country(arguments.country),
            "languages": arguments.languages and [said.language(one) or "" for one in arguments.languages],
            "kind": said.kind(arguments.kind),
        }
    except ValueError as error:
        raise ConfigError(str(error)) from error
    with opened_warehouse() as conn:
        if not publishers.say(conn, arguments.domain, **values):
            raise ConfigError(f"no publisher has the domain {arguments.domain}; `newswire publishers list` shows all")
    print(f"known from now on of {arguments.domain}: {', '.join(f'{k} {v}' for k, v in values.items() if v)}")
