import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.topics import read_topic
from newswire.core.topics.definition import Absence, Nearness, Rule, Threshold
from newswire.errors import TopicError

GOOD = """\
id: grain
name: {en: Grain, fr: Céréales}
description: Grain and what it costs.
parent: food
links: {iptc: "medtop:20000318", wikidata: Q11575}
approve_above: 0.2
levels:
  core: {any: [title_hit, {score: 7}]}
  mention: {score: 5}
zones: {summary: 3}
cap_per_zone: 3
groups:
  terms:
    en: [wheat*, {grain deal: 2}, {Bread: {exact: true, weight: 0.5}}]
    fr:
      - blé tendre
  places:
    "*": [odesa]
mask: {en: [wheat beer]}
rules:
  - count: terms
    weight: 0.5
    near: {group: places, chars: 80}
    forbid_near: [{group: places, chars: 5}]
    exclude: {group: places, zones: [tail]}
  - count: terms
examples:
  match:
    - {lang: en, level: core, title: Wheat}
    - lang: fr
      text: Le blé tendre
  no_match:
    - {lang: en, text: Rye}
"""


def test_a_definition_becomes_a_topic():
    topic = read_topic(GOOD, path="config/topics/grain.yaml")
    assert (topic.id, topic.path, topic.parent) == ("grain", "config/topics/grain.yaml", "food")
    assert topic.name == {"en": "Grain", "fr": "Céréales"}
    assert topic.links == {"iptc": "medtop:20000318", "wikidata": "Q11575"}
    assert topic.approve_above == 0.2
    assert topic.thresholds == (
        Threshold(level="core", score=7, title_hit=True),
        Threshold(level="mention", score=5, title_hit=False),
    )
    assert topic.zones == {"title": 5, "lead": 2, "body": 1, "summary": 3, "tail": 0}
    assert topic.cap_per_zone == 3
    assert [(p.text, p.language, p.weight, p.exact) for p in topic.groups["terms"]] == [
        ("wheat*", "en", 1, False),
        ("grain deal", "en", 2, False),
        ("Bread", "en", 0.5, True),
        ("blé tendre", "fr", 1, False),
    ]
    assert [p.text for p in topic.mask] == ["wheat beer"]
    assert topic.rules[0] == Rule(
        count="terms",
        weight=0.5,
        near=(Nearness(group="places", chars=80),),
        forbid_near=(Nearness(group="places", chars=5),),
        exclude=(Absence(group="places", zones=frozenset({"tail"})),),
    )
    assert topic.languages == {"en", "fr"}
    assert [(e.line, e.matches, e.language, e.title, e.text, e.level) for e in topic.examples] == [
        (29, True, "en", "Wheat", "", "core"),
        (30, True, "fr", "", "Le blé tendre", None),
        (33, False, "en", "", "Rye", None),
    ]


def test_what_is_left_out_has_a_default():
    lines = GOOD.splitlines(keepends=True)
    optional = ("parent", "links", "approve_above", "zones", "cap_per_zone", "mask", "levels", "  core", "  mention")
    topic = read_topic("".join(line for line in lines if not line.startswith(optional)), path="")
    assert (topic.parent, topic.links, topic.approve_above, topic.cap_per_zone, topic.mask) == (None, {}, 0.1, 4, ())
    assert [threshold.score for threshold in topic.thresholds] == [6, 4]
    assert topic.zones["summary"] == 4


def test_norwegian_may_stand_without_quotes():
    topic = read_topic(GOOD.replace("fr:\n", "no:\n").replace("lang: fr", "lang: no"), path="")
    assert topic.languages == {"en", "no"}


