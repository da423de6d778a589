"""How Airflow loads plugins/: it runs every file there as a top-level module, unless it is told not to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"

LOAD = """
import json, sys
before = set(sys.modules)
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
print(json.dumps({
    "plugins": [plugin.name for plugin in plugins],
    "errors": errors,
    "ours": {name: module.__file__ for name, module in sys.modules.items()
             if str(getattr(module, "__file__", None) or "").startswith(sys.argv[1])},
    "heavy": sorted({"feedparser", "trafilatura", "lxml", "aiohttp", "psycopg", "fastapi"} & (set(sys.modules) - before)),
}))
"""


@pytest.fixture(scope="module")
def copied_plugins(tmp_path_factory) -> Path:
    """A copy, so that the trap may be sprung in it."""
    copy = tmp_path_factory.mktemp("loader") / "plugins"
    shutil.copytree(PLUGINS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module")
def loaded(run_python, copied_plugins) -> dict:
    return load(run_python, copied_plugins)


def load(run_python, folder: Path) -> dict:
    return json.loads(run_python("-c", LOAD, str(folder), AIRFLOW__CORE__PLUGINS_FOLDER=str(folder)).splitlines()[-1])


def test_the_plugin_is_found_and_the_library_is_left_alone(loaded):
    assert loaded["plugins"] == ["newswire"]
    assert loaded["errors"] == {}
    assert {Path(file).name for file in loaded["ours"].values()} == {"newswire_plugin.py"}


def test_the_plugin_loads_nothing_heavy_into_every_process(loaded):
    assert loaded["heavy"] == []


def test_without_the_ignore_file_modules_go_astray(run_python, copied_plugins, tmp_path):
    """The trap is real: this is what the other tests would see."""
    naked = tmp_path / "plugins"
    shutil.copytree(
        copied_plugins, naked, ignore=shutil.ignore_patterns(".airflowignore", "demo", "newsroom", "runtime")
    )
    stray = set(load(run_python, naked)["ours"])
    assert {"records", "errors"} <= stray
