"""Fixtures for the embedded system: homes that are ended and removed whatever a test left in them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.postgres import Postgres
from newswire.runtime.status import remove

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root runs PostgreSQL as another user")


def unsafe(server: Postgres) -> Postgres:
    """The same server without waits for the disk."""
    return replace(server, settings={"fsync": "off"})


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder; what runs in its homes ends with the test."""
    folder = tmp_path / "state"
    yield folder
    remove(folder)


@pytest.fixture
def home(state: Path) -> Home:
    made = Home(state / "live")
    made.create()
    return made


@pytest.fixture
def server(home: Home) -> Iterator[Postgres]:
    """The home's own server, not yet initialised; PostgreSQL that was started ends with the test."""
    made = unsafe(Postgres.in_home(home, port=any_free_port()))
    yield made
    made.stop(at_once=True)


@pytest.fixture
def tiny_disk() -> Iterator[Path]:
    """A file system of 8 MB that PostgreSQL's user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()
