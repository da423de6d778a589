"""YAML read as nodes that know their lines, within limits, for messages that name the place and the mend."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator
from typing import NoReturn

import yaml

from newswire.errors import ConfigError, TopicError

MAX_CHARS = 500_000  # the largest definition shipped has a tenth of this
MAX_DEPTH = 12


class Reader:
    """Reads the nodes of one file; every complaint is an `error`, `path:line: problem; mend`."""

    error: type[ConfigError] = TopicError
    thing = "topic"  # what one file holds

    def __init__(self, path: str) -> None:
        self.path = path

    def fail(self, at: yaml.Node | int, problem: str, mend: str) -> NoReturn:
        line = at if isinstance(at, int) else line_of(at)
        raise self.error(f"{self.path}:{line}: {problem}; {mend}")

    def document(self, text: str) -> yaml.MappingNode:
        """The root of the only document in the text."""
        if len(text) > MAX_CHARS:
            self.fail(
                1, f"the file has {len(text):,} characters", f"split the {self.thing}; at most {MAX_CHARS:,} are read"
            )
        try:
            self._check_events(text)
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self.fail(mark.line + 1 if mark else 1, f"YAML cannot be read here: {error.problem}", _syntax_mend(error))
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            self.fail(1, f"YAML cannot be read: {str(error).splitlines()[0]}", "remove what cannot be printed")
        if root is None:
            self.fail(1, "the file is empty", f"begin with `id:`; `newswire {self.thing}s new` writes a skeleton")
        if not isinstance(root, yaml.MappingNode):
            self.fail(root, "the file is no mapping", "begin with `id:`, one key a line")
        return root

    def _check_events(self, text: str) -> None:
        """Refuse what the composer would expand or recurse into, before it does."""
        depth = documents = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            line = line_of(event)
            self._refuse_reference(event, line)
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if documents > 1:
                self.fail(
                    line, "a second document begins", f"one file holds one {self.thing}: remove the line of dashes"
                )
            if depth > MAX_DEPTH:
                self.fail(line, f"more than {MAX_DEPTH} levels deep", "a definition needs six; check the brackets")

    def _refuse_reference(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.fail(line, f"*{event.anchor} is an alias to YAML", "put a pattern that begins with * in quotes")
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self.fail(line, f"&{event.anchor} is an anchor to YAML", "write the values out, or put them in quotes")

    # --- Values ------------------------------------------------------------------------------------------------------

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fail(node, f"{what} is no text", "write a word or a sentence")
        value: str = node.value.strip()
        return value

    def number(self, node: yaml.Node, what: str, *, least: float = 0.0, most: float = math.inf) -> float:
        try:
            value = float(self.text(node, what))
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            limits = f"of {least:g} or more" if most == math.inf else f"from {least:g} to {most:g}"
            self.fail(node, f"{what} is no number {limits}", f"write a number, e.g. {max(least, min(1.0, most)):g}")
        return value

    def whole_number(self, node: yaml.Node, what: str, *, least: int = 1) -> int:
        value = self.number(node, what, least=least)
        if value != int(value):
            self.fail(node, f"{what} is no whole number", f"write e.g. {int(value)}")
        return int(value)

    def flag(self, node: yaml.Node, what: str) -> bool:
        value = self.text(node, what).lower()
        if value not in {"true", "false"}:
            self.fail(node, f"{what} is neither true nor false", "write true or false")
        return value == "true"

    def choice(self, node: yaml.Node, what: str, choices: Collection[str]) -> str:
        value = self.text(node, what)
        if value not in choices:
            self.fail(node, f"{what} is {value!r}", _suggestion(value, choices))
        return value

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, f"{what} is no list", "write [one, two] or one item a line after a dash")
        if not node.value:
            self.fail(node, f"{what} is empty", "add an item or remove the key")
        return list(node.value)

    def one_or_more(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """The items of a list; a single item may stand without brackets."""
        return self.items(node, what) if isinstance(node, yaml.SequenceNode) else [node]

    def pairs(self, node: yaml.Node, what: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values; each key is text and stands once."""
        if not isinstance(node, yaml.MappingNode) or not node.value:
            self.fail(node, f"{what} is no mapping", "write `key: value`, one a line")
        seen: dict[str, int] = {}
        for key, value in node.value:
            name = self.text(key, f"a key of {what}")
            if name in seen:
                self.fail(
                    key, f"{name!r} stands twice in {what} (first on line {seen[name]})", "join them under one key"
                )
            seen[name] = line_of(key)
            yield key, value

    def fields(
        self, node: yaml.Node, what: str, *, required: Collection[str] = (), optional: Collection[str] = ()
    ) -> dict[str, yaml.Node]:
        """A mapping whose keys are known."""
        found: dict[str, yaml.Node] = {}
        for key, value in self.pairs(node, what):
            if key.value not in {*required, *optional}:
                self.fail(key, f"{what} has no key {key.value!r}", _suggestion(key.value, [*required, *optional]))
            found[key.value] = value
        for name in required:
            if name not in found:
                self.fail(node, f"{what} has no {name!r}", f"add `{name}:`")
        return found


def line_of(node: yaml.Node | yaml.Event) -> int:
    """The line a node begins on, counted from 1."""
    assert node.start_mark is not None
    return int(node.start_mark.line) + 1


def _suggestion(value: str, choices: Collection[str]) -> str:
    close = difflib.get_close_matches(value, choices, n=1)
    return f"do you mean {close[0]!r}?" if close else f"known are {', '.join(choices)}"


def _syntax_mend(error: yaml.MarkedYAMLError) -> str:
    if "alias" in str(error.context):
        return "put a pattern that begins with * in quotes"
    if "cannot start any token" in str(error.problem):
        return "indent with spaces, not tabs, and put text that begins with %, @ or ` in quotes"
    return "check indentation, brackets and quotes on this line and the one before"
