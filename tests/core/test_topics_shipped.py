"""The definitions of config/topics: every example, and what must hold for all of them."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.topics import Matcher, check_examples, read_topic

TOPICS = Path(__file__).parents[2] / "config" / "topics"
FILES = sorted(TOPICS.glob("*.yaml"))
SHIPPED = {path.stem: read_topic(path.read_text(encoding="utf-8"), path=path.name) for path in FILES}
ALL = Matcher(SHIPPED.values())
LANGUAGES = set(
    "en fr de es pt it nl sv no da fi pl cs ru uk bg tr zh ja ko ar hi id ro el".split()  # noqa: SIM905 - read as a list of words
)
EXAMPLES = [
    pytest.param(topic, example, id=f"{topic.id}:{example.line}")
    for topic in SHIPPED.values()
    for example in topic.examples
]

# Written for this test, after the article that the project began with: a headline in the text, a promotion at the end.
CARD_IN_THE_TALKS = """\
Moscou détient de grandes réserves de terres rares et veut s'en servir pour arracher à Washington un accord concernant l'Ukraine, a laissé entendre un vice-premier ministre.
Il énumérait les domaines où les deux puissances pourraient travailler ensemble, une fois trouvé le moyen de mettre fin à la guerre en Ukraine.
Les terres rares, une carte dans les négociations de paix
« L'uranium et le combustible nucléaire en font partie, mais aussi les métaux et les terres rares », a-t-il précisé.
Le sommet devait porter sur la fin du conflit en Ukraine. Kiev demande d'abord un cessez-le-feu, et les terres rares restent un atout des deux côtés.
Le sous-sol des régions occupées compte aussi, rappelle le ministre : on y trouve des terres rares et des métaux utiles à l'industrie des aimants.
Votre actualité crypto mérite mieux : uranium, GNL et banque centrale expliqués sur plus de 250 sites"""


def test_the_set_is_complete():
    assert set(SHIPPED) >= {
        "rare-earths",
        "ukraine-negotiations",
        "critical-minerals",
        "russia-sanctions",
        "us-china-trade",
        "nuclear-fuel",
        "lng-arctic-energy",
        "central-banks",
    }


@pytest.mark.parametrize("topic", SHIPPED.values(), ids=SHIPPED)
def test_every_language_has_a_name_and_patterns(topic):
    assert topic.languages >= LANGUAGES
    assert set(topic.name) >= LANGUAGES
    assert topic.path == f"{topic.id}.yaml"


@pytest.mark.parametrize("topic", SHIPPED.values(), ids=SHIPPED)
def test_every_group_that_counts_has_patterns_in_every_language_or_in_any(topic):
    for rule in topic.rules:
        languages = {pattern.language for pattern in topic.groups[rule.count]}
        assert languages >= LANGUAGES or rule.count == "both"


@pytest.mark.parametrize("topic", SHIPPED.values(), ids=SHIPPED)
def test_the_examples_come_out_as_written(topic):
    assert check_examples(topic) == []


@pytest.mark.parametrize(("topic", "example"), EXAMPLES)
def test_examples_hold_beside_all_other_topics(topic, example):
    found = ALL.match_text(title=example.title, text=example.text, language=example.language)
    assert (topic.id in {match.topic for match in found}) == example.matches


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_definition_validates_against_the_schema_that_editors_use(path):
    schema = json.loads((TOPICS / "topic.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema)
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=topic.schema.json\n")


# Simplified and traditional forms of the signs in the Chinese patterns, where one is always the other.
PAIRS = (
    "为為亚亞产產价價体體储儲关關军軍决決划劃华華协協单單叙敘国國场場备備实實对對尔爾属屬币幣库庫应應开開总總战戰"
    "条條极極欧歐气氣浓濃炼煉点點乌烏现現电電矿礦税稅约約纳納经經结結统統维維缩縮罗羅联聯舰艦苏蘇萨薩计計议議让讓"
    "证證话話谈談调調财財货貨贸貿资資输輸过過运運进進连連采採钕釹钨鎢钴鈷钻鑽铀鈾铁鐵铌鈮银銀锂鋰锑銻锗鍺键鍵镍鎳"
    "镓鎵镝鏑镨鐠门門问問队隊顿頓题題马馬鲜鮮伦倫内內减減准準冲衝冻凍宽寬松鬆"
    "种種发發员員系係争爭会會兰蘭泽澤贫貧叶葉盘盤"
)
TO_TRADITIONAL = str.maketrans(dict(zip(PAIRS[::2], PAIRS[1::2], strict=True)))
TO_SIMPLIFIED = str.maketrans(dict(zip(PAIRS[1::2], PAIRS[::2], strict=True)))


@pytest.mark.parametrize("topic", SHIPPED.values(), ids=SHIPPED)
def test_chinese_patterns_stand_in_both_scripts(topic):
    for patterns in (*topic.groups.values(), topic.mask):
        chinese = {pattern.text for pattern in patterns if pattern.language == "zh"}
        assert chinese >= {text.translate(TO_TRADITIONAL) for text in chinese if text.translate(TO_TRADITIONAL) != text}
        assert chinese >= {text.translate(TO_SIMPLIFIED) for text in chinese if text.translate(TO_SIMPLIFIED) != text}


def test_an_example_that_fails_is_reported_with_its_line_and_why():
    topic = read_topic(
        """\
