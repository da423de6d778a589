"""Stories: which articles report one event. A pure answer about two articles, and a star of such pairs.

StoryArticle, Frequencies -> story_features -> StoryFeatures (two of them) -> same_story -> StoryEvidence
                                    links with their scores -> choose_representatives -> StoryMember
"""

from __future__ import annotations

from newswire.core.stories.features import MAX_KEY_TERMS, story_features
from newswire.core.stories.frequencies import MIN_ARTICLES, Frequencies, frequencies_of_articles, frequencies_of_words
from newswire.core.stories.likeness import SHARED_KEY_TERMS, WINDOW, StoryMeasures, measure, same_story
from newswire.core.stories.neighbours import find_neighbours
from newswire.core.stories.stars import choose_representatives, choose_story

# All rules and numbers of this package. Another one, and every story is decided anew beside the old ones.
STORY_RULE = "stories-2"

__all__ = [
    "MAX_KEY_TERMS",
    "MIN_ARTICLES",
    "SHARED_KEY_TERMS",
    "STORY_RULE",
    "WINDOW",
    "Frequencies",
    "StoryMeasures",
    "choose_representatives",
    "choose_story",
    "find_neighbours",
    "frequencies_of_articles",
    "frequencies_of_words",
    "measure",
    "same_story",
    "story_features",
]
