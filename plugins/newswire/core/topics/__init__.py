"""Topics: definitions that people write, compiled and matched with evidence.

read_topic      YAML text -> Topic, or a message that names line and mend
Matcher         topics -> the topics of an article, with the spans that prove them
check_examples  the examples that stand in a definition, run
"""

from newswire.core.topics.definition import Topic
from newswire.core.topics.examples import check_examples
from newswire.core.topics.matcher import Matcher
from newswire.core.topics.reading import read_topic

# Raised whenever the same definitions could tag an article otherwise: articles tagged by another version are stale.
ENGINE_VERSION = "2"

__all__ = ["ENGINE_VERSION", "Matcher", "Topic", "check_examples", "read_topic"]