id: grain
name: {en: Grain}
description: Grain.
groups: {terms: {en: [wheat*]}}
rules: [{count: terms}]
examples:
  match:
    - {lang: en, title: Wheat}
    - {lang: en, title: Barley}
    - {lang: en, level: mention, title: Wheat rises}
  no_match:
    - {lang: en, title: Wheat beer}
""",
        path="grain.yaml",
    )
    assert check_examples(topic) == [
        "grain.yaml:9: the en example 'Barley' does not match; add the pattern it lacks, or remove it",
        "grain.yaml:10: the en example 'Wheat rises' is core, not mention: score 5 by 'wheat*'; change weights or the example",
        "grain.yaml:12: the en example 'Wheat beer' matches: score 5 by 'wheat*'; mask or narrow a pattern",
    ]


def test_the_card_in_the_talks_is_core_for_both_topics_and_its_promotion_tags_nothing():
    found = ALL.match_text(title="", text=CARD_IN_THE_TALKS, language="fr")
    levels = {match.topic: match.level for match in found}
    assert levels == {"rare-earths": "core", "ukraine-negotiations": "core", "nuclear-fuel": "mention"}
    promotion = CARD_IN_THE_TALKS.index("Votre actualité crypto")
    for match in found:
        for proof in match.evidence:
            assert proof.end <= promotion
            assert CARD_IN_THE_TALKS[proof.start : proof.end] in proof.sentence


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("ko", "희귀의약품 품목 두 개 추가 지정"),
        ("en", "A rare earthquake shakes the valley"),
        ("en", "Uranus, seen from the edge of the system"),
        ("en", "A reader of the Quran opens a restaurant"),
        ("en", "Airline limits lithium batteries in the cabin"),
        ("en", "Toy magnets of neodymium recalled"),
        ("en", "President Paz receives the ambassador"),
        ("es", "El presidente Paz recibe al embajador de Ucrania"),
        ("pt", "Presidente Paz recebe o embaixador da Ucrânia"),
        ("en", "EU accession talks with Ukraine begin"),
        ("en", "Ukraine negotiates accession to the EU"),
        ("it", "Ucraina, negoziati di adesione all'Ue"),
        ("ru", "Переговоры Украины о вступлении в ЕС начались"),
        ("ru", "Газовые переговоры Украины и России: спор о транзите"),
        ("ru", "Переговоры Украины и Польши о транзите зерна"),
        ("cs", "Jednání o tranzitu plynu přes Ukrajinu uvázla"),
        ("cs", "Ukrajina vyjednává o tranzitu plynu"),
        ("en", "Ukraine negotiations with bondholders fail"),
        ("fr", "Ukraine : négociations avec les créanciers"),
        ("ru", "Переговоры Украины с кредиторами продлены"),
        ("uk", "Переговори України з кредиторами тривають"),
        ("cs", "Jednání Ukrajiny s věřiteli skončila"),
        ("cs", "Ukrajina vyjednává s věřiteli"),
        ("en", "Truce in Gaza: Hamas frees hostages"),
        ("en", "Yemen: Houthis announce a truce"),
        ("ru", "В Карабахе объявлено перемирие"),
        ("ar", "الحوثيون يعلنون هدنة في اليمن"),
        ("zh", "日本政要谈和平宪法"),
        ("ja", "平和への祈り、広島で式典"),
    ],
)
def test_known_false_alarms_carry_no_topic_as_a_title_and_as_a_lead(language, title):
    assert ALL.match_text(title=title, text="", language=language) == ()
    assert ALL.match_text(title="", text=title, language=language) == ()


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("ru", "Переговоры Украины и России о прекращении огня продлены; Киев говорит и с кредиторами"),
        ("en", "Russia and Ukraine negotiate a ceasefire in Geneva; the creditors of Kyiv wait"),
    ],
)
def test_talks_on_the_war_stay_so_when_creditors_are_named_too(language, title):
    (found,) = ALL.match_text(title=title, text="", language=language)
    assert found.topic == "ukraine-negotiations"


def test_a_digest_of_many_headlines_carries_no_topic_by_what_stands_side_by_side():
    text = (
        "Kyiv: the lights are on again after the storm. Gaza: a truce holds for a second day. Seoul: prices of flats fall. "
        "Ottawa: a strike of train drivers ends. Football: Ukraine lose to Wales. Lima: a museum of gold opens its doors. "
        "Canberra: the drought is over, farmers say. Nairobi: runners prepare for the marathon of the year. "
        "Oslo: the prize committee meets. Madrid: a heat wave, and no end in sight. Rome: the strike of buses goes on."
    )
    assert ALL.match_text(title="The world in brief", text=text, language="en") == ()


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=()), max_size=100),
    st.lists(
        st.sampled_from(["rare earth ", "Ukraine ", "уран ", "稀土", "🇺🇦", ". ", "\n", "ceasefire ", "\u0301"]),
        max_size=60,
    ),
    st.sampled_from([*sorted(LANGUAGES), "und", "", "zh-Hant", "tlh"]),
)
def test_no_text_in_any_language_fails(title, words, language):
    assert isinstance(ALL.match_text(title=title, text="".join(words), language=language), tuple)
