"""Where in an article a term stands: title, lead, body, summary or tail.

A term in the title says what an article is about, one in the body that it comes up. What follows the last sentence of
the article (bylines, links to other articles, advertisements for a newsletter) says nothing about it.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property

from newswire.core.topics.folding import fold
from newswire.core.topics.literals import Literals
from newswire.records import Zone

LEAD_CHARS = 350
SUMMARY_CHARS = 420  # a shorter text is the summary of an article, not its body
MAX_TAIL_PARAGRAPHS = 6
MAX_TAIL_PARAGRAPH_CHARS = 300  # what readers are told after an article is short; a longer paragraph belongs to it


class Layout:
    """The zones of one article. Offsets count the title, one line break, and the text."""

    def __init__(self, title: str, text: str) -> None:
        self.title = title
        self.text = text
        self.text_start = len(title) + 1

    def zone(self, offset: int) -> Zone:
        offset -= self.text_start
        if offset < 0:
            return "title"
        if len(self.text) < SUMMARY_CHARS:
            return "summary"
        if offset < LEAD_CHARS:
            return "lead"
        return "body" if offset < self._tail_start else "tail"

    def words(self, start: int, end: int) -> str:
        if start < self.text_start:
            return self.title[start:end]
        return self.text[start - self.text_start : end - self.text_start]

    @cached_property
    def _tail_start(self) -> int:
        return tail_start(self.text)


def tail_start(text: str) -> int:
    """Where the tail of a text begins; its length if it has none.

    The tail is the run of short paragraphs at the end that do not end as a sentence does, or that speak to the reader
    ("Subscribe to our newsletter.", "Read also: ..."). Before it must stand a paragraph that does end as a sentence: a
    text whose paragraphs never do (a list, Thai) has no tail.
    """
    start = end = len(text)
    for _ in range(MAX_TAIL_PARAGRAPHS + 1):
        paragraph_start = text.rfind("\n", 0, end) + 1
        paragraph = text[paragraph_start:end].strip()
        if paragraph and not _is_aside(paragraph):
            return start
        if paragraph_start == 0:
            break
        start, end = paragraph_start, paragraph_start - 1
    return len(text)


def _is_aside(paragraph: str) -> bool:
    if len(paragraph) > MAX_TAIL_PARAGRAPH_CHARS:
        return False
    return not _ends_as_sentence(paragraph) or _speaks_to_reader(paragraph)


def _ends_as_sentence(paragraph: str) -> bool:
    """Whether the last sign, quotation marks and brackets aside, ends a sentence or announces more."""
    last = next((char for char in reversed(paragraph) if unicodedata.category(char) not in _CLOSING), "")
    return last in _STOPS


def _speaks_to_reader(paragraph: str) -> bool:
    return bool(_CALLS.find(fold(paragraph).text))


_CLOSING = frozenset({"Pe", "Pf", "Pi", "Zs"})
_STOPS = frozenset(".!?…:;\"'。！？：；।॥۔؟։።")
# One language a line.
_CALLS = Literals(
    [
        fold(call).text
        for line in """
subscribe to|subscribe now|sign up for|follow us|read more|read also|click here|download our app|download the app|all rights reserved|appeared first on|continue reading|support our journalism|sponsored content|our newsletter
abonnez-vous|inscrivez-vous|suivez-nous|lire aussi|à lire aussi|téléchargez|tous droits réservés|notre newsletter|est apparu en premier|cliquez ici
abonnieren sie|jetzt abonnieren|unseren newsletter|folgen sie uns|lesen sie auch|lesen sie hier|alle rechte vorbehalten|melden sie sich an|hier klicken
suscríbe|suscríba|síguenos|síganos|lea también|lee también|todos los derechos reservados|nuestro boletín|haga clic
assine |subscreva|siga-nos|leia também|leia mais|todos os direitos reservados|clique aqui|nossa newsletter
iscriviti|abbonati|seguici|leggi anche|riproduzione riservata|tutti i diritti riservati|clicca qui
abonneer je|neem een abonnement|onze nieuwsbrief|volg ons|lees ook|alle rechten voorbehouden
prenumerera på|vårt nyhetsbrev|följ oss|läs också|läs mer
abonner på|vårt nyhetsbrev|vores nyhedsbrev|følg oss|følg os|les også|læs også
tilaa uutiskirje|seuraa meitä|lue myös|lue lisää
zapisz się|subskrybuj|obserwuj nas|czytaj także|czytaj też|wszelkie prawa zastrzeżone
odebírejte|přihlaste se k|sledujte nás|čtěte také|všechna práva vyhrazena
подписывайтесь|подпишитесь|подписаться|читайте также|наш телеграм|все права защищены|нажмите здесь
підписуйтесь|підписуйтеся|підпишіться|читайте також|наш телеграм|усі права захищ
абонирайте се|последвайте ни|следете ни|прочетете още|прочетете и|всички права запазени
abone ol|bültenimiz|takip edin|ayrıca okuyun|bunları da okuyun|tüm hakları saklıdır
abonați-vă|abonează-te|urmăriți-ne|urmărește-ne|citiți și|citește și|toate drepturile rezervate
εγγραφείτε|ακολουθήστε|διαβάστε επίσης|διαβάστε ακόμη|με την επιφύλαξη παντός δικαιώματος
订阅|訂閱|关注我们|關注我們|扫码|掃碼|点击下载|點擊下載|版权所有|版權所有|责任编辑|責任編輯
購読|ニュースレター|フォローしてください|関連記事|無断転載|会員登録
구독하|뉴스레터|팔로우|관련기사|무단전재|무단 전재|재배포 금지
اشترك|تابعونا|تابعنا|اقرا ايضا|اقرأ أيضا|جميع الحقوق محفوظة|نشرتنا
सब्सक्राइब|न्यूज़लेटर|फॉलो करें|ये भी पढ़ें|यह भी पढ़ें|सर्वाधिकार सुरक्षित
berlangganan|ikuti kami|baca juga|hak cipta dilindungi
""".strip().splitlines()
        for call in line.split("|")
    ]
)
