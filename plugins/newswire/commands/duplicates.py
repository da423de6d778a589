"""`newswire compare` and `newswire duplicates`: why two articles are one piece of writing, or are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from newswire.commands.shared import Arguments, Verbs, add_command, opened_warehouse
from newswire.errors import ConfigError

if TYPE_CHECKING:
    from newswire.records import DuplicateLine, Fingerprint
    from newswire.warehouse.connection import Conn


def add(commands: Verbs) -> None:
    """The commands."""
    compare = add_command(commands, "compare", _compare, "are two articles one piece of writing? test by test")
    for name in ("a", "b"):
        compare.add_argument(
            name, metavar=name.upper(), help="an article's address or number, or a file: title on the first line"
        )
    duplicates = add_command(commands, "duplicates", _duplicates, "what repeats an article, what it repeats, and why")
    duplicates.add_argument("article", metavar="ARTICLE", help="its address or its number")
    rule = commands.add_parser("copy-rule", help="the rule for copies: compare a newer version with the one in force")
    verbs = rule.add_subparsers(title="verbs", required=True, metavar="VERB")
    add_command(
        verbs, "show", _show_rule, "which version is in force, which is there besides, and what it wins and loses"
    )
    switch = add_command(verbs, "switch", _switch_rule, "put a version in force for readers")
    switch.add_argument("signature", help="such as copies-2")


# --- Two articles ----------------------------------------------------------------------------------------------------


def _compare(arguments: Arguments) -> int:
    from newswire.core.duplicates import compare

    sides = [_read(name) for name in (arguments.a, arguments.b)]
    a, b = (side.fingerprint for side in sides)
    print("\n".join(_verdict(a, b)))
    for side in sides:
        if compare(a, b) and side.syndication:
            print(f"  {side.name}: {side.syndication}")
    return 0 if compare(a, b) else 1


class _Side(NamedTuple):
    """One of the two, and what says that its text came from elsewhere; that never decides whether it did."""

    name: str
    fingerprint: Fingerprint
    syndication: str | None


def _read(name: str) -> _Side:
    """A file, or an article in the warehouse."""
    from newswire.core.fingerprints import fingerprint

    if Path(name).is_file():
        title, _, text = Path(name).read_text(encoding="utf-8").partition("\n")
        return _Side(name, fingerprint(title, text), None)
    with opened_warehouse() as conn:
        return _stored(conn, name)


def _stored(conn: Conn, name: str) -> _Side:
    from newswire.core.fingerprints import fingerprint
    from newswire.warehouse import articles, duplicates

    found = duplicates.compared(conn, articles.named(conn, name).article_id)
    return _Side(name, fingerprint(found.title, found.text, source_id=found.source_id, at=found.at), found.syndication)


def _verdict(a: Fingerprint, b: Fingerprint) -> Iterator[str]:
    from newswire.core.duplicates import TESTS, compare, measure

    measures = measure(a, b)
    yield f"{a.words} and {b.words} words; the same text: {'yes' if measures.same_text else 'no'}"
    for test in TESTS if not measures.same_text else ():
        holds = test.holds(measures)
        yield f"  {'yes' if holds else 'NO ':<4} {test.asks}? {test.shows(measures)}" + (
            "" if holds else f" -> {test.otherwise}"
        )
    likeness = compare(a, b)
    yield f"verdict: {likeness.kind}" if likeness else "verdict: two pieces of writing"


# --- One article -----------------------------------------------------------------------------------------------------


def _duplicates(arguments: Arguments) -> int:
    from newswire.warehouse import articles, duplicates

    with opened_warehouse() as conn:
        lines = duplicates.around(conn, articles.named(conn, arguments.article).article_id)
    if not lines:
        print("it repeats nothing, and nothing repeats it")
        return 0
    print(f"{lines[0].original_url}  {lines[0].original_title}")
    for line in lines:
        print("\n".join(_told(line)))
    return 0


def _told(line: DuplicateLine) -> Iterator[str]:
    yield f"  {line.url}  {line.title}"
    yield f"      {line.kind}, {line.hours_after:+.1f} h: {line.reason}"
    yield f"      {line.first_reason}" + (f"; {line.syndication}" if line.syndication else "")


# --- The rule --------------------------------------------------------------------------------------------------------


def _show_rule(_: Arguments) -> None:
    from newswire.warehouse import duplicates

    with opened_warehouse() as conn:
        for version in duplicates.rule_versions(conn):
            print(
                f"{version.signature}: {version.articles} articles, {version.copies} copies{' (in force)' * version.in_force}"
            )
        won, lost = (duplicates.rule_changes(conn, won=won) for won in (True, False))
    for what, changes in (("won", won), ("lost", lost)):
        print(f"copies {what}: {len(changes)}" if changes else f"no copies {what}")
        for change in changes[:20]:
            print(f"  {change.url}\n      {change.reason}")


def _switch_rule(arguments: Arguments) -> None:
    from newswire.warehouse import duplicates

    with opened_warehouse() as conn:
        if not duplicates.switch_rule(conn, arguments.signature):
            raise ConfigError(
                f"nothing was grouped by {arguments.signature}; `newswire copy-rule show` has what there is"
            )
    print(f"in force from now on: {arguments.signature}; rollups of all days are made again")
