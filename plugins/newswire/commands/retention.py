"""`newswire retention`: let go what `config/retention.yaml` does not keep."""

from __future__ import annotations

from newswire.commands.shared import Arguments, Verbs, add_command, opened_app


def add(commands: Verbs) -> None:
    """The command."""
    retention = add_command(commands, "retention", _retention, "let go what config/retention.yaml does not keep")
    retention.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")


def _retention(arguments: Arguments) -> None:
    with opened_app() as app:
        gone = app.retain(dry_run=arguments.dry_run)
    for month in gone.months:
        print(f"  log {month}")
    done = "would go" if arguments.dry_run else "gone"
    print(
        f"{done}: {len(gone.months)} months of logs, {gone.pages} archived pages, texts of {gone.texts} articles and {gone.entries} entries"
    )
