"""Where one embedded system keeps its state. `.newswire/live` and `.newswire/demo` are two homes, independent of each other."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newswire.errors import RuntimeTrouble

CHECKOUT = Path(__file__).resolve().parents[3]


def state_folder() -> Path:
    """The folder of all homes: NEWSWIRE_HOME, else `.newswire` in the checkout."""
    return Path(os.environ.get("NEWSWIRE_HOME") or CHECKOUT / ".newswire").absolute()


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one system. Nothing exists before `create()`."""

    path: Path

    @classmethod
    def named(cls, name: str) -> Home:
        """The home `name` in the state folder: "live", "demo"."""
        return cls(state_folder() / name)

    @property
    def postgres(self) -> Path:
        """The server's folder, or a link to it where its user cannot reach this one."""
        return self.path / "postgres"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def airflow(self) -> Path:
        return self.path / "airflow"

    @property
    def archive(self) -> Path:
        return self.path / "archive"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def plan(self) -> Path:
        """What the supervisor is to run."""
        return self.path / "plan.json"

    @property
    def state(self) -> Path:
        """What the supervisor says about itself."""
        return self.path / "supervisor.json"

    @property
    def stopping(self) -> Path:
        """Is there while the system ends: what lingers should leave."""
        return self.path / "stopping"

    def create(self) -> None:
        """Makes the folders; raises RuntimeTrouble where they belong to another user.

        The home itself may be passed through, because PostgreSQL may run as another user; what is inside may not.
        """
        try:
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
            for folder in (self.secrets, self.airflow, self.archive, self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise RuntimeTrouble(
                f"{self.path} cannot be made: {error.strerror}. Set NEWSWIRE_HOME to another folder."
            ) from error
        if self.path.stat().st_uid != os.getuid():
            raise RuntimeTrouble(f"{self.path} belongs to another user. Set NEWSWIRE_HOME to a folder of your own.")

    def secret(self, name: str, *, random_bytes: int = 32) -> str:
        """The secret of that name, made at random on first use; its file has mode 0600."""
        file = self.secrets / name
        if not file.exists():
            write_private(file, secrets.token_urlsafe(random_bytes))
        return file.read_text()


def write_private(file: Path, text: str) -> None:
    """Writes the whole file or nothing, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mkstemp makes it 0600
    with os.fdopen(handle, "w") as opened:
        opened.write(text)
    Path(name).replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """The object in the file; empty where there is none or it was cut off."""
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
