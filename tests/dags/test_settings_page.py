"""docs/operations.md says of every setting what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from newswire.schedules import NUMBERS, SCHEDULES, setting

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()

# Set by `newswire up` and by tests, for the programs of one system; nobody else has a reason to.
INTERNAL = {"NEWSWIRE_MODE", "NEWSWIRE_NEWSROOM", "NEWSWIRE_STOPPING", "NEWSWIRE_LINGER_S", "NEWSWIRE_CAP_S"}


def rows(header: str) -> list[list[str]]:
    """The cells of a table of the page, without its header."""
    lines = PAGE.split(header, 1)[1].splitlines()[2:]
    table = lines[: lines.index("")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]


def test_every_schedule_stands_there_with_its_default():
    told = {name: default for name, default, _ in rows("| schedule | default | what |")}
    assert told == {setting(dag_id): default for dag_id, default in SCHEDULES.items()}


def test_every_number_stands_there_with_its_default_and_its_bound():
    told = {
        name: (int(default), int(most))
        for name, default, most, _ in rows("| number | default | at most | what, at the same time |")
    }
    assert told == {one.setting: (one.default, one.most) for one in NUMBERS}


def test_every_setting_that_the_code_reads_stands_there():
    files = [
        ROOT / "plugins" / "newswire" / "settings.py",
        *(ROOT / "plugins" / "newswire" / "orchestration").glob("*.py"),
    ]
    read = {name for file in files for name in re.findall(r'"(NEWSWIRE_[A-Z_]+[A-Z])"', file.read_text())}
    assert "NEWSWIRE_LATE_S" in read
    assert {name for name in read - INTERNAL if f"`{name}`" not in PAGE} == set()
