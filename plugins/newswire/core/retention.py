"""How long things are kept: `config/retention.yaml`, held against its schema, every complaint with its line and mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from newswire.errors import ConfigError
from newswire.records import KeepingRule, Retention

_MAX_CHARS = 100_000  # a thousand groups
_DAYS = {"type": ["integer", "null"], "minimum": 1, "maximum": 36_500}
_RULE = {
    "type": "object",
    "properties": {"pages_days": _DAYS, "text_days": _DAYS},
    "required": ["pages_days", "text_days"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        # Two: this month and the one before hold what the health of feeds is judged by, 28 days.
        "logs_months": {"type": ["integer", "null"], "minimum": 2, "maximum": 1_200},
        "default": _RULE,
        "groups": {"type": "object", "additionalProperties": _RULE},
    },
    "required": ["logs_months", "default", "groups"],
    "additionalProperties": False,
}


def read_retention(text: str, *, path: str) -> Retention:
    """The rules that a file states. Raises ConfigError `path:line: problem; mend` for what is wrong first."""
    root = _composed(text, path)
    _refuse_twice(root, path)
    said = yaml.safe_load(text)
    errors = Draft202012Validator(SCHEMA).iter_errors(said)
    # A slip in a key is both an unknown key and a missing one: the first is what was meant.
    first = min(errors, key=lambda error: (error.validator == "required", _line(root, _place(error))), default=None)
    if first is not None:
        _fail(path, _line(root, _place(first)), *_in_words(first))
    for name, place in (("default", ["default"]), *((group, ["groups", group]) for group in said["groups"])):
        _refuse_pages_without_text(said, name, place, root, path)
    return Retention(
        logs_months=said["logs_months"],
        otherwise=KeepingRule(**said["default"]),
        groups={name: KeepingRule(**rule) for name, rule in said["groups"].items()},
    )


def _composed(text: str, path: str) -> yaml.Node:
    if len(text) > _MAX_CHARS:
        _fail(path, 1, f"the file has {len(text):,} characters", f"at most {_MAX_CHARS:,} are read")
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        _fail(path, line, f"YAML cannot be read here: {error.problem}", "check indentation, brackets and quotes")
    except yaml.YAMLError as error:
        _fail(path, 1, f"YAML cannot be read: {str(error).splitlines()[0]}", "remove what cannot be printed")
    if not isinstance(root, yaml.MappingNode):
        _fail(path, 1, "the file is no mapping", "begin with `logs_months: 13`; the file as shipped is an example")
    return root


def _refuse_twice(node: yaml.Node, path: str) -> None:
    """YAML takes the last of two equal keys without a word."""
    seen: set[str] = set()
    for key, value in _pairs(node):
        if key.value in seen:
            _fail(path, key.start_mark.line + 1, f"{key.value!r} stands twice", "join them under one key")
        seen.add(key.value)
        _refuse_twice(value, path)


def _refuse_pages_without_text(said: dict[str, Any], name: str, place: list[str], root: yaml.Node, path: str) -> None:
    """A page that outlives its text would bring it back with the next rebuild."""
    rule = said["default"] if place == ["default"] else said["groups"][name]
    text, pages = rule["text_days"], rule["pages_days"]
    if text is not None and (pages is None or pages > text):
        kept = "for ever" if pages is None else f"{pages} days"
        _fail(
            path,
            _line(root, [*place, "pages_days"]),
            f"{name} keeps pages {kept} but texts {text} days",
            f"a rebuild would read the text from its page again: set pages_days to {text} or less",
        )


def _place(error: ValidationError) -> list[str | int]:
    """Where it is wrong; an unknown key is a place of its own."""
    unknown = [_unknown(error)] if error.validator == "additionalProperties" else []
    return [*error.absolute_path, *unknown]


def _unknown(error: ValidationError) -> str:
    return str(next(key for key in error.instance if key not in error.schema["properties"]))


def _in_words(error: ValidationError) -> tuple[str, str]:
    """What is wrong, and the mend."""
    name = ".".join(map(str, error.absolute_path)) or "the file"
    match error.validator:
        case "required":
            missing = sorted(set(error.validator_value) - set(error.instance))
            return f"{name} has no {missing[0]!r}", f"add `{missing[0]}:`"
        case "additionalProperties":
            return f"{name} has no key {_unknown(error)!r}", f"known are {', '.join(error.schema['properties'])}"
        case "minimum" | "maximum":
            return f"{name} is {error.instance}", f"{error.validator} is {error.validator_value}"
        case _ if error.validator_value == "object":
            return f"{name} is no mapping", "write `key: value`, one a line"
        case _:
            return f"{name} is {error.instance!r}", "write a whole number, or null for ever"


def _line(root: yaml.Node, place: list[str | int]) -> int:
    """The line of the key that a place names, as far as the file has it."""
    node, line = root, root.start_mark.line
    for name in place:
        for key, value in _pairs(node):
            if key.value == str(name):
                node, line = value, key.start_mark.line
                break
    return int(line) + 1


def _pairs(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value


def _fail(path: str, line: int, problem: str, mend: str) -> NoReturn:
    raise ConfigError(f"{path}:{line}: {problem}; {mend}")
