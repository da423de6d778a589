"""What a reader is shown of a change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.revisions import difference

BEFORE = "The ferry starts in May.\nTickets cost four crowns a day.\nThe yard looks at the engine."


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (BEFORE, ["  (3 paragraphs unchanged)"]),
        (
            BEFORE.replace("four", "five"),
            [
                "  (1 paragraph unchanged)",
                "~ Tickets cost [-four-] {+five+} crowns a day.",
                "  (1 paragraph unchanged)",
            ],
        ),
        (
            BEFORE + "\nA second boat follows.",
            ["  (3 paragraphs unchanged)", "+ A second boat follows."],
        ),
        (
            BEFORE.replace("Tickets cost four crowns a day.\n", ""),
            ["  (1 paragraph unchanged)", "- Tickets cost four crowns a day.", "  (1 paragraph unchanged)"],
        ),
        (
            BEFORE.replace("The yard looks at the engine.", "Nobody was hurt, police say."),
            ["  (2 paragraphs unchanged)", "- The yard looks at the engine.", "+ Nobody was hurt, police say."],
        ),
    ],
)
def test_a_difference_names_what_went_what_came_and_what_was_edited(after, lines):
    assert list(difference(BEFORE, after)) == lines


def test_a_script_without_spaces_is_compared_by_its_characters():
    assert list(difference("码头本月停航三天。", "码头本月停航五天。")) == ["~ 码头本月停航[-三-]{+五+}天。"]


PARAGRAPHS = st.lists(st.text("abc ", min_size=1, max_size=12).filter(str.strip), max_size=6).map("\n".join)


@given(PARAGRAPHS, PARAGRAPHS)
def test_nothing_of_either_text_is_left_out(before, after):
    said = "".join(difference(before, after))
    words = set(re.findall(r"[abc]+", said.replace("paragraph", "").replace("unchanged", "")))
    changed = set(before.split()) ^ set(after.split())
    assert changed <= words
