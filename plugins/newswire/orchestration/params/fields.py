"""Fields that several forms have."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.triggers import topic_folder

# Airflow opens the section of this name by itself; the others are a click away. So it holds what nearly every run needs.
FIRST = "Run Parameters"


def text(title: str, description: str, section: str, format_: str | None = None) -> Param:
    """A text that may be left empty (None)."""
    return Param(
        None,
        type=["null", "string"],
        title=title,
        description_md=description,
        section=section,
        **({"format": format_} if format_ else {}),  # type: ignore[arg-type]  # a field of the schema, as the others are
    )


def flag(title: str, description: str, section: str) -> Param:
    """A switch that is off."""
    return Param(False, type="boolean", title=title, description_md=description, section=section)


def known_topics() -> list[str]:
    """The topics to pick from: the names of the files in `config/topics`."""
    return sorted(path.stem for path in topic_folder().glob("*.yaml"))
