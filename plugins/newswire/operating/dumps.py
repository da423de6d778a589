"""PostgreSQL's own dump and restore programs. Passwords go by the environment: arguments are seen by everybody."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newswire.errors import WarehouseError
from newswire.runtime.postgres import find_postgres


def dump(url: str, file: Path, *, snapshot: str, without: Sequence[str] = ()) -> None:
    """Write a database as of a snapshot that somebody holds open; the tables `without` are dumped empty."""
    options = ["--format=custom", f"--snapshot={snapshot}", f"--file={file}"]
    options += [f"--exclude-table-data={table}" for table in without]
    _run("pg_dump", url, *options)
    file.chmod(0o600)


def load(url: str, file: Path, *, instead_of: str = "") -> None:
    """Put a dump into a database in one transaction: all of it or nothing. `instead_of` is SQL that makes room first."""
    program, env = find_postgres(), _door(url)
    quiet = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with subprocess.Popen([program / "psql", *quiet], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as psql:  # noqa: S603
        assert psql.stdin is not None
        psql.stdin.write(instead_of.encode() + b"\n")
        psql.stdin.flush()
        read = subprocess.run(  # noqa: S603
            [program / "pg_restore", "--no-owner", "--clean", "--if-exists", "--file=-", file],
            stdout=psql.stdin, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        if read.returncode:
            psql.kill()  # before its input ends: a part of a dump must not be committed
            raise WarehouseError(f"{file.name} cannot be read: {read.stderr.decode(errors='replace').strip()}")
        said = psql.communicate()[1].decode(errors="replace").strip()
    if psql.returncode:
        raise WarehouseError(f"{file.name} cannot be restored, nothing was changed: {said}")


def _run(program: str, url: str, *options: str) -> None:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [find_postgres() / program, *options], env=_door(url), capture_output=True, text=True, check=False, umask=0o077
    )
    if done.returncode:
        raise WarehouseError(f"{program}: {done.stderr.strip()}")


def _door(url: str) -> dict[str, str]:
    """An address as libpq reads it in the environment."""
    parts = urlsplit(url)
    door = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGDATABASE": parts.path.lstrip("/"),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**others, **door}
