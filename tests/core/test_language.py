import pytest

from newswire.core.language import detect_language, primary_subtag

SENTENCES = {
    "en": "The harbour master asked the council for a wider channel before the winter storms arrive.",
    "fr": "Le capitaine du port a demandé au conseil d’élargir le chenal avant les tempêtes d’hiver.",
    "de": "Der Hafenmeister bat den Rat um eine breitere Fahrrinne, bevor die Winterstürme kommen.",
    "es": "El capitán del puerto pidió al consejo un canal más ancho antes de las tormentas de invierno.",
    "pt": "O capitão do porto pediu ao conselho um canal mais largo antes das tempestades de inverno.",
    "it": "Il comandante del porto ha chiesto al consiglio un canale più largo prima delle tempeste.",
    "ru": "Начальник порта попросил совет расширить фарватер до начала зимних штормов.",
    "uk": "Начальник порту попросив раду розширити фарватер до початку зимових штормів.",
    "bg": "Началникът на пристанището поиска от съвета да разшири канала преди зимните бури.",
    "pl": "Kapitan portu poprosił radę o poszerzenie kanału, zanim nadejdą zimowe sztormy.",
    "tr": "Liman başkanı, kış fırtınaları gelmeden önce kanalın genişletilmesini meclisten istedi.",
    "ar": "طلب مدير الميناء من المجلس توسيع القناة قبل وصول عواصف الشتاء.",
    "he": "מנהל הנמל ביקש מהמועצה להרחיב את התעלה לפני בוא סערות החורף.",
    "hi": "बंदरगाह प्रमुख ने सर्दियों के तूफान आने से पहले परिषद से नहर चौड़ी करने को कहा।",
    "zh": "港务局长请求市议会在冬季风暴来临之前拓宽航道。",
    "ja": "港長は冬の嵐が来る前に航路を広げるよう議会に求めた。",
    "ko": "항만장은 겨울 폭풍이 오기 전에 항로를 넓혀 달라고 의회에 요청했다.",
    "sw": "Mkuu wa bandari aliomba baraza lipanue njia ya meli kabla ya dhoruba za majira ya baridi kufika.",
    "zu": "Umphathi wetheku ucele umkhandlu ukuthi wandise umsele ngaphambi kokufika kweziphepho zasebusika.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_one_sentence_tells_its_language(language):
    assert detect_language(SENTENCES[language]) == language


@pytest.mark.parametrize("text", ["", " \n", "12:30", "3,5 – 4,7 %", "ok", "…!?"])
def test_what_holds_no_letters_to_speak_of_is_undetermined(text):
    assert detect_language(text) == "und"


def test_a_text_decides_against_its_page():
    assert detect_language(SENTENCES["sw"], hint="en-GB") == "sw"
    assert detect_language(SENTENCES["ru"] * 3, hint="bg") == "ru"


def test_the_page_decides_between_the_likely_languages_of_a_short_text():
    short = "Storm i havn"
    assert {detect_language(short, hint=hint) for hint in ("no-NO", "da")} == {"no", "da"}


def test_a_hint_that_the_text_contradicts_is_not_followed():
    assert detect_language("Storm i havn", hint="zh") != "zh"


def test_only_the_beginning_of_a_long_text_is_read():
    assert detect_language(SENTENCES["en"] * 20 + SENTENCES["ru"] * 500) == "en"


@pytest.mark.parametrize(
    ("tag", "primary"),
    [("PT_br", "pt"), ("iw", "he"), ("nb-NO", "no"), (" en ", "en"), ("", ""), (None, ""), ("-", "")],
)
def test_a_tag_names_its_language_however_it_is_written(tag, primary):
    assert primary_subtag(tag) == primary