BROKEN = {
    "unknown key": ("parent: food", "parnet: food", 4, "the topic has no key 'parnet'; do you mean 'parent'?"),
    "missing key": (
        "description: Grain and what it costs.\n",
        "",
        1,
        "the topic has no 'description'; add `description:`",
    ),
    "key twice": ("cap_per_zone: 3", "id: corn", 11, "'id' stands twice in the topic (first on line 1); join them"),
    "no slug": ("id: grain", "id: Grain Prices", 1, "id 'Grain Prices' is no slug; write small letters"),
    "other file": ("id: grain", "id: corn", 1, "id is 'corn' in the file grain.yaml; rename the file to corn.yaml"),
    "own parent": ("parent: food", "parent: grain", 4, "the topic is its own parent; name the wider topic"),
    "no English name": ("{en: Grain, fr: Céréales}", "{fr: Céréales}", 2, "name has no 'en'; add an English name"),
    "country for language": ("fr:\n", "ua:\n", 15, "'ua' is no language; write 'uk'"),
    "variant for language": ("fr:\n", "nb:\n", 15, "'nb' is no language; write 'no'"),
    "no language": ("fr:\n", "francais:\n", 15, "'francais' is no language; write an ISO 639-1 code"),
    "bad link": ("Q11575", "11575", 5, "wikidata is '11575'; write e.g."),
    "no number": (
        "approve_above: 0.2",
        "approve_above: 20%",
        6,
        "approve_above is no number from 0 to 1; write a number",
    ),
    "unknown condition": (
        "[title_hit, ",
        "[titel_hit, ",
        8,
        "a condition of core is 'titel_hit'; do you mean 'title_hit'?",
    ),
    "no mention": ("  mention: {score: 5}\n", "", 8, "levels has no 'mention'; add `mention:`"),
    "unknown zone": ("{summary: 3}", "{sumary: 3}", 10, "zones has no key 'sumary'; do you mean 'summary'?"),
    "half a cap": ("cap_per_zone: 3", "cap_per_zone: 2.5", 11, "cap_per_zone is no whole number; write e.g. 2"),
    "empty list": ("      - blé tendre\n", "      []\n", 16, "terms in 'fr' is empty; add an item or remove the key"),
    "no list": ("      - blé tendre\n", "      blé\n", 16, "terms in 'fr' is no list; write [one, two]"),
    "star without quotes": ("wheat*, {", "*wheat*, {", 14, "put a pattern that begins with * in quotes"),
    "star inside a word": ("wheat*", "wh*eat", 14, "'wh*eat' is no word; * stands at the beginning or end"),
    "gap at the end": ("wheat*", "wheat ..2", 14, "a gap stands between two words; write e.g."),
    "gap too wide": ("wheat*", "wheat ..12 ship", 14, "'..12' is no gap; write ..1 to ..9"),
    "short word": ("wheat*", "rye", 14, "'rye' has fewer than 4 letters; add a word, or write {rye: {exact: true}}"),
    "short inside": ("- blé tendre", "- '*рож*'", 16, "'*рож*' is inside many words; write 4 letters or more"),
    "one sign": ("blé tendre", "麦", 16, "'麦' is a single sign; write a word of two signs or more"),
    "idle star": ("blé tendre", "小麦*", 16, "'小麦*' is found inside words anyway; remove the *"),
    "two alphabets": ("blé tendre", "пшеницa", 16, "'пшеницa' mixes Latin and Cyrillic letters; type the word"),
    "idle pattern": (
        "{grain deal: 2}",
        "wheat prices",
        14,
        "'wheat prices' adds nothing to 'wheat*'; remove it or give",
    ),
    "pattern twice": ("{grain deal: 2}", "wheat*", 14, "'wheat*' stands twice; remove one"),
    "two in braces": (
        "{grain deal: 2}",
        "{grain deal: 2, oats: 1}",
        14,
        "two patterns stand in one pair of braces; give each",
    ),
    "weight too high": (
        "{grain deal: 2}",
        "{grain deal: 50}",
        14,
        "the weight of 'grain deal' is no number from 0.1 to 5",
    ),
    "exact with a gap": ("Bread:", "Bread ..1 Day:", 14, "an exact pattern has open ends or gaps; write it as plain"),
    "exact not a flag": ("exact: true", "exact: yes", 14, "exact is neither true nor false; write true or false"),
    "unknown group": (
        "{group: places, chars: 80}",
        "{group: place, chars: 80}",
        23,
        "group is 'place'; do you mean 'places'?",
    ),
    "too far to be near": ("chars: 80", "chars: 8000", 23, "8000 characters are not near; write at most 5000"),
    "unused group": (
        "mask: {en",
        "  extra: {en: [oatmeal]}\nmask: {en",
        22,
        "no rule uses the group 'extra'; add a rule",
    ),
    "no example": (
        "    - lang: fr\n      text: Le blé tendre\n",
        "",
        29,
        "no example shows what 'fr' matches; add {lang: fr",
    ),
    "example of nothing": ("text: Rye", "level: core", 33, "an example has no key 'level'"),
    "example without text": (", text: Rye", "", 33, "an example has neither title nor text; add `text:`"),
    "tab": ("      - blé tendre", "\t- blé tendre", 16, "YAML cannot be read here"),
    "colon in text": ("Grain and what it costs.", "Grain: what it costs", 3, "YAML cannot be read here"),
    "open bracket": ("[odesa]", "[odesa", 19, "YAML cannot be read here"),
    "anchor": ("id: grain", "id: &grain grain", 1, "&grain is an anchor to YAML; write the values out"),
    "second document": ("mask: {en", "---\nmask: {en", 19, "a second document begins; one file holds one topic"),
    "too deep": ("[odesa]", "[" * 20 + "]" * 20, 18, "more than 12 levels deep; a definition needs"),
}


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_definition_names_line_problem_and_mend(old, new, line, message):
    assert old in GOOD
    with pytest.raises(TopicError) as raised:
        read_topic(GOOD.replace(old, new, 1), path="config/topics/grain.yaml")
    problem = str(raised.value).removeprefix(f"config/topics/grain.yaml:{line}: ")
    assert problem != str(raised.value)
    assert message in problem
    assert "; " in problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# nothing yet\n", "the file is empty"),
        ("- id: grain", "the file is no mapping"),
        ("grain", "the file is no mapping"),
        ("id: \x07", "YAML cannot be read"),
        ("id: \ud800", "YAML cannot be read"),
        ("id: [\n" * 50_000, "levels deep"),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "anchor"),
        ("x" * 600_000, "600,000 characters"),
        ("? [a]\n: b", "no text"),
    ],
)
def test_what_is_no_definition_at_all_is_refused(text, message):
    with pytest.raises(TopicError, match=message):
        read_topic(text, path="grain.yaml")


@settings(deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(st.sampled_from(GOOD), max_size=200)))
def test_any_text_is_a_topic_or_a_complaint_with_a_line(text):
    with pytest.raises(TopicError, match=r"^grain\.yaml:\d+: .+; .+"):
        read_topic(text, path="grain.yaml")


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(st.sampled_from("{}[]:,*&-'\" \nabc1"), max_size=5))
def test_a_definition_with_a_slip_is_read_or_refused_with_a_line(at, cut, slip):
    try:
        read_topic(GOOD[:at] + slip + GOOD[at + cut :], path="grain.yaml")
    except TopicError as error:
        head, line, rest = str(error).split(":", 2)
        assert (head, line.isdigit()) == ("grain.yaml", True)
        assert "; " in rest
