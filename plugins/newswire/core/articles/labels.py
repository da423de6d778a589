"""The phrases by which news pages announce what is not the story, in the languages of the press.

Every pattern stands for a class of phrase, never for one site's sentence, and is anchored at the start of a line. A phrase
that prose can begin with too asks for what only a label has: a colon, the end of the line, a second telling word. Adding a
language is adding a line.
"""

from __future__ import annotations

import re


def _starting_with(*phrases: str) -> re.Pattern[str]:
    """A pattern for lines that begin with one of the phrases, whatever bullet or bracket stands before."""
    return re.compile(rf"\W{{0,4}}(?:{'|'.join(phrases)})", re.IGNORECASE)


# Where other stories are.
READ_MORE = _starting_with(
    # English
    r"(?:read|find out|learn) more\b|(?:read|see) also\b|also read\b|(?:read|watch|see|listen) (?:next|now|more)\s?[:|»>]",
    r"(?:more|related(?: (?:stories|articles?|posts?|coverage|content|roundup))?|read|watch|listen|recommended|further reading|more on this(?: story)?)\s?[:|»>]",
    r"you (?:may|might) also (?:like|be interested)\b|most read(?: in\b.{0,30})?$|more (?:stories|news) from\b",
    # German
    r"(?:lesen|hören|sehen) sie (?:auch|hier|dazu|mehr|weiter)\b|lies auch\b|(?:lesetipp|auch interessant|mehr dazu|zum artikel|zum thema)\s?(?:[:|]|$)",
    r"mehr zum thema\b|mehr themen auf\b|das könnte (?:sie|dich) auch interessieren",
    # French
    r"(?:à )?(?:lire|voir|écouter|découvrir)(?: aussi| également)?(?: sur\b.{0,30})?\s?[:|»>]|à (?:lire|voir) (?:aussi|également)\b|sur le même (?:sujet|thème)$",
    # Spanish, Catalan, Portuguese
    r"(?:lea|lee|leer|vea|ver) (?:también|tambien|más)\b|te puede interesar\b|(?:más información|noticias? relacionadas?)\s?[:|]|tiempo de lectura\b",
    r"(?:llegiu|vegeu) també\b|(?:leia|veja|saiba|ouça) (?:também|mais)\b|tempo de leitura\b",
    # Italian, Dutch
    r"(?:leggi|vedi|guarda) anche\b|per approfondire\s?[:>]|(?:lees|bekijk|luister) (?:ook|meer|verder)\b",
    # Norwegian, Danish, Swedish, Icelandic, Finnish
    r"(?:les|læs|läs|se|hør|lestu) (?:også|mer|mere|också|mera|även|meira)\b\s?[:|]|(?:lue|katso) (?:myös|lisää)\b",
    # Polish, Czech, Slovak, Slovene, Croatian, Serbian
    r"(?:czytaj|przeczytaj|zobacz) (?:też|także|również|więcej)\b|(?:čtěte|přečtěte si|čítajte|prečítajte si) (?:také|tiež|i|více)\b|mohlo by vás (?:také |tiež )?(?:zajímat|zaujímať)",
    r"(?:preberite|pročitajte|čitajte) (?:tudi|još|i|više)\b",
    # Hungarian, Romanian, Turkish, Greek, Albanian
    r"(?:kapcsolódó|ajánlott) cikk|(?:citește|citeşte|vezi) (?:și|şi)\s?:|ilgili haber(?:ler)?\s?(?:[:|]|$)|(?:διαβάστε|δείτε) (?:επίσης|ακόμη|ακόμα|περισσότερα)\b|lexo edhe\b",
    # Russian, Ukrainian, Bulgarian
    r"(?:читайте|смотрите|читай) (?:также|ещё|еще|по теме|подробнее)\b|(?:читайте|дивіться) (?:також|ще)\b|(?:прочетете|вижте) (?:още|също)\b",
    # Arabic, Persian, Hebrew, Hindi, Indonesian and Malay, Vietnamese, Swahili, Zulu and Xhosa
    r"(?:اقرأ|إقرأ|شاهد|طالع) (?:أيضا|أيضًا|أيضاً|المزيد)|بیشتر بخوانید|(?:קראו|קרא) (?:עוד|גם)|(?:यह|ये|इसे) भी पढ़ें",
    r"(?:baca|lihat|simak) juga\b|xem thêm\b|soma (?:pia|zaidi)\b|funda (?:olunye|okunye)\b",
    # Chinese, Japanese, Korean
    r"(?:相关|相關|延伸|推荐|更多)(?:阅读|閱讀|新闻|新聞|报道|報導)|(?:関連記事|あわせて読みたい|【関連)|관련 ?기사",
)

