"""`newswire archive`: are the raw pages what their rows say, and which files belong to none?"""

from __future__ import annotations

from newswire.commands.shared import Arguments, Verbs, add_command, at_least_one, opened_app, shown


def add(commands: Verbs) -> None:
    """The family of commands."""
    parser = commands.add_parser("archive", help="verify raw pages, sweep files that belong to none")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    verify = add_command(verbs, "verify", _verify, "read the bytes of every page and hold them against their digest")
    verify.add_argument("--sample", type=at_least_one, metavar="N", help="only N pages, by chance")
    sweep = add_command(verbs, "sweep", _sweep, "name files that no page points to and that are older than a day")
    sweep.add_argument("--remove", action="store_true", help="remove them")


def _verify(arguments: Arguments) -> int:
    with opened_app() as app:
        verified = app.verify_archive(sample=arguments.sample)
    shown(verified.problems)
    print(f"{verified.pages} pages read, {len(verified.problems)} are not what their rows say")
    return 1 if verified.problems else 0


def _sweep(arguments: Arguments) -> None:
    with opened_app() as app:
        swept = app.sweep_archive(dry_run=not arguments.remove)
    shown(swept.orphans)
    done = "removed" if swept.removed else "`--remove` removes them"
    print(f"{len(swept.orphans)} of {swept.files} files are older than a day and belong to no page; {done}")
