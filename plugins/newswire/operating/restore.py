"""A backup put into an empty installation; what the backup left out is made again of what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newswire.archive import Archive
from newswire.errors import ConfigError, RuntimeTrouble
from newswire.operating import dumps
from newswire.operating.backup import AIRFLOW_DUMP, ARCHIVE_FOLDER, KEY, MADE_AGAIN, WAREHOUSE_DUMP, Backup
from newswire.operating.installation import Site
from newswire.runtime.home import Home, write_private
from newswire.runtime.ports import choose_port
from newswire.runtime.status import status
from newswire.runtime.system import USUAL_UI_PORT, start_postgres
from newswire.steps import archive_care
from newswire.warehouse import marts, search, snapshots
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.migrate import migrate

# pg_restore drops what it knows; what was added since the backup goes with its schema.
_MAKE_ROOM = "DROP SCHEMA IF EXISTS news, ops, mart, migrations CASCADE;"
_SEARCH_BATCH = 1000
_LONG = {"statement_timeout": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of it."""

    backup: Backup
    files: int  # of the archive that were brought back
    pages: int  # that were read again
    problems: tuple[str, ...]  # rows that are not as many as they were, pages that are not what their rows say


@contextmanager
def empty_home(home: Home, folder: Path) -> Iterator[Site]:
    """A home of its own for a backup, its PostgreSQL running; raises RuntimeTrouble where something lives there already."""
    if home.postgres.exists() or status(home).is_running:
        raise RuntimeTrouble(f"{home.path} is not empty: set NEWSWIRE_HOME to a new folder, or move that one away")
    Backup.read(folder)
    home.create()
    write_private(home.secrets / KEY, (folder / KEY).read_text())
    with prepared(home) as site:
        yield site


@contextmanager
def prepared(home: Home) -> Iterator[Site]:
    """A home with its PostgreSQL, roles and databases, running for as long as the block takes; Airflow is not started."""
    home.create()
    choose_port(home, "ui", wanted=None, variable="NEWSWIRE_UI_PORT", usual=USUAL_UI_PORT)
    server = start_postgres(home)
    try:
        yield Site.embedded(home)
    finally:
        server.stop()


def restore(site: Site, folder: Path, *, replace: bool = False) -> Restored:
    """Restore into databases that are empty, or `replace` what they hold. Airflow must not run meanwhile.

    Raises ConfigError where something is there, or where the key of Airflow's connections is another.
    """
    backup = Backup.read(folder)
    _refuse_another_key(site, folder)
    if not replace:
        _refuse_rows(site)
    dumps.load(site.owner, folder / WAREHOUSE_DUMP, instead_of=_MAKE_ROOM)
    dumps.load(site.airflow, folder / AIRFLOW_DUMP)
    problems = [*_differences(site.owner, backup.warehouse), *_differences(site.airflow, backup.airflow)]
    archive = Archive(site.archive)
    files = sum(archive.take_in(path, folder / ARCHIVE_FOLDER) for path in backup.files)
    migrate(site.owner)
    with connect(site.warehouse, name="restore", **_LONG) as conn:
        make_again(conn)
        verified = archive_care.verify(conn, archive)
    return Restored(backup=backup, files=files, pages=verified.pages, problems=(*problems, *verified.problems))


def make_again(conn: Conn) -> None:
    """What backups leave out (`MADE_AGAIN`): documents for search, and the rollup of every day."""
    while search.refresh(conn, limit=_SEARCH_BATCH):
        pass
    marts.publish(conn, marts.days(conn))


def _refuse_another_key(site: Site, folder: Path) -> None:
    wanted, known = (folder / KEY).read_text(), site.required("AIRFLOW__CORE__FERNET_KEY")
    if not set(wanted.split(",")) <= set(known.split(",")):
        raise ConfigError(
            f"Airflow's connections in this backup are encrypted with the key in {folder / KEY}; set it first as "
            "NEWSWIRE_FERNET_KEY, and rotate it afterwards"
        )


def _refuse_rows(site: Site) -> None:
    with connect(site.owner, name="restore") as conn:
        counts = snapshots.counts(conn)
    if any(counts.get(table) for table in ("news.feeds", "news.entries", "news.articles")):
        raise ConfigError("this warehouse holds rows already; `--replace` puts the backup in their place")


def _differences(url: str, wanted: Mapping[str, int]) -> Iterator[str]:
    with connect(url, name="restore", **_LONG) as conn:
        found = snapshots.counts(conn)
    for table in sorted(wanted.keys() | found.keys()):
        if table not in MADE_AGAIN and wanted.get(table) != found.get(table):
            yield f"{table}: {found.get(table)} rows, {wanted.get(table)} were backed up"