# What the reader is asked to do for the publisher: subscribe, follow, install, comment, pay, buy.
INVITATION = _starting_with(
    # English
    r"(?:click|tap) here\b|(?:sign up|register|subscribe) (?:to|for|now|here|today)\b|.{0,60}\bsign up (?:to|for) (?:our|the|one of)\b",
    r"(?:get|want) .{0,120}\b(?:in|to|through) your (?:inbox|letterbox)\b|get (?:the|our) .{0,60}\b(?:newsletter|app)\b|keep an eye on your inbox\b|thanks for signing up\b",
    r"(?:you can )?follow (?:@\w|.{3,80}\bon (?:twitter|facebook|instagram|whatsapp|telegram|google news|x)\b)|(?:like|join|find|follow) us (?:on|at)\b",
    r"(?:e-?mail|contact|reach) .{3,60}(?:\bat \S+@|@\w|\bon twitter\b)|get in touch with\b.{0,60}@",
    r"download (?:the|our) .{0,40}\bapp\b|.{0,40}\bby clicking here\b|listen to .{0,30}\blive at\b",
    r"(?:for|check out) (?:the latest|more) (?:breaking )?(?:news|stories|headlines)\b",
    r"would you like to comment\b|please read our\b|tell us what you think\b|leave a comment\b|have your say\b|do you have a story\b",
    r"if you (?:buy|purchase) .{0,60}\b(?:link|post|article|page)\b|.{0,60}\bmay (?:earn|receive|get) (?:an? )?(?:affiliate )?(?:commission|share of)\b",
    r"there was an error processing\b|already a subscriber\b|this (?:article|story|content) is (?:for|only available to|reserved for) .{0,20}subscribers\b",
    # German
    r"folgst du\b|folgen sie uns\b|folge uns\b|(?:jetzt|hier) (?:kostenlos )?(?:abonnieren|anmelden|testen)\b|melden sie sich .{0,40}(?:an|newsletter)\b|\d+ wochen (?:kostenlos|gratis)\b",
    r"fehler (?:gefunden|entdeckt)\?|wie hat (?:ihnen|dir) (?:der|dieser) artikel\b|durchschnittliche bewertung\b|.{0,80}\bnewsletter\b.{0,40}(?:informiert|anmelden|abonnieren|erhalten)\b",
    # French, Spanish, Portuguese, Italian
    r"abonnez-vous\b|inscrivez-vous\b|suivez-nous\b|suivez .{3,40} sur (?:facebook|twitter|instagram|whatsapp|google)|recevez (?:nos|notre|chaque)\b|téléchargez l['’]appli",
    r"suscríb(?:ete|ase)\b|síguenos\b|sigue .{0,40}\ben (?:facebook|twitter|x|instagram|whatsapp|telegram|google)\b|apúntate a\b|regístrate\b",
    r"assine (?:a|o|já|nossa|nosso)\b|inscreva-se\b|siga-nos\b|siga .{0,40} no (?:facebook|twitter|instagram|whatsapp|google)|receba (?:as|nossas) (?:notícias|not)|iscriviti\b|seguici\b|abbonati\b",
    # Dutch, Nordic, Polish, Czech, Turkish
    r"meld je aan\b|schrijf je in\b|volg ons\b|(?:følg|følge|följ) oss\b|følg os\b|meld deg på\b|tilmeld dig\b|prenumerera\b|bli abonnent\b|tilaa uutiskirje",
    r"zapisz się na\b|obserwuj nas\b|dołącz do nas\b|polub nas\b|sledujte nás\b|přihlaste se k odběru|abone ol|bizi takip|.{0,200}\babonelik için lütfen\b",
    # Russian, Ukrainian, Arabic, Indonesian
    r"подписывайтесь\b|подпишитесь\b|следите за нами\b|присоединяйтесь к\b|підписуйтесь\b|підпишіться\b|стежте за нами\b|تابعونا|اشترك (?:في|الآن)|ikuti kami\b|dapatkan (?:berita|update)\b",
    # Chinese, Japanese, Korean
    r"关注我们|扫码|扫描二维码|下载.{0,10}客户端|.{0,20}分享让更多人|.{0,30}会員限定|.{0,30}会員登録|有料会員に|.{0,40}読み放題|詳しくはこちら|.{0,20}구독하기|제보는|카카오톡",
)

