"""The supervisor, with cheap programs in the place of Airflow's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswire.errors import RuntimeTrouble
from newswire.runtime.components import Component, Plan
from newswire.runtime.home import Home
from newswire.runtime.postgres import Postgres
from newswire.runtime.processes import ProcessId, wait_until
from newswire.runtime.progress import Progress
from newswire.runtime.status import RunningProcess, clear_remains, describe, status, stop
from newswire.runtime.supervisor import Child, Patience, _tell_to_end
from newswire.runtime.system import run_supervised, up

pytestmark = pytest.mark.slow

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ENV = {**os.environ, "PYTHONPATH": str(PLUGINS)}

SLEEP = "import time; time.sleep(600)"
# A worker in the program's group, as Airflow's scheduler has; the file tells its number.
WITH_WORKER = "import subprocess, sys; w = subprocess.Popen([sys.executable, '-c', {sleep!r}]); open({file!r}, 'w').write(str(w.pid)); w.wait()"
CHATTY = "import time\nwhile True: print('a line', flush=True); time.sleep(0.001)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


def program(name: str, code: str) -> Component:
    return Component(name=name, argv=(sys.executable, "-c", code))


@pytest.fixture
def supervised(home: Home) -> Iterator[Home]:
    """A home whose supervisor runs two sleepers."""
    start(home, program("first", SLEEP), program("second", SLEEP))
    yield home
    stop(home)


def start(home: Home, *components: Component) -> None:
    run_supervised(home, Plan(components=components), ENV)
    assert wait_until(lambda: len(alive(home)) == len(components), within_s=20)


def alive(home: Home) -> dict[str, ProcessId]:
    return {one.name: one.process for one in status(home).processes if one.process}


def find(home: Home, name: str) -> RunningProcess:
    return next(one for one in status(home).processes if one.name == name)


# Keeping alive


def test_a_killed_program_comes_back_and_the_others_are_left_alone(supervised: Home) -> None:
    before = alive(supervised)
    os.kill(before["first"].pid, signal.SIGKILL)
    assert wait_until(lambda: alive(supervised).get("first") not in (None, before["first"]), within_s=10)
    assert alive(supervised)["second"] == before["second"]
    assert find(supervised, "first").ends == 1


def test_workers_that_a_killed_program_left_are_killed_before_it_comes_back(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "worker"
    start(home, program("parent", WITH_WORKER.format(sleep=SLEEP, file=str(file))))
    assert wait_until(lambda: file.exists() and file.read_text() != "", within_s=10)
    worker = ProcessId.of(int(file.read_text()))
    assert worker is not None
    os.kill(alive(home)["parent"].pid, signal.SIGKILL)
    assert wait_until(lambda: not worker.is_alive(), within_s=10)


def test_postgres_comes_back_after_a_crash(home: Home, server: Postgres) -> None:
    server.initialize()
    server.start()
    run_supervised(home, Plan(components=(program("idle", SLEEP),), postgres_port=server.port), ENV)
    assert wait_until(lambda: bool(alive(home)), within_s=20)
    pid = server.pid
    server.stop(at_once=True)
    assert wait_until(server.is_running, within_s=20)
    assert server.pid != pid
    stop(home)
    assert not server.is_running()


def test_waits_grow_from_one_second_to_thirty_and_shrink_after_a_healthy_time() -> None:
    patience = Patience()
    waits = []
    for _ in range(7):
        patience.ended(now=100.0, lived_s=1.0)
        waits.append(patience.due_at - 100.0)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    patience.ended(now=100.0, lived_s=61.0)
    assert patience.due_at == 101.0
    assert patience.ends == 8


def test_a_log_that_has_grown_large_is_put_aside_while_its_program_writes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newswire.runtime.supervisor.LOG_LIMIT_BYTES", 1000)
    child = Child(component=program("chatty", CHATTY), log=home.logs / "chatty.log")
    old = home.logs / "chatty.old.log"
    assert wait_until(lambda: child.watch() is False and old.exists(), within_s=20)
    size = child.log.stat().st_size
    assert size < old.stat().st_size
    assert wait_until(lambda: child.log.stat().st_size > size, within_s=10)
    child.kill()


# Ending


def test_stop_ends_every_program_and_a_second_stop_finds_nothing(supervised: Home) -> None:
    processes = [*alive(supervised).values(), status(supervised).supervisor]
    assert stop(supervised)
    assert not any(process.is_alive() for process in processes if process)
    assert not stop(supervised)
    assert not status(supervised).is_running


def test_what_lingers_is_told_that_the_system_ends(supervised: Home) -> None:
    assert not supervised.stopping.exists()
    stop(supervised)
    assert supervised.stopping.exists()


def test_a_program_that_does_not_listen_is_killed(home: Home) -> None:
    child = Child(component=program("deaf", DEAF), log=home.logs / "deaf.log")
    assert child.watch()
    assert wait_until(lambda: "deaf" in child.log.read_text(), within_s=10)
    _tell_to_end([child], within_s=0.2)
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


# A supervisor that was killed itself


def test_programs_of_a_killed_supervisor_are_cleared_away(supervised: Home) -> None:
    found = status(supervised)
    assert found.supervisor is not None
    left = alive(supervised)
    os.kill(found.supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not status(supervised).is_running, within_s=10)
    assert all(process.is_alive() for process in left.values()), "they outlive their supervisor"
    assert clear_remains(supervised)
    assert wait_until(lambda: not any(process.is_alive() for process in left.values()), within_s=10)


def test_a_stale_number_that_is_another_process_now_is_not_ours_to_end(home: Home) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as stranger:
        claim = {"pid": stranger.pid, "started": "some other time"}
        state = {
            "supervisor": claim,
            "since": 0,
            "ui_port": 1,
            "postgres_port": 1,
            "components": [{"name": "x", "process": claim}],
        }
        home.state.write_text(json.dumps(state))
        assert not status(home).is_running
        assert not stop(home)
        assert stranger.poll() is None
        assert not home.state.exists()
        stranger.kill()


def test_a_state_file_that_was_cut_off_counts_as_none(home: Home) -> None:
    home.state.write_text('{"supervisor": {"pi')
    assert not status(home).is_running


# Starting twice


def test_a_second_up_finds_the_first_and_says_so(supervised: Home, capsys: pytest.CaptureFixture[str]) -> None:
    before = status(supervised)
    assert up(supervised) == before
    assert "already running since" in capsys.readouterr().out


def test_status_says_what_runs_where_and_how_often_it_ended(supervised: Home) -> None:
    found = status(supervised)
    assert found.since is not None
    said = "\n".join(describe(found, now=datetime.now(UTC)))
    assert f"pid {alive(supervised)['first'].pid}" in said
    assert "up 0:00:0" in said


def test_status_of_an_empty_home_is_a_sentence(home: Home) -> None:
    assert list(describe(status(home), now=datetime.now(UTC))) == [f"nothing runs in {home.path}"]


def test_a_failing_step_is_said_to_have_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeTrouble), Progress().step("Airflow"):
        raise RuntimeTrouble("no")
    assert capsys.readouterr().out.rstrip().endswith("failed")


# Processes


def test_a_process_is_known_by_its_start_and_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", SLEEP])
    known = ProcessId.of(child.pid)
    assert known is not None
    assert known.is_alive()
    assert not ProcessId(child.pid, "another start").is_alive()
    child.kill()
    assert wait_until(lambda: not known.is_alive(), within_s=5), "not waited for, so a zombie"
    child.wait()


def test_waiting_ends_at_the_deadline() -> None:
    started = time.monotonic()
    assert not wait_until(lambda: False, within_s=0.2)
    assert time.monotonic() - started < 2
