"""The pins: complete, hashed, the same everywhere, and made for what the code imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
RUN = CHECKOUT / "requirements.txt"
ALL = sorted(CHECKOUT.glob("requirements*.txt"))


def pins(file: Path) -> dict[tuple[str, str], str]:
    """(name, marker) -> version."""
    found = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)(?: ; (.*?))? \\$", file.read_text(), re.MULTILINE)
    return {(name, marker): version for name, version, marker in found}


def wanted(file: Path) -> set[str]:
    return {found.lower() for found in re.findall(r"^([A-Za-z0-9][A-Za-z0-9_-]*)", file.read_text(), re.MULTILINE)}


def test_there_is_a_file_of_pins_for_each_file_of_wishes() -> None:
    assert [file.with_suffix(".in").exists() for file in ALL] == [True] * 4


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.name)
def test_every_pin_has_a_hash_and_none_names_a_registry(file: Path) -> None:
    blocks = re.findall(r"^\S+==.*(?:\n    .*)+", file.read_text(), re.MULTILINE)
    assert len(blocks) == len(pins(file)) > 5
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in file.read_text()


@pytest.mark.parametrize("file", [file for file in ALL if file != RUN], ids=lambda file: file.name)
def test_what_two_files_pin_is_the_same_version(file: Path) -> None:
    run, other = pins(RUN), pins(file)
    assert {pin: other[pin] for pin in other.keys() & run.keys()} == {
        pin: run[pin] for pin in other.keys() & run.keys()
    }


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.name)
def test_the_pins_follow_the_wishes(file: Path) -> None:
    assert wanted(file.with_suffix(".in")) <= {name for name, _ in pins(file)}


def test_whatever_the_library_imports_is_asked_for_by_name() -> None:
    """What is there only because another package needs it may be gone with that package's next version."""
    library = CHECKOUT.joinpath("plugins", "newswire").rglob("*.py")
    third_party = set().union(*map(imported, library)) - set(sys.stdlib_module_names) - {"newswire"}
    packages = {
        module: {name.lower().replace("_", "-") for name in names} for module, names in packages_distributions().items()
    }
    asked_for = wanted(RUN.with_suffix(".in"))
    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {m: names for m in third_party - set(extras) if not (names := packages.get(m, set())) & asked_for} == {}


def imported(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.split(".")[0] for name in plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    }
