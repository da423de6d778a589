"""`newswire doctor`, `backup`, `restore`, `rotate`: for whoever runs an installation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, homes, shown
from newswire.errors import RuntimeTrouble

if TYPE_CHECKING:
    from newswire.operating.installation import Site
    from newswire.operating.restore import Restored

ALL = "all"
_KINDS = ("databases", "fernet", "keys", "login", "websub", ALL)


def add(commands: Verbs) -> None:
    """The family of commands."""
    add_command(commands, "doctor", _doctor, "what is wrong with this installation, and what to do")
    backup = add_command(commands, "backup", _backup, "copy both databases and the archive; it may be at work")
    backup.add_argument("folder", type=Path, help="a folder of its own; an earlier backup there is brought up to date")
    restore = add_command(commands, "restore", _restore, "put a backup into an empty installation")
    restore.add_argument("folder", type=Path, help="where `backup` wrote it")
    restore.add_argument("--replace", action="store_true", help="take the place of the rows of a server of your own")
    rotate = add_command(commands, "rotate", _rotate, "new passwords and keys; stops the system and starts it again")
    rotate.add_argument("kind", choices=_KINDS, help="which secrets")


def _doctor(_: Arguments) -> int:
    from newswire.operating import doctor

    answers = doctor.examine(_site())
    shown(doctor.describe(answers))
    return 1 if doctor.is_ill(answers) else 0


def _backup(arguments: Arguments) -> None:
    from newswire.operating import backup

    taken, copied = backup.take(_site(), arguments.folder)
    print(
        f"{sum(taken.warehouse.values())} rows of the warehouse, {sum(taken.airflow.values())} of Airflow, "
        f"{len(taken.files)} archive files ({copied} new) in {arguments.folder}"
    )


def _restore(arguments: Arguments) -> int:
    from newswire.operating import restore
    from newswire.runtime.home import Home

    if "NEWSWIRE_WAREHOUSE" in os.environ:
        return _tell(restore.restore(_site(), arguments.folder, replace=arguments.replace))
    home = Home.named("live")
    with restore.empty_home(home, arguments.folder) as site:
        code = _tell(restore.restore(site, arguments.folder))
    print(f"{home.path} is ready: `newswire up`. What was in config/ is in {arguments.folder / 'config'}")
    return code


def _tell(restored: Restored) -> int:
    shown(restored.problems)
    backup = restored.backup
    print(
        f"restored {sum(backup.warehouse.values())} rows of the warehouse and {sum(backup.airflow.values())} of Airflow as of "
        f"{backup.taken_at}, {restored.files} archive files, {restored.pages} pages read again, {len(restored.problems)} problems"
    )
    return 1 if restored.problems else 0


def _rotate(arguments: Arguments) -> None:
    from newswire.operating import rotation
    from newswire.runtime.status import status, stop
    from newswire.runtime.system import StartOptions, up
    from newswire.warehouse.migrate import migrate

    home = next(iter(homes()), None)
    if home is None or "NEWSWIRE_WAREHOUSE" in os.environ:
        raise RuntimeTrouble("only the embedded system's secrets are changed here; for containers: docs/containers.md")
    was_running = status(home).is_running
    stop(home)
    try:
        for kind in rotation.KINDS if arguments.kind == ALL else (arguments.kind,):
            print(rotation.rotate(home, kind))
    finally:
        if was_running:
            up(home, StartOptions(prepare=migrate))


def _site() -> Site:
    """What the environment names, else the embedded system: the one that runs first."""
    from newswire.operating.installation import Site
    from newswire.runtime.status import status

    if "NEWSWIRE_WAREHOUSE" in os.environ:
        return Site(env=dict(os.environ))
    found = sorted(homes(), key=lambda home: not status(home).is_running)
    if not found:
        raise RuntimeTrouble("nothing was ever started here; `make up` starts it")
    return Site.embedded(found[0])
