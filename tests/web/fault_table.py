"""The table of faults in docs/web.md, made from the list that the tests play: run this file to write it anew."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "web.md"
BEGIN, END = "<!-- faults: made by tests/web/fault_table.py -->\n", "<!-- end of faults -->\n"


def table() -> str:
    """One row a cause, with the kinds of faults that end so."""
    from web.faultserver import FAULTS

    causes: dict[str, list[str]] = {}
    for name, (cause, _) in FAULTS.items():
        causes.setdefault(cause, []).append(name.replace("_", " "))
    rows = [f"| `{cause}` | {len(kinds)} | {', '.join(kinds)} |" for cause, kinds in sorted(causes.items())]
    return "\n".join([f"| cause | of {len(FAULTS)} | what the server does |", "|---|---|---|", *rows, ""])


def with_table(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
