"""Questions to a person: a task that waits in Airflow's *Required Actions*, in nobody's way and in no worker's slot."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator

NONE_OF_THEM = "None of them"


class ChooseOperator(HITLOperator):
    """Asks which of some options, any number of them, that are known only when the run has found them.

    Where nobody answers in time, it is as if somebody had chosen `NONE_OF_THEM`, only that no name stands with it.
    """

    template_fields = (*HITLOperator.template_fields, "options")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(multiple=True, **kwargs)
        self.defaults = [
            NONE_OF_THEM
        ]  # set afterwards: Airflow looks for it among the options, which are not there yet
