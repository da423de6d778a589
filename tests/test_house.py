"""The house: which layer may import which, what may stand where, and how Airflow's loader must find it.

Each rule is tried on a planted violation first: a rule that cannot fail guards nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "plugins" / "newswire"

# What each layer may import of the library, downwards only; its own layer always.
MAY_IMPORT = {
    "records": set(),
    "errors": set(),
    "core": {"records"},
    "web": {"core"},
    "archive": {"core"},
    "warc_files": {"core"},
    "warehouse": {"core"},
    "steps": {"web", "warehouse", "archive", "warc_files", "core"},
    "schedules": {"core"},
    "settings": {"schedules", "steps", "core"},
    "equipment": {"settings", "steps", "web", "warehouse", "archive", "core"},
    "app": {"equipment", "settings", "steps", "web", "warehouse", "archive", "warc_files", "core"},
    "newsroom": {"records"},
    "runtime": {"settings", "schedules", "warehouse"},
    "demo": {"app", "settings", "steps", "warehouse", "core", "runtime", "newsroom"},
    "managing": {"app", "settings", "steps", "warehouse", "core"},
    "operating": {"settings", "steps", "warehouse", "archive", "core", "runtime"},
    "commands": {"operating", "managing", "app", "settings", "steps", "warehouse", "core", "runtime"},
    "cli": {
        "commands",
        "schedules",
        "app",
        "settings",
        "steps",
        "warehouse",
        "archive",
        "core",
        "runtime",
        "newsroom",
        "demo",
    },
    "orchestration": {"managing", "app", "schedules", "warehouse", "core"},
    "dags": {"orchestration"},
    "callback": {"settings", "warehouse", "core"},
    "plugin": {"callback", "orchestration"},
}
EVERYBODY = {"records", "errors", "newswire"}  # `newswire` itself holds the version

# Third parties that stand behind one door.
DOORS = {
    "psycopg": ("newswire/warehouse/",),
    "aiohttp": ("newswire/web/", "newswire/newsroom/"),
    "requests": (),
    "httpx": (),
    "airflow": ("newswire/orchestration/", "dags/", "newswire_plugin.py"),
    "feedparser": ("newswire/core/feeds",),
    "trafilatura": ("newswire/core/articles",),
    "multiprocessing": (),  # Celery's workers are daemonic: a child is a subprocess
    "fastapi": ("newswire/callback.py",),
    "warcio": ("newswire/archive.py", "newswire/warc_files.py"),
    "fsspec": ("newswire/archive.py", "newswire/warc_files.py", "newswire/steps/export.py"),
    "pyarrow": ("newswire/steps/export.py",),
    "smtplib": ("newswire/web/mail.py",),
    "apprise": ("newswire/web/services.py",),
}

# A core that is pure decides the same for ever: no clock, no chance, no world.
IMPURE = {
    "socket",
    "subprocess",
    "random",
    "secrets",
    "time",
    "pathlib",
    "os",
    "tempfile",
    "threading",
    "asyncio",
    "urllib.request",
}


@dataclass(frozen=True)
class Module:
    """One file of the house: where it stands (below plugins/ or the root) and what it says."""

    path: str
    text: str

    @property
    def layer(self) -> str:
        parts = Path(self.path).with_suffix("").parts
        if parts[0] == "newswire":
            return parts[1] if len(parts) > 1 and parts[1] != "__init__" else "records"
        return "dags" if parts[0] == "dags" else "plugin"

    def imports(self) -> Iterator[str]:
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}: relative import"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> list[Module]:
    files = [*LIBRARY.rglob("*.py"), ROOT / "plugins" / "newswire_plugin.py"]
    library = [Module(str(path.relative_to(ROOT / "plugins")), path.read_text()) for path in files]
    return library + [Module(f"dags/{path.name}", path.read_text()) for path in (ROOT / "dags").glob("*.py")]


def violations(module: Module) -> list[str]:
    """What is wrong with a file, in words."""
    return [
        problem
        for name in module.imports()
        for problem in (_wrong_layer(module, name), _wrong_door(module, name), _impure(module, name))
        if problem
    ] + _wrong_name(module)


def _wrong_layer(module: Module, name: str) -> str | None:
    parts = name.split(".")
    if parts[0] == "dags" or (module.layer == "dags" and (ROOT / "dags" / f"{parts[0]}.py").exists()):
        return f"{module.path} imports a DAG file: {name}"
    if parts[0] != "newswire" or len(parts) == 1 or parts[1] in EVERYBODY | {module.layer, "__version__"}:
        return None
    allowed = MAY_IMPORT[module.layer]
    return None if parts[1] in allowed else f"{module.path} ({module.layer}) imports {name} upwards or across"


def _wrong_door(module: Module, name: str) -> str | None:
    door = DOORS.get(name.split(".", maxsplit=1)[0])
    if door is None or any(module.path.startswith(place) for place in door):
        return None
    return f"{module.path} imports {name}, which stands behind {door or 'no door at all'}"


def _impure(module: Module, name: str) -> str | None:
    impure = module.layer == "core" and any(name == bad or name.startswith(f"{bad}.") for bad in IMPURE)
    return f"{module.path} imports {name}: the core is pure" if impure else None


def _wrong_name(module: Module) -> list[str]:
    stem = Path(module.path).stem
    taken = stem in sys.stdlib_module_names and not stem.startswith("__")
    return [f"{module.path} has the name of a standard module"] if taken else []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_every_file_keeps_to_its_layer(module: Module):
    assert violations(module) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("newswire/core/a.py", "import psycopg"),
        ("newswire/core/a.py", "from newswire.warehouse import feeds"),
        ("newswire/core/a.py", "import random"),
        ("newswire/core/a.py", "from urllib.request import urlopen"),
        ("newswire/web/a.py", "from newswire.warehouse import feeds"),
        ("newswire/warehouse/a.py", "from newswire.web.client import Web"),
        ("newswire/steps/a.py", "from airflow.sdk import task"),
        ("newswire/steps/a.py", "import psycopg"),
        ("newswire/steps/a.py", "from newswire.app import running"),
        ("newswire/records.py", "from newswire.core import urls"),
        ("newswire/newsroom/a.py", "from newswire.steps import poll"),
        ("newswire/steps/a.py", "import multiprocessing"),
        ("newswire/steps/a.py", "import feedparser"),
        ("newswire/runtime/a.py", "import aiohttp"),
        ("newswire/steps/a.py", "import fastapi"),
        ("newswire/steps/a.py", "import smtplib"),
        ("newswire/callback.py", "from newswire.web.client import Web"),
        ("newswire/core/calendar.py", ""),
        ("dags/a.py", "import psycopg"),
        ("dags/a.py", "import poll_feeds"),
        ("dags/a.py", "from newswire.steps import poll"),
    ],
)
def test_a_planted_violation_is_found(path: str, text: str):
    assert len(violations(Module(path, text))) == 1


def test_urllib_parse_is_allowed_in_the_core():
    """The rule is about the world, not about a name."""
    assert violations(Module("newswire/core/a.py", "from urllib.parse import urlsplit")) == []


def test_airflow_leaves_the_library_alone():
    """Airflow runs every file below plugins/ as a top-level module of its bare name, unless it is told not to."""
    lines = (ROOT / "plugins" / ".airflowignore").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["newswire/"]


def test_the_plugin_is_thin():
    """It is run in every process of Airflow, so it imports nothing of the library at the top."""
    text = (ROOT / "plugins" / "newswire_plugin.py").read_text()
    assert len(text.splitlines()) <= 60
    assert not [
        node for node in ast.parse(text).body if "newswire." in ast.unparse(node) and isinstance(node, ast.ImportFrom)
    ]


def test_the_top_level_is_what_a_reader_expects():
    for name in ("README.md", "Makefile", "config", "dags", "plugins", "sql", "tests", "bench", "docs"):
        assert (ROOT / name).exists(), name
