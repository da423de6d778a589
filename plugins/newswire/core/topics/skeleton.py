"""The file that `newswire topics new` writes: short, complete, and commented where a beginner would ask."""

from __future__ import annotations

_TEXT = """\
# yaml-language-server: $schema=topic.schema.json
# Check it with `newswire topics check`; what it would change shows `newswire topics diff`.
id: {slug}                      # the name of this file
name: {{en: {name}}}
description: >-
  What is in, and what is out, in a few lines: the rule that people go by when they are not sure.
# parent: wider-topic           # a tag of this topic implies one of that
# links: {{iptc: "medtop:20000350", wikidata: Q66344}}   # the same subject elsewhere, if exactly the same
approve_above: 0.1              # a new version that changes more than this share of the tags waits for a person

# What a score means. A term counts 5 in the title, 2 in the lead, 1 in the body, 4 in a short summary, 0 after the end.
levels:
  core: {{any: [title_hit, {{score: 6}}]}}
  mention: {{score: 4}}

groups:
  terms:
    en:
      - {term}                  # these words
      # - {term}*               # a word that begins so: plural and inflection
      # - "*{term}*"            # a word that holds it (in quotes)
      # - end ..3 of            # up to three words between
      # - {{weaker term: 0.5}}  # counts half
      # - {{Fed: {{exact: true}}}}  # capitals as written
    # fr: [...]                 # one line a language; scripts without spaces are found anywhere

# mask:                         # spans that look like the topic and are not
#   en: [{term} of fire]

rules:
  - count: terms
    # near: {{group: places, chars: 300}}        # only where this is near
    # forbid_near: {{group: others, chars: 60}}  # not where this stands nearer

examples:                       # the tests of this file: at least one for each language
  match:
    - {{lang: en, title: A headline with {term}}}
  no_match:
    - {{lang: en, title: A headline that is about something else}}
"""


def skeleton(slug: str, name: str) -> str:
    """A definition that passes its own check, to be made one's own."""
    return _TEXT.format(slug=slug, name=_quoted(name), term=slug.replace("-", " "))


def _quoted(name: str) -> str:
    """The name as YAML takes it inside braces."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
