"""Read a definition file: structure, patterns, rules and examples, with a message for everything that is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NoReturn, cast, get_args

import yaml

from newswire.core.topics.definition import (
    APPROVE_ABOVE,
    CAP_PER_ZONE,
    THRESHOLDS,
    ZONE_WEIGHTS,
    Absence,
    Example,
    Nearness,
    Rule,
    Threshold,
    Topic,
)
from newswire.core.topics.languages import ANY, language_problem
from newswire.core.topics.lint import idle_problem, pattern_problem
from newswire.core.topics.nodes import Reader, line_of
from newswire.core.topics.patterns import Pattern, PatternProblem, parse_pattern
from newswire.records import Level, Zone

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LINKS = {"iptc": re.compile(r"medtop:\d{8}"), "wikidata": re.compile(r"Q[1-9]\d*")}
_ZONES: tuple[Zone, ...] = get_args(Zone)
_LEVELS: tuple[Level, ...] = get_args(Level)
_MAX_NEAR_CHARS = 5000
_MAX_WEIGHT = 5

Groups = Mapping[str, tuple[Pattern, ...]]


def read_topic(text: str, *, path: str) -> Topic:
    """Compile a topic from the YAML text of its definition.

    Raises TopicError `path:line: problem; mend` for the first thing that is wrong. `path` is only named, never opened;
    where it ends in .yaml the file must have the topic's id as its name.
    """
    return _TopicReader(path).topic(text)


class _TopicReader(Reader):
    def topic(self, text: str) -> Topic:
        root = self.document(text)
        fields = self.fields(
            root,
            "the topic",
            required=("id", "name", "description", "groups", "rules", "examples"),
            optional=("parent", "links", "approve_above", "levels", "zones", "cap_per_zone", "mask"),
        )
        groups = self._groups(fields["groups"])
        rules = self._rules(fields["rules"], groups)
        examples = self._examples(fields["examples"], groups)
        return Topic(
            id=self._id(fields["id"]),
            path=self.path,
            name=self._name(fields["name"]),
            description=self.text(fields["description"], "description"),
            parent=self._parent(fields.get("parent"), fields["id"]),
            links=self._links(fields.get("links")),
            approve_above=self._approve_above(fields.get("approve_above")),
            thresholds=self._thresholds(fields.get("levels")),
            zones=self._zones(fields.get("zones")),
            cap_per_zone=self._cap(fields.get("cap_per_zone")),
            groups=groups,
            mask=self._mask(fields.get("mask")),
            rules=rules,
            examples=examples,
        )

    def _fail(self, node: yaml.Node, problem_and_mend: str) -> NoReturn:
        problem, _, mend = problem_and_mend.rpartition("; ")
        self.fail(node, problem, mend)

    # --- What the topic is -------------------------------------------------------------------------------------------

    def _id(self, node: yaml.Node) -> str:
        value = self._slug(node, "id")
        file_name = self.path.replace("\\", "/").rpartition("/")[2]
        if file_name.endswith(".yaml") and file_name != f"{value}.yaml":
            self.fail(
                node, f"id is {value!r} in the file {file_name}", f"rename the file to {value}.yaml or change the id"
            )
        return value

    def _slug(self, node: yaml.Node, what: str) -> str:
        value = self.text(node, what)
        if not _ID.fullmatch(value):
            self.fail(
                node, f"{what} {value!r} is no slug", "write small letters, digits and single hyphens: rare-earths"
            )
        return value

    def _name(self, node: yaml.Node) -> dict[str, str]:
        names = {}
        for key, value in self.pairs(node, "name"):
            names[self._language(key)] = self.text(value, f"the name in {key.value!r}")
        if "en" not in names:
            self.fail(node, "name has no 'en'", "add an English name: pages in other languages fall back to it")
        return names

    def _language(self, node: yaml.Node, *, any_too: bool = False) -> str:
        code = self.text(node, "a language")
        problem = None if any_too and code == ANY else language_problem(code)
        if problem:
            self._fail(node, problem)
        return code

    def _parent(self, node: yaml.Node | None, own: yaml.Node) -> str | None:
        if node is None:
            return None
        parent = self._slug(node, "parent")
        if parent == self.text(own, "id"):
            self.fail(node, "the topic is its own parent", "name the wider topic, or remove the key")
        return parent

    def _links(self, node: yaml.Node | None) -> dict[str, str]:
        if node is None:
            return {}
        fields = self.fields(node, "links", optional=tuple(_LINKS))
        links = {name: self.text(value, name) for name, value in fields.items()}
        for name, value in links.items():
            if not _LINKS[name].fullmatch(value):
                self.fail(fields[name], f"{name} is {value!r}", "write e.g. medtop:20000318 for iptc, Q15 for wikidata")
        return links

    def _approve_above(self, node: yaml.Node | None) -> float:
        return APPROVE_ABOVE if node is None else self.number(node, "approve_above", most=1)

    # --- What an article must reach ----------------------------------------------------------------------------------

    def _thresholds(self, node: yaml.Node | None) -> tuple[Threshold, ...]:
        if node is None:
            return THRESHOLDS
        fields = self.fields(node, "levels", required=("mention",), optional=("core",))
        thresholds = {level: self._threshold(value, cast("Level", level)) for level, value in fields.items()}
        return tuple(thresholds[level] for level in ("core", "mention") if level in thresholds)

    def _threshold(self, node: yaml.Node, level: Level) -> Threshold:
        """`{score: 4}`, `title_hit`, or `{any: [title_hit, {score: 6}]}`."""
        conditions = [node]
        if isinstance(node, yaml.MappingNode) and [key.value for key, _ in node.value] == ["any"]:
            conditions = self.items(node.value[0][1], f"any of {level}")
        score, title_hit = None, False
        for condition in conditions:
            if isinstance(condition, yaml.ScalarNode):
                self.choice(condition, f"a condition of {level}", ("title_hit",))
                title_hit = True
            else:
                fields = self.fields(condition, f"a condition of {level}", required=("score",))
                score = self.number(fields["score"], "score", least=0.01)
        return Threshold(level=level, score=score, title_hit=title_hit)

    def _zones(self, node: yaml.Node | None) -> dict[Zone, float]:
        if node is None:
            return dict(ZONE_WEIGHTS)
        fields = self.fields(node, "zones", optional=_ZONES)
        changed = {cast("Zone", name): self.number(value, f"the weight of {name}") for name, value in fields.items()}
        return {**ZONE_WEIGHTS, **changed}

    def _cap(self, node: yaml.Node | None) -> int:
        return CAP_PER_ZONE if node is None else self.whole_number(node, "cap_per_zone")

    # --- Patterns ----------------------------------------------------------------------------------------------------

    def _groups(self, node: yaml.Node) -> dict[str, tuple[Pattern, ...]]:
        return {
            self._slug(key, "the group"): self._by_language(value, key.value)
            for key, value in self.pairs(node, "groups")
        }

    def _mask(self, node: yaml.Node | None) -> tuple[Pattern, ...]:
        return () if node is None else self._by_language(node, "mask")

    def _by_language(self, node: yaml.Node, group: str) -> tuple[Pattern, ...]:
        found = [
            (item, self._pattern(item, language))
            for key, value in self.pairs(node, group)
            for language in [self._language(key, any_too=True)]
            for item in self.items(value, f"{group} in {language!r}")
        ]
        self._refuse_idle(found)
        return tuple(pattern for _, pattern in found)

    def _pattern(self, node: yaml.Node, language: str) -> Pattern:
        text_node, weight, exact = self._pattern_fields(node)
        text = self.text(text_node, "a pattern")
        try:
            pattern = parse_pattern(text, language=language, weight=weight, exact=exact)
        except PatternProblem as problem:
            self._fail(text_node, str(problem))
        problem_found = pattern_problem(pattern)
        if problem_found:
            self._fail(text_node, problem_found)
        return pattern

    def _pattern_fields(self, node: yaml.Node) -> tuple[yaml.Node, float, bool]:
        """`pattern`, `{pattern: weight}`, or `{pattern: {weight: 2, exact: true}}`."""
        if not isinstance(node, yaml.MappingNode):
            return node, 1.0, False
        pairs = list(self.pairs(node, "a pattern"))
        if len(pairs) > 1:
            self.fail(node, "two patterns stand in one pair of braces", "give each its own: [{one: 2}, {other: 2}]")
        text, value = pairs[0]
        if not isinstance(value, yaml.MappingNode):
            return text, self._weight(value, text.value), False
        fields = self.fields(value, repr(text.value), optional=("weight", "exact"))
        weight = self._weight(fields["weight"], text.value) if "weight" in fields else 1.0
        return text, weight, "exact" in fields and self.flag(fields["exact"], "exact")

    def _weight(self, node: yaml.Node, text: str) -> float:
        return self.number(node, f"the weight of {text!r}", least=0.1, most=_MAX_WEIGHT)

    def _refuse_idle(self, found: list[tuple[yaml.Node, Pattern]]) -> None:
        by_language: dict[str, list[Pattern]] = defaultdict(list)
        for _, pattern in found:
            by_language[pattern.language].append(pattern)
        for node, pattern in found:
            problem = idle_problem(pattern, [*by_language[pattern.language], *by_language[ANY]])
            if problem:
                self._fail(node, problem)

    # --- Rules -------------------------------------------------------------------------------------------------------

    def _rules(self, node: yaml.Node, groups: Groups) -> tuple[Rule, ...]:
        rules = tuple(self._rule(item, groups) for item in self.items(node, "rules"))
        used = {name for rule in rules for name in _groups_of(rule)}
        for name in groups:
            if name not in used:
                self.fail(node, f"no rule uses the group {name!r}", "add a rule that counts it, or remove the group")
        return rules

    def _rule(self, node: yaml.Node, groups: Groups) -> Rule:
        fields = self.fields(node, "a rule", required=("count",), optional=("weight", "near", "forbid_near", "exclude"))
        return Rule(
            count=self.choice(fields["count"], "count", groups),
            weight=self._weight(fields["weight"], "the rule") if "weight" in fields else 1.0,
            near=self._nearness(fields.get("near"), "near", groups),
            forbid_near=self._nearness(fields.get("forbid_near"), "forbid_near", groups),
            exclude=self._absences(fields.get("exclude"), groups),
        )

    def _nearness(self, node: yaml.Node | None, what: str, groups: Groups) -> tuple[Nearness, ...]:
        if node is None:
            return ()
        found = []
        for item in self.one_or_more(node, what):
            fields = self.fields(item, what, required=("group", "chars"))
            chars = self.whole_number(fields["chars"], "chars")
            if chars > _MAX_NEAR_CHARS:
                self.fail(fields["chars"], f"{chars} characters are not near", f"write at most {_MAX_NEAR_CHARS}")
            found.append(Nearness(group=self.choice(fields["group"], "group", groups), chars=chars))
        return tuple(found)

    def _absences(self, node: yaml.Node | None, groups: Groups) -> tuple[Absence, ...]:
        if node is None:
            return ()
        found = []
        for item in self.one_or_more(node, "exclude"):
            fields = self.fields(item, "exclude", required=("group",), optional=("zones",))
            zones = (
                [self.choice(zone, "a zone", _ZONES) for zone in self.items(fields["zones"], "zones")]
                if "zones" in fields
                else _ZONES
            )
            group = self.choice(fields["group"], "group", groups)
            found.append(Absence(group=group, zones=frozenset(cast("list[Zone]", zones))))
        return tuple(found)

    # --- Examples ----------------------------------------------------------------------------------------------------

    def _examples(self, node: yaml.Node, groups: Groups) -> tuple[Example, ...]:
        fields = self.fields(node, "examples", required=("match",), optional=("no_match",))
        match = [self._example(item, matches=True) for item in self.items(fields["match"], "match")]
        others = self.items(fields["no_match"], "no_match") if "no_match" in fields else []
        shown = {example.language for example in match}
        for language in sorted({pattern.language for group in groups.values() for pattern in group} - shown - {ANY}):
            self.fail(
                fields["match"], f"no example shows what {language!r} matches", f"add {{lang: {language}, text: ...}}"
            )
        return (*match, *(self._example(item, matches=False) for item in others))

    def _example(self, node: yaml.Node, *, matches: bool) -> Example:
        optional = ("title", "text", "level") if matches else ("title", "text")
        fields = self.fields(node, "an example", required=("lang",), optional=optional)
        if not {"title", "text"} & fields.keys():
            self.fail(node, "an example has neither title nor text", "add `text:` with a sentence")
        return Example(
            line=line_of(node),
            matches=matches,
            language=self._language(fields["lang"]),
            title=self.text(fields["title"], "title") if "title" in fields else "",
            text=self.text(fields["text"], "text") if "text" in fields else "",
            level=cast("Level", self.choice(fields["level"], "level", _LEVELS)) if "level" in fields else None,
        )


def _groups_of(rule: Rule) -> set[str]:
    near = {condition.group for condition in (*rule.near, *rule.forbid_near)}
    return {rule.count} | near | {absence.group for absence in rule.exclude}
