"""The set-up script: what it says when it cannot, and that it can."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.postgres import Postgres
from runtime.conftest import unsafe

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "setup" / "install.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, its state in a folder of the test."""
    monkeypatch.setenv("NEWSWIRE_HOME", str(tmp_path / "state"))
    spec = importlib.util.spec_from_file_location("newswire_install", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stand_in(folder: Path, *, version: str, has_venv: bool) -> str:
    """A program that answers as a Python of that version would."""
    file = folder / f"python{version}"
    file.write_text(f'#!/bin/sh\ncase "$2" in *venv*) exit {0 if has_venv else 1};; *) echo {version};; esac\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


# Which Python


@pytest.mark.parametrize(
    ("version", "has_venv", "said"),
    [
        ("3.10", True, "it is Python 3.10"),
        ("3.14", True, "it is Python 3.14"),
        ("3.12", False, "it has no venv module (Debian and Ubuntu: apt-get install python3.12-venv)"),
        ("3.12", True, None),
    ],
)
def test_a_python_that_cannot_be_used_is_told_why(
    script: ModuleType, tmp_path: Path, version: str, *, has_venv: bool, said: str | None
) -> None:
    assert script.python_problem(stand_in(tmp_path, version=version, has_venv=has_venv)) == said


def test_a_named_python_is_used_or_refused_never_replaced(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSWIRE_PYTHON", stand_in(tmp_path, version="3.9", has_venv=True))
    with pytest.raises(script.SetupTrouble, match=r"NEWSWIRE_PYTHON=.*python3\.9 cannot be used: it is Python 3\.9"):
        script.find_python()


def test_without_a_usable_python_all_that_were_looked_at_are_listed(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stand_in(tmp_path, version="3.8", has_venv=True)
    monkeypatch.delenv("NEWSWIRE_PYTHON", raising=False)
    monkeypatch.setattr(sys, "executable", old)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(script.subprocess, "run", subprocess.run)
    with pytest.raises(script.SetupTrouble, match=rf"needs Python 3\.11 to 3\.13.*\n  {old}: it is Python 3\.8"):
        script.find_python()


# What went wrong


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("  Caused by: dns error: failed to lookup address information", "registry cannot be reached"),
        (
            "ERROR: Could not find a version that satisfies the requirement uv (from versions: none)",
            "registry cannot be reached",
        ),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that was pinned"),
        ("  hint: lxml has no wheels with a matching platform tag", "no build for this machine"),
    ],
)
def test_a_failed_step_says_what_to_do(script: ModuleType, output: str, said: str) -> None:
    assert said in script.explain("Collecting things\n" + output)


def test_an_unknown_failure_shows_its_last_words_and_where_the_rest_is(script: ModuleType) -> None:
    said = script.explain("a\nb\nc\nwhat happened")
    assert "what happened" in said
    assert str(script.LOG) in said


def test_too_little_space_is_said_before_anything_is_downloaded(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.STATE.mkdir()
    monkeypatch.setattr(script, "NEEDED_MB", 10**9)
    with pytest.raises(script.SetupTrouble, match="MB are free under"):
        script.check_space()


@pytest.mark.pipeline
def test_no_network_is_said_in_a_sentence_and_no_half_made_environment_counts(tmp_path: Path) -> None:
    nowhere = {
        "PIP_INDEX_URL": f"http://127.0.0.1:{any_free_port()}/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
    }
    done = set_up(tmp_path / "state", {**nowhere, "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull})
    assert done.returncode == 1
    assert "The package registry cannot be reached" in done.stderr
    assert not list(tmp_path.glob("state/venv/*.stamp"))


# What is installed


def test_the_installer_itself_is_installed_from_a_pin_with_hashes(script: ModuleType) -> None:
    script.VENV.mkdir(parents=True)
    lines = script.installer_pin().read_text().splitlines()
    assert lines[0].startswith("uv==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
    assert len(lines) > 5


def test_a_machines_settings_say_where_packages_are_not_which(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror/simple")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("UV_CONSTRAINT", "/old-versions.txt")
    env = script.clean_env()
    assert env["PIP_INDEX_URL"] == "http://mirror/simple"
    assert env["PIP_CONSTRAINT"] == os.devnull
    assert not {"PIP_TARGET", "UV_CONSTRAINT"} & env.keys()


def test_only_what_changed_is_installed_again(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    script.VENV.joinpath("bin").mkdir(parents=True)
    script.PYTHON.touch()
    monkeypatch.setattr(script, "INSTALL", {layer: lambda layer=layer: done.append(layer) for layer in script.LAYERS})
    script.install(dev=True)
    script.install(dev=False)
    assert done == ["run", "dev", "checkout"]
    script.stamp("checkout").write_text("of an older pyproject.toml")
    script.install(dev=True)
    assert done == ["run", "dev", "checkout", "checkout"]


def test_a_moved_folder_asks_for_a_new_environment(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = script.digest("run")
    assert before == script.digest("run") != script.digest("dev")
    monkeypatch.setattr(script, "VENV", script.VENV / "moved")
    assert before != script.digest("run")


@pytest.mark.pipeline
def test_it_builds_an_environment_under_a_hostile_pip_configuration_and_the_second_time_takes_no_time(
    tmp_path: Path,
) -> None:
    """Needs the package registry."""
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("uv<0.1\nlxml<1\n")
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nconstraint = {constraints}\nuser = true\nno-binary = :all:\n")
    home = tmp_path / "empty home"
    home.mkdir()
    env = {"PIP_CONFIG_FILE": str(config), "HOME": str(home)}
    first = set_up(tmp_path / "state", env)
    assert first.returncode == 0, first.stderr
    assert [line.split("  ")[1] for line in first.stdout.splitlines()][1:] == [
        "installer",
        "packages",
        "Newswire, editable",
    ]

    started = time.monotonic()
    again = set_up(tmp_path / "state", env)
    assert (again.returncode, again.stdout) == (0, "")
    assert time.monotonic() - started < 1.0  # measured 0.1

    python = tmp_path / "state" / "venv" / "bin" / "python"
    checked = subprocess.run([python, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert "No broken requirements" in checked.stdout
    asked = subprocess.run(
        [python, "-c", "import newswire; print(newswire.__file__)"], capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == str(CHECKOUT / "plugins" / "newswire" / "__init__.py"), (
        "editable: the same files as Airflow's"
    )


def set_up(state: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT],
        env={**os.environ, "NEWSWIRE_HOME": str(state), **env},
        capture_output=True,
        text=True,
        check=False,
    )


# The Makefile


def make(*words: str, state: Path) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", "-C", CHECKOUT, *words, f"NEWSWIRE_HOME={state}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_make_alone_lists_every_target_that_people_use(tmp_path: Path) -> None:
    said = make(state=tmp_path)
    for target in ("demo", "up", "stop", "status", "psql", "test", "check", "pins", "clean"):
        assert f"  make {target} " in said


@pytest.mark.parametrize("target", ["demo", "up", "stop", "status", "psql", "test", "check"])
def test_every_target_sets_itself_up(tmp_path: Path, target: str) -> None:
    assert "setup/install.py" in make("-n", target, state=tmp_path)


def test_make_clean_ends_what_runs_and_leaves_nothing(state: Path) -> None:
    home = Home(state / "live")
    home.create()
    server = unsafe(Postgres.in_home(home, port=any_free_port()))
    server.initialize()
    server.start()
    python = state / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    make("clean", state=state)
    assert not server.is_running()
    assert not server.folder.exists()
    assert not state.exists()
