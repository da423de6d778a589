"""A backup of all that cannot be made again, taken while the system runs.

    DIR/backup.json       when, of which version, how many rows each table had, which files the archive
    DIR/warehouse.dump    pg_dump's custom format; without what is made of the rest
    DIR/airflow.dump      Airflow's own database: history of runs, connections
    DIR/airflow_fernet    the key that Airflow's connections are encrypted with
    DIR/archive/          the raw pages, under their paths; what is there already is not copied again
    DIR/config/           topics, retention, feeds

Rows are copied as of one moment and the archive after that moment, while nobody may take pages out of it: every row finds
its bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from newswire import __version__
from newswire.archive import Archive
from newswire.errors import ConfigError
from newswire.operating import dumps
from newswire.operating.installation import Site
from newswire.runtime.home import write_private
from newswire.settings import CHECKOUT
from newswire.warehouse import pages, snapshots

# Made again of what is kept, by restore.py.
MADE_AGAIN = ("mart.topic_daily", "news.search_documents")

MANIFEST = "backup.json"
WAREHOUSE_DUMP, AIRFLOW_DUMP, KEY, ARCHIVE_FOLDER = "warehouse.dump", "airflow.dump", "airflow_fernet", "archive"
_NEW = ".new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What `backup.json` says."""

    taken_at: str
    version: str
    warehouse: Mapping[str, int]  # rows of each table
    airflow: Mapping[str, int]
    files: tuple[str, ...]  # of the archive

    @classmethod
    def read(cls, folder: Path) -> Backup:
        """Raises ConfigError where there is no whole backup."""
        try:
            known = json.loads((folder / MANIFEST).read_text())
            return cls(**{**known, "files": tuple(known["files"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(f"{folder} holds no backup: {MANIFEST}: {error}") from error


def take(site: Site, folder: Path) -> tuple[Backup, int]:
    """Back up into a folder; returns what it holds and how many archive files had to be copied.

    An earlier backup in the folder is whole until this one is; then its archive files that no row names any more go.
    """
    _private(folder)
    archive = Archive(site.archive)
    with snapshots.archive_held(site.owner), snapshots.held(site.owner) as moment, snapshots.held(site.airflow) as runs:
        backup = Backup(
            taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            warehouse=snapshots.counts(moment.conn),
            airflow=snapshots.counts(runs.conn),
            files=tuple(sorted(pages.archive_paths(moment.conn))),
        )
        dumps.dump(site.owner, folder / (WAREHOUSE_DUMP + _NEW), snapshot=moment.name, without=MADE_AGAIN)
        dumps.dump(site.airflow, folder / (AIRFLOW_DUMP + _NEW), snapshot=runs.name)
        copied = sum(archive.copy_out(path, folder / ARCHIVE_FOLDER) for path in backup.files)
    _finish(site, folder, backup)
    return backup, copied


def _private(folder: Path) -> None:
    """It holds a key and all texts: nobody else may enter."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise ConfigError(f"{folder} cannot take a backup: {error.strerror}; name a folder of your own") from error


def _finish(site: Site, folder: Path, backup: Backup) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)  # between here and its new self there is no backup: seconds, no copying
    for name in (WAREHOUSE_DUMP, AIRFLOW_DUMP):
        (folder / (name + _NEW)).replace(folder / name)
    write_private(folder / KEY, site.required("AIRFLOW__CORE__FERNET_KEY"))
    _copy_config(Path(site.env.get("NEWSWIRE_CONFIG") or CHECKOUT / "config"), folder / "config")
    write_private(folder / MANIFEST, json.dumps(asdict(backup), indent=1))
    _forget_others(folder / ARCHIVE_FOLDER, set(backup.files))


def _copy_config(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def _forget_others(archive: Path, kept: set[str]) -> None:
    """What was erased or let go since must not live on here."""
    for folder, _, names in os.walk(archive):
        for name in names:
            file = Path(folder, name)
            if str(file.relative_to(archive)) not in kept:
                file.unlink()
