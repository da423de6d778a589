"""What is kept: archive and retention."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.params.fields import FIRST, flag


def archive_params() -> dict[str, Param]:
    """How the archive is looked after."""
    return {
        "sample": Param(
            1000,
            type=["integer", "null"],
            minimum=1,
            title="Pages to verify",
            description_md="So many pages, by chance, are read and held against their digest. Empty: all of them.",
            section=FIRST,
        ),
        "dry_run": flag("Dry run", "Name the files that belong to no page, remove none.", FIRST),
    }


def retention_params() -> dict[str, Param]:
    """Whether what is not kept goes, or is only counted."""
    return {
        "dry_run": flag("Dry run", "Count what `config/retention.yaml` does not keep, let nothing go.", FIRST),
    }
