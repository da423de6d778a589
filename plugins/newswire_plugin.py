"""What Newswire adds to Airflow itself. The only file of plugins/ that Airflow executes (see .airflowignore).

Every Airflow process loads this file, and tasks inherit what it loaded: an import of the library up here would run old
code in new tasks and weigh on processes that never need it. Whatever is added imports inside a property.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class NewswirePlugin(AirflowPlugin):
    """The name under which Newswire stands in Admin > Plugins."""

    name = "newswire"

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """What the API server mounts: the callback for hubs. Only it asks for this."""
        from newswire.callback import mounts  # noqa: PLC0415 - see above

        return mounts()

    @cached_property
    def listeners(self) -> list[Any]:  # type: ignore[override]
        """Who is told when a run ends: the note that says what it came to."""
        from newswire.orchestration import run_notes  # noqa: PLC0415 - see above

        return [run_notes]