# Who made the piece or its pictures, and who owns them: metadata, not story.
CREDIT = _starting_with(
    # English
    r"(?:image|photo|picture|photograph|video|credit|source|graphic|illustration)s?(?: credits?| source)?\s?[:/]|image source,|(?:photo|image)s? by\b.{0,60}$",
    r"(?:additional )?reporting (?:and writing )?by\b|editing by\b|with (?:additional )?report(?:s|ing) (?:by|from)\b|additional reporting\b|(?:compiled|written) by\b.{0,60}$",
    r"our (?:standards|editorial (?:standards|policy|guidelines))\s?:",
    r".{3,200}\bcontributed (?:to this (?:report|story|article)|reporting)\b",
    r"this (?:article|story|piece) (?:was |is )?(?:first|originally) (?:published|appeared)\b|(?:first|originally) published (?:on|by|at) .{0,40}$",
    r"(?:copyright\s?(?:©|ⓒ|\(c\)|:|\d{4})|\(c\)|©|ⓒ)|.{0,120}\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|tüm hakları saklıdır)\b",
    # German, French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Czech, Hungarian, Turkish, Russian
    r"(?:foto|fotos|bild|bilder|quelle|grafik|symbolbild|archivfoto|sendung|stand)\s?[:(]|aus dem englischen von\b|mit (?:material|informationen) (?:von|der)\b.{0,60}$",
    r"(?:crédits?|légende|fuente|imagen|fotografía|fonte|imagem|immagine|beeld|kuva|zdj[ęe]cie|fot\.|źródło|zdroj|forrás|kép|kaynak|фото|источник|джерело|снимка)\s?[:=]",
    # Chinese, Japanese, Korean
    r"(?:图|图片来源|来源|责任编辑|責任編輯|写真|사진|출처)\s?[:：=]|.{0,80}(?:無断転載|无断转载|무단 ?전재)",
)

# What the machinery of the page says where something was not loaded, not allowed, or sold.
PLACEHOLDER = _starting_with(
    r"this (?:video|content|embed) (?:is (?:not|no longer) available|could not be|cannot be)\b|(?:please )?(?:enable|accept) (?:javascript|cookies)\b|your browser does not support\b",
    r"loading(?:\.\.\.|…)?$|please log ?(?:in|out)\b|you must (?:log in|confirm your)\b",
    r"extern(?:er inhalt|e inhalte)\b.{0,60}$|link zum .{0,20}inhalt$|.{0,60}\bprivatsphäre-einstellungen\b|ich bin damit einverstanden, dass mir\b|ein klick für den datenschutz|an dieser stelle (?:finden sie|befindet sich)\b|empfohlener redaktioneller inhalt",
    r"ce contenu (?:est bloqué|n['’]est pas)\b|este contenido no (?:está|se)\b",
    r"(?:advertisement|sponsored(?: content)?|anzeige|werbung|publicité|publicidad|pubblicità|reklama|reklam|mainos|annons|advertentie|реклама|広告|广告|광고)$",
)

