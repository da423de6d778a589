"""`newswire dead` and `newswire replay`: what failed for good, and how it becomes work again."""

from __future__ import annotations

from typing import get_args

from newswire.commands.shared import (
    Arguments,
    Verbs,
    add_command,
    at_least_one,
    instant,
    opened_app,
    opened_warehouse,
    tell,
)
from newswire.records import DEAD_STAGES, Cause


def add(commands: Verbs) -> None:
    """The two commands."""
    dead = add_command(commands, "dead", _dead, "list dead letters: what failed, why, and how to look at its input")
    dead.add_argument("--limit", type=at_least_one, default=100, metavar="N")
    replay = add_command(commands, "replay", _replay, "turn dead letters back into work")
    replay.add_argument("--dry-run", action="store_true", help="count them, write nothing")
    for command in (dead, replay):
        command.add_argument("stage", nargs="?", choices=DEAD_STAGES, help="only of this stage")
        command.add_argument("--cause", choices=get_args(Cause), metavar="CAUSE", help="only those with this cause")
        command.add_argument(
            "--since",
            type=instant,
            metavar="WHEN",
            help="only those that died since then, such as 2026-11-25, 36h or 7d",
        )


def _dead(arguments: Arguments) -> None:
    from newswire.warehouse import dead_letters

    with opened_warehouse() as conn:
        found = dead_letters.listed(
            conn, stage=arguments.stage, cause=arguments.cause, since=arguments.since, limit=arguments.limit
        )
    for letter in found:
        print(f"{letter.last_at:%Y-%m-%d %H:%M:%S} {letter.stage:<8}{letter.cause} x{letter.attempts}: {letter.detail}")
        print(f"{'':<20}{letter.subject or letter.key}\n{'':<20}look: {letter.look}")
    print(f"{len(found)} dead letters")


def _replay(arguments: Arguments) -> None:
    stages = [arguments.stage] if arguments.stage else []
    with opened_app() as app:
        tell(app.replay(stages, cause=arguments.cause, since=arguments.since, dry_run=arguments.dry_run))
