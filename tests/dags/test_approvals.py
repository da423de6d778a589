"""Questions to a person: asked with what the run found, which never acts on the way."""

from __future__ import annotations

import pytest


@pytest.fixture
def question(orchestration):
    approvals = orchestration("approvals")
    from airflow.sdk.definitions._internal.mixins import ResolveMixin

    class Found(ResolveMixin):
        """A value that only the run knows, as a mapped task gets it."""

        def __init__(self, value):
            self._value = value

        def iter_references(self):
            return iter(())

        def resolve(self, context):  # noqa: ARG002  the signature is Airflow's
            return self._value

    def ask(subject: str, *options: str):
        choose = approvals.ChooseOperator(
            task_id="choose", subject=Found(subject), options=Found([*options, approvals.NONE_OF_THEM])
        )
        choose.render_template_fields({})
        return choose

    return ask


def test_options_are_those_that_the_run_found(question):
    asked = question("Which?", "https://a.example/rss", "https://b.example/rss")
    assert asked.options == ["https://a.example/rss", "https://b.example/rss", "None of them"]
    assert (asked.multiple, asked.defaults) == (True, ["None of them"])
    asked.validate_chosen_options(["https://a.example/rss"])
    with pytest.raises(ValueError, match=r"c\.example"):
        asked.validate_chosen_options(["https://c.example/rss"])


def test_what_a_feed_calls_itself_is_never_run_as_a_template(question):
    asked = question("{{ 6 * 7 }}", "https://a.example/{{ 6 * 7 }}")
    assert (asked.subject, asked.options[0]) == ("{{ 6 * 7 }}", "https://a.example/{{ 6 * 7 }}")