# --- Kinds of pages ----------------------------------------------------------------------------------------------------

# Titles of errors that are sent as pages, and of the checks for robots before them.
ERROR_TITLE = _starting_with(
    r"(?:error\s?)?(?:404|403|410|500|502|503)\b|(?:page|article|story|content) (?:not|no longer) (?:found|available)\b|(?:access|permission) denied\b|not found$|forbidden$",
    r"(?:just a moment|attention required|one more step|checking your browser|are you (?:a )?(?:human|robot)|verify (?:that )?you are (?:a )?human|please verify you|let us know you['’]re (?:not )?(?:a )?(?:human|robot)|robot check|security check)",
    r"(?:this|the|that) page (?:could|can)(?:['’]t| ?not) be found|(?:sorry|oops|whoops)\b.{0,40}\b(?:page|find|found|wrong)\b|service (?:temporarily )?unavailable|site (?:under|down for) maintenance",
    r"(?:seite|artikel) (?:wurde )?nicht (?:gefunden|verfügbar)|page (?:introuvable|non trouvée)|página no encontrada|página não encontrada|pagina (?:non trovata|niet gevonden)",
    r"siden (?:ble ikke funnet|findes ikke|finnes ikke)|sidan (?:kunde inte hittas|finns inte)|nie znaleziono strony|strona nie istnieje|stránka nenalezena|sayfa bulunamadı",
    r"страница не найдена|сторінку не знайдено|الصفحة غير موجودة|页面不存在|找不到(?:页面|網頁|该页)|ページが見つかりません|페이지를 찾을 수 없",
)

# What a page says that wants consent before it shows anything.
CONSENT = re.compile(
    r"\bcookies?\b|\bconsent\b|\bprivacy (?:policy|choices|settings)\b|\b(?:our|third)[- ]part(?:y|ners)\b|\bpersonal(?:ised|ized) ads\b|\bprocess(?:es|ing)? (?:your )?(?:personal )?data\b"
    r"|einwilligung|zustimm|datenschutz|\bwerbung und tracking\b|consentement|traceurs|vos données|\baccepter\b|consentimiento|privacidad|sus datos|consentimento|consenso|riservatezza|toestemming|gegevens"
    r"|samtykke|samtycke|personuppgifter|zgod[aęy]|danych osobowych|souhlas|soukrom|çerez|файл\w* cookie|персональн\w+ данн|ملفات تعريف الارتباط|同意|隐私|クッキー|쿠키",
    re.IGNORECASE,
)

# What a page says that sells the rest of its story.
PAYWALL = re.compile(
    r"\bsubscrib(?:e|ers?|ing)\b.{0,60}\b(?:to (?:read|continue|unlock|access)|only|now|today|full)\b|\b(?:to|and) (?:continue|keep) reading\b|\bcontinue reading (?:this|with|for)\b|\balready (?:a subscriber|have an account)\b|\bunlock (?:this|the full|unlimited)\b"
    r"|\bthis (?:article|story|content) is (?:for|only available to|reserved for|exclusive)\b|\b(?:full|unlimited) access\b|\bstart your (?:free )?trial\b"
    r"|weiterlesen mit|jetzt (?:weiterlesen|abonnieren|testen)|nur für abonnent|exklusiv für abonnent|mit .{1,20}abo\b|probeabo|réservé aux abonnés|il vous reste .{1,20} à lire|déjà abonné|abonnez-vous|pour lire la suite"
    r"|(?:contenido |exclusivo )para suscriptores|suscríbete para|sigue leyendo con|exclusivo para assinantes|assine para|contenuto riservato|abbonati per|alleen voor abonnees|verder lezen\?|for abonnenter|bli abonnent|logg inn for å lese|prenumerera för|tylko dla (?:subskrybentów|prenumeratorów)"
    r"|только для подписчиков|оформите подписку|会員限定|有料会員|続きを読むには|付费(?:阅读|內容|内容)|구독자 전용",
    re.IGNORECASE,
)
