"""Topics: what a person says against the rules."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.params.fields import FIRST, known_topics


def overrule_params() -> dict[str, Param]:
    """What a person says of an article and a topic."""
    return {
        "article": Param(
            "",
            type="string",
            title="Article",
            description_md="Its number or its address, as in `mart.articles`.",
            section=FIRST,
        ),
        "topic": Param(
            "",
            type="string",
            examples=known_topics(),
            title="Topic",
            description_md="The name of its file.",
            section=FIRST,
        ),
        "verdict": Param(
            "no",
            type="string",
            enum=["yes", "no", "none"],
            values_display={
                "yes": "Yes: the article has the topic",
                "no": "No: it has it not",
                "none": "Take back what was said: the rules decide",
            },
            title="Verdict",
            description_md="It wins over the rules in all marts.",
            section=FIRST,
        ),
        "note": Param(
            None,
            type=["string", "null"],
            title="Why",
            description_md="Kept with your word; it helps whoever improves the topic.",
            section=FIRST,
        ),
    }
