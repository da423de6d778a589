"""Run the examples of a definition: the tests that stand in it."""

from __future__ import annotations

from newswire.core.topics.definition import Example, Topic
from newswire.core.topics.matcher import Matcher
from newswire.records import TopicMatch


def check_examples(topic: Topic) -> list[str]:
    """The examples that come out otherwise than the definition says, each as `path:line: what happens; what to do`."""
    matcher = Matcher([topic])
    failures = []
    for example in topic.examples:
        found = matcher.match_text(title=example.title, text=example.text, language=example.language)
        failure = _failure(example, found[0] if found else None)
        if failure:
            failures.append(f"{topic.path}:{example.line}: {failure}")
    return failures


def _failure(example: Example, found: TopicMatch | None) -> str | None:
    quoted = f"the {example.language} example {(example.title or example.text)[:60]!r}"
    if not example.matches:
        return f"{quoted} matches: {_because(found)}; mask or narrow a pattern" if found else None
    if found is None:
        return f"{quoted} does not match; add the pattern it lacks, or remove it"
    if example.level not in {None, found.level}:
        return f"{quoted} is {found.level}, not {example.level}: {_because(found)}; change weights or the example"
    return None


def _because(found: TopicMatch) -> str:
    patterns = ", ".join(dict.fromkeys(repr(proof.pattern) for proof in found.evidence))
    return f"score {found.score:g} by {patterns}"
