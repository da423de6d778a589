"""Who runs PostgreSQL, which refuses to run as root, and where.

Where we are root, it runs as an ordinary user of the machine, in a place which that user can reach: the checkout may lie
in a folder that only root can enter.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newswire.errors import RuntimeTrouble

_NAMES = ("postgres", "_postgres", "nobody")
# Lasting first: a clean-up of temporary files by age must not eat a database.
_OPEN_PLACES = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - mkdtemp makes the name

_ROOT = 0


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who runs the server: ourselves, or (where we are root) somebody without rights."""

    uid: int
    gid: int

    @classmethod
    def choose(cls) -> ServerUser:
        """Ourselves; for root the first of postgres, nobody that the machine has."""
        if os.getuid() != _ROOT:
            return cls(os.getuid(), os.getgid())
        for name in _NAMES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise RuntimeTrouble(
            f"PostgreSQL does not run as root, and there is no user {', '.join(_NAMES)} to run it. Add one."
        )

    @property
    def is_other(self) -> bool:
        return self.uid != os.getuid()

    def run(self, command: Sequence[str | Path], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end as this user, its messages in English; output and errors together."""
        return subprocess.run(  # noqa: S603 - programs of the server that we found
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            cwd=folder,
            env=_environment(),
            umask=0o077,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def give(self, path: Path) -> None:
        """Makes the user the owner."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def can_run(self, program: Path) -> bool:
        try:
            return self.run([program, "--version"], folder=Path("/")).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        return not self.is_other or self.run(["/bin/sh", "-c", 'cd -- "$0"', folder], folder=Path("/")).returncode == 0


def make_server_folder(wanted: Path, user: ServerUser) -> Path:
    """The user's own folder at `wanted`; where the user cannot get there, `wanted` becomes a link to a folder elsewhere."""
    if wanted.exists():
        return wanted.resolve()
    wanted.unlink(missing_ok=True)  # a link to a folder that is gone
    if user.can_enter(wanted.parent):
        wanted.mkdir(mode=0o700)
        folder = wanted
    else:
        folder = _make_elsewhere(user)
        wanted.symlink_to(folder)
    user.give(folder)
    return folder.resolve()


def remove_server_folder(wanted: Path) -> None:
    """Removes the folder, wherever it is."""
    shutil.rmtree(wanted.resolve(), ignore_errors=True)
    if wanted.is_symlink():
        wanted.unlink()


def _make_elsewhere(user: ServerUser) -> Path:
    for place in _OPEN_PLACES:
        if os.access(place, os.W_OK) and user.can_enter(place):
            return Path(tempfile.mkdtemp(prefix="newswire-", dir=place))
    raise RuntimeTrouble(
        f"No folder was found that PostgreSQL's user can enter (looked at {', '.join(map(str, _OPEN_PLACES))})."
    )


def _environment() -> dict[str, str]:
    """Ours without what would steer another server, in the language that we read errors in."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
